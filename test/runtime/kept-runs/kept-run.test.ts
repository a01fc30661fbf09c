import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptyRun, foldSteps, type RunView } from "../../../src/protocol/run-fold.ts";
import { runStep, type RunStep } from "../../../src/protocol/run.ts";
import {
  startEditorRun,
  type EditorRun,
  type EditorRunEnd,
  type InputAnswer,
} from "../../../src/runtime/editor-run/index.ts";
import { operatorOf } from "../../../src/runtime/editor-run/place.ts";
import {
  compareRuns,
  exportBundle,
  inspectionText,
  pinnedText,
  replayKept,
  snapshotText,
  tellPastRun,
  type PastRun,
} from "../../../src/runtime/kept-runs/index.ts";
import type { Operator } from "../../../src/runtime/operator.ts";
import { openBundle } from "../../../src/runtime/ops/index.ts";
import { keepRun, pausedRun, started, opened, entered, wholeRun } from "../../cli/kept-runs.ts";
import { copyOfExamples } from "../../examples/support.ts";

describe("a kept run", () => {
  let folder: string;
  let stateDir: string;
  beforeEach(async () => {
    folder = await copyOfExamples();
    stateDir = path.join(folder, "examples", ".countersign");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const placeOf = (file: string) => ({
    file: path.join(folder, file),
    workspaceFolder: folder,
    env: { PATH: process.env["PATH"] ?? "" },
    environment: null,
    opened: () => null,
  });
  const router = "examples/support-router/support-router.toml";
  const payload = (value: object): InputAnswer => ({ type: "text", text: JSON.stringify(value) });

  interface Ran {
    readonly runId: string;
    readonly end: EditorRunEnd;
    readonly view: RunView;
  }
  async function run(file: string, input: InputAnswer, dry = true, change?: (held: EditorRun) => void): Promise<Ran> {
    const steps: RunStep[] = [];
    const startedRun = await startEditorRun({
      ...{ place: placeOf(file), dry, start: null, input, storage: path.join(folder, ".storage") },
      onStep: (step) => steps.push(step),
    });
    if (!startedRun.ok) throw new Error(startedRun.problem.message);
    change?.(startedRun.run);
    const end = await startedRun.run.done;
    return { runId: startedRun.run.runId, end, view: foldSteps(emptyRun(startedRun.run.runId), steps) };
  }

  async function told(runId: string): Promise<{ readonly past: PastRun; readonly view: RunView }> {
    const steps: RunStep[] = [];
    const past = await tellPastRun({ stateDir, runId, cwd: folder }, (step) => steps.push(step));
    if (!past.ok) throw new Error(past.problem.message);
    for (const step of steps) expect(runStep.safeParse(step).error).toBeUndefined();
    return { past: past.value, view: foldSteps(emptyRun(runId), steps) };
  }

  async function operator(): Promise<Operator> {
    const read = await operatorOf(placeOf(router));
    if (!read.ok) throw new Error(read.problems[0]?.message);
    return read.operator;
  }

  const fixture = (name: string): InputAnswer => ({ type: "fixture", file: path.join(folder, "examples", name) });

  describe("told again", () => {
    it.each([
      ["examples/retry-fallback/retry-fallback.toml", "retry-fallback/fixture.toml", true],
      ["examples/map-accounts/map-accounts.toml", "map-accounts/fixture.toml", true],
      ["examples/approval-gate/graph.yaml", null, false],
      ["examples/hello-graph/graph.yaml", null, false],
    ] as const)("%s shows as it did when it ran", async (file, mocks, dry) => {
      const ran = await run(file, mocks === null ? { type: "none" } : fixture(mocks), dry);
      const { past, view } = await told(ran.runId);
      expect(view).toEqual(ran.view);
      expect(past.documents[0]).toEqual({ file: path.join(folder, file), state: "same" });
      expect(past.documents.every(({ state }) => state === "same")).toBe(true);
    });

    it("a run that failed, and one that was cancelled, say so", async () => {
      const bad = await run("examples/config-drift/config-drift.toml", payload({}));
      const { view } = await told(bad.runId);
      expect(view.ended).toEqual(bad.view.ended);
      expect(view.ended?.status).toBe("failed");
      const cut = await run("examples/hello-graph/graph.yaml", { type: "none" }, false, (held) => {
        held.cancel();
      });
      const again = await told(cut.runId);
      expect(again.view.ended).toEqual(cut.view.ended);
      expect(again.view.ended?.status).toBe("cancelled");
    });

    it("one that was stopped shows as interrupted, as far as it came", async () => {
      const { runId } = await run("examples/hello-graph/graph.yaml", { type: "none" }, false, (held) => {
        held.stop();
      });
      const { past, view } = await told(runId);
      expect(past.status).toBe("interrupted");
      expect(view.ended?.status).toBe("stopped");
    });

    it("a document that has changed since, or is gone, is told, and its text of then is there", async () => {
      const file = "examples/hello-graph/graph.yaml";
      const before = await readFile(path.join(folder, file), "utf8");
      const { runId } = await run(file, { type: "none" });
      await writeFile(path.join(folder, file), `# another\n${before}`);
      expect((await told(runId)).past.documents[0]?.state).toBe("changed");
      await rm(path.join(folder, file));
      expect((await told(runId)).past.documents[0]?.state).toBe("gone");
      expect(await pinnedText({ stateDir, runId, cwd: folder })).toEqual({ ok: true, value: before });
    });

    it("a damaged journal, a run that is gone and one that never began are refused with a sentence", async () => {
      const kept = await keepRun(stateDir, "damaged", wholeRun("damaged"));
      const journal = path.join(kept, "journal.1.jsonl");
      await writeFile(journal, (await readFile(journal, "utf8")).replace("node.entered", "node.entree"));
      await keepRun(stateDir, "empty", []);
      const refusal = async (runId: string): Promise<unknown> => {
        const found = await tellPastRun({ stateDir, runId, cwd: folder }, () => undefined);
        return found.ok ? null : found.problem;
      };
      expect(await refusal("damaged")).toMatchObject({ code: "journal.corrupt" });
      expect(await refusal("nobody")).toMatchObject({ code: "journal.missing" });
      expect(await refusal("empty")).toMatchObject({ code: "run.not_begun" });
      expect(await refusal("../x")).toMatchObject({ code: "journal.run_id" });
    });
  });

  describe("as a text", () => {
    it("is what `inspect` shows, without colours", async () => {
      const { runId } = await run(
        "examples/retry-fallback/retry-fallback.toml",
        fixture("retry-fallback/fixture.toml"),
      );
      const text = await inspectionText({ stateDir, runId, cwd: folder }, Date.now());
      expect(text.ok && text.value).toMatch(/^retry-fallback {2}run exec-/);
      expect(text.ok && text.value).toContain("✓ fresh");
      expect(text.ok && text.value).not.toContain("\u001b");
    });

    it("a journal that is damaged is shown up to the break, with what is wrong", async () => {
      const kept = await keepRun(stateDir, "damaged", wholeRun("damaged"));
      const journal = path.join(kept, "journal.1.jsonl");
      const lines = (await readFile(journal, "utf8")).split("\n");
      lines[6] = lines[6]?.replace("timer", "tamer") ?? "";
      await writeFile(journal, lines.join("\n"));
      const text = await inspectionText({ stateDir, runId: "damaged", cwd: folder }, Date.now());
      expect(text.ok && text.value).toMatch(/^Note: .*journal\.1\.jsonl:7\)/);
      expect(text.ok && text.value).toContain("load");
      await truncate(journal, Math.floor(statSync(journal).size / 2));
      expect((await inspectionText({ stateDir, runId: "damaged", cwd: folder }, Date.now())).ok).toBe(true);
      await truncate(journal, 10);
      expect(await inspectionText({ stateDir, runId: "damaged", cwd: folder }, Date.now())).toMatchObject({
        ok: false,
      });
    });
  });

  describe("compared with another", () => {
    const compared = async (left: string, right: string) => {
      const found = await compareRuns({ stateDir, runId: left, cwd: folder }, { stateDir, runId: right, cwd: folder });
      if (!found.ok) throw new Error(found.problem.message);
      return found.value;
    };

    it("equal runs have equal texts but for their times, and no id in them", async () => {
      const input = fixture("map-accounts/fixture.toml");
      const [a, b] = [
        await run("examples/map-accounts/map-accounts.toml", input),
        await run("examples/map-accounts/map-accounts.toml", input),
      ];
      const { left, right, same, summary } = await compared(a.runId, b.runId);
      expect(same).toBe(true);
      expect(summary).toMatch(/^The runs did the same: \d+ visits?, completed\. They took .* and .*\.$/);
      const body = (text: string): string | undefined => text.split("\ntimes\n")[0];
      expect(body(left)).toBe(body(right));
      expect(left).not.toContain(a.runId);
      expect(left).toContain("child ");
    });

    it("says what differs: the path, values and effects", async () => {
      const file = "examples/retry-fallback/retry-fallback.toml";
      const a = await run(file, fixture("retry-fallback/fixture.toml"));
      const b = await run(file, fixture("retry-fallback/unavailable/fixture.toml"));
      const { left, right, same, summary } = await compared(a.runId, b.runId);
      expect(same).toBe(false);
      expect(summary).toContain("1 visit only in the first");
      expect(summary).toContain("2 visits only in the second");
      expect(summary).toContain("ways out differ at 1 node");
      expect(left).toContain("fresh: done");
      expect(right).toContain("yesterday: done");
      expect(right).toContain("effect http.request");
      // Whichever way round.
      const back = await compared(b.runId, a.runId);
      expect(back.left).toBe(right);
      expect(back.summary).toContain("2 visits only in the first");
    });

    it("runs of two documents, one of them cut and one that waits, can be compared too", async () => {
      await keepRun(stateDir, "cut", [started("cut"), opened(), entered("load")]);
      await keepRun(stateDir, "waits", pausedRun("waits"));
      const { left, right } = await compared("cut", "waits");
      expect(left).toContain("outcome      not ended");
      expect(left).toContain("load: not ended");
      expect(right).toContain("outcome      paused");
      expect(right).toContain("asked (pause): open: Ship it?");
    });

    it("a run that is gone is a sentence", async () => {
      await keepRun(stateDir, "one", wholeRun("one"));
      const found = await compareRuns({ stateDir, runId: "one", cwd: folder }, { stateDir, runId: "two", cwd: folder });
      expect(found).toMatchObject({ ok: false, problem: { code: "journal.missing" } });
    });
  });

  describe("replayed", () => {
    it("goes the same way and performs nothing", async () => {
      const { runId } = await run("examples/hello-graph/graph.yaml", { type: "none" }, false);
      const found = await replayKept({ stateDir, runId, cwd: folder }, await operator());
      expect(found).toMatchObject({ ok: true, value: { same: true } });
      expect(found.ok && found.value.sentence).toMatch(
        /^it goes the same way today \(\d+ visits, \d+ effects, none performed\)\.$/,
      );
      expect(found.ok && found.value.recorded).toBe(found.ok ? found.value.replayed : null);
    });

    it("says where it goes another way", async () => {
      const { runId } = await run("examples/hello-graph/graph.yaml", { type: "none" }, false);
      const own = await operator();
      const denying: Pick<Operator, "governance" | "stages"> = {
        stages: own.stages,
        governance: (command, dialect, startedIn) => {
          const settings = own.governance(command, dialect, startedIn);
          return { ...settings, posture: { ...settings.posture, replay: "disabled" } };
        },
      };
      const found = await replayKept({ stateDir, runId, cwd: folder }, denying);
      if (!found.ok) throw new Error(found.problem.message);
      expect(found.value.same).toBe(false);
      expect(found.value.sentence).toMatch(/^it goes another way today: \d+ differences? \(/);
      expect(found.value.recorded).toContain("outcome  completed");
      expect(found.value.replayed).toContain("outcome  failed");
      const places = (text: string): string[] => text.split("\n").filter((line) => /^\w.* at /.test(line));
      expect(places(found.value.recorded)).toEqual(places(found.value.replayed));
    });

    it("one that is gone, or damaged, is refused with a sentence", async () => {
      const operatorHere = await operator();
      const refusal = async (runId: string) => replayKept({ stateDir, runId, cwd: folder }, operatorHere);
      expect(await refusal("nobody")).toMatchObject({ ok: false, problem: { code: "journal.missing" } });
      await keepRun(stateDir, "empty", []);
      expect(await refusal("empty")).toMatchObject({ ok: false, problem: { code: "bundle.no_run" } });
    });
  });

  describe("exported", () => {
    it("as a snapshot in JSON", async () => {
      const { runId } = await run("examples/hello-graph/graph.yaml", { type: "none" });
      const text = await snapshotText({ stateDir, runId, cwd: folder });
      expect(JSON.parse(text.ok ? text.value : "{}")).toMatchObject({
        run_id: runId,
        x_countersign: { status: "completed" },
      });
    });

    it("as an incident bundle that can be opened again, in the place of an older one, with what is to be known", async () => {
      const { runId } = await run("examples/hello-graph/graph.yaml", { type: "none" });
      const out = await mkdtemp(path.join(os.tmpdir(), "countersign-bundle-"));
      const file = path.join(out, "incident.tar.gz");
      await writeFile(file, "an older one");
      const place = { stateDir, runId, cwd: folder };
      const written = await exportBundle(place, file, await operator(), {});
      expect(written.ok && written.value.notes.join(" ")).toContain("unsigned");
      expect((await openBundle(file, null)).ok).toBe(true);
      expect(await readdir(out)).toEqual(["incident.tar.gz"]);
      expect(await exportBundle(place, path.join(out, "x.zip"), await operator(), {})).toMatchObject({ ok: false });
      expect(await exportBundle({ ...place, runId: "nobody" }, file, await operator(), {})).toMatchObject({
        ok: false,
      });
      await rm(out, { recursive: true });
    });
  });
});
