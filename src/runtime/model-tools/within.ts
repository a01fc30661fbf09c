/** Which file a language model means: one inside the workspace, as the file system really has it, and no other. */
import { realpath } from "node:fs/promises";
import path from "node:path";
import type { ToolResult } from "./explain.ts";

/** A file that was named, and the folder it stands in. */
export interface NamedFile {
  /** Absolute, as it was named. */
  readonly file: string;
  /** The workspace folder. */
  readonly folder: string;
}

/** The file `named`, relative to one of `folders` (absolute) or absolute within one; symbolic links lead nowhere else. */
export async function fileWithin(folders: readonly string[], named: string): Promise<ToolResult<NamedFile>> {
  if (named === "" || named.includes("\0")) return { ok: false, message: "no file was named" };
  for (const folder of folders) {
    const file = path.resolve(folder, named);
    const [real, realFolder] = await Promise.all([realOf(file), realOf(folder)]);
    if (real === null || realFolder === null) continue;
    if (isBelow(file, folder) && isBelow(real, realFolder)) return { ok: true, value: { file, folder } };
  }
  return { ok: false, message: `there is no file \`${named}\` in the folders of this workspace` };
}

function isBelow(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== "" && relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

async function realOf(file: string): Promise<string | null> {
  try {
    return await realpath(file);
  } catch (problem) {
    if (typeof (problem as NodeJS.ErrnoException).code === "string") return null;
    throw problem;
  }
}
