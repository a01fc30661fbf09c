/** The smallest graph of a file that has nothing in it yet. Pure. */
import { detectByName, isToml } from "../dialects/detect.ts";
import { tomlString } from "../dialects/workflow/toml.ts";

/** Why there is nothing to draw from a text that is no graph. */
export type NoGraph = "blank" | "other";

/** Blank texts can become graphs where the file's name says of which dialect. */
export function whyNoGraph(text: string, file: string): NoGraph {
  return text.trim() === "" && beginning(file) !== null ? "blank" : "other";
}

/** The text with which a blank file begins; null where its name does not say what it is to be. */
export function beginning(file: string): string | null {
  const name = nameOf(file);
  const found = detectByName(file);
  if (found?.document === "graph" && found.dialect === "skill") return `name: ${JSON.stringify(name)}\nsteps:\n`;
  return isToml(file) && found === null ? newWorkflow(name) : null;
}

/** A workflow with a way in and no nodes. */
export function newWorkflow(name: string): string {
  return `name = ${tomlString(name)}\n\n[[start_nodes]]\nname = "main"\nsource = "manual"\n`;
}

/** A file's name without its extension; that of its folder where all such files have the same name. */
function nameOf(file: string): string {
  const parts = file.split(/[/\\]/);
  const base = parts.at(-1) ?? "";
  return detectByName(file) === null ? base.replace(/\.[^.]*$/, "") : (parts.at(-2) ?? base);
}
