/**
 * The order of a body: each expression when everything it reads has a value, else the variable is unsafe. As in the
 * reference the first expression that can go goes first.
 */
import { addStepUses, addUses, isDynamic, type Node, type SlotInfo, type Step } from "./ir.ts";
import type { Problems } from "./problem.ts";

/** Slots that have a value. */
export type Bound = ReadonlySet<number>;

/** The steps in an order in which all are safe; findings for those that never are. */
export function orderSteps(
  steps: readonly Step[],
  bound: Bound,
  slots: readonly SlotInfo[],
  problems: Problems,
): readonly Step[] {
  const { ordered, stuck, known } = arrange(steps, bound, slots);
  for (const step of stuck) reportUnsafe(step, known, slots, problems);
  return ordered;
}

function arrange(
  steps: readonly Step[],
  bound: Bound,
  slots: readonly SlotInfo[],
): { readonly ordered: readonly Step[]; readonly stuck: readonly Step[]; readonly known: Bound } {
  const known = new Set(bound);
  const rest = [...steps];
  const ordered: Step[] = [];
  for (let at = 0; at < rest.length;) {
    const step = rest[at] as Step;
    const binds = stepBinds(step, known, slots);
    if (binds === null) {
      at++;
      continue;
    }
    rest.splice(at, 1);
    ordered.push(step);
    for (const slot of binds) known.add(slot);
    if (binds.size > 0) at = 0;
  }
  return { ordered, stuck: rest, known };
}

function reportUnsafe(step: Step, known: Bound, slots: readonly SlotInfo[], problems: Problems): void {
  const uses = new Set<number>();
  addStepUses(step, uses);
  const unsafe = [...uses].filter((slot) => !known.has(slot)).map((slot) => slots[slot] as SlotInfo);
  const named = unsafe.filter(({ kind }) => kind === "named");
  for (const one of named) reportSlot(one, problems);
  if (named.length === 0) {
    problems.add("rego.unsafe", "this expression is unsafe: nothing gives its `_` a value", step.at);
  }
}

/** A variable that is read and never gets a value. */
export function reportSlot({ name, at }: SlotInfo, problems: Problems): void {
  problems.add("rego.unsafe", `\`${name}\` is unsafe: nothing gives it a value before it is needed`, at);
}

const none: ReadonlySet<number> = new Set();

/** The slots that a step binds when it can go now; null when it cannot. */
export function stepBinds(step: Step, bound: Bound, slots: readonly SlotInfo[]): ReadonlySet<number> | null {
  switch (step.type) {
    case "test":
      return isDynamic(step.node) ? referenceBinds(step.node, bound) : isGround(step.node, bound) ? none : null;
    case "unify":
      return unifyBinds(step.left, step.right, bound);
    case "member": {
      if (!isGround(step.domain, bound)) return null;
      const binds = new Set<number>();
      if (step.key !== null && !patternBinds(step.key, bound, binds)) return null;
      return patternBinds(step.value, bound, binds) ? binds : null;
    }
    case "every":
      return isGround(step.domain, bound) && covers(bound, step.outer) ? none : null;
    case "not": {
      const uses = new Set<number>();
      addStepUses(step, uses);
      return [...uses].every((slot) => bound.has(slot) || slots[slot]?.kind === "temp") ? none : null;
    }
    case "with": {
      if (!step.targets.every(({ value }) => isGround(value, bound))) return null;
      const { stuck, known } = arrange(step.body, bound, slots);
      return stuck.length > 0 ? null : new Set([...known].filter((slot) => !bound.has(slot)));
    }
  }
}

function unifyBinds(left: Node, right: Node, bound: Bound): ReadonlySet<number> | null {
  if (isDynamic(left) || isDynamic(right)) {
    const [reference, other] = isDynamic(right) ? [right, left] : [left as Node & { type: "ref" }, right];
    const binds = referenceBinds(reference, bound);
    if (binds === null) return null;
    const all = new Set(binds);
    return patternBinds(other, new Set([...bound, ...binds]), all) ? all : null;
  }
  const binds = new Set<number>();
  if (isGround(right, bound) && patternBinds(left, bound, binds)) return binds;
  binds.clear();
  return isGround(left, bound) && patternBinds(right, bound, binds) ? binds : null;
}

function referenceBinds(node: Node & { type: "ref" }, bound: Bound): ReadonlySet<number> | null {
  if (node.root.type === "node" && !isGround(node.root.node, bound)) return null;
  const binds = new Set<number>();
  return node.path.every((part) => patternBinds(part, bound, binds)) ? binds : null;
}

/** True when all that a term reads has a value. */
export function isGround(node: Node, bound: Bound): boolean {
  if (node.type === "const") return true;
  if (node.type === "local") return bound.has(node.slot);
  const uses = new Set<number>();
  addUses(node, uses);
  return covers(bound, uses);
}

/** Adds what a value would bind in a pattern; false when a part of it reads what has no value. */
function patternBinds(node: Node, bound: Bound, binds: Set<number>): boolean {
  switch (node.type) {
    case "local":
      if (!bound.has(node.slot)) binds.add(node.slot);
      return true;
    case "array":
      return node.items.every((item) => patternBinds(item, bound, binds));
    case "object":
      return node.entries.every(([key, value]) => isGround(key, bound) && patternBinds(value, bound, binds));
    default: {
      const uses = new Set<number>();
      addUses(node, uses);
      return [...uses].every((slot) => bound.has(slot) || binds.has(slot));
    }
  }
}

function covers(bound: Bound, slots: ReadonlySet<number>): boolean {
  for (const slot of slots) if (!bound.has(slot)) return false;
  return true;
}
