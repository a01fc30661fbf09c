import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import type { DocumentPath, Place } from "../../../src/graph/diagnostic.ts";
import { frontEnd, slice } from "./front-end.ts";

/** What places of a text cover. */
function at(text: string, ...places: Place[]): string[] {
  const locator = frontEnd.locator(text);
  return places.map((place) => slice(text, locator.range(place)));
}

const value = (...path: DocumentPath): Place => ({ path, part: "value" });
const key = (...path: DocumentPath): Place => ({ path, part: "key" });
const construct = (...path: DocumentPath): Place => ({ path, part: "construct" });

describe("tables are found however they are written", () => {
  it("array tables and their sub-tables", () => {
    const text = `name = "w"

[[nodes]]   # first
id = "a"

[[ nodes ]]
id = "b"
retry.max_attempts = 3 # total

[nodes.headers]
"X Y" = 'z'

# between
[[edges]]
from = "a"
`;
    expect(
      at(
        text,
        value("nodes", 1, "id"),
        key("nodes", 1),
        key("nodes", 0),
        value("nodes", 1, "retry", "max_attempts"),
        key("nodes", 1, "retry"),
        construct("nodes", 1, "retry"),
        key("nodes", 1, "headers", "X Y"),
        value("nodes", 1, "headers", "X Y"),
        key("nodes", 1, "headers"),
        construct("nodes", 1, "headers"),
        construct("nodes", 0),
        value("edges", 0, "from"),
        construct("edges"),
      ),
    ).toEqual([
      '"b"',
      "[[ nodes ]]",
      "[[nodes]]",
      "3",
      "retry",
      "retry.max_attempts = 3",
      '"X Y"',
      "'z'",
      "[nodes.headers]",
      "[nodes.headers]\n\"X Y\" = 'z'",
      '[[nodes]]   # first\nid = "a"',
      '"a"',
      '[[edges]]\nfrom = "a"',
    ]);
    expect(at(text, construct("nodes", 1))).toEqual([
      `[[ nodes ]]\nid = "b"\nretry.max_attempts = 3 # total\n\n[nodes.headers]\n"X Y" = 'z'`,
    ]);
  });

  it("wrapped documents", () => {
    const text = `[[workflows]]\nname = "w"\n[[workflows.nodes]]\nid = "a"\n[[workflows.nodes]]\nid = "b"\n[workflows.nodes.retry]\non = "any"\n[workflows.policy.fs]\nread = ["x"]\n`;
    expect(
      at(
        text,
        value("workflows", 0, "name"),
        value("workflows", 0, "nodes", 1, "retry", "on"),
        value("workflows", 0, "policy", "fs", "read", 0),
        key("workflows", 0, "policy"),
        key("workflows", 0),
        key("workflows"),
      ),
    ).toEqual(['"w"', '"any"', '"x"', "policy", "[[workflows]]", "[[workflows]]"]);
  });

  it("inline arrays of tables, over several lines", () => {
    const text = `nodes = [\n  { id = "a", retry = { on = "any" } }, # c\n  { id = "b" },\n]\nedges = [{ from = "a" }]\n`;
    expect(
      at(
        text,
        value("nodes", 0, "retry", "on"),
        construct("nodes", 0, "retry"),
        key("nodes", 1),
        value("nodes", 1, "id"),
        construct("nodes", 1, "id"),
        construct("edges"),
      ),
    ).toEqual(['"any"', 'retry = { on = "any" }', '{ id = "b" }', '"b"', 'id = "b"', 'edges = [{ from = "a" }]']);
  });

  it("dotted headers and keys with quotes and blanks", () => {
    const text = `[ auth . "bearer" . 'a.b' ]\ntokens . "\\u0078" = [1, [2, "\\U0001F600"]]\n"é" = 1\n`;
    expect(
      at(
        text,
        value("auth", "bearer", "a.b", "tokens", "x", 1, 1),
        key("auth", "bearer", "a.b", "tokens", "x"),
        key("auth", "bearer"),
        key("auth", "bearer", "a.b", "é"),
      ),
    ).toEqual(['"\\U0001F600"', '"\\u0078"', '"bearer"', '"é"']);
  });

  it("what TOML 1.1 added", () => {
    const text = `a = { b = 1, # c\n  d = [\n 2 ], # }\n  e = { f = "\\e", }, }\ng = """x \\ \n  y\\x41z"""\nt = 07:32\nu = 1979-05-27 07:32Z\n[v]\nw = 1\n`;
    expect(parse(text)).toHaveProperty("v");
    expect(
      at(text, value("a", "e", "f"), value("a", "d", 0), value("g"), value("t"), value("u"), value("v", "w")),
    ).toEqual(['"\\e"', "2", '"""x \\ \n  y\\x41z"""', "07:32", "1979-05-27 07:32Z", "1"]);
    expect(at(text, { ...value("g"), within: { from: 2, to: 4 } })).toEqual(["y\\x41"]);
  });
});

describe("places inside strings", () => {
  const within = (literal: string, part: string): string => {
    const text = `x = ${literal}\n`;
    const decoded = parse(text)["x"] as string;
    const from = decoded.indexOf(part);
    expect(from).toBeGreaterThanOrEqual(0);
    const [found] = at(text, { ...value("x"), within: { from, to: from + part.length } });
    return found as string;
  };

  it.each([
    ['"Hi {{ name }}"', "{{ name }}", "{{ name }}"],
    ['"\\t\\"é\\u00e9\\U0001F600{{x}}"', "{{x}}", "{{x}}"],
    ['"a\\u007b\\u007bx}}b"', "{{x}}", "\\u007b\\u007bx}}"],
    ['"a\\U0001F600b"', "\u{1f600}", "\\U0001F600"],
    ["'C:\\{{x}}'", "{{x}}", "{{x}}"],
    ['"""\n{{x}}\n"""', "{{x}}", "{{x}}"],
    ['"""\r\nA\r\n{{x}}"""', "{{x}}", "{{x}}"],
    ['"""a \\\n\n    {{x}}"""', "{{x}}", "{{x}}"],
    ['"""a \\\n  b"""', "a b", "a \\\n  b"],
    ['"""a{{x}}"""""', '}}""', '}}""'],
    ["'''\n'{{x}}''''", "{{x}}'", "{{x}}'"],
    ['""', "", ""],
    ['"abc"', "", ""],
  ])("%j: %j is %j", (literal, part, source) => {
    expect(within(literal, part)).toBe(source);
  });

  it("offsets beyond the string end with it, and other values count whole", () => {
    expect(at('x = "abc"', { ...value("x"), within: { from: 1, to: 99 } })).toEqual(["bc"]);
    expect(at('x = "abc"', { ...value("x"), within: { from: 50, to: 99 } })).toEqual([""]);
    expect(at("x = 12", { ...value("x"), within: { from: 0, to: 1 } })).toEqual(["12"]);
  });
});

describe("what is not there", () => {
  const text = '# comment\nname = "w"\n[[nodes]]\nid = "a"\nheaders = {}\n';

  it("gives the nearest part that is", () => {
    expect(
      at(
        text,
        value("nodes", 0, "path_from"),
        value("nodes", 7, "id"),
        value("nodes", 0, "headers", "X"),
        value("edges", 0),
        key(),
        construct(),
      ),
    ).toEqual(["[[nodes]]", "[[nodes]]", "headers", "# comment", "# comment", text]);
  });

  it("without a part, a table means its header and a key its value", () => {
    expect(at(text, { path: ["nodes", 0] }, { path: ["nodes", 0, "id"] })).toEqual(["[[nodes]]", '"a"']);
  });

  it("in an empty text, gives its start", () => {
    expect(at("", value("name"), construct())).toEqual(["", ""]);
  });
});

describe("text that does not parse", () => {
  it.each([
    ["a value is missing", '[[nodes]]\nid = \ntype = "x"\n[[nodes]]\nid = "b"\n'],
    ["an equals sign is missing", '[[nodes]]\nid\ntype = "x"\n[[nodes]]\nid = "b"\n'],
    ["a header is not closed", '[[nodes\nid = "a"\n[[nodes]]\nid = "b"\n'],
    ["a string is not closed", '[[nodes]]\nid = "a\ntype = "x"\n[[nodes]]\nid = "b"\n'],
    ["two keys share a line", '[[nodes]]\nid = "a" type = "x"\n[[nodes]]\nid = "b"\n'],
    ["a key is there twice", '[[nodes]]\nid = "a"\nid = "z"\n[[nodes]]\nid = "b"\n'],
  ])("keeps the places behind it when %s", (_name, text) => {
    expect(at(text, value("nodes", 1, "id"), key("nodes", 1))).toEqual(['"b"', "[[nodes]]"]);
  });

  it("does not take lines of a string or an array for headers", () => {
    const text = `[[nodes]]
id = "a"
body_template = """
[section]
[[nodes]]
"""
tools = [
  ["x"]
]
status = 200
[[nodes]]
id = "b
[[nodes
id = "c"
[[nodes]]
id = "d"
`;
    expect(at(text, value("nodes", 0, "status"), value("nodes", 3, "id"), key("section"))).toEqual([
      "200",
      '"d"',
      "[[nodes]]",
    ]);
  });

  it("finds its way through an error in every table", () => {
    const text = Array.from({ length: 500 }, (_, i) => `[[nodes]]\nid = "n${i}"\nx = [1,\n`).join("");
    expect(at(text, value("nodes", 499, "id"), value("nodes", 250, "id"))).toEqual(['"n499"', '"n250"']);
  });

  it("knows a key whose value is not written yet", () => {
    expect(at("[[nodes]]\nid =\ntype = 'x'\n", value("nodes", 0, "id"))).toEqual(["id"]);
  });
});
