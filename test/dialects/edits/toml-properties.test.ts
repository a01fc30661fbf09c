import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdits, invertEdits } from "../../../src/dialects/edits/edit.ts";
import type { Intent } from "../../../src/dialects/edits/intent.ts";
import { planEdits } from "../../../src/dialects/edits/plan.ts";
import { readToml } from "../../../src/dialects/workflow/toml.ts";
import type { LiveDocument } from "../../../src/dialects/live/live.ts";
import type { DocumentPath } from "../../../src/graph/diagnostic.ts";
import type { Node } from "../../../src/graph/model.ts";
import { open, takenElsewhere, type Spans } from "./support.ts";
import { applyToTable, canonical, withoutEmptyLists, type Table } from "./table-oracle.ts";
import { randomToml, type RandomToml } from "./toml-random.ts";
import { runs } from "../runs.ts";

const word = fc.constantFrom("x", "a b", "C:\\dir", 'say "so"', "it's", "line\nbreak", "ünï", "", "#no", "tab\t");
const value = fc.oneof(
  word,
  fc.constantFrom<unknown>(5n, -0.5, true, ["a", "b\\c"], { k: "v", "odd key": [1n] }, [{ a: 1n }], {}, []),
);

/** Some of so many positions. */
const some = (count: number): fc.Arbitrary<number[]> => fc.subarray(Array.from({ length: count }, (_, at) => at));

function intentsFor(random: RandomToml): fc.Arbitrary<Intent> {
  const node = fc.nat(random.nodes - 1).chain((index) => fc.constantFrom<number | string>(index, `n${index}`));
  const fields = fc.array(fc.tuple(fc.constantFrom("template", "input_from"), value), { maxLength: 2 });
  const unique = fields.map((list) => [...new Map(list)] as never);
  const fresh = fc.record({ id: fc.constantFrom("new", "neu 2"), kind: fc.constant("merge"), fields: unique });
  const all: fc.Arbitrary<unknown>[] = [
    fresh.map((one) => ({ type: "add-node", ...one })),
    fc.tuple(fresh, node).map(([one, after]) => ({ type: "add-node", ...one, after })),
    fc.tuple(node, fc.boolean()).map(([one, withEdges]) => ({ type: "remove-node", node: one, withEdges })),
    fc
      .record({ nodes: some(random.nodes), edges: some(random.edges), starts: some(random.starts) })
      .filter(({ nodes, edges, starts }) => nodes.length + edges.length + starts.length > 0)
      .map((parts) => ({ type: "remove", ...parts })),
    node.map((one) => ({ type: "duplicate-node", node: one, id: "copy" })),
    fc
      .tuple(fc.nat(random.nodes - 1), fc.nat(random.nodes - 1))
      .map(([from, to]) => ({ type: "reorder-node", node: from, steps: to - from })),
    fc.constantFrom(
      { type: "add-edge", from: "n0", to: "n0" },
      { type: "add-edge", from: "n0", to: "n0", when: "false", maxIterations: 9 },
    ),
    fc.constant({ type: "add-start", name: "again", source: "http", entry: "n0" }),
    fc
      .tuple(
        node,
        fc.constantFrom(
          ["template"],
          ["type"],
          ["note"],
          ["retry", "max_attempts"],
          ["retry", "jitter"],
          ["deep", "er", "x"],
        ),
        value,
      )
      .map(([one, path, v]) => ({ type: "set-field", node: one, path, value: v })),
    fc
      .tuple(fc.constantFrom(["description"], ["name"], ["budget", "max_llm_tokens"], ["policy", "fs", "list"]), value)
      .map(([path, v]) => ({ type: "set-field", path, value: v })),
    node.map((one) => ({ type: "remove-field", node: one, path: ["type"] })),
    fc.constant({ type: "remove-field", path: ["name"] }),
    fc
      .tuple(
        fc.constantFrom("fs.read", "fs.write", "shell.commands", "http.urls"),
        fc.constantFrom("a/**", "c\\d", "z"),
      )
      .map(([family, entry]) => ({ type: "add-policy-entry", family, entry })),
  ];
  if (random.edges > 0) {
    const index = fc.nat(random.edges - 1);
    all.push(
      index.map((one) => ({ type: "remove-edge", index: one })),
      fc.tuple(index, fresh).map(([one, n]) => ({ type: "insert-on-edge", index: one, node: n })),
      fc
        .tuple(
          index,
          fc.constantFrom({ when: "false" }, { when: null }, { maxIterations: 2 }, { maxIterations: null, when: "x" }),
        )
        .map(([one, set]) => ({ type: "set-edge", index: one, ...set })),
    );
  }
  if (random.starts > 0) all.push(fc.nat(random.starts - 1).map((one) => ({ type: "remove-start", name: `s${one}` })));
  return fc.oneof(...(all as fc.Arbitrary<Intent>[]));
}

const cases = randomToml.chain((random) => intentsFor(random).map((intent) => ({ random, intent })));

function tableOf(text: string): Table {
  const read = readToml(text);
  if (!read.ok) throw new Error(`${read.message}\n${text}`);
  return structuredClone(read.table);
}

const baseOf = (table: Table): Table => (table["workflows"] as Table[] | undefined)?.[0] ?? table;

/** Comments of a text in their order: `n1.4` of the construct n1, `free.2`. */
const tagged = /# ((?:[nes][0-9]|free)\.\w+)/g;
const commentsOf = (text: string): string[] => [...text.matchAll(tagged)].map((one) => one[1] as string);

/** Owners of comments that may go, multiply or move with an intent. */
function touched(intent: Intent, base: Table): (comment: string) => boolean {
  const nodes = base["nodes"] as Table[];
  const number = (ref: number | string): number => (typeof ref === "number" ? ref : Number(ref.slice(1)));
  switch (intent.type) {
    case "remove-node": {
      const id = nodes[number(intent.node)]?.["id"];
      const edges = (base["edges"] ?? []) as Table[];
      const gone = new Set([`n${number(intent.node)}.`]);
      edges.forEach((edge, i) =>
        intent.withEdges && (edge["from"] === id || edge["to"] === id) ? gone.add(`e${i}.`) : 0,
      );
      return (comment) => gone.has(comment.slice(0, 3)) || (intent.withEdges && comment.startsWith("s"));
    }
    case "remove": {
      const ids = new Set(intent.nodes.map((index) => nodes[index]?.["id"]));
      const edges = (base["edges"] ?? []) as Table[];
      const cut = edges.flatMap((edge, i) => (ids.has(edge["from"]) || ids.has(edge["to"]) ? [i] : []));
      const gone = new Set([
        ...intent.nodes.map((index) => `n${index}.`),
        ...[...cut, ...intent.edges].map((index) => `e${index}.`),
        ...intent.starts.map((index) => `s${index}.`),
      ]);
      return (comment) => gone.has(comment.slice(0, 3)) || (ids.size > 0 && comment.startsWith("s"));
    }
    case "duplicate-node":
    case "reorder-node":
      return (comment) => comment.startsWith(`n${number(intent.node)}.`);
    case "remove-edge":
    case "set-edge":
      return (comment) => comment.startsWith(`e${intent.index}.`);
    case "remove-start":
      return (comment) => comment.startsWith(`${intent.name}.`);
    case "remove-field":
      return (comment) => comment.startsWith(intent.node === undefined ? "free." : `n${number(intent.node)}.`);
    default:
      return () => false;
  }
}

/** Where the text may lose something to an intent: the construct that it is about. */
function constructs(document: LiveDocument, intent: Intent): Spans {
  const graph = document.graphs[0]?.graph;
  if (graph === undefined) return [];
  const extent = (path: DocumentPath): Spans => {
    const found = document.source.element(path)?.extent;
    return found === undefined ? [] : [found];
  };
  const node = (ref: number | string): Node | undefined =>
    graph.nodes.find((one) => (typeof ref === "number" ? one.index : one.id) === ref);
  const base = graph.nodes[0]?.at.slice(0, -2) ?? [];
  switch (intent.type) {
    case "remove-node": {
      const one = node(intent.node);
      const edges = graph.edges.filter((edge) => intent.withEdges && (edge.from === one?.id || edge.to === one?.id));
      const starts = graph.starts.filter((start) => intent.withEdges && start.entry === one?.id);
      return [
        one?.at ?? [],
        ...edges.map((edge) => edge.at),
        ...starts.map((start) => [...start.at, "entry_node"]),
      ].flatMap(extent);
    }
    case "remove": {
      const nodes = graph.nodes.filter((_, index) => intent.nodes.includes(index));
      const ids = new Set(nodes.map((one) => one.id));
      const edges = graph.edges.filter(
        (edge, index) => intent.edges.includes(index) || ids.has(edge.from) || ids.has(edge.to),
      );
      const starts = graph.starts.flatMap((start, index) => {
        if (intent.starts.includes(index)) return [start.at];
        return start.entry !== null && ids.has(start.entry) ? [[...start.at, "entry_node"]] : [];
      });
      return [...nodes.map((one) => one.at), ...edges.map((edge) => edge.at), ...starts].flatMap(extent);
    }
    case "reorder-node":
      return document.source.element([...base, "nodes"])?.value === null
        ? extent(node(intent.node)?.at ?? [])
        : extent([...base, "nodes"]);
    case "remove-edge":
    case "set-edge":
      return extent(graph.edges[intent.index]?.at ?? []);
    case "insert-on-edge":
      return extent([...(graph.edges[intent.index]?.at ?? []), "to"]);
    case "remove-start":
      return extent(graph.starts.find((start) => start.name === intent.name)?.at ?? []);
    case "set-field":
    case "remove-field":
      return extent([...(intent.node === undefined ? base : (node(intent.node)?.at ?? [])), ...intent.path]);
    default:
      return [];
  }
}

describe("edits of random workflow documents", () => {
  it("make the document that was meant, keep every other comment in its place, and can be taken back", () => {
    let done = 0;
    fc.assert(
      fc.property(cases, ({ random: { text }, intent }) => {
        const document = open(text, "flow.toml");
        const plan = planEdits(document, intent);
        const expected = tableOf(text);
        const before = structuredClone(baseOf(expected));
        applyToTable(baseOf(expected), intent);
        if (!plan.ok) {
          expect(["edit_unsafe", "edit_conflict", "edit_unknown"]).toContain(plan.code);
          return;
        }
        done++;
        const result = applyEdits(text, plan.edits);
        const actual = tableOf(result);
        withoutEmptyLists(baseOf(actual));
        withoutEmptyLists(baseOf(expected));
        expect(canonical(actual)).toBe(canonical(expected));
        const mayGo = touched(intent, before);
        const stays = (one: string): boolean => !mayGo(one);
        expect(commentsOf(result).filter(stays)).toEqual(commentsOf(text).filter(stays));
        // Comments that may go have been looked at above.
        expect(takenElsewhere(text, plan.edits, constructs(document, intent), tagged)).toBe("");
        expect(applyEdits(result, invertEdits(text, plan.edits))).toBe(text);
        if (text.includes("\r\n")) expect(result.replace(/\r\n/g, "")).not.toContain("\n");
      }),
      { numRuns: runs(200), endOnFailure: true },
    );
    expect(done).toBeGreaterThan(runs(160));
  });
});
