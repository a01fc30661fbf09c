/** The reference's command line without a verb, its variables, and what a resume does (spec/workflow.md §16, §17). */
import { describe, expect, it } from "vitest";
import { Bench, head } from "./workflow-cli.ts";

const document = `${head}[[nodes]]
id = "a"
type = "template_render"
template = "{{x}}"
input_from = "trigger"
[[nodes]]
id = "p"
type = "pause_for_approval"
reason = "look"
[[nodes]]
id = "b"
type = "respond"
body_template = "{{rendered}}"
input_from = "a"
[[edges]]
from = "a"
to = "p"
[[edges]]
from = "p"
to = "b"
`;

function bench(): Bench {
  const made = new Bench();
  made.write("wf.toml", document);
  made.write("in.json", '{"x": 1.0}');
  return made;
}

const kept = ["--state-dir", "state"];

describe("the reference's command line", () => {
  it("validates, runs, lists and resumes without a verb", async () => {
    const at = bench();
    const valid = await at.command(["--config", "wf.toml", "--validate-only"]);
    expect(valid).toMatchObject({ exit: 0, outcome: { ok: true, workflow: "t", issues: [] } });
    const paused = await at.command(["-c", "wf.toml", "-i", "in.json", "--start", "main", ...kept]);
    expect(paused).toMatchObject({ exit: 7, outcome: { status: "paused", last_node: "p", reason: "look" } });
    const id = String(paused.outcome?.["run_id"]);
    const listed = await at.command(["--list-checkpoints", ...kept]);
    expect(listed.exit).toBe(0);
    expect(listed.out).toContain(id);
    const ended = await at.command(["--config", "wf.toml", "--resume", id, ...kept]);
    expect(ended).toMatchObject({
      exit: 0,
      outcome: { status: "completed", last_node: "b", http_response: { status: 200, body: "1.0" } },
    });
    // A finished run's checkpoint is retired (D16).
    expect((await at.command(["--config", "wf.toml", "--resume", id, ...kept])).exit).toBe(2);
    expect((await at.command(["--list-checkpoints", ...kept])).out).not.toContain(id);
  });

  it("takes variables for flags, ours before the reference's", async () => {
    const at = bench();
    const env = { AGENTD_CONFIG: "wf.toml", AGENTD_INPUT: "none.json", COUNTERSIGN_INPUT: "in.json" };
    const dry = await at.command([], { ...env, AGENTD_DRY_RUN: "True" });
    expect(dry, dry.err).toMatchObject({ exit: 0, outcome: { status: "completed", would_pause: ["p"] } });
    expect((await at.command([], { ...env, AGENTD_VALIDATE_ONLY: "1" })).outcome).toMatchObject({ ok: true });
  });

  it("refuses flags it does not know, values that are missing, and a resume without a place", async () => {
    const at = bench();
    for (const words of [["--nope"], ["--config"], ["--resume", "r1"], ["-c", "wf.toml", "--timeout-secs", "x"]]) {
      expect((await at.command(words)).exit, words.join(" ")).toBe(2);
    }
    expect((await at.command(["--nope"])).err).toContain("unknown argument `--nope`");
    expect((await at.command(["--config"])).err).toContain("--config requires a value");
  });
});

describe("a run without a home, where no key for receipts can be kept", () => {
  const answer = `[[nodes]]\nid = "a"\ntype = "respond"\nbody_template = "hi"\n`;

  it("comes out as it does anyway, with one notice and none for --quiet", async () => {
    const at = new Bench();
    for (const id of ["r1", "r2"]) {
      const ran = await at.run(answer, "x", ["--state-dir", "state", "--run-id", id]);
      expect(ran.exit, ran.err).toBe(0);
      expect(ran.err.match(/\[keys\.missing\]/g)).toHaveLength(1);
      expect(ran.err).toContain("note: no receipts are made");
    }
    const quiet = await at.run(answer, "x", ["--state-dir", "state", "--run-id", "r3", "--quiet"]);
    expect([quiet.exit, quiet.err]).toEqual([0, ""]);
  });

  it("says so by its exit code where somebody names the directory of receipts", async () => {
    const ran = await new Bench().run(answer, "x", ["--receipt-dir", "kept"]);
    expect([ran.exit, ran.outcome?.["status"]], ran.err).toEqual([2, "completed"]);
    expect(ran.err).toContain("the run has no receipts");
  });
});

describe("a resume", () => {
  it("of an edited document is refused, goes on with --allow-changed, and never with another workflow", async () => {
    const at = bench();
    expect((await at.command(["run", "wf.toml", "-i", "in.json", "--run-id", "r1", ...kept])).exit).toBe(7);
    at.write("wf.toml", document.replace("{{rendered}}", "edited {{rendered}}"));
    const refused = await at.command(["resume", "r1", "--file", "wf.toml", "--approve", ...kept]);
    expect(refused.exit).toBe(2);
    expect(refused.err).toContain("--allow-changed");
    at.write("other.toml", document.replace('name = "t"', 'name = "u"'));
    const other = await at.command(["resume", "r1", "--file", "other.toml", "--approve", ...kept]);
    expect(other.exit).toBe(5);
    expect(other.err).toContain("workflow `u`: checkpoint is for workflow `t`, not `u`");
    // The open approval is void, so the run asks again for the document as it is now.
    const again = await at.command(["resume", "r1", "--file", "wf.toml", "--allow-changed", "--approve", ...kept]);
    const ended = again.exit === 7 ? await at.command(["resume", "r1", "--approve", ...kept]) : again;
    expect(ended, ended.err).toMatchObject({ exit: 0, outcome: { http_response: { body: "edited 1.0" } } });
  });

  it("that denies follows the edge `denied`, else the run fails with class approval", async () => {
    const at = bench();
    expect((await at.command(["run", "wf.toml", "-i", "in.json", "--run-id", "r1", ...kept])).exit).toBe(7);
    const denied = await at.command(["resume", "r1", "--deny", "--reason", "no", ...kept]);
    expect(denied).toMatchObject({ exit: 5, outcome: { status: "failed", error: { class: "approval" } } });
    at.write(
      "wf.toml",
      `${document}[[nodes]]\nid = "c"\ntype = "merge"\n[[edges]]\nfrom = "p"\nto = "c"\nwhen = "denied"\n`,
    );
    expect((await at.command(["run", "wf.toml", "-i", "in.json", "--run-id", "r2", ...kept])).exit).toBe(7);
    const other = await at.command(["resume", "r2", "--deny", ...kept]);
    expect(other).toMatchObject({ exit: 0, outcome: { status: "completed", last_node: "c" } });
  });
});

describe("records and traces", () => {
  it("keep the declared order of members and are shown by inspect", async () => {
    const at = bench();
    await at.command([
      "run",
      "wf.toml",
      "-i",
      "in.json",
      "--record",
      "record.json",
      "--trace",
      "trace.json",
      "--dry-run",
    ]);
    const record = JSON.parse(at.read("record.json")) as Record<string, unknown>;
    expect(Object.keys(record)).toEqual([
      "workflow",
      "start_node",
      "execution_id",
      "status",
      "last_node",
      "detail",
      "wall_ms",
      "cost",
      "trace",
    ]);
    const { entries } = JSON.parse(at.read("trace.json")) as { entries: Record<string, unknown>[] };
    expect(entries.map((one) => [one["node_id"], one["outcome"]])).toEqual([
      ["a", "continue"],
      ["p", "continue"],
      ["b", "continue"],
    ]);
    expect(Object.keys(entries[0] ?? {})).toEqual(["node_id", "kind", "outcome", "branch", "output", "elapsed_ms"]);
    const shown = await at.command(["inspect", "record.json"]);
    expect(shown.exit).toBe(0);
    expect(shown.out).toMatch(/^run \S+ {2}workflow=t {2}status=completed\n {2}start=main {2}\d+ ms /);
    expect(shown.out).toContain("     1. a [template_render] continue");
  });

  it("of a hard error say errored, with the nodes that were visited", async () => {
    const at = bench();
    at.write("wf.toml", document.replace('input_from = "trigger"', 'input_from = "trigger.none"'));
    const ran = await at.command(["run", "wf.toml", "--record", "record.json", "--trace", "trace.json"]);
    expect(ran.exit).toBe(5);
    expect(ran.out).toBe(
      `{\n  "status": "failed",\n  "reason": "tool \`template_render\` failed: path \`trigger.none\` is not set in the execution context",\n  "error": {\n    "class": "tool"\n  },\n  "last_node": "a"\n}\n`,
    );
    expect(JSON.parse(at.read("record.json"))).toMatchObject({ status: "errored", last_node: "a" });
    expect(JSON.parse(at.read("trace.json"))).toMatchObject({ entries: [{ node_id: "a" }] });
  });
});
