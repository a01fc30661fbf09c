import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allowedUses, checkCredential, noneUsed } from "../../../src/governance/credentials/check.ts";
import { readCredential } from "../../../src/governance/credentials/credential.ts";
import {
  credentialCodes,
  type Credential,
  type CredentialCode,
  type CredentialContext,
  type CredentialPayload,
  type KeySet,
  type TrustedKey,
} from "../../../src/governance/credentials/model.ts";
import {
  alice,
  contextOf,
  credentialOf,
  NOW,
  ORDERS,
  payloadOf,
  setOf,
  signerOf,
  stepContext,
  stepCredential,
  trusted,
} from "./support.ts";

function check(
  credential: Credential,
  context: Partial<CredentialContext> = {},
  key: Partial<TrustedKey> = {},
  uses = 0,
) {
  return checkCredential(credential, setOf(trusted(alice, key)), contextOf(context), { uses: () => uses });
}

const at = (text: string): number => Date.parse(text);

describe("a credential that counts", () => {
  it("approves its document, in its environment, until it expires", async () => {
    expect(check(await credentialOf())).toBeNull();
    expect(check(await credentialOf(), { now: at("2026-05-19T10:59:59.999Z") })).toBeNull();
  });

  it("serves a paused step without naming it, and one step when it does", async () => {
    expect(check(await credentialOf(), { step: stepContext })).toBeNull();
    expect(check(await stepCredential(), { step: stepContext })).toBeNull();
  });

  it("may be issued 60 seconds ahead of our clock", async () => {
    const credential = await credentialOf({ issued_at: "2026-05-18T12:01:00Z" });
    expect(check(credential)).toBeNull();
    expect(check(credential, { now: NOW - 1 })?.code).toBe("cred.not_yet_valid");
  });

  it("may be signed with a key that was retired later, and with none that was retired before", async () => {
    const retired = (retiredAt: string) => ({ status: "retired" as const, retiredAt: at(retiredAt) });
    expect(check(await credentialOf(), {}, retired("2026-05-18T11:00:01Z"))).toBeNull();
    expect(check(await credentialOf(), {}, retired("2026-05-18T11:00:00Z"))?.code).toBe("cred.key_revoked");
    expect(check(await credentialOf(), {}, { status: "retired", retiredAt: null })?.code).toBe("cred.key_revoked");
  });

  it("is genuine also when it denies: what it says is the caller's to read", async () => {
    expect(check(await stepCredential({ decision: "deny" }), { step: stepContext })).toBeNull();
  });
});

const foreign = signerOf(9, alice.kid);

const cases: readonly (readonly [CredentialCode, string, () => Promise<ReturnType<typeof check>>, string])[] = [
  ["cred.decode", "truncated", () => Promise.resolve(problemOf("e30")), "cannot be read"],
  ["cred.version", "of a later format", () => Promise.resolve(problemOf(laterFormat)), "version"],
  [
    "cred.key_unknown",
    "of a key nobody trusts",
    async () => check(await credentialOf({ kid: "bob" }, signerOf(3, "bob"))),
    "`bob`",
  ],
  [
    "cred.key_revoked",
    "of a revoked key",
    async () => check(await credentialOf(), {}, { status: "revoked" }),
    "revoked",
  ],
  [
    "cred.signature",
    "signed by another key of that name",
    async () => check(await credentialOf({}, foreign)),
    "signature",
  ],
  [
    "cred.spec_mismatch",
    "for another document",
    async () => check(await credentialOf({ spec_hash: `sha256:${"0".repeat(64)}` })),
    "another document",
  ],
  [
    "cred.spec_mismatch",
    "for another run",
    async () => check(await stepCredential({ run_id: "run-2" }), { step: stepContext }),
    "another run",
  ],
  [
    "cred.spec_mismatch",
    "for another step",
    async () => check(await stepCredential({ node_id: "notify#2.1" }), { step: stepContext }),
    "another step",
  ],
  [
    "cred.spec_mismatch",
    "for another input",
    async () => check(await stepCredential({ input_digest: `sha256:${"0".repeat(64)}` }), { step: stepContext }),
    "another input",
  ],
  [
    "cred.spec_mismatch",
    "for another effect",
    async () => check(await stepCredential({ effect_digest: `sha256:${"0".repeat(64)}` }), { step: stepContext }),
    "another effect",
  ],
  ["cred.spec_mismatch", "for a step, where none waits", async () => check(await stepCredential()), "no paused run"],
  [
    "cred.environment_mismatch",
    "of another organisation",
    async () => check(await credentialOf({ org_id: "acme" })),
    "organisation `acme`",
  ],
  [
    "cred.environment_mismatch",
    "of another project",
    async () => check(await credentialOf({ project_id: "shop" })),
    "project `shop`",
  ],
  [
    "cred.environment_mismatch",
    "of another environment",
    async () => check(await credentialOf({ environment_id: "eu-1" })),
    "environment `eu-1`",
  ],
  [
    "cred.environment_mismatch",
    "for another posture",
    async () => check(await credentialOf({ environment_posture: "dev" })),
    "posture `dev`",
  ],
  [
    "cred.environment_mismatch",
    "of a key that is for dev only",
    async () => check(await credentialOf(), {}, { environments: ["dev"] }),
    "only in dev",
  ],
  [
    "cred.not_yet_valid",
    "from the future",
    async () => check(await credentialOf(), { now: at("2026-05-18T10:58:59Z") }),
    "future",
  ],
  [
    "cred.not_yet_valid",
    "older than its key",
    async () => check(await credentialOf(), {}, { notBefore: at("2026-05-18T11:30:00Z") }),
    "before its key",
  ],
  [
    "cred.expired",
    "that has expired",
    async () => check(await credentialOf(), { now: at("2026-05-19T11:00:00Z") }),
    "expired at 2026-05-19T11:00:00Z",
  ],
  [
    "cred.capability_missing",
    "that does not cover the effect",
    async () => check(await credentialOf({ capabilities: ["exec"] })),
    ORDERS,
  ],
  [
    "cred.replayed",
    "for one step, used before",
    async () => check(await stepCredential({ max_uses: 5 }), { step: stepContext }, {}, 1),
    "has been used",
  ],
  [
    "cred.replayed",
    "used as often as it allows",
    async () => check(await credentialOf({ ext: { max_uses: 2 } }), {}, {}, 2),
    "2 times",
  ],
  [
    "cred.principal_mismatch",
    "of a key that is another's",
    async () => check(await credentialOf(), {}, { principals: ["user:bob@example"] }),
    "user:bob@example",
  ],
  [
    "cred.principal_mismatch",
    "of a key that is nobody's",
    async () => check(await credentialOf(), {}, { principals: [] }),
    "nobody",
  ],
  [
    "cred.purpose",
    "of a key for receipts",
    async () => check(await credentialOf(), {}, { purposes: ["receipt"] }),
    "is for receipt",
  ],
];

const laterFormat = `eyJ2IjoyfQ.${"A".repeat(86)}`;

function problemOf(text: string) {
  const read = readCredential(text);
  return read.ok ? null : read.problem;
}

describe("a credential that does not count", () => {
  it.each(cases)("%s: one %s", async (code, _what, verdict, words) => {
    const problem = await verdict();
    expect(problem?.code).toBe(code);
    expect(problem?.message).toContain(words);
  });

  it("has every code there is", () => {
    expect(new Set(cases.map(([code]) => code))).toEqual(new Set(credentialCodes));
  });

  it("says a different sentence in every case", async () => {
    const messages = await Promise.all(cases.map(async ([, , verdict]) => (await verdict())?.message));
    expect(new Set(messages).size).toBe(messages.length);
  });

  it("is told the first thing that is wrong, in the documented order", async () => {
    // From the last check to the first: each further fault hides those that come after it.
    const faults: readonly (readonly [CredentialCode, Partial<CredentialPayload>, Partial<TrustedKey>, number])[] = [
      ["cred.purpose", {}, { purposes: ["receipt"] }, 0],
      ["cred.principal_mismatch", {}, { principals: [] }, 0],
      ["cred.replayed", { ext: { max_uses: 1 } }, {}, 1],
      ["cred.capability_missing", { capabilities: ["exec"] }, {}, 0],
      ["cred.expired", { issued_at: "2026-05-16T00:00:00Z", expires_at: "2026-05-17T00:00:00Z" }, {}, 0],
      ["cred.not_yet_valid", {}, { notBefore: at("2026-05-18T11:30:00Z") }, 0],
      ["cred.environment_mismatch", { org_id: "acme" }, {}, 0],
      ["cred.spec_mismatch", { spec_hash: `sha256:${"0".repeat(64)}` }, {}, 0],
      ["cred.signature", {}, { publicKey: signerOf(7).publicKey }, 0],
      ["cred.key_revoked", {}, { status: "revoked" }, 0],
      ["cred.key_unknown", { kid: "bob" }, {}, 0],
    ];
    let payload: Partial<CredentialPayload> = {};
    let key: Partial<TrustedKey> = {};
    let uses = 0;
    for (const [code, more, keyMore, used] of faults) {
      payload = { ...payload, ...more };
      key = { ...key, ...keyMore };
      uses = Math.max(uses, used);
      const signer = payload.kid === undefined ? alice : signerOf(1, payload.kid);
      expect(check(await credentialOf(payload, signer), {}, key, uses)?.code).toBe(code);
    }
    expect(faults.map(([code]) => code).reverse()).toEqual(credentialCodes.slice(2));
  });

  it("trusts nobody when there are no keys", async () => {
    const problem = checkCredential(await credentialOf(), setOf(), contextOf(), noneUsed);
    expect(problem).toMatchObject({ code: "cred.key_unknown" });
    expect(problem?.message).toContain("no key is trusted here");
  });
});

describe("uses", () => {
  it("are one for a step, as many as are named for a document, else without number", async () => {
    expect(allowedUses(await stepCredential({ max_uses: 9 }))).toBe(1);
    expect(allowedUses(await credentialOf({ ext: { max_uses: 9 } }))).toBe(9);
    expect(allowedUses(await credentialOf())).toBe(Infinity);
  });

  it("never go beyond what is allowed", async () => {
    const credential = await credentialOf({ ext: { max_uses: 3 } });
    fc.assert(
      fc.property(fc.nat(20), (uses) => {
        expect(check(credential, {}, {}, uses) === null).toBe(uses < 3);
      }),
    );
  });
});

describe("a single difference between credential and world", () => {
  it("refuses, whichever it is", async () => {
    const credential = await stepCredential();
    const keys: KeySet = setOf(trusted(alice));
    const right = contextOf({ step: stepContext });
    expect(checkCredential(credential, keys, right, noneUsed)).toBeNull();
    const other = fc.string({ minLength: 1, maxLength: 20 });
    const differences = fc.oneof(
      other.map((orgId) => ({ orgId })),
      other.map((projectId) => ({ projectId })),
      other.map((environmentId) => ({ environmentId })),
      other.map((specHash) => ({ specHash })),
      other.map((capability) => ({ capability })),
      other.map((runId) => ({ step: { ...stepContext, runId } })),
      other.map((nodeId) => ({ step: { ...stepContext, nodeId } })),
      fc.option(other).map((inputDigest) => ({ step: { ...stepContext, inputDigest } })),
      fc.option(other).map((effectDigest) => ({ step: { ...stepContext, effectDigest } })),
      fc.constantFrom("dev", "staging").map((posture) => ({ posture: posture })),
    );
    fc.assert(
      fc.property(differences, (difference) => {
        const same = Object.entries(difference).every(
          ([name, value]) => JSON.stringify(value) === JSON.stringify(right[name as keyof CredentialContext]),
        );
        fc.pre(!same);
        expect(checkCredential(credential, keys, { ...right, ...difference }, noneUsed)).not.toBeNull();
      }),
    );
    expect(payloadOf().capabilities).toEqual([ORDERS]);
  });
});
