/** The editor's keys: the secret stays in the secret storage, whatever is done with the key. */
import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { KeyStore } from "../../../src/extension/keys/store.ts";
import { publicKeySet } from "../../../src/runtime/approvals/editor-keys.ts";

/** VS Code's two storages, which note everything that is written to them. */
function storages() {
  const secrets = new Map<string, string>();
  const state = new Map<string, unknown>();
  const store = new KeyStore(
    {
      get: async (name) => secrets.get(name),
      store: async (name, value) => void secrets.set(name, value),
      delete: async (name) => void secrets.delete(name),
      onDidChange: () => ({ dispose: () => undefined }),
    },
    {
      keys: () => [...state.keys()],
      get: <T>(name: string, otherwise?: T) => (state.get(name) ?? otherwise) as T,
      update: async (name: string, value: unknown) => void state.set(name, JSON.parse(JSON.stringify(value))),
    },
  );
  return { store, secrets, state };
}

describe("keys of the editor", () => {
  it("are made with their owner and purposes, sign, and are gone for good when they are deleted", async () => {
    const { store, secrets } = storages();
    const key = await store.make("user:ada@host", 7);
    if (key === null) throw new Error("a key was made");
    expect(store.list()).toEqual([key]);
    expect(key).toMatchObject({ principal: "user:ada@host", purposes: ["approval", "receipt"], createdAt: 7 });
    const signer = await store.signer(key.kid);
    const bytes = new TextEncoder().encode("what was shown");
    const signature = (await signer?.sign(bytes)) ?? new Uint8Array();
    const jwk = { kty: "OKP", crv: "Ed25519", x: key.publicKey };
    expect(verify(null, bytes, createPublicKey({ key: jwk, format: "jwk" }), signature)).toBe(true);
    await store.remove(key.kid);
    expect([store.list(), await store.signer(key.kid), secrets.size]).toEqual([[], null, 0]);
  });

  it("no form of the private key is in the index, the public set, the signer or a refusal", async () => {
    const { store, secrets, state } = storages();
    const key = await store.make("user:ada@host", 7);
    if (key === null) throw new Error("a key was made");
    const [secret = ""] = secrets.values();
    const seed = Buffer.from(secret, "base64url");
    expect(seed).toHaveLength(32);
    const signer = await store.start("user:ada@host", () => true);
    const refusal = await store.start("user:bob@host", () => true);
    const told = [JSON.stringify([...state]), publicKeySet([key]), JSON.stringify([signer, refusal, store])].join("\n");
    for (const form of [secret, seed.toString("base64"), seed.toString("hex"), JSON.stringify([...seed])])
      expect(told).not.toContain(form);
    expect(refusal).toMatchObject({ problem: expect.stringContaining("user:bob@host") as string });
  });

  it("a start is signed by the key that counts, else by the newest of its principal", async () => {
    const { store } = storages();
    const [old, newest, other] = [
      await store.make("user:ada", 1),
      await store.make("user:ada", 2),
      await store.make("user:bob", 3),
    ];
    expect(await store.start("user:ada", (kid) => kid === old?.kid)).toMatchObject({ kid: old?.kid });
    expect(await store.start("user:ada", () => false)).toMatchObject({ kid: newest?.kid });
    expect(await store.receipts("user:bob")).toMatchObject({ kid: other?.kid });
    expect(await store.receipts("user:eve")).toBeNull();
  });

  it("a secret that is another key's signs nothing", async () => {
    const { store, secrets } = storages();
    const [a, b] = [await store.make("user:ada", 1), await store.make("user:ada", 2)];
    const [first = "", second = ""] = [...secrets.keys()];
    const swapped = secrets.get(second) ?? "";
    secrets.set(second, secrets.get(first) ?? "");
    secrets.set(first, swapped);
    expect([await store.signer(a?.kid ?? ""), await store.signer(b?.kid ?? "")]).toEqual([null, null]);
  });
});
