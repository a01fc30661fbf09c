/**
 * Secrets that are read live: environment variables and files (spec/workflow.md §12). Problem texts lack the
 * "secret `<n>`: " before them and never hold a value.
 */
import { isUtf8 } from "node:buffer";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { variable, type Environment } from "../world/env.ts";
import { errorText } from "../world/errno.ts";

/** A value, or why there is none. */
export type Read = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly problem: string };

/** Larger files are no secrets. */
const MAX_FILE_BYTES = 1024 * 1024;

/** The variable `name`; blank counts as unset. */
export function readVariable(name: string, env: Environment): Read {
  const value = variable(env, name);
  if (value === undefined || value.trim() === "")
    return { ok: false, problem: `env var \`${name}\` is unset or empty` };
  return { ok: true, value };
}

/** The file's text, read anew each time; links are followed, as mounted secrets are links. */
export async function readSecretFile(path: string, trim: boolean, cwd: string): Promise<Read> {
  let bytes: Buffer;
  try {
    // O_NONBLOCK: a pipe in its place must not be waited for.
    const handle = await open(resolve(cwd, path), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = await handle.stat();
      if (size > MAX_FILE_BYTES) return { ok: false, problem: `read ${path}: the file is larger than 1 MiB` };
      bytes = await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { ok: false, problem: `read ${path}: ${errorText(error)}` };
  }
  if (!isUtf8(bytes)) return { ok: false, problem: `read ${path}: stream did not contain valid UTF-8` };
  const text = bytes.toString("utf8");
  const value = trim ? text.trimEnd() : text;
  return value === "" ? { ok: false, problem: `file ${path} is empty` } : { ok: true, value };
}
