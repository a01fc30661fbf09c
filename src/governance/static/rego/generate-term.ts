/**
 * Terms as functions of a frame. Everything that can be known when the policy is compiled is decided here, so that an
 * evaluation is a walk through closures.
 */
import { isGround, type Bound } from "./order.ts";
import { findNode } from "./rules.ts";
import type { Node } from "./ir.ts";
import { addEntry } from "./gather.ts";
import type { Rules } from "./groups.ts";
import type { Eval, Exec, Frame, Match } from "./run.ts";
import { isList, RegoObject, RegoSet, same, setOf, type Entry, type Key, type RegoValue } from "./value.ts";

/** Compiles what stands inside terms but is no term. */
export interface Inner {
  readonly rules: Rules;
  comprehension(node: Node & { type: "comprehension" }, bound: Bound): Eval;
  /** A variable is read that no expression gives a value, as only a head can. */
  unsafe(slot: number): void;
}

/** The value of a term all of whose variables have one. */
export function evalNode(node: Node, bound: Bound, inner: Inner): Eval {
  switch (node.type) {
    case "const": {
      const { value } = node;
      return () => value;
    }
    case "local": {
      const { slot } = node;
      if (!bound.has(slot)) inner.unsafe(slot);
      return (frame) => frame.slots[slot];
    }
    case "array":
    case "set": {
      const items = node.items.map((item) => evalNode(item, bound, inner));
      const isSet = node.type === "set";
      return (frame) => {
        frame.context.world.budget.grow(items.length);
        const made: RegoValue[] = [];
        for (const item of items) {
          const value = item(frame);
          if (value === undefined) return undefined;
          made.push(value);
        }
        return isSet ? setOf(made) : made;
      };
    }
    case "object": {
      const entries = node.entries.map(
        ([key, value]) => [evalNode(key, bound, inner), evalNode(value, bound, inner)] as const,
      );
      return (frame) => {
        const { budget } = frame.context.world;
        budget.grow(entries.length);
        const members = new Map<Key, Entry>();
        for (const [evalKey, evalValue] of entries) {
          const key = evalKey(frame);
          const value = evalValue(frame);
          if (key === undefined || value === undefined) return undefined;
          addEntry(members, key, value, budget);
        }
        return new RegoObject(members);
      };
    }
    case "ref":
      return evalReference(node, bound, inner);
    case "call":
      return evalCall(node, bound, inner);
    case "apply": {
      const args = node.args.map((arg) => evalNode(arg, bound, inner));
      const { group } = node;
      return (frame) => {
        const values: RegoValue[] = [];
        for (const arg of args) {
          const value = arg(frame);
          if (value === undefined) return undefined;
          values.push(value);
        }
        return inner.rules.call(group, frame.context, values);
      };
    }
    case "comprehension":
      return inner.comprehension(node, bound);
  }
}

function evalCall(node: Node & { type: "call" }, bound: Bound, inner: Inner): Eval {
  const args = node.args.map((arg) => evalNode(arg, bound, inner));
  const { builtin } = node;
  const [first, second] = args;
  if (builtin.name === "equal" && first !== undefined && second !== undefined) {
    return (frame) => {
      const left = first(frame);
      const right = second(frame);
      if (left === undefined || right === undefined) return undefined;
      return left === right || (typeof left === "object" && same(left, right));
    };
  }
  return (frame) => {
    const { world } = frame.context;
    world.budget.step();
    const values: RegoValue[] = [];
    for (const arg of args) {
      const value = arg(frame);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return builtin.run(values, world);
  };
}

/** Where a reference begins, and the rest of its path. */
function begin(node: Node & { type: "ref" }, bound: Bound, inner: Inner): { base: Eval; path: readonly Node[] } {
  const { root, path } = node;
  if (root.type === "node") return { base: evalNode(root.node, bound, inner), path };
  if (root.type === "input") return { base: (frame) => frame.context.input, path };
  const names = path.map((part) => (part.type === "const" && typeof part.value === "string" ? part.value : null));
  const { node: found, used } = findNode(inner.rules.root, names);
  const taken = path.slice(0, used);
  const at = names.slice(0, used) as string[];
  // A branch without rules is plain data; so is whatever is below no package.
  if (found === null || !inner.rules.holdsRules(found)) return { base: (frame) => frame.context.data, path };
  const rest = path.slice(taken.length);
  const { group } = found;
  if (group !== null) return { base: (frame) => inner.rules.value(group, frame.context), path: rest };
  return { base: (frame) => inner.rules.extent(found, at, frame.context), path: rest };
}

function evalReference(node: Node & { type: "ref" }, bound: Bound, inner: Inner): Eval {
  const { base, path } = begin(node, bound, inner);
  const parts = path.map((part) => (part.type === "const" ? part.value : evalNode(part, bound, inner)));
  if (parts.length === 0) return base;
  return (frame) => {
    let value = base(frame);
    for (const part of parts) {
      if (value === undefined) return undefined;
      const key = typeof part === "function" ? part(frame) : part;
      if (key === undefined) return undefined;
      value = memberOf(value, key);
    }
    return value;
  };
}

/** The member of a collection by its key; a set's members are their own keys. */
export function memberOf(value: RegoValue, key: RegoValue): RegoValue | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (value instanceof RegoObject) return value.get(key);
  if (value instanceof RegoSet) return value.has(key) ? key : undefined;
  return typeof key === "number" ? value[key] : undefined;
}

/** What to do with each value of a reference. */
export type Consume = (frame: Frame, value: RegoValue) => boolean;

/** Goes through all members that a reference may mean; `bound` gets the variables that choose them. */
export function eachMember(node: Node & { type: "ref" }, bound: Set<number>, inner: Inner): (consume: Consume) => Exec {
  const { base, path } = begin(node, bound, inner);
  type Hop = { readonly type: "key"; readonly key: Eval } | { readonly type: "each"; readonly match: Match };
  const hops = path.map((part): Hop => {
    if (isGround(part, bound)) return { type: "key", key: evalNode(part, bound, inner) };
    return { type: "each", match: matchNode(part, bound, inner) };
  });
  return (consume) => {
    const walk = hops.reduceRight<Consume>((next, hop) => {
      if (hop.type === "key") {
        const { key } = hop;
        return (frame, value) => {
          const chosen = key(frame);
          const found = chosen === undefined ? undefined : memberOf(value, chosen);
          return found !== undefined && next(frame, found);
        };
      }
      const { match } = hop;
      return (frame, value) => eachEntry(frame, value, (key, item) => match(frame, key) && next(frame, item));
    }, consume);
    return (frame) => {
      frame.context.world.budget.step();
      const value = base(frame);
      return value !== undefined && walk(frame, value);
    };
  };
}

/** Calls `visit` with every key and value, in order, until it says true. */
export function eachEntry(
  frame: Frame,
  value: RegoValue,
  visit: (key: RegoValue, value: RegoValue) => boolean,
): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { budget } = frame.context.world;
  if (isList(value)) {
    for (let i = 0; i < value.length; i++) {
      budget.step();
      if (visit(i, value[i] as RegoValue)) return true;
    }
    return false;
  }
  budget.work(value.size);
  if (value instanceof RegoSet) {
    for (const member of value.sorted()) {
      budget.step();
      if (visit(member, member)) return true;
    }
    return false;
  }
  for (const [key, item] of value.sorted()) {
    budget.step();
    if (visit(key, item)) return true;
  }
  return false;
}

/** A pattern; `bound` gets the variables that it binds. */
export function matchNode(node: Node, bound: Set<number>, inner: Inner): Match {
  if (node.type === "local" && !bound.has(node.slot)) {
    const { slot } = node;
    bound.add(slot);
    return (frame, value) => {
      frame.slots[slot] = value;
      return true;
    };
  }
  if (node.type === "array" && !isGround(node, bound)) {
    const items = node.items.map((item) => matchNode(item, bound, inner));
    return (frame, value) =>
      isList(value) && value.length === items.length && items.every((match, i) => match(frame, value[i] as RegoValue));
  }
  if (node.type === "object" && !isGround(node, bound)) {
    const entries = node.entries.map(
      ([key, value]) => [evalNode(key, bound, inner), matchNode(value, bound, inner)] as const,
    );
    return (frame, value) =>
      value instanceof RegoObject &&
      value.size === entries.length &&
      entries.every(([evalKey, match]) => {
        const key = evalKey(frame);
        const found = key === undefined ? undefined : value.get(key);
        return found !== undefined && match(frame, found);
      });
  }
  const expected = evalNode(node, bound, inner);
  return (frame, value) => {
    const wanted = expected(frame);
    return wanted !== undefined && same(wanted, value);
  };
}
