import { Person } from "./approvals-support.ts";
import { describe, expect, it } from "vitest";
import { js, outputs, ranSteps, Shop } from "./commands.ts";

const graph = (...steps: readonly string[]): string => `name: g\nsteps:\n${steps.join("")}`;
const kept = ["--state-dir", "state"];
const inputs = "console.log(process.env.RUNX_INPUTS_JSON)";

describe("context and conditions", () => {
  it("hands on any path, array elements too, and fails at one that is not there, naming step and path", async () => {
    const shop = await Shop.with({
      "graph.yaml": graph(
        js("a", "console.log(JSON.stringify({l:[{x:1},{x:2}],n:null}))"),
        js("b", inputs, "    context: {v: a.l.1.x, n: a.n}\n"),
        js("c", inputs, "    context: {v: a.l.7.x}\n"),
      ),
    });
    const ran = await shop.run(["run", "graph.yaml", ...kept, "--run-id", "r", "--trace", "trace.json"]);
    const reason = "graph step 'c' reads context 'v', but output path 'l.7.x' was not produced by the source step 'a'";
    expect([ran.exit, ran.outcome["reason"], ran.outcome["last_node"]]).toEqual([5, reason, "c"]);
    const { entries } = JSON.parse(shop.read("trace.json").toString()) as { entries: Record<string, unknown>[] };
    expect(entries.map((one) => [one["node_id"], one["kind"], one["outcome"]])).toEqual([
      ["a", "cli-tool", "continue"],
      ["b", "cli-tool", "continue"],
      ["c", "cli-tool", "error"],
    ]);
    expect(entries[1]?.["output"]).toMatchObject({ v: 2, n: null });
    expect((await shop.run(["inspect", "r", ...kept])).out).toContain(`✗ c cli-tool`);
  });

  it("leaves bindings of a bare graph as they are, and stops where a guard is against it", async () => {
    const text = `policy: {guards: [{step: b, field: a.ok, equals: true}]}\n${graph(
      js(
        "a",
        "console.log(JSON.stringify({ok:false, got: JSON.parse(process.env.RUNX_INPUTS_JSON)}))",
        "    inputs: {x: $input.y}\n",
      ),
      js("skipped", "process.exit(1)", "    when: {field: a.ok, equals: true}\n"),
      js("b", "process.exit(1)"),
    )}`;
    const shop = await Shop.with({ "graph.yaml": text });
    const ran = await shop.run(["run", "graph.yaml", ...kept, "--run-id", "r"]);
    expect([ran.exit, ran.outcome["error"]]).toEqual([5, { class: "policy" }]);
    expect(ran.outcome["reason"]).toBe("graph step 'b' is blocked: guard 'a.ok' expected true");
    const { out } = await shop.run(["inspect", "r", ...kept]);
    expect(out).toContain("when 'a.ok' expected true");
    expect(out).toContain("$input.y");
  });

  it("reads unknowns in a dry run as unknown, assumes conditions on them, and takes the branch it is told", async () => {
    const shop = await Shop.with({
      "graph.yaml": graph(
        js("a", "1"),
        js("b", inputs, "    context: {v: a.l}\n    when: {field: a.ok, equals: true}\n"),
      ),
    });
    const ran = await shop.run(["run", "graph.yaml", "--dry-run"]);
    expect([ran.exit, ranSteps(ran), ran.outcome["assumed"]]).toEqual([0, ["a", "b"], ["b"]]);
    const skipped = await shop.run(["run", "graph.yaml", "--dry-run", "--assume", "b=skip"]);
    expect([skipped.exit, ranSteps(skipped), skipped.outcome["assumed"]]).toEqual([0, ["a"], ["b"]]);
    const cases = [
      ["c=skip", "there is no node `c`"],
      ["a=skip", "`a` has no condition that could be assumed"],
      ["b=maybe", "`b` has the labels `run`, `skip`"],
    ] as const;
    for (const [choice, why] of cases) {
      const refused = await shop.run(["run", "graph.yaml", "--dry-run", "--assume", choice]);
      expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining(why)]);
    }
  });
});

describe("approvals", () => {
  const ask = "  - id: ask\n    run: {type: approval}\n    inputs: {gate_id: go, reason: Go on?, cost: 3}\n";
  const wrapped = {
    "graph.yaml": graph("  - {id: inner, skill: asks}\n", js("end", "console.log(1)")),
    "asks/SKILL.md": `---\nname: asks\nsource:\n  type: graph\n  graph:\n    name: asks\n    steps:\n      - {id: ask, run: {type: approval}, inputs: {gate_id: go, reason: Go?}}\n---\n`,
  };

  it.each([
    ['{"answers": {"go": true}}', 0],
    ['{"go": {"approved": true, "actor": "human"}}', 0],
    ['{"go": false}', 5],
    ['{"go": "yes"}', 2],
    ["[]", 2],
  ])("take %s from a file, in nested skills too", async (answers, exit) => {
    const shop = await Shop.with({ ...wrapped, "answers.json": answers });
    const paused = await shop.run(["run", "graph.yaml", ...kept, "--run-id", "r"]);
    expect([paused.exit, paused.outcome["reason"]]).toEqual([7, "Go?"]);
    const done = await shop.run(["resume", "r", ...kept, "--answers", "answers.json"]);
    expect(done.exit, done.err).toBe(exit);
  });

  it("stop the graph when denied, unless something reads the answer", async () => {
    const shop = await Shop.with({
      "graph.yaml": graph(ask, js("end", "console.log(1)")),
      "read.yaml": graph(
        ask,
        js("no", "console.log(1)", "    when: {field: ask.approval.data.approved, equals: false}\n"),
      ),
    });
    for (const [file, exit] of [
      ["graph.yaml", 5],
      ["read.yaml", 0],
    ] as const) {
      await shop.run(["run", file, ...kept, "--run-id", file.replace(".", "-")]);
      const done = await shop.run(["resume", file.replace(".", "-"), ...kept, "--deny", "--reason", "late"]);
      expect(done.exit, done.err).toBe(exit);
      if (exit === 5) expect(done.outcome["reason"]).toMatch(/^graph step 'ask': approval 'go' was denied by /);
      else expect(outputs(done, "ask")["approval"]).toMatchObject({ data: { approved: false, status: "denied" } });
    }
  });
});

describe("the posture of a run", () => {
  const text = graph(
    "  - {id: ask, run: {type: approval}, inputs: {gate_id: go, reason: Go?}}\n",
    js("act", "console.log(1)"),
  );

  it("is kept when it goes on: what prod asks approval for is not allowed by resuming without the flag", async () => {
    const shop = await Shop.with({ "graph.yaml": text });
    const alice = await Person.with(shop.folder, "alice");
    await alice.trusts(alice);
    await alice.run(["run", "graph.yaml", ...kept, "--run-id", "r", "--environment", "prod"]);
    const unsigned = await alice.run(["resume", "r", ...kept, "--approve"]);
    expect([unsigned.exit, unsigned.err]).toEqual([2, expect.stringContaining("waits for a signed approval")]);
    const signed = await alice.run(["approvals", "approve", "r", ...kept], ["ask"]);
    expect(signed.exit, signed.err).toBe(0);
    const on = await alice.run(["resume", "r", ...kept]);
    expect([on.exit, on.outcome["reason"]], on.err).toEqual([7, expect.stringContaining("environment `prod`")]);
  });

  it("keeps a stricter side-effect policy too", async () => {
    const shop = await Shop.with({ "graph.yaml": text });
    await shop.run(["run", "graph.yaml", ...kept, "--run-id", "r", "--side-effects", "deny_all"]);
    const on = await shop.run(["resume", "r", ...kept, "--approve"]);
    expect([on.exit, on.outcome["error"]]).toEqual([5, { class: "policy" }]);
  });

  it("stands under the countersign.toml beside the document, wherever it is resumed from", async () => {
    const shop = await Shop.with({
      "graph.yaml": text,
      "countersign.toml": 'side_effects = "deny_all"\n',
      "elsewhere/x": "",
    });
    await shop.run(["run", "graph.yaml", ...kept, "--run-id", "r"]);
    const on = await shop.run(["resume", "r", "--state-dir", "../state", "--approve"], {}, `${shop.folder}/elsewhere`);
    expect([on.exit, on.outcome["error"]], on.err).toEqual([5, { class: "policy" }]);
  });
});
