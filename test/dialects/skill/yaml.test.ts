import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MAX_DEPTH, readYaml, type YamlLabel } from "../../../src/dialects/skill/yaml-text.ts";
import { object, toText } from "../../../src/graph/value.ts";
import { check, frontEnd, messages, slice } from "./support.ts";
import { isRange } from "../../../src/graph/diagnostic.ts";

const value = (text: string, label: YamlLabel = "graph") => readYaml(text, label).value;
const problems = (text: string, label: YamlLabel = "graph") => readYaml(text, label).problems.map((one) => one.message);

describe("values", () => {
  test("numbers keep their kind and exact value", () => {
    expect(value("a: [1, 1.0, 1e3, 9007199254740993, -9223372036854775808, 0x10, -0.5]")).toEqual(
      object({ a: [1n, 1, 1000, 9007199254740993n, -9223372036854775808n, 16n, -0.5] }),
    );
  });

  test("an integer beyond 64 bits becomes a float", () => {
    expect(value("a: 18446744073709551616")).toEqual(object({ a: 18446744073709551616 }));
  });

  test("words of YAML 1.1 are text", () => {
    expect(value("a: [yes, no, on, off, 2026-05-18, ~, '']")).toEqual(
      object({ a: ["yes", "no", "on", "off", "2026-05-18", null, ""] }),
    );
  });

  test("a key called __proto__ is only a key", () => {
    expect(toText(value("__proto__: {a: 1}") ?? null)).toBe('{"__proto__":{"a":1}}');
  });

  test("anchors and aliases are allowed outside of X.yaml", () => {
    expect(value("a: &x [1]\nb: *x\n")).toEqual(object({ a: [1n], b: [1n] }));
  });

  test("block scalars may hold what looks like mappings", () => {
    expect(value("a: |\n  x: y: z\n  ? k\n")).toEqual(object({ a: "x: y: z\n? k\n" }));
  });
});

describe("the restricted subset", () => {
  const graph: readonly (readonly [string, string, string])[] = [
    [
      "an explicit key",
      "a: 1\n? b\n: 2\n",
      "graph: YAML parse failed: ambiguous YAML construct at line 2; quote the value or key: b",
    ],
    [
      "a key with a colon",
      "a:b: 1\n",
      "graph: YAML parse failed: ambiguous YAML construct at line 1; quote the value or key: a:b: 1",
    ],
    [
      "a plain value with a colon",
      "x: 1\na: b: c\n",
      "graph: YAML parse failed: ambiguous YAML construct at line 2; quote the value or key: b: c",
    ],
    [
      "such a value in a list",
      "x:\n  - a: b: c\n",
      "graph: YAML parse failed: ambiguous YAML construct at line 2; quote the value or key: b: c",
    ],
    ["a key twice", "a: 1\na: 2\n", 'graph: YAML parse failed: duplicate mapping key "a" at line 2'],
    ["a number as key", "1: x\n", "graph: YAML parse failed: mapping keys must be strings at line 1; quote the key"],
    ["a list as key", "[a]: x\n", "graph: YAML parse failed: mapping keys must be strings at line 1; quote the key"],
    ["an infinite number", "a: .inf\n", "graph: YAML parse failed: numbers must be finite at line 1"],
    ["two documents", "a: 1\n---\nb: 2\n", "graph: YAML parse failed: more than one document at line 2"],
    ["an alias of nothing", "a: *x\n", "graph: YAML parse failed: no anchor for the alias `x` at line 1"],
    [
      "an alias inside what it names",
      "a: &x [*x]\n",
      "graph: YAML parse failed: no anchor for the alias `x` at line 1",
    ],
    ["an open quote", "a: 'x\n", "graph: YAML parse failed: Missing closing 'quote at line 2"],
    ["a tab as indentation", "a:\n\tb: 1\n", "graph: YAML parse failed: Tabs are not allowed as indentation at line 2"],
  ];
  test.each(graph)("refuses %s", (_name, text, message) => {
    expect(problems(text)).toContain(message);
  });

  test("a quoted key may hold a colon", () => {
    expect(value('"a:b": 1\n')).toEqual(object({ "a:b": 1n }));
  });

  const manifest: readonly (readonly [string, string, string])[] = [
    [
      "a marker at the start",
      "---\na: 1\n",
      "YAML document markers are not supported in X.yaml at line 1; use one plain profile document.",
    ],
    [
      "a marker at the end",
      "a: 1\n...\n",
      "YAML document markers are not supported in X.yaml at line 2; use one plain profile document.",
    ],
    [
      "an anchor",
      "a: 1\nb: &x 1\n",
      "YAML anchors, aliases, and tags are not supported in X.yaml at line 2; write the profile explicitly.",
    ],
    [
      "an alias",
      "b: &x 1\na: *x\n",
      "YAML anchors, aliases, and tags are not supported in X.yaml at line 2; write the profile explicitly.",
    ],
    [
      "a tag",
      "a:\n  - !!str 1\n",
      "YAML anchors, aliases, and tags are not supported in X.yaml at line 2; write the profile explicitly.",
    ],
    [
      "a tag on a mapping",
      "a: !x {b: 1}\n",
      "YAML anchors, aliases, and tags are not supported in X.yaml at line 1; write the profile explicitly.",
    ],
    [
      "a merge key",
      "a: 1\n<<: {b: 1}\n",
      "YAML merge keys are not supported in X.yaml at line 2; write the profile explicitly.",
    ],
    [
      "a key twice",
      "a: 1\nb: {c: 1, c: 2}\n",
      'duplicate mapping key "c" in X.yaml at line 2; keep profile keys unique.',
    ],
  ];
  test.each(manifest)("X.yaml refuses %s", (_name, text, message) => {
    expect(problems(text, "runner_manifest")).toContain(`runner_manifest: YAML parse failed: ${message}`);
  });

  test("all problems of a text are reported", () => {
    expect(problems("a: 1\na: 2\nb:c: 3\n? d\n: 1\n")).toHaveLength(3);
  });
});

describe("limits", () => {
  test.each([
    ["a key that lost its colon", "name: x\nsteps\n  - id: a\n    run:\n      type: cli-tool\n  - id: b\n"],
    ["a key with a word behind it", "name: x\nsteps: y\n  - id: a\n    run:\n      type: cli-tool\n  - id: b\n"],
    [
      "braces that lost theirs",
      "name: x\nsteps:\n  - id: a\n    run {type: a, b: {c: d}}\n  - id: b\n    when:\n      field: c\n",
    ],
  ])("%s is one problem, whatever stands below it", (_, text) => {
    expect(problems(text)).toHaveLength(1);
  });

  test("what is broken beside a broken key is a problem of its own", () => {
    expect(problems("name\nsteps\n  - id: a: b\nowner: c: d\n").map((one) => /line \d+/.exec(one)?.[0])).toContain(
      "line 4",
    );
  });

  test("aliases that multiply are refused", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(", ")}]`,
      );
    expect(problems(lines.join("\n"))).toEqual(["graph: YAML parse failed: more than 200000 values, aliases expanded"]);
  });

  test.each(["[", "{a: ", "- ", "? "])("nesting of %s that would overflow the stack is refused", (opening) => {
    const found = problems(opening.repeat(20_000));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`nested more than ${MAX_DEPTH} levels deep`);
  });

  test("nesting below the limit is read", () => {
    const depth = MAX_DEPTH - 10;
    expect(problems(`a: ${"[".repeat(depth)}${"]".repeat(depth)}`)).toEqual([]);
  });
});

describe("forms of documents", () => {
  test("parse problems give no graph and a range of the text", () => {
    const text = "name: g\nsteps: [\n";
    const { graph, diagnostics } = frontEnd.parse(text, "graph.yaml");
    expect(graph).toBeNull();
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  test("a document that is no mapping is refused", () => {
    expect(messages("- a\n")).toEqual(["graph: YAML parse failed: the document must be a mapping"]);
    expect(messages("")).toEqual(["graph: YAML parse failed: the document must be a mapping"]);
  });

  test("a harness file says what it is", () => {
    expect(messages("name: x\n", "a/harness.yaml")[0]).toContain("running harness files is not available yet");
  });
});

const seeds = ["hello-graph/graph.yaml", "hello-world/X.yaml", "hello-world/SKILL.md", "fan-out/graph.yaml"].map(
  (name) => [name, readFileSync(new URL(`../../fixtures/skills/${name}`, import.meta.url), "utf8")] as const,
);
const pieces = [
  "- ",
  ": ",
  "'",
  '"',
  "[",
  "]",
  "{",
  "}",
  "&a ",
  "*a",
  "!t ",
  "\n",
  "  ",
  "\t",
  "#",
  "|\n",
  ">-\n",
  "? ",
  "---\n",
  "steps:",
  "id: x",
  "$input.a",
  "{{a}}",
  "\ufeff",
  "\u2028",
  "\ud800",
];

const mutated = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.tuple(fc.nat(), fc.nat(8), fc.constantFrom(...pieces)), { maxLength: 6 }),
  )
  .map(([[name, text], edits]) => {
    let made = text;
    for (const [where, cut, piece] of edits) {
      const at = where % (made.length + 1);
      made = made.slice(0, at) + piece + made.slice(at + cut);
    }
    return [name, made] as const;
  });
const arbitrary = fc.tuple(
  fc.constantFrom("graph.yaml", "X.yaml", "X.yaml#fast", "SKILL.md", "other.yml"),
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((list) => list.join("")),
  ),
);

describe("properties", () => {
  test("no text makes parse, validate or the locator throw, and every range lies in the text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, arbitrary), async ([name, text]) => {
        const locator = frontEnd.locator(text);
        const lines = text.split("\n");
        for (const one of check(text, name)) {
          const range = isRange(one.at) ? one.at : locator.range(one.at);
          for (const { line, character } of [range.start, range.end]) {
            expect(line).toBeLessThan(lines.length);
            expect(character).toBeLessThanOrEqual(lines[line]?.length ?? -1);
          }
          expect(
            range.start.line < range.end.line ||
              (range.start.line === range.end.line && range.start.character <= range.end.character),
          ).toBe(true);
          expect(one.message).not.toBe("");
          slice(text, range);
        }
      }),
      { numRuns: 400 },
    );
  });

  test("a text is read the same way every time", () => {
    fc.assert(
      fc.property(mutated, ([name, text]) => {
        expect(messages(text, name)).toEqual(messages(text, name));
      }),
      { numRuns: 50 },
    );
  });
});
