/**
 * Bytes -> receipt, strictly (spec/skill-graph.md §6.1). Pure; never throws for what the bytes hold.
 *
 * A file must be the canonical form of what it says, byte for byte, so that no two files are the same receipt and no
 * flipped bit goes unseen (spec/runtime.md §8). Where it is not, or where it carries unsigned `metadata`, the receipt
 * is still given, with findings, so that a verdict can say all that is wrong.
 */
import { rememberTexts } from "./digest.ts";
import type { Finding } from "./findings.ts";
import {
  actForms,
  choices,
  commitmentScopes,
  criterionStatuses,
  dispositions,
  issuerTypes,
  proofKinds,
  RECEIPT_SCHEMA,
  referenceTypes,
  type Receipt,
} from "./model.ts";
import {
  anyText,
  closed,
  deeper,
  isRecord,
  list,
  literal,
  nullable,
  open,
  optional,
  required,
  text,
  time,
  truth,
  word,
} from "./shape.ts";

/** Most bytes of a receipt (§6.5). */
export const MAX_RECEIPT_BYTES = 10 * 1024 * 1024;

const reference = closed({
  type: required(word(referenceTypes)),
  uri: required(text),
  provider: optional(text),
  locator: optional(text),
  label: optional(text),
  observed_at: optional(time),
  proof_kind: optional(word(proofKinds)),
});
const references = list(reference);

const binding = closed({
  criterion_id: required(text),
  status: required(word(criterionStatuses)),
  evidence_refs: required(references),
  verification_refs: required(references),
  summary: optional(text),
});

const intent = closed({
  purpose: required(text),
  legitimacy: required(text),
  success_criteria: required(
    list(closed({ criterion_id: required(text), statement: required(text), required: required(truth) })),
  ),
  constraints: required(list(text)),
  derived_from: required(references),
});

const closure = closed({
  disposition: required(word(dispositions)),
  reason_code: required(text),
  summary: required(text),
  closed_at: required(time),
});

const act = closed({
  id: required(text),
  form: required(word(actForms)),
  intent: required(intent),
  summary: required(text),
  criterion_bindings: required(list(binding)),
  by: optional(
    closed({
      provider: required(nullable(anyText)),
      model: required(nullable(anyText)),
      prompt_version: required(nullable(anyText)),
    }),
  ),
  source_refs: required(references),
  target_refs: required(references),
  artifact_refs: required(references),
  context_ref: optional(reference),
  closure: required(closure),
  revision: optional(open),
  verification: optional(open),
});

const decision = closed({
  decision_id: required(text),
  choice: required(word(choices)),
  inputs: required(
    closed({
      signal_refs: required(references),
      target_ref: required(nullable(reference)),
      opportunity_refs: required(references),
      selection_ref: required(nullable(reference)),
    }),
  ),
  proposed_intent: required(intent),
  selected_act_id: required(nullable(text)),
  selected_harness_ref: required(nullable(reference)),
  justification: required(closed({ summary: required(text), evidence_refs: required(references) })),
  closure: required(nullable(closure)),
  artifact_refs: required(references),
});

const subject = closed({
  kind: required(text),
  ref: required(reference),
  input_context: optional(closed({ source: required(text), preview: required(anyText), value_hash: required(text) })),
  commitments: required(
    list(
      closed({
        scope: required(word(commitmentScopes)),
        algorithm: required(text),
        value: required(anyText),
        canonicalization: required(text),
      }),
    ),
  ),
});

const authority = closed({
  actor_ref: required(reference),
  grant_refs: required(references),
  scope_refs: required(references),
  authority_proof_refs: required(references),
  attenuation: required(
    closed({ parent_authority_ref: required(nullable(reference)), subset_proof: required(nullable(open)) }),
  ),
  mandate_ref: optional(reference),
  terms: required(list(open)),
  enforcement: required(
    closed({
      profile_hash: required(anyText),
      redaction_refs: required(references),
      setup_refs: required(references),
      teardown_refs: required(references),
    }),
  ),
});

const lineage = closed({
  parent: optional(reference),
  previous: optional(reference),
  children: required(references),
  sync: required(list(open)),
  resume_ref: optional(reference),
});

/** The envelope's own texts may be empty here; the structure check names an empty one by its own code. */
const receipt = closed({
  schema: required(literal(RECEIPT_SCHEMA)),
  id: required(anyText),
  created_at: required(time),
  canonicalization: required(anyText),
  issuer: required(
    closed({ type: required(word(issuerTypes)), kid: required(anyText), public_key_sha256: required(anyText) }),
  ),
  signature: required(closed({ alg: required(text), value: required(anyText) })),
  digest: required(anyText),
  idempotency: required(
    closed({
      intent_key: required(anyText),
      trigger_fingerprint: required(anyText),
      content_hash: required(anyText),
    }),
  ),
  subject: required(subject),
  authority: required(authority),
  signals: required(references),
  decisions: required(list(decision)),
  acts: required(list(act)),
  seal: required(
    closed({
      disposition: required(word(dispositions)),
      reason_code: required(text),
      summary: required(text),
      closed_at: required(time),
      last_observed_at: required(time),
      criteria: required(list(binding)),
    }),
  ),
  lineage: optional(lineage),
  metadata: optional(() => null),
});

/** A receipt that could be read, and what is wrong with its text all the same. */
export type ParsedReceipt =
  | { readonly ok: true; readonly receipt: Receipt; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly finding: Finding };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads one receipt. A receipt with `metadata` is given without it. */
export function parseReceipt(bytes: Uint8Array): ParsedReceipt {
  if (bytes.length > MAX_RECEIPT_BYTES) return refused(`it has more than ${MAX_RECEIPT_BYTES} bytes`);
  let source: string;
  try {
    source = utf8.decode(bytes);
  } catch {
    return refused("it is not UTF-8");
  }
  let data: unknown;
  try {
    data = JSON.parse(source);
  } catch {
    return refused("it is not JSON");
  }
  return parseReceiptData(data, source);
}

/** As {@link parseReceipt}, for data that was parsed already; `source` is the text it came from, null for none. */
export function parseReceiptData(data: unknown, source: string | null): ParsedReceipt {
  const problem = receipt(data, "");
  if (problem !== null) {
    return refused(problem.path === "" ? `it ${problem.what}` : `${problem.path} ${problem.what}`);
  }
  if (!isReceipt(data)) return refused("it must be an object");
  const findings: Finding[] = [];
  const metadata: unknown = Object.hasOwn(data, "metadata") ? data.metadata : undefined;
  if (deeper(metadata, 32)) return refused("metadata must not be nested deeper than 32");
  if (source !== null && rememberTexts(data).whole() !== source) {
    const message = "the text must be the canonical form of the receipt, byte for byte";
    findings.push({ code: "NoncanonicalBytes", path: "$", message });
  }
  // A lone surrogate has no bytes of its own; only an escape can smuggle one in.
  if (source !== null && /\\u[dD][89a-fA-F]/.test(source) && hasLoneSurrogate(data)) {
    return refused("it holds half a character (a lone surrogate)");
  }
  if (metadata === undefined) return { ok: true, receipt: data, findings };
  const message = "metadata is not covered by digest and signature; a receipt must not carry any";
  findings.push({ code: "MetadataPresent", path: "metadata", message });
  const { metadata: _left, ...rest } = data;
  return { ok: true, receipt: rest, findings };
}

/** Holds once {@link receipt} has found nothing. */
function isReceipt(data: unknown): data is Receipt & { readonly metadata?: unknown } {
  return isRecord(data);
}

function hasLoneSurrogate(value: unknown): boolean {
  if (typeof value === "string") return /\p{Surrogate}/u.test(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, item]) => hasLoneSurrogate(key) || hasLoneSurrogate(item));
}

function refused(why: string): ParsedReceipt {
  const message = `this is no ${RECEIPT_SCHEMA} receipt: ${why}`;
  return { ok: false, finding: { code: "ReceiptParseError", path: "$", message } };
}
