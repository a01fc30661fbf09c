import fc from "fast-check";
import { parseDocument, stringify } from "yaml";
import { describe, expect, test } from "vitest";
import { frontEnd, slice } from "./support.ts";
import type { Place } from "../../../src/graph/diagnostic.ts";

const at = async (text: string, place: Place): Promise<string> => slice(text, frontEnd.locator(text).range(place));

describe("places", () => {
  const text = `name: g # the name\nsteps:\n  - id: "a"\n    inputs: {k: [1, 'two']}\n  - id: b\n    when:\n      field: a.x\n      equals: 1\n\npolicy:\n`;
  const table: readonly (readonly [string, Place, string])[] = [
    ["a key", { path: ["steps", 0, "id"], part: "key" }, "id"],
    ["a value", { path: ["steps", 0, "id"], part: "value" }, '"a"'],
    ["a key with its value", { path: ["steps", 0, "id"], part: "construct" }, 'id: "a"'],
    ["a value without what follows", { path: ["name"] }, "g"],
    ["an element of a list in one line", { path: ["steps", 0, "inputs", "k", 1] }, "'two'"],
    ["a step", { path: ["steps", 1], part: "construct" }, "id: b\n    when:\n      field: a.x\n      equals: 1"],
    [
      "a mapping without the blank lines behind it",
      { path: ["steps", 1, "when"], part: "value" },
      "field: a.x\n      equals: 1",
    ],
    [
      "the nearest ancestor of what is not there",
      { path: ["steps", 1, "when", "not_equals", "x"] },
      "field: a.x\n      equals: 1",
    ],
    ["a key without a value", { path: ["policy"], part: "construct" }, "policy:"],
    ["nothing of what is missing at the top", { path: ["fanout"] }, ""],
  ];
  test.each(table)("%s", async (_name, place, expected) => {
    expect(await at(text, place)).toBe(expected);
  });

  test("columns count UTF-16 units", async () => {
    const range = frontEnd.locator("name: '😀x' \n").range({ path: ["name"] });
    expect(range).toEqual({ start: { line: 0, character: 6 }, end: { line: 0, character: 11 } });
  });

  test("text with errors still has places", async () => {
    expect(await at("name: g\nsteps:\n  - id: a\n    x: [1, 2\n", { path: ["steps", 0, "id"] })).toBe("a");
  });
});

describe("parts of a string", () => {
  const marker = "{{ who }}";
  const forms: readonly (readonly [string, string])[] = [
    ["plain", `a: say ${marker} now\n`],
    ["plain over two lines", `a: say\n  then ${marker} now\n`],
    ["single quoted", `a: 'it''s ${marker}'\n`],
    ["double quoted", `a: "t\\tx\\u00e9\\"${marker}"\n`],
    ["double quoted over lines", `a: "one \\\n   two\n   three\n\n   ${marker}"\n`],
    ["literal block", `a: |\n  first\n\n  x ${marker}\n`],
    ["folded block", `a: >-\n  first\n  second\n\n  x ${marker} y\n  z\n`],
    ["block with its own indentation", `a: |2\n    indented\n  x ${marker}\n`],
    ["in a list", `a: [b, "x ${marker}"]\n`],
  ];
  test.each(forms)("%s", async (name, text) => {
    const inner = name === "in a list" ? ["a", 1] : ["a"];
    const parsed = parseDocument(text).toJS() as { a: string | string[] };
    const decoded = typeof parsed.a === "string" ? parsed.a : (parsed.a[1] as string);
    const from = decoded.indexOf(marker);
    expect(from).toBeGreaterThanOrEqual(0);
    expect(await at(text, { path: inner, part: "value", within: { from, to: from + marker.length } })).toBe(marker);
  });

  test("every part of every string without a break is found where it stands", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom(..."abc 'x\"\\{}:#-é😀\t"), minLength: 1, maxLength: 20 }),
        fc.constantFrom("QUOTE_DOUBLE", "QUOTE_SINGLE", "PLAIN"),
        fc.nat(),
        async (value, type, seed) => {
          const text = stringify({ a: value }, { defaultStringType: type, lineWidth: 0 });
          const from = seed % value.length;
          const to = from + 1;
          const found = await at(text, { path: ["a"], part: "value", within: { from, to } });
          const unescaped =
            type === "QUOTE_DOUBLE" || found.length !== 1
              ? found
                  .replace(/^\\t$/, "\t")
                  .replace(/^\\(.)$/, "$1")
                  .replace("''", "'")
              : found;
          expect(unescaped).toBe(value.slice(from, to));
        },
      ),
      { numRuns: 200 },
    );
  });
});
