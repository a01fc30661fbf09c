/**
 * The checks over one graph, for all dialects (DESIGN.md "Diagnostics"): the same for `validate`, the language
 * server, the canvas and the server's start.
 */
import { isRange, type Diagnostic, type Place } from "../diagnostic.ts";
import type { Graph, KindTable } from "../model.ts";
import { acts } from "./acts.ts";
import { reportOf, View, type Check, type CheckContext } from "./check.ts";
import { deniedEffects, noPolicy } from "./effects.ts";
import { files } from "./files.ts";
import { labels } from "./labels.ts";
import { auth, backends, secrets } from "./names.ts";
import { order } from "./order.ts";
import { unknownReference } from "./unknown-reference.ts";

export type { Check, CheckContext, EffectVerdict, FileFacts } from "./check.ts";

/** All checks, in the order in which they report. */
export const checks: readonly Check[] = [
  unknownReference,
  order,
  labels,
  noPolicy,
  deniedEffects,
  files,
  secrets,
  backends,
  auth,
  acts,
];

/**
 * Everything the checks find, in a fixed order: by check, then as in the document. Never throws; the graph need not
 * be valid. Severities are the table's (`graphCodes`).
 */
export function checkGraph(graph: Graph, kinds: KindTable, context: CheckContext): Diagnostic[] {
  const view = new View(graph, kinds);
  const found = checkView(view, context);
  return view.isUncertain ? checkView(new View(graph, kinds, true), context) : found;
}

function checkView(view: View, context: CheckContext): Diagnostic[] {
  const standing = new Set<string>();
  for (const one of context.found ?? []) {
    if (one.severity === "error" && !isRange(one.at)) standing.add(placeKey(one.at));
  }
  const found: Diagnostic[] = [];
  const report = reportOf(view.graph, (finding) => {
    if (standing.size > 0 && !isRange(finding.at) && standing.has(placeKey(finding.at))) return;
    found.push(finding);
  });
  for (const check of checks) {
    if (context.fastOnly !== true || check.speed === "fast") check.run(view, context, report);
  }
  view.forgetIfWorn();
  return found;
}

function placeKey(at: Place): string {
  return JSON.stringify(at.path);
}
