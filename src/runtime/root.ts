/**
 * The document that somebody names on a command line: a file, a folder that holds one, or one runner of a skill
 * (`skills/deploy`, `skills/deploy#fast`, `skills/deploy/X.yaml#fast`). Looks at the file system; reads nothing.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import { splitRunner } from "../dialects/skill/front-end.ts";

/** Documents of a folder in the order in which they are sought: a skill first (spec/skill-graph.md §2.9). */
export const folderDocuments = ["X.yaml", "SKILL.md", "graph.yaml", "spec.kv"] as const;

/** The document for `given`, seen from `cwd`; `given` itself when it is no folder, or a folder without a document. */
export async function documentAt(given: string, cwd: string): Promise<string> {
  if (given === "" || given.includes("\0")) return given;
  const kind = await kindOf(path.resolve(cwd, given));
  if (kind === "folder") return (await firstIn(given, cwd, folderDocuments)) ?? given;
  if (kind === "file") return given;
  const { folder, runner } = splitRunner(given);
  if (runner === null || folder === "" || (await kindOf(path.resolve(cwd, folder))) !== "folder") return given;
  const manifest = await firstIn(folder, cwd, ["X.yaml"]);
  return manifest === null ? given : `${manifest}#${runner}`;
}

async function firstIn(folder: string, cwd: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const file = path.join(folder, name);
    if ((await kindOf(path.resolve(cwd, file))) === "file") return file;
  }
  return null;
}

async function kindOf(file: string): Promise<"file" | "folder" | "nothing"> {
  try {
    return (await stat(file)).isDirectory() ? "folder" : "file";
  } catch (problem) {
    // What cannot be looked at is named again, with its reason, when it is read.
    if (problem instanceof Error && "code" in problem) return "nothing";
    throw problem;
  }
}
