/** Numbers: operators, comparison, rounding, bits, ranges and units. Integers are exact, fractions IEEE doubles. */
import { Halt, MAX_INTEGER, type Budget } from "../limits.ts";
import { compare, float, integer, isNumber, isWhole, RegoSet, same, setOf, type RegoValue } from "../value.ts";
import type { BuiltinTable, BuiltinWorld } from "./builtin.ts";

type Args = readonly RegoValue[];
type Result = RegoValue | undefined;

/** An exact integer that is not too large. */
function exact(value: bigint, budget: Budget): RegoValue {
  if (value > MAX_INTEGER || value < -MAX_INTEGER) throw new Halt("rego.limit", "an integer has more than 8192 bits");
  budget.work(value > 2n ** 64n || value < -(2n ** 64n) ? 16 : 1);
  return integer(value);
}

/** `+ - *` on two numbers, exact where both are integers. */
function arithmetic(
  args: Args,
  { budget }: BuiltinWorld,
  floats: (a: number, b: number) => number,
  integers: (a: bigint, b: bigint) => bigint,
): Result {
  const [a, b] = args;
  if (!isNumber(a) || !isNumber(b)) return undefined;
  if (isWhole(a) && isWhole(b)) {
    if (typeof a === "number" && typeof b === "number") {
      const near = floats(a, b);
      if (Number.isSafeInteger(near)) return near + 0 || 0;
    }
    return exact(integers(BigInt(a), BigInt(b)), budget);
  }
  return float(floats(Number(a), Number(b))) ?? undefined;
}

function sets(args: Args): readonly [RegoSet, RegoSet] | null {
  const [a, b] = args;
  return a instanceof RegoSet && b instanceof RegoSet ? [a, b] : null;
}

function divide(args: Args, { budget }: BuiltinWorld): Result {
  const [a, b] = args;
  if (!isNumber(a) || !isNumber(b) || b === 0) return undefined;
  if (isWhole(a) && isWhole(b)) {
    const [left, right] = [BigInt(a), BigInt(b)];
    if (left % right === 0n) return exact(left / right, budget);
  }
  return float(Number(a) / Number(b)) ?? undefined;
}

function rounded(round: (value: number) => number) {
  return ([value]: Args): Result => {
    if (!isNumber(value)) return undefined;
    return typeof value === "bigint" ? value : (float(round(value)) ?? undefined);
  };
}

/** Half away from zero, as the reference rounds. */
function half(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

function range(from: RegoValue | undefined, to: RegoValue | undefined, step: RegoValue, world: BuiltinWorld): Result {
  if (from === undefined || to === undefined || !isWhole(from) || !isWhole(to) || !isWhole(step)) return undefined;
  const [first, last, width] = [BigInt(from), BigInt(to), BigInt(step)];
  if (width <= 0n) return undefined;
  const made: RegoValue[] = [];
  const up = first <= last;
  for (let at = first; up ? at <= last : at >= last; at += up ? width : -width) {
    world.budget.step();
    world.budget.grow(1);
    made.push(integer(at));
  }
  return made;
}

function bits(operation: (a: bigint, b: bigint) => bigint) {
  return ([a, b]: Args, { budget }: BuiltinWorld): Result => {
    if (a === undefined || b === undefined || !isWhole(a) || !isWhole(b)) return undefined;
    return exact(operation(BigInt(a), BigInt(b)), budget);
  };
}

function shift(left: boolean) {
  return ([a, b]: Args, { budget }: BuiltinWorld): Result => {
    if (a === undefined || b === undefined || !isWhole(a) || typeof b !== "number" || !isWhole(b) || b < 0)
      return undefined;
    if (left && b > 8192) return a === 0 ? 0 : exact(MAX_INTEGER * 2n, budget);
    return exact(left ? BigInt(a) << BigInt(b) : BigInt(a) >> BigInt(Math.min(b, 100_000)), budget);
  };
}

const decimal = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/** A number from its text; undefined for what is none. */
export function numberFrom(text: string): Result {
  if (!decimal.test(text) || text.length > 2_466) return undefined;
  return /^[+-]?[0-9]+$/.test(text) ? integer(BigInt(text.replace("+", ""))) : (float(Number(text)) ?? undefined);
}

const powers: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  p: 1e15,
  e: 1e18,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
  pi: 2 ** 50,
  ei: 2 ** 60,
};

function bytes(text: RegoValue | undefined): Result {
  if (typeof text !== "string") return undefined;
  const found = /^([0-9]+(?:\.[0-9]+)?)([kmgtpe]?i?)b?$/i.exec(text.replaceAll('"', "").trim());
  const power = found === null ? undefined : powers[(found[2] as string).toLowerCase()];
  if (found === null || power === undefined) return undefined;
  return float(Math.round(Number(found[1]) * power)) ?? undefined;
}

const ordered =
  (holds: (order: number) => boolean) =>
  ([a, b]: Args): Result => {
    return a === undefined || b === undefined ? undefined : holds(compare(a, b));
  };

export const numberBuiltins: BuiltinTable = {
  equal: [2, ([a, b]) => (a === undefined || b === undefined ? undefined : same(a, b))],
  neq: [2, ([a, b]) => (a === undefined || b === undefined ? undefined : !same(a, b))],
  lt: [2, ordered((order) => order < 0)],
  lte: [2, ordered((order) => order <= 0)],
  gt: [2, ordered((order) => order > 0)],
  gte: [2, ordered((order) => order >= 0)],
  plus: [
    2,
    (args, world) =>
      arithmetic(
        args,
        world,
        (a, b) => a + b,
        (a, b) => a + b,
      ),
  ],
  minus: [
    2,
    (args, world) => {
      const both = sets(args);
      if (both === null)
        return arithmetic(
          args,
          world,
          (a, b) => a - b,
          (a, b) => a - b,
        );
      world.budget.grow(both[0].size);
      return setOf(both[0].sorted().filter((one) => !both[1].has(one)));
    },
  ],
  mul: [
    2,
    (args, world) =>
      arithmetic(
        args,
        world,
        (a, b) => a * b,
        (a, b) => a * b,
      ),
  ],
  div: [2, divide],
  rem: [
    2,
    ([a, b], { budget }) => {
      if (a === undefined || b === undefined || !isWhole(a) || !isWhole(b) || b === 0) return undefined;
      return exact(BigInt(a) % BigInt(b), budget);
    },
  ],
  or: [
    2,
    (args, { budget }) => {
      const both = sets(args);
      if (both === null) return undefined;
      budget.grow(both[0].size + both[1].size);
      return setOf([...both[0].sorted(), ...both[1].sorted()]);
    },
  ],
  and: [
    2,
    (args, { budget }) => {
      const both = sets(args);
      if (both === null) return undefined;
      budget.grow(both[0].size);
      return setOf(both[0].sorted().filter((one) => both[1].has(one)));
    },
  ],
  abs: [1, ([a]) => (isNumber(a) ? (typeof a === "bigint" ? integer(a < 0n ? -a : a) : Math.abs(a)) : undefined)],
  ceil: [1, rounded(Math.ceil)],
  floor: [1, rounded(Math.floor)],
  round: [1, rounded(half)],
  "numbers.range": [2, ([from, to], world) => range(from, to, 1, world)],
  "numbers.range_step": [
    3,
    ([from, to, step], world) => (step === undefined ? undefined : range(from, to, step, world)),
  ],
  to_number: [
    1,
    ([value]) => {
      if (value === null || value === false) return 0;
      if (value === true) return 1;
      return typeof value === "string" ? numberFrom(value) : isNumber(value) ? value : undefined;
    },
  ],
  "bits.and": [2, bits((a, b) => a & b)],
  "bits.or": [2, bits((a, b) => a | b)],
  "bits.xor": [2, bits((a, b) => a ^ b)],
  "bits.negate": [1, ([a], { budget }) => (a !== undefined && isWhole(a) ? exact(~BigInt(a), budget) : undefined)],
  "bits.lsh": [2, shift(true)],
  "bits.rsh": [2, shift(false)],
  "units.parse_bytes": [1, ([text]) => bytes(text)],
};
