/**
 * The sync point of a fan-out group: what its branches' ends mean together (spec/skill-graph.md §2.6). Pure.
 *
 * Invariant: the rules are tried in the order of the sheet and the first that fires decides; a gate that a person has
 * let pass is as if it were not declared.
 */
import type { FanoutGroup } from "../../graph/model.ts";
import { object, toText, type Value } from "../../graph/value.ts";
import type { EndedNode } from "../document.ts";
import { stepField, succeeded } from "./outcomes.ts";

/** The decision at a group's end, as receipts keep it (`lineage.sync`). */
export interface SyncPoint {
  readonly group_id: string;
  readonly strategy: FanoutGroup["strategy"];
  readonly decision: "proceed" | "halt" | "pause" | "escalate";
  readonly rule_fired: string;
  readonly reason: string;
  readonly branch_count: number;
  readonly success_count: number;
  readonly failure_count: number;
  readonly required_successes: number;
  /** What a threshold or conflict gate saw. */
  readonly gate?: Value;
  /** A gate's field is unknown in this dry run; it is assumed not to fire. */
  readonly assumed?: true;
}

/** Evaluates the group `group`, all of whose `branches` have ended. `resolved` holds gates as `<group>:<rule>`. */
export function evaluateSync(
  group: FanoutGroup,
  branches: readonly string[],
  ended: ReadonlyMap<string, EndedNode>,
  resolved: ReadonlySet<string>,
): SyncPoint {
  const successes = branches.filter((id) => succeeded(ended.get(id)));
  const failures = branches.length - successes.length;
  const required = requiredSuccesses(group, branches.length);
  const facts = {
    group_id: group.id,
    strategy: group.strategy,
    branch_count: branches.length,
    success_count: successes.length,
    failure_count: failures,
    required_successes: required,
  };
  if (failures > 0 && group.onBranchFailure === "halt") {
    const reason = `${failures}/${branches.length} branches failed and on_branch_failure is halt`;
    return { ...facts, decision: "halt", rule_fired: "branch_failure.halt", reason };
  }
  const open = (rule: string): boolean => !resolved.has(`${group.id}:${rule}`);
  const threshold = thresholds(group, successes, ended, open);
  if (threshold.fired !== null) return { ...facts, ...threshold.fired };
  const conflict = conflicts(group, successes, ended, open);
  if (conflict.fired !== null) return { ...facts, ...conflict.fired };
  const reason = `${successes.length}/${branches.length} branches succeeded; required ${required}`;
  return {
    ...facts,
    decision: successes.length >= required ? "proceed" : "halt",
    rule_fired: `${group.strategy}.min_success`,
    reason,
    ...(threshold.assumed || conflict.assumed ? { assumed: true } : {}),
  };
}

/** all: every branch; any: one; quorum: `min_success`. */
export function requiredSuccesses(group: FanoutGroup, branches: number): number {
  if (group.strategy === "all") return branches;
  return group.strategy === "any" ? 1 : (group.minSuccess ?? branches);
}

type Fired = Pick<SyncPoint, "decision" | "rule_fired" | "reason"> & { readonly gate?: Value };
interface Gates {
  readonly fired: Fired | null;
  readonly assumed: boolean;
}

function thresholds(
  group: FanoutGroup,
  successes: readonly string[],
  ended: ReadonlyMap<string, EndedNode>,
  open: (rule: string) => boolean,
): Gates {
  let assumed = false;
  for (const { step, field, above, action } of group.thresholdGates) {
    if (!successes.includes(step)) continue;
    const found = stepField(ended.get(step), field);
    const rule = `threshold.${step}.${field}`;
    if (found.state === "unknown") {
      assumed = true;
      continue;
    }
    const problem = found.state === "unresolved" ? "missing" : isNumber(found.value) ? null : "non_numeric";
    if (problem !== null) {
      if (!open(`${rule}.${problem}`)) continue;
      const reason = problem === "missing" ? `${step}.${field} is missing` : `${step}.${field} is not a number`;
      return { fired: { decision: "halt", rule_fired: `${rule}.${problem}`, reason }, assumed };
    }
    if (found.state !== "found" || !exceeds(found.value, above) || !open(`${rule}.above`)) continue;
    const { value } = found;
    const gate = object({ type: "threshold", stepId: step, field, value, comparedTo: above, action });
    const reason = `${step}.${field}=${toText(value)} exceeded ${toText(above)}`;
    return { fired: { decision: action, rule_fired: `${rule}.above`, reason, gate }, assumed };
  }
  return { fired: null, assumed };
}

function isNumber(value: Value): boolean {
  return typeof value === "bigint" || typeof value === "number";
}

/** Exact also between an integer and a float. */
function exceeds(value: Value, above: Value): boolean {
  return (value as bigint | number) > (above as bigint | number);
}

function conflicts(
  group: FanoutGroup,
  successes: readonly string[],
  ended: ReadonlyMap<string, EndedNode>,
  open: (rule: string) => boolean,
): Gates {
  let assumed = false;
  for (const { field, steps, action } of group.conflictGates) {
    const rule = `conflict.${field}`;
    const values = object();
    const distinct = new Set<string>();
    for (const step of steps.filter((one) => successes.includes(one))) {
      const found = stepField(ended.get(step), field);
      if (found.state === "unknown") assumed = true;
      else {
        // Text of JSON never is the bare word, so an absent field equals only another absent one.
        distinct.add(found.state === "found" ? toText(found.value) : "undefined");
        values[step] = found.state === "found" ? found.value : "undefined";
      }
    }
    if (distinct.size < 2 || !open(rule)) continue;
    const gate = object({ type: "conflict", field, values, action });
    const reason = `fanout branches disagreed on structured field ${field}`;
    return { fired: { decision: action, rule_fired: rule, reason, gate }, assumed };
  }
  return { fired: null, assumed };
}
