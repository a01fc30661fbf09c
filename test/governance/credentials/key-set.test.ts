import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCredential, noneUsed } from "../../../src/governance/credentials/check.ts";
import {
  fingerprint,
  keySetCodes,
  MAX_KEY_SET,
  mergeKeySets,
  noKeys,
  parseKeySet,
  replaceKeySet,
  serializeKeySet,
} from "../../../src/governance/credentials/key-set.ts";
import type { KeySet, TrustedKey } from "../../../src/governance/credentials/model.ts";
import { alice, canonical, contextOf, credentialOf, setOf, signerOf, trusted } from "./support.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(text: string): KeySet {
  const result = parseKeySet(bytesOf(text));
  if (!result.ok) throw new Error(result.problem.message);
  return result.keySet;
}

/** The JSON of a set of one key, with members replaced; undefined leaves one out. */
function fileOf(key: Record<string, unknown> = {}, set: Record<string, unknown> = {}): string {
  const { keys, ...rest } = JSON.parse(serializeKeySet(setOf(trusted(alice)))) as { keys: [Record<string, unknown>] };
  return canonical({ ...rest, keys: [{ ...keys[0], ...key }], ...set });
}

const problem = (text: string | Uint8Array) => {
  const result = parseKeySet(typeof text === "string" ? bytesOf(text) : text);
  return result.ok ? null : result.problem;
};

const cases: readonly (readonly [(typeof keySetCodes)[number], string, string | Uint8Array, string])[] = [
  ["keys.too_large", "a huge file", new Uint8Array(MAX_KEY_SET + 1), "1024 KiB"],
  ["keys.too_large", "too many keys", `{"v":1,"issuer":"a","keys":[${Array(1001).fill("0").join()}]}`, "1000 keys"],
  ["keys.decode", "an empty file", "", "not JSON"],
  ["keys.decode", "half a file", fileOf().slice(0, 100), "not JSON"],
  ["keys.decode", "bytes that are no text", new Uint8Array([0xff]), "UTF-8"],
  ["keys.decode", "a list", "[]", "object"],
  ["keys.version", "no version", '{"issuer":"a","keys":[]}', "`v`"],
  ["keys.version", "a later version", '{"v":2,"issuer":"a","keys":[],"more":1}', "`v`"],
  ["keys.private_member", "a private key", fileOf({ d: "AA" }), "private key"],
  ["keys.duplicate", "a member twice", fileOf().replace('"status":', '"status":"revoked","status":'), "`status`"],
  [
    "keys.duplicate",
    "a member twice, once escaped",
    fileOf().replace('"status":', '"stat\\u0075s":"revoked","status":'),
    "`status`",
  ],
  [
    "keys.duplicate",
    "a name twice",
    fileOf({}, { keys: [1, 2].map((b) => jwkOf(trusted(signerOf(b, "same")))) }),
    "`same`",
  ],
  [
    "keys.duplicate",
    "a key under two names",
    fileOf({}, { keys: ["a", "b"].map((kid) => jwkOf(trusted(signerOf(1, kid)))) }),
    "another name",
  ],
  ["keys.member", "an unknown member", fileOf({ x5c: [] }), "`keys[0].x5c`"],
  ["keys.member", "an unknown member of the set", fileOf({}, { keyring: 1 }), "`keyring`"],
  ["keys.member", "no issuer", fileOf({}, { issuer: undefined }), "`issuer`"],
  ["keys.member", "keys that are no list", fileOf({}, { keys: {} }), "`keys`"],
  ["keys.member", "a key that is no object", fileOf({}, { keys: [null] }), "`keys[0]`"],
  ["keys.member", "another kind of key", fileOf({ kty: "RSA" }), "`keys[0].kty`"],
  ["keys.member", "another curve", fileOf({ crv: "X25519" }), "`keys[0].crv`"],
  ["keys.member", "another algorithm", fileOf({ alg: "HS256" }), "`keys[0].alg`"],
  ["keys.member", "another use", fileOf({ use: "enc" }), "`keys[0].use`"],
  ["keys.member", "a name that is none", fileOf({ kid: "a b" }), "`keys[0].kid`"],
  [
    "keys.member",
    "a name that stands for another's revocation",
    fileOf({ kid: `revoked:sha256:${"0".repeat(64)}` }),
    "fingerprint",
  ],
  ["keys.member", "a short key", fileOf({ x: "AAAA" }), "`keys[0].x`"],
  ["keys.member", "a padded key", fileOf({ x: `${"A".repeat(43)}=` }), "`keys[0].x`"],
  ["keys.member", "a status that is none", fileOf({ status: "trusted" }), "`keys[0].status`"],
  ["keys.member", "retired since nobody knows when", fileOf({ status: "retired" }), "`keys[0].retired_at`"],
  ["keys.member", "a time that is none", fileOf({ not_before: "yesterday" }), "`keys[0].not_before`"],
  ["keys.member", "a time of fetching that is none", fileOf({}, { fetched_at: 1 }), "`fetched_at`"],
  ["keys.member", "no principals", fileOf({ principals: undefined }), "`keys[0].principals`"],
  ["keys.member", "a principal twice", fileOf({ principals: ["user:a", "user:a"] }), "`keys[0].principals`"],
  ["keys.member", "an unknown purpose", fileOf({ purposes: ["everything"] }), "`keys[0].purposes`"],
  ["keys.member", "an unknown environment", fileOf({ environments: ["production"] }), "`keys[0].environments`"],
];

function jwkOf(key: TrustedKey): unknown {
  return (JSON.parse(serializeKeySet(setOf(key))) as { keys: unknown[] }).keys[0];
}

describe("a key set that cannot be used", () => {
  it.each(cases)("%s: %s", (code, _what, text, words) => {
    expect(problem(text)?.code).toBe(code);
    expect(problem(text)?.message).toContain(words);
  });

  it("has every code there is", () => {
    expect(new Set(cases.map(([code]) => code))).toEqual(new Set(keySetCodes));
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytesOf)), (bytes) => {
        expect(parseKeySet(bytes).ok).toBe(false);
      }),
    );
  });

  it("is found out in time that grows with its size", () => {
    const strings = `{"a":"${"\\\\".repeat(250_000)}","b":"${"x".repeat(400_000)}"}`;
    expect(problem(strings)?.code).toBe("keys.version");
    expect(problem("[".repeat(1_000_000))?.code).toBe("keys.decode");
  });
});

describe("a key set's file", () => {
  it("is canonical: names and members in order, and read back as it was", () => {
    const set = setOf(
      trusted(signerOf(2, "b"), { status: "retired", retiredAt: 1000, environments: ["prod"] }),
      trusted(alice, { notBefore: 0, purposes: ["approval", "receipt"] }),
    );
    const text = serializeKeySet(set);
    expect(text.indexOf('"alice-1"')).toBeLessThan(text.indexOf('"kid":"b"'));
    expect(text).toBe(`${canonical(JSON.parse(text))}\n`);
    expect(read(text).keys).toEqual(set.keys);
    expect(serializeKeySet(read(text))).toBe(text);
  });

  it("may leave out what may be null, and be laid out by hand", () => {
    const text = JSON.stringify(
      JSON.parse(
        fileOf({ not_before: undefined, retired_at: undefined, environments: undefined }, { fetched_at: undefined }),
      ),
      null,
      2,
    );
    expect(read(text)).toEqual(setOf(trusted(alice)));
  });

  it("with any byte changed is refused, or trusts a credential no more, or says the same about it", async () => {
    const credential = await credentialOf();
    const bytes = bytesOf(serializeKeySet(setOf(trusted(alice))));
    const said = setOf(trusted(alice));
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 4, 32, 128]) {
        const flipped = bytes.slice();
        flipped[at] = (flipped[at] ?? 0) ^ bit;
        const result = parseKeySet(flipped);
        if (!result.ok || checkCredential(credential, result.keySet, contextOf(), noneUsed) !== null) continue;
        // What is left is the set's own label, and white space at the end.
        expect({ ...result.keySet, issuer: "local" }, `byte ${at}`).toEqual(said);
      }
    }
  });
});

describe("key sets put together", () => {
  const keyA = trusted(signerOf(1, "a"));
  const keyB = trusted(signerOf(2, "b"));
  const revoked = { status: "revoked" } as const;

  it("have all keys, and the first set's word on each", () => {
    const other = { ...keyA, principals: ["user:mallory"], purposes: ["receipt" as const] };
    expect(mergeKeySets(setOf(keyA), setOf(other, keyB)).keys).toEqual(setOf(keyA, keyB).keys);
  });

  it("never put another key behind a name, and give no key a second name", () => {
    const impostor = trusted(signerOf(3, "a"));
    expect(mergeKeySets(setOf(keyA), setOf(impostor)).keys).toEqual(setOf(keyA).keys);
    const renamed = { ...keyA, kid: "z", principals: ["user:second"] };
    expect(mergeKeySets(setOf(keyA), setOf(renamed)).keys).toEqual(setOf(keyA).keys);
  });

  it("take the worst status and the earliest retirement", () => {
    const retired = (at: number) => ({ status: "retired" as const, retiredAt: at });
    const merged = mergeKeySets(setOf({ ...keyA, ...retired(9) }), setOf({ ...keyA, ...retired(5) }), setOf(keyA));
    expect(merged.keys.get("a")).toMatchObject(retired(5));
    expect(mergeKeySets(setOf(keyA), setOf({ ...keyA, ...revoked })).keys.get("a")).toMatchObject(revoked);
  });

  it("keep what a refresh has forgotten to revoke", () => {
    const after = replaceKeySet(setOf({ ...keyA, ...revoked }, keyB), setOf({ ...keyA, kid: "new" }));
    expect(after.keys.get("new")).toMatchObject(revoked);
    expect(after.keys.has("b")).toBe(false);
    expect(replaceKeySet(setOf({ ...keyA, ...revoked }), noKeys).keys.get("a")).toMatchObject(revoked);
  });

  it("never lose a key's revocation, in whatever order and through the file, nor that of a name at once", () => {
    const keys = [1, 2, 3].map((byte) => signerOf(byte, "x"));
    const key = fc.record({
      signer: fc.constantFrom(...keys),
      kid: fc.constantFrom("a", "b", "c"),
      status: fc.constantFrom("active" as const, "retired" as const, "revoked" as const),
    });
    const set = fc
      .uniqueArray(key, { maxLength: 3, selector: (one) => one.kid })
      .filter((list) => new Set(list.map((one) => one.signer)).size === list.length)
      .map((list) =>
        setOf(
          ...list.map(({ signer, kid, status }) =>
            trusted(signer, { kid, status, retiredAt: status === "active" ? null : 7 }),
          ),
        ),
      );
    fc.assert(
      fc.property(fc.array(set, { minLength: 1, maxLength: 4 }), (sets) => {
        const [first = noKeys, ...others] = sets;
        const last = sets.at(-1) ?? noKeys;
        const united = mergeKeySets(first, ...others);
        const replaced = sets.reduce((before, next) => replaceKeySet(before, next));
        for (const result of [united, replaced]) {
          const again = read(serializeKeySet(result));
          const status = new Map([...again.keys.values()].map((one) => [fingerprint(one.publicKey), one.status]));
          expect(status.size).toBe(again.keys.size);
          for (const one of sets
            .flatMap((each) => [...each.keys.values()])
            .filter((each) => each.status === "revoked")) {
            expect(status.get(fingerprint(one.publicKey))).toBe("revoked");
            if (result === united) expect(again.keys.get(one.kid)?.status ?? "revoked").toBe("revoked");
          }
        }
        expect(
          [...replaced.keys.values()].filter((one) => one.status !== "revoked").every((one) => last.keys.has(one.kid)),
        ).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a fingerprint", () => {
  it("is the SHA-256 of the raw key", () => {
    // Test vector 1 of RFC 8032 §7.1; its SHA-256 by `xxd -r -p | sha256sum`.
    const key = Buffer.from("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "hex");
    expect(fingerprint(key)).toBe("sha256:21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9");
  });

  it("differs for every key", () => {
    const made = Array.from({ length: 20 }, () => {
      const { x } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
      return fingerprint(Buffer.from(x ?? "", "base64url"));
    });
    expect(new Set(made).size).toBe(20);
  });
});
