import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalText } from "../../src/receipts/canonical.ts";
import { receiptText } from "../../src/receipts/digest.ts";
import { findingCodes, snakeCode, type FindingCode } from "../../src/receipts/findings.ts";
import { forest, groveOf } from "../../src/receipts/forest.ts";
import { KeyRing } from "../../src/receipts/keyring.ts";
import type { SealedReceipt } from "../../src/receipts/link.ts";
import type { Receipt } from "../../src/receipts/model.ts";
import { parseReceipt } from "../../src/receipts/parse.ts";
import { fingerprint, pseudoIssuer, pseudoSignature } from "../../src/receipts/sign.ts";
import { verifyTree, type SuppliedReceipt } from "../../src/receipts/tree.ts";
import { commitmentDigest, valueDigest } from "../../src/receipts/value-digest.ts";
import { verdictOf } from "../../src/receipts/verdict.ts";
import { parseJson } from "../../src/graph/json.ts";
import { wholeRun } from "../cli/kept-runs.ts";
import { alice, alicePrint, mallory, resigned, rootOf, sealEvents, supplied, trusting } from "./support.ts";

const sealed = await sealEvents(wholeRun("r1"));
const root = rootOf(sealed).receipt;
const child = (sealed[0] as SealedReceipt).receipt;
const none = { keys: new KeyRing([]), allowPseudo: false };
const one = (receipt: Receipt): SuppliedReceipt => ({ receipt, file: null, findings: [] });
const codesOf = (receipt: Receipt, how = trusting()): readonly string[] =>
  verdictOf(parseReceipt(Buffer.from(receiptText(receipt))), null, how).findings.map(({ code }) => code);
const tree = (receipts: readonly Receipt[], how = trusting()) => {
  const [top, ...others] = receipts.map(one);
  if (top === undefined) throw new Error("a tree has a root");
  return verifyTree({ root: top, others }, how);
};

describe("canonical form", () => {
  test("keys stand in the order of their code points, also beyond the basic plane", () => {
    expect(canonicalText({ "\u{1f600}": 1, "\ufb33": 2, a: 3 })).toBe('{"a":3,"\ufb33":2,"\u{1f600}":1}');
  });

  test("numbers and strings are written as JavaScript writes them, nothing more is escaped", () => {
    const text = canonicalText([1e21, 1e-7, 5e-324, 1.0, -0, "\u2028/\u0001\b\n"]);
    expect(text).toBe('[1e+21,1e-7,5e-324,1,0,"\u2028/\\u0001\\b\\n"]');
  });

  test("it is what the platform parses back, and a fixed point", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalText(value);
        expect(canonicalText(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("value digests", () => {
  test.each([
    ["9007199254740993", "9007199254740992"],
    ["1", "1.0"],
    ["1", '"1"'],
    ["1", "true"],
  ])("%s and %s have different digests", (a, b) => {
    const [left, right] = [a, b].map((text) => {
      const parsed = parseJson(text);
      if (!parsed.ok) throw new Error(text);
      return parsed.value;
    });
    const salt = new Uint8Array(32);
    expect(valueDigest(left ?? null)).not.toBe(valueDigest(right ?? null));
    expect(commitmentDigest(salt, left ?? null)).not.toBe(commitmentDigest(salt, right ?? null));
  });

  test("1e3 and 1000.0 are one value", () => {
    const [a, b] = ["1e3", "1000.0"].map((text) => parseJson(text));
    expect(a?.ok === true && b?.ok === true && valueDigest(a.value) === valueDigest(b.value)).toBe(true);
  });
});

describe("one receipt", () => {
  test("a sealed receipt verifies; integrity and authenticity are two results", () => {
    const good = verdictOf(parseReceipt(Buffer.from(receiptText(root))), null, trusting());
    expect(good).toMatchObject({
      valid: true,
      integrity: { valid: true },
      authenticity: { status: "trusted" },
      findings: [],
    });
    const unpinned = {
      keys: new KeyRing([{ kid: "alice", publicKey: alice.signer.publicKey, pinned: false }]),
      allowPseudo: false,
    };
    const verdict = verdictOf(parseReceipt(Buffer.from(receiptText(root))), null, unpinned);
    expect(verdict).toMatchObject({
      valid: false,
      integrity: { valid: true },
      authenticity: { valid: false, status: "untrusted_root", fingerprints: [alicePrint] },
      findings: [{ code: "untrusted_root" }],
    });
    const pinned = {
      keys: new KeyRing([{ kid: "alice", publicKey: alice.signer.publicKey, pinned: false }], [alicePrint]),
      allowPseudo: false,
    };
    expect(verdictOf(parseReceipt(Buffer.from(receiptText(root))), null, pinned).valid).toBe(true);
  });

  test("every flipped bit of every byte of a tree is seen", () => {
    const files = sealed.map(({ text }) => Buffer.from(text));
    for (const [at, whole] of files.entries()) {
      for (let byte = 0; byte < whole.length; byte++) {
        const bent = Buffer.from(whole);
        bent[byte] = (bent[byte] ?? 0) ^ (1 << (byte % 8));
        const parsed = parseReceipt(bent);
        if (!parsed.ok || parsed.findings.length > 0) continue;
        const all = files.map((file, which) => (which === at ? parsed : parseReceipt(file)));
        const receipts = all.flatMap((read) => (read.ok ? [read.receipt] : []));
        const seen = tree([...receipts].reverse());
        expect(seen.integrity, `byte ${byte} of file ${at}`).toBe(false);
      }
    }
  });

  test("a tampered body gives the digest's and the signature's finding", () => {
    const bent = { ...root, seal: { ...root.seal, disposition: "failed" as const } };
    expect(codesOf(bent)).toEqual(["seal_digest_mismatch", "content_address_mismatch", "signature_invalid"]);
  });

  test("a tree that was edited and signed again by another is whole and untrusted", async () => {
    const edited = await resigned(
      child,
      (copy) => void ((copy["seal"] as Record<string, unknown>)["summary"] = "all well"),
      mallory,
    );
    const verdict = verdictOf(parseReceipt(Buffer.from(receiptText(edited))), null, trusting(alice, [mallory]));
    // The issuer still names alice's key.
    expect(verdict.findings.map(({ code }) => code)).toContain("signature_invalid");
    const whole = await sealEvents(wholeRun("r1"), { signer: mallory });
    const result = verifyTree(supplied(whole), trusting(alice, [mallory]));
    expect(result).toMatchObject({ integrity: true, trust: "unpinned" });
    expect(result.findings.map(({ code }) => code)).toEqual(["UntrustedRoot"]);
    expect(result.findings[0]?.message).toContain(fingerprint(mallory.signer.publicKey));
  });

  test("bytes that are no receipt never throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseReceipt(bytes).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseReceipt(Buffer.from(JSON.stringify(value))).ok).toBe(false);
      }),
    );
    expect(parseReceipt(Buffer.from("[".repeat(100_000))).ok).toBe(false);
  });

  test("a field that is missing, unknown, of another type or out of its list is named", () => {
    const cases: readonly (readonly [(copy: Record<string, unknown>) => void, string])[] = [
      [(copy) => delete copy["seal"], "seal is missing"],
      [(copy) => (copy["extra"] = 1), "extra is not a field"],
      [(copy) => (copy["created_at"] = "2026-02-31T00:00:00Z"), "created_at must be a UTC time"],
      [(copy) => ((copy["issuer"] as Record<string, unknown>)["type"] = "nobody"), "issuer.type must be one of local"],
      [(copy) => (copy["signals"] = {}), "signals must be a list"],
      [(copy) => (copy["lineage"] = null), "lineage must be an object"],
    ];
    for (const [change, said] of cases) {
      const copy = JSON.parse(receiptText(root)) as Record<string, unknown>;
      change(copy);
      const parsed = parseReceipt(Buffer.from(canonicalText(copy)));
      expect(!parsed.ok && parsed.finding.message).toContain(said);
    }
  });
});

/** Each code, by something that brings it about. */
const reached: Partial<Record<FindingCode, () => Promise<readonly string[]> | readonly string[]>> = {
  ReceiptParseError: () => verdictOf(parseReceipt(Buffer.from("{")), "f", trusting()).findings.map(({ code }) => code),
  NoncanonicalBytes: () =>
    verdictOf(parseReceipt(Buffer.from(`${receiptText(root)}\n`)), null, trusting()).findings.map(({ code }) => code),
  MetadataPresent: () => codesOf({ ...root, metadata: {} } as Receipt),
  EmptyEnvelopeField: async () =>
    codesOf(await resigned(root, (copy) => void (copy["idempotency"] = { ...root.idempotency, intent_key: "" }))),
  ActFormDetailsInvalid: async () =>
    codesOf(
      await resigned(child, (copy) => void (copy["acts"] = child.acts.map((act) => ({ ...act, form: "revision" })))),
    ),
  DecisionSelectedActMissing: async () =>
    codesOf(
      await resigned(
        child,
        (copy) => void (copy["decisions"] = child.decisions.map((one) => ({ ...one, selected_act_id: "x" }))),
      ),
    ),
  SealCriterionActMissing: async () =>
    codesOf(
      await resigned(
        child,
        criteria((one) => ({ ...one, criterion_id: "x" })),
      ),
    ),
  SealCriterionUnbound: async () =>
    codesOf(
      await resigned(
        child,
        criteria((one) => ({ ...one, status: "pending" })),
      ),
    ),
  ChildReceiptRefInvalid: async () => codesOf(await resigned(root, children([{ type: "artifact", uri: "x" }]))),
  HashCommitmentInvalid: async () =>
    codesOf(
      await resigned(root, (copy) => void (copy["idempotency"] = { ...root.idempotency, content_hash: "md5:1" })),
    ),
  AuthorityAttenuationInvalid: async () =>
    codesOf(await resigned(root, authority({ attenuation: { parent_authority_ref: null, subset_proof: {} } }))),
  EffectGrantEvidenceMissing: async () =>
    codesOf(
      await resigned(child, (copy) => {
        const proof = { type: "receipt", uri: "x", proof_kind: "effect_evidence" };
        const bound = child.acts.map((act) => ({
          ...act,
          criterion_bindings: act.criterion_bindings.map((one) => ({ ...one, evidence_refs: [proof] })),
        }));
        copy["acts"] = bound;
      }),
    ),
  SealDigestMismatch: () => codesOf({ ...root, digest: `sha256:${"0".repeat(64)}` }),
  ContentAddressMismatch: async () =>
    codesOf(await resigned(root, (copy) => void (copy["id"] = `sha256:${"0".repeat(64)}`), alice, { keepId: true })),
  SignatureVerifierMissing: () => codesOf(root, none),
  SignatureInvalid: () => codesOf({ ...root, signature: { alg: "Ed25519", value: child.signature.value } }),
  SignatureKeyMissing: () => codesOf(root, trusting(mallory)),
  SignatureKeyMalformed: () => codesOf({ ...root, issuer: { ...root.issuer, public_key_sha256: "sha256:x" } }),
  SignatureKeyHashMismatch: () =>
    codesOf(root, {
      keys: new KeyRing([{ kid: "alice", publicKey: mallory.signer.publicKey, pinned: true }]),
      allowPseudo: false,
    }),
  SignatureUnsupportedIssuer: () =>
    codesOf({ ...root, issuer: pseudoIssuer, signature: { alg: "Ed25519", value: pseudoSignature(root.digest) } }),
  SignatureUnsupportedAlgorithm: () => codesOf({ ...root, signature: { alg: "RSA", value: root.signature.value } }),
  SignatureMalformed: () => codesOf({ ...root, signature: { alg: "Ed25519", value: `${root.signature.value}=` } }),
  UntrustedRoot: () => codesOf(root, { keys: new KeyRing([{ ...alice.signer, pinned: false }]), allowPseudo: false }),
  SignatureKeyRevoked: () =>
    codesOf(root, { keys: new KeyRing([{ ...alice.signer, pinned: true, revoked: true }]), allowPseudo: false }),
  SignatureKeyNotInForce: () =>
    codesOf(root, { keys: new KeyRing([{ ...alice.signer, pinned: true, retiredAt: 1 }]), allowPseudo: false }),
  ChildReceiptMissing: () => treeCodes([root]),
  ChildReceiptRefMalformed: async () =>
    treeCodes([await resigned(root, children([{ type: "receipt", uri: "runx:receipt:1" }]))]),
  ChildReceiptAmbiguous: () => treeCodes([root, child, child]),
  DuplicateChildReceipt: () => treeCodes([root, child, child]),
  ChildReceiptResolverError: () => {
    const unreadable = new Map([[child.id, "EACCES"]]);
    return verifyTree({ root: one(root), others: [], unreadable }, trusting()).findings.map(({ code }) =>
      snakeCode(code),
    );
  },
  ChildReceiptCycle: async () => {
    const self = { type: "receipt", uri: `runx:receipt:${root.id}` };
    return treeCodes([await resigned(root, children([self]))]);
  },
  OrphanChildReceipt: async () => treeCodes([await resigned(root, children([])), child]),
  ChildReceiptParentMismatch: async () => {
    const lonely = await resigned(child, (copy) => void (copy["lineage"] = { children: [], sync: [] }));
    return treeCodes([root, lonely]);
  },
  ChildReceiptDigestMismatch: async () => {
    const other = await resigned(child, (copy) => void (copy["lineage"] = { ...child.lineage, sync: [{}] }));
    return treeCodes([root, other]);
  },
  ChildReceiptDepthLimit: async () => {
    const chain: Receipt[] = [];
    let below: Receipt | null = null;
    for (let level = 0; level < 67; level++) {
      const kids = below === null ? [] : [{ type: "receipt", uri: `runx:receipt:${below.id}` }];
      below = await resigned(root, (copy) => {
        copy["lineage"] = { children: kids, sync: [] };
        copy["created_at"] = new Date(level * 1000).toISOString();
      });
      chain.unshift(below);
    }
    return treeCodes(chain);
  },
  ChildReceiptBreadthLimit: async () =>
    treeCodes([await resigned(root, children(Array.from({ length: 1025 }, () => ({ type: "receipt", uri: "x" }))))]),
  ParentReceiptMissing: () => treeCodes([child]),
};

const treeCodes = (receipts: readonly Receipt[]): readonly string[] =>
  tree(receipts).findings.map(({ code }) => snakeCode(code));
const children =
  (list: readonly object[]) =>
  (copy: Record<string, unknown>): void => {
    copy["lineage"] = { children: list, sync: [] };
  };
const authority =
  (part: object) =>
  (copy: Record<string, unknown>): void => {
    copy["authority"] = { ...root.authority, ...part };
  };
const criteria =
  (change: (one: object) => object) =>
  (copy: Record<string, unknown>): void => {
    copy["seal"] = { ...child.seal, criteria: child.seal.criteria.map(change) };
  };

describe("every finding has something that brings it about", () => {
  // A name is met where files are (test/runtime/receipts.test.ts), a bundle where bundles are (test/receipts/export).
  const here = findingCodes.filter((code) => code !== "ReceiptFileNameMismatch" && !code.startsWith("Bundle"));
  test.each(here.map((code) => [code] as const))("%s", async (code) => {
    expect(await reached[code]?.()).toContain(snakeCode(code));
  });

  test("the pseudo signature of local development counts only where it is allowed", () => {
    const pseudo = { ...root, issuer: pseudoIssuer };
    const unsigned = parseReceipt(Buffer.from(receiptText(pseudo)));
    const expected = verdictOf(unsigned, null, none).digest.expected ?? "";
    const id = verdictOf(unsigned, null, none).content_address.expected ?? "";
    const withId = { ...pseudo, id };
    const digest = verdictOf(parseReceipt(Buffer.from(receiptText(withId))), null, none).digest.expected ?? expected;
    const signed = { ...withId, digest, signature: { alg: "Ed25519", value: pseudoSignature(digest) } };
    expect(codesOf(signed, { ...none, allowPseudo: true })).toEqual([]);
    expect(codesOf(signed, none)).toContain("signature_unsupported_issuer");
  });
});

describe("trees of a directory", () => {
  test("receipts find their roots by parent links, in any order", () => {
    const groves = forest([child, root].map(one));
    expect(groves.map(({ root: top, others }) => [top.receipt.id, others.length])).toEqual([[root.id, 1]]);
  });

  test("the part below one receipt is had with the word that its parent is there", () => {
    expect(groveOf([root, child].map(one), child.id)).toMatchObject({ others: [], parentKnown: true });
    expect(groveOf([child].map(one), child.id)).toMatchObject({ parentKnown: false });
    expect(groveOf([child].map(one), root.id)).toBeNull();
  });
});
