import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dot, mermaid } from "../../src/draw/text.ts";
import { pathsInWords } from "../../src/draw/words.ts";
import { graph } from "../engine/harness.ts";

const hostile = [
  'end"] --> x',
  "a|b",
  "#quot;",
  "#35;",
  "<script>alert(1)</script>",
  "`code`",
  '%%{init: {"theme":"dark"}}%%',
  "line\nbreak",
  "back\\slash\\n",
  "ends with \\",
  "1. list",
  "- list",
  "*bold* _it_ ~~no~~",
  "[link](http://x.example)",
  "subgraph",
  "end",
  "\u0000\u001b[2J",
  "名前 ✓",
];

/** Reads a Mermaid string back as a browser shows it. */
function shownByMermaid(quoted: string): string {
  return quoted
    .replaceAll("<br/>", "\n")
    .replace(/#([0-9]+|quot);/g, (_, code: string) => (code === "quot" ? '"' : String.fromCharCode(Number(code))));
}

/** Reads a DOT string back as Graphviz shows it. */
function shownByDot(quoted: string): string {
  return quoted.replace(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one)).replaceAll("&amp;", "&");
}

const visible = (text: string): string =>
  // Control characters have no place in either form.
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (unit) => (unit === "\n" ? unit : "\ufffd"));

describe("graphs as text", () => {
  it("draws entries, branches and loops as Mermaid", () => {
    const one = graph("g", { a: "condition", b: "merge", c: "fail" }, [
      ["a", "b", "true"],
      ["a", "c", "false"],
      ["b", "a", null, 3],
    ]);
    expect(mermaid(one)).toBe(
      [
        "flowchart TD",
        '  s0(["main · manual"])',
        '  n0{"a<br/>condition"}',
        '  n1["b<br/>merge"]',
        '  n2(["c<br/>fail"])',
        "  s0 --> n0",
        '  n0 -->|"true"| n1',
        '  n0 -->|"false"| n2',
        '  n1 -.->|"≤3×"| n0',
        "",
      ].join("\n"),
    );
  });

  it("draws the same as DOT", () => {
    const one = graph("g", { a: "condition", b: "merge" }, [
      ["a", "b", "true"],
      ["b", "a", null, 3],
    ]);
    expect(dot(one)).toBe(
      [
        'digraph "g" {',
        "  rankdir=TB;",
        '  node [shape=box, fontname="sans-serif"];',
        '  s0 [label="main\\nmanual", shape=oval];',
        '  n0 [label="a\\ncondition", shape=diamond];',
        '  n1 [label="b\\nmerge"];',
        "  s0 -> n0;",
        '  n0 -> n1 [label="true"];',
        '  n1 -> n0 [label="≤3×", style=dashed];',
        "}",
        "",
      ].join("\n"),
    );
  });

  it("shows every id and every label as it is, and never as syntax", () => {
    const anyText = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary", minLength: 1 }));
    fc.assert(
      fc.property(anyText, anyText, fc.string({ unit: "binary" }), (a, b, label) => {
        fc.pre(a !== b);
        const one = graph("g", { [a]: "merge", [b]: "merge" }, [[a, b, label]]);
        const [first, second] = one.nodes.map((node) => node.id) as [string, string];
        const drawn = mermaid(one).split("\n");
        expect(drawn).toHaveLength(7);
        for (const [i, id] of [first, second].entries()) {
          const match = new RegExp(`^  n${i}\\["([^"]*)"\\]$`).exec(drawn[2 + i] as string);
          expect(match?.[1]).not.toMatch(/[`\\]|%%|<(?!br\/>)/);
          expect(shownByMermaid(match?.[1] ?? "")).toBe(visible(`${id}\nmerge`));
        }
        const arrow = /^  n(\d) -->\|"([^"]+)"\| n(\d)$/.exec(drawn[5] as string);
        expect(shownByMermaid(arrow?.[2] ?? "")).toBe(label === "" ? '""' : visible(label));
        const lines = dot(one).split("\n");
        expect(lines).toHaveLength(10);
        for (const [i, id] of [first, second].entries()) {
          const match = new RegExp(`^  n${i} \\[label="((?:[^"\\\\]|\\\\.)*)"\\];$`).exec(lines[4 + i] as string);
          expect(shownByDot(match?.[1] ?? "")).toBe(visible(`${id}\nmerge`));
        }
      }),
    );
  });

  it("hides Markdown's marks at the beginning of a line, which Mermaid would read", () => {
    for (const text of ["1. list", "- list", "+ list", "12) list", "= line"]) {
      const drawn = mermaid(graph("g", { [text]: "merge" }, []));
      expect(drawn).toMatch(/n0\["[0-9]*#\d+; (?:list|line)<br\/>merge"\]/);
    }
  });

  it("leaves out arrows that lead nowhere", () => {
    const one = graph("g", { a: "merge" }, [["a", "nix"]]);
    expect(mermaid(one)).not.toContain("n0 -->");
    expect(dot(one)).not.toContain("n0 ->");
  });
});

describe("paths in words", () => {
  it("tells stretches, branches, loops and ends, and every node once", () => {
    const one = graph("g", { load: "read_file", gate: "condition", ask: "merge", bad: "fail", done: "terminate" }, [
      ["load", "gate"],
      ["gate", "ask", "true"],
      ["gate", "bad", "false"],
      ["ask", "gate", null, 3],
      ["ask", "done"],
    ]);
    expect(pathsInWords(one)).toEqual([
      { depth: 0, label: "main (manual)", steps: ["load", "gate"], note: null },
      { depth: 1, label: "true", steps: ["ask"], note: null },
      { depth: 2, label: "then, at most 3 times", steps: ["gate"], note: "as above" },
      { depth: 2, label: "then", steps: ["done"], note: "ends the run" },
      { depth: 1, label: "false", steps: ["bad"], note: "fails the run" },
    ]);
  });

  it("walks ten thousand nodes that each branch, without running out of stack", () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => `n${i}`);
    const nodes = Object.fromEntries(ids.map((id) => [id, "condition"]));
    const edges = ids.slice(1).map((id, i) => [`n${i}`, id, "true"] as const);
    expect(pathsInWords(graph("g", nodes, edges))).toHaveLength(10_000);
  });
});
