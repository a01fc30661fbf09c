import { execFile } from "node:child_process";
import { chmod, link, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileRules, readKeyFile, writeKeyFile } from "../../../src/connect/keys/files.ts";
import { parseStoredKey, unlockKey } from "../../../src/connect/keys/private-key.ts";
import { createKey, listKeys, memorySigner, readStoredKey, storedSigner } from "../../../src/connect/keys/store.ts";
import { isGenuine } from "../../../src/governance/credentials/verify.ts";
import { cheap, codeOf, freshFolder, newKey, valueOf } from "./support.ts";

const PASSPHRASE = "correct horse CANARY staple";
const message = new TextEncoder().encode("what is signed");
const never = () => Promise.reject(new Error("nobody may be asked"));

describe("a key's file", () => {
  it("is for its owner alone, in a folder for its owner alone, and signs", async () => {
    const folder = path.join(await freshFolder(), "config", "keys");
    const key = valueOf(await createKey(folder, newKey()));
    expect((await stat(key.file)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(key).toMatchObject({ kid: "alice-1", locked: false, file: path.join(folder, "alice-1.key") });
    const signature = await storedSigner(key, never).sign(message);
    expect(isGenuine(key.publicKey, message, signature)).toBe(true);
    expect((await listKeys(folder)).keys).toEqual([key]);
    // Nothing is left of how it was written.
    expect(await readdir(folder)).toEqual(["alice-1.key"]);
  });

  it("is never replaced, and a name that would leave the folder is refused", async () => {
    const folder = await freshFolder();
    const first = valueOf(await createKey(folder, newKey()));
    expect(codeOf(await createKey(folder, newKey()))).toBe("keys.exists");
    expect(valueOf(await readStoredKey(first.file))).toEqual(first);
    for (const kid of ["../up", "", ".hidden", "a/b", "a b", "x".repeat(65)]) {
      expect(codeOf(await createKey(folder, newKey({ kid })))).toBe("keys.file_format");
    }
    expect(await readdir(folder)).toEqual(["alice-1.key"]);
  });

  it("takes its name from the fingerprint when it is given none", async () => {
    const made = valueOf(await createKey(await freshFolder(), newKey({ kid: null, prefix: "local" })));
    expect(made.kid).toMatch(/^local-[0-9a-f]{16}$/);
  });

  it.each([0o604, 0o640, 0o660, 0o666, 0o601])("is refused when others can reach it (mode %o)", async (mode) => {
    const { file } = valueOf(await createKey(await freshFolder(), newKey()));
    await chmod(file, mode);
    const read = await readStoredKey(file);
    expect(read).toMatchObject({ ok: false, problem: { code: "keys.file_mode", file } });
    expect(read.ok ? "" : read.problem.message).toContain("chmod 600");
    await chmod(file, 0o400);
    expect((await readStoredKey(file)).ok).toBe(true);
  });

  it("is refused when its folder is open to others, before anything is written", async () => {
    const folder = await freshFolder();
    await chmod(folder, 0o777);
    expect(codeOf(await createKey(folder, newKey()))).toBe("keys.file_mode");
    expect(await readdir(folder)).toEqual([]);
    await chmod(folder, 0o700);
  });

  it("is refused as a link, a folder or a pipe, without waiting for one", async () => {
    const folder = await freshFolder();
    const { file } = valueOf(await createKey(folder, newKey()));
    const names = ["link.key", "folder.key", "pipe.key"].map((name) => path.join(folder, name));
    const [linked = "", directory = "", pipe = ""] = names;
    await symlink(file, linked);
    await mkdir(directory);
    await promisify(execFile)("mkfifo", ["-m", "600", pipe]);
    for (const name of names) expect(codeOf(await readStoredKey(name))).toBe("keys.file_kind");
    const listed = await listKeys(folder);
    expect(listed.keys.map((key) => key.kid)).toEqual(["alice-1"]);
    expect(listed.problems.map((one) => one.code)).toEqual(["keys.file_kind", "keys.file_kind", "keys.file_kind"]);
  });

  it.skipIf(process.getuid?.() !== 0)("is refused when it belongs to another user", async () => {
    const { file } = valueOf(await createKey(await freshFolder(), newKey()));
    await promisify(execFile)("chown", ["12345", file]);
    expect(codeOf(await readStoredKey(file))).toBe("keys.file_owner");
  });

  it("says so when it is missing, too large, half written or something else", async () => {
    const folder = await freshFolder();
    const { file } = valueOf(await createKey(folder, newKey()));
    expect(codeOf(await readStoredKey(path.join(folder, "none.key")))).toBe("keys.missing");
    const whole = await readFile(file);
    for (let cut = 0; cut < whole.length - 1; cut += 7) {
      await writeFile(file, whole.subarray(0, cut));
      const read = await readStoredKey(file);
      expect(codeOf(read)).toBe("keys.file_format");
    }
    await writeFile(file, Buffer.alloc(17_000, 0x20));
    expect(codeOf(await readStoredKey(file))).toBe("keys.file_size");
  });

  it("does not count another key's seed as its own", async () => {
    const folder = await freshFolder();
    const one = valueOf(await createKey(folder, newKey({ kid: "one" })));
    const two = valueOf(await createKey(folder, newKey({ kid: "two" })));
    const mixed = { ...(await jsonOf(one.file)), private: (await jsonOf(two.file))["private"] };
    expect(codeOf(parseStoredKey(Buffer.from(JSON.stringify(mixed)), one.file))).toBe("keys.file_format");
  });
});

async function jsonOf(file: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
}

describe("a key under a passphrase", () => {
  it("opens with it, however its letters were composed, and with no other", async () => {
    const key = valueOf(await createKey(await freshFolder(), newKey({ passphrase: "cafe\u0301" })));
    expect(key.locked).toBe(true);
    expect(codeOf(await unlockKey(key, "caf\u00e9"))).toBe("ok");
    expect(codeOf(await unlockKey(key, "cafe"))).toBe("keys.passphrase");
    expect(codeOf(await unlockKey(key, null))).toBe("keys.passphrase");
  });

  it("asks when it signs first, says when it was wrong, gives up after three, and asks once only", async () => {
    const key = valueOf(await createKey(await freshFolder(), newKey({ passphrase: PASSPHRASE })));
    const asked: boolean[] = [];
    const answers = ["wrong", PASSPHRASE];
    const signer = storedSigner(key, (_key, again) => {
      asked.push(again);
      return Promise.resolve(answers.shift() ?? null);
    });
    expect(asked).toEqual([]);
    expect(isGenuine(key.publicKey, message, await signer.sign(message))).toBe(true);
    await signer.sign(message);
    expect(asked).toEqual([false, true]);
    const failing = storedSigner(key, () => Promise.resolve("CANARY-wrong"));
    await expect(failing.sign(message)).rejects.toThrow("wrong 3 times");
    await expect(storedSigner(key, () => Promise.resolve(null)).sign(message)).rejects.toThrow("no passphrase");
  });

  it("shows any changed byte of its file: it does not open, or says no other thing", async () => {
    const key = valueOf(await createKey(await freshFolder(), newKey({ passphrase: PASSPHRASE })));
    const bytes = new Uint8Array(await readFile(key.file));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 2), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const read = parseStoredKey(changed, key.file);
        if (!read.ok) return;
        expect(codeOf(await unlockKey(read.value, PASSPHRASE))).toBe("keys.passphrase");
      }),
      { numRuns: 200 },
    );
  });

  it("never asks for more memory than is reasonable, whatever its file says", async () => {
    const key = valueOf(await createKey(await freshFolder(), newKey({ passphrase: PASSPHRASE })));
    const json = await jsonOf(key.file);
    for (const cost of [{ n: 2 ** 24 }, { n: 1000 }, { n: 1 }, { r: 1024 }, { p: 100 }, { n: 1e300 }]) {
      const changed = { ...json, private: { ...(json["private"] as object), ...cost } };
      expect(codeOf(parseStoredKey(Buffer.from(JSON.stringify(changed)), key.file))).toBe("keys.file_format");
    }
    expect(json["private"]).toMatchObject({ type: "scrypt-aes-256-gcm", ...cheap });
  });
});

describe("writing", () => {
  it("leaves the old file whole when the last step fails, and no draft", async () => {
    const folder = await freshFolder();
    const file = path.join(folder, "set.json");
    valueOf(await writeKeyFile(file, Buffer.from("old"), { mode: 0o644, create: false }));
    const full = { rename: () => Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" })) };
    const written = await writeKeyFile(file, Buffer.from("new"), { mode: 0o644, create: false }, full);
    expect(codeOf(written)).toBe("keys.write_failed");
    expect(await readFile(file, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["set.json"]);
  });

  it("is not disturbed by what a killed process left behind", async () => {
    const folder = await freshFolder();
    await writeFile(path.join(folder, ".alice-1.key.0123456789abcdef.tmp"), '{"v":1,"ki', { mode: 0o600 });
    const key = valueOf(await createKey(folder, newKey()));
    expect(await listKeys(folder)).toEqual({ keys: [key], problems: [] });
  });
});

describe("files of public keys", () => {
  it("may be read by anybody, but written by nobody else where trust rests on them", async () => {
    const folder = await freshFolder();
    const file = path.join(folder, "set.json");
    await writeFile(file, "{}");
    for (const [mode, trust, named] of [
      [0o644, "ok", "ok"],
      [0o664, "keys.file_mode", "keys.file_mode"],
      [0o666, "keys.file_mode", "keys.file_mode"],
    ] as const) {
      await chmod(file, mode);
      expect(codeOf(await readKeyFile(file, fileRules.trust, 100))).toBe(trust);
      expect(codeOf(await readKeyFile(file, fileRules.named, 100))).toBe(named);
      expect(codeOf(await readKeyFile(file, fileRules.open, 100))).toBe("ok");
    }
    await chmod(file, 0o644);
    const linked = path.join(folder, "linked.json");
    await symlink(file, linked);
    expect(codeOf(await readKeyFile(linked, fileRules.trust, 100))).toBe("keys.file_kind");
    expect(codeOf(await readKeyFile(linked, fileRules.named, 100))).toBe("ok");
    await link(file, path.join(folder, "second.json"));
    expect(codeOf(await readKeyFile(file, fileRules.trust, 1))).toBe("keys.file_size");
    expect(valueOf(await readKeyFile(path.join(file, "below"), fileRules.trust, 1))).toBeNull();
  });
});

describe("a key in memory", () => {
  it("signs as RFC 8032 has it (§7.1, test 2)", async () => {
    const seed = Buffer.from("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "hex");
    const signer = memorySigner(seed, { kid: "t2", principal: "ci:t2", purposes: ["receipt"] });
    expect(Buffer.from(signer.publicKey).toString("hex")).toBe(
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    );
    expect(Buffer.from(await signer.sign(new Uint8Array([0x72]))).toString("hex")).toBe(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
  });
});
