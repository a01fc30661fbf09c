/** One document read for its graph alone: nothing that it names is looked at, and errors do not keep it back. */
import path from "node:path";
import { splitSkillDocument } from "../dialects/skill/front-end.ts";
import type { Diagnostic } from "../graph/diagnostic.ts";
import type { Graph } from "../graph/model.ts";
import { parseDocument, validateGraph } from "./documents.ts";
import { localFiles } from "./files.ts";

/** A graph with the number of its errors, or why there is none. */
export type ReadGraph =
  | { readonly ok: true; readonly graph: Graph; readonly errors: number }
  | {
      readonly ok: false;
      readonly problem: "read" | "parse";
      readonly message: string;
      readonly diagnostics: readonly Diagnostic[];
    };

/** Reads and parses `file`, seen from the folder `cwd`. */
export async function readGraph(file: string, cwd: string): Promise<ReadGraph> {
  const content = await localFiles(cwd).read(path.resolve(cwd, splitSkillDocument(file).file));
  if (!content.ok) return { ok: false, problem: "read", message: content.message, diagnostics: [] };
  const text = decode(content.bytes);
  if (text === null) return { ok: false, problem: "parse", message: `${file} is not UTF-8 text`, diagnostics: [] };
  const { graph, diagnostics } = parseDocument(text, file);
  if (graph === null) return { ok: false, problem: "parse", message: `${file} does not parse`, diagnostics };
  const errors = [...diagnostics, ...validateGraph(graph)].filter((one) => one.severity === "error").length;
  return { ok: true, graph, errors };
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (problem) {
    if (problem instanceof TypeError) return null;
    throw problem;
  }
}
