/** The faster ways of reading receipts give what the plain ones give. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalText, canonicalTextOf } from "../../src/receipts/canonical.ts";
import { differencesOf } from "../../src/receipts/export/differences.ts";
import { time } from "../../src/receipts/shape.ts";

const key = fc.oneof(fc.string(), fc.constantFrom("a", "b_1", "10", "9", "", "__proto__", "toJSON"));
const json = fc.jsonValue({ maxDepth: 4 });
const data = fc.oneof(json, fc.dictionary(key, json), fc.array(fc.dictionary(key, json)));

test("data whose keys are in order has the same canonical text either way", () => {
  fc.assert(
    fc.property(data, (value) => {
      const text = canonicalText(value);
      expect(canonicalTextOf(value)).toBe(text);
      const read: unknown = JSON.parse(text);
      expect(canonicalTextOf(read)).toBe(text);
    }),
  );
});

test("what is no JSON is refused either way", () => {
  for (const value of [undefined, Number.NaN, [undefined], () => 1])
    expect(() => canonicalTextOf(value)).toThrow(TypeError);
});

test("a time is one that the calendar knows", () => {
  const two = (n: number): string => String(n).padStart(2, "0");
  const part = fc.integer({ min: 0, max: 63 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9999 }), part, part, part, part, part, (year, ...rest) => {
      const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest;
      const shown = `${String(year).padStart(4, "0")}-${two(month % 15)}-${two(day % 34)}T${two(hour % 26)}:${two(minute)}:${two(second)}Z`;
      const at = new Date(shown);
      const exists = !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 19) === shown.slice(0, 19);
      expect(time(shown, "t") === null, shown).toBe(exists);
    }),
    { numRuns: 2000 },
  );
});

test("differences name the fields, and are as many as are asked for", () => {
  const one = { a: { b: [1, 2, 3] }, c: "x", "d.e": 1 };
  const other = { a: { b: [1, 9] }, c: "x", f: null };
  expect(differencesOf(one, other, "r", 10).map(({ path }) => path)).toEqual([
    "r.a.b[1]",
    "r.a.b[2]",
    'r."d.e"',
    "r.f",
  ]);
  expect(differencesOf(one, other, "", 2).map(({ path }) => path)).toEqual(["a.b[1]", "a.b[2]"]);
  fc.assert(
    fc.property(json, (value) => {
      expect(differencesOf(value, structuredClone(value), "", 5)).toEqual([]);
    }),
  );
});
