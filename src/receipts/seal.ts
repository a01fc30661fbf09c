/**
 * A folded run -> the bodies of its receipts (spec/runtime.md §8, spec/skill-graph.md §6.3): one for every effectful
 * activation, one for every nested walk with effects below it, one for the run. Pure.
 *
 * Names, codes, times and digests only. Node ids and principals are named; paths, URLs, texts of failures and what
 * programs said are not: those are committed to.
 */
import { activationKey } from "../effects/effect.ts";
import { canonicalDigest } from "./digest.ts";
import type { RunFold } from "./fold.ts";
import type { GroupBody, ReceiptNode } from "./link.ts";
import {
  RECEIPT_CANONICALIZATION,
  RECEIPT_SCHEMA,
  type Authority,
  type Closure,
  type CriterionBinding,
  type Idempotency,
  type ReceiptBody,
  type ReceiptDecision,
  type Reference,
  type Seal,
} from "./model.ts";
import type { ActRecord, DecisionNote, FrameRecord } from "./record.ts";
import {
  binding,
  done,
  effectRefs,
  failureResult,
  familyOf,
  identifier,
  intentOf,
  iso,
  profileHash,
  spoken,
  type Result,
} from "./seal-parts.ts";

/** What sealing adds to the fold. */
export interface SealContext {
  /** Hex SHA-256 of the journal's last event line; null when the journal was kept in memory. */
  readonly journalHead: string | null;
  /** Nobody will go on with the run: without an end it is sealed `killed`. */
  readonly abandoned: boolean;
  /** The receipt that an earlier, abandoned part of the same run was sealed with. */
  readonly previous: Reference | null;
}

/** Bodies to seal, and how to make groups of them. */
export interface SealPlan {
  readonly root: ReceiptNode;
  readonly groupBody: GroupBody;
  /** Activations and walks that get a receipt, the run's included; groups are not counted. */
  readonly count: number;
}

/** The receipts of a run; null for one that has not begun, is paused, or is open and not abandoned. */
export function sealPlan(fold: RunFold, context: SealContext): SealPlan | null {
  const { started, root, ending } = fold;
  if (started === null || root === null) return null;
  if (ending === null && (fold.paused || !context.abandoned)) return null;
  const maker = new Maker(fold, context, started, root);
  return { root: maker.run(root), groupBody: maker.group, count: maker.count };
}

type Started = NonNullable<RunFold["started"]>;

class Maker {
  count = 1;
  private readonly fold: RunFold;
  private readonly context: SealContext;
  private readonly started: Started;
  private readonly createdAt: string;
  private readonly dry: boolean;
  private readonly graphName: string;
  private readonly trigger: string;
  private readonly runResult: Result;

  constructor(fold: RunFold, context: SealContext, started: Started, root: FrameRecord) {
    this.fold = fold;
    this.context = context;
    this.started = started;
    this.createdAt = iso(fold.lastAt);
    this.dry = started.options.dryRun !== "no";
    this.graphName = started.workflow === "" ? "graph" : started.workflow;
    this.trigger = canonicalDigest({
      input: root.commitments.find(({ scope }) => scope === "input")?.value ?? null,
      kind: started.triggerKind,
      start: started.start,
    });
    this.runResult = this.resultOfRun();
  }

  /** The run's receipt, with everything below it. */
  run(root: FrameRecord): ReceiptNode {
    const { started, context, fold } = this;
    const result = this.runResult;
    const journal: Reference[] =
      context.journalHead === null
        ? []
        : [
            {
              type: "artifact",
              uri: `countersign:journal:${started.runId}`,
              locator: `sha256:${context.journalHead}`,
            },
          ];
    const summary = this.graphSummary(`graph ${this.graphName}`, result);
    const body: ReceiptBody = {
      ...this.head({ run: started.runId }, fold.graphDigest),
      subject: {
        kind: "graph",
        ref: this.ref("graph", this.graphName, root.openedAt),
        commitments: root.commitments,
      },
      authority: this.authority(fold.principal, []),
      signals: [{ type: "signal", uri: `countersign:trigger:${started.triggerKind}`, observed_at: iso(root.openedAt) }],
      decisions: [],
      acts: [],
      seal: this.seal(`graph_${result.reason}`, summary, result, fold.lastAt, [
        binding("journal_complete", this.dry ? "not_applicable" : result.status, journal),
      ]),
      lineage: { ...(context.previous === null ? {} : { previous: context.previous }), children: [], sync: [] },
    };
    return { body, children: this.below(root) };
  }

  /** A receipt over a part of its parent's children, where there are too many for one. */
  readonly group: GroupBody = (parent, level, index, members) => {
    const { result, at } = { result: this.runResult, at: this.fold.lastAt };
    const name = `${parent.subject.ref.uri.replace(/^hrn_/, "")}_group_${level}_${index}`;
    const intent = { group: [level, index], parent: parent.idempotency.intent_key, run: this.started.runId };
    return {
      ...this.head(intent, this.fold.graphDigest),
      subject: {
        kind: "graph",
        ref: { type: "harness", uri: `hrn_${name}`, label: `group ${index + 1} of level ${level}` },
        commitments: [],
      },
      authority: this.authority(this.fold.principal, []),
      signals: [],
      decisions: [],
      acts: [],
      seal: this.seal(`graph_${result.reason}`, `${members} receipts of graph ${this.graphName}`, result, at, []),
      lineage: { children: [], sync: [] },
    };
  };

  private below(frame: FrameRecord): readonly ReceiptNode[] {
    const nodes: ReceiptNode[] = [];
    for (const one of frame.below) {
      if ("act" in one) nodes.push({ body: this.activation(one), children: [] });
      else if (one.below.length > 0) nodes.push(this.frame(one));
      else continue;
      this.count++;
    }
    return nodes;
  }

  private frame(frame: FrameRecord): ReceiptNode {
    const result = this.resultOfFrame(frame);
    const at = frame.endedAt ?? this.fold.lastAt;
    const body: ReceiptBody = {
      ...this.head({ frame: frame.frame, run: this.started.runId }, frame.graphDigest),
      subject: {
        kind: "graph",
        ref: this.ref(`${frame.frame}_graph`, frame.frame, frame.openedAt),
        commitments: frame.commitments,
      },
      authority: this.authority(frame.principal, []),
      signals: [],
      decisions: [],
      acts: [],
      seal: this.seal(`graph_${result.reason}`, this.graphSummary(`graph ${frame.frame}`, result), result, at, []),
      lineage: { children: [], sync: [] },
    };
    return { body, children: this.below(frame) };
  }

  private activation(record: ActRecord): ReceiptBody {
    const { act } = record;
    const result = this.resultOfAct(record);
    const at = record.endedAt ?? this.fold.lastAt;
    const family = familyOf(record);
    const actId = `act_${act.node}`;
    const summary = `step ${act.node} ${spoken(result)}`;
    const criterion = binding(
      family.criterion,
      this.dry ? "not_applicable" : result.status,
      effectRefs(record),
      summary,
    );
    const closure: Closure = {
      disposition: result.disposition,
      reason_code: this.reason(`${family.prefix}_${result.reason}`),
      summary: this.said(summary),
      closed_at: iso(at),
    };
    return {
      ...this.head({ activation: { ...act }, run: this.started.runId }, record.graphDigest),
      subject: {
        kind: "skill",
        ref: this.ref(`${act.frame === "" ? "" : `${act.frame}_`}${act.node}`, activationKey(act), record.enteredAt),
        commitments: record.commitments,
      },
      authority: this.authority(record.principal, record.grants),
      signals: [],
      decisions: record.decisions.map((note, index) => this.decision(note, index, act.node, actId)),
      acts: [
        {
          id: actId,
          form: "observation",
          intent: intentOf(`Run graph step ${act.node}`, [
            { criterion_id: family.criterion, statement: family.statement, required: true },
          ]),
          summary: this.said(`Executed graph step ${act.node}`),
          criterion_bindings: [criterion],
          ...(record.model === null ? {} : { by: { ...record.model, prompt_version: null } }),
          source_refs: [],
          target_refs: [],
          artifact_refs: [],
          closure,
        },
      ],
      seal: { ...closure, last_observed_at: iso(at), criteria: [criterion] },
      lineage: { children: [], sync: [] },
    };
  }

  private decision(note: DecisionNote, index: number, node: string, actId: string): ReceiptDecision {
    const target: Reference | null =
      note.digest === null
        ? null
        : { type: "target", uri: `countersign:effect:${note.about}`, locator: note.digest, observed_at: iso(note.at) };
    return {
      decision_id: `dec_${node}_${index + 1}`,
      choice: note.choice,
      inputs: { signal_refs: [], target_ref: target, opportunity_refs: [], selection_ref: null },
      proposed_intent: intentOf(`Decide about ${note.about} of node ${node}`, []),
      selected_act_id: note.choice === "continue" ? actId : null,
      selected_harness_ref: null,
      justification: { summary: note.code === "" ? note.choice : note.code, evidence_refs: note.evidence },
      closure: null,
      artifact_refs: [],
    };
  }

  private head(
    intent: object,
    graphDigest: string,
  ): Pick<ReceiptBody, "schema" | "created_at" | "canonicalization" | "idempotency"> {
    const idempotency: Idempotency = {
      intent_key: canonicalDigest(intent),
      trigger_fingerprint: this.trigger,
      content_hash: graphDigest,
    };
    return {
      schema: RECEIPT_SCHEMA,
      created_at: this.createdAt,
      canonicalization: RECEIPT_CANONICALIZATION,
      idempotency,
    };
  }

  private ref(node: string, label: string, at: number): Reference {
    return {
      type: "harness",
      uri: `hrn_${identifier(this.graphName)}_${identifier(node)}`,
      label,
      observed_at: iso(at),
    };
  }

  private authority(principal: string, grants: readonly Reference[]): Authority {
    return {
      actor_ref: { type: "principal", uri: principal === "" ? "runx:principal:local_runtime" : principal },
      grant_refs: grants,
      scope_refs: [],
      authority_proof_refs: [],
      attenuation: { parent_authority_ref: null, subset_proof: null },
      terms: [],
      enforcement: {
        profile_hash: profileHash(this.started),
        redaction_refs: [],
        setup_refs: [],
        teardown_refs: [],
      },
    };
  }

  private seal(
    reason: string,
    summary: string,
    result: Result,
    at: number,
    criteria: readonly CriterionBinding[],
  ): Seal {
    const closedAt = iso(at);
    return {
      disposition: result.disposition,
      reason_code: this.reason(reason),
      summary: this.said(summary),
      closed_at: closedAt,
      last_observed_at: closedAt,
      criteria,
    };
  }

  /** A rehearsal must never be taken for the real thing. */
  private reason(code: string): string {
    return this.dry ? `dry_run_${code}` : code;
  }

  private said(summary: string): string {
    return this.dry ? `dry run: ${summary}` : summary;
  }

  private graphSummary(what: string, result: Result): string {
    return `${what} ${spoken(result)}`;
  }

  private resultOfRun(): Result {
    const { ending, overBudget, cancelled } = this.fold;
    if (ending === null) return { disposition: "killed", reason: "abandoned", status: "unknown" };
    if (ending.outcome === "completed") return done;
    if (ending.outcome === "timed_out") return failureResult("timeout");
    if (overBudget) return failureResult("budget");
    if (cancelled) return failureResult("cancelled");
    return failureResult(ending.class);
  }

  /** What had not ended when the run did, ended with it. */
  private unfinished(): Result {
    const { disposition, reason } = this.runResult;
    if (disposition === "closed") return { disposition: "superseded", reason: "not_awaited", status: "unknown" };
    return { disposition, reason, status: "unknown" };
  }

  private resultOfFrame({ ending }: FrameRecord): Result {
    if (ending === null) return this.unfinished();
    if (ending === "timed_out") return failureResult("timeout");
    return ending.type === "done" ? done : failureResult(ending.class);
  }

  private resultOfAct({ ending, declined }: ActRecord): Result {
    if (declined) return failureResult("approval");
    if (ending === null) return this.unfinished();
    return ending.type === "done" ? done : failureResult(ending.class);
  }
}
