/** Runs the checks over hand-made graphs and looks at what they say. */
import { expect } from "vitest";
import { checkGraph, type CheckContext } from "../../src/graph/checks/check-graph.ts";
import type { GraphCode } from "../../src/graph/codes.ts";
import type { Diagnostic } from "../../src/graph/diagnostic.ts";
import type { Graph } from "../../src/graph/model.ts";
import { kinds, policy, type GraphBuilder } from "./builder.ts";

/** Everything the checks find. */
export function check(made: GraphBuilder | Graph, context: CheckContext = {}): Diagnostic[] {
  return checkGraph("build" in made ? made.build() : made, kinds, context);
}

/** The codes of what they find. */
export function codes(made: GraphBuilder | Graph, context: CheckContext = {}): string[] {
  return check(made, context).map((one) => one.code);
}

/** The one finding, which has this code. */
export function only(made: GraphBuilder | Graph, code: GraphCode, context: CheckContext = {}): Diagnostic {
  const found = check(made, context);
  expect(found.map((one) => one.code)).toEqual([code]);
  return found[0] as Diagnostic;
}

/** Covered by a policy, so that only the check under test speaks. */
export const covered = { policy: policy() };
