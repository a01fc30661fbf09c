import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { integerValue, jsonProblemText, parseJson } from "../../src/graph/json.ts";
import { object, toPlain, toText } from "../../src/graph/value.ts";
import { value } from "./values.ts";

/** The value's text, or the problem's. */
function outcome(text: string): string {
  const read = parseJson(text);
  return read.ok ? toText(read.value) : jsonProblemText(read.problem);
}

describe("parseJson accepts", () => {
  it.each([
    [" \t\r\n1 ", "1"],
    ['{"a":1,"a":2}', '{"a":2}'],
    ["1.0", "1.0"],
    ["1e3", "1000.0"],
    ["-0", "-0.0"],
    ["0e999", "0.0"],
    ["1E-400", "0.0"],
    ["9007199254740993", "9007199254740993"],
    ["18446744073709551615", "18446744073709551615"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["18446744073709551616", "1.8446744073709552e19"],
    ["-9223372036854775809", "-9.223372036854775807e18".replace("775807", "776")],
    ["999999999999999", "999999999999999"],
    ["-1000000000000000", "-1000000000000000"],
    ["123456789012345680.0", "1.2345678901234568e17"],
    ['"\\u00e9\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\"\\\\"', '"é😀/\\b\\f\\n\\r\\t\\"\\\\"'],
    ['"\\u0000"', '"\\u0000"'],
    ['"\u007f\u2028"', '"\u007f\u2028"'],
    ['{"__proto__":{"x":1},"":[]}', '{"":[],"__proto__":{"x":1}}'],
    ["[[],{},null,true,false]", "[[],{},null,true,false]"],
  ])("%s", (text, expected) => {
    expect(outcome(text)).toBe(expected);
  });

  it("nesting of 127 and refuses 128, unless told otherwise", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(parseJson(nested(127)).ok).toBe(true);
    expect(outcome(nested(128))).toBe("recursion limit exceeded at line 1 column 128");
    expect(outcome('{"a":'.repeat(128))).toBe("recursion limit exceeded at line 1 column 636");
    expect(parseJson(nested(1000), 1000).ok).toBe(true);
    expect(parseJson(`[${nested(100)},${nested(100)}]`).ok).toBe(true);
  });
});

describe("parseJson refuses, in the wording of spec/workflow.md §1.7,", () => {
  it.each([
    ["", "EOF while parsing a value at line 1 column 0"],
    ["\n", "EOF while parsing a value at line 2 column 0"],
    ["  ", "EOF while parsing a value at line 1 column 2"],
    ['{"a": 1} x', "trailing characters at line 1 column 10"],
    ["x", "expected value at line 1 column 1"],
    ["'a'", "expected value at line 1 column 1"],
    ["NaN", "expected value at line 1 column 1"],
    ["\ufeff{}", "expected value at line 1 column 1"],
    ["é", "expected value at line 1 column 1"],
    ["[1,\n é]", "expected value at line 2 column 2"],
    ["{a:1}", "key must be a string at line 1 column 2"],
    ["{1", "key must be a string at line 1 column 2"],
    ["{", "EOF while parsing an object at line 1 column 1"],
    ['{"a"', "EOF while parsing an object at line 1 column 4"],
    ['{"a":', "EOF while parsing a value at line 1 column 5"],
    ['{"a":1', "EOF while parsing an object at line 1 column 6"],
    ['{"a":1,', "EOF while parsing a value at line 1 column 7"],
    ['{"a":1,}', "trailing comma at line 1 column 8"],
    ['{"a" 1}', "expected `:` at line 1 column 6"],
    ['{"a":1 "b":2}', "expected `,` or `}` at line 1 column 8"],
    ['{"a":1,2}', "key must be a string at line 1 column 8"],
    ["[", "EOF while parsing a list at line 1 column 1"],
    ["[1", "EOF while parsing a list at line 1 column 2"],
    ["[1,", "EOF while parsing a value at line 1 column 3"],
    ["[1,]", "trailing comma at line 1 column 4"],
    ["[,", "expected value at line 1 column 2"],
    ["[1 2]", "expected `,` or `]` at line 1 column 4"],
    ["[1}", "expected `,` or `]` at line 1 column 3"],
    ["tru", "EOF while parsing a value at line 1 column 3"],
    ["trux", "expected ident at line 1 column 4"],
    ["nul\n", "expected ident at line 2 column 0"],
    ["-", "EOF while parsing a value at line 1 column 1"],
    ["-x", "invalid number at line 1 column 2"],
    ["01", "invalid number at line 1 column 2"],
    ["-01", "invalid number at line 1 column 3"],
    ["1.", "EOF while parsing a value at line 1 column 2"],
    ["1.x", "invalid number at line 1 column 3"],
    ["[1.]", "invalid number at line 1 column 4"],
    ["1e", "EOF while parsing a value at line 1 column 2"],
    ["1e+", "EOF while parsing a value at line 1 column 3"],
    ["1e+x", "invalid number at line 1 column 4"],
    ["1.5.2", "trailing characters at line 1 column 4"],
    ["[1e5e5]", "expected `,` or `]` at line 1 column 5"],
    ["+1", "expected value at line 1 column 1"],
    ["1E400", "number out of range at line 1 column 5"],
    ["[1E400]", "number out of range at line 1 column 6"],
    ["1e99999999999", "number out of range at line 1 column 12"],
    [`1${"0".repeat(400)}`, "number out of range at line 1 column 401"],
    ['"a', "EOF while parsing a string at line 1 column 2"],
    ['"a\\', "EOF while parsing a string at line 1 column 3"],
    ['"a\\"', "EOF while parsing a string at line 1 column 4"],
    ['"\\x"', "invalid escape at line 1 column 3"],
    ['"\\é"', "invalid escape at line 1 column 3"],
    ['"\\u12"', "EOF while parsing a string at line 1 column 6"],
    ['"\\u12x4"', "invalid escape at line 1 column 7"],
    ['"\\ud800"', "unexpected end of hex escape at line 1 column 8"],
    ['"\\ud800\\n"', "unexpected end of hex escape at line 1 column 9"],
    ['"\\ud800', "EOF while parsing a string at line 1 column 7"],
    ['"\\ud800\\u0041"', "lone leading surrogate in hex escape at line 1 column 13"],
    ['"\\udc00"', "lone leading surrogate in hex escape at line 1 column 7"],
    ['"a\nb"', "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0"],
    ['"a\tb"', "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 3"],
    [
      `"${"é".repeat(40)}\u0001"`,
      "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 82",
    ],
    ['{"é😀": x}', "expected value at line 1 column 12"],
  ])("%j", (text, expected) => {
    expect(outcome(text)).toBe(expected);
  });
});

describe("parseJson", () => {
  it("never throws, and accepts what the platform accepts but for lone surrogates, depth and overflow", () => {
    const jsonLike = fc.string({
      unit: fc.constantFrom(...'{}[]",:0123456789.eE+-tfn \n\\u', "true", "null", "é", '"a"', "\\ud800", "\\n"),
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.oneof(jsonLike, fc.string({ unit: "binary" })), (text) => {
        const read = parseJson(text);
        let platform: unknown;
        try {
          platform = JSON.parse(text);
        } catch {
          expect(read.ok).toBe(false);
          return;
        }
        if (read.ok) expect(toPlain(read.value)).toEqual(platform);
        else expect(read.problem.what).toMatch(/number out of range|surrogate|hex escape/);
      }),
      { numRuns: 5000 },
    );
  });

  it("finds a broken place in every damaged text, within the text", () => {
    fc.assert(
      fc.property(value, fc.nat(), (v, cut) => {
        const whole = toText(v);
        const text = whole.slice(0, cut % (whole.length + 1));
        const read = parseJson(text);
        if (read.ok) return;
        expect(read.problem.line).toBe(1);
        expect(read.problem.column).toBeLessThanOrEqual(Buffer.byteLength(text));
      }),
      { numRuns: 1000 },
    );
  });

  it("reads strings of any length and escapes alike", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "é", '\\"', "\\\\", "\\n", "\\u00e9", "\\ud83d\\ude00"), { maxLength: 80 }),
        (parts) => {
          const literal = `"${parts.join("")}"`;
          const read = parseJson(literal);
          expect(read.ok && read.value).toBe(JSON.parse(literal));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("stays linear on long runs of backslashes and on many broken strings", () => {
    const started = performance.now();
    expect(parseJson(`"${"\\\\".repeat(500_000)}"`).ok).toBe(true);
    expect(parseJson(`["${'\\"'.repeat(500_000)}`).ok).toBe(false);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe("integerValue", () => {
  it("is exact over i64 and u64 and the nearest float beyond", () => {
    expect(integerValue("-5")).toBe(-5n);
    expect(integerValue("18446744073709551615")).toBe(18446744073709551615n);
    expect(integerValue("18446744073709551616")).toBe(18446744073709551616);
  });

  it("gives objects that inherit nothing", () => {
    const read = parseJson('{"a":{}}');
    expect(read.ok && "hasOwnProperty" in (read.value as object)).toBe(false);
    expect(read.ok && read.value).toEqual(object({ a: object() }));
  });
});
