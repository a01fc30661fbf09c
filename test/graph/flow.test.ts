/** The order of nodes against brute force, and the cost of checks on large graphs. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGraph } from "../../src/graph/checks/check-graph.ts";
import {
  adjacency,
  Ancestry,
  breadthFirst,
  immediateDominators,
  reversed,
  reversePostorder,
} from "../../src/graph/checks/digraph.ts";
import { flowOf } from "../../src/graph/checks/flow.ts";
import type { Graph } from "../../src/graph/model.ts";
import { createWorkflowFrontEnd } from "../../src/dialects/workflow/front-end.ts";
import { definitions, kindTable } from "../../src/kinds/definitions.generated.ts";
import { graph, kinds, policy } from "./builder.ts";

interface Plan {
  readonly size: number;
  readonly edges: readonly (readonly [number, number])[];
  readonly starts: readonly number[];
}

/** Any graph: loops, several starts, dead ends, islands, self-loops, equal edges. */
const plan: fc.Arbitrary<Plan> = fc.integer({ min: 1, max: 9 }).chain((size) => {
  const vertex = fc.integer({ min: 0, max: size - 1 });
  return fc.record({
    size: fc.constant(size),
    edges: fc.array(fc.tuple(vertex, vertex), { maxLength: size * 3 }),
    starts: fc.array(vertex, { minLength: 1, maxLength: 2 }),
  });
});

function built({ size, edges, starts }: Plan): Graph {
  const made = graph();
  for (let i = 0; i < size; i++) made.node(`n${i}`);
  for (const [from, to] of edges) made.edge(`n${from}`, `n${to}`);
  starts.forEach((entry, i) => made.start(`n${entry}`, `s${i}`));
  return made.build();
}

/**
 * Walks every reachable pair of (node, has the source run before): slow and obvious. Gives whether the reader can be
 * entered without the source having run, and whether it can be entered with it.
 */
function bruteForce({ edges, starts }: Plan, source: number, reader: number): { without: boolean; having: boolean } {
  const seen = new Set<string>();
  const open: [number, boolean][] = starts.map((start) => [start, false]);
  const result = { without: false, having: false };
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, ran] = next;
    if (seen.has(`${node} ${ran}`)) continue;
    seen.add(`${node} ${ran}`);
    if (node === reader) result[ran ? "having" : "without"] = true;
    for (const [from, to] of edges) if (from === node) open.push([to, ran || node === source]);
  }
  return result;
}

describe("the flow of a workflow", () => {
  it("agrees with a brute-force search on whether a source can be missing, and whether it must be", () => {
    fc.assert(
      fc.property(plan, (p) => {
        const flow = flowOf(built(p), () => true);
        for (let source = 0; source < p.size; source++) {
          for (let reader = 0; reader < p.size; reader++) {
            const miss = flow.miss(source, reader);
            const expected = bruteForce(p, source, reader);
            expect(flow.reachable(reader)).toBe(expected.without || expected.having);
            expect(miss !== null).toBe(expected.without);
            if (miss !== null) expect(miss.certain).toBe(!expected.having);
          }
        }
      }),
      { numRuns: 1500 },
    );
  });

  it("shows a real walk from a start to the reader that has not run the source", () => {
    fc.assert(
      fc.property(plan, (p) => {
        const flow = flowOf(built(p), () => true);
        for (let source = 0; source < p.size; source++) {
          for (let reader = 0; reader < p.size; reader++) {
            const path = flow.miss(source, reader)?.path;
            if (path === undefined || path === null) continue;
            const nodes = path.map((step) => step.node);
            expect(p.starts).toContain(nodes[0]);
            expect(nodes[nodes.length - 1]).toBe(reader);
            expect(nodes.slice(0, -1)).not.toContain(source);
            for (let i = 1; i < nodes.length; i++) {
              expect(p.edges.some(([from, to]) => from === nodes[i - 1] && to === nodes[i])).toBe(true);
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("reports as the checks do: one warning for each pair that can miss", () => {
    fc.assert(
      fc.property(plan, fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { maxLength: 6 }), (p, reads) => {
        const base = built(p);
        const nodes = base.nodes.map((node) => ({
          ...node,
          references: reads
            .filter(([reader]) => reader === node.index)
            .map(([, source]) => ({
              role: "context" as const,
              text: `n${source}.x`,
              at: { path: [...node.at, "input_from"], part: "value" as const },
              optional: false,
            })),
        }));
        const found = checkGraph({ ...base, nodes }, kinds, {}).filter((one) => /run/.test(one.code));
        const pairs = new Set(reads.filter(([a, b]) => a < p.size && b < p.size).map((pair) => pair.join()));
        const expected = [...pairs].filter((pair) => {
          const [reader, source] = pair.split(",").map(Number) as [number, number];
          return bruteForce(p, source, reader).without;
        });
        expect(found).toHaveLength(expected.length);
      }),
    );
  });
});

describe("dominators", () => {
  it("are the vertices without which there is no way", () => {
    fc.assert(
      fc.property(plan, ({ size, edges }) => {
        const moves = adjacency(
          size,
          edges.map(([from]) => from),
          edges.map(([, to]) => to),
        );
        const walk = reversePostorder(moves, 0);
        const idom = immediateDominators(reversed(moves), walk);
        const above = new Ancestry(idom, walk.order);
        for (let a = 0; a < size; a++) {
          const without = breadthFirst(moves, [0], a);
          for (let b = 0; b < size; b++) {
            if ((walk.position[b] as number) < 0 || (walk.position[a] as number) < 0) continue;
            expect(above.covers(a, b)).toBe(a === b || without.reached[b] !== 1);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("checkGraph", () => {
  const anyText = fc.oneof(
    fc.string(),
    fc.constantFrom("n0.x", "n1", "trigger.a", "a.b.c", "n0..", "", "n2.0.content"),
  );
  const anyKind = fc.constantFrom("any", "condition", "switch", "read_file", "http", "fail", "template_render", "what");

  it("never throws, whatever the graph", () => {
    const nodes = fc.array(
      fc.tuple(fc.constantFrom("n0", "n1", "n2", "trigger", "", "a.b", "__proto__"), anyKind, anyText, anyText),
      {
        maxLength: 6,
      },
    );
    const edges = fc.array(
      fc.tuple(
        fc.constantFrom("n0", "n1", "n2", "x", "__proto__"),
        fc.constantFrom("n0", "n1", "n2", "y"),
        fc.option(anyText),
        fc.option(fc.nat(3)),
      ),
    );
    const dialect = fc.constantFrom("workflow" as const, "skill" as const, "pipeline" as const);
    fc.assert(
      fc.property(dialect, nodes, edges, fc.array(anyText), fc.option(anyText), (d, ns, es, urls, entry) => {
        const made = graph({ dialect: d, policy: urls.length > 2 ? policy(urls) : null }).start(entry);
        for (const [id, kind, from, template] of ns)
          made
            .node(id, kind, { after: [0, 7, -1], group: id === "a.b" ? "g" : null })
            .reads(from)
            .template(`{{${template}}}`);
        for (const [from, to, when, max] of es) made.edge(from, to, when, max);
        const found = checkGraph(made.build(), kinds, {
          decide: () => ({ decision: "Deny", code: "policy", reason: "no" }),
          files: () => ({ exists: true, graph: made.build() }),
        });
        for (const one of found) expect(one.message).not.toBe("");
      }),
      { numRuns: 500 },
    );
  });

  it("finds nothing wrong with the example of any real kind but what it must leave open", () => {
    const frontEnd = createWorkflowFrontEnd({ kinds: definitions });
    const examples = definitions.filter((one) => one.dialects.includes("workflow"));
    expect(examples.length).toBeGreaterThan(20);
    for (const { kind, example } of examples) {
      const { graph: read, diagnostics } = frontEnd.parse(`name = "example"\n${example}\n`, "example.toml");
      expect(diagnostics.filter((one) => one.severity === "error")).toEqual([]);
      const found = checkGraph(read as Graph, kindTable, {}).map((one) => one.code);
      // One node alone: other nodes, backends, secrets and the policy stand elsewhere in a whole document.
      const open = ["unknown_reference", "no_policy", "unknown_backend", "default_backend", "undeclared_secret"];
      expect({ kind, found: found.filter((code) => !open.includes(code)) }).toEqual({ kind, found: [] });
    }
  });

  /** Milliseconds of the fastest of three runs. */
  function time(made: Graph): number {
    let best = Infinity;
    for (let i = 0; i < 3; i++) {
      const started = performance.now();
      checkGraph(made, kinds, {});
      best = Math.min(best, performance.now() - started);
    }
    return best;
  }

  const N = 10_000;
  const large: readonly (readonly [string, () => Graph])[] = [
    [
      "a chain in which each node reads the one before",
      () => {
        const made = graph().start("n0").node("n0");
        for (let i = 1; i < N; i++)
          made
            .node(`n${i}`)
            .reads(`n${i - 1}.x`)
            .edge(`n${i - 1}`, `n${i}`);
        return made.build();
      },
    ],
    [
      "a chain in which each node reads the one behind",
      () => {
        const made = graph().start("n0");
        for (let i = 0; i < N; i++) made.node(`n${i}`).reads(`n${Math.min(i + 1, N - 1)}.x`);
        for (let i = 1; i < N; i++) made.edge(`n${i - 1}`, `n${i}`);
        return made.build();
      },
    ],
    [
      "a dense acyclic graph with short cuts, each node reading far back",
      () => {
        const made = graph().start("n0").node("n0");
        for (let i = 1; i < N; i++) {
          made.node(`n${i}`, "switch").reads(`n${Math.floor(i / 2)}.x`);
          for (const back of [1, 2, 7, 31, 127]) if (i >= back) made.edge(`n${i - back}`, `n${i}`, `l${back}`);
        }
        return made.build();
      },
    ],
    [
      "one loop around everything, each node reading the other half",
      () => {
        const made = graph().start("n0");
        for (let i = 0; i < N; i++) made.node(`n${i}`, "switch").reads(`n${(i + N / 2) % N}.x`);
        for (let i = 1; i < N; i++) made.edge(`n${i - 1}`, `n${i}`, "on").edge(`n${i}`, `n${i - 1}`, "back", 2);
        return made.edge(`n${N - 1}`, "n0", "again", 3).build();
      },
    ],
    [
      "ten thousand misspelt references",
      () => {
        const made = graph().start("node_0").node("node_0");
        for (let i = 1; i < N; i++)
          made
            .node(`node_${i}`)
            .reads(`nod_${i}.x`)
            .edge(`node_${i - 1}`, `node_${i}`);
        return made.build();
      },
    ],
  ];

  it.each(large)("stays quick on %s", (_name, make) => {
    expect(time(make())).toBeLessThan(3000);
  });
});
