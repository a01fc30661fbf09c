import { describe, expect, it } from "vitest";
import { encodeText } from "../../../src/dialects/pipeline/canonical.ts";
import { createPipelineFrontEnd } from "../../../src/dialects/pipeline/front-end.ts";
import { located } from "../../../src/graph/diagnostic.ts";
import type { Graph } from "../../../src/graph/model.ts";
import { kindDefinition } from "../../../src/kinds/definitions.generated.ts";
import { frontEnd, pipeline, sample, shown } from "./support.ts";

/** The graph of a text; fails the test when there is none. */
function graphOf(text: string): Graph {
  const { graph, diagnostics } = frontEnd.parse(text, "spec.kv");
  if (graph === null) throw new Error(diagnostics.map((one) => one.message).join("; "));
  return graph;
}

const problemsOf = (text: string) => frontEnd.parse(text, "spec.kv").diagnostics.map((one) => shown(one, text));

/** What `validate` finds, with ranges. */
async function findingsOf(text: string): Promise<string[]> {
  const graph = graphOf(text);
  return located(frontEnd.validate(graph), frontEnd.locator(text)).map((one) => shown(one, text));
}

describe("spec.kv as a graph", () => {
  it("makes a stage node of every stage, with its key, its input and what it waits for", () => {
    const graph = graphOf(sample);
    expect(graph).toMatchObject({ dialect: "pipeline", name: "notify-order", policy: null, file: "spec.kv" });
    expect(graph.nodes.map((node) => [node.id, node.kind, node.fields, node.after])).toEqual([
      ["fetch", "stage", { key: "identity", input_from: "trigger" }, []],
      ["notify", "stage", { key: "http_post:https://api.internal/orders?x=1", input_from: "fetch" }, [0]],
    ]);
    expect(frontEnd.validate(graph)).toEqual([]);
  });

  it("reads the first dependency of several", () => {
    const text = encodeText(
      pipeline([
        ["identity", null],
        ["identity", null],
        ["exec:/bin/x", [0, 1]],
      ]),
    );
    expect(graphOf(text).nodes[2]).toMatchObject({ after: [0, 1], fields: { input_from: "s0" } });
  });

  it("fits the program's own kind `stage`", async () => {
    const own = createPipelineFrontEnd({ kinds: kindDefinition });
    const { graph } = own.parse(sample, "spec.kv");
    if (graph === null) throw new Error("the sample does not parse");
    expect(own.validate(graph)).toEqual([]);
    const notify = graph.nodes[1];
    const effects = notify === undefined ? [] : kindDefinition("stage")?.facts.literalEffects(notify);
    expect(effects).toMatchObject([{ family: "http.request", method: "POST" }]);
    const [effect] = effects ?? [];
    if (effect === undefined) throw new Error("the stage has no effect");
    const range = own.locator(sample).range(effect.at);
    expect(sample.split("\n")[range.start.line]?.slice(range.start.character)).toBe(
      "http_post:https://api.internal/orders?x=1",
    );
  });

  it("says so when there is no kind to make stages of", () => {
    const bare = createPipelineFrontEnd({ kinds: () => undefined });
    const parsed = bare.parse(sample, "spec.kv");
    expect(parsed.graph).toBeNull();
    expect(parsed.diagnostics.map((one) => shown(one, sample))).toEqual([
      "unknown_kind 9: single_ring.stages.0.stage=|identity|",
    ]);
  });
});

describe("the grammar of spec.kv", () => {
  const cases: [name: string, from: string | RegExp, to: string, expected: string[]][] = [
    ["a byte order mark", /^/, "\ufeff", ["kv_bom 1: |\ufeff|v=1"]],
    ["a carriage return", "name=notify-order\n", "name=notify-order\r\n", ["kv_cr 3: name=notify-order|\r|"]],
    ["a blank line", "name=", "\nname=", ["kv_blank_line 3: ||"]],
    ["a comment", "name=", "# who\nname=", ["kv_comment 3: |# who|"]],
    ["a line without =", "name=", "hello\nname=", ["kv_no_equals 3: |hello|"]],
    ["a missing last line feed", /\n$/, "", ["kv_final_newline 14: single_ring.stages.1.depends_on.0=0||"]],
    ["an upper-case key", "name=", "Name=", ["kv_key 3: |N|ame=notify-order"]],
    ["a space around =", "name=notify-order", "name = x", ["kv_key 3: name| |= x"]],
    ["an empty segment", "single_ring.shards", "single_ring..shards", ["kv_key 4: single_ring.||.shards=1"]],
    ["an index with a leading zero", "stages.1.id", "stages.01.id", ["kv_index 11: single_ring.stages.|01|.id=notify"]],
    ["a leading space", "name=notify", "name= notify", ["kv_value 3: name=| |notify-order"]],
    ["a trailing space", "notify-order", "notify-order ", ["kv_value 3: name=notify-order| |"]],
    ["NUL", "notify-order", "no\0", ["kv_value 3: name=no|\0|"]],
    ["half a surrogate pair", "notify-order", "a\ud800b", ["kv_encoding 3: name=a|\ud800|b"]],
    ["a duplicate key", "name=", "model=single_ring\nname=", ["kv_duplicate_key 3: |model|=single_ring"]],
    ["an unknown key", "name=", "nmae=x\nname=", ["kv_unknown_key 3: |nmae|=x"]],
    ["a missing key", "single_ring.producer=single\n", "", ["kv_missing_key 6: ||single_ring.scheduling=dedicated"]],
    [
      "a wrong order",
      "model=single_ring\nname=notify-order",
      "name=notify-order\nmodel=single_ring",
      ["kv_order 3: |model|=single_ring"],
    ],
    ["another version", "v=1", "v=01", ["kv_version 1: v=|01|"]],
    ["another model", "=single_ring", "=lane_graph", ["kv_model 2: model=|lane_graph|"]],
    ["a shard count that is no number", "shards=1", "shards=+1", ["kv_integer 4: single_ring.shards=|+1|"]],
    ["a stage gap", /stages\.1\./g, "stages.3.", ["kv_gap 11: |single_ring.stages.3.id|=notify"]],
    [
      "too few dependencies",
      "1.depends_on.count=1",
      "1.depends_on.count=2",
      ["kv_gap 13: single_ring.stages.1.depends_on.count=|2|"],
    ],
    [
      "too many dependencies",
      "1.depends_on.count=1",
      "1.depends_on.count=0",
      ["kv_gap 14: |single_ring.stages.1.depends_on.0|=0"],
    ],
    [
      "dependencies without a count",
      "single_ring.stages.1.depends_on.count=1\n",
      "",
      ["kv_missing_key 13: ||single_ring.stages.1.depends_on.0=0"],
    ],
    [
      "a dependency that is no number",
      "depends_on.0=0",
      "depends_on.0=x",
      ["kv_integer 14: single_ring.stages.1.depends_on.0=|x|"],
    ],
    ["no stages", /single_ring\.stages.*\n/g, "", ["kv_missing_key 8: ||"]],
  ];
  it.each(cases)("refuses %s at its place", (_name, from, to, expected) => {
    const text = sample.replace(from, to);
    expect(text).not.toBe(sample);
    expect(frontEnd.parse(text, "spec.kv").graph).toBeNull();
    expect(problemsOf(text)).toEqual(expected);
  });

  it("suggests the key that was meant", () => {
    const messages = frontEnd
      .parse(sample.replace("1.stage=", "1.stgae="), "spec.kv")
      .diagnostics.map((one) => one.message);
    expect(messages.join("\n")).toContain("did you mean `single_ring.stages.1.stage`");
  });

  it("names the first place of a duplicate", () => {
    const [problem] = frontEnd.parse(sample.replace("name=", "v=1\nname="), "spec.kv").diagnostics;
    expect(problem?.related?.[0]?.at).toEqual({ start: { line: 0, character: 0 }, end: { line: 0, character: 1 } });
  });

  it("reports all bad lines of a file at once", () => {
    const broken = sample.replace("v=1", "V=1").replace("name=", "name= ").replace("shards=1", "shards");
    expect(problemsOf(broken)).toEqual([
      "kv_key 1: |V|=1",
      "kv_value 3: name=| |notify-order",
      "kv_no_equals 4: |single_ring.shards|",
    ]);
  });
});

describe("the rules of a pipeline", () => {
  const cases: [name: string, from: string | RegExp, to: string, expected: string[]][] = [
    ["an empty name", "name=notify-order", "name=", ["pipeline_name 3: name=||"]],
    [
      "an unknown ordering",
      "ordering=strict",
      "ordering=strcit",
      ["pipeline_ordering 5: single_ring.ordering=|strcit|"],
    ],
    ["another producer", "producer=single", "producer=multi", ["pipeline_producer 6: single_ring.producer=|multi|"]],
    [
      "another scheduling",
      "scheduling=dedicated",
      "scheduling=shared",
      ["pipeline_scheduling 7: single_ring.scheduling=|shared|"],
    ],
    ["strict ordering over two shards", "shards=1", "shards=2", ["pipeline_shards 4: single_ring.shards=|2|"]],
    ["no shards", "shards=1", "shards=0", ["pipeline_shards 4: single_ring.shards=|0|"]],
    [
      "an unknown family",
      "stage=identity",
      "stage=identiy",
      ["stage_key_family 9: single_ring.stages.0.stage=|identiy|"],
    ],
    [
      "a URL of another scheme",
      "http_post:https:",
      "http_post:ftp:",
      ["stage_key_url 12: single_ring.stages.1.stage=http_post:|ftp://api.internal/orders?x=1|"],
    ],
    [
      "user information in a URL",
      "https://api",
      "https://u:p@api",
      ["stage_key_url 12: single_ring.stages.1.stage=http_post:https://|u:p@api.internal/orders?x=1|"],
    ],
    [
      "a fragment in a URL",
      "?x=1",
      "#x",
      ["stage_key_url 12: single_ring.stages.1.stage=http_post:https://api.internal/orders|#x|"],
    ],
    [
      "an exec without a program",
      "stage=identity",
      "stage=exec:",
      ["stage_key_exec 9: single_ring.stages.0.stage=exec:||"],
    ],
    [
      "a control character in an argument",
      "stage=identity",
      "stage=exec:/bin/x|\u0007",
      ["stage_key_exec 9: single_ring.stages.0.stage=exec:|/bin/x|\u0007|"],
    ],
    ["equal ids", "1.id=notify", "1.id=fetch", ["dup_node_id 11: single_ring.stages.1.id=|fetch|"]],
    ["an id with a dot", "1.id=notify", "1.id=a.b", ["pipeline_stage_id 11: single_ring.stages.1.id=|a.b|"]],
    ["the id `trigger`", "1.id=notify", "1.id=trigger", ["pipeline_stage_id 11: single_ring.stages.1.id=|trigger|"]],
    [
      "a dependency on itself",
      "depends_on.0=0",
      "depends_on.0=1",
      ["pipeline_depends_on 14: single_ring.stages.1.depends_on.0=|1|"],
    ],
    [
      "a dependency beyond the end",
      "depends_on.0=0",
      "depends_on.0=7",
      ["pipeline_depends_on 14: single_ring.stages.1.depends_on.0=|7|"],
    ],
    [
      "a first stage that waits",
      "0.depends_on.count=0",
      "0.depends_on.count=1\nsingle_ring.stages.0.depends_on.0=0",
      ["pipeline_depends_on 11: single_ring.stages.0.depends_on.0=|0|"],
    ],
    [
      "an action without declared dependencies",
      /single_ring\.stages\.1\.depends.*\n/g,
      "",
      [
        "pipeline_depends_on_missing 11: |single_ring.stages.1.id=notify / single_ring.stages.1.stage=http_post:https://api.internal/orders?x=1|",
      ],
    ],
  ];
  it.each(cases)("refuse %s at its place", async (_name, from, to, expected) => {
    const text = sample.replace(from, to);
    expect(text).not.toBe(sample);
    expect(await findingsOf(text)).toEqual(expected);
  });

  it.each([
    ["falling", [1, 0]],
    ["repeated", [1, 1]],
  ])("refuse %s dependencies", async (_name, list) => {
    const text = encodeText(
      pipeline([
        ["identity", []],
        ["identity", []],
        ["identity", list],
      ]),
    );
    expect((await findingsOf(text)).map((one) => one.split(" ")[0])).toEqual(["pipeline_depends_on"]);
  });

  it("allow several shards with per_key, and stages that need not say what they wait for", async () => {
    const spec = {
      ...pipeline([
        ["http_post:http://h/", null],
        ["identity", null],
      ]),
      shards: 8,
      ordering: "per_key",
    };
    expect(await findingsOf(encodeText(spec))).toEqual([]);
  });

  it("warn from the fifth stage on, at that stage, and still give a graph", () => {
    const stages = (count: number) => encodeText(pipeline(Array.from({ length: count }, () => ["identity", []])));
    expect(problemsOf(stages(4))).toEqual([]);
    const five = frontEnd.parse(stages(5), "spec.kv");
    expect(five.graph?.nodes).toHaveLength(5);
    expect(five.diagnostics.map((one) => [one.severity, shown(one, stages(5))])).toEqual([
      ["warning", "pipeline_many_stages 20: |single_ring.stages.4.id|=s4"],
    ]);
  });
});

describe("places in a spec.kv", () => {
  it("are found by path, part and offsets, and fall back to what encloses them", async () => {
    const locator = frontEnd.locator(sample);
    const at = (path: (string | number)[], part?: "key" | "value" | "construct") =>
      locator.range(part === undefined ? { path } : { path, part });
    expect(at(["name"], "key")).toEqual({ start: { line: 2, character: 0 }, end: { line: 2, character: 4 } });
    expect(at(["name"])).toEqual({ start: { line: 2, character: 0 }, end: { line: 2, character: 17 } });
    expect(at(["single_ring", "stages", 1])).toEqual({
      start: { line: 10, character: 0 },
      end: { line: 13, character: "single_ring.stages.1.depends_on.0=0".length },
    });
    expect(at(["single_ring", "stages", 1, "nothing"])).toEqual(at(["single_ring", "stages", 1]));
    expect(at(["nowhere"])).toEqual({ start: { line: 0, character: 0 }, end: { line: 0, character: 0 } });
    const within = locator.range({ path: ["name"], part: "value", within: { from: 7, to: 99 } });
    expect(within).toEqual({ start: { line: 2, character: 12 }, end: { line: 2, character: 17 } });
  });
});
