import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closeFrames } from "../../src/draw/collapse.ts";
import type { Drawing } from "../../src/draw/drawing.ts";
import { ghostKeys } from "../../src/draw/elk.ts";
import { keyedByName } from "../../src/draw/keys.ts";
import type { Box, Layout } from "../../src/draw/layout.ts";
import { drawGraph } from "../../src/draw/make.ts";
import { rowLayout } from "../../src/draw/rows.ts";
import { nodeSize, portX } from "../../src/draw/sizes.ts";
import { overlap } from "../../src/draw/stability.ts";
import { layoutOnce } from "../../src/runtime/canvas/layout-once.ts";
import { graph } from "../engine/harness.ts";
import { drawings, graphs, look } from "./arbitrary.ts";

const fresh = { moved: {}, before: null };

function expectSound(drawing: Drawing, layout: Layout): void {
  const keys = [...drawing.nodes.map((node) => node.key), ...ghostKeys(drawing)];
  expect(Object.keys(layout.nodes).sort()).toEqual([...new Set(keys)].sort());
  expect(Object.keys(layout.entries).sort()).toEqual(drawing.entries.map((entry) => entry.key).sort());
  const boxes = Object.entries({ ...layout.nodes, ...layout.entries });
  for (const [name, box] of boxes) {
    expect([box.x, box.y, box.width, box.height].every(Number.isFinite), name).toBe(true);
    expect(boxes.filter(([other, one]) => other !== name && overlap(one, box)).map(([other]) => other)).toEqual([]);
  }
}

describe("drawings of any graph", () => {
  it("give every element a key of its own, and every edge both its ends and its port", () => {
    fc.assert(
      fc.property(graphs, (one) => {
        const drawing = drawGraph(one, look);
        const elements = [drawing.nodes, drawing.edges, drawing.entries, drawing.frames, drawing.references];
        for (const list of elements) expect(new Set(list.map(({ key }) => key)).size).toBe(list.length);
        const nodes = new Map(drawing.nodes.map((node) => [node.key, node]));
        for (const edge of drawing.edges) {
          for (const end of [edge.from, edge.to]) expect(nodes.has(end) || end.startsWith("ghost:")).toBe(true);
          const source = nodes.get(edge.from);
          if (source !== undefined) expect(source.ports.map((port) => port.label)).toContain(edge.port);
        }
        expect(drawing.nodes.map((node) => node.index)).toEqual(one.nodes.map((node) => node.index));
        expect(drawGraph(one, look)).toEqual(drawing);
      }),
    );
  });

  it("keep the keys of nodes when edges are added and removed", () => {
    fc.assert(
      fc.property(graphs, (one) => {
        const keysOf = (drawing: Drawing): string[] => drawing.nodes.map((node) => node.key);
        expect(keysOf(drawGraph({ ...one, edges: [] }, look))).toEqual(keysOf(drawGraph(one, look)));
      }),
    );
  });

  it("number equal names, and never use a name that another element has", () => {
    expect(keyedByName(["a", "a", "a #2", "", ""])).toEqual(["a", "a #3", "a #2", "(no name) #1", "(no name) #2"]);
    // What keeps something by key must not find what it never put there.
    expect(keyedByName(["constructor", "__proto__", "constructor"])).toEqual([
      "constructor #1",
      "__proto__ #1",
      "constructor #2",
    ]);
  });

  it("draw a closed frame as one box with the arrows of its nodes", () => {
    fc.assert(
      fc.property(drawings, (drawing) => {
        const closed = closeFrames(drawing, new Set(drawing.frames.map((frame) => frame.key)));
        const keys = new Set(closed.nodes.map((node) => node.key));
        expect(keys.size).toBe(closed.nodes.length);
        expect(new Set(closed.edges.map((edge) => edge.key)).size).toBe(closed.edges.length);
        expect(closed.frames.filter((frame) => frame.nodes.length > 0)).toEqual([]);
        for (const edge of closed.edges)
          for (const end of [edge.from, edge.to]) expect(keys.has(end) || end.startsWith("ghost:")).toBe(true);
      }),
    );
  });
});

describe("layouts of any graph", () => {
  it("in rows stand apart and are the same each time", () => {
    fc.assert(
      fc.property(drawings, (drawing) => {
        const layout = rowLayout(drawing, fresh);
        expectSound(drawing, layout);
        expect(rowLayout(drawing, fresh)).toEqual(layout);
      }),
    );
  });

  it("by ELK stand apart, are the same each time, and route arrows from ports to ways in", async () => {
    await fc.assert(
      fc.asyncProperty(drawings, async (drawing) => {
        const layout = await layoutOnce(drawing);
        expectSound(drawing, layout);
        expect(await layoutOnce(drawing)).toEqual(layout);
        const nodes = new Map(drawing.nodes.map((node) => [node.key, node]));
        for (const edge of drawing.edges) {
          const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
          const points = layout.edges[edge.key];
          if (from === undefined || to === undefined || points === undefined) continue;
          const [own, other] = [layout.nodes[from.key] as Box, layout.nodes[to.key] as Box];
          const port = from.ports.findIndex((one) => one.label === edge.port);
          // ELK rounds some ends to whole pixels.
          expect(Math.abs((points[0]?.x ?? NaN) - own.x - portX(from, port, own.width))).toBeLessThan(1);
          expect(Math.abs((points.at(-1)?.x ?? NaN) - other.x - other.width / 2)).toBeLessThan(1);
          expect(Math.abs((points.at(-1)?.y ?? NaN) - other.y)).toBeLessThan(1);
        }
      }),
      { numRuns: 15 },
    );
  }, 30_000);

  it("surround the nodes of a frame", async () => {
    await fc.assert(
      fc.asyncProperty(drawings, async (drawing) => {
        const layout = await layoutOnce(drawing);
        for (const frame of drawing.frames) {
          const box = layout.frames[frame.key];
          if (box === undefined) continue;
          for (const key of frame.nodes) {
            const inner = layout.nodes[key] as Box;
            expect(inner.x).toBeGreaterThan(box.x);
            expect(inner.y).toBeGreaterThan(box.y);
            expect(inner.x + inner.width).toBeLessThan(box.x + box.width);
            expect(inner.y + inner.height).toBeLessThan(box.y + box.height);
          }
        }
      }),
      { numRuns: 10 },
    );
  });

  it("in rows place 20,000 nodes, so that it serves when ELK does not", () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => `n${i}`);
    const edges = ids.slice(1).map((id, i) => [ids[i] as string, id] as const);
    const drawing = drawGraph(graph("g", Object.fromEntries(ids.map((id) => [id, "merge"])), edges), look);
    expect(Object.keys(rowLayout(drawing, fresh).nodes)).toHaveLength(20_000);
    const apart = drawGraph(
      graph(
        "g",
        Object.fromEntries(ids.map((id) => [id, "merge"])),
        ids.map((id) => [id, id] as const),
      ),
      look,
    );
    expect(Object.keys(rowLayout(apart, fresh).nodes)).toHaveLength(20_000);
  });
});

describe("sizes", () => {
  it("give every port a cell within its box", () => {
    fc.assert(
      fc.property(drawings, ({ nodes }) => {
        for (const node of nodes) {
          const { width, height } = nodeSize(node);
          expect(width).toBeGreaterThanOrEqual(168);
          expect(height).toBeGreaterThan(0);
          const places = node.ports.map((_, i) => portX(node, i, width));
          expect(places).toEqual([...places].sort((a, b) => a - b));
          for (const x of places) expect(x > 0 && x < width).toBe(true);
        }
      }),
    );
  });

  it("make room for a child that is open inside", () => {
    const [node] = drawGraph(graph("g", { a: "call" }, []), look).nodes;
    if (node === undefined) throw new Error("there is a node");
    const open = nodeSize({ ...node, inner: { width: 400, height: 300 } });
    expect(open.width).toBeGreaterThanOrEqual(400);
    expect(open.height).toBeGreaterThanOrEqual(300 + nodeSize(node).height);
  });
});
