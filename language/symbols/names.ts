/**
 * Which names can be given anew, and which new names they can take (spec/workflow.md §4.3, §13.6;
 * spec/skill-graph.md §2.3, §2.4, §2.10). Answers are sentences for whoever renames.
 */
import { reservedOutputs } from "../../src/kinds/step/fields.ts";
import { nameOf } from "../uris.ts";
import type { Homed, Placed } from "./across.ts";
import type { SymbolKind } from "./symbol.ts";

const words: Readonly<Record<SymbolKind, string>> = {
  node: "node",
  start: "start",
  secret: "secret",
  server: "MCP server",
  backend: "model backend",
  auth: "auth binding",
  group: "fan-out group",
  label: "branch label",
  input: "input",
  output: "output",
  runner: "runner",
};

/** Why this name cannot be changed; null when it can. `places` are all its occurrences. */
export function whyFixed({ document, symbol }: Homed, places: readonly Placed[]): string | null {
  const { kind, name, owner } = symbol;
  const { what } = document.live;
  if (kind === "label") return `\`${name}\` is what \`${owner ?? ""}\` ends with, not a name that this document gives.`;
  if (kind === "node" && name === "trigger" && what.document === "graph" && what.dialect === "workflow")
    return "`trigger` is reserved: it stands for what started the run.";
  const implied = places.find(({ occurrence }) => occurrence.written === "implied");
  if (implied !== undefined)
    return `\`${owner ?? ""}\` alone means \`${owner ?? ""}:${name}\`: write that on line ${implied.occurrence.range.start.line + 1} first.`;
  if (!places.some(({ occurrence }) => occurrence.role === "definition")) return whyUndefined(kind, name, owner);
  const shared = places.find((one) => isShared(one, places));
  if (shared !== undefined)
    return `\`${name}\` on line ${shared.occurrence.range.start.line + 1} is compared between several steps, so it cannot be renamed in one.`;
  return null;
}

function whyUndefined(kind: SymbolKind, name: string, owner: string | null): string {
  switch (kind) {
    case "output":
      return `\`${name}\` comes from outside: no document gives the output of \`${owner ?? ""}\` that name.`;
    case "secret":
      return `\`${name}\` is not declared in \`[[secrets]]\`: it is the name of an environment variable.`;
    case "input":
      return `\`${name}\` comes from outside: no skill declares an input of that name.`;
    default:
      return `There is no ${words[kind]} \`${name}\` that could be renamed: its name comes from outside, or it is missing.`;
  }
}

/** A conflict gate names one field of several steps. */
function isShared({ document, occurrence }: Placed, places: readonly Placed[]): boolean {
  const { path, symbol } = occurrence;
  if (symbol.kind !== "output" || path.at(-1) !== "field" || !path.includes("conflict_gates")) return false;
  const steps = document.live.source.element([...path.slice(0, -1), "steps"])?.children.length ?? 0;
  return steps > 1 && places.length > 0;
}

const control = new RegExp("[\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]", "u");

/** Why `name` cannot be the new name of this kind of thing; null when it can. */
export function whyNot(home: Homed, name: string): string | null {
  const { kind } = home.symbol;
  const word = words[kind];
  if (name === "") return `A ${word} needs a name.`;
  if (name.length > 1_000) return "The name is longer than 1000 characters.";
  if (control.test(name) || !isWellFormed(name)) return "A name cannot hold line breaks or control characters.";
  if (/^\s|\s$/u.test(name)) return "A name cannot begin or end with a space.";
  const { what } = home.document.live;
  switch (kind) {
    case "node":
      if (name === "trigger") return "`trigger` is reserved: it stands for what started the run.";
      return refuse(name, /[.{}/]/, "A node's name", "references and templates could not hold it");
    case "secret":
      return refuse(name, /[{}]/, "A secret's name", "`{{secret:…}}` could not hold it");
    case "backend":
      return name === "default" ? "`default` is reserved for the backend of the command line." : null;
    case "input":
      return /^[A-Za-z0-9_]+$/.test(name) ? null : "An input's name consists of letters, digits and underscores.";
    case "output":
      if (reservedOutputs.includes(name)) return `\`${name}\` is reserved: every step has it.`;
      return refuse(name, /[.:{}\s]/u, "An output's name", "references could not hold it");
    case "runner":
      return refuse(name, /[#:/\\\s]/u, "A runner's name", "references to it could not hold it");
    case "group":
      return refuse(name, /[:\s]/u, "A group's name", "a key in YAML could not hold it");
    case "start":
    case "server":
    case "auth":
      return null;
    case "label":
      return `A ${word} cannot be renamed in a ${what.document}.`;
  }
}

function refuse(name: string, bad: RegExp, subject: string, why: string): string | null {
  const found = bad.exec(name)?.[0];
  if (found === undefined) return null;
  return `${subject} cannot hold ${/\s/u.test(found) ? "a space" : `\`${found}\``}: ${why}.`;
}

/** No half of a surrogate pair, which no file could hold. */
function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}

/** Why the new name is taken; null when it is free. `places` are the occurrences of the new name. */
export function whyTaken({ document, symbol }: Homed, name: string, places: readonly Placed[]): string | null {
  const [first] = places;
  if (first === undefined) return null;
  const word = words[symbol.kind];
  const defined = places.find(({ occurrence }) => occurrence.role === "definition");
  const place = defined ?? first;
  const file = place.document.key === document.key ? "" : ` of ${nameOf(place.document.key)}`;
  const line = `line ${place.occurrence.range.start.line + 1}${file}`;
  if (defined !== undefined) return `There is already a ${word} \`${name}\` (${line}).`;
  return `\`${name}\` is already meant on ${line}, by a name that leads nowhere yet.`;
}
