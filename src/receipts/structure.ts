/**
 * What must hold within one receipt beyond its shape (spec/skill-graph.md §6.5, "Structural checks"). Pure.
 */
import type { Finding, FindingCode } from "./findings.ts";
import { isSha256, RECEIPT_CANONICALIZATION, type Act, type Receipt, type Reference } from "./model.ts";
import { isRecord } from "./shape.ts";

/** All findings, in the order of the receipt's fields. */
export function structureFindings(receipt: Receipt): readonly Finding[] {
  const findings: Finding[] = [];
  const add = (code: FindingCode, path: string, message: string): void => {
    findings.push({ code, path, message });
  };
  checkEnvelope(receipt, add);
  checkHashes(receipt, add);
  checkAuthority(receipt, add);
  checkActs(receipt, add);
  checkDecisions(receipt, add);
  checkSeal(receipt, add);
  receipt.lineage?.children.forEach((child, at) => {
    if (child.type === "receipt") return;
    add("ChildReceiptRefInvalid", `lineage.children[${at}]`, "child receipt refs must use type receipt");
  });
  return findings;
}

type Add = (code: FindingCode, path: string, message: string) => void;

function checkEnvelope(receipt: Receipt, add: Add): void {
  const { issuer, idempotency } = receipt;
  const fields: readonly (readonly [string, string])[] = [
    ["id", receipt.id],
    ["canonicalization", receipt.canonicalization],
    ["issuer.kid", issuer.kid],
    ["issuer.public_key_sha256", issuer.public_key_sha256],
    ["signature.value", receipt.signature.value],
    ["digest", receipt.digest],
    ["idempotency.intent_key", idempotency.intent_key],
    ["idempotency.trigger_fingerprint", idempotency.trigger_fingerprint],
    ["idempotency.content_hash", idempotency.content_hash],
    ["authority.enforcement.profile_hash", receipt.authority.enforcement.profile_hash],
  ];
  for (const [path, value] of fields) {
    if (value === "") add("EmptyEnvelopeField", path, "receipt envelope fields must not be empty");
  }
  if (receipt.canonicalization !== "" && receipt.canonicalization !== RECEIPT_CANONICALIZATION) {
    add("NoncanonicalBytes", "canonicalization", `the canonical form must be ${RECEIPT_CANONICALIZATION}`);
  }
}

const hashMessage = "hash values must use the sha256: prefix";

function checkHashes(receipt: Receipt, add: Add): void {
  const hashes: (readonly [string, string])[] = [
    ["idempotency.intent_key", receipt.idempotency.intent_key],
    ["idempotency.trigger_fingerprint", receipt.idempotency.trigger_fingerprint],
    ["idempotency.content_hash", receipt.idempotency.content_hash],
    ["authority.enforcement.profile_hash", receipt.authority.enforcement.profile_hash],
  ];
  receipt.subject.commitments.forEach(({ value }, at) => hashes.push([`subject.commitments[${at}].value`, value]));
  const context = receipt.subject.input_context;
  if (context !== undefined) hashes.push(["subject.input_context.value_hash", context.value_hash]);
  for (const [path, value] of hashes) {
    // An empty field of the envelope has a finding of its own.
    const envelope = !path.startsWith("subject.");
    if (!value.startsWith("sha256:") && !(envelope && value === "")) add("HashCommitmentInvalid", path, hashMessage);
  }
  receipt.subject.commitments.forEach(({ algorithm, value }, at) => {
    if (algorithm !== "sha256" || isSha256(value) || !value.startsWith("sha256:")) return;
    const message = "a sha256 commitment must be sha256: and 64 lower-case hex digits";
    add("HashCommitmentInvalid", `subject.commitments[${at}].value`, message);
  });
}

function checkAuthority(receipt: Receipt, add: Add): void {
  const { attenuation, grant_refs: grants } = receipt.authority;
  const { parent_authority_ref: parent, subset_proof: proof } = attenuation;
  const path = "authority.attenuation.subset_proof";
  if (parent !== null && proof === null)
    add("AuthorityAttenuationInvalid", path, "parent authority refs require a subset proof");
  if (parent === null && proof !== null)
    add("AuthorityAttenuationInvalid", path, "root authority must not carry a subset proof");
  if (parent !== null && proof !== null) {
    const cited = proof["parent_authority_ref"];
    if (!isRecord(cited) || cited["uri"] !== parent.uri || cited["type"] !== parent.type)
      add("AuthorityAttenuationInvalid", path, "subset proof must cite the same parent authority ref");
  }
  if (grants.length > 0) return;
  for (const [place, reference] of evidence(receipt)) {
    if (reference.proof_kind === "effect_evidence")
      add("EffectGrantEvidenceMissing", place, "effect evidence requires at least one grant ref");
  }
}

function* evidence(receipt: Receipt): Generator<readonly [string, Reference]> {
  for (const [at, act] of receipt.acts.entries()) {
    for (const [which, binding] of act.criterion_bindings.entries()) {
      const place = `acts[${at}].criterion_bindings[${which}]`;
      for (const [i, one] of binding.evidence_refs.entries()) yield [`${place}.evidence_refs[${i}]`, one];
      for (const [i, one] of binding.verification_refs.entries()) yield [`${place}.verification_refs[${i}]`, one];
    }
  }
}

function checkActs(receipt: Receipt, add: Add): void {
  receipt.acts.forEach((act, at) => {
    const message = detailsProblem(act);
    if (message !== null) add("ActFormDetailsInvalid", `acts[${at}]`, message);
  });
}

function detailsProblem({ form, revision, verification }: Act): string | null {
  if (form === "revision" && (revision === undefined || verification !== undefined))
    return "revision acts require revision details and must not carry verification details";
  if (form === "verification" && (verification === undefined || revision !== undefined))
    return "verification acts require verification details and must not carry revision details";
  if (form === "revision" || form === "verification") return null;
  if (revision === undefined && verification === undefined) return null;
  return "reply, review, and observation acts must not carry revision or verification details";
}

function checkDecisions(receipt: Receipt, add: Add): void {
  const acts = new Set(receipt.acts.map((act) => act.id));
  receipt.decisions.forEach(({ selected_act_id: selected }, at) => {
    if (selected === null || acts.has(selected)) return;
    const message = "selected act id must refer to an act in the receipt";
    add("DecisionSelectedActMissing", `decisions[${at}].selected_act_id`, message);
  });
}

function checkSeal(receipt: Receipt, add: Add): void {
  if (receipt.acts.length === 0) return;
  const statuses = new Map<string, Set<string>>();
  for (const act of receipt.acts) {
    for (const { criterion_id: id, status } of act.criterion_bindings) {
      statuses.set(id, (statuses.get(id) ?? new Set()).add(status));
    }
  }
  receipt.seal.criteria.forEach(({ criterion_id: id, status }, at) => {
    const bound = statuses.get(id);
    const path = `seal.criteria[${at}]`;
    if (bound === undefined)
      add("SealCriterionActMissing", path, "seal criterion must roll up an act criterion binding");
    else if (!bound.has(status))
      add("SealCriterionUnbound", path, "seal criterion must have the status of an act criterion binding");
  });
}
