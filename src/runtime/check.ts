/**
 * Checking a document without running it: read, parse, the dialect's own rules, the checks over the graph with real
 * files and policy decisions, and a range of the text for every finding (DESIGN.md "Diagnostics"). Starts nothing.
 *
 * Serves `validate`, the warning at the start of a run and, with `text`, an editor's unsaved document.
 */
import { isUtf8 } from "node:buffer";
import path from "node:path";
import { applySeverities } from "../config/merge.ts";
import { parseConfigFile } from "../config/file.ts";
import { checkSeverities } from "../config/severities.ts";
import type { Bundle } from "../dialects/bundle.ts";
import { detect } from "../dialects/detect.ts";
import { loadBundle } from "../dialects/load.ts";
import { fileFacts } from "../dialects/file-facts.ts";
import { splitSkillDocument } from "../dialects/skill/front-end.ts";
import { mutatingRetries } from "../dialects/skill/retries.ts";
import type { FileContent, FileSource } from "../effects/seam.ts";
import type { GovernanceSettings } from "../governance/decider.ts";
import { scopeOf } from "../governance/static/ahead.ts";
import { checkAllowLists } from "../governance/static/check.ts";
import { checkGraph, type CheckContext } from "../graph/checks/check-graph.ts";
import { isRange, type Diagnostic, type LocatedDiagnostic, type Position, type Range } from "../graph/diagnostic.ts";
import type { Dialect, Graph } from "../graph/model.ts";
import { kindTable } from "../kinds/definitions.generated.ts";
import { decideAhead } from "./ahead.ts";
import { documentCodes } from "./codes.ts";
import { loading, locate, parseDocument, validateGraph } from "./documents.ts";
import { localFiles } from "./files.ts";
import { withoutIgnored } from "../graph/ignores.ts";
import type { Operator } from "./operator.ts";
import { loadPolicyCode, policyFileFindings } from "./policy-code.ts";
import { folderDocuments } from "./root.ts";

/** What an operator's configuration says to checks; null where nobody has any. */
export type CheckOperator = Pick<Operator, "governance" | "severities">;

/** How to check. */
export interface CheckOptions {
  readonly operator?: CheckOperator | null;
  /** Stands for the file's own text: what an editor holds. */
  readonly text?: string;
  /** Model backends that are configured outside the document. */
  readonly backends?: readonly string[];
}

/** A finding and all its places as ranges. */
export interface CheckedDiagnostic extends LocatedDiagnostic {
  readonly related: readonly { readonly message: string; readonly file: string; readonly at: Range }[];
}

/**
 * What came of a check. `accepted` may hold warnings; `refused`: the engine would not run it (exit code 5);
 * `unparsable` and `unreadable`: it is no document at all (exit code 2).
 */
export interface CheckReport {
  /** As it was given. */
  readonly file: string;
  readonly status: "accepted" | "refused" | "unparsable" | "unreadable";
  /** The document's own name; null when it could not be read that far. */
  readonly name: string | null;
  /** `config`: a countersign.toml. */
  readonly dialect: Dialect | "config" | null;
  readonly nodes: number;
  /** Errors first, then by place. */
  readonly diagnostics: readonly CheckedDiagnostic[];
  /** Texts by the file that findings name, to show their lines. */
  readonly texts: ReadonlyMap<string, string>;
}

const start: Position = { line: 0, character: 0 };
const firstLine: Range = { start, end: start };

/** Checks one document from disk. Never throws for what is wrong with it. */
export async function checkFile(file: string, cwd: string, options: CheckOptions = {}): Promise<CheckReport> {
  const content = await contentOf(file, cwd, options.text);
  if (!content.ok) return failedReport(file, "unreadable", { code: "cannot_read", message: content.message });
  const { bytes } = content;
  const bad = notUtf8(bytes);
  if (bad !== null) {
    const message = `the file is not UTF-8 text from byte ${bad.byte} on`;
    return failedReport(file, "unparsable", { code: "not_utf8", message, at: { start: bad.at, end: bad.at } });
  }
  const text = Buffer.from(bytes).toString("utf8");
  const found = detect(file, text);
  if (found?.document === "config") return checkConfig(file, text);
  if (found?.document === "fixture" && found.dialect === "workflow") {
    const message = "this is a fixture, not a graph; run it with `countersign test`";
    return failedReport(file, "unparsable", { code: "not_a_graph", message }, text);
  }
  return checkText(file, text, bytes, cwd, options);
}

/** How many warnings a loaded document has; what a run says of them at its start. */
export async function checkLoaded(bundle: Bundle, operator: CheckOperator, cwd = process.cwd()): Promise<number> {
  const entry = bundle.entries.get(bundle.root);
  if (entry?.graph === null || entry?.graph === undefined) return 0;
  const { graph } = entry;
  const own = await graphFindings(graph, bundle, entry.diagnostics, cwd, { operator });
  const text = Buffer.from(entry.bytes).toString("utf8");
  const located = locate([...entry.diagnostics, ...own], (name) => (name === graph.file ? text : null));
  const shown = withoutIgnored(applied(located, operator), text, graph.file);
  return shown.filter((one) => one.severity === "warning").length;
}

async function checkText(
  file: string,
  text: string,
  bytes: Uint8Array,
  cwd: string,
  options: CheckOptions,
): Promise<CheckReport> {
  const parsed = parseDocument(text, file);
  const { graph } = parsed;
  // Findings name the file; which of its runners was meant is no part of the name.
  const source = splitSkillDocument(file).file;
  if (graph === null) return report(file, "unparsable", null, parsed.diagnostics, new Map([[source, text]]), options);
  const standing = [...parsed.diagnostics, ...validateGraph(graph)];
  const bundle = await bundleAround(graph, bytes, file, cwd);
  const across = bundle === null ? [] : [...mutatingRetries(bundle), ...policyFileFindings(bundle)];
  const found = [...standing, ...across, ...(await graphFindings(graph, bundle, standing, cwd, options))];
  const texts = textsOf(bundle, source, text, cwd);
  return report(file, "accepted", graph, found, texts, options, names(bundle, source, cwd));
}

/** What the checks over the graph find, with the world as they are to see it. */
async function graphFindings(
  graph: Graph,
  bundle: Bundle | null,
  standing: readonly Diagnostic[],
  cwd: string,
  options: CheckOptions,
): Promise<Diagnostic[]> {
  const { operator = null } = options;
  const codes = bundle === null ? undefined : loadPolicyCode(bundle).codes;
  const decide = await decideAhead([graph], validating([graph], operator), cwd, codes);
  const context: CheckContext = {
    found: standing,
    decide: (effect, node) => {
      const decision = decide(effect, node.kind, [scopeOf(graph)]);
      return decision.decision === "depends" ? null : decision;
    },
    ...(bundle === null ? {} : { files: fileFacts(bundle, graph), key: bundle.root }),
    ...(options.backends === undefined ? {} : { backends: options.backends }),
  };
  return checkGraph(graph, kindTable, context);
}

/**
 * What a check decides by. Lists are the operator's and always asked; the posture and the environment's lists for
 * stages are those of one machine, and no reason to find fault with a document.
 */
export function validating(graphs: readonly Graph[], operator: CheckOperator | null): GovernanceSettings {
  const nodes = graphs.flatMap((graph) => graph.nodes);
  const programs = nodes.flatMap((node) => {
    const key = node.fields["key"];
    return node.kind === "stage" && typeof key === "string" && key.startsWith("exec:")
      ? [key.slice("exec:".length).split("|")[0] as string]
      : [];
  });
  return {
    posture: { environment: "dev", sideEffects: "allow_all", replay: "execute" },
    lists: operator?.governance("validate", graphs[0]?.dialect ?? "workflow").lists ?? [],
    stages: { httpPost: null, exec: programs },
  };
}

/** The document with everything it names; its own faults do not keep its children from being loaded. */
async function bundleAround(graph: Graph, bytes: Uint8Array, file: string, cwd: string): Promise<Bundle | null> {
  const disk = localFiles(cwd);
  const named = splitSkillDocument(file).file;
  const root = disk.resolve(named, null)[0] ?? named;
  const files: FileSource = {
    resolve: disk.resolve.bind(disk),
    read: (key) => (key === root ? Promise.resolve({ ok: true, bytes }) : disk.read(key)),
  };
  let first = true;
  const loaded = await loadBundle(file, {
    ...loading,
    files,
    // The root is parsed already, and is looked at by itself.
    parse: (text, name) => {
      if (!first) return parseDocument(text, name);
      first = false;
      return { graph, diagnostics: [] };
    },
    validate: (one) => (one === graph ? [] : validateGraph(one)),
    inspect: () => [],
  });
  return loaded.ok ? loaded.bundle : null;
}

/** A countersign.toml by itself. */
function checkConfig(file: string, text: string): CheckReport {
  const parsed = parseConfigFile(text, file, "workspace");
  const found = parsed.ok
    ? [...checkAllowLists(parsed.config.allow), ...checkSeverities(parsed.config, documentCodes)]
    : parsed.problems;
  const syntax = found.some((one) => one.code === "config_syntax");
  const made = report(file, syntax ? "unparsable" : "accepted", null, found, new Map([[file, text]]), {});
  return { ...made, dialect: "config", name: syntax ? null : path.basename(file) };
}

function report(
  file: string,
  status: "accepted" | "unparsable",
  graph: Graph | null,
  found: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
  options: CheckOptions,
  shown: ReadonlyMap<string, string> = new Map(),
): CheckReport {
  const located = locate(found, (name) => texts.get(name) ?? null);
  const source = splitSkillDocument(file).file;
  const kept = withoutIgnored(applied(located, options.operator ?? null), texts.get(source) ?? "", source);
  const diagnostics = kept.map((one) => checked(one, shown)).sort(byWeight);
  const refused = diagnostics.some((one) => one.severity === "error");
  return {
    file,
    status: status === "accepted" && refused ? "refused" : status,
    name: graph === null || graph.name === "" ? null : graph.name,
    dialect: graph?.dialect ?? null,
    nodes: graph?.nodes.length ?? 0,
    diagnostics,
    texts: new Map([...texts].map(([name, text]) => [shown.get(name) ?? name, text])),
  };
}

function applied(located: readonly LocatedDiagnostic[], operator: CheckOperator | null): LocatedDiagnostic[] {
  return operator === null ? [...located] : (applySeverities(located, operator.severities) as LocatedDiagnostic[]);
}

function checked(diagnostic: LocatedDiagnostic, shown: ReadonlyMap<string, string>): CheckedDiagnostic {
  const related = (diagnostic.related ?? []).map(({ message, file, at }) => ({
    message,
    file: shown.get(file) ?? file,
    at: isRange(at) ? at : firstLine,
  }));
  return { ...diagnostic, related };
}

const weights = { error: 0, warning: 1, information: 2 } as const;

/** Errors first, in the order of the checks (spec/workflow.md §3); what else there is in the order of the text. */
function byWeight(a: LocatedDiagnostic, b: LocatedDiagnostic): number {
  return weights[a.severity] - weights[b.severity] || (a.severity === "error" ? 0 : byPlace(a, b));
}

/** The order in which findings stand in the text. */
export function byPlace(a: LocatedDiagnostic, b: LocatedDiagnostic): number {
  const [left, right] = [a.at.start, b.at.start];
  return left.line - right.line || left.character - right.character;
}

/** Texts of the documents that findings may name, by the name they were parsed under. */
function textsOf(bundle: Bundle | null, file: string, text: string, cwd: string): ReadonlyMap<string, string> {
  const texts = new Map([[file, text]]);
  for (const entry of bundle?.entries.values() ?? []) {
    const name = entry.graph?.file ?? displayPath(entry.key, cwd);
    if (!texts.has(name) && isUtf8(entry.bytes)) texts.set(name, Buffer.from(entry.bytes).toString("utf8"));
  }
  return texts;
}

/** Children are parsed under the name their parent gives them; people need the path from where they are. */
function names(bundle: Bundle | null, file: string, cwd: string): ReadonlyMap<string, string> {
  const shown = new Map<string, string>();
  for (const { key, graph } of bundle?.entries.values() ?? []) {
    if (graph !== null && key !== bundle?.root && graph.file !== file) shown.set(graph.file, displayPath(key, cwd));
  }
  return shown;
}

/** A path as one types it here: relative below the working directory, else absolute. */
export function displayPath(key: string, cwd: string): string {
  const relative = path.relative(cwd, key);
  return relative === "" || relative.startsWith("..") || path.isAbsolute(relative) ? key : relative;
}

async function contentOf(file: string, cwd: string, text: string | undefined): Promise<FileContent> {
  if (text !== undefined) return { ok: true, bytes: new TextEncoder().encode(text) };
  if (file === "" || file.includes("\0"))
    return { ok: false, reason: "missing", message: "this cannot be the name of a file" };
  const disk = localFiles(cwd);
  const named = splitSkillDocument(file).file;
  const content = await disk.read(disk.resolve(named, null)[0] ?? named);
  if (content.ok) return content;
  if (content.reason === "missing") return { ...content, message: "there is no such file" };
  if (content.reason === "directory")
    return {
      ...content,
      message: `this is a directory without ${folderDocuments.slice(0, -1).join(", ")} or ${folderDocuments.at(-1)}; name a document in it`,
    };
  // The reason stands behind the path, which is given already.
  return { ...content, message: `it cannot be read: ${content.message.slice(content.message.lastIndexOf(": ") + 2)}` };
}

/** The place of the first byte that is no UTF-8; null when there is none. */
function notUtf8(bytes: Uint8Array): { readonly byte: number; readonly at: Position } | null {
  if (isUtf8(bytes)) return null;
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let line = 0;
  let from = 0;
  for (let feed = data.indexOf(10); feed >= 0 && isUtf8(data.subarray(from, feed)); feed = data.indexOf(10, from)) {
    line++;
    from = feed + 1;
  }
  const good = validPrefix(data.subarray(from));
  return { byte: from + good, at: { line, character: data.toString("utf8", from, from + good).length } };
}

/** Bytes before the first one that begins no whole character. */
function validPrefix(data: Buffer): number {
  let at = 0;
  while (at < data.length) {
    const lead = data[at] as number;
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (!isUtf8(data.subarray(at, at + size))) return at;
    at += size;
  }
  return at;
}

function failedReport(
  file: string,
  status: "unparsable" | "unreadable",
  problem: { readonly code: string; readonly message: string; readonly at?: Range },
  text?: string,
): CheckReport {
  const { code, message, at = firstLine } = problem;
  return {
    file,
    status,
    name: null,
    dialect: null,
    nodes: 0,
    diagnostics: [{ code, severity: "error", message, file, at, related: [] }],
    texts: text === undefined ? new Map() : new Map([[file, text]]),
  };
}
