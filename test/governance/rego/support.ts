/** Compiling and asking policy code in tests. */
import { compileRego, type RegoAnswer } from "../../../src/governance/static/rego/policy.ts";
import type { RegoLimits } from "../../../src/governance/static/rego/limits.ts";
import { fromPlain, toText } from "../../../src/graph/value.ts";

/** 2023-11-14T22:13:20Z. */
export const instant = 1_700_000_000_000_000_000n;

export interface Given {
  readonly input?: unknown;
  readonly data?: unknown;
  readonly limits?: RegoLimits;
  readonly clock?: () => number;
}

/** The answer of `query` over a module; findings throw. */
export function answer(module: string, query: string, given: Given = {}): RegoAnswer {
  const { input = {}, data, limits, clock } = given;
  const compiled = compileRego([{ file: "p.rego", text: module }], {
    query,
    ...(data === undefined ? {} : { data: fromPlain(data) }),
  });
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join("; "));
  return compiled.policy.evaluate({
    input: fromPlain(input),
    now: instant,
    ...(limits === undefined ? {} : { limits }),
    ...(clock === undefined ? {} : { clock }),
  });
}

/** The same as text: JSON, `undefined`, or the code of an error. */
export function show(result: RegoAnswer): string {
  if (result.type === "value") return toText(result.value);
  return result.type === "undefined" ? "undefined" : result.code;
}

/** The value of `p` in a package of these rules. */
export function p(rules: string, given: Given = {}): string {
  return show(answer(`package t\n${rules}\n`, "data.t.p", given));
}

/** Findings as `line:column code`. */
export function problems(rules: string): string[] {
  const compiled = compileRego([{ file: "p.rego", text: `package t\n${rules}\n` }], { query: "data.t.p" });
  if (compiled.ok) return [];
  return compiled.problems.map(({ code, place }) => `${place.line}:${place.column} ${code}`);
}
