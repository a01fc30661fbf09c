/**
 * What can be wrong with receipts: a closed list of codes (spec/skill-graph.md §6.5 and our own of spec/runtime.md §8).
 * A tree report spells a code in camel case, a single receipt's verdict in snake case.
 */

/** Every code, as tree reports spell it. */
export const findingCodes = [
  // One receipt, as text.
  "ReceiptParseError",
  "NoncanonicalBytes",
  "MetadataPresent",
  "ReceiptFileNameMismatch",
  // One receipt, as a structure.
  "EmptyEnvelopeField",
  "ActFormDetailsInvalid",
  "DecisionSelectedActMissing",
  "SealCriterionActMissing",
  "SealCriterionUnbound",
  "ChildReceiptRefInvalid",
  "HashCommitmentInvalid",
  "AuthorityAttenuationInvalid",
  "EffectGrantEvidenceMissing",
  // One receipt, as a commitment.
  "SealDigestMismatch",
  "ContentAddressMismatch",
  "SignatureVerifierMissing",
  "SignatureInvalid",
  "SignatureKeyMissing",
  "SignatureKeyMalformed",
  "SignatureKeyHashMismatch",
  "SignatureUnsupportedIssuer",
  "SignatureUnsupportedAlgorithm",
  "SignatureMalformed",
  // One receipt, as somebody's.
  "UntrustedRoot",
  "SignatureKeyRevoked",
  "SignatureKeyNotInForce",
  // A tree.
  "ChildReceiptMissing",
  "ChildReceiptRefMalformed",
  "ChildReceiptAmbiguous",
  "ChildReceiptResolverError",
  "ChildReceiptCycle",
  "OrphanChildReceipt",
  "ChildReceiptParentMismatch",
  "ChildReceiptDigestMismatch",
  "ChildReceiptDepthLimit",
  "ChildReceiptBreadthLimit",
  "DuplicateChildReceipt",
  "ParentReceiptMissing",
  // A bundle or an envelope (docs/receipts.md, "Export").
  "BundleContentMismatch",
  "BundleDisclosureMismatch",
  "BundleAttachmentMismatch",
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** One thing that is wrong, and where: `path` is the field (`seal.criteria[0]`), `$` the whole text. */
export interface Finding {
  readonly code: FindingCode;
  readonly path: string;
  readonly message: string;
  /** The receipt it was found in, where more than one was looked at. */
  readonly receiptId?: string;
  /** The file that holds it. */
  readonly file?: string;
}

/** `SealDigestMismatch` as `seal_digest_mismatch`. */
export function snakeCode(code: FindingCode): string {
  return code.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
