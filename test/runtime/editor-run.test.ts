import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptyRun, foldSteps, type RunView } from "../../src/protocol/run-fold.ts";
import { runStep, type RunStep } from "../../src/protocol/run.ts";
import {
  fieldProblem,
  inputQuestion,
  loadForRun,
  payloadText,
  recallRun,
  resumeEditorRun,
  startEditorRun,
  type EditorRunEnd,
  type InputAnswer,
} from "../../src/runtime/editor-run/index.ts";
import { unfinishedRuns } from "../../src/runtime/editor-run/unfinished.ts";
import { listRuns } from "../../src/runtime/runs.ts";
import { copyOfExamples } from "../examples/support.ts";

interface Wish {
  readonly dry?: boolean;
  readonly start?: string;
  readonly input?: InputAnswer;
  readonly env?: Readonly<Record<string, string>>;
  readonly opened?: Readonly<Record<string, string>>;
  readonly onStep?: (step: RunStep, act: { cancel(): void; stop(): void }) => void;
}

interface Ran {
  readonly end: EditorRunEnd;
  readonly steps: readonly RunStep[];
  readonly view: RunView;
}

describe("runs of an editor", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await copyOfExamples();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const placeOf = (file: string, wish: Wish) => ({
    file: path.join(folder, file),
    workspaceFolder: folder,
    env: { PATH: process.env["PATH"] ?? "", ...wish.env },
    environment: null,
    opened: (one: string) => wish.opened?.[path.relative(folder, one)] ?? null,
  });

  async function run(file: string, wish: Wish = {}): Promise<Ran> {
    const steps: RunStep[] = [];
    const held: { run: { cancel(): void; stop(): void } | null } = { run: null };
    const started = await startEditorRun({
      place: placeOf(file, wish),
      dry: wish.dry ?? false,
      start: wish.start ?? null,
      input: wish.input ?? { type: "none" },
      storage: path.join(folder, ".storage"),
      onStep: (step) => {
        steps.push(step);
        if (held.run !== null) wish.onStep?.(step, held.run);
      },
    });
    if (!started.ok) return { end: started, steps, view: emptyRun("") };
    held.run = started.run;
    const end = await started.run.done;
    for (const step of steps) expect(runStep.safeParse(step).error).toBeUndefined();
    expect(steps.map(({ seq }) => seq)).toEqual(steps.map((_, i) => i));
    return { end, steps, view: foldSteps(emptyRun(started.run.runId), steps) };
  }

  const fixture = (name: string): InputAnswer => ({ type: "fixture", file: path.join(folder, "examples", name) });
  const names = (view: RunView): string[] => view.rows.map(({ name }) => name);

  it("runs a document for real: its programs start, its edges are taken, and the run is kept where it is configured", async () => {
    const { end, view } = await run("examples/hello-graph/graph.yaml");
    expect(end).toMatchObject({ ok: true, end: { status: "completed" } });
    expect(view.ended?.preview).not.toBe("");
    expect([...view.nodes.values()].every(({ state }) => state === "done")).toBe(true);
    const [first, second] = names({ ...view, rows: view.rows.filter(({ depth }) => depth === 0) });
    expect([...view.taken.keys()]).toContain(`edge:${first}>${second}`);
    const runs = await listRuns(path.join(folder, "examples", ".countersign"));
    expect(runs.ok && runs.value.map(({ id }) => id)).toEqual([view.runId]);
  });

  it("keeps runs in its own storage where nothing is configured", async () => {
    await rm(path.join(folder, "examples", "countersign.toml"));
    const { view } = await run("examples/hello-graph/graph.yaml");
    expect(await readdir(path.join(folder, ".storage", "runs"))).toContain(view.runId);
  });

  it("a dry run answers from the fixture's mocks and says so at the node", async () => {
    const { end, view } = await run("examples/retry-fallback/retry-fallback.toml", {
      dry: true,
      input: fixture("retry-fallback/fixture.toml"),
    });
    expect(end).toMatchObject({ ok: true, end: { status: "completed" } });
    expect(names(view)).toEqual(["fetch", "fresh"]);
    expect(view.nodes.get("fetch")).toMatchObject({ state: "done", by: "mock" });
    expect(view.dry).toBe("reads");
  });

  it("a live run shows each attempt, and the branch that the failure took", async () => {
    const { end, view, steps } = await run("examples/retry-fallback/retry-fallback.toml", {
      input: { type: "file", file: path.join(folder, "examples/retry-fallback/payload.json") },
    });
    expect(end).toMatchObject({ ok: true, end: { status: "completed" } });
    expect(steps.filter(({ type }) => type === "retrying")).toHaveLength(2);
    expect(view.nodes.get("fetch")).toMatchObject({ state: "failed", label: "error", attempt: 3 });
    expect(names(view)).toEqual(["fetch", "yesterday", "stale"]);
    const taken = [...view.taken.keys()];
    expect(taken).toContain("entry:start:main");
    expect(taken.filter((key) => key.startsWith("edge:"))).toHaveLength(2);
  });

  it("children show below the node that runs them", async () => {
    const { view } = await run("examples/map-accounts/map-accounts.toml", {
      dry: true,
      input: fixture("map-accounts/fixture.toml"),
    });
    const nested = view.rows.filter(({ depth }) => depth === 1);
    expect(nested.length).toBeGreaterThan(0);
    const around = nested[0]?.node.split("/")[0] ?? "";
    const { opened = 0, ended = 0 } = view.nodes.get(around)?.children ?? {};
    expect(opened).toBeGreaterThan(0);
    expect(ended).toBe(opened);
  });

  it("a live run that needs an answer is paused and says what it waits for", async () => {
    const { end, view } = await run("examples/approval-gate/graph.yaml");
    expect(end).toMatchObject({ ok: true, end: { status: "paused" } });
    expect(view.ended?.waitsFor).toHaveLength(1);
    expect([...view.nodes.values()].filter(({ state }) => state === "paused")).toHaveLength(1);
  });

  it("a dry run takes the unsaved text; a live run refuses it and names the file", async () => {
    const file = "examples/hello-graph/graph.yaml";
    const opened = { [file]: "name: typed\nsteps:\n  - id: only\n    tool: fs.read\n" };
    const dry = await run(file, { dry: true, opened });
    expect(names(dry.view)).toEqual(["only"]);
    const live = await run(file, { opened });
    expect(live.end).toMatchObject({ ok: false, problem: { code: "unsaved", unsaved: [path.join(folder, file)] } });
    expect(live.steps).toEqual([]);
  });

  it("cancelling ends the run for good, stopping leaves it to be resumed", async () => {
    const slow = path.join(folder, "slow");
    await mkdir(slow);
    const text =
      'name = "slow"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "wait"\n' +
      '[[nodes]]\nid = "wait"\ntype = "shell_run"\ncommand = "/usr/bin/sleep"\nargs_from = "trigger.args"\n' +
      '[policy.shell]\ncommands = ["/usr/bin/sleep"]\n';
    await writeFile(path.join(slow, "slow.toml"), text);
    const atDecision = (how: "cancel" | "stop") => (step: RunStep, act: { cancel(): void; stop(): void }) => {
      if (step.type === "decided") act[how]();
    };
    const input: InputAnswer = { type: "text", text: '{"args":["60"]}' };
    const cancelled = await run("slow/slow.toml", { input, onStep: atDecision("cancel") });
    expect(cancelled.end).toMatchObject({ ok: true, end: { status: "cancelled" } });
    expect(cancelled.view.nodes.get("wait")?.state).not.toBe("running");
    const stopped = await run("slow/slow.toml", { input, onStep: atDecision("stop") });
    expect(stopped.end).toMatchObject({ ok: true, end: { status: "stopped" } });
    const runs = await listRuns(path.join(folder, ".storage"));
    expect(runs.ok && runs.value.map(({ status }) => status).sort()).toEqual(["failed", "interrupted"]);
  });

  it("a run that was stopped is found, shown as far as it came, and goes on where it was cut", async () => {
    const file = path.join(folder, "late.toml");
    const flag = path.join(folder, "flag");
    const text =
      'name = "late"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "first"\n' +
      '[[nodes]]\nid = "first"\ntype = "template_render"\ninput_from = "trigger"\ntemplate = "begun"\n' +
      '[[nodes]]\nid = "wait"\ntype = "shell_run"\ncommand = "/bin/sh"\nargs_from = "trigger.args"\nin_doubt = "retry"\n' +
      '[[edges]]\nfrom = "first"\nto = "wait"\n[policy.shell]\ncommands = ["/bin/sh", "/usr/bin/dash"]\n';
    await writeFile(file, text);
    const args = ["-c", `until test -e ${flag}; do sleep 0.05; done`];
    const { end, view } = await run("late.toml", {
      input: { type: "text", text: JSON.stringify({ args }) },
      onStep: (step, act) => {
        if (step.type === "decided") act.stop();
      },
    });
    expect(end).toMatchObject({ ok: true, end: { status: "stopped" } });
    // What the document says now does not matter to a run that has begun.
    await writeFile(file, text.replace("begun", "changed"));
    const place = placeOf("late.toml", {});
    const storage = path.join(folder, ".storage");
    const { runs, underWay } = await unfinishedRuns(place, storage);
    expect(runs).toMatchObject([{ runId: view.runId, root: file, latest: true }]);
    expect(underWay).toBe(false);
    const { runId } = view;
    const seen: RunStep[] = [];
    expect(await recallRun({ place, runId, storage, onStep: (step) => seen.push(step) })).toBeNull();
    const shown = foldSteps(emptyRun(runId), seen);
    expect(shown.ended).toMatchObject({ status: "stopped", last: "wait" });
    expect([shown.nodes.get("first")?.state, shown.nodes.get("wait")?.state]).toEqual(["done", "stopped"]);
    await writeFile(flag, "");
    const steps: RunStep[] = [];
    const resumed = await resumeEditorRun({ place, runId, storage, onStep: (step) => steps.push(step) });
    if (!resumed.ok) throw new Error(resumed.problem.message);
    expect(await resumed.run.done).toMatchObject({ ok: true, end: { status: "completed" } });
    const after = foldSteps(emptyRun(runId), steps);
    expect(steps.map(({ seq }) => seq)).toEqual(steps.map((_, i) => i));
    expect(after.nodes.get("first")).toMatchObject({ state: "done", visits: 1 });
    expect(after.nodes.get("first")?.preview).toContain("begun");
    expect(after.nodes.get("wait")?.state).toBe("done");
    expect(new Set(after.rows.map(({ act }) => act)).size).toBe(after.rows.length);
    expect(await unfinishedRuns(place, storage)).toEqual({ runs: [], waiting: null, underWay: false });
    const again = await resumeEditorRun({ place, runId, storage, onStep: () => undefined });
    const twice = again.ok ? await again.run.done : again;
    expect(twice.ok).toBe(false);
  });

  it("a secret of the environment is in no step", async () => {
    const canary = "canary-5f0e1c9ab7d24";
    const folderOf = path.join(folder, "leak");
    await mkdir(folderOf);
    const text =
      'name = "leak"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "token"\n' +
      '[[nodes]]\nid = "token"\ntype = "read_env"\nkey = "CANARY"\n' +
      '[[nodes]]\nid = "shown"\ntype = "template_render"\ninput_from = "token"\ntemplate = "it is {{value}}"\n' +
      '[[nodes]]\nid = "end"\ntype = "fail"\nreason = "told {{shown.rendered}}"\n' +
      '[[edges]]\nfrom = "token"\nto = "shown"\n[[edges]]\nfrom = "shown"\nto = "end"\n' +
      '[policy.env]\nread_keys = ["CANARY"]\n';
    await writeFile(path.join(folderOf, "leak.toml"), text);
    for (const dry of [false, true]) {
      const { steps, end, view } = await run("leak/leak.toml", { dry, env: { CANARY: canary } });
      expect(names(view)).toContain("shown");
      expect(view.nodes.get("token")?.preview).toContain("{secret:CANARY");
      const told = JSON.stringify([steps, end]);
      for (const form of [canary, Buffer.from(canary).toString("base64")]) expect(told).not.toContain(form);
    }
  });

  it("a document with errors is not run; the findings say where", async () => {
    const file = "examples/hello-graph/graph.yaml";
    const { end } = await run(file, { dry: true, opened: { [file]: "name: x\nsteps:\n  - id: a\n    tool: [\n" } });
    expect(end.ok).toBe(false);
    const findings = end.ok ? [] : end.problem.findings;
    expect(findings.length).toBeGreaterThan(0);
    expect(findings[0]?.at.start.line).toBeGreaterThan(0);
  });

  it("the question names what the document reads, and its fixtures", async () => {
    const place = placeOf("examples/retry-fallback/retry-fallback.toml", {});
    const loaded = await loadForRun(place, true);
    if (!loaded.ok) throw new Error(loaded.problem.message);
    const question = await inputQuestion(loaded.loaded.graph, "main", place);
    expect(question.fields.map(({ name }) => name).sort()).toEqual(["fallback_file", "rates_url"]);
    expect(question.fixtures.map((file) => path.relative(path.dirname(place.file), file))).toEqual([
      "fixture.toml",
      "unavailable/fixture.toml",
    ]);
    expect(question.payloads.map((file) => path.basename(file))).toEqual(["payload.json"]);
  });
});

describe("filling in a payload", () => {
  const field = (name: string, type: string | null = null, required = false) => ({
    ...{ name, type, required },
    preset: null,
    description: null,
  });

  it("makes an object of dotted names, takes JSON as JSON and leaves out what is empty", () => {
    const fields = [field("a.b"), field("a.c"), field("n"), field("left"), field("s", "string")];
    const texts = new Map([
      ["a.b", "[1]"],
      ["a.c", "plain"],
      ["n", "2.0"],
      ["s", "3"],
    ]);
    expect(payloadText(fields, texts)).toBe('{"a":{"b":[1],"c":"plain"},"n":2.0,"s":"3"}');
  });

  it("says what is wrong with a typed field", () => {
    expect(fieldProblem(field("n", "integer", true), "")).toBe("n is required");
    expect(fieldProblem(field("n", "integer"), "")).toBeNull();
    expect(fieldProblem(field("n", "integer"), "1.5")).toBe("this is no integer");
    expect(fieldProblem(field("n", "object"), "{")).toMatch(/object: /);
    expect(fieldProblem(field("n", "boolean"), "true")).toBeNull();
  });
});
