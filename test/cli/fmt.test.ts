import { chmod, lstat, readdir, readFile, stat, symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fmtCommand } from "../../src/cli/commands/fmt.ts";
import { fakeTerminal, folderWith } from "./terminal.ts";

const canonical =
  "v=1\nmodel=single_ring\nname=p\nsingle_ring.shards=1\nsingle_ring.ordering=strict\nsingle_ring.producer=single\n" +
  "single_ring.scheduling=dedicated\nsingle_ring.stages.0.id=a\nsingle_ring.stages.0.stage=identity\n" +
  "single_ring.stages.0.depends_on.count=0\n";
const mixed = `\ufeff${canonical.trimEnd().split("\n").reverse().join("\r\n\r\n")}`;

describe("fmt", () => {
  it("puts a spec.kv into canonical order, keeps its mode and leaves nothing else behind", async () => {
    const cwd = await folderWith({ "spec.kv": mixed });
    const file = path.join(cwd, "spec.kv");
    await chmod(file, 0o640);
    const terminal = fakeTerminal(cwd);
    expect(await fmtCommand(terminal, ["spec.kv"])).toBe(0);
    expect(terminal.written.out).toBe("spec.kv\n");
    expect(await readFile(file, "utf8")).toBe(canonical);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await readdir(cwd)).toEqual(["spec.kv"]);
  });

  it("does not touch a file that is canonical already", async () => {
    const cwd = await folderWith({ "spec.kv": canonical });
    const before = await stat(path.join(cwd, "spec.kv"));
    const terminal = fakeTerminal(cwd);
    expect(await fmtCommand(terminal, ["spec.kv"])).toBe(0);
    const after = await stat(path.join(cwd, "spec.kv"));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
    expect(terminal.written).toEqual({ out: "", err: "" });
  });

  it("with --check names the files, changes nothing and exits with 1", async () => {
    const cwd = await folderWith({ "a/spec.kv": mixed, "b/spec.kv": canonical });
    const terminal = fakeTerminal(cwd);
    expect(await fmtCommand(terminal, ["a/spec.kv", "b/spec.kv"], { check: true })).toBe(1);
    expect(terminal.written.out).toBe("a/spec.kv\n");
    expect(await readFile(path.join(cwd, "a/spec.kv"), "utf8")).toBe(mixed);
  });

  it("writes through a symbolic link and keeps it", async () => {
    const cwd = await folderWith({ "real/spec.kv": mixed });
    await symlink("real/spec.kv", path.join(cwd, "spec.kv"));
    expect(await fmtCommand(fakeTerminal(cwd), ["spec.kv"])).toBe(0);
    expect((await lstat(path.join(cwd, "spec.kv"))).isSymbolicLink()).toBe(true);
    expect(await readFile(path.join(cwd, "real/spec.kv"), "utf8")).toBe(canonical);
  });

  it("refuses what it does not understand, with the place, and leaves it alone", async () => {
    const text = `${canonical}colour=red\n`;
    const cwd = await folderWith({ "spec.kv": text });
    const terminal = fakeTerminal(cwd);
    expect(await fmtCommand(terminal, ["spec.kv"])).toBe(2);
    expect(terminal.written.err).toContain("spec.kv:11:1 error kv_unknown_key");
    expect(await readFile(path.join(cwd, "spec.kv"), "utf8")).toBe(text);
  });

  it("says that it never reformats TOML and YAML, and does the rest", async () => {
    const cwd = await folderWith({ "w.toml": "a=1", "graph.yaml": "a: 1", "spec.kv": mixed });
    const terminal = fakeTerminal(cwd);
    expect(await fmtCommand(terminal, ["w.toml", "graph.yaml", "spec.kv"])).toBe(2);
    expect(terminal.written.err.match(/never reformats TOML, YAML/g)).toHaveLength(2);
    expect(await readFile(path.join(cwd, "w.toml"), "utf8")).toBe("a=1");
    expect(await readFile(path.join(cwd, "spec.kv"), "utf8")).toBe(canonical);
  });

  it("says of a missing file, a directory and bytes that are no text what they are", async () => {
    const cwd = await folderWith({ "d.kv/x": "", "b.kv": Uint8Array.from([0xff]) });
    const terminal = fakeTerminal(cwd);
    expect(await fmtCommand(terminal, ["nix.kv", "d.kv", "b.kv"])).toBe(2);
    expect(terminal.written.err).toContain("nix.kv: cannot be read: there is no such file");
    expect(terminal.written.err).toContain("d.kv: cannot be read: it is a directory");
    expect(terminal.written.err).toContain("b.kv: is not UTF-8 text");
  });
});
