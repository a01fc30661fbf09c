/**
 * A declared act as a receipt says it (spec/skill-graph.md §6.6, Decision R11): the act, the decision, and by whose right.
 * Pure.
 *
 * Only a run that completed for real decides and has effects: of one that failed or was rehearsed the receipt says what
 * the act was to be and how it came out.
 */
import type { ActNotes } from "./declared.ts";
import {
  isSha256,
  receiptUri,
  type Act,
  type Authority,
  type Closure,
  type CriterionBinding,
  type Intent,
  type OpenObject,
  type ReceiptBody,
  type ReceiptDecision,
  type Reference,
} from "./model.ts";
import type { Envelope } from "./seal-envelope.ts";
import { binding, identifier, iso, spoken, type Result } from "./seal-parts.ts";

/** Steps that the plan of a revision names. */
const MAX_STEPS = 100;

/** The criterion of every declared act. */
const CRITERION = "act_closed";

/** The body of a walk's receipt with its act in it. `at`: when the walk ended, in milliseconds since 1970. */
export function withDomainAct(
  body: ReceiptBody,
  notes: ActNotes,
  result: Result,
  at: number,
  envelope: Envelope,
): ReceiptBody {
  const target: Reference | null = notes.target === null ? null : { type: "tracking_item", uri: notes.target };
  const happened = result.disposition === "closed" && !envelope.dry;
  const effects = happened ? effectsOf(notes) : [];
  const closure = closureOf(notes, result, at, envelope);
  const reason = envelope.said(notes.reason ?? notes.purpose);
  const own = happened ? { ...closure, summary: reason } : closure;
  const status = envelope.dry ? "not_applicable" : result.status;
  const criterion = binding(CRITERION, status, [], own.summary);
  const actor = actorOf(body.authority, notes);
  const act: Act = {
    id: `act_${notes.node}`,
    form: notes.form,
    intent: intentOf(notes),
    summary: reason,
    // What the seal rolls up stands here too; the evidence stands with the seal.
    criterion_bindings: [criterion, ...body.seal.criteria.map((one) => ({ ...one, evidence_refs: [] }))],
    source_refs: actor.source,
    target_refs: target === null ? [] : [target],
    artifact_refs: effects,
    closure: own,
    ...details(notes, target, effects, criterion, reason, iso(at)),
  };
  const decided = happened ? [decisionOf(notes, act, target, effects)] : [];
  const { ref } = body.subject;
  return {
    ...body,
    subject: { ...body.subject, ref: { ...ref, uri: ref.uri.replace(/_graph$/, () => `_${identifier(notes.node)}`) } },
    authority: { ...body.authority, actor_ref: actor.ref, scope_refs: scopesOf(notes) },
    decisions: [...decided, ...body.decisions],
    acts: [act],
    seal: { ...closure, last_observed_at: body.seal.last_observed_at, criteria: [criterion, ...body.seal.criteria] },
    // A part of the same run that was sealed before stands nearer, and names the one before it.
    lineage: { ...previousOf(notes), ...(body.lineage ?? { children: [], sync: [] }) },
  };
}

/** How it came out: a graph's turn, an agent's act, or that of one tool. */
function closureOf(notes: ActNotes, result: Result, at: number, envelope: Envelope): Closure {
  const word = result.disposition === "closed" ? "sealed" : spoken(result);
  const what = notes.turn ? "governed graph turn" : notes.agent ? "agent act" : "act";
  const label = result.disposition === "closed" && !notes.turn ? " (closed)" : "";
  const prefix = notes.turn || notes.agent ? "agent_act" : "act";
  return {
    disposition: result.disposition,
    reason_code: envelope.reason(`${prefix}_${result.reason}`),
    summary: envelope.said(`${what} ${word}${label}`),
    closed_at: iso(at),
  };
}

function intentOf(notes: ActNotes): Intent {
  return {
    purpose: notes.purpose,
    legitimacy: notes.legitimacy,
    success_criteria: [],
    constraints: [],
    derived_from: [{ type: "artifact", uri: "countersign:declaration:act", locator: notes.declaredBy }],
  };
}

function effectsOf({ givenEffect, governedEffect, effectType, prefix }: ActNotes): readonly Reference[] {
  const ids = new Set([givenEffect, governedEffect].filter((id) => id !== null));
  return [...ids].map((id) => ({ type: effectType, uri: prefix + id }));
}

/** Who acted; where somebody is named, whoever ran it stays visible. */
function actorOf(
  { actor_ref: runner }: Authority,
  { actor }: ActNotes,
): { readonly ref: Reference; readonly source: readonly Reference[] } {
  if (actor === null || actor === runner.uri) return { ref: runner, source: [] };
  return { ref: { type: "principal", uri: actor }, source: [{ ...runner, label: "ran it" }] };
}

function scopesOf({ authority }: ActNotes): readonly Reference[] {
  return authority === null ? [] : [{ type: "grant", uri: authority }];
}

/** The receipt that this one follows, named by its uri or by its id alone. */
function previousOf({ previous }: ActNotes): { readonly previous?: Reference } {
  if (previous === null) return {};
  return { previous: { type: "receipt", uri: isSha256(previous) ? receiptUri(previous) : previous } };
}

function decisionOf(
  notes: ActNotes,
  act: Act,
  target: Reference | null,
  effects: readonly Reference[],
): ReceiptDecision {
  return {
    decision_id: `dec_${notes.node}`,
    choice: notes.choice,
    inputs: { signal_refs: [], target_ref: target, opportunity_refs: [], selection_ref: null },
    proposed_intent: act.intent,
    selected_act_id: act.id,
    selected_harness_ref: null,
    justification: { summary: act.summary, evidence_refs: [] },
    closure: act.closure,
    artifact_refs: effects,
  };
}

/** What a revision or a verification must carry to be storable (§6.5, Decision R11). */
function details(
  notes: ActNotes,
  target: Reference | null,
  effects: readonly Reference[],
  criterion: CriterionBinding,
  reason: string,
  at: string,
): Pick<Act, "revision" | "verification"> {
  if (notes.form === "revision") {
    const surfaces =
      target === null ? [] : [{ surface_ref: openReference(target), mutating: true, rationale: notes.purpose }];
    return {
      revision: {
        change_request: {
          request_id: target?.uri ?? `request_${notes.node}`,
          summary: notes.purpose,
          target_surfaces: surfaces,
          success_criteria: [],
        },
        change_plan: {
          plan_id: `plan_${notes.node}`,
          summary: reason,
          steps: notes.steps.slice(0, MAX_STEPS),
          risks: [],
        },
        target_surfaces: surfaces,
        invariants: [],
        handoff_refs: [],
        revision_refs: effects.map(openReference),
      },
    };
  }
  if (notes.form !== "verification") return {};
  return {
    verification: {
      criterion_ids: [CRITERION],
      verification: {
        verification_id: `ver_${notes.node}`,
        status: criterion.status,
        summary: reason,
        checked_at: at,
        evidence_refs: effects.map(openReference),
      },
    },
  };
}

function openReference({ type, uri }: Reference): OpenObject {
  return { type, uri };
}
