/**
 * The payload of a run from the command line: a file, `-`, or inline JSON (spec/workflow.md Decision D21; §14:
 * content that is not JSON becomes `{"raw": text}`).
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseJson } from "../graph/json.ts";
import { jsonProblemText } from "../graph/json.ts";
import { object, type Value } from "../graph/value.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage.ts";

/** Reads `--input`. Inline text that begins like JSON must be JSON. */
export async function readPayload(given: string | undefined, terminal: Terminal): Promise<Value> {
  if (given === undefined) return null;
  if (/^\s*[{["]/.test(given)) {
    const parsed = parseJson(given);
    if (parsed.ok) return parsed.value;
    throw new UsageError("input.json", `--input is not valid JSON: ${jsonProblemText(parsed.problem)}`);
  }
  const text = decode(given === "-" ? await terminal.readInput() : await readInputFile(given, terminal.cwd), given);
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : object({ raw: text });
}

/** `--input` of a pipeline: the very bytes of a file or of standard input (`-`), or those of inline JSON. */
export async function readRecord(given: string, terminal: Terminal): Promise<Uint8Array> {
  if (/^\s*[{["]/.test(given)) return new TextEncoder().encode(given);
  return given === "-" ? terminal.readInput() : readInputFile(given, terminal.cwd);
}

async function readInputFile(given: string, cwd: string): Promise<Uint8Array> {
  try {
    return await readFile(path.resolve(cwd, given));
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a directory" : String(code);
    throw new UsageError("input.file", `--input ${given}: ${why} (inline JSON begins with "{", "[" or a quote)`);
  }
}

function decode(bytes: Uint8Array, given: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError("input.encoding", `--input ${given} is not UTF-8 text`);
  }
}
