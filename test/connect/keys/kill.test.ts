import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { writeKeyFile } from "../../../src/connect/keys/files.ts";
import { changeSet, type SetCodec } from "../../../src/connect/keys/trust.ts";
import { buildProgram } from "../../durability/kills.ts";
import { freshFolder, valueOf } from "./support.ts";

const words: SetCodec<string> = {
  empty: "",
  most: 1000,
  parse: (bytes) => ({ ok: true, value: new TextDecoder().decode(bytes) }),
  serialize: (text) => text,
};

function signalOf(program: string, file: string, where: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, file, where], { stdio: "ignore" });
    child.once("error", reject);
    child.once("close", (_code, signal) => resolve(signal));
  });
}

describe("a process killed in the middle of a change", () => {
  it("leaves the old file whole, and the next change finds its way", async () => {
    const folder = await freshFolder();
    const program = await buildProgram(folder, path.join(import.meta.dirname, "killed.ts"));
    const file = path.join(folder, "store", "set");
    valueOf(await writeKeyFile(file, Buffer.from("old"), { mode: 0o644, create: false }));
    for (const where of ["before the rename", "under the lock"]) {
      expect(await signalOf(program, file, where)).toBe("SIGKILL");
      expect(await readFile(file, "utf8")).toBe("old");
    }
    expect((await readdir(path.dirname(file))).some((name) => name.endsWith(".lock"))).toBe(true);
    expect(valueOf(await changeSet(file, words, (text) => ({ ok: true, value: `${text}er` })))).toBe("older");
    expect(await readFile(file, "utf8")).toBe("older");
  });
});
