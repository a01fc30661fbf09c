/** Arbitrary node values for properties. */
import fc from "fast-check";
import { object, type Value } from "../../src/graph/value.ts";

/** Text without lone surrogates, which no parser of ours lets in; rich in characters that need attention. */
export const text = fc.string({
  unit: fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    fc.constantFrom('"', "\\", "/", "\n", "\u0000", "\u001f", "\u007f", "\u2028", "é", "\uffff", "\ue000", "😀"),
  ),
});

/** Integers over i64 and u64, rich in edges. */
export const integer = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.integer().map(BigInt),
  fc.constantFrom(0n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n - 1n),
);

/** Finite floats. */
export const float = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer().map(Number),
  fc
    .tuple(fc.integer({ min: 1, max: 99999 }), fc.integer({ min: -330, max: 300 }))
    .map(([m, e]) => Number(`${m}e${e}`)),
);

/** Whole values. */
export const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    text,
    integer,
    float,
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(text, fc.constantFrom("__proto__", "constructor", "0", "10", "2")), tie("value")), {
        maxLength: 5,
      })
      .map((entries) => {
        const made = object();
        for (const [key, item] of entries) made[key] = item;
        return made;
      }),
  ),
})).value;
