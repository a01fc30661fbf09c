import fc from "fast-check";
import { XMLParser } from "./xml.ts";
import { describe, expect, it } from "vitest";
import { drawGraph } from "../../src/draw/make.ts";
import { svg } from "../../src/draw/svg.ts";
import { rowLayout } from "../../src/draw/rows.ts";
import { layoutOnce } from "../../src/runtime/canvas/layout-once.ts";
import { graph } from "../engine/harness.ts";
import { drawings, look } from "./arbitrary.ts";

const sample = drawGraph(
  graph("Order <1>", { load: "read_file", b: "condition", c: "fail" }, [
    ["load", "b", "true"],
    ["load", "b", "false"],
    ["b", "c", "true"],
    ["b", "load", "false", 3],
    ["c", "nowhere"],
  ]),
  look,
);

describe("graphs as SVG", () => {
  it.each(["light", "dark"] as const)("is drawn as before in the %s theme", async (theme) => {
    await expect(svg(sample, await layoutOnce(sample), { theme })).toMatchFileSnapshot(`golden/sample-${theme}.svg`);
  });

  it("is well-formed and holds nothing but shapes and text, whatever the document says", () => {
    fc.assert(
      fc.property(drawings, fc.string({ unit: "binary" }), (drawing, text) => {
        const hostile = {
          ...drawing,
          name: text,
          nodes: drawing.nodes.map((node) => ({ ...node, id: `${node.id}${text}</text><script>`, summary: text })),
        };
        const names = new XMLParser(svg(hostile, rowLayout(hostile, { moved: {}, before: null }))).elements();
        const allowed = ["svg", "title", "desc", "defs", "marker", "path", "rect", "text", "tspan", "g"];
        expect([...names].filter((name) => !allowed.includes(name))).toEqual([]);
      }),
    );
  });

  it("shows a sign for what would turn or hide text", async () => {
    const nodes = sample.nodes.map((node, i) => (i === 0 ? { ...node, id: "safe\u202egpj" } : node));
    const made = svg({ ...sample, nodes }, await layoutOnce(sample));
    expect(made).toContain("safe\\u{202e}gpj");
    expect(made).not.toContain("\u202e");
  });

  it("says its name and its nodes to screen readers", async () => {
    const made = svg(sample, await layoutOnce(sample));
    expect(made).toContain('<title id="title">Order &lt;1&gt;</title>');
    expect(made).toContain("3 nodes, 5 edges: load, b, c");
    expect(made).toContain('aria-label="Node load, read_file"');
    expect(made).toContain("at most 3×");
  });

  it("draws an open child inside its node", async () => {
    const layout = await layoutOnce(sample);
    const [node] = sample.nodes;
    if (node === undefined) throw new Error("there is a node");
    const children = new Map([[node.key, { drawing: sample, layout }]]);
    expect(svg(sample, layout, { children }).match(/aria-label="Node load/g)).toHaveLength(2);
  });
});
