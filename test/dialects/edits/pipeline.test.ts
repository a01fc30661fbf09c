import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applyEdits, invertEdits } from "../../../src/dialects/edits/edit.ts";
import type { Intent } from "../../../src/dialects/edits/intent.ts";
import { planEdits } from "../../../src/dialects/edits/plan.ts";
import { encodeText, decode } from "../../../src/dialects/pipeline/canonical.ts";
import type { PipelineSpec, StageSpec } from "../../../src/dialects/pipeline/schema.ts";
import { edited, open } from "./support.ts";
import { runs } from "../runs.ts";

const text = readFileSync(new URL("../../../examples/pipeline-notify/spec.kv", import.meta.url), "utf8");
const on = (before: string, ...intents: Intent[]) => edited(before, "spec.kv", ...intents);

describe("stages of a pipeline", () => {
  it("are added behind the last one and depend on it", () => {
    const made = on(text, { type: "add-node", id: "log", kind: "stage", fields: [["key", "exec:/bin/cat"]] });
    const base = "single_ring.stages.2";
    expect(made).toBe(
      `${text}${base}.id=log\n${base}.stage=exec:/bin/cat\n${base}.depends_on.count=1\n${base}.depends_on.0=1\n`,
    );
  });

  it("are renumbered by the numbers alone, and comments stay where they are", () => {
    const noted = text.replace("single_ring.stages.1.id", "# the call\nsingle_ring.stages.1.id");
    const plan = planEdits(open(text, "spec.kv"), {
      type: "insert-on-edge",
      index: 0,
      node: { id: "x", kind: "stage", fields: [] },
    });
    expect(
      plan.ok &&
        plan.edits.filter(({ range: [from, to] }) => from !== to).every(({ range }) => range[1] - range[0] === 1),
    ).toBe(true);
    const made = on(noted, { type: "remove-node", node: 0, withEdges: true });
    expect(made).toContain("# the call\nsingle_ring.stages.0.id=notify\n");
    expect(made).toContain("single_ring.stages.0.depends_on.count=0\n");
  });

  it("are kept while others depend on them, and may not move before what they depend on", () => {
    expect(on(text, { type: "remove-node", node: "order", withEdges: false })).toMatch(
      /^\[edit_conflict\] stage `notify`/,
    );
    expect(on(text, { type: "reorder-node", node: "notify", steps: -1 })).toMatch(/^\[edit_conflict\]/);
    expect(on(text, { type: "add-edge", from: "notify", to: "order" })).toMatch(/^\[edit_conflict\]/);
  });

  it("have no labels, starts, policies or optional lines", () => {
    for (const intent of [
      { type: "add-edge", from: "order", to: "notify", when: "x" },
      { type: "add-start", name: "x", source: "manual" },
      { type: "remove-field", node: 0, path: ["id"] },
      { type: "add-policy-entry", family: "fs.read", entry: "x" },
      { type: "set-field", node: 0, path: ["id"], value: "two\nlines" },
    ] satisfies Intent[])
      expect(on(text, intent)).toMatch(/^\[edit_not_expressible\]/);
  });

  it("get other values on their own lines", () => {
    expect(on(text, { type: "set-field", node: "notify", path: ["key"], value: "identity" })).toBe(
      text.replace(/stages\.1\.stage=.*/, "stages.1.stage=identity"),
    );
    const place = { path: ["single_ring", "stages", 1, "stage"], within: { from: 0, to: 9 } } as const;
    expect(on(text, { type: "replace-text", place, text: "exec" })).toBe(text.replace("http_post", "exec"));
  });

  it("are not renumbered in a file whose lines cannot be read", () => {
    expect(on(`${text}what is this\n`, { type: "remove-node", node: 0, withEdges: true })).toMatch(/^\[edit_un/);
  });
});

const specs = fc
  .array(fc.tuple(fc.constantFrom("identity", "exec:/bin/cat"), fc.array(fc.nat(5), { maxLength: 3 }), fc.boolean()), {
    minLength: 1,
    maxLength: 6,
  })
  .map((list): PipelineSpec => {
    const stages = list.map(([stage, after, declared], i): StageSpec => {
      const dependsOn = [...new Set(after.filter((one) => one < i))].sort((a, b) => a - b);
      return { id: `n${i}`, stage, dependsOn: declared || dependsOn.length > 0 ? dependsOn : null };
    });
    return { name: "p", shards: 1, ordering: "strict", producer: "single", scheduling: "dedicated", stages };
  });

interface Named {
  readonly id: string;
  readonly after: readonly string[];
}

/** Stages by name, so that numbers do not matter. */
const named = (spec: PipelineSpec): Named[] =>
  spec.stages.map(({ id, dependsOn }) => ({
    id,
    after: (dependsOn ?? []).map((one) => spec.stages[one]?.id ?? "?").sort(),
  }));

function expected(before: readonly Named[], intent: Intent): Named[] {
  const stages = [...before];
  switch (intent.type) {
    case "remove-node": {
      const gone = stages[intent.node as number]?.id;
      return stages
        .filter(({ id }) => id !== gone)
        .map(({ id, after }) => ({ id, after: after.filter((one) => one !== gone) }));
    }
    case "reorder-node":
      stages.splice((intent.node as number) + intent.steps, 0, ...stages.splice(intent.node as number, 1));
      return stages;
    case "add-node":
      stages.splice((intent.after as number) + 1, 0, { id: "new", after: [stages[intent.after as number]?.id ?? ""] });
      return stages;
    case "remove-edge": {
      let left = intent.index;
      return stages.map(({ id, after }) => {
        const kept = after.filter((_, i) => i !== left);
        left -= after.length;
        return { id, after: kept };
      });
    }
    default:
      return stages;
  }
}

describe("edits of random pipelines", () => {
  it("make the pipeline that was meant in canonical form, and can be taken back", () => {
    const cases = specs.chain((spec) => {
      const stage = fc.nat(spec.stages.length - 1);
      const intents: fc.Arbitrary<Intent>[] = [
        stage.map((node) => ({ type: "remove-node", node, withEdges: true })),
        fc.tuple(stage, stage).map(([node, to]) => ({ type: "reorder-node", node, steps: to - node })),
        stage.map((after) => ({ type: "add-node", id: "new", kind: "stage", fields: [], after })),
        fc.nat(4).map((index) => ({ type: "remove-edge", index })),
      ];
      return fc.oneof(...intents).map((intent) => ({ spec, intent }));
    });
    let done = 0;
    fc.assert(
      fc.property(cases, ({ spec, intent }) => {
        const before = encodeText(spec);
        const plan = planEdits(open(before, "spec.kv"), intent);
        if (!plan.ok) {
          expect(["edit_conflict", "edit_unknown"]).toContain(plan.code);
          return;
        }
        done++;
        const result = applyEdits(before, plan.edits);
        const read = decode(new TextEncoder().encode(result), "spec.kv");
        expect(read.ok && named(read.spec)).toEqual(expected(named(spec), intent));
        expect(applyEdits(result, invertEdits(before, plan.edits))).toBe(before);
      }),
      { numRuns: runs(300), endOnFailure: true },
    );
    expect(done).toBeGreaterThan(runs(120));
  });
});
