/**
 * History: what a store's receipts say of themselves, newest first, and filters over it (spec/skill-graph.md §6.8). Pure.
 * Names and actors come from signed fields only.
 */
import { receiptUri, type Receipt, type Reference } from "./model.ts";
import type { OneVerified } from "./verify-one.ts";

export const HISTORY_PROJECTOR = "runx-runtime.local-history.v1";

/** One receipt as a list shows it. */
export interface HistoryEntry {
  readonly id: string;
  readonly receipt_ref: string;
  readonly name: string;
  readonly status: string;
  readonly created_at: string;
  readonly harness_id: string;
  readonly harness_state: "sealed";
  readonly summary: string;
  readonly source_type: string;
  readonly actors: readonly string[];
  readonly artifact_types: readonly string[];
  readonly verification: { readonly status: "verified" | "unverified" | "invalid" };
}

/** What a receipt of a store is shown as. `textProblems`: its file is not what it must be. */
export function historyEntry(receipt: Receipt, verified: OneVerified, textProblems: boolean): HistoryEntry {
  const { subject, seal, authority, issuer } = receipt;
  const broken =
    textProblems ||
    verified.findings.some(({ code }) => code !== "SignatureKeyMissing" && code !== "SignatureVerifierMissing");
  const status = broken ? "invalid" : verified.trust === "pinned" ? "verified" : "unverified";
  return {
    id: receipt.id,
    receipt_ref: receiptUri(receipt.id),
    name: subject.ref.label ?? subject.ref.uri,
    status: seal.disposition,
    created_at: receipt.created_at,
    harness_id: subject.ref.uri,
    harness_state: "sealed",
    summary: seal.summary,
    source_type: issuer.type,
    actors: unique([
      authority.actor_ref.uri,
      ...receipt.acts.flatMap(({ by }) => (typeof by?.model === "string" ? [by.model] : [])),
    ]),
    artifact_types: unique([...artifacts(receipt)].map(({ type }) => type)),
    verification: { status },
  };
}

function* artifacts({ acts, decisions, seal }: Receipt): Generator<Reference> {
  for (const act of acts) yield* act.artifact_refs;
  for (const decision of decisions) yield* decision.artifact_refs;
  for (const one of [...seal.criteria, ...acts.flatMap((act) => act.criterion_bindings)]) yield* one.evidence_refs;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

/** Filters; all that are given must hold. Times in milliseconds since 1970. */
export interface HistoryFilter {
  /** Part of an id, name, summary, harness or actor; upper and lower case are the same. */
  readonly query: string | null;
  readonly skill: string | null;
  readonly status: string | null;
  readonly source: string | null;
  readonly actor: string | null;
  readonly artifactType: string | null;
  readonly since: number | null;
  readonly until: number | null;
}

/** True when an entry passes. */
export function passes(entry: HistoryEntry, filter: HistoryFilter): boolean {
  const { query, skill, status, source, actor, artifactType, since, until } = filter;
  const at = Date.parse(entry.created_at);
  return (
    (query === null ||
      [entry.id, entry.name, entry.summary, entry.harness_id, ...entry.actors].some((text) => holds(text, query))) &&
    (skill === null || holds(entry.name, skill) || holds(entry.harness_id, skill)) &&
    (status === null || entry.status === status) &&
    (source === null || entry.source_type === source) &&
    (actor === null || entry.actors.some((one) => holds(one, actor))) &&
    (artifactType === null || entry.artifact_types.includes(artifactType)) &&
    (since === null || at >= since) &&
    (until === null || at <= until)
  );
}

function holds(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
