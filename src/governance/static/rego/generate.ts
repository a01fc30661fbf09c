/**
 * Bodies as functions of a frame: each step knows the step after it, and answers true when nobody wants another
 * solution. Backtracking is the return of a call.
 */
import { isDynamic, type Node, type SlotInfo, type Step, type WithTarget } from "./ir.ts";
import { gathered } from "./gather.ts";
import { eachEntry, eachMember, evalNode, matchNode, type Inner } from "./generate-term.ts";
import type { Rules } from "./groups.ts";
import { isGround, orderSteps, reportSlot } from "./order.ts";
import type { Problems } from "./problem.ts";
import type { Context, Eval, Exec, Frame } from "./run.ts";
import { emptyObject, keyOf, RegoObject, type Entry, type Key, type RegoValue } from "./value.ts";

/** Compiles the bodies of one rule. */
export class Generator implements Inner {
  readonly rules: Rules;
  private readonly slots: readonly SlotInfo[];
  private readonly problems: Problems;

  constructor(rules: Rules, slots: readonly SlotInfo[], problems: Problems) {
    this.rules = rules;
    this.slots = slots;
    this.problems = problems;
  }

  /** A body that calls `last` for each of its solutions; `bound` gets what the body binds. */
  body(steps: readonly Step[], bound: Set<number>, last: (bound: Set<number>) => Exec): Exec {
    const ordered = orderSteps(steps, bound, this.slots, this.problems);
    const parts = ordered.map((step) => this.step(step, bound));
    return parts.reduceRight<Exec>((next, part) => part(next), last(bound));
  }

  unsafe(slot: number): void {
    const info = this.slots[slot];
    if (info?.kind === "named") reportSlot(info, this.problems);
    else if (info?.kind === "wildcard") {
      this.problems.add("rego.unsafe", "`_` is unsafe here: it has no value of its own", info.at);
    }
  }

  private step(step: Step, bound: Set<number>): (next: Exec) => Exec {
    switch (step.type) {
      case "test":
        return this.test(step.node, bound);
      case "unify":
        return this.unify(step.left, step.right, bound);
      case "member": {
        const domain = evalNode(step.domain, bound, this);
        const key = step.key === null ? null : matchNode(step.key, bound, this);
        const value = matchNode(step.value, bound, this);
        return (next) => (frame) => {
          const collection = domain(frame);
          if (collection === undefined) return false;
          return eachEntry(
            frame,
            collection,
            (k, v) => (key === null || key(frame, k)) && value(frame, v) && next(frame),
          );
        };
      }
      case "not": {
        const inside = this.body(step.body, new Set(bound), () => () => true);
        return (next) => (frame) => {
          frame.context.world.budget.step();
          return !inside(frame) && next(frame);
        };
      }
      case "every":
        return this.every(step, bound);
      case "with":
        return this.with(step, bound);
    }
  }

  private test(node: Node, bound: Set<number>): (next: Exec) => Exec {
    if (isDynamic(node)) {
      const each = eachMember(node, bound, this);
      return (next) => each((frame, value) => value !== false && next(frame));
    }
    const value = evalNode(node, bound, this);
    return (next) => (frame) => {
      frame.context.world.budget.step();
      const found = value(frame);
      return found !== undefined && found !== false && next(frame);
    };
  }

  private unify(left: Node, right: Node, bound: Set<number>): (next: Exec) => Exec {
    if (isDynamic(left) || isDynamic(right)) {
      const [reference, other] = isDynamic(right) ? [right, left] : [left as Node & { type: "ref" }, right];
      const each = eachMember(reference, bound, this);
      const match = matchNode(other, bound, this);
      return (next) => each((frame, value) => match(frame, value) && next(frame));
    }
    const [ground, pattern] = isGround(right, bound) ? [right, left] : [left, right];
    const value = evalNode(ground, bound, this);
    if (pattern.type === "local" && !bound.has(pattern.slot)) {
      const { slot } = pattern;
      bound.add(slot);
      return (next) => (frame) => {
        frame.context.world.budget.step();
        const found = value(frame);
        if (found === undefined) return false;
        frame.slots[slot] = found;
        return next(frame);
      };
    }
    const match = matchNode(pattern, bound, this);
    return (next) => (frame) => {
      frame.context.world.budget.step();
      const found = value(frame);
      return found !== undefined && match(frame, found) && next(frame);
    };
  }

  private every(step: Step & { type: "every" }, bound: Set<number>): (next: Exec) => Exec {
    const domain = evalNode(step.domain, bound, this);
    const inside = new Set(bound).add(step.value);
    if (step.key !== null) inside.add(step.key);
    const body = this.body(step.body, inside, () => () => true);
    const { key, value } = step;
    return (next) => (frame) => {
      frame.context.world.budget.step();
      const collection = domain(frame);
      if (typeof collection !== "object" || collection === null) return false;
      const broken = eachEntry(frame, collection, (k, v) => {
        if (key !== null) frame.slots[key] = k;
        frame.slots[value] = v;
        return !body(frame);
      });
      return !broken && next(frame);
    };
  }

  private with(step: Step & { type: "with" }, bound: Set<number>): (next: Exec) => Exec {
    const targets = step.targets.map((target) => ({ target, value: evalNode(target.value, bound, this) }));
    // What comes after the expression sees what was before it.
    let after: Exec = () => false;
    const body = this.body(step.body, bound, () => (frame) => {
      const inside = frame.context;
      frame.context = inside.parent ?? inside;
      const enough = after(frame);
      frame.context = inside;
      return enough;
    });
    return (next) => {
      after = next;
      return (frame) => {
        const outside = frame.context;
        const replaced = replaceAll(frame, targets);
        if (replaced === null) return false;
        frame.context = replaced;
        const enough = body(frame);
        frame.context = outside;
        return enough;
      };
    };
  }

  comprehension(node: Node & { type: "comprehension" }, bound: ReadonlySet<number>): Eval {
    const { kind } = node;
    const body = this.body(node.body, new Set(bound), (inside) => {
      const key = node.key === null ? null : evalNode(node.key, inside, this);
      const value = evalNode(node.value, inside, this);
      return (frame) => {
        const k = key === null ? null : key(frame);
        const v = value(frame);
        if (k !== undefined && v !== undefined) frame.gathered?.add(k, v);
        return false;
      };
    });
    return (frame) => {
      const around = frame.gathered;
      const own = gathered(kind, frame.context.world.budget);
      frame.gathered = own;
      body(frame);
      frame.gathered = around;
      return own.done();
    };
  }
}

/** The context in which the targets have their values; null when one has none. */
function replaceAll(
  frame: Frame,
  targets: readonly { readonly target: WithTarget; readonly value: Eval }[],
): Context | null {
  const outside = frame.context;
  let { input, data, covered } = outside;
  for (const { target, value } of targets) {
    const found = value(frame);
    if (found === undefined) return null;
    if (target.root === "input") input = replacedAt(input, target.path, found, frame);
    else {
      const whole = replacedAt(data, target.path, found, frame);
      data = whole instanceof RegoObject ? whole : emptyObject;
      if (target.covered.size > 0) covered = new Set([...(covered ?? []), ...target.covered]);
    }
  }
  return { parent: outside, input, data, covered, values: [], world: outside.world };
}

/** The same document with another value at a path; what is no object on the way becomes one. */
function replacedAt(
  document: RegoValue | undefined,
  path: readonly string[],
  value: RegoValue,
  frame: Frame,
): RegoValue {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const members = new Map<Key, Entry>();
  if (document instanceof RegoObject) {
    frame.context.world.budget.grow(document.size);
    for (const entry of document.entries()) members.set(keyOf(entry[0]), entry);
  }
  const below = document instanceof RegoObject ? document.get(name) : undefined;
  members.set(keyOf(name), [name, replacedAt(below, rest, value, frame)]);
  return new RegoObject(members);
}
