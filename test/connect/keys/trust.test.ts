import { spawnSync } from "node:child_process";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { refuse } from "../../../src/connect/keys/problem.ts";
import { changeSet, readSet, type SetCodec } from "../../../src/connect/keys/trust.ts";
import { codeOf, freshFolder, valueOf } from "./support.ts";

/** Sets of words, one a line. */
const words: SetCodec<readonly string[]> = {
  empty: [],
  most: 1000,
  parse: (bytes) => {
    const text = new TextDecoder().decode(bytes);
    if (!text.endsWith("\n")) return { ok: false, message: "it ends in the middle of a line" };
    return { ok: true, value: text.split("\n").slice(0, -1) };
  },
  serialize: (set) => set.map((word) => `${word}\n`).join(""),
};

const adding = (word: string) => (set: readonly string[]) => ({ ok: true as const, value: [...set, word] });

describe("the trust store's file", () => {
  it("is empty before it is made, and holds every change of many at once", async () => {
    const file = path.join(await freshFolder(), "below", "set");
    expect(valueOf(await readSet(file, words))).toEqual([]);
    const all = Array.from({ length: 12 }, (_, i) => `w${i}`);
    const changed = await Promise.all(all.map((word) => changeSet(file, words, adding(word))));
    expect(changed.every((one) => one.ok)).toBe(true);
    expect([...valueOf(await readSet(file, words))].sort()).toEqual([...all].sort());
    expect(await readdir(path.dirname(file))).toEqual(["set"]);
  });

  it("stays as it is when a change is refused, cannot be read back, or the file is broken", async () => {
    const file = path.join(await freshFolder(), "set");
    valueOf(await changeSet(file, words, adding("one")));
    expect(codeOf(await changeSet(file, words, () => refuse("keys.exists", "no")))).toBe("keys.exists");
    expect(codeOf(await changeSet(file, words, adding("x".repeat(2000))))).toBe("keys.write_failed");
    expect(await readFile(file, "utf8")).toBe("one\n");
    await writeFile(file, "half");
    expect(codeOf(await changeSet(file, words, adding("two")))).toBe("keys.file_format");
    expect(await readFile(file, "utf8")).toBe("half");
    await writeFile(file, "one\n");
    await chmod(file, 0o666);
    expect(codeOf(await changeSet(file, words, adding("two")))).toBe("keys.file_mode");
  });

  it("takes over the lock of a process that has died", async () => {
    const file = path.join(await freshFolder(), "set");
    const { pid } = spawnSync(process.execPath, ["--version"]);
    await writeFile(`${file}.lock`, String(pid));
    expect(valueOf(await changeSet(file, words, adding("one")))).toEqual(["one"]);
    expect(await readdir(path.dirname(file))).toEqual(["set"]);
  });

  it("waits for a living one, and says so in the end", async () => {
    const file = path.join(await freshFolder(), "set");
    await writeFile(`${file}.lock`, String(process.pid));
    const changed = await changeSet(file, words, adding("one"), 50);
    expect(changed).toMatchObject({ ok: false, problem: { code: "keys.busy" } });
    expect(changed.ok ? "" : changed.problem.message).toContain(`${file}.lock`);
  });
});
