/**
 * Which files are ours (spec/editor.md §1). This alone decides, for the editor, the command line and the server.
 *
 * Boundary: pure; a file's name and text. Works on text that is being typed: where it does not parse, its lines are
 * looked at instead. Files of other programs (pipelines of build services, package manifests) give null.
 */
import type { Dialect } from "../graph/model.ts";
import { isArray, isObject, type Value } from "../graph/value.ts";
import { partValue } from "./skill/live-leaf.ts";
import { wholePart } from "./skill/live-tree.ts";
import { readYaml } from "./skill/yaml-text.ts";
import { isTable, readTomlAhead } from "./workflow/toml.ts";

/** What a file is to us; null: nothing. */
export type Detected =
  | { readonly document: "graph"; readonly dialect: Dialect }
  /** A skill package's text (`SKILL.md`) or manifest (`X.yaml`). */
  | { readonly document: "skill"; readonly form: "text" | "manifest" }
  /** A test of a graph: `fixture.toml`, or a skill graph's `harness.yaml`. */
  | { readonly document: "fixture"; readonly dialect: "workflow" | "skill" }
  /** `countersign.toml`. */
  | { readonly document: "config" };

const byName: ReadonlyMap<string, Detected> = new Map<string, Detected>([
  ["spec.kv", { document: "graph", dialect: "pipeline" }],
  ["graph.yaml", { document: "graph", dialect: "skill" }],
  ["X.yaml", { document: "skill", form: "manifest" }],
  ["SKILL.md", { document: "skill", form: "text" }],
  ["harness.yaml", { document: "fixture", dialect: "skill" }],
  ["fixture.toml", { document: "fixture", dialect: "workflow" }],
  ["countersign.toml", { document: "config" }],
]);

/** What `file` is, by its name and, for other TOML and YAML files, by its text. Never throws. */
export function detect(file: string, text: string): Detected | null {
  const known = detectByName(file);
  if (known !== null) return known;
  if (isToml(file) && isWorkflow(text)) return workflowGraph;
  return isYaml(file) && isSkillGraph(text) ? skillGraph : null;
}

/** What a TOML file is that is a workflow. */
export const workflowGraph: Detected = { document: "graph", dialect: "workflow" };

/** What a YAML file is that is a skill graph. */
export const skillGraph: Detected = { document: "graph", dialect: "skill" };

/** What `file` is when its name alone says so. */
export function detectByName(file: string): Detected | null {
  return byName.get(baseName(file)) ?? null;
}

/** True for a file that may be a workflow, by its extension. */
export function isToml(file: string): boolean {
  return /\.toml$/i.test(baseName(file));
}

/** True for a file that may be a skill graph, by its extension. */
export function isYaml(file: string): boolean {
  return /\.ya?ml$/i.test(baseName(file));
}

function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
}

/** A cheap look before parsing: each form of a workflow spells one of these words. */
const workflowWord = /start_nodes|workflows|nodes|\\[uUx]/;

function isWorkflow(text: string): boolean {
  if (!mayBeWorkflow(text)) return false;
  const read = readTomlAhead(text);
  return isWorkflowText(text, read.ok ? read.table : null);
}

/** False for a text that is no workflow whatever it parses to. Cheap. */
export function mayBeWorkflow(text: string): boolean {
  return workflowWord.test(text);
}

/** True for a text whose root table, null where it does not parse, is a workflow's. */
export function isWorkflowText(text: string, table: Readonly<Record<string, unknown>> | null): boolean {
  if (table === null) return looksLikeWorkflow(text);
  const { workflows } = table;
  if (hasWorkflowTables(table)) return true;
  // `[workflows]` is a slip of the author when a workflow's tables are in it, and otherwise somebody else's.
  return isTable(workflows) ? hasWorkflowTables(workflows) : isArrayOfTables(workflows);
}

function hasWorkflowTables(table: Readonly<Record<string, unknown>>): boolean {
  if (table["start_nodes"] !== undefined) return true;
  const nodes = table["nodes"];
  return Array.isArray(nodes) && nodes.some((node) => isTable(node) && "id" in node && "type" in node);
}

function isArrayOfTables(raw: unknown): boolean {
  return Array.isArray(raw) && raw.every(isTable);
}

const startsHeader = /^[ \t]*(?:\[\[?[ \t]*(?:workflows[ \t]*\.[ \t]*)?start_nodes\b|start_nodes[ \t]*=)/m;
const workflowsHeader = /^[ \t]*(?:\[\[[ \t]*workflows\b|workflows[ \t]*=[ \t]*\[)/m;
const nodesHeader = /^[ \t]*(?:\[\[[ \t]*(?:workflows[ \t]*\.[ \t]*)?nodes\b|nodes[ \t]*=[ \t]*\[)/;
const anyHeader = /^[ \t]*\[/;
const idKey = /(?:^|[\s{,])["']?id["']?[ \t]*=/;
const typeKey = /(?:^|[\s{,])["']?type["']?[ \t]*=/;

/** TOML that does not parse: headers and keys as they stand on their lines. */
function looksLikeWorkflow(text: string): boolean {
  if (startsHeader.test(text) || workflowsHeader.test(text)) return true;
  let inNodes = false;
  let id = false;
  let type = false;
  for (const line of text.split(/\r?\n/)) {
    if (nodesHeader.test(line)) {
      inNodes = true;
      id = false;
      type = false;
    } else if (anyHeader.test(line)) inNodes = false;
    if (!inNodes) continue;
    id ||= idKey.test(line);
    type ||= typeKey.test(line);
    if (id && type) return true;
  }
  return false;
}

const stepsKey = /(?:^|[{,\s])["']?steps["']?[ \t]*:/m;
const stepWords = ["skill", "tool", "http"];

function isSkillGraph(text: string): boolean {
  return mayBeSkillGraph(text) && isSkillGraphText(text, readYaml(text, "graph").value);
}

/** False for a text that is no skill graph whatever it parses to. Cheap. */
export function mayBeSkillGraph(text: string): boolean {
  return stepsKey.test(text);
}

/** True for a text of this value, undefined where our reader refuses it, that is a skill graph. */
export function isSkillGraphText(text: string, value: Value | undefined): boolean {
  if (value !== undefined) return hasGraphSteps(value);
  return looksLikeSkillGraph(text) || hasGraphSteps(partValue(wholePart(text)));
}

/** Root `steps` with an item that has `skill`, `tool`, `http` or `run.type`. */
function hasGraphSteps(value: Value): boolean {
  const steps = isObject(value) ? value["steps"] : undefined;
  if (steps === undefined || !isArray(steps)) return false;
  return steps.some((step) => {
    if (!isObject(step)) return false;
    if (stepWords.some((word) => Object.hasOwn(step, word))) return true;
    const run = step["run"];
    return run !== undefined && isObject(run) && Object.hasOwn(run, "type");
  });
}

const stepsLine = /^["']?steps["']?[ \t]*:[ \t]*(?:#.*)?$/;
const itemLine = /^([ \t]*-[ \t]+)/;

/** YAML that does not parse: keys in the column of the first item's keys, below a root `steps:`. */
function looksLikeSkillGraph(text: string): boolean {
  let inSteps = false;
  let column: number | null = null;
  let run = false;
  for (const line of text.split(/\r?\n/)) {
    if (stepsLine.test(line)) {
      inSteps = true;
      column = null;
      continue;
    }
    if (!inSteps || /^\s*(?:#|$)/.test(line)) continue;
    if (/^[^\s-]/.test(line)) {
      inSteps = false;
      continue;
    }
    column ??= itemLine.exec(line)?.[1]?.length ?? null;
    if (column === null) continue;
    const blank = line.slice(0, column).replace("-", " ");
    const rest = line.slice(column);
    if (blank.trim() !== "" || blank.length < column) continue;
    if (!/^\s/.test(rest)) {
      if (/^["']?(?:skill|tool|http)["']?[ \t]*:/.test(rest)) return true;
      run = /^["']?run["']?[ \t]*:/.test(rest);
      if (run && /\{[^}]*\btype["']?[ \t]*:/.test(rest)) return true;
    } else if (run && /^\s+["']?type["']?[ \t]*:/.test(rest)) return true;
  }
  return false;
}
