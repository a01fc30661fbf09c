import { spawn } from "node:child_process";
import path from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buildProgram } from "../durability/kills.ts";
import { folderWith } from "../cli/terminal.ts";
import { js, outputs, ranSteps, Shop } from "./commands.ts";

const branch = (id: string, code: string, more = ""): string => js(id, code, `    fanout_group: g\n${more}`);
const print = (value: object): string => `console.log('${JSON.stringify(value)}')`;
const group = (policy: string): string => `name: fan\nfanout: {groups: {g: ${policy}}}\nsteps:\n`;
const end = js("end", "console.log(1)");

describe("fan-out groups", () => {
  it.each([
    [
      "{strategy: all}",
      ["ok", "no"],
      "graph step 'a' failed planning: 1/2 branches failed and on_branch_failure is halt",
    ],
    [
      "{strategy: all, on_branch_failure: continue}",
      ["ok", "no"],
      "graph step 'a' failed planning: 1/2 branches succeeded; required 2",
    ],
    ["{strategy: any}", ["no", "ok"], null],
    [
      "{strategy: any, on_branch_failure: halt}",
      ["no", "ok"],
      "graph step 'a' failed planning: 1/2 branches failed and on_branch_failure is halt",
    ],
    ["{strategy: any}", ["no", "no"], "graph step 'a' failed planning: 0/2 branches succeeded; required 1"],
    ["{strategy: quorum, min_success: 2}", ["ok", "no", "ok"], null],
    [
      "{strategy: quorum, min_success: 2}",
      ["ok", "no", "no"],
      "graph step 'a' failed planning: 1/3 branches succeeded; required 2",
    ],
  ])("%s of %j", async (policy, ends, refusal) => {
    const steps = ends.map((one, i) => branch("abc"[i] as string, one === "ok" ? "console.log(1)" : "process.exit(1)"));
    const shop = await Shop.with({ "graph.yaml": group(policy) + steps.join("") + end });
    const ran = await shop.run(["run", "graph.yaml"]);
    if (refusal === null) {
      expect(ran.exit, ran.err).toBe(0);
      expect(ranSteps(ran)).toContain("end");
    } else expect([ran.exit, ran.outcome["reason"], ran.outcome["error"]]).toEqual([5, refusal, { class: "workflow" }]);
  });

  const gates = (action: string): string =>
    group(
      `{threshold_gates: [{step: a, field: risk, above: 0.5, action: ${action}}], conflict_gates: [{field: verdict, steps: [a, b], action: pause}]}`,
    ) +
    branch("a", print({ risk: 0.9, verdict: "yes" })) +
    branch("b", print({ verdict: "no" })) +
    end;

  it("pauses at each gate in turn, and goes on when both are let pass, by flag and by file", async () => {
    const shop = await Shop.with({ "graph.yaml": gates("pause") });
    const kept = ["--state-dir", "state"];
    const first = await shop.run(["run", "graph.yaml", ...kept, "--run-id", "r"]);
    expect([first.exit, first.outcome["reason"]]).toEqual([7, "a.risk=0.9 exceeded 0.5"]);
    expect((await shop.run(["inspect", "r", ...kept])).out).toContain("fanout.g.threshold.a.risk.above (fanout)");
    const second = await shop.run(["resume", "r", ...kept, "--approve"]);
    expect([second.exit, second.outcome["reason"]]).toEqual([
      7,
      "fanout branches disagreed on structured field verdict",
    ]);
    shop.write("wrong.json", '{"answers": {"go": true}}');
    const wrong = await shop.run(["resume", "r", ...kept, "--answers", "wrong.json"]);
    expect([wrong.exit, wrong.err]).toEqual([2, expect.stringContaining("did not include fanout.g.conflict.verdict")]);
    shop.write("answers.json", '{"answers": {"fanout.g.conflict.verdict": true}}');
    const done = await shop.run(["resume", "r", ...kept, "--answers", "answers.json"]);
    expect(done.exit, done.err).toBe(0);
    expect(ranSteps(done)).toEqual(["a", "b", "end"]);
  });

  it("fails with class approval at a gate that is denied, and escalates without asking", async () => {
    const shop = await Shop.with({ "graph.yaml": gates("pause"), "escalate.yaml": gates("escalate") });
    const kept = ["--state-dir", "state"];
    await shop.run(["run", "graph.yaml", ...kept, "--run-id", "r"]);
    const denied = await shop.run(["resume", "r", ...kept, "--deny"]);
    expect([denied.exit, denied.outcome["error"]]).toEqual([5, { class: "approval" }]);
    expect(denied.outcome["reason"]).toContain("the gate 'fanout.g.threshold.a.risk.above' was denied");
    const escalated = await shop.run(["run", "escalate.yaml", ...kept]);
    expect([escalated.exit, escalated.outcome["reason"]]).toEqual([
      5,
      "graph step 'a' escalated: a.risk=0.9 exceeded 0.5",
    ]);
  });

  it("exits with 6 at a gate where nothing is kept", async () => {
    const shop = await Shop.with({ "graph.yaml": gates("pause") });
    expect((await shop.run(["run", "graph.yaml"])).exit).toBe(6);
  });

  it("assumes in a dry run that gates on unknown fields do not fire, and says so", async () => {
    const shop = await Shop.with({ "graph.yaml": gates("pause") });
    const ran = await shop.run(["run", "graph.yaml", "--dry-run"]);
    expect([ran.exit, ran.outcome["assumed"]]).toEqual([0, ["end"]]);
  });

  it("runs as many branches at once as RUNX_MAX_FANOUT_CONCURRENCY says, and mutating ones alone", async () => {
    // Each branch waits for the other's file: both must be under way together.
    const meet = (me: string, other: string): string =>
      `const fs=require('fs');fs.writeFileSync('${me}','');const from=Date.now();const look=()=>fs.existsSync('${other}')?console.log('met'):Date.now()-from>2500?console.log('alone'):setTimeout(look,20);look()`;
    const both = (more: string): string =>
      group("{strategy: all}") + branch("a", meet("a.in", "b.in"), more) + branch("b", meet("b.in", "a.in"), more);
    for (const [more, env, expected] of [
      ["", { RUNX_MAX_FANOUT_CONCURRENCY: "2" }, "met"],
      ["", {}, "alone"],
      ["    mutation: true\n", { RUNX_MAX_FANOUT_CONCURRENCY: "2" }, "alone"],
    ] as const) {
      const shop = await Shop.with({ "graph.yaml": both(more) });
      const ran = await shop.run(["run", "graph.yaml"], env);
      expect(outputs(ran, "a")["stdout"], `${more} ${JSON.stringify(env)}`).toBe(`${expected}\n`);
    }
    const shop = await Shop.with({ "graph.yaml": both("") });
    expect((await shop.run(["run", "graph.yaml"], { RUNX_MAX_FANOUT_CONCURRENCY: "0" })).exit).toBe(2);
  });
});

describe("a process that is killed in the middle of a fan-out", () => {
  let program = "";
  beforeAll(async () => {
    program = await buildProgram(await folderWith(), path.resolve(import.meta.dirname, "../../src/cli/main.ts"));
  });

  it("goes on where it was, from any folder: what ended is not repeated, what is in doubt is asked or retried", async () => {
    const log = (id: string): string => `require('fs').appendFileSync('log','${id}\\n');`;
    // Both hold the run open until the test has ended the process, and end at once when they are run again.
    const hang = (id: string): string =>
      `${log(id)}const fs=require('fs');const look=()=>fs.existsSync('go')?console.log(1):setTimeout(look,20);look()`;
    const graph =
      group("{strategy: all}") +
      branch("a", `${log("a")}console.log(1)`) +
      branch("b", hang("b")) +
      branch("c", hang("c"), "    in_doubt: retry\n") +
      js("last", log("last"), "    context: {x: b.raw}\n");
    const shop = await Shop.with({ "graph.yaml": graph, "elsewhere/x": "", log: "" });
    const env = { PATH: process.env["PATH"], RUNX_MAX_FANOUT_CONCURRENCY: "3" };
    const words = ["run", "graph.yaml", "--state-dir", "state", "--run-id", "r", "--quiet"];
    const child = spawn(process.execPath, [program, ...words], { cwd: shop.folder, env, stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    const journal = (): string => {
      try {
        return shop.read("state/runs/r/journal.1.jsonl").toString();
      } catch {
        return "";
      }
    };
    await expect.poll(() => journal().match(/"node":"a"[^\n]*|"effect.ended"/g)?.length ?? 0).toBeGreaterThan(0);
    await expect.poll(() => journal().includes('"effect.ended"') && shop.lines("log").length === 3).toBe(true);
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    shop.write("go", "");
    const elsewhere = path.join(shop.folder, "elsewhere");
    const state = ["--state-dir", path.join(shop.folder, "state")];
    const paused = await shop.run(["resume", "r", ...state], {}, elsewhere);
    expect([paused.exit, paused.outcome["reason"]], paused.err).toEqual([
      7,
      expect.stringContaining("effect of node `b` happened"),
    ]);
    const done = await shop.run(["resume", "r", ...state, "--approve"], {}, elsewhere);
    expect(done.exit, done.err).toBe(0);
    expect(shop.lines("log").sort()).toEqual(["a", "b", "b", "c", "c", "last"]);
  });
});
