/**
 * How a skill graph is walked: in declaration order, one sequential step or one whole fan-out group at a time
 * (spec/skill-graph.md §2.5 to §2.9, Decisions R4 and R5).
 *
 * Pure; every rule reads the graph and what the walk has done so far. `WalkState.start` means nothing here: a skill's
 * runner is chosen when its document is parsed.
 */
import type { Failure } from "../../graph/failure.ts";
import type { FanoutGroup, Graph, Node } from "../../graph/model.ts";
import { isObject, member, object, type MutableObject, type Value } from "../../graph/value.ts";
import type { EndedNode, WalkAction, WalkLimits, WalkRules, WalkState } from "../document.ts";
import { units } from "./graph-document.ts";
import { failed, failureText, graphField, holds, outputsOf, succeeded, wanted } from "./outcomes.ts";
import { evaluateSync, type SyncPoint } from "./sync.ts";

/** The label that `--assume` gives a step whose `when` is not to hold; {@link RUN} is what is assumed anyway. */
export const SKIP = "skip";
export const RUN = "run";

/** Most branches of a group at once, whatever the operator asks for. */
export const MAX_BRANCHES = 64;

export const rules: WalkRules = {
  trigger: (walk) => walk.input,
  next(graph, walk, limits) {
    const refused = refusal(graph, walk);
    if (refused !== null) return [refused];
    const { units, unitOf } = planOf(graph);
    // Nothing is entered before all that stands in front of it is done, so the walk goes on where it was.
    const from = walk.lastEntered === null ? 0 : (unitOf.get(walk.lastEntered) ?? 0);
    for (let i = from; i < units.length; i++) {
      const wanted = nextOfUnit(graph, walk, units[i] as Unit, limits);
      if (wanted !== null) return wanted;
    }
    return [completed(graph, walk)];
  },
};

/** Sync points that have been decided so far, in order of their groups; for receipts. */
export function syncPoints(graph: Graph, walk: WalkState): SyncPoint[] {
  const points: SyncPoint[] = [];
  for (const { group, nodes } of planOf(graph).units) {
    if (group === null || !nodes.every((node) => walk.ended.has(node.id))) continue;
    points.push(sync(group, nodes, walk));
  }
  return points;
}

/** One step, or the branches of a group. */
interface Unit {
  readonly group: FanoutGroup | null;
  readonly nodes: readonly Node[];
}

interface Plan {
  readonly units: readonly Unit[];
  /** The unit of each step, by the step's id. */
  readonly unitOf: ReadonlyMap<string, number>;
  /** Steps whose outputs some guard or `when` reads. */
  readonly judged: ReadonlySet<string>;
}

/** Remembered per graph: a graph never changes, so this is only speed. */
const plans = new WeakMap<Graph, Plan>();

function planOf(graph: Graph): Plan {
  const known = plans.get(graph);
  if (known !== undefined) return known;
  const groups = new Map(graph.groups.map((group) => [group.id, group]));
  const made = units(graph.nodes).map((nodes) => {
    const id = nodes[0]?.group ?? null;
    return { group: id === null ? null : (groups.get(id) ?? null), nodes };
  });
  const conditions = [...graph.guards, ...graph.nodes.flatMap((node) => node.when ?? [])];
  const judged = new Set(conditions.map((one) => one.field.split(".", 1)[0] as string));
  const unitOf = new Map(made.flatMap(({ nodes }, i) => nodes.map((node) => [node.id, i] as const)));
  const plan = { units: made, unitOf, judged };
  plans.set(graph, plan);
  return plan;
}

/** Reasons not to begin: no runner chosen, or inputs that a graph needs. */
function refusal(graph: Graph, walk: WalkState): WalkAction | null {
  if (graph.nodes.length === 0) {
    const names = graph.starts.map((start) => start.name).join(", ");
    const message = `runner manifest has no default runner${names === "" ? "" : `; choose one of: ${names}`}`;
    return stop({ class: "config", message }, null);
  }
  if (walk.steps > 0 || graph.inputs === undefined || !graph.nodes.some(isStep)) return null;
  const given = isObject(walk.input) ? walk.input : object();
  const missing = graph.inputs.filter(
    (one) => one.required && one.default === undefined && (member(given, one.name) ?? null) === null,
  );
  if (missing.length === 0) return null;
  const names = missing.map((one) => `${one.name} (${one.type})`).join(", ");
  return stop({ class: "config", message: `graph '${graph.name}' needs inputs that were not given: ${names}` }, null);
}

/** What a unit wants; null when it is done and the next one may begin. */
function nextOfUnit(graph: Graph, walk: WalkState, unit: Unit, limits: WalkLimits): readonly WalkAction[] | null {
  const { group, nodes } = unit;
  const first = nodes[0] as Node;
  if (group === null) return nextOfStep(graph, walk, first, limits);
  const open = nodes.filter((node) => !walk.ended.has(node.id));
  if (open.length > 0) return nextBranches(graph, walk, open, limits);
  for (const node of nodes) {
    const denied = deniedApproval(graph, node, walk.ended.get(node.id) as EndedNode);
    if (denied !== null) return [stop(denied, walk.lastEntered)];
  }
  return afterSync(walk, sync(group, nodes, walk), first.id);
}

function nextOfStep(graph: Graph, walk: WalkState, node: Node, limits: WalkLimits): readonly WalkAction[] | null {
  if (walk.active.includes(node.id)) return [];
  const ended = walk.ended.get(node.id);
  if (ended === undefined) return [begin(graph, walk, node, limits.assume ?? {})];
  if (failed(ended)) return [stop(stepFailure(node, ended), node.id)];
  const denied = deniedApproval(graph, node, ended);
  return denied === null ? null : [stop(denied, node.id)];
}

/** Branches that may start beside those that run. One that mutates runs alone. */
function nextBranches(graph: Graph, walk: WalkState, open: readonly Node[], limits: WalkLimits): readonly WalkAction[] {
  const most = Math.max(1, Math.min(limits.maxActive, MAX_BRANCHES));
  const running = open.filter((node) => walk.active.includes(node.id));
  const actions: WalkAction[] = [];
  let alone = running.some(mutates);
  let count = running.length;
  for (const node of open) {
    if (running.includes(node)) continue;
    if (alone || count >= most || (count > 0 && mutates(node))) break;
    const action = begin(graph, walk, node, null);
    // A blocked branch ends the walk, but only when nothing is under way any more.
    if (action.type === "finish") return count === 0 ? [action] : actions;
    actions.push(action);
    count++;
    alone = mutates(node);
  }
  return actions;
}

/** Steps that may change the world: those that say so, and stages, which always do. */
function mutates(node: Node): boolean {
  return node.fields["mutation"] === true || node.kind === "stage";
}

/**
 * Enters a step, skips it, or ends the walk because it is blocked. Skips count only outside of groups (§2.5), where
 * `choices` says which unknown conditions are assumed not to hold; null inside of them.
 */
function begin(
  graph: Graph,
  walk: WalkState,
  node: Node,
  choices: Readonly<Record<string, string>> | null,
): WalkAction {
  let assumed = gateAssumed(graph, walk, node);
  if (node.when !== null && choices !== null) {
    const found = graphField(walk.ended, node.when.field);
    if (found.state === "found" && !holds(node.when, found.value)) {
      return { type: "skip", node: node.id, reason: `when '${node.when.field}' ${wanted(node.when)}` };
    }
    if (found.state === "unknown" && choices[node.id] === SKIP) {
      return { type: "skip", node: node.id, reason: `when '${node.when.field}' is assumed not to hold`, assumed: true };
    }
    assumed ||= found.state === "unknown";
  }
  for (const guard of graph.guards) {
    if (guard.step !== node.id) continue;
    const found = graphField(walk.ended, guard.field);
    if (found.state === "unknown") assumed = true;
    else if (found.state === "unresolved") return blocked(walk, node, `guard '${guard.field}' is unresolved`);
    else if (!holds(guard, found.value)) return blocked(walk, node, `guard '${guard.field}' ${wanted(guard)}`);
  }
  for (const source of contextSources(node)) {
    if (!succeeded(walk.ended.get(source))) return blocked(walk, node, `waiting for context from ${source}`);
  }
  return { type: "enter", node: node.id, edge: null, ...(assumed ? { assumed: true } : {}) };
}

/** A gate of the group in front of this step saw an unknown field, and was assumed not to fire. */
function gateAssumed(graph: Graph, walk: WalkState, node: Node): boolean {
  const { units, unitOf } = planOf(graph);
  const before = units[(unitOf.get(node.id) ?? 0) - 1];
  return before !== undefined && before.group !== null && sync(before.group, before.nodes, walk).assumed === true;
}

function contextSources(node: Node): string[] {
  const context = node.fields["context"] as Readonly<Record<string, string>> | undefined;
  return Object.values(context ?? {}).map((reference) => reference.slice(0, reference.indexOf(".")));
}

function blocked(walk: WalkState, node: Node, reason: string): WalkAction {
  return stop({ class: "policy", message: `graph step '${node.id}' is blocked: ${reason}` }, walk.lastEntered);
}

/** A denial that no guard and no `when` reads ends the graph (R4); null otherwise. */
function deniedApproval(graph: Graph, node: Node, ended: EndedNode): Failure | null {
  if (node.kind !== "approval" || !succeeded(ended) || !isObject(ended.output)) return null;
  const artifacts = node.fields["artifacts"] as { readonly wrap_as?: string } | undefined;
  const wrapped = member(ended.output, artifacts?.wrap_as ?? "approval");
  const data = isObject(wrapped) ? member(wrapped, "data") : undefined;
  if (!isObject(data) || member(data, "approved") !== false) return null;
  if (planOf(graph).judged.has(node.id)) return null;
  const by = member(data, "actor");
  const id = member(data, "gate_id");
  const what = typeof id === "string" ? `approval '${id}'` : "the approval";
  const who = typeof by === "string" ? ` by ${by}` : "";
  return { class: "approval", message: `graph step '${node.id}': ${what} was denied${who}` };
}

function sync(group: FanoutGroup, nodes: readonly Node[], walk: WalkState): SyncPoint {
  const branches = nodes.map((node) => node.id);
  return evaluateSync(group, branches, walk.ended, walk.resolvedGates);
}

function afterSync(walk: WalkState, point: SyncPoint, step: string): readonly WalkAction[] | null {
  const { decision, group_id: group, rule_fired: rule, reason } = point;
  switch (decision) {
    case "proceed":
      return null;
    case "halt":
      return [
        stop({ class: "workflow", message: `graph step '${step}' failed planning: ${reason}` }, walk.lastEntered),
      ];
    case "escalate":
      return [stop({ class: "policy", message: `graph step '${step}' escalated: ${reason}` }, walk.lastEntered)];
    case "pause":
      if (walk.deniedGates?.has(`${group}:${rule}`) === true) {
        const message = `graph step '${step}' paused: ${reason}; the gate 'fanout.${group}.${rule}' was denied`;
        return [stop({ class: "approval", message }, walk.lastEntered)];
      }
      return [{ type: "gate", group, rule, reason, gate: point.gate ?? null }];
  }
}

/** "skill 'x' failed: …"; a failure that names the step already keeps its words. */
function stepFailure(node: Node, ended: EndedNode): Failure {
  const text = failureText(ended);
  const named = !isStep(node) || text.startsWith(`graph step '${node.id}' `);
  return { class: ended.failure?.class ?? "tool", message: named ? text : `skill '${node.id}' failed: ${text}` };
}

function stop(failure: Failure, lastNode: string | null): WalkAction {
  return { type: "finish", status: "failed", value: null, partial: false, reason: failure.message, failure, lastNode };
}

/** A step of a graph; the one node of any other skill is none. */
function isStep(node: Node): boolean {
  return node.at.at(-2) === "steps";
}

function completed(graph: Graph, walk: WalkState): WalkAction {
  const only = graph.nodes[0] as Node;
  const end = { type: "finish", status: "completed", reason: null, failure: null, lastNode: walk.lastEntered } as const;
  if (!isStep(only)) {
    const ended = walk.ended.get(only.id) as EndedNode;
    return { ...end, value: ended.output, partial: ended.partial };
  }
  const partial = graph.nodes.some((node) => walk.ended.get(node.id)?.partial === true);
  return { ...end, value: payload(graph, walk), partial };
}

/** `{graph, graph_status, steps, step_outputs}` (§2.9). Steps that were skipped did not run and are not listed. */
function payload(graph: Graph, walk: WalkState): Value {
  const steps: Value[] = [];
  const outputs: MutableObject = object();
  for (const node of graph.nodes) {
    const ended = walk.ended.get(node.id);
    if (ended === undefined || ended.outcome === "skip") continue;
    const status = succeeded(ended) ? "success" : "failure";
    steps.push(object({ step_id: node.id, skill: targetName(node), status }));
    outputs[node.id] = failed(ended) ? (outputsOf(ended) ?? object()) : ended.output;
  }
  return object({ graph: graph.name, graph_status: "Succeeded", steps, step_outputs: outputs });
}

/** What a step runs: the skill, the tool, or the type of its run. */
function targetName(node: Node): string {
  const name = node.fields[node.kind === "unsupported" ? "type" : node.kind];
  return typeof name === "string" ? name : node.kind;
}
