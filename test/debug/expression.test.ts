import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate, parseExpression } from "../../src/debug/expression.ts";
import { parseJson } from "../../src/graph/json.ts";
import { walk } from "../../src/graph/reference.ts";
import { toText, type Value } from "../../src/graph/value.ts";

const world = parseJson(
  '{"load":{"bytes":120,"name":"a b","big":9007199254740993,"list":[1,"x",{"k":null}],"done":false},"with-dash":{"v":1.5},"trigger":{"payload":"hi"}}',
);

function value(text: string): Value {
  const parsed = parseExpression(text);
  if (!parsed.ok) throw new Error(`${parsed.problem.message} at ${parsed.problem.at}`);
  return evaluate(parsed.expression, (reference) => (world.ok ? walk(world.value, reference.split(".")) : undefined));
}

describe("expressions", () => {
  test.each([
    ["load.bytes > 100", true],
    ["load.bytes>100&&load.bytes<=120", true],
    ["load.bytes == 120.0", true],
    ["load.big == 9007199254740992", false],
    ["load.big > 9007199254740992", true],
    ["load.list[1]", "x"],
    ["load.list.2.k == null", true],
    ['load.name == "a b"', true],
    ['load.name contains "a"', true],
    ["load.list contains 1", true],
    ['load contains "done"', true],
    ['load.containsX == null || "containsX" contains "X"', true],
    ["with-dash.v >= 1.5", true],
    ["!load.done", true],
    ["!(load.done || load.bytes == 120)", false],
    ["missing.whatever == null", true],
    ["missing < 1", false],
    ['"a" < "b"', true],
    ['1 < "b"', false],
    ['load.list == [1, "x", {"k": null}]', true],
    ["true && false || true", true],
    ["load.bytes != 120", false],
    ["-1 < 0", true],
  ])("%s is %j", (text, expected) => {
    expect(toText(value(text))).toBe(JSON.stringify(expected));
  });

  test.each([
    ["", "the expression ends where a reference or a value is expected", 0],
    ["load.bytes >", "the expression ends where a reference or a value is expected", 12],
    ["(load", "the expression ends where `)` is expected", 5],
    ["load bytes", "there is `bytes` where an operator or the end is expected", 5],
    ['"open', "the text has no closing quote", 0],
    ["[1, 2", "the value is not closed", 0],
    ["{a: 1}", "`{a: 1}` is no JSON value", 0],
    ["process.exit()", "there is `()` where an operator or the end is expected", 12],
    ["a = b", "there is `= b` where an operator or the end is expected", 2],
    ["(".repeat(100), "the expression is nested too deeply", 64],
  ])("%j is refused with a place", (text, message, at) => {
    expect(parseExpression(text)).toEqual({ ok: false, problem: { message, at } });
  });

  test("any text is read or refused, and what was read has a value", () => {
    const token = fc.constantFrom(
      "load",
      ".",
      "bytes",
      "&&",
      "||",
      "!",
      "(",
      ")",
      "==",
      "contains",
      "1",
      '"x"',
      " ",
      "[",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(token).map((all) => all.join("")),
        ),
        (text) => {
          const parsed = parseExpression(text);
          if (parsed.ok) expect(evaluate(parsed.expression, () => undefined)).not.toBeUndefined();
          else expect(parsed.problem.at).toBeLessThanOrEqual(text.length);
        },
      ),
    );
  });
});
