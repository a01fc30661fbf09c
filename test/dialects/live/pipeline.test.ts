import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LiveDocument } from "../../../src/dialects/live/live.ts";
import { encodeText } from "../../../src/dialects/pipeline/canonical.ts";
import { createPipelineFrontEnd } from "../../../src/dialects/pipeline/front-end.ts";
import { pipelineLive } from "../../../src/dialects/pipeline/live.ts";
import { kindDefinition } from "../../../src/kinds/definitions.generated.ts";
import { anySpec, pipeline, sample } from "../pipeline/support.ts";

const frontEnd = createPipelineFrontEnd({ kinds: kindDefinition });
const openAs = pipelineLive({ kinds: kindDefinition });
const open = (text: string): LiveDocument => openAs(text, "spec.kv", { document: "graph", dialect: "pipeline" });

/** Opens a text at the bar in it. */
function at(marked: string) {
  const offset = marked.indexOf("▮");
  return open(marked.replace("▮", "")).source.at(offset);
}

const piece = fc.constantFrom(
  "=",
  ".",
  "\n",
  " ",
  "#",
  "\r",
  "0",
  "x",
  "single_ring.stages.0.",
  "\ufeff",
  "\ud800",
  "",
);
const mutated = fc
  .tuple(
    fc.oneof(fc.constant(sample), anySpec.map(encodeText)),
    fc.array(fc.tuple(fc.nat(), fc.nat(20), piece), { maxLength: 4 }),
  )
  .map(([text, edits]) =>
    edits.reduce((now, [where, cut, more]) => {
      const from = where % (now.length + 1);
      return now.slice(0, from) + more + now.slice(from + cut);
    }, text),
  );

describe("opening a spec.kv", () => {
  test("agrees with the front end on every text", () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const live = open(text);
        const { graph, diagnostics } = frontEnd.parse(text, "spec.kv");
        expect(live.accepted).toBe(graph !== null);
        expect(live.findings).toEqual(expect.arrayContaining([...diagnostics]));
        if (graph === null) return;
        expect(live.findings).toEqual([...diagnostics, ...frontEnd.validate(graph)]);
        expect(live.graphs).toEqual([{ runner: null, graph, whole: true }]);
      }),
      { numRuns: 200 },
    );
  });

  test("has every span in the text, and a path for every offset that the tree knows", () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const { source } = open(text);
        const inside = (span: readonly [number, number] | null): void => {
          if (span === null) return;
          expect(span[0]).toBeGreaterThanOrEqual(0);
          expect(span[1]).toBeGreaterThanOrEqual(span[0]);
          expect(span[1]).toBeLessThanOrEqual(text.length);
        };
        for (let offset = 0; offset <= text.length; offset += 1 + (text.length >> 7)) {
          const point = source.at(offset);
          inside(point.replace);
          expect(point.replace[0]).toBeLessThanOrEqual(offset);
          expect(point.replace[1]).toBeGreaterThanOrEqual(offset);
          const element = source.element(point.path);
          if (element !== null) for (const span of [element.key, element.value, element.extent]) inside(span);
          for (const part of ["key", "value", "construct"] as const) inside(source.span({ path: point.path, part }));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("keeps the stages that can be read, and a stub of one that cannot", () => {
    const live = open(
      sample.replace(
        "single_ring.stages.1.stage=http_post:https://api.internal/orders?x=1\n",
        "single_ring.stages.1.st\n",
      ),
    );
    expect(live.accepted).toBe(false);
    const [{ graph, whole } = { graph: null, whole: true }] = live.graphs;
    expect(whole).toBe(false);
    expect(graph?.nodes.map(({ id, kind, after }) => [id, kind, after])).toEqual([
      ["fetch", "stage", []],
      ["notify", "", [0]],
    ]);
    expect(live.findings.map((one) => one.code)).toEqual(["kv_no_equals"]);
  });

  test("finds faults of stages beside broken lines, and nothing that follows from those", () => {
    const live = open(sample.replace("=identity", "=identify").replace("name=notify-order", "name"));
    expect(live.findings.map((one) => one.code)).toEqual(["kv_no_equals", "stage_key_family"]);
  });

  test("takes a very long pipeline apart", () => {
    const stages = Array.from({ length: 10_000 }, (_, i) => ["identity", i === 0 ? [] : [i - 1]] as const);
    const text = encodeText(pipeline(stages));
    const live = open(text);
    expect(live.accepted).toBe(true);
    expect(live.source.element(["single_ring", "stages", 9_999, "stage"])?.text).toBe("identity");
    expect(open(`${text}x`).graphs[0]?.graph.nodes).toHaveLength(10_000);
  });
});

describe("what stands at an offset of a spec.kv", () => {
  const stages = ["single_ring", "stages", 0];
  test("half a key names the table that it belongs to", () => {
    const point = at("v=1\nsingle_ring.stages.0.st▮\n");
    expect(point).toEqual({
      path: [...stages, "st"],
      part: "key",
      replace: [25, 27],
      string: null,
      table: stages,
    });
  });

  test("behind a dot a key may be written", () => {
    expect(at("single_ring.stages.0.▮\n")).toMatchObject({
      path: stages,
      part: "space",
      table: stages,
      replace: [21, 21],
    });
  });

  test("a missing value is a place for a value", () => {
    const text = "name=▮\n";
    expect(at(text)).toMatchObject({ path: ["name"], part: "value", replace: [5, 5], string: null, table: null });
    expect(open("name=\n").source.element(["name"])).toMatchObject({ form: "missing", value: null, key: [0, 4] });
  });

  test("a value is replaced whole, and the offset counts in its text", () => {
    const point = at("single_ring.stages.0.stage=exec:▮/bin/x\n");
    expect(point).toMatchObject({ path: [...stages, "stage"], part: "value", replace: [27, 38] });
    expect(point.string).toEqual({ text: "exec:/bin/x", offset: 5 });
  });

  test("an empty line has room for a key", () => {
    expect(at("v=1\n▮\nname=x\n")).toMatchObject({ path: [], part: "space", table: [], replace: [4, 4] });
  });

  test("a segment in the middle of a key is a key by itself", () => {
    expect(at("single_ring.sta▮ges.0.id=x\n")).toMatchObject({ path: ["single_ring", "stages"], replace: [12, 18] });
  });

  test("lists and tables are told apart", () => {
    const { source } = open(sample);
    expect(source.element(["single_ring", "stages"])).toMatchObject({ form: "list", children: [0, 1] });
    expect(source.element([...stages])).toMatchObject({ form: "table", children: ["id", "stage", "depends_on"] });
    expect(source.element(["single_ring", "stages", 1, "key"])?.text).toBe("http_post:https://api.internal/orders?x=1");
  });
});
