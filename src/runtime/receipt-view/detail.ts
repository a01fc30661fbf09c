/**
 * One receipt as people read it: what it is of, the acts, the decisions, the approvals, digests, signature and links.
 * Pure. Each row stands for a field of the receipt, so that what is wrong can be shown where it is.
 */
import type { ReceiptDetail, ReceiptRow, ReceiptSection, Tone } from "../../protocol/receipt.ts";
import type { ApprovalFact } from "../../receipts/export/facts.ts";
import {
  receiptIdOf,
  type Act,
  type Choice,
  type Receipt,
  type ReceiptDecision,
  type Reference,
} from "../../receipts/model.ts";
import { code, plain, section, toneOf } from "./rows.ts";
import { shown, shownData } from "./shown.ts";

/** What a receipt is of. */
export function titleOf({ subject, lineage }: Receipt): string {
  const label = shown(subject.ref.label ?? subject.ref.uri, 160);
  if (subject.kind === "skill") return `Step ${label}`;
  return lineage?.parent === undefined ? `Run of ${label}` : `Graph ${label}`;
}

/** What is known of a receipt beside itself. */
export interface DetailFacts {
  /** Approvals at its step, of a record that was verified; null: none is at hand. */
  readonly approvals: readonly ApprovalFact[] | null;
  /** It can be opened by itself. */
  readonly file: boolean;
}

/** See the header. Nothing is marked as wrong yet. */
export function detailOf(receipt: Receipt, facts: DetailFacts): ReceiptDetail {
  return {
    id: receipt.id,
    title: titleOf(receipt),
    file: facts.file,
    sections: [
      section("receipt", "Receipt", about(receipt), ""),
      section("acts", "Acts", receipt.acts.flatMap(actRows), "Nothing was done by itself; see the receipts below."),
      section("decisions", "Decisions", receipt.decisions.flatMap(decisionRows), "Nothing was decided about."),
      approvals(receipt, facts.approvals),
      section("commitments", "Values, by digest", commitmentRows(receipt), "It commits to no value."),
      section("digests", "Digests", digestRows(receipt), ""),
      section("signature", "Signature", signatureRows(receipt), ""),
      section("links", "Links", linkRows(receipt), "It names no other receipt."),
    ],
  };
}

function about({ subject, seal, authority, created_at: created, signals }: Receipt): readonly ReceiptRow[] {
  const { disposition, reason_code: reason, summary, closed_at: closed, last_observed_at: observed } = seal;
  const trigger = signals.flatMap(({ uri }, at) =>
    uri.startsWith("countersign:trigger:")
      ? [plain(`signals[${at}].uri`, "Set off by", uri.slice("countersign:trigger:".length))]
      : [],
  );
  return [
    plain("seal.disposition", "Came out", disposition.replace("_", " "), toneOf(disposition)),
    code("seal.reason_code", "Reason", reason),
    plain("seal.summary", "Summary", summary),
    code("subject.ref.label", "Of", subject.ref.label ?? ""),
    code("subject.ref.uri", "Name", subject.ref.uri),
    plain("subject.kind", "Kind", subject.kind),
    plain("authority.actor_ref.uri", "By", authority.actor_ref.uri),
    ...authority.scope_refs.map(({ uri }, at) => plain(`authority.scope_refs[${at}].uri`, "By right of", uri)),
    ...trigger,
    plain("subject.ref.observed_at", "Began", subject.ref.observed_at ?? ""),
    plain("seal.closed_at", "Ended", closed),
    ...(observed === closed ? [] : [plain("seal.last_observed_at", "Last seen", observed)]),
    plain("created_at", "Sealed", created),
    ...seal.criteria.flatMap(({ criterion_id: id, status, evidence_refs: refs }, at) => [
      plain(`seal.criteria[${at}].status`, `Criterion ${shown(id, 80)}`, status, status === "failed" ? "bad" : "plain"),
      // A step's own evidence stands with its act.
      ...refs.flatMap(({ uri, locator }, which) =>
        uri.startsWith("countersign:journal:")
          ? [code(`seal.criteria[${at}].evidence_refs[${which}].locator`, "Journal up to", locator ?? "")]
          : [],
      ),
    ]),
  ].filter(({ text }) => text !== "");
}

function actRows(act: Act, at: number): readonly ReceiptRow[] {
  const path = `acts[${at}]`;
  const { disposition, reason_code: reason } = act.closure;
  const rows = [
    plain(`${path}.summary`, "Act", act.summary),
    plain(`${path}.form`, "Form", act.form),
    plain(`${path}.intent.purpose`, "Purpose", act.intent.purpose),
    ...references(`${path}.target_refs`, "On", act.target_refs),
    ...references(`${path}.artifact_refs`, "Led to", act.artifact_refs),
    ...act.source_refs.map(({ uri, label }, which) =>
      plain(`${path}.source_refs[${which}]`, label === undefined ? "From" : "Run by", uri),
    ),
    plain(`${path}.closure.disposition`, "Came out", `${disposition.replace("_", " ")}`, toneOf(disposition)),
    code(`${path}.closure.reason_code`, "Reason", reason),
  ];
  for (const key of ["revision", "verification"] as const) {
    if (act[key] !== undefined) rows.push(code(`${path}.${key}`, "Details", shownData(act[key])));
  }
  if (act.by !== undefined) {
    const { provider, model } = act.by;
    rows.push(plain(`${path}.by`, "Model", [provider, model].filter((one) => one !== null).join(" ")));
  }
  for (const [b, { evidence_refs: refs }] of act.criterion_bindings.entries()) {
    for (const [e, { uri, label, locator, observed_at: when }] of refs.entries()) {
      const effect = `${path}.criterion_bindings[${b}].evidence_refs[${e}]`;
      const ended = label ?? "";
      const tone: Tone = ended === "ok" ? "good" : ended === "failed" ? "bad" : "wait";
      const what = uri.replace(/^countersign:effect:/, "");
      rows.push(plain(effect, "Effect", [what, ended, when ?? ""].filter((one) => one !== "").join(" · "), tone));
      if (locator !== undefined) rows.push(code(`${effect}.locator`, "Its digest", locator));
    }
  }
  return rows;
}

/** What is named with its type, one row each. */
function references(path: string, label: string, refs: readonly Reference[]): readonly ReceiptRow[] {
  return refs.map(({ type, uri }, at) => code(`${path}[${at}]`, `${label} (${type.replaceAll("_", " ")})`, uri));
}

const choices: Readonly<Partial<Record<Choice, readonly [string, Tone]>>> = {
  continue: ["allowed", "good"],
  defer: ["approval required", "wait"],
  decline: ["denied", "bad"],
  monitor: ["dry runs only", "wait"],
};

/** What a declared act decided: the driver's own word, on what, and why. */
function domainRows({ choice, inputs, justification }: ReceiptDecision, path: string): readonly ReceiptRow[] {
  const target = inputs.target_ref;
  return [
    plain(`${path}.choice`, "Decided", choice, choice === "decline" ? "bad" : choice === "close" ? "good" : "wait"),
    ...(target === null ? [] : [code(`${path}.inputs.target_ref`, "On", target.uri)]),
    plain(`${path}.justification.summary`, "Because", justification.summary),
  ];
}

function decisionRows(decision: ReceiptDecision, at: number): readonly ReceiptRow[] {
  const path = `decisions[${at}]`;
  if (decision.closure !== null) return domainRows(decision, path);
  const { target_ref: target } = decision.inputs;
  const [word, tone] = choices[decision.choice] ?? [decision.choice, "plain" as const];
  const what = target?.uri.replace(/^countersign:effect:/, "") ?? "a question";
  const when = target?.observed_at ?? "";
  const rows = [
    plain(`${path}.choice`, what, [word, when].filter((one) => one !== "").join(" · "), tone),
    code(`${path}.justification.summary`, "Code", decision.justification.summary),
  ];
  if (target?.locator !== undefined) rows.push(code(`${path}.inputs.target_ref.locator`, "Its digest", target.locator));
  for (const [e, { label, uri, locator }] of decision.justification.evidence_refs.entries()) {
    const evidence = `${path}.justification.evidence_refs[${e}]`;
    rows.push(plain(evidence, "On the word of", label ?? uri));
    if (locator !== undefined) rows.push(code(`${evidence}.locator`, "Credential", locator));
  }
  return rows;
}

const GRANT = "countersign:approval:";

function approvals({ authority }: Receipt, facts: readonly ApprovalFact[] | null): ReceiptSection {
  const rows = authority.grant_refs.flatMap(({ uri, label, locator, observed_at: at }, index) => {
    const path = `authority.grant_refs[${index}]`;
    const id = uri.startsWith(GRANT) ? uri.slice(GRANT.length) : uri;
    const fact = facts?.find((one) => one.id === id || one.credentials.some(({ digest }) => digest === locator));
    const denied = /^denied\b/.test(label ?? "");
    const said = label ?? (fact?.approved === false ? "denied" : "granted");
    const own = [
      plain(path, "Answer", said, denied || fact?.approved === false ? "bad" : "good"),
      code(`${path}.uri`, "Request", id),
      ...(locator === undefined
        ? [plain(`${path}.locator`, "Credential", "unsigned", "wait")]
        : [code(`${path}.locator`, "Credential", locator)]),
      plain(`${path}.observed_at`, "When", fact?.answered_at ?? at ?? ""),
    ];
    if (fact === undefined) return own;
    const keys = fact.credentials.map(({ kid, principal }) => `${kid} (${principal})`).join(", ");
    return [
      ...own,
      plain(`${path}#subject`, "About", fact.rule === null ? fact.subject : `${fact.subject} (${fact.rule})`),
      plain(`${path}#key`, "Key", keys),
      plain(`${path}#asked`, "Asked", fact.asked_at),
      plain(`${path}#reason`, "Their reason", fact.reason ?? ""),
    ];
  });
  const kept = rows.filter(({ text }) => text !== "");
  return section("approvals", "Approvals", kept, "Nobody was asked, and nothing rests on a credential.");
}

function commitmentRows({ subject }: Receipt): readonly ReceiptRow[] {
  return subject.commitments.map(({ scope, value }, at) => code(`subject.commitments[${at}].value`, scope, value));
}

function digestRows(receipt: Receipt): readonly ReceiptRow[] {
  const { idempotency, authority } = receipt;
  return [
    code("id", "Receipt id", receipt.id),
    code("digest", "Receipt digest", receipt.digest),
    code("idempotency.content_hash", "Documents", idempotency.content_hash),
    code("idempotency.intent_key", "Run and activation", idempotency.intent_key),
    code("idempotency.trigger_fingerprint", "Trigger", idempotency.trigger_fingerprint),
    code("authority.enforcement.profile_hash", "Policy and environment", authority.enforcement.profile_hash),
  ];
}

function signatureRows({ issuer, signature, canonicalization }: Receipt): readonly ReceiptRow[] {
  return [
    code("issuer.kid", "Key", issuer.kid),
    code("issuer.public_key_sha256", "Fingerprint", issuer.public_key_sha256),
    plain("issuer.type", "Issuer", issuer.type),
    plain("signature.alg", "Algorithm", signature.alg),
    code("signature.value", "Signature", signature.value),
    code("canonicalization", "Form", canonicalization),
  ];
}

function linkRows({ lineage }: Receipt): readonly ReceiptRow[] {
  const { parent, previous, children = [] } = lineage ?? {};
  const id = (uri: string): string => receiptIdOf(uri) ?? uri;
  return [
    ...(parent === undefined ? [] : [code("lineage.parent", "Belongs to", id(parent.uri))]),
    ...(previous === undefined ? [] : [code("lineage.previous", "Follows", id(previous.uri))]),
    ...children.map(({ uri, locator }, at) =>
      code(`lineage.children[${at}]`, `Child ${at + 1}`, locator === undefined ? id(uri) : `${id(uri)} ${locator}`),
    ),
  ];
}
