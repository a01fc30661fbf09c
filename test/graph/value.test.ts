import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../src/graph/json.ts";
import {
  compareKeys,
  deeperThan,
  displayText,
  equal,
  floatText,
  fromPlain,
  isArray,
  isObject,
  member,
  object,
  sortedKeys,
  stringText,
  toPlain,
  toPrettyText,
  toText,
  truthy,
  typeName,
  wellFormed,
  type Value,
} from "../../src/graph/value.ts";
import { float, integer, text, value } from "./values.ts";

describe("floatText", () => {
  it.each([
    [1, "1.0"],
    [1e3, "1000.0"],
    [1e15, "1000000000000000.0"],
    [9999999999999998, "9999999999999998.0"],
    [1e16, "1e16"],
    [1e21, "1e21"],
    [1.5e-5, "0.000015"],
    [1e-5, "0.00001"],
    [9.99e-6, "9.99e-6"],
    [1e-6, "1e-6"],
    [1.5e-6, "1.5e-6"],
    [-2.5e-6, "-2.5e-6"],
    [1e-7, "1e-7"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e308"],
    [123456789012345680, "1.2345678901234568e17"],
    [-123456789012345680, "-1.2345678901234568e17"],
    [18446744073709551616, "1.8446744073709552e19"],
    [0, "0.0"],
    [-0, "-0.0"],
    [0.1, "0.1"],
    [-123.25, "-123.25"],
    [1234567890123456.8, "1234567890123456.8"],
  ])("writes %d as %s", (x, expected) => {
    expect(floatText(x)).toBe(expected);
  });

  it("reads back as the same float and never as an integer", () => {
    fc.assert(
      fc.property(float, (x) => {
        const read = parseJson(floatText(x));
        expect(read.ok && Object.is(read.value, x)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("uses an exponent exactly outside 1e-5 ≤ |x| < 1e16, without plus or padding", () => {
    fc.assert(
      fc.property(float, (x) => {
        const size = Math.abs(x);
        const written = floatText(x);
        const plain = size === 0 || (size >= 1e-5 && size < 1e16);
        expect(written).toMatch(plain ? /^-?[0-9]+\.[0-9]+$/ : /^-?[1-9](\.[0-9]*[1-9])?e-?[1-9][0-9]*$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("toText", () => {
  it("keeps integers exact over i64 and u64", () => {
    for (const integer of [9007199254740993n, 18446744073709551615n, -9223372036854775808n, 0n, -1n]) {
      expect(toText(integer)).toBe(integer.toString());
    }
  });

  it("orders keys by their UTF-8 bytes, astral ones behind U+E000 to U+FFFF", () => {
    expect(toText(object({ b: 1n, a: 2n, B: 3n }))).toBe('{"B":3,"a":2,"b":1}');
    expect(toText(object({ "10": 1n, "9": 2n, "": 3n }))).toBe('{"":3,"10":1,"9":2}');
    expect(sortedKeys(object({ "😀": 1n, "\uffff": 1n, "\ue000": 1n, z: 1n }))).toEqual([
      "z",
      "\ue000",
      "\uffff",
      "😀",
    ]);
  });

  it("sorts large objects too", () => {
    const made = object();
    for (let i = 99; i >= 0; i--) made[`k${i}`] = BigInt(i);
    expect(sortedKeys(made)).toEqual(Array.from({ length: 100 }, (_, i) => `k${i}`).sort());
  });

  it("escapes quotes, backslashes and C0 controls only", () => {
    expect(stringText('a"b\\c\b\t\n\f\r\u0000\u001f')).toBe('"a\\"b\\\\c\\b\\t\\n\\f\\r\\u0000\\u001f"');
    expect(stringText("/<>&\u007f\u2028é😀")).toBe('"/<>&\u007f\u2028é😀"');
    expect(stringText('😀"')).toBe('"😀\\""');
  });

  it("keeps __proto__ an ordinary key", () => {
    const made = object();
    made["__proto__"] = object({ polluted: true });
    expect(toText(made)).toBe('{"__proto__":{"polluted":true}}');
    expect(member(object(), "__proto__")).toBeUndefined();
    expect(member(object(), "constructor")).toBeUndefined();
    expect("toString" in object()).toBe(false);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("parses back to the same value", () => {
    fc.assert(
      fc.property(value, (v) => {
        const read = parseJson(toText(v));
        expect(read.ok && equal(read.value, v)).toBe(true);
        expect(read.ok && toText(read.value)).toBe(toText(v));
      }),
      { numRuns: 1000 },
    );
  });

  it("agrees with the platform on values without floats, but for the order of keys", () => {
    fc.assert(
      fc.property(value, (v) => {
        const plain = toPlain(v);
        expect(toPlain(fromPlain(plain))).toEqual(plain);
      }),
    );
  });
});

describe("toPrettyText", () => {
  it("indents by two and keeps empty containers on one line", () => {
    expect(toPrettyText(object({ b: [1n, 1, []], a: object() }))).toBe(
      '{\n  "a": {},\n  "b": [\n    1,\n    1.0,\n    []\n  ]\n}',
    );
  });

  it("says the same as the compact text", () => {
    fc.assert(
      fc.property(value, (v) => {
        const read = parseJson(toPrettyText(v));
        expect(read.ok && toText(read.value)).toBe(toText(v));
      }),
    );
  });
});

describe("compareKeys", () => {
  it("orders as the UTF-8 bytes do", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("equal", () => {
  it('tells 1, 1.0, "1" and true apart', () => {
    const all: Value[] = [1n, 1, "1", true];
    for (const a of all) for (const b of all) expect(equal(a, b)).toBe(a === b);
  });

  it("takes -0.0 for 0.0, and compares objects whatever the order of their keys", () => {
    expect(equal(-0, 0)).toBe(true);
    expect(equal(object({ a: 1n, b: [null] }), object({ b: [null], a: 1n }))).toBe(true);
    expect(equal(object({ a: 1n }), object({ b: 1n }))).toBe(false);
    expect(equal([], object())).toBe(false);
    expect(equal([1n], [1n, 2n])).toBe(false);
  });

  it("agrees with the equality of texts, signed zeros apart", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const normal = (v: Value) => toText(v).replaceAll("-0.0", "0.0");
        expect(equal(a, b)).toBe(normal(a) === normal(b));
      }),
    );
  });
});

describe("truthy", () => {
  it.each<[Value, boolean]>([
    [null, false],
    [false, false],
    [0n, false],
    [0, false],
    [-0, false],
    ["", false],
    [[], false],
    [object(), false],
    ["false", true],
    ["0", true],
    [[null], true],
    [object({ a: null }), true],
    [-1n, true],
    [1e-300, true],
  ])("of %o is %s", (v, expected) => {
    expect(truthy(v)).toBe(expected);
  });
});

describe("fromPlain and toPlain", () => {
  it("make whole numbers integers, others floats, and leave undefined out", () => {
    expect(toText(fromPlain({ a: 1, b: 1.5, c: undefined, d: [undefined], e: -0, f: 2 ** 60 }))).toBe(
      '{"a":1,"b":1.5,"d":[null],"e":-0.0,"f":1152921504606846976.0}'.replace(
        "1152921504606846976.0",
        "1.152921504606847e18",
      ),
    );
  });

  it("replace lone surrogates, so that memory and disk agree", () => {
    expect(fromPlain("a\ud800b")).toBe("a\ufffdb");
    expect(Object.keys(fromPlain({ "\udc00": 1 }) as object)).toEqual(["\ufffd"]);
    expect(wellFormed("😀")).toBe("😀");
    expect(Buffer.from(toText('\ud800"'))).toEqual(Buffer.from('"\ufffd\\""'));
  });

  it("refuse what JSON has no value for", () => {
    for (const bad of [NaN, Infinity, () => 1, Symbol("x"), { a: NaN }]) {
      expect(() => fromPlain(bad)).toThrow(TypeError);
    }
  });

  it("give libraries an own __proto__ member, not another prototype", () => {
    const made = object();
    made["__proto__"] = object({ a: 1n });
    const plain = toPlain(made) as Record<string, unknown>;
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
    expect(Object.keys(plain)).toEqual(["__proto__"]);
  });
});

describe("small helpers", () => {
  it("name types as error messages do", () => {
    expect([null, true, 1n, 1, "", [], object()].map(typeName)).toEqual([
      "null",
      "bool",
      "number",
      "number",
      "string",
      "array",
      "object",
    ]);
  });

  it("tell arrays, objects and scalars apart", () => {
    expect([null, 1n, "", [], object()].map((v) => [isArray(v), isObject(v)])).toEqual([
      [false, false],
      [false, false],
      [false, false],
      [true, false],
      [false, true],
    ]);
    expect(isObject(undefined)).toBe(false);
  });

  it("show strings as they are and anything else as JSON", () => {
    expect(displayText("a\n")).toBe("a\n");
    expect(displayText(object({ a: 1 }))).toBe('{"a":1.0}');
  });

  it("measure nesting without following it further than asked", () => {
    let deep: Value = 1n;
    for (let i = 0; i < 20_000; i++) deep = [deep];
    expect(deeperThan(deep, 127)).toBe(true);
    expect(deeperThan([[1n], object({ a: [] })], 3)).toBe(false);
    expect(deeperThan([[1n], object({ a: [[]] })], 2)).toBe(true);
    expect(deeperThan("x", 0)).toBe(false);
  });
});

it("integers and floats keep their kind through a trip", () => {
  fc.assert(
    fc.property(integer, float, (i, f) => {
      const read = parseJson(toText([i, f]));
      expect(read.ok && read.value).toEqual([i, f]);
    }),
  );
});
