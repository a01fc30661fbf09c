/** Fan-out groups and guards of a graph (spec/skill-graph.md §2.5, §2.6). */
import type { FanoutGroup, Guard, Node } from "../../graph/model.ts";
import { isObject, type Value } from "../../graph/value.ts";
import { absent, at, type Cursor, type Reader } from "./reader.ts";
import { readCondition } from "./step.ts";

type Step = Pick<Node, "id" | "group" | "at">;

const actions = ["pause", "escalate"] as const;
const wordGates: readonly string[] = ["contains", "matches", "semantic", "prompt", "sentiment"];

/** `fanout.groups`, checked against the steps that use them; in order of their first step. */
export function readGroups(reader: Reader, cursor: Cursor, steps: readonly Step[]): FanoutGroup[] {
  const members = new Map<string, Step[]>();
  for (const step of steps) {
    if (step.group === null) continue;
    const list = members.get(step.group);
    if (list === undefined) members.set(step.group, [step]);
    else list.push(step);
  }
  contiguous(reader, steps);
  reader.object(cursor);
  reader.closed(cursor, ["groups"]);
  const groups = at(cursor, "groups");
  const declared = reader.object(groups);
  const found = new Map<string, FanoutGroup>();
  for (const id of Object.keys(declared ?? {})) {
    const place = at(groups, id);
    const branches = members.get(id);
    if (branches === undefined) {
      reader.error("fanout", `${place.label} is declared but no step uses it.`, { path: place.path, part: "key" });
    }
    found.set(id, readGroup(reader, place, id, branches ?? []));
  }
  for (const [id, [first]] of members) {
    if (found.has(id) || first === undefined) continue;
    const label = `steps.${steps.indexOf(first)}.fanout_group`;
    const place = { path: [...first.at, "fanout_group"], part: "value" } as const;
    reader.error("fanout", `${label} references unknown fanout group '${id}'.`, place);
  }
  return [...members.keys()].flatMap((id) => found.get(id) ?? []);
}

function contiguous(reader: Reader, steps: readonly Step[]): void {
  const closed = new Set<string>();
  let open: string | null = null;
  for (const step of steps) {
    if (step.group === open) continue;
    if (open !== null) closed.add(open);
    open = step.group;
    if (open === null || !closed.has(open)) continue;
    const place = { path: [...step.at, "fanout_group"], part: "value" } as const;
    reader.error("fanout", `fanout group '${open}' steps must be contiguous.`, place);
  }
}

function readGroup(reader: Reader, cursor: Cursor, id: string, branches: readonly Step[]): FanoutGroup {
  reader.requiredObject(cursor);
  reader.closed(cursor, ["strategy", "min_success", "on_branch_failure", "threshold_gates", "conflict_gates"]);
  const strategy =
    reader.word(at(cursor, "strategy"), ["all", "any", "quorum"], "must be all, any, or quorum.") ?? "all";
  const onFailure =
    reader.word(at(cursor, "on_branch_failure"), ["halt", "continue"], "must be halt or continue.") ??
    (strategy === "all" ? "halt" : "continue");
  return {
    id,
    strategy,
    minSuccess: readMinSuccess(reader, at(cursor, "min_success"), strategy, branches.length),
    onBranchFailure: onFailure,
    thresholdGates: readThresholds(reader, at(cursor, "threshold_gates"), branches),
    conflictGates: readConflicts(reader, at(cursor, "conflict_gates"), branches),
    at: cursor.path,
  };
}

function readMinSuccess(reader: Reader, cursor: Cursor, strategy: string, branches: number): number | null {
  const { value } = cursor;
  const quorum = strategy === "quorum";
  if (absent(cursor) && !quorum) return null;
  const place = { path: cursor.path, part: "value" } as const;
  if (typeof value !== "bigint" || value < 1n) {
    const message = `${cursor.label} must be a positive integer${quorum ? " for quorum sync" : ""}.`;
    reader.error("fanout", message, place);
    return null;
  }
  if (value > BigInt(branches)) {
    reader.error("fanout", `${cursor.label} must not exceed the branch count ${branches}.`, place);
    return null;
  }
  return Number(value);
}

/** Refuses gates that read prose; policy evaluates structured fields. */
function closedGate(reader: Reader, cursor: Cursor, keys: readonly string[]): void {
  reader.closed(cursor, keys, (key, label) =>
    wordGates.includes(key)
      ? `${label} is not supported; graph policy must evaluate structured fields.`
      : `${label} is not supported; a gate has ${keys.join(", ")}.`,
  );
}

function readThresholds(reader: Reader, cursor: Cursor, branches: readonly Step[]): FanoutGroup["thresholdGates"] {
  return (reader.array(cursor) ?? []).flatMap((gate) => {
    if (reader.requiredObject(gate) === undefined) return [];
    closedGate(reader, gate, ["step", "field", "above", "action"]);
    const step = branch(reader, at(gate, "step"), branches);
    const field = reader.requiredString(at(gate, "field"));
    const action = readAction(reader, at(gate, "action"));
    const above = at(gate, "above");
    const limit: Value | undefined = above.value;
    if (absent(above)) reader.missing(above);
    else if (typeof limit !== "bigint" && typeof limit !== "number") {
      reader.error("type", `${above.label} must be a number.`, { path: above.path, part: "value" });
    } else if (step !== undefined && field !== undefined && action !== undefined) {
      return [{ step, field, above: limit, action }];
    }
    return [];
  });
}

function readConflicts(reader: Reader, cursor: Cursor, branches: readonly Step[]): FanoutGroup["conflictGates"] {
  return (reader.array(cursor) ?? []).flatMap((gate) => {
    if (reader.requiredObject(gate) === undefined) return [];
    closedGate(reader, gate, ["field", "steps", "action"]);
    const field = reader.requiredString(at(gate, "field"));
    const action = readAction(reader, at(gate, "action"));
    const list = at(gate, "steps");
    if (absent(list)) reader.missing(list);
    const steps = reader.strings(list);
    steps?.forEach((_, i) => branch(reader, at(list, i), branches));
    return field === undefined || action === undefined || steps === undefined ? [] : [{ field, steps, action }];
  });
}

function readAction(reader: Reader, cursor: Cursor): "pause" | "escalate" | undefined {
  return absent(cursor) ? reader.missing(cursor) : reader.word(cursor, actions, "must be pause or escalate.");
}

function branch(reader: Reader, cursor: Cursor, branches: readonly Step[]): string | undefined {
  const id = reader.requiredString(cursor);
  if (id !== undefined && !branches.some((one) => one.id === id)) {
    const message = `${cursor.label} references '${id}', which is not a branch of the fanout group.`;
    reader.error("fanout", message, { path: cursor.path, part: "value" });
  }
  return id;
}

/** `policy.guards`. A key beside `guards` would be a gate that silently is none. */
export function readGuards(reader: Reader, cursor: Cursor, steps: readonly Step[]): Guard[] {
  if (reader.object(cursor) === undefined) return [];
  reader.closed(cursor, ["guards"], (key) => `policy has unknown field '${key}'; only 'guards' is supported.`);
  return (reader.array(at(cursor, "guards")) ?? []).flatMap((place) => {
    if (!isObject(place.value)) {
      reader.requiredObject(place);
      return [];
    }
    const target = at(place, "step");
    const step = reader.requiredString(target);
    if (step !== undefined && !steps.some((one) => one.id === step)) {
      const message = `${target.label} references unknown step '${step}'.`;
      reader.error("guard", message, { path: target.path, part: "value" });
    }
    const condition = readCondition(reader, place, ["step", "field"]);
    return condition === null || step === undefined ? [] : [{ ...condition, step }];
  });
}
