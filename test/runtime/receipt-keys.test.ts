import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { fingerprint, serializeKeySet } from "../../src/governance/credentials/key-set.ts";
import { isGenuine } from "../../src/governance/credentials/verify.ts";
import { receiptSigner, receiptVerifierKeys } from "../../src/runtime/keys.ts";
import { setOf, signerOf, trusted } from "../governance/credentials/support.ts";

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function home(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "countersign-receipts-"));
  folders.push(folder);
  return folder;
}

const SEED = Buffer.alloc(32, 5).toString("base64");
const signing = {
  RUNX_RECEIPT_SIGN_KID: "ci-1",
  RUNX_RECEIPT_SIGN_ED25519_SEED_BASE64: SEED,
  RUNX_RECEIPT_SIGN_ISSUER_TYPE: "ci",
};
const message = new TextEncoder().encode("sha256:0");

describe("the signer of receipts", () => {
  it("is a local key that is made on first use, for its owner alone, and used from then on", async () => {
    const folder = await home();
    const made = await Promise.all([1, 2, 3, 4].map(() => receiptSigner({}, folder, "user:alice@example")));
    const again = await receiptSigner({}, folder);
    const signers = [...made, again].map((one) => {
      if (!one.ok) throw new Error(one.problem.message);
      return one.value;
    });
    expect(new Set(signers.map((one) => one.signer.kid)).size).toBe(1);
    const [first] = signers;
    expect(first).toMatchObject({
      issuerType: "local",
      signer: { principal: "user:alice@example", purposes: ["receipt", "manifest"] },
    });
    expect(first?.signer.kid).toMatch(/^local-[0-9a-f]{16}$/);
    expect(await readdir(path.join(folder, "keys"))).toEqual(["local-receipt.key"]);
    expect((await stat(path.join(folder, "keys", "local-receipt.key"))).mode & 0o777).toBe(0o600);
    const signature = (await first?.signer.sign(message)) ?? new Uint8Array();
    expect(isGenuine(first?.signer.publicKey ?? new Uint8Array(), message, signature)).toBe(true);
  });

  it("is the key in the three variables, all or none", async () => {
    const found = await receiptSigner(signing, null);
    expect(found).toMatchObject({
      ok: true,
      value: { issuerType: "ci", signer: { kid: "ci-1", purposes: ["receipt", "manifest"] } },
    });
    expect(found.ok && Buffer.from(found.value.signer.publicKey).equals(signerOf(5).publicKey)).toBe(true);
  });

  it.each([
    ["one is missing", { RUNX_RECEIPT_SIGN_KID: "" }, "config_incomplete"],
    ["the issuer is local", { RUNX_RECEIPT_SIGN_ISSUER_TYPE: "local" }, "config_value"],
    ["the name is none", { RUNX_RECEIPT_SIGN_KID: "a b" }, "config_value"],
    ["the seed is short", { RUNX_RECEIPT_SIGN_ED25519_SEED_BASE64: "Q0FOQVJZ" }, "config_value"],
    ["the seed is no base64", { RUNX_RECEIPT_SIGN_ED25519_SEED_BASE64: "CANARY_CANARY!" }, "config_value"],
  ])("is refused when %s, without showing the seed", async (_what, more, code) => {
    const folder = await home();
    const found = await receiptSigner({ ...signing, ...more }, folder);
    expect(found).toMatchObject({ ok: false, problem: { code } });
    expect(JSON.stringify(found)).not.toMatch(/CANARY|Q0FOQVJZ|BQUFBQ/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("needs a home, and a key file that nobody else can read", async () => {
    expect(await receiptSigner({}, null)).toMatchObject({ ok: false, problem: { code: "keys.missing" } });
    const folder = await home();
    await receiptSigner({}, folder);
    await chmod(path.join(folder, "keys", "local-receipt.key"), 0o644);
    expect(await receiptSigner({}, folder)).toMatchObject({ ok: false, problem: { code: "keys.file_mode" } });
  });
});

describe("the keys that a verifier of receipts believes", () => {
  it("are those of the variables, of the trust store for receipts, and the own local key", async () => {
    const folder = await home();
    const receipts = trusted(signerOf(7, "ci-7"), { purposes: ["receipt"] });
    const approvals = trusted(signerOf(8, "bob-8"));
    const revoked = trusted(signerOf(9, "old-9"), { status: "revoked", purposes: ["approval"] });
    await writeFile(path.join(folder, "signing_keys.json"), serializeKeySet(setOf(receipts, approvals, revoked)), {
      mode: 0o644,
    });
    const local = await receiptSigner({}, folder);
    const env = {
      RUNX_RECEIPT_VERIFY_KID: "hosted-5",
      RUNX_RECEIPT_VERIFY_ED25519_PUBLIC_KEY_BASE64: Buffer.from(signerOf(5).publicKey).toString("base64"),
    };
    const print = `sha256:${"a".repeat(64)}`;
    const root = `sha256:${"b".repeat(64)}`;
    const found = await receiptVerifierKeys(env, folder, { fingerprints: new Set([print]) }, [root]);
    if (!found.ok) throw new Error(found.problem.message);
    expect(found.value.keys.map(({ kid, source, status }) => [kid, source, status])).toEqual([
      ["hosted-5", "environment", "active"],
      ["ci-7", "trust store", "active"],
      ["old-9", "trust store", "revoked"],
      [local.ok && local.value.signer.kid, "own key", "active"],
    ]);
    expect(found.value.keys[0]?.fingerprint).toBe(fingerprint(signerOf(5).publicKey));
    expect(found.value.pins).toEqual(new Set([print, root]));
  });

  it("are none without any, and a half-set pair is refused", async () => {
    expect(await receiptVerifierKeys({}, null)).toEqual({ ok: true, value: { keys: [], pins: new Set() } });
    expect(await receiptVerifierKeys({}, await home())).toEqual({ ok: true, value: { keys: [], pins: new Set() } });
    expect(await receiptVerifierKeys({ RUNX_RECEIPT_VERIFY_KID: "a" }, null)).toMatchObject({
      ok: false,
      problem: { code: "config_incomplete" },
    });
    const bad = { RUNX_RECEIPT_VERIFY_KID: "a", RUNX_RECEIPT_VERIFY_ED25519_PUBLIC_KEY_BASE64: "AAAA" };
    expect(await receiptVerifierKeys(bad, null)).toMatchObject({ ok: false, problem: { code: "config_value" } });
  });
});
