/**
 * A run's receipts as an in-toto Statement v1 in a DSSE envelope, so that tools which know nothing of receipts can check
 * one signature over all of it (spec/runtime.md §8; in-toto attestation framework v1; DSSE v1.0.2). Pure but for
 * cryptography.
 *
 * Subjects: the run's own receipt and every document that it ran. The predicate is the whole tree with the public keys
 * that signed it and the run's facts. The payload is canonical JSON, so one statement has one text.
 */
import type { Signer } from "../../effects/signing.ts";
import { toBase64Url } from "../../graph/base64url.ts";
import { toBase64 } from "../../graph/bytes.ts";
import { canonicalText } from "../canonical.ts";
import type { SealedReceipt } from "../link.ts";
import type { Receipt } from "../model.ts";
import { fingerprint } from "../sign.ts";
import type { RunFacts } from "./facts.ts";

export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
/** A name, not an address: `.invalid` is nobody's (RFC 2606), and nothing is ever fetched from there. */
export const PREDICATE_TYPE = "https://countersign.invalid/attestation/run/v1";
export const PAYLOAD_TYPE = "application/vnd.in-toto+json";

/** A public key as JWK (RFC 8037). */
export interface PublicJwk {
  readonly crv: "Ed25519";
  readonly kid: string;
  readonly kty: "OKP";
  readonly x: string;
}

/** Something the statement is about; `digest.sha256` is bare lower-case hex, as in-toto wants it. */
export interface StatementSubject {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

/** What is said of the subjects. */
export interface RunPredicate {
  /** Public keys that signed the receipts and this envelope. They help to check; they are no reason to trust. */
  readonly keys: readonly PublicJwk[];
  /** Children before parents, the root last. */
  readonly receipts: readonly Receipt[];
  readonly root: { readonly id: string; readonly digest: string };
  /** null where the run's journal was not at hand. */
  readonly run: RunFacts | null;
  /** When the envelope was signed: with the receipts, or later by whoever exported them. */
  readonly signed: "at_seal" | "at_export";
}

/** The payload of an envelope. */
export interface RunStatement {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly StatementSubject[];
  readonly predicateType: typeof PREDICATE_TYPE;
  readonly predicate: RunPredicate;
}

/** A DSSE envelope with one signature; `payload` and `sig` are base64 (RFC 4648 §4), `keyid` is the fingerprint. */
export interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** The public key of a signer as JWK. */
export function jwkOf(key: { readonly kid: string; readonly publicKey: Uint8Array }): PublicJwk {
  return { crv: "Ed25519", kid: key.kid, kty: "OKP", x: toBase64Url(key.publicKey) };
}

/** What a statement about this tree is about: the run first, then its documents in their order, each name once. */
export function subjectsOf(root: Pick<Receipt, "digest" | "id">, run: RunFacts | null): readonly StatementSubject[] {
  const name = run === null ? "receipt" : `run/${run.run_id}`;
  const subjects: StatementSubject[] = [{ name, digest: { sha256: bare(root.digest) } }];
  const seen = new Set([name]);
  for (const document of run?.documents ?? []) {
    if (seen.has(document.name)) continue;
    seen.add(document.name);
    subjects.push({ name: document.name, digest: { sha256: bare(document.digest) } });
  }
  return subjects;
}

function bare(digest: string): string {
  return digest.startsWith("sha256:") ? digest.slice("sha256:".length) : digest;
}

/** What goes into a statement. */
export interface StatementParts {
  /** Receipts with their canonical texts, children first. */
  readonly sealed: readonly SealedReceipt[];
  readonly keys: readonly PublicJwk[];
  readonly run: RunFacts | null;
  readonly signed: RunPredicate["signed"];
}

/** Most characters of receipts in one statement, about 20,000 receipts: an envelope must stay a text that tools can read. */
export const MAX_STATEMENT = 48 * 1024 * 1024;

/** The canonical text of the statement; null when it would be too long. The receipts' own texts are canonical already. */
export function statementText({ sealed, keys, run, signed }: StatementParts): string | null {
  if (sealed.reduce((sum, { text }) => sum + text.length, 0) > MAX_STATEMENT) return null;
  const root = sealed.at(-1)?.receipt;
  if (root === undefined) throw new TypeError("a sealed tree has a root");
  const predicate = [
    `"keys":${canonicalText(keys)}`,
    `"receipts":[${sealed.map(({ text }) => text).join(",")}]`,
    `"root":${canonicalText({ id: root.id, digest: root.digest })}`,
    `"run":${canonicalText(run)}`,
    `"signed":${canonicalText(signed)}`,
  ].join(",");
  return [
    `{"_type":${canonicalText(STATEMENT_TYPE)}`,
    `"predicate":{${predicate}}`,
    `"predicateType":${canonicalText(PREDICATE_TYPE)}`,
    `"subject":${canonicalText(subjectsOf(root, run))}}`,
  ].join(",");
}

/** The bytes that a DSSE signature is over: the pre-authentication encoding. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType, "utf8")} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, "utf8"), payload]);
}

/** Signs a statement. Rejects with the signer's sentence when it refuses. */
export async function signStatement(text: string, signer: Signer): Promise<Envelope> {
  const payload = Buffer.from(text, "utf8");
  const signature = await signer.sign(preAuthEncoding(PAYLOAD_TYPE, payload));
  if (signature.length !== 64) throw new TypeError(`key ${signer.kid} gave no Ed25519 signature`);
  return {
    payload: payload.toString("base64"),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ keyid: fingerprint(signer.publicKey), sig: toBase64(signature) }],
  };
}

/** The text of an envelope's file. */
export function envelopeText({ payload, payloadType, signatures }: Envelope): string {
  // base64 needs no escapes, and the payload of a large run is long.
  const rest = canonicalText({ payloadType, signatures });
  return `{"payload":"${payload}",${rest.slice(1)}\n`;
}
