/** Arrays, sets and objects: counting, sorting, joining, taking parts, and the types of values. */
import {
  compare,
  isList,
  isWhole,
  keyOf,
  objectOf,
  RegoObject,
  RegoSet,
  same,
  setOf,
  typeName,
  type Entry,
  type RegoValue,
} from "../value.ts";
import type { Budget } from "../limits.ts";
import type { Builtin, BuiltinTable } from "./builtin.ts";
import { numberBuiltins } from "./numbers.ts";
import { lengthOf } from "./strings.ts";

type Result = RegoValue | undefined;

/** The members of an array or a set. */
export function membersOf(value: RegoValue | undefined): readonly RegoValue[] | null {
  return isList(value) ? value : value instanceof RegoSet ? value.sorted() : null;
}

function count(value: RegoValue | undefined): Result {
  if (typeof value === "string") return lengthOf(value);
  if (isList(value)) return value.length;
  return value instanceof RegoSet || value instanceof RegoObject ? value.size : undefined;
}

function extreme(sign: 1 | -1): Builtin["run"] {
  return ([value], { budget }) => {
    const items = membersOf(value);
    if (items === null) return undefined;
    budget.work(items.length);
    let best: RegoValue | undefined;
    for (const item of items) if (best === undefined || compare(item, best) * sign > 0) best = item;
    return best;
  };
}

function fold(name: "plus" | "mul", start: number): Builtin["run"] {
  const [, run] = numberBuiltins[name] as BuiltinTable[string];
  return ([value], world) => {
    let sum: Result = start;
    for (const item of membersOf(value) ?? [undefined]) {
      world.budget.step();
      if (sum === undefined || item === undefined) return undefined;
      sum = run([sum, item], world);
    }
    return sum;
  };
}

function sort([value]: readonly RegoValue[], { budget }: { readonly budget: Budget }): Result {
  const items = membersOf(value);
  if (items === null) return undefined;
  budget.grow(items.length);
  budget.work(items.length * 4);
  return [...items].sort(compare);
}

function slice([value, from, to]: readonly RegoValue[], { budget }: { readonly budget: Budget }): Result {
  if (!isList(value) || typeof from !== "number" || typeof to !== "number" || !isWhole(from) || !isWhole(to))
    return undefined;
  const made = value.slice(Math.max(0, from), Math.max(0, from, to));
  budget.grow(made.length);
  return made;
}

/** Whether something is a member of a collection: `in`. */
function isMember(collection: RegoValue | undefined, value: RegoValue | undefined, budget: Budget): boolean {
  if (value === undefined || typeof collection !== "object" || collection === null) return false;
  if (collection instanceof RegoSet) return collection.has(value);
  const items = isList(collection) ? collection : [...collection.entries()].map(([, item]) => item);
  budget.work(items.length);
  return items.some((item) => same(item, value));
}

function hasPair(collection: RegoValue | undefined, key: RegoValue, value: RegoValue): boolean {
  if (collection instanceof RegoObject) {
    const found = collection.get(key);
    return found !== undefined && same(found, value);
  }
  if (collection instanceof RegoSet) return same(key, value) && collection.has(value);
  const found = isList(collection) && typeof key === "number" ? collection[key] : undefined;
  return found !== undefined && same(found, value);
}

function setsIn(value: RegoValue | undefined): readonly RegoSet[] | null {
  if (!(value instanceof RegoSet)) return null;
  const items = value.sorted();
  return items.every((item) => item instanceof RegoSet) ? items : null;
}

function objectGet([value, path, otherwise]: readonly RegoValue[]): Result {
  if (!(value instanceof RegoObject) || path === undefined) return undefined;
  if (!isList(path)) return value.get(path) ?? otherwise;
  let at: RegoValue | undefined = value;
  for (const key of path) {
    if (at instanceof RegoObject) at = at.get(key);
    else if (at instanceof RegoSet) at = at.has(key) ? key : undefined;
    else at = isList(at) && typeof key === "number" ? at[key] : undefined;
    if (at === undefined) return otherwise;
  }
  return at;
}

/** Keys named by an array, a set or an object. */
function keysOf(value: RegoValue | undefined): RegoSet | null {
  if (value instanceof RegoObject) return setOf([...value.entries()].map(([key]) => key));
  const items = membersOf(value);
  return items === null ? null : setOf(items);
}

function pick(keep: boolean): Builtin["run"] {
  return ([value, names], { budget }) => {
    const keys = keysOf(names);
    if (!(value instanceof RegoObject) || keys === null) return undefined;
    budget.grow(value.size + keys.size);
    return objectOf([...value.entries()].filter(([key]) => keys.has(key) === keep));
  };
}

/** The right side wins; objects on both sides are joined. */
function union(left: RegoValue, right: RegoValue, budget: Budget): RegoValue {
  if (!(left instanceof RegoObject) || !(right instanceof RegoObject)) return right;
  budget.grow(left.size + right.size);
  const members = new Map(
    [...left.entries()].map((entry): [ReturnType<typeof keyOf>, Entry] => [keyOf(entry[0]), entry]),
  );
  for (const [key, value] of right.entries()) {
    const before = left.get(key);
    members.set(keyOf(key), [key, before === undefined ? value : union(before, value, budget)]);
  }
  return new RegoObject(members);
}

/** Whether all of `part` is in `whole`; arrays by a run of the same members. */
function isSubset(whole: RegoValue, part: RegoValue, budget: Budget): boolean | undefined {
  if (whole instanceof RegoObject && part instanceof RegoObject) return coversObject(whole, part, budget);
  if (whole instanceof RegoSet && part instanceof RegoSet) {
    budget.work(part.size);
    return part.sorted().every((one) => whole.has(one));
  }
  if (isList(whole) && part instanceof RegoSet) {
    budget.work(whole.length + part.size);
    const members = setOf(whole);
    return part.sorted().every((one) => members.has(one));
  }
  if (!isList(whole) || !isList(part)) return undefined;
  budget.work(whole.length * Math.max(1, part.length));
  return (
    whole.some(
      (_one, at) => at + part.length <= whole.length && part.every((one, i) => same(one, whole[at + i] as RegoValue)),
    ) || part.length === 0
  );
}

function coversObject(whole: RegoObject, part: RegoObject, budget: Budget): boolean {
  budget.work(part.size);
  return [...part.entries()].every(([key, value]) => {
    const found = whole.get(key);
    if (found === undefined) return false;
    if (found instanceof RegoObject && value instanceof RegoObject) return coversObject(found, value, budget);
    return isSubset(found, value, budget) ?? same(found, value);
  });
}

const is = (name: string): readonly [number, Builtin["run"]] => [
  1,
  ([value]) => (value === undefined ? undefined : typeName(value) === name),
];

export const collectionBuiltins: BuiltinTable = {
  count: [1, ([value]) => count(value)],
  sum: [1, fold("plus", 0)],
  product: [1, fold("mul", 1)],
  max: [1, extreme(1)],
  min: [1, extreme(-1)],
  sort: [1, sort],
  "internal.member_2": [2, ([value, collection], { budget }) => isMember(collection, value, budget)],
  "internal.member_3": [
    3,
    ([key, value, collection]) => key !== undefined && value !== undefined && hasPair(collection, key, value),
  ],
  "array.concat": [
    2,
    ([a, b], { budget }) => {
      if (!isList(a) || !isList(b)) return undefined;
      budget.grow(a.length + b.length);
      return [...a, ...b];
    },
  ],
  "array.reverse": [
    1,
    ([a], { budget }) => {
      if (!isList(a)) return undefined;
      budget.grow(a.length);
      return [...a].reverse();
    },
  ],
  "array.slice": [3, slice],
  union: [
    1,
    ([value], { budget }) => {
      const found = setsIn(value);
      if (found === null) return undefined;
      budget.grow(found.reduce((size, one) => size + one.size, 0));
      return setOf(found.flatMap((one) => [...one.sorted()]));
    },
  ],
  intersection: [
    1,
    ([value], { budget }) => {
      const found = setsIn(value);
      if (found === null) return undefined;
      budget.grow(found.reduce((size, one) => size + one.size, 0));
      const [first, ...rest] = found;
      return setOf(first?.sorted().filter((one) => rest.every((other) => other.has(one))) ?? []);
    },
  ],
  "object.get": [3, objectGet],
  "object.keys": [
    1,
    ([value], { budget }) => {
      if (!(value instanceof RegoObject)) return undefined;
      budget.grow(value.size);
      return setOf([...value.entries()].map(([key]) => key));
    },
  ],
  "object.remove": [2, pick(false)],
  "object.filter": [2, pick(true)],
  "object.union": [
    2,
    ([a, b], { budget }) => (a instanceof RegoObject && b instanceof RegoObject ? union(a, b, budget) : undefined),
  ],
  "object.union_n": [
    1,
    ([value], { budget }) => {
      if (!isList(value) || !value.every((one) => one instanceof RegoObject)) return undefined;
      return value.reduce<RegoValue>((made, one) => union(made, one, budget), objectOf([]));
    },
  ],
  "object.subset": [
    2,
    ([whole, part], { budget }) =>
      whole === undefined || part === undefined ? undefined : isSubset(whole, part, budget),
  ],
  type_name: [1, ([value]) => (value === undefined ? undefined : typeName(value))],
  is_null: is("null"),
  is_boolean: is("boolean"),
  is_number: is("number"),
  is_string: is("string"),
  is_array: is("array"),
  is_object: is("object"),
  is_set: is("set"),
};
