/**
 * The bundle: one JSON file that a run can be verified from elsewhere, with nothing but a pinned fingerprint
 * (spec/runtime.md §8). Types, and the writing of it.
 *
 * Invariants: nothing in it stands unbound. The statement is what the envelope signs; a disclosed value is bound by its
 * receipt's commitment, a document and a credential by the digest that the statement names. The file is the canonical
 * form of what it says and a line feed, so no flipped byte goes unseen.
 */
import { canonicalText } from "../canonical.ts";
import type { CommitmentScope } from "../model.ts";
import type { Envelope, RunStatement } from "./attestation.ts";

export const BUNDLE_SCHEMA = "countersign.bundle.v1";
/** Most bytes of a bundle or an envelope. */
export const MAX_BUNDLE_BYTES = 128 * 1024 * 1024;

/** A value that a receipt commits to, given away with its salt. */
export interface Disclosure {
  readonly receipt: string;
  /** Which of the receipt's `subject.commitments`. */
  readonly commitment: number;
  readonly scope: CommitmentScope;
  /** base64url. */
  readonly salt: string;
  /** The value form's text: SHA-256 of `{"salt":"<salt>","value":<value>}` is the commitment. */
  readonly value: string;
}

/** A text that the statement names by its digest: a document's or a credential's, base64 of its bytes. */
export interface Attachment {
  readonly digest: string;
  readonly base64: string;
}

/** The whole file. */
export interface Bundle {
  readonly schema: typeof BUNDLE_SCHEMA;
  /** What was signed, to be read; the same as the envelope's payload. */
  readonly statement: RunStatement;
  readonly envelope: Envelope;
  readonly disclosed: readonly Disclosure[];
  readonly documents: readonly Attachment[];
  readonly credentials: readonly Attachment[];
}

/** The text of a bundle's file. */
export function bundleText(bundle: Bundle): string {
  return `${canonicalText(bundle)}\n`;
}
