import { execFileSync, spawn } from "node:child_process";
import { chmod, copyFile, mkdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { processPerformer } from "../../../src/connect/world/process.ts";
import { findSandbox } from "../../../src/connect/world/launch.ts";
import { act, eventually, messageOf, prepared, program, scope, scratch, valueOf } from "./support.ts";

const where = scope("shell_run");
const tool = scope("cli_tool");
const operator = { ...process.env, PASSED: "through" };
const performer = processPerformer({ env: operator, cwd: process.cwd() });
const sh = (script: string, extra = {}, ...args: string[]) => program("/bin/sh", ["-c", script, ...args], extra);
const bubblewrap = process.env["TEST_BWRAP"] ?? "/usr/bin/bwrap";
const hasBubblewrap = await findSandbox([bubblewrap]);
const live = new AbortController().signal;

/** True while a process with this id runs; one that has ended and waits to be reaped does not. */
async function runs(pid: number): Promise<boolean> {
  try {
    return !/^\d+ \(.*\) Z /.test(await readFile(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

async function executable(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o755);
}

describe("a program", () => {
  it("runs without a shell, with its arguments as they are", async () => {
    const value = valueOf(await act(performer, program("/usr/bin/printf", ["%s|", "a b", "$HOME", "*"]), where));
    expect(value).toMatchObject({
      program: "/usr/bin/printf",
      exit_code: 0n,
      signal: null,
      stdout: "a b|$HOME|*|",
      stderr: "",
      truncated: false,
      timed_out: false,
    });
    expect(typeof value["duration_ms"]).toBe("bigint");
  });

  it("has only the environment that it was given, and no input", async () => {
    const effect = sh("env | sort; cat", { inheritEnv: ["PASSED", "UNSET"], env: { PATH: "/usr/bin:/bin", X: "1" } });
    const lines = String(valueOf(await act(performer, effect, where))["stdout"])
      .trim()
      .split("\n");
    expect(lines.filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line))).toEqual([
      "PASSED=through",
      "PATH=/usr/bin:/bin",
      "X=1",
    ]);
  });

  it("gets the input it was given, and may leave it unread", async () => {
    const input = "x".repeat(1_000_000);
    expect(valueOf(await act(performer, sh("wc -c", { stdin: input }), where))["stdout"]).toBe("1000000\n");
    expect(valueOf(await act(performer, sh("exit 3", { stdin: input }), where))["exit_code"]).toBe(3n);
  });

  it("starts in its working folder", async () => {
    const at = await scratch();
    expect(valueOf(await act(performer, sh("pwd", { cwd: at }), where))["stdout"]).toBe(`${at}\n`);
    const gone = await act(performer, sh("pwd", { cwd: join(at, "gone") }), where);
    expect(messageOf(gone)).toContain(`spawn /bin/sh: the working folder \`${join(at, "gone")}\` is not a folder`);
  });

  it("keeps the first bytes of each stream and reads the rest", async () => {
    const effect = sh("yes | head -c 300000; printf e >&2", { maxOutputBytes: 1000 });
    const value = valueOf(await act(performer, effect, where));
    expect(value).toMatchObject({ exit_code: 0n, truncated: true, stderr: "e" });
    expect(value["stdout"]).toHaveLength(1000);
  });

  it("may write bytes that are no text", async () => {
    expect(valueOf(await act(performer, sh("printf 'a\\377b'"), where))["stdout"]).toBe("a\ufffdb");
  });

  it("that a signal ended has exit code -1 and the signal's number", async () => {
    expect(valueOf(await act(performer, sh("kill -15 $$"), where))).toMatchObject({ exit_code: -1n, signal: 15n });
  });

  it("is named by an absolute path unless it may be looked up", async () => {
    const refused = await performer.prepare(program("sh"), where);
    expect(refused).toMatchObject({
      message: "tool `shell_run` failed: shell_run requires an absolute path; got `sh`",
    });
    const missing = await performer.prepare(program("/bin/nonexistent"), where);
    expect(missing).toMatchObject({
      message: "tool `shell_run` failed: resolve /bin/nonexistent: No such file or directory (os error 2)",
    });
    const folder = await performer.prepare(program("/bin"), where);
    expect(folder).toMatchObject({ message: "tool `shell_run` failed: spawn /bin: Permission denied (os error 13)" });
  });

  it("that is looked up is found in the child's PATH, never in the working folder", async () => {
    const at = await scratch();
    await mkdir(join(at, "bin"));
    await executable(join(at, "bin/mytool"), "#!/bin/sh\necho found\n");
    await executable(join(at, "planted"), "#!/bin/sh\necho planted\n");
    const look = (name: string) => program(name, [], { lookup: true, cwd: at, env: { PATH: `:.:${at}/bin:/bin` } });
    expect(valueOf(await act(performer, look("mytool"), tool))["stdout"]).toBe("found\n");
    expect(await performer.prepare(look("planted"), tool)).toMatchObject({ class: "tool" });
    expect(valueOf(await act(performer, look("./planted"), tool))["stdout"]).toBe("planted\n");
  });

  it("is described by real path, digest, arguments and names of variables, not by their values", async () => {
    const at = await scratch();
    await executable(join(at, "real"), "#!/bin/sh\n");
    await symlink("real", join(at, "link"));
    const effect = program(join(at, "link"), ["x"], { env: { PW: "canary-value" }, stdin: "canary-input" });
    const { description, target } = await prepared(performer, effect, where);
    expect(target).toBe(join(at, "real"));
    expect(description).toMatchObject({
      program: join(at, "real"),
      path: join(at, "link"),
      real_path: join(at, "real"),
      program_sha256: `sha256:${createHash("sha256").update("#!/bin/sh\n").digest("hex")}`,
      args: ["x"],
      env_names: ["PW"],
      stdin_bytes: 12,
    });
    expect(JSON.stringify(description)).not.toContain("canary");
  });
});

describe("a program that changed after it was checked", () => {
  it("is not started, even with the same size and times", async () => {
    const at = await scratch();
    const path = join(at, "tool");
    await executable(path, "#!/bin/sh\necho a\n");
    const before = await stat(path);
    const asked = await prepared(performer, program(path), where);
    await writeFile(path, "#!/bin/sh\necho b\n");
    await utimes(path, before.atime, before.mtime);
    expect(messageOf(await performer.perform(asked, where, live))).toBe(
      `tool \`shell_run\` failed: spawn ${path}: the program changed after it was checked`,
    );
  });

  it("is not started when a link took its place", async () => {
    const at = await scratch();
    await executable(join(at, "tool"), "#!/bin/sh\necho a\n");
    const asked = await prepared(performer, program(join(at, "tool")), where);
    await rm(join(at, "tool"));
    await symlink("/bin/sh", join(at, "tool"));
    expect(messageOf(await performer.perform(asked, where, live))).toContain("the program changed");
  });
});

describe("the end of a program's time", () => {
  const family = (at: string, ending = "wait") =>
    sh(`sleep 1000 & echo $! > ${at}/child; echo started; ${ending}`, { timeoutMs: 200 });
  const childOf = async (at: string) => Number(await readFile(join(at, "child"), "utf8"));

  it("kills the whole group, and what was written before is kept", async () => {
    const at = await scratch();
    const value = valueOf(await act(performer, family(at), where));
    expect(value).toMatchObject({ exit_code: -1n, signal: 9n, timed_out: true, stdout: "started\n" });
    const child = await childOf(at);
    await eventually(async () => !(await runs(child)));
  });

  it("asks first when there is a grace, then kills", async () => {
    const asked = sh("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.01; done", {
      timeoutMs: 200,
      graceMs: 5000,
    });
    expect(valueOf(await act(performer, asked, where))).toMatchObject({
      timed_out: true,
      stdout: "ready\nbye\n",
      exit_code: 3n,
    });
    const deaf = sh("trap '' TERM; echo ready; while :; do sleep 0.01; done", { timeoutMs: 200, graceMs: 50 });
    expect(valueOf(await act(performer, deaf, where))).toMatchObject({ timed_out: true, exit_code: -1n, signal: 9n });
  });

  it("by an abort has the run's reason and leaves nobody", async () => {
    const at = await scratch();
    const controller = new AbortController();
    const effect = { ...family(at), timeoutMs: 60_000 };
    const pending = act(performer, effect, where, controller.signal);
    await eventually(async () => (await readFile(join(at, "child"), "utf8").catch(() => "")).endsWith("\n"));
    controller.abort("cancelled");
    expect(await pending).toMatchObject({ ok: false, failure: { class: "cancelled" } });
    const child = await childOf(at);
    await eventually(async () => !(await runs(child)));
  });

  it("by itself waits for what it left behind no longer than the time-out, then ends it", async () => {
    const at = await scratch();
    const value = valueOf(await act(performer, family(at, "exit 0"), where));
    expect(value).toMatchObject({ exit_code: 0n, timed_out: false, truncated: true, stdout: "started\n" });
    const child = await childOf(at);
    await eventually(async () => !(await runs(child)));
  });

  it("by itself ends what it left behind with other output", async () => {
    const at = await scratch();
    const effect = sh(`sleep 1000 >/dev/null 2>&1 & echo $! > ${at}/child`, { timeoutMs: 60_000 });
    expect(valueOf(await act(performer, effect, where))).toMatchObject({ exit_code: 0n, truncated: false });
    const child = await childOf(at);
    await eventually(async () => !(await runs(child)));
  });

  it("is also the end of our own process", async () => {
    const at = await scratch();
    const source = (name: string) => fileURLToPath(new URL(`../../../src/connect/world/${name}`, import.meta.url));
    const script = `
      import { run } from ${JSON.stringify(source("run.ts"))};
      import { existsSync, readFileSync } from "node:fs";
      void run({ realPath: "/bin/sh", argv0: "sh", args: ["-c", "sleep 1000 & echo $! > ${at}/child; wait"],
        env: { PATH: "/usr/bin:/bin" }, cwd: "/", stdin: null, timeoutMs: 60000, graceMs: 0, maxOutputBytes: 10 },
        new AbortController().signal);
      const look = setInterval(() => {
        if (existsSync("${at}/child") && readFileSync("${at}/child", "utf8").endsWith("\\n")) process.exit(0);
      }, 5);`;
    const entry = join(at, "entry.ts");
    await writeFile(entry, script);
    const bundle = join(at, "entry.mjs");
    const esbuild = fileURLToPath(new URL("../../../node_modules/.bin/esbuild", import.meta.url));
    execFileSync(esbuild, [entry, "--bundle", "--platform=node", "--format=esm", `--outfile=${bundle}`], {
      stdio: "pipe",
    });
    const ours = spawn(process.execPath, [bundle], { stdio: "inherit" });
    await new Promise((resolve) => ours.on("exit", resolve));
    const child = await childOf(at);
    await eventually(async () => !(await runs(child)));
  });
});

describe("what a skill's program may ask for", () => {
  it("a file with its inputs, for it alone, gone afterwards", async () => {
    const inputsFile = { variable: "IN", content: '{"a":1}' };
    const value = valueOf(await act(performer, sh("cat $IN; stat -c ' %a' $IN; echo $IN", { inputsFile }), tool));
    const [text, path] = String(value["stdout"]).trim().split("\n");
    expect(text).toBe('{"a":1} 600');
    await expect(stat(path ?? "")).rejects.toThrow("ENOENT");
  });

  it("limits, which it cannot pass", async () => {
    const limits = { openFiles: 64, fileBytes: 1024, cpuSeconds: 60, addressSpaceBytes: 4 * 1024 ** 3 };
    const at = await scratch();
    const effect = sh("ulimit -n; head -c 5000 /dev/zero > big; echo $?; exit 0", { limits, cwd: at });
    const value = valueOf(await act(performer, effect, tool));
    expect(String(value["stdout"])).toMatch(/^64\n[1-9]\d*\n$/);
    expect((await stat(join(at, "big"))).size).toBe(1024);
  });

  it("a sandbox, without which it is not started", async () => {
    const at = await scratch();
    const none = processPerformer({ env: operator, cwd: at, sandboxPrograms: [join(at, "bwrap")] });
    const sandbox = { profile: "readonly", network: false, writablePaths: [] } as const;
    const result = await act(none, sh(`echo ran > ${at}/ran`, { sandbox, cwd: at }), tool);
    expect(result).toMatchObject({ ok: false, failure: { class: "capability" } });
    expect(messageOf(result)).toContain("sandbox profile 'readonly' is declared but cannot be enforced on this host");
    await expect(stat(join(at, "ran"))).rejects.toThrow("ENOENT");
  });

  it("a sandbox program that does not work counts as none", async () => {
    const at = await scratch();
    await executable(join(at, "bwrap"), "#!/bin/sh\necho no namespaces >&2\nexit 1\n");
    expect(await findSandbox([join(at, "bwrap")])).toEqual({
      problem: "bubblewrap does not work here: no namespaces",
    });
  });

  it.skipIf("problem" in hasBubblewrap)(
    "a sandbox, beyond which it can write nothing and reach no network",
    async () => {
      const at = await scratch();
      await copyFile("/bin/sh", join(at, "copy"));
      const inside = processPerformer({ env: operator, cwd: at, sandboxPrograms: [bubblewrap] });
      const script = "echo x > inside; echo x > out/side; echo x 2>/dev/null > /etc/canary; ls /sys/class/net | wc -l";
      await mkdir(join(at, "out"));
      const sandbox = { profile: "readonly", network: false, writablePaths: ["out"] } as const;
      await act(inside, sh(script, { sandbox, cwd: at }), tool);
      await expect(stat(join(at, "inside"))).rejects.toThrow("ENOENT");
      await expect(stat("/etc/canary")).rejects.toThrow("ENOENT");
      expect(await readFile(join(at, "out/side"), "utf8")).toBe("x\n");
      const workspace = { profile: "workspace-write", network: false, writablePaths: [] } as const;
      const value = valueOf(
        await act(inside, sh("echo y > inside; cat /proc/net/dev | grep -c :", { sandbox: workspace, cwd: at }), tool),
      );
      expect(value["stdout"]).toBe("1\n");
      expect(await readFile(join(at, "inside"), "utf8")).toBe("y\n");
    },
  );
});
