/**
 * From `[policy.rego]` to policy code that can be asked, and what is wrong with it for checks.
 *
 * Boundary: pure; the text of a file is given. Inline code is compiled once for each reading of a document.
 */
import type { Diagnostic, DocumentPath, Related } from "../../graph/diagnostic.ts";
import type { DocumentPolicy, Graph } from "../../graph/model.ts";
import { toText } from "../../graph/value.ts";
import { problemText, type RegoProblem } from "./rego/problem.ts";
import { compileRego, DEFAULT_QUERY, type RegoCompiled } from "./rego/policy.ts";
import type { RegoLimits } from "./rego/limits.ts";
import { hasCode, type PolicyCode, type PolicyCodes } from "./policy-code.ts";

/** The name that findings give code which stands in the document. */
const INLINE = "policy.rego";

/** How evaluations are bounded. `clock`: milliseconds from any origin; without one only steps are counted. */
export interface CodeBounds {
  readonly limits?: RegoLimits;
  readonly clock?: () => number;
}

const inlineCode = new WeakMap<DocumentPolicy, RegoCompiled>();

/** Compiles the code that stands in a document; null when none does. */
export function compileInline(policy: DocumentPolicy): RegoCompiled | null {
  const { rego } = policy;
  if (rego === null || rego.inline === null || rego.file !== null) return null;
  let made = inlineCode.get(policy);
  if (made === undefined) {
    made = compileRego([{ file: INLINE, text: rego.inline }], { data: rego.data, query: rego.query });
    inlineCode.set(policy, made);
  }
  return made;
}

const fileCode = new WeakMap<Uint8Array, { readonly options: string; readonly compiled: RegoCompiled }>();

/** Compiles the code of a file that a document names; once for each reading of the file. null: it is no UTF-8. */
export function compileFile(policy: DocumentPolicy, file: string, bytes: Uint8Array): RegoCompiled | null {
  const { data = null, query = DEFAULT_QUERY } = policy.rego ?? {};
  const options = toText([file, query, data]);
  const known = fileCode.get(bytes);
  if (known?.options === options) return known.compiled;
  const text = policyText(bytes);
  if (text === null) return null;
  const compiled = compileRego([{ file, text }], { data, query });
  fileCode.set(bytes, { options, compiled });
  return compiled;
}

/** The code that stands in documents, compiled when it is first asked. */
export function inlineCodes(bounds: CodeBounds = {}): PolicyCodes {
  return (policy) => {
    const compiled = compileInline(policy);
    return compiled === null ? undefined : policyCode(compiled, policy.rego?.query ?? DEFAULT_QUERY, null, bounds);
  };
}

/** Code that can be asked; what does not compile answers every question with the error. */
export function policyCode(
  compiled: RegoCompiled,
  query: string,
  digest: string | null,
  bounds: CodeBounds = {},
): PolicyCode {
  if (!compiled.ok) {
    const message = loadProblem(compiled.problems);
    return { query, digest, ask: () => ({ type: "error", code: "rego.load", message }) };
  }
  const { policy } = compiled;
  return { query, digest, ask: (input, now) => policy.evaluate({ input, now, ...bounds }) };
}

/** `policy load failed: FILE:LINE:COLUMN: …` (spec/workflow.md §7.5). */
export function loadProblem(problems: readonly RegoProblem[]): string {
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return `policy load failed: ${problems[0] === undefined ? "" : problemText(problems[0])}${more}`;
}

/** Findings about the code that stands in a document, and about naming both it and a file. */
export function checkInlineCode(graph: Graph, base: DocumentPath): Diagnostic[] {
  const { policy } = graph;
  if (!hasCode(policy)) return [];
  const path = [...base, "rego"];
  if (policy.rego?.inline !== null && policy.rego?.file !== null) {
    const message = "policy.rego: inline and file are mutually exclusive";
    return [finding(graph, "error", "policy_rego_source", message, [...path, "file"])];
  }
  const compiled = compileInline(policy);
  if (compiled === null) return [];
  const found = compiled.ok ? compiled.policy.warnings : compiled.problems;
  return found.map((problem) => {
    const { place } = problem;
    if (place.file !== INLINE) return aboutQuery(graph, problem, compiled.ok, path);
    const message = `policy code, line ${place.line}: ${problem.message}`;
    const made = finding(graph, "error", "policy_rego", message, [...path, "inline"]);
    return { ...made, at: { ...made.at, within: { from: place.from, to: Math.max(place.to, place.from) } } };
  });
}

/** What was found in the place of a policy's file. */
export type PolicyFile =
  | { readonly ok: true; readonly file: string; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly message: string };

/** Findings about the file that a document's `[policy.rego]` names. */
export function checkCodeFile(graph: Graph, base: DocumentPath, source: PolicyFile): Diagnostic[] {
  const { policy } = graph;
  const path = [...base, "rego"];
  const at = [...path, "file"];
  if (policy === null) return [];
  if (!source.ok) return [finding(graph, "error", "policy_rego_file", `policy code: ${source.message}`, at)];
  if (isCompiledPolicy(source.file)) return [];
  const compiled = compileFile(policy, source.file, source.bytes);
  if (compiled === null) return [finding(graph, "error", "policy_rego_file", `${source.file} is not UTF-8 text`, at)];
  const found = compiled.ok ? compiled.policy.warnings : compiled.problems;
  return found.map((problem) => {
    const { place } = problem;
    if (place.file !== source.file) return aboutQuery(graph, problem, compiled.ok, path);
    const start = { line: place.line - 1, character: place.column - 1 };
    const end = { line: start.line, character: start.character + Math.max(1, place.to - place.from) };
    const related: Related = { message: problem.message, file: source.file, at: { start, end } };
    const made = finding(graph, "error", "policy_rego", `policy code, ${problemText(problem)}`, at);
    return { ...made, related: [related] };
  });
}

/** True for files that `opa build` makes. */
export function isCompiledPolicy(file: string): boolean {
  return /\.(?:wasm|tar\.gz|tgz)$/i.test(file);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The text of a policy file; null when it is no UTF-8. */
function policyText(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** Findings about the query or the data, which stand in the document. */
function aboutQuery(graph: Graph, problem: RegoProblem, compiled: boolean, path: DocumentPath): Diagnostic {
  const { code, message } = problem;
  if (compiled) return finding(graph, "warning", "policy_rego_query", message, [...path, "query"]);
  const key = code === "rego.data_conflict" ? "data" : "query";
  return finding(graph, "error", "policy_rego", `policy code, ${key}: ${message}`, [...path, key]);
}

function finding(
  graph: Graph,
  severity: "error" | "warning",
  code: string,
  message: string,
  path: DocumentPath,
): Diagnostic & { readonly at: { readonly path: DocumentPath; readonly part: "value" } } {
  return { code, severity, message, file: graph.file, at: { path, part: "value" } };
}
