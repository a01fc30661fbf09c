/**
 * Which files are ours (spec/editor.md §1). This alone decides, for the editor, the command line and the server.
 *
 * Boundary: pure; a file's name and text. Works on text that is being typed: where it does not parse, its lines are
 * looked at instead. Files of other programs (pipelines of build services, package manifests) give null.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document } from "yaml";
import type { Dialect } from "../graph/model.ts";
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
  const name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  const known = byName.get(name);
  if (known !== undefined) return known;
  if (/\.toml$/i.test(name) && isWorkflow(text)) return { document: "graph", dialect: "workflow" };
  if (/\.ya?ml$/i.test(name) && isSkillGraph(text)) return { document: "graph", dialect: "skill" };
  return null;
}

/** A cheap look before parsing: each form of a workflow spells one of these words. */
const workflowWord = /start_nodes|workflows|nodes|\\[uUx]/;

function isWorkflow(text: string): boolean {
  if (!workflowWord.test(text)) return false;
  const read = readTomlAhead(text);
  if (!read.ok) return looksLikeWorkflow(text);
  const { workflows } = read.table;
  if (hasWorkflowTables(read.table)) return true;
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
  if (!stepsKey.test(text)) return false;
  const document = yamlDocument(text);
  if (document !== null && hasGraphSteps(document)) return true;
  return (document === null || document.errors.length > 0) && looksLikeSkillGraph(text);
}

/** Null where nesting is so deep that the parser runs out of stack, the only way in which it can throw. */
function yamlDocument(text: string): Document.Parsed | null {
  try {
    return parseDocument(text, { logLevel: "silent", uniqueKeys: false, strict: false, prettyErrors: false });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Root `steps` with an item that has `skill`, `tool`, `http` or `run.type`. */
function hasGraphSteps(document: Document.Parsed): boolean {
  const resolved = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const member = (node: unknown, key: string): unknown => {
    if (!isMap(node)) return undefined;
    const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
    return pair === undefined ? undefined : resolved(pair.value ?? null);
  };
  const steps = member(document.contents, "steps");
  if (!isSeq(steps)) return false;
  return steps.items.some((item) => {
    const step = resolved(item);
    if (stepWords.some((word) => member(step, word) !== undefined)) return true;
    return member(member(step, "run"), "type") !== undefined;
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
