/** Random drawings, as documents could make them: duplicate and empty ids, ends that are not there, loops, groups. */
import fc from "fast-check";
import type { Drawing } from "../../src/draw/drawing.ts";
import { drawGraph, type KindLook } from "../../src/draw/make.ts";
import type { Edge, Graph, Node } from "../../src/graph/model.ts";
import { graph as plainGraph } from "../engine/harness.ts";

const plain = ["a", "b", "c", "d", "e", "load", "a #2", "", "ghost:a", "x.y", "名前", "<b>"];
const ids = fc.constantFrom(...plain, "__proto__", "constructor");
const labels = fc.constantFrom(null, "true", "false", "error", "other");

/** A graph of any shape. */
export const graphs: fc.Arbitrary<Graph> = fc
  .record({
    ids: fc.array(ids, { maxLength: 12 }),
    edges: fc.array(
      fc.record({
        from: ids,
        to: fc.oneof(ids, fc.constant("nowhere")),
        when: labels,
        loop: fc.option(fc.integer({ min: 1, max: 9 })),
      }),
      { maxLength: 16 },
    ),
    group: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  })
  .map(({ ids: names, edges, group }) => {
    const base = plainGraph("g", {}, []);
    const hasGroup = group.some((one, i) => one && i < names.length);
    const nodes = names.map((id, index) => ({ ...blank, id, index, group: group[index] === true ? "g" : null }));
    const at = { id: "g", strategy: "all", minSuccess: null, onBranchFailure: "halt", at: [] } as const;
    return {
      ...base,
      nodes,
      edges: edges.map(({ from, to, when, loop }, index): Edge => ({
        ...{ from, to, when, index },
        maxIterations: loop,
        key: `${from}>${to}:${when ?? ""}#${index}`,
        at: ["edges", index],
      })),
      groups: hasGroup ? [{ ...at, thresholdGates: [], conflictGates: [] }] : [],
    };
  });

const blank: Node = {
  id: "",
  index: 0,
  kind: "merge",
  label: null,
  fields: {},
  retry: null,
  onError: "stop",
  inDoubt: "pause",
  idempotencyKey: null,
  references: [],
  files: [],
  group: null,
  when: null,
  after: [],
  at: [],
};

/** A look that gives every node a plain end and, for some, branch labels. */
export function look(node: Node): KindLook {
  const labelled = node.id === "b" || node.id === "load";
  return {
    family: "control",
    effect: null,
    ports: { plain: !labelled, labels: labelled ? ["true", "false"] : [], open: node.id === "c" },
  };
}

/** Random drawings. */
export const drawings: fc.Arbitrary<Drawing> = graphs.map((graph) => drawGraph(graph, look));
