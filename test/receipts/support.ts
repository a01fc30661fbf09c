/** Receipts in a test's hand: fixed keys, salts and times. */
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import type { JournalEvent, RunEvent } from "../../src/effects/events.ts";
import { receiptDigest, receiptId, receiptText } from "../../src/receipts/digest.ts";
import type { GraphOf } from "../../src/receipts/declared.ts";
import { RunFold } from "../../src/receipts/fold.ts";
import { KeyRing } from "../../src/receipts/keyring.ts";
import { sealTree, type SealedReceipt } from "../../src/receipts/link.ts";
import type { Receipt } from "../../src/receipts/model.ts";
import { parseReceipt } from "../../src/receipts/parse.ts";
import { sealPlan, type SealContext } from "../../src/receipts/seal.ts";
import { fingerprint, signDigest, type ReceiptSigner } from "../../src/receipts/sign.ts";
import type { SuppliedReceipt } from "../../src/receipts/tree.ts";
import { saltsOf } from "../../src/receipts/value-digest.ts";
import type { VerifyOptions } from "../../src/receipts/verify-one.ts";
import { T0 } from "../cli/kept-runs.ts";

const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** A signer whose seed is the hash of its name. */
export function signerNamed(kid: string): ReceiptSigner {
  const seed = createHash("sha256").update(kid).digest();
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  const publicKey = new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32));
  return {
    issuerType: "local",
    signer: {
      kid,
      publicKey,
      principal: "user:ada@host",
      purposes: ["receipt"],
      sign: (bytes) => Promise.resolve(new Uint8Array(sign(null, bytes, key))),
    },
  };
}

export const alice = signerNamed("alice");
export const mallory = signerNamed("mallory");
export const alicePrint = fingerprint(alice.signer.publicKey);

/** Believes a signer. */
export function trusting(who: ReceiptSigner = alice, others: readonly ReceiptSigner[] = []): VerifyOptions {
  const keys = [
    { kid: who.signer.kid, publicKey: who.signer.publicKey, pinned: true },
    ...others.map(({ signer }) => ({ kid: signer.kid, publicKey: signer.publicKey, pinned: false })),
  ];
  return { keys: new KeyRing(keys), allowPseudo: false };
}

/** Events in their places, 10 ms apart. */
export function placed(events: Iterable<RunEvent>): JournalEvent[] {
  return [...events].map((event, at) => ({ ...event, seq: at + 1, at: T0 + at * 10 }));
}

/** A fold of these events under a fixed salt. */
export function folded(events: Iterable<RunEvent>, salt = "salt", graphOf: GraphOf | null = null): RunFold {
  const fold = new RunFold(saltsOf(Buffer.from(salt)), null, graphOf);
  for (const event of placed(events)) fold.add(event);
  return fold;
}

/** Seals these events; the root comes last. */
export async function sealEvents(
  events: Iterable<RunEvent>,
  given: {
    readonly signer?: ReceiptSigner;
    readonly salt?: string;
    readonly context?: Partial<SealContext>;
    readonly graphOf?: GraphOf;
  } = {},
): Promise<readonly SealedReceipt[]> {
  const context = { journalHead: "ab".repeat(32), abandoned: false, previous: null, ...given.context };
  const plan = sealPlan(folded(events, given.salt, given.graphOf ?? null), context);
  if (plan === null) return [];
  return sealTree(plan.root, given.signer ?? alice, plan.groupBody);
}

/** The root and the others, as a verifier is given them. */
export function supplied(sealed: readonly SealedReceipt[]): {
  readonly root: SuppliedReceipt;
  readonly others: readonly SuppliedReceipt[];
} {
  const all = sealed.map(({ receipt }) => ({ receipt, file: null, findings: [] }));
  const root = all.at(-1);
  if (root === undefined) throw new Error("nothing was sealed");
  return { root, others: all.slice(0, -1) };
}

export function rootOf(sealed: readonly SealedReceipt[]): SealedReceipt {
  const root = sealed.at(-1);
  if (root === undefined) throw new Error("nothing was sealed");
  return root;
}

/** Changes a receipt and signs it again, so that only the change itself can be found. */
export async function resigned(
  receipt: Receipt,
  change: (copy: Record<string, unknown>) => void,
  who: ReceiptSigner = alice,
  how: { readonly keepId?: boolean } = {},
): Promise<Receipt> {
  const copy = JSON.parse(receiptText(receipt)) as Record<string, unknown>;
  change(copy);
  if (how.keepId !== true) copy["id"] = receiptId(copy);
  copy["digest"] = receiptDigest(copy);
  copy["signature"] = await signDigest(who.signer, copy["digest"] as string);
  const parsed = parseReceipt(Buffer.from(receiptText(copy)));
  if (!parsed.ok) throw new Error(parsed.finding.message);
  return parsed.receipt;
}
