/** What comprehensions and partial rules build: arrays, sets and objects whose members may not contradict. */
import { Halt, type Budget } from "./limits.ts";
import type { Gathered } from "./run.ts";
import { keyOf, RegoObject, RegoSet, same, textOf, type Entry, type Key, type RegoValue } from "./value.ts";

/** An empty collection of a kind. */
export function gathered(kind: "array" | "set" | "object", budget: Budget): Gathered {
  if (kind === "array") {
    const items: RegoValue[] = [];
    return {
      add: (_key, value) => {
        budget.grow(1);
        items.push(value);
      },
      done: () => items,
    };
  }
  if (kind === "set") {
    const members = new Map<Key, RegoValue>();
    return {
      add: (_key, value) => {
        budget.grow(weight(value));
        members.set(keyOf(value), value);
      },
      done: () => new RegoSet(members),
    };
  }
  const members = new Map<Key, Entry>();
  return {
    add: (key, value) => {
      budget.grow(1);
      addEntry(members, key, value, budget);
    },
    done: () => new RegoObject(members),
  };
}

/** Adds a member; two values of one key end the evaluation. */
export function addEntry(members: Map<Key, Entry>, key: RegoValue, value: RegoValue, budget: Budget): void {
  budget.work(weight(key));
  const found = keyOf(key);
  const before = members.get(found);
  if (before === undefined) members.set(found, [key, value]);
  else if (!same(before[1], value)) {
    throw new Halt("rego.conflict", `an object gets two values for the key ${textOf(key).slice(0, 80)}`);
  }
}

/** What finding a value in a map costs: composite ones are written out for it. */
function weight(value: RegoValue): number {
  return typeof value === "object" && value !== null ? 1 + textOf(value).length / 8 : 1;
}

/** A partial rule under construction: objects by key, at the ends values or sets. */
export class Growing {
  private readonly members = new Map<Key, { readonly key: RegoValue; readonly below: Growing }>();
  private readonly set = new Map<Key, RegoValue>();
  private value: RegoValue | undefined;
  private kind: "open" | "object" | "set" | "value" = "open";

  /** Adds what one clause gives. */
  add(keys: readonly RegoValue[], value: RegoValue, member: boolean, name: string, budget: Budget): void {
    budget.grow(1);
    const [key, ...rest] = keys;
    if (key !== undefined) {
      this.become("object", name);
      budget.work(weight(key));
      const found = keyOf(key);
      let below = this.members.get(found)?.below;
      if (below === undefined) {
        below = new Growing();
        this.members.set(found, { key, below });
      }
      below.add(rest, value, member, name, budget);
    } else if (member) {
      this.become("set", name);
      budget.grow(weight(value));
      this.set.set(keyOf(value), value);
    } else {
      this.become("value", name);
      if (this.value !== undefined && !same(this.value, value)) conflict(name);
      this.value = value;
    }
  }

  private become(kind: Growing["kind"], name: string): void {
    if (this.kind !== "open" && this.kind !== kind) conflict(name);
    this.kind = kind;
  }

  done(): RegoValue {
    if (this.kind === "set") return new RegoSet(this.set);
    if (this.kind === "value" && this.value !== undefined) return this.value;
    const entries = new Map<Key, Entry>();
    for (const [found, { key, below }] of this.members) entries.set(found, [key, below.done()]);
    return new RegoObject(entries);
  }
}

function conflict(name: string): never {
  throw new Halt("rego.conflict", `\`${name}\` gets two values for one key`);
}
