/**
 * Policy code: modules of Rego compiled once, asked for every effect (spec/workflow.md §7.5).
 *
 * Boundary: pure. The instant, the clock and the limits are given; nothing is read from anywhere else.
 * Invariants: what is not understood is refused when it is compiled; an evaluation ends within its limits and
 * answers with a value, undefined or an error, and never throws.
 */
import type { Value } from "../../../graph/value.ts";
import { builtins } from "./builtins/index.ts";
import { fixedReference } from "./resolve-parts.ts";
import type { ResolveWorld } from "./module-names.ts";
import { resolveQuery, resolveRule } from "./resolve.ts";
import { Rules } from "./groups.ts";
import { groupName, groupsBelow, type RuleGroup } from "./ir.ts";
import { Budget, defaultLimits, Halt, type RegoLimits } from "./limits.ts";
import { parseModule, parseQuery } from "./parse.ts";
import { Problems, type RegoPlace, type RegoProblem } from "./problem.ts";
import { Matchers } from "./regex/matchers.ts";
import { dataConflict, findNode, placeRules, reportRecursion } from "./rules.ts";
import type { Context } from "./run.ts";
import { emptyObject, fromValue, RegoObject, toValue, type RegoValue } from "./value.ts";

/** A module's text and the name that findings give it. */
export interface RegoSource {
  readonly file: string;
  readonly text: string;
}

/** What one evaluation is given. */
export interface RegoAsk {
  readonly input: Value;
  /** Nanoseconds since 1970: what `time.now_ns()` answers; null: asking for it is the error `rego.time`. */
  readonly now: bigint | null;
  readonly limits?: RegoLimits;
  /** Milliseconds from any origin, for the time limit; without one only steps are counted. */
  readonly clock?: () => number;
}

/**
 * An answer. `error`: the policy could not be evaluated; `code` is `rego.limit`, `rego.conflict` or `rego.eval`.
 */
export type RegoAnswer =
  | { readonly type: "value"; readonly value: Value }
  | { readonly type: "undefined" }
  | { readonly type: "error"; readonly code: string; readonly message: string };

/** A compiled policy with its query. Evaluations do not touch one another. */
export interface RegoPolicy {
  /** Answers the query. Never throws. */
  evaluate(ask: RegoAsk): RegoAnswer;
  /** What is likely a mistake and refuses nothing. */
  readonly warnings: readonly RegoProblem[];
}

export type RegoCompiled =
  | { readonly ok: true; readonly policy: RegoPolicy }
  | { readonly ok: false; readonly problems: readonly RegoProblem[] };

/** The query of a policy that names none (seed page, "Policy-as-code"). */
export const DEFAULT_QUERY = "data.agent.allow";

/** What {@link compileRego} is given besides the modules. `data` is merged at the root of `data`. */
export interface RegoOptions {
  readonly data?: Value;
  readonly query?: string;
}

/** Compiles modules and a query. Findings come in the order of the text. Never throws. */
export function compileRego(sources: readonly RegoSource[], options: RegoOptions = {}): RegoCompiled {
  try {
    return compiled(sources, options);
  } catch (problem) {
    if (!(problem instanceof RangeError)) throw problem;
    const message = "the policy is nested deeper than it can be compiled";
    return { ok: false, problems: [{ code: "rego.too_large", message, place: noPlace }] };
  }
}

function compiled(sources: readonly RegoSource[], options: RegoOptions): RegoCompiled {
  const problems = new Problems();
  const { query = DEFAULT_QUERY } = options;
  const modules = sources.flatMap(({ file, text }) => parseModule(text, file, problems) ?? []);
  const term = parseQuery(query, "query", problems);
  if (problems.found.length > 0) return { ok: false, problems: problems.found };
  const tree = placeRules(modules, problems);
  const world: ResolveWorld = { root: tree.root, builtins, problems };
  for (const module of modules) checkImports(module.imports, problems);
  for (const placed of tree.rules) resolveRule(placed, world);
  const asked: RuleGroup = {
    index: tree.groups.length,
    path: ["query"],
    kind: "complete",
    arity: 0,
    clauses: [],
    fallback: null,
    reads: new Map(),
    at: term?.at ?? noPlace,
  };
  if (term !== null) asked.clauses.push(resolveQuery(term, asked, world));
  reportRecursion(tree.groups, problems);
  const data = fromValue(options.data ?? null) ?? null;
  const base = data === null ? emptyObject : data;
  if (!(base instanceof RegoObject)) {
    problems.add("rego.data_conflict", "`data` is merged at the root, so it must be a table", noPlace);
  } else {
    const conflict = dataConflict(tree.root, base);
    if (conflict !== null) problems.add("rego.data_conflict", conflict, noPlace);
  }
  const rules = new Rules(tree.root);
  // A ring of rules would be compiled all the same, but what is refused is not compiled.
  for (const group of [...tree.groups, asked]) rules.add(group, problems);
  if (problems.found.length > 0 || !(base instanceof RegoObject) || term === null) {
    return { ok: false, problems: inOrder(problems.found) };
  }
  const warnings = new Problems();
  const matchers = new Matchers();
  const path = fixedReference(term);
  if (path?.[0] === "data" && !leadsSomewhere(path.slice(1), tree.root, base)) {
    const names = tree.groups.map((group) => `\`${groupName(group)}\``).slice(0, 5);
    const known = names.length === 0 ? "it has no rules" : `it has ${names.join(", ")}`;
    warnings.add("rego.query", `\`${query}\` names nothing in this policy, so everything is denied; ${known}`, noPlace);
  }
  return {
    ok: true,
    policy: { warnings: warnings.found, evaluate: (ask) => evaluate(asked, rules, base, matchers, ask) },
  };
}

const noPlace: RegoPlace = { file: "query", line: 1, column: 1, from: 0, to: 0 };

function inOrder(found: readonly RegoProblem[]): readonly RegoProblem[] {
  return [...found].sort(
    (a, b) => Number(a.place.file === "query") - Number(b.place.file === "query") || byPlace(a, b),
  );
}

function byPlace(a: RegoProblem, b: RegoProblem): number {
  if (a.place.file !== b.place.file) return a.place.file < b.place.file ? -1 : 1;
  return a.place.from - b.place.from;
}

function checkImports(imports: readonly { readonly name: string; readonly at: RegoPlace }[], problems: Problems): void {
  const seen = new Set<string>();
  for (const { name, at } of imports) {
    if (seen.has(name)) problems.add("rego.import", `\`${name}\` is imported above`, at);
    seen.add(name);
  }
}

/** True unless a fixed path of `data` can have no value whatever the input is. */
function leadsSomewhere(path: readonly string[], root: Rules["root"], data: RegoObject): boolean {
  const { node } = findNode(root, path);
  if (node !== null && [...groupsBelow(node)].length > 0) return true;
  let value: RegoValue | undefined = data;
  for (const name of path) value = value instanceof RegoObject ? value.get(name) : undefined;
  return value !== undefined;
}

function evaluate(asked: RuleGroup, rules: Rules, data: RegoObject, matchers: Matchers, ask: RegoAsk): RegoAnswer {
  try {
    const input = fromValue(ask.input);
    if (input === undefined) return { type: "error", code: "rego.limit", message: "the input is nested too deep" };
    const budget = new Budget(ask.limits ?? defaultLimits, ask.clock ?? (() => 0));
    const context: Context = {
      parent: null,
      input,
      data,
      covered: null,
      values: [],
      world: { budget, now: ask.now, matchers },
    };
    const value = rules.value(asked, context);
    return value === undefined ? { type: "undefined" } : { type: "value", value: toValue(value) };
  } catch (problem) {
    if (problem instanceof Halt) return { type: "error", code: problem.code, message: problem.message };
    if (problem instanceof RangeError) {
      return { type: "error", code: "rego.limit", message: "the policy needs more of the stack than there is" };
    }
    const why = problem instanceof Error ? problem.message : String(problem);
    return { type: "error", code: "rego.eval", message: `the evaluator failed: ${why}` };
  }
}
