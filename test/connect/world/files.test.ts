import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filePerformer } from "../../../src/connect/world/files.ts";
import { resolveRealPath } from "../../../src/connect/world/paths.ts";
import type { WalkMode } from "../../../src/connect/world/walk.ts";
import { act, messageOf, prepared, scope, scratch, valueOf } from "./support.ts";

const live = new AbortController().signal;
const reading = scope("read_file");
const writing = scope("write_file");

describe("a path, as policy sees it", () => {
  it("is absolute, without `..`, with links resolved on the longest existing prefix", async () => {
    const at = await scratch();
    await mkdir(join(at, "real/deep"), { recursive: true });
    await symlink("real", join(at, "link"));
    expect(await resolveRealPath("link/deep/../new/x.txt", at)).toBe(join(at, "real/new/x.txt"));
    expect(await resolveRealPath("./link/deep", at)).toBe(join(at, "real/deep"));
  });

  it("leads where a dangling link points, so that a write through it cannot hide", async () => {
    const at = await scratch();
    await mkdir(join(at, "allowed"));
    await symlink("../outside/new.txt", join(at, "allowed/innocent.txt"));
    expect(await resolveRealPath("allowed/innocent.txt", at)).toBe(join(at, "outside/new.txt"));
  });

  it("may be a link to a name like any other", async () => {
    const at = await scratch();
    await symlink("missing", join(at, "link"));
    expect(await resolveRealPath("link/x", at)).toBe(join(at, "missing/x"));
  });

  it("takes a link's own `..` from where the link really stands", async () => {
    const at = await scratch();
    await mkdir(join(at, "a/b"), { recursive: true });
    await mkdir(join(at, "c"));
    await symlink(join(at, "a/b"), join(at, "c/b"));
    await symlink("b/../x", join(at, "c/up"));
    expect(await resolveRealPath("c/up", at)).toBe(join(at, "a/x"));
  });

  it("fails on a circle of links", async () => {
    const at = await scratch();
    await symlink("two", join(at, "one"));
    await symlink("one", join(at, "two"));
    const failed = await filePerformer({ cwd: at }).prepare({ kind: "fs.read", path: "one" }, reading);
    expect(failed).toMatchObject({
      class: "tool",
      message: "tool `read_file` failed: read one: Too many levels of symbolic links (os error 40)",
    });
  });

  it("is its own real path once resolved", async () => {
    const at = await scratch();
    await mkdir(join(at, "d/e"), { recursive: true });
    await symlink("d", join(at, "l"));
    await symlink("../l/e", join(at, "d/m"));
    const piece = fc.constantFrom("d", "e", "l", "m", "..", ".", "x", "");
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
        const real = await resolveRealPath(pieces.join("/"), at);
        expect(await resolveRealPath(real, "/")).toBe(real);
      }),
    );
  });
});

describe.each<WalkMode>(["descriptors", "recheck"])("files, opened by %s", (mode) => {
  const performer = (cwd: string) => filePerformer({ cwd, mode });

  it("are read whole, with their size in bytes", async () => {
    const at = await scratch();
    await writeFile(join(at, "a.txt"), "\ufeffhéllo");
    const result = await act(performer(at), { kind: "fs.read", path: "a.txt" }, reading);
    expect(valueOf(result)).toEqual({ content: "\ufeffhéllo", bytes: 9n });
  });

  it("say why they cannot be read, in the system's words and with the path as authored", async () => {
    const at = await scratch();
    await writeFile(join(at, "bin"), Buffer.from([0x61, 0xff]));
    await mkdir(join(at, "dir"));
    const read = async (path: string) => messageOf(await act(performer(at), { kind: "fs.read", path }, reading));
    expect(await read("./nope")).toBe("tool `read_file` failed: read ./nope: No such file or directory (os error 2)");
    expect(await read("dir")).toBe("tool `read_file` failed: read dir: Is a directory (os error 21)");
    expect(await read("bin")).toBe("tool `read_file` failed: read bin: stream did not contain valid UTF-8");
    expect(await read("bin/x")).toBe("tool `read_file` failed: read bin/x: Not a directory (os error 20)");
  });

  it("are not waited for when they are pipes", async () => {
    const at = await scratch();
    execFileSync("mkfifo", [join(at, "pipe")]);
    expect(messageOf(await act(performer(at), { kind: "fs.read", path: "pipe" }, reading))).toContain(
      "it is neither a file nor a character device",
    );
  });

  it("are written with their parents, over what was there", async () => {
    const at = await scratch();
    const effect = { kind: "fs.write", path: "a/b/c.txt", content: "long old content" } as const;
    expect(valueOf(await act(performer(at), effect, writing))).toEqual({ bytes: 16n });
    const second = await act(performer(at), { ...effect, content: Buffer.from("nëw") }, writing);
    expect(second).toMatchObject({ ok: true, usage: { bytesWritten: 4 } });
    expect(await readFile(join(at, "a/b/c.txt"), "utf8")).toBe("nëw");
  });

  it("say which folder could not be made", async () => {
    const at = await scratch();
    await writeFile(join(at, "file"), "");
    const result = await act(performer(at), { kind: "fs.write", path: "file/x/y", content: "" }, writing);
    expect(messageOf(result)).toMatch(/^tool `write_file` failed: mkdir_p file\/x: (File exists|Not a directory) /);
  });

  it("can be devices when written", async () => {
    const result = await act(performer("/"), { kind: "fs.write", path: "/dev/null", content: "x" }, writing);
    expect(valueOf(result)).toEqual({ bytes: 1n });
  });

  it("make folders again and again, but not over a file", async () => {
    const at = await scratch();
    const make = (path: string) => act(performer(at), { kind: "fs.mkdir", path }, scope("create_dir"));
    expect((await make("x/y")).ok).toBe(true);
    expect((await make("x/y")).ok).toBe(true);
    await writeFile(join(at, "f"), "");
    expect(messageOf(await make("f"))).toBe("tool `create_dir` failed: mkdir_p f: File exists (os error 17)");
  });

  it("refuse a link that took the file's place after the check", async () => {
    const at = await scratch();
    await writeFile(join(at, "secret"), "SECRET");
    await writeFile(join(at, "open.txt"), "harmless");
    const asked = await prepared(performer(at), { kind: "fs.read", path: "open.txt" }, reading);
    await rm(join(at, "open.txt"));
    await symlink("secret", join(at, "open.txt"));
    const result = await performer(at).perform(asked, reading, live);
    expect(messageOf(result)).toContain("became a symbolic link after the path was checked");
  });

  it("refuse a link that took a folder's place after the check, and write nothing behind it", async () => {
    const at = await scratch();
    await mkdir(join(at, "allowed/sub"), { recursive: true });
    await mkdir(join(at, "outside"));
    const asked = await prepared(performer(at), { kind: "fs.write", path: "allowed/sub/new", content: "x" }, writing);
    await rename(join(at, "allowed/sub"), join(at, "allowed/was"));
    await symlink("../outside", join(at, "allowed/sub"));
    expect(messageOf(await performer(at).perform(asked, writing, live))).toContain("became a symbolic link");
    await expect(stat(join(at, "outside/new"))).rejects.toThrow("ENOENT");
  });

  it("end with the run's own failure when it was aborted", async () => {
    const at = await scratch();
    const controller = new AbortController();
    controller.abort({ class: "timeout", message: "timeout after 5s" });
    const result = await act(performer(at), { kind: "fs.write", path: "x", content: "x" }, writing, controller.signal);
    expect(result).toEqual({ ok: false, failure: { class: "timeout", message: "timeout after 5s" } });
    await expect(stat(join(at, "x"))).rejects.toThrow("ENOENT");
  });
});

describe("a file effect's description", () => {
  it("shows the authored and the real path, and content by digest", async () => {
    const at = await scratch();
    const asked = await prepared(filePerformer({ cwd: at }), { kind: "fs.write", path: "./o", content: "hi" }, writing);
    expect(asked.target).toBe(join(at, "o"));
    expect(asked.description).toEqual({
      kind: "fs.write",
      path: "./o",
      real_path: join(at, "o"),
      content_digest: "sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
      content_bytes: 2,
    });
  });

  it("refuses empty paths and paths with NUL as the system does", async () => {
    const performer = filePerformer({ cwd: await scratch() });
    expect(await performer.prepare({ kind: "fs.read", path: "" }, reading)).toMatchObject({
      message: "tool `read_file` failed: read : No such file or directory (os error 2)",
    });
    expect(await performer.prepare({ kind: "fs.read", path: "a\0b" }, reading)).toMatchObject({
      message: "tool `read_file` failed: read a\0b: a nul byte was found in the provided data",
    });
  });

  it("walks folders that may be entered but not listed", async () => {
    const at = await scratch();
    await mkdir(join(at, "d"));
    await writeFile(join(at, "d/f"), "x");
    await chmod(join(at, "d"), 0o111);
    const result = await act(filePerformer({ cwd: at }), { kind: "fs.read", path: "d/f" }, reading);
    await chmod(join(at, "d"), 0o755);
    expect(valueOf(result)).toMatchObject({ content: "x" });
  });
});
