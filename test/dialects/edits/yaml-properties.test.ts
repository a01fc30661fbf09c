import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdits, invertEdits } from "../../../src/dialects/edits/edit.ts";
import type { Intent, NewNode } from "../../../src/dialects/edits/intent.ts";
import { planEdits } from "../../../src/dialects/edits/plan.ts";
import type { LiveDocument } from "../../../src/dialects/live/live.ts";
import { frontMatter, readYaml } from "../../../src/dialects/skill/yaml-text.ts";
import type { DocumentPath } from "../../../src/graph/diagnostic.ts";
import { open, takenElsewhere, type Spans } from "./support.ts";
import { canonical, type Table } from "./table-oracle.ts";
import { randomYaml, type RandomYaml } from "./yaml-random.ts";
import { runs } from "../runs.ts";

const word = fc.constantFrom(
  "x",
  "a b",
  "a: b",
  'say "so"',
  "it's",
  "one\ntwo\n",
  "\nodd",
  "yes",
  "1.5",
  "",
  "#no",
  "- x",
  "{{t}}",
  "ü",
);
const value = fc.oneof(
  word,
  fc.constantFrom<unknown>(5n, -0.5, true, null, ["a", "b: c"], { k: "v", "odd: key": [1n] }, [{ a: 1n }], {}, [], {
    d: { e: ["x", { f: "g" }] },
  }),
);

function intentsFor(random: RandomYaml): fc.Arbitrary<Intent> {
  const index = fc.nat(random.steps - 1);
  const node = index.chain((one) => fc.constantFrom<number | string>(one, `n${one}`));
  const fields = fc.constantFrom<unknown>(
    [["run", { command: "sh", args: ["-c", "echo"] }]],
    [
      ["run", { command: "sh" }],
      ["inputs", { text: "a\nb", n: 1n }],
    ],
    [["tool", "fs.read"]],
  );
  const fresh = fields.map((list) => ({ id: "new", kind: "cli-tool", fields: list }));
  const path = fc.constantFrom(
    ["inputs", "x"],
    ["inputs", "text"],
    ["inputs", "new"],
    ["inputs"],
    ["run", "command"],
    ["run"],
    ["label"],
    ["context", "k"],
  );
  const all: fc.Arbitrary<unknown>[] = [
    fresh.map((one) => ({ type: "add-node", ...one })),
    fc.tuple(fresh, node).map(([one, after]) => ({ type: "add-node", ...one, after })),
    fc.tuple(node, fc.boolean()).map(([one, withEdges]) => ({ type: "remove-node", node: one, withEdges })),
    node.map((one) => ({ type: "duplicate-node", node: one, id: "copy" })),
    fc.tuple(index, index).map(([from, to]) => ({ type: "reorder-node", node: from, steps: to - from })),
    fc.tuple(node, path, value).map(([one, at, v]) => ({ type: "set-field", node: one, path: at, value: v })),
    fc.tuple(node, path).map(([one, at]) => ({ type: "remove-field", node: one, path: at })),
    fc
      .tuple(node, fc.constantFrom(["id"], ["run", "type"]))
      .map(([one, at]) => ({ type: "remove-field", node: one, path: at })),
    fc
      .tuple(fc.constantFrom(["owner"], ["name"], ["fanout", "groups", "g"]), value)
      .map(([at, v]) => ({ type: "set-field", path: at, value: v })),
    node.map((one) => ({ type: "move-input-to-context", node: one, key: "x" })),
  ];
  if (random.steps > 1) {
    const edge = fc.nat(random.steps - 2);
    all.push(fc.tuple(edge, fresh).map(([one, n]) => ({ type: "insert-on-edge", index: one, node: n })));
  }
  return fc.oneof(...(all as fc.Arbitrary<Intent>[]));
}

function valueOf(file: string, text: string): Table {
  const yaml = file === "SKILL.md" ? frontMatter(text)?.yaml : text;
  const read = readYaml(yaml ?? "", file === "X.yaml" ? "runner_manifest" : "graph");
  if (read.value === undefined) throw new Error(`${read.problems[0]?.message}\n${text}`);
  return structuredClone(read.value) as unknown as Table;
}

const made = (node: NewNode): Table => {
  const fields = Object.fromEntries(node.fields) as unknown as Table;
  const run = fields["run"] as Table | undefined;
  return { id: node.id, ...fields, ...(run === undefined ? {} : { run: { type: node.kind, ...run } }) };
};

/** What an intent does to a graph's value; false where it must be refused. */
function apply(graph: Table, intent: Intent): boolean {
  const steps = graph["steps"] as Table[];
  const at = (ref: number | string): number => (typeof ref === "number" ? ref : Number(ref.slice(1)));
  switch (intent.type) {
    case "add-node":
      steps.splice(intent.after === undefined ? steps.length : at(intent.after) + 1, 0, made(intent));
      return true;
    case "remove-node": {
      steps.splice(at(intent.node), 1);
      const policy = graph["policy"] as Table | undefined;
      if (intent.withEdges && at(intent.node) === 0 && policy !== undefined) policy["guards"] = [];
      return true;
    }
    case "duplicate-node":
      steps.splice(at(intent.node) + 1, 0, { ...structuredClone(steps[at(intent.node)]), id: intent.id });
      return true;
    case "reorder-node":
      steps.splice(at(intent.node) + intent.steps, 0, ...steps.splice(at(intent.node), 1));
      return true;
    case "insert-on-edge":
      steps.splice(intent.index + 1, 0, made(intent.node));
      return true;
    case "set-field":
    case "remove-field": {
      let table = intent.node === undefined ? graph : (steps[at(intent.node)] as Table);
      for (const key of intent.path.slice(0, -1)) {
        if (intent.type === "remove-field" && table[key] === undefined) return false;
        table = (table[key] ??= {}) as Table;
      }
      const last = String(intent.path.at(-1));
      if (intent.type === "remove-field" && !Object.hasOwn(table, last)) return false;
      if (intent.type === "set-field") table[last] = intent.value;
      else delete table[last];
      return true;
    }
    case "move-input-to-context": {
      const step = steps[at(intent.node)] as Table;
      const inputs = step["inputs"] as Table | undefined;
      if (inputs === undefined || typeof inputs[intent.key] !== "string") return false;
      step["context"] = { [intent.key]: inputs[intent.key] };
      delete inputs[intent.key];
      if (Object.keys(inputs).length === 0) delete step["inputs"];
      return true;
    }
    default:
      return false;
  }
}

const tagged = /# ((?:n[0-9]|free)\.\w+)/g;
const commentsOf = (text: string): string[] => [...text.matchAll(tagged)].map((one) => one[1] as string);

/** Where the text may lose something to an intent: the construct that it is about. */
function constructs(document: LiveDocument, base: DocumentPath, intent: Intent): Spans {
  const extent = (path: DocumentPath): Spans => {
    const found = document.source.element([...base, ...path]);
    return found === null ? [] : [found.extent];
  };
  const index = (ref: number | string): number => (typeof ref === "number" ? ref : Number(ref.slice(1)));
  const steps = document.source.element([...base, "steps"]);
  const isFlow = steps?.value !== null && steps !== null && document.text[steps.value[0]] === "[";
  switch (intent.type) {
    case "remove-node":
      return [...extent(["steps", index(intent.node)]), ...(intent.withEdges ? extent(["policy", "guards"]) : [])];
    case "reorder-node":
      return isFlow ? extent(["steps"]) : extent(["steps", index(intent.node)]);
    case "set-field":
    case "remove-field":
      return extent([...(intent.node === undefined ? [] : ["steps", index(intent.node)]), ...intent.path]);
    case "move-input-to-context":
      return extent(["steps", index(intent.node), "inputs"]);
    default:
      return [];
  }
}

const cases = randomYaml.chain((random) => intentsFor(random).map((intent) => ({ random, intent })));

describe("edits of random skill graphs", () => {
  it("make the document that was meant, keep every other comment in its place, and can be taken back", () => {
    let done = 0;
    fc.assert(
      fc.property(cases, ({ random: { file, text, base }, intent }) => {
        const document = open(text, file);
        const plan = planEdits(document, intent);
        const expected = valueOf(file, text);
        const graph = base.reduce((table, key) => table[key] as Table, expected);
        const isLegal = apply(graph, intent);
        if (!plan.ok) {
          expect(["edit_unsafe", "edit_conflict", "edit_unknown"]).toContain(plan.code);
          if (isLegal) expect(plan.code).not.toBe("edit_unknown");
          return;
        }
        expect(isLegal).toBe(true);
        done++;
        const result = applyEdits(text, plan.edits);
        expect(canonical(valueOf(file, result))).toBe(canonical(expected));
        const owner = "node" in intent && (typeof intent.node === "number" || typeof intent.node === "string");
        const mine = owner ? `n${String(intent.node).replace("n", "")}.` : "none";
        const stays = (one: string): boolean => !one.startsWith(mine);
        expect(commentsOf(result).filter(stays)).toEqual(commentsOf(text).filter(stays));
        expect(takenElsewhere(text, plan.edits, constructs(document, base, intent), tagged)).toBe("");
        expect(applyEdits(result, invertEdits(text, plan.edits))).toBe(text);
        if (text.includes("\r\n")) expect(result.replace(/\r\n/g, "")).not.toContain("\n");
      }),
      { numRuns: runs(150), endOnFailure: true },
    );
    expect(done).toBeGreaterThan(runs(90));
  });
});
