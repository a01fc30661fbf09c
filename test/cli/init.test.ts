import { access, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { initCommand } from "../../src/cli/commands/init.ts";
import { runsCommand } from "../../src/cli/commands/runs.ts";
import { validateCommand } from "../../src/cli/commands/validate.ts";
import { starterDialects, starters } from "../../src/runtime/starters.ts";
import { rootGraph } from "../../src/dialects/bundle.ts";
import { loadDocument } from "../../src/runtime/documents.ts";
import { execute, newRunId } from "../../src/runtime/execute.ts";
import { runFixture } from "../../src/runtime/fixture-run.ts";
import { readOperator } from "../../src/runtime/operator.ts";
import { fromPlain } from "../../src/graph/value.ts";
import { fakeTerminal, folderWith } from "./terminal.ts";

const documents: Readonly<Record<string, unknown>> = {
  "hello.toml": { name: "Ada" },
  "skills/greet-twice/graph.yaml": null,
  "pipeline/spec.kv": { $bytes: "b3JkZXI=" },
};

/** A dry run looks programs up, so it needs to know where. */
const env = { PATH: process.env["PATH"] };

async function dryRun(cwd: string, file: string, input: unknown): Promise<unknown> {
  const loaded = await loadDocument(file, cwd);
  if (!loaded.ok) throw new Error(loaded.message);
  const read = await readOperator({ flags: {}, env, cwd, folder: path.dirname(path.join(cwd, file)) });
  if (!read.ok) throw new Error("no settings");
  const graph = rootGraph(loaded.bundle);
  const { operator } = read;
  const executed = await execute(loaded.bundle, {
    cwd,
    env,
    governance: operator.governance("run", graph.dialect),
    stageDefaults: operator.stages,
    workspace: cwd,
    transports: { intelUnix: null, intelHttp: null, bearer: null },
    mcpStdio: null,
    timeoutMs: 20_000,
    rehearsal: null,
    dryRun: true,
    runId: newRunId(),
    stateDir: null,
    start: graph.starts[0]?.name ?? null,
    triggerKind: "manual",
    input: fromPlain(input),
    options: { dryRun: "stub", replay: false, assume: {}, canPause: false, timeoutMs: 20_000, maxFanout: 4 },
    principal: "user:test@here",
  });
  return executed.ok ? executed.run.outcome : executed.problem;
}

describe("init", () => {
  it("writes a starter of every dialect that validates without a finding and dry-runs", async () => {
    const cwd = await folderWith();
    const terminal = fakeTerminal(cwd);
    expect(await initCommand(terminal)).toBe(0);
    const files = starterDialects.flatMap((dialect) => starters[dialect].files.map((file) => file.path));
    expect(terminal.written.out).toBe([...files, "countersign.toml"].map((file) => `wrote ${file}\n`).join(""));
    const checked = fakeTerminal(cwd);
    const all = [...Object.keys(documents), "skills/greet/SKILL.md", "countersign.toml"];
    expect(await validateCommand(checked, all, { denyWarnings: true })).toBe(0);
    expect(checked.written.out.split("\n")).toHaveLength(all.length + 1);
    for (const [file, input] of Object.entries(documents))
      expect(await dryRun(cwd, file, input), file).toMatchObject({ status: "completed" });
  });

  it("writes a fixture that passes", async () => {
    const cwd = await folderWith();
    await initCommand(fakeTerminal(cwd), ".", { dialect: "workflow" });
    const result = await runFixture(path.join("fixtures", "greets", "fixture.toml"), { cwd, env: {} });
    expect(result).toMatchObject({ result: "pass", failures: [] });
    await expect(access(path.join(cwd, "out"))).rejects.toThrow("ENOENT");
  });

  it("writes a countersign.toml that says where runs are kept", async () => {
    const cwd = await folderWith();
    await initCommand(fakeTerminal(cwd), ".", { dialect: "pipeline" });
    const terminal = fakeTerminal(cwd);
    expect(await runsCommand(terminal)).toBe(0);
    expect(terminal.written.err).toContain(path.join(cwd, ".countersign"));
  });

  it("says what to type next, in the folder that was chosen", async () => {
    const cwd = await folderWith();
    const terminal = fakeTerminal(cwd);
    await initCommand(terminal, "my graphs", { dialect: "skill" });
    expect(terminal.written.out).toContain("wrote my graphs/skills/greet/SKILL.md");
    expect(terminal.written.err).toContain("  cd 'my graphs'\n");
    expect(terminal.written.err).toContain("countersign run skills/greet-twice/graph.yaml --dry-run");
    expect(terminal.written.err).not.toContain("hello.toml");
  });

  it("never overwrites without --force, and then writes nothing at all", async () => {
    const cwd = await folderWith({ "hello.toml": "mine" });
    await expect(initCommand(fakeTerminal(cwd))).rejects.toThrow("hello.toml would be overwritten; pass --force");
    await expect(access(path.join(cwd, "skills"))).rejects.toThrow("ENOENT");
    expect(await initCommand(fakeTerminal(cwd), ".", { force: true })).toBe(0);
    expect(await readFile(path.join(cwd, "hello.toml"), "utf8")).toContain('name = "hello"');
  });

  it("keeps settings that are there when another starter is added, and is content with its own files", async () => {
    const cwd = await folderWith();
    await initCommand(fakeTerminal(cwd), ".", { dialect: "workflow" });
    await writeFile(path.join(cwd, "countersign.toml"), 'state_dir = "mine"\n');
    const terminal = fakeTerminal(cwd);
    expect(await initCommand(terminal)).toBe(0);
    expect(terminal.written.err).toContain("kept  countersign.toml");
    expect(terminal.written.err).toContain("kept  hello.toml");
    expect(await readFile(path.join(cwd, "countersign.toml"), "utf8")).toBe('state_dir = "mine"\n');
  });

  it("names what stands in the way", async () => {
    const cwd = await folderWith({ file: "" });
    await expect(initCommand(fakeTerminal(cwd), "file")).rejects.toThrow("a file is in the way");
    await expect(initCommand(fakeTerminal(cwd), ".", { dialect: "work" })).rejects.toThrow("workflow");
  });
});
