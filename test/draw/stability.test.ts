import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawGraph } from "../../src/draw/make.ts";
import type { Drawing } from "../../src/draw/drawing.ts";
import { carried, carriedLayout, overlap, renamedKeys } from "../../src/draw/stability.ts";
import { layoutOnce } from "../../src/runtime/canvas/layout-once.ts";
import { graph } from "../engine/harness.ts";
import { look } from "./arbitrary.ts";

type Edges = readonly (readonly [string, string])[];

/** Graphs as people draw them: every node but the first follows an earlier one. */
const trees = fc.integer({ min: 4, max: 14 }).chain((count) =>
  fc
    .tuple(...Array.from({ length: count - 1 }, (_, i) => fc.integer({ min: Math.max(0, i - 2), max: i })))
    .map((parents) => ({
      ids: Array.from({ length: count }, (_, i) => `n${i}`),
      edges: parents.map((parent, i): readonly [string, string] => [`n${parent}`, `n${i + 1}`]),
    })),
);

const draw = (ids: readonly string[], edges: Edges): Drawing =>
  drawGraph(graph("g", Object.fromEntries(ids.map((id) => [id, "merge"])), edges), look);

describe("an edit", () => {
  it("that renames a node leaves every node where it was", async () => {
    await fc.assert(
      fc.asyncProperty(trees, fc.nat(), async ({ ids, edges }, which) => {
        const old = ids[which % ids.length] as string;
        const name = (id: string): string => (id === old ? "renamed" : id);
        const before = draw(ids, edges);
        const after = draw(
          ids.map(name),
          edges.map(([from, to]) => [name(from), name(to)] as const),
        );
        const renames = renamedKeys(before, after);
        expect([...renames]).toEqual([[old, "renamed"]]);
        const layout = await layoutOnce(before);
        const next = await layoutOnce(after, { moved: {}, before: carriedLayout(layout, renames) });
        for (const id of ids) expect(next.nodes[name(id)]).toEqual(layout.nodes[id]);
      }),
      { numRuns: 8 },
    );
  });

  it("that adds or removes a last node leaves most nodes where they were", async () => {
    let [stayed, all] = [0, 0];
    await fc.assert(
      fc.asyncProperty(trees, fc.nat(), fc.boolean(), async ({ ids, edges }, which, adds) => {
        const parent = ids[which % ids.length] as string;
        const more = draw([...ids, "added"], [...edges, [parent, "added"]]);
        const less = draw(ids, edges);
        const [before, after] = adds ? [less, more] : [more, less];
        const layout = await layoutOnce(before);
        const next = await layoutOnce(after, { moved: {}, before: layout });
        const same = ids.filter((id) => {
          const [a, b] = [layout.nodes[id], next.nodes[id]];
          return a !== undefined && b !== undefined && Math.hypot(a.x - b.x, a.y - b.y) < 1;
        });
        stayed += same.length;
        all += ids.length;
        expect(same.length).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 20, seed: 4 },
    );
    expect(stayed / all).toBeGreaterThan(0.6);
  }, 30_000);

  it("never moves what a person has moved", async () => {
    await fc.assert(
      fc.asyncProperty(trees, fc.nat(), async ({ ids, edges }, which) => {
        const own = ids[which % ids.length] as string;
        const moved = { [own]: { x: -500, y: 77 } };
        const first = await layoutOnce(draw(ids, edges), { moved, before: null });
        const next = await layoutOnce(draw([...ids, "added"], [...edges, [own, "added"]]), { moved, before: first });
        expect(next.nodes[own]).toMatchObject({ x: -500, y: 77 });
        const added = next.nodes["added"];
        if (added === undefined) throw new Error("the new node stands nowhere");
        // Beside the neighbour that was moved, and upon nothing.
        expect(Math.abs(added.y - 77)).toBeLessThan(400);
        const others = Object.entries(next.nodes).filter(([key]) => key !== "added");
        expect(others.filter(([, box]) => overlap(box, added))).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });
});

describe("renames", () => {
  it("are not seen in a change of order, of count or of kinds", () => {
    const one = draw(["a", "b", "c"], []);
    expect(renamedKeys(one, draw(["b", "a", "c"], [])).size).toBe(0);
    expect(renamedKeys(one, draw(["a", "b"], [])).size).toBe(0);
    expect(renamedKeys(one, draw(["x", "y", "z"], [])).size).toBe(0);
    const other = drawGraph(graph("g", { a: "merge", x: "fail", c: "merge" }, []), look);
    expect(renamedKeys(one, other).size).toBe(0);
  });

  it("take places along while a name is that of another node for a moment", () => {
    const at = { a: { x: 1, y: 1 }, b: { x: 2, y: 2 } };
    const first = drawGraph({ ...graph("g", { a: "merge", b: "merge" }, []) }, look);
    const twice = { ...first, nodes: first.nodes.map((node, i) => ({ ...node, key: ["b", "b #2"][i] ?? "" })) };
    const last = { ...first, nodes: first.nodes.map((node, i) => ({ ...node, key: ["bc", "b"][i] ?? "" })) };
    const during = carried(at, renamedKeys(first, twice));
    expect(during).toEqual({ b: at.a, "b #2": at.b });
    expect(carried(during, renamedKeys(twice, last))).toEqual({ bc: at.a, b: at.b });
  });
});
