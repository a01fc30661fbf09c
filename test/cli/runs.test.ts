import { access } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { runsCommand, runsDeleteCommand, runsPruneCommand } from "../../src/cli/commands/runs.ts";
import { UsageError } from "../../src/cli/usage.ts";
import { keepRun, opened, pausedRun, started, T0, wholeRun } from "./kept-runs.ts";
import { expectGolden, fakeTerminal, folderWith } from "./terminal.ts";

const MIN = 60_000;
const now = T0 + 3 * 60 * MIN;

async function threeRuns(): Promise<string> {
  const cwd = await folderWith();
  const stateDir = path.join(cwd, "state");
  await keepRun(stateDir, "r-old", wholeRun("r-old"), T0 - 60 * MIN);
  await keepRun(stateDir, "r-paused", pausedRun("r-paused"), T0);
  const dry = { dryRun: "stub", replay: false, assume: {}, canPause: true, timeoutMs: 1, maxFanout: 1 } as const;
  await keepRun(stateDir, "r-cut", [started("r-cut", { options: dry }), opened()], T0 + MIN);
  return cwd;
}

describe("runs", () => {
  it("lists kept runs, newest first, with what they wait for", async () => {
    const terminal = fakeTerminal(await threeRuns(), { person: true, width: 120 });
    expect(await runsCommand(terminal, { stateDir: "state", now })).toBe(0);
    await expectGolden("runs.txt", terminal.written.out);
    expect(terminal.written.err).toBe("");
  });

  it("lists only the wanted statuses, as JSON too", async () => {
    const terminal = fakeTerminal(await threeRuns());
    await runsCommand(terminal, { stateDir: "state", status: "paused,interrupted", json: true, now });
    expect(JSON.parse(terminal.written.out)).toMatchObject([
      { id: "r-cut", status: "interrupted", dry_run: true, requests: [] },
      {
        id: "r-paused",
        status: "paused",
        started_at: "2026-01-31T14:05:09.000Z",
        requests: [{ id: "ask#1.1", subject: "pause", reason: "Ship it?", node: "ask" }],
      },
    ]);
    await expect(runsCommand(terminal, { stateDir: "state", status: "pausd" })).rejects.toThrow(
      "did you mean `paused`",
    );
  });

  it("teaches when there is nothing, and keeps standard output empty", async () => {
    const terminal = fakeTerminal(await folderWith());
    expect(await runsCommand(terminal, { stateDir: "state" })).toBe(0);
    expect(terminal.written.out).toBe("");
    expect(terminal.written.err).toMatch(
      /^no runs in .*state yet; start one with {3}countersign run FILE --state-dir /,
    );
    const json = fakeTerminal(terminal.cwd);
    await runsCommand(json, { stateDir: "state", json: true });
    expect(json.written.out).toBe("[]\n");
  });

  it("finds the state directory by variable and by countersign.toml, and says how to set one", async () => {
    const cwd = await threeRuns();
    const byVariable = fakeTerminal(cwd, { env: { AGENTD_STATE_DIR: "state" } });
    await runsCommand(byVariable, { now });
    expect(byVariable.written.out).toContain("r-paused");
    const configured = await folderWith({ "countersign.toml": 'state_dir = "kept"\n', ".git/HEAD": "", "sub/x": "" });
    await keepRun(path.join(configured, "kept"), "r-1", wholeRun("r-1"));
    const byFile = fakeTerminal(path.join(configured, "sub"));
    await runsCommand(byFile, { now });
    expect(byFile.written.out).toContain("r-1");
    const nowhere = fakeTerminal(await folderWith());
    await expect(runsCommand(nowhere)).rejects.toThrow(UsageError);
    await expect(runsCommand(nowhere)).rejects.toThrow(/--state-dir.*COUNTERSIGN_STATE_DIR.*countersign\.toml/);
  });

  it("shows a damaged run as unreadable with the reason", async () => {
    const cwd = await folderWith({ "state/runs/r-bad/journal.1.jsonl": "{}\n" });
    const terminal = fakeTerminal(cwd);
    expect(await runsCommand(terminal, { stateDir: "state", now })).toBe(0);
    expect(terminal.written.out).toMatch(/r-bad +\? +unreadable +\? +journal\./);
  });
});

describe("runs prune and runs delete", () => {
  it("says what would go, removes it, and keeps paused runs", async () => {
    const cwd = await threeRuns();
    const later = T0 + 40 * 24 * 60 * MIN;
    const preview = fakeTerminal(cwd);
    await runsPruneCommand(preview, { stateDir: "state", keep: 0, days: 30, dryRun: true, now: later });
    expect(preview.written.out).toBe("r-cut\nr-old\n");
    await access(path.join(cwd, "state/runs/r-old"));
    const real = fakeTerminal(cwd);
    expect(await runsPruneCommand(real, { stateDir: "state", keep: 0, now: later })).toBe(0);
    expect(real.written.err).toContain("2 runs removed");
    const list = fakeTerminal(cwd);
    await runsCommand(list, { stateDir: "state", json: true });
    expect((JSON.parse(list.written.out) as { id: string }[]).map((run) => run.id)).toEqual(["r-paused"]);
  });

  it("deletes one run, a paused one only with --force", async () => {
    const terminal = fakeTerminal(await threeRuns());
    expect(await runsDeleteCommand(terminal, "r-old", { stateDir: "state" })).toBe(0);
    expect(terminal.written.err).toBe("run r-old (gate, completed) is removed\n");
    await expect(runsDeleteCommand(terminal, "r-paused", { stateDir: "state" })).rejects.toThrow("pass --force");
    expect(await runsDeleteCommand(terminal, "r-paused", { stateDir: "state", force: true })).toBe(0);
    await expect(runsDeleteCommand(terminal, "../x", { stateDir: "state" })).rejects.toThrow(UsageError);
    await expect(runsDeleteCommand(terminal, "nix", { stateDir: "state" })).rejects.toThrow('there is no run "nix"');
  });

  it("refuses numbers that are none", async () => {
    const terminal = fakeTerminal(await folderWith());
    await expect(runsPruneCommand(terminal, { stateDir: "s", keep: Number.NaN })).rejects.toThrow("--keep");
  });
});
