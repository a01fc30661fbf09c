import { appendFile, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { inspectCommand } from "../../src/cli/commands/inspect.ts";
import type { RunEvent } from "../../src/effects/events.ts";
import { act, entered, frameEnded, keepRun, nodeEnded, opened, pausedRun, started, T0, wholeRun } from "./kept-runs.ts";
import { expectGolden, fakeTerminal, folderWith, type FakeTerminal } from "./terminal.ts";

const now = T0 + 7_200_000;

async function withRuns(): Promise<string> {
  const cwd = await folderWith();
  const stateDir = path.join(cwd, "state");
  await keepRun(stateDir, "run-a1", wholeRun("run-a1"), T0 - 1000);
  await keepRun(stateDir, "run-b2", pausedRun("run-b2"), T0);
  return cwd;
}

async function inspect(
  cwd: string,
  named: string,
  options: Parameters<typeof inspectCommand>[2] = {},
  person = true,
): Promise<FakeTerminal & { code: number }> {
  const terminal = fakeTerminal(cwd, { person, width: 100 });
  const code = await inspectCommand(terminal, named, { stateDir: "state", now, ...options });
  return { ...terminal, code };
}

describe("inspect", () => {
  it("shows a run as a tree: retries, effects with decisions, children, branches, timings", async () => {
    const { code, written } = await inspect(await withRuns(), "run-a1");
    expect(code).toBe(0);
    await expectGolden("inspect-whole.txt", written.out.replaceAll(/sha256:[0-9a-f]{12}/g, "sha256:…"));
    expect(written.out).not.toContain("\u001b");
    for (const line of written.out.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  it("shows what a paused run waits for and the command that answers it", async () => {
    const { written } = await inspect(await withRuns(), "last");
    await expectGolden("inspect-paused.txt", written.out.replaceAll(/sha256:[0-9a-f]{12}/g, "sha256:…"));
    expect(written.out).toContain("answer with   countersign resume run-b2 --state-dir state");
  });

  it("prints whole outputs with --full only", async () => {
    const cwd = await withRuns();
    const whole = "x".repeat(500);
    expect((await inspect(cwd, "run-a1", { full: true })).written.out).toContain(whole);
    expect((await inspect(cwd, "run-a1")).written.out).not.toContain(whole);
  });

  it("finds a run by a unique beginning, and says so when it is not unique or not there", async () => {
    const cwd = await withRuns();
    expect((await inspect(cwd, "run-b")).written.out).toContain("run run-b2  paused");
    await expect(inspect(cwd, "run-")).rejects.toThrow("begins 2 runs: run-b2, run-a1");
    await expect(inspect(cwd, "nope")).rejects.toThrow("begins with `nope`");
    await expect(inspect(await folderWith(), "last")).rejects.toThrow("start one with");
  });

  it("reads a run's folder wherever it stands", async () => {
    const cwd = await withRuns();
    await rename(path.join(cwd, "state/runs/run-a1"), path.join(cwd, "run-a1"));
    const { code, written } = await inspect(cwd, "./run-a1", { stateDir: undefined });
    expect(code).toBe(0);
    expect(written.out).toContain("gate  run run-a1  completed");
    await expect(inspect(cwd, "./nix")).rejects.toThrow("there is no run folder or run record ./nix");
  });

  it("prints the events as JSON Lines with exact numbers", async () => {
    const { written } = await inspect(await withRuns(), "run-a1", { json: true });
    const lines = written.out.trimEnd().split("\n");
    expect(lines).toHaveLength([...wholeRun("x")].length);
    for (const [i, line] of lines.entries()) expect(JSON.parse(line)).toMatchObject({ seq: i + 1 });
    expect(written.out).toContain('"output":{"n":9007199254740993}');
  });

  it("tells of a torn end and goes on; of damage it shows what stands before it, and exits with 5", async () => {
    const cwd = await withRuns();
    const file = path.join(cwd, "state/runs/run-a1/journal.1.jsonl");
    await appendFile(file, '{"seq":99,');
    const torn = await inspect(cwd, "run-a1");
    expect(torn.code).toBe(0);
    expect(torn.written.err).toContain("note: journal.torn");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("/data/a.txt", "/data/b.txt"));
    const damaged = await inspect(cwd, "run-a1");
    expect(damaged.code).toBe(5);
    expect(damaged.written.err).toMatch(/journal\.corrupt.*journal\.1\.jsonl:\d+/);
    expect(damaged.written.out).toContain("attempt 1 failed");
  });

  it("reads a run record, in the words of the reference", async () => {
    const record = {
      workflow: "gate",
      start_node: "main",
      execution_id: "exec-1",
      status: "completed",
      last_node: "b",
      detail: "d".repeat(300),
      wall_ms: 12,
      cost: { llm_calls: 1, llm_tokens: 20, policy_denials: 0 },
      trace: {
        execution_id: "exec-1",
        entries: [
          { node_id: "a", kind: "condition", outcome: "continue", branch: "true", output: { value: 1 }, elapsed_ms: 2 },
          { node_id: "b", kind: "terminate", outcome: "terminate", branch: null, output: null, elapsed_ms: 0 },
        ],
      },
    };
    const cwd = await folderWith({ "r.json": JSON.stringify(record), "x.json": "{}" });
    const { written } = await inspect(cwd, "r.json", { stateDir: undefined });
    expect(written.out).toBe(
      [
        "run exec-1  workflow=gate  status=completed",
        "  start=main  12 ms  1 llm call(s) / 20 tokens  0 policy denial(s)",
        "  path:",
        "     1. a [condition] continue →true  2 ms",
        '        output: {"value":1}',
        "     2. b [terminate] terminate  0 ms",
        `  outcome: "${"d".repeat(199)}…`,
        "",
      ].join("\n"),
    );
    await expect(inspect(cwd, "x.json", { stateDir: undefined })).rejects.toThrow("is no run record");
  });

  it("counts what it leaves out of a long loop, but shows every failure", async () => {
    const cwd = await folderWith();
    const events: RunEvent[] = [started("loop"), opened()];
    for (let visit = 1; visit <= 100; visit++) {
      events.push(entered("ask", "", 1, visit));
      if (visit === 60)
        events.push({
          type: "node.failed",
          ...act("ask", "", 1, visit),
          failure: { class: "tool", message: "broken here" },
          then: "stop",
        });
      else events.push(nodeEnded("ask", { visit: BigInt(visit) }, { visit }));
    }
    await keepRun(path.join(cwd, "state"), "loop", events);
    const { written } = await inspect(cwd, "loop");
    expect(written.out).toContain("… 39 more visits (--full shows them)");
    expect(written.out).toContain("broken here");
    expect((await inspect(cwd, "loop", { full: true })).written.out).toContain("(visit 77)");
  });

  it("shows a hundred thousand events in time that follows their number", async () => {
    const cwd = await folderWith();
    function* many(): Generator<RunEvent> {
      yield started("big");
      yield opened();
      yield entered("split");
      for (let child = 0; child < 25_000; child++) {
        const frame = `split[${child}]`;
        yield opened(frame, act("split"), child);
        yield entered("load", frame);
        yield nodeEnded("load", { child: BigInt(child) }, { frame });
        yield frameEnded(frame);
      }
      yield nodeEnded("split", null);
      yield frameEnded();
      yield { type: "run.ended", outcome: "completed", reason: null };
    }
    await keepRun(path.join(cwd, "state"), "big", many(), T0, 1);
    const began = performance.now();
    const { written } = await inspect(cwd, "big");
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(written.out).toContain("… 24979 more children (--full shows them)");
    expect(written.out).toContain("100006 events");
  });
});
