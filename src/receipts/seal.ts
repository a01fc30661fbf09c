/**
 * A folded run -> the bodies of its receipts (spec/runtime.md §8, spec/skill-graph.md §6.3): one for every effectful
 * activation, one for every nested walk with effects below it, one for the run. Pure.
 *
 * Names, codes, times and digests only. Node ids and principals are named; paths, URLs, texts of failures and what
 * programs said are not: those are committed to. What a skill's declared act names stands in clear, since it says so.
 */
import { activationKey } from "../effects/effect.ts";
import { withDomainAct } from "./domain-act.ts";
import type { RunFold } from "./fold.ts";
import type { GroupBody, ReceiptNode } from "./link.ts";
import type { Closure, ReceiptBody, Reference } from "./model.ts";
import type { ActRecord, FrameRecord } from "./record.ts";
import { Envelope } from "./seal-envelope.ts";
import {
  binding,
  countedDecision,
  decisionOf,
  done,
  effectRefs,
  failureResult,
  familyOf,
  intentOf,
  iso,
  journalRef,
  runDecision,
  spoken,
  type Result,
} from "./seal-parts.ts";
import type { SegmentRecord } from "./stream-fold.ts";

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
  private readonly envelope: Envelope;
  private readonly runResult: Result;

  constructor(fold: RunFold, context: SealContext, started: Started, root: FrameRecord) {
    this.fold = fold;
    this.context = context;
    this.started = started;
    const input = root.commitments.find(({ scope }) => scope === "input")?.value ?? null;
    this.envelope = new Envelope(started, input, fold.lastAt);
    this.runResult = this.resultOfRun();
  }

  /** The run's receipt, with everything below it. */
  run(root: FrameRecord): ReceiptNode {
    const { started, context, fold } = this;
    const result = this.runResult;
    const journal = context.journalHead === null ? [] : [journalRef(started.runId, context.journalHead)];
    const summary = `graph ${this.envelope.graphName} ${spoken(result)}`;
    const body: ReceiptBody = {
      ...this.envelope.head({ run: started.runId }, fold.graphDigest),
      subject: {
        commitments: root.commitments,
        kind: "graph",
        ref: this.envelope.ref("graph", this.envelope.graphName, root.openedAt),
      },
      authority: this.envelope.authority(fold.principal, []),
      signals: [{ observed_at: iso(root.openedAt), type: "signal", uri: `countersign:trigger:${started.triggerKind}` }],
      decisions: fold.provisions.map((note, index) => runDecision(note, index)),
      acts: [],
      seal: this.envelope.seal(`graph_${result.reason}`, summary, result, fold.lastAt, [
        binding("journal_complete", this.envelope.dry ? "not_applicable" : result.status, journal),
      ]),
      lineage: { ...(context.previous === null ? {} : { previous: context.previous }), children: [], sync: [] },
    };
    return { body: this.withAct(body, root, result, fold.lastAt), children: [...this.below(root), ...this.segments()] };
  }

  /** A receipt over a part of its parent's children, where there are too many for one. */
  readonly group: GroupBody = (parent, level, index, members) => {
    const { result, at } = { result: this.runResult, at: this.fold.lastAt };
    const name = `${parent.subject.ref.uri.replace(/^hrn_/, "")}_group_${level}_${index}`;
    const intent = { group: [level, index], parent: parent.idempotency.intent_key, run: this.started.runId };
    return {
      ...this.envelope.head(intent, this.fold.graphDigest),
      subject: {
        commitments: [],
        kind: "graph",
        ref: { label: `group ${index + 1} of level ${level}`, type: "harness", uri: `hrn_${name}` },
      },
      authority: this.envelope.authority(this.fold.principal, []),
      signals: [],
      decisions: [],
      acts: [],
      seal: this.envelope.seal(
        `graph_${result.reason}`,
        `${members} receipts of graph ${this.envelope.graphName}`,
        result,
        at,
        [],
      ),
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

  /** A stream's receipts: one for each segment of its journal. */
  private segments(): readonly ReceiptNode[] {
    const { stream } = this.fold;
    stream?.close(null);
    const segments = stream?.segments ?? [];
    this.count += segments.length;
    return segments.map((segment) => ({ body: this.segment(segment), children: [] }));
  }

  private segment(segment: SegmentRecord): ReceiptBody {
    const { envelope, fold, started } = this;
    const { first, last, records, failed } = segment;
    const result = failed > 0 ? failureResult(null) : done;
    const summary = `${records} records of graph ${envelope.graphName}${failed > 0 ? `, ${failed} of them failed` : ""}`;
    const journal = segment.head === null ? [] : [journalRef(started.runId, segment.head)];
    return {
      ...envelope.head({ run: started.runId, segment: segment.number }, fold.graphDigest),
      subject: {
        commitments: segment.commitments,
        kind: "graph",
        ref: envelope.ref(`segment_${segment.number}`, `records ${first} to ${last}`, segment.openedAt),
      },
      authority: envelope.authority(fold.principal, []),
      signals: [],
      decisions: [...segment.decisions.values()].map((note, index) => countedDecision(note, index)),
      acts: [],
      seal: envelope.seal(`graph_${result.reason}`, summary, result, segment.endedAt, [
        binding("journal_complete", envelope.dry ? "not_applicable" : result.status, journal),
      ]),
      lineage: { children: [], sync: [] },
    };
  }

  private frame(frame: FrameRecord): ReceiptNode {
    const result = this.resultOfFrame(frame);
    const at = frame.endedAt ?? this.fold.lastAt;
    const body: ReceiptBody = {
      ...this.envelope.head({ frame: frame.frame, run: this.started.runId }, frame.graphDigest),
      subject: {
        commitments: frame.commitments,
        kind: "graph",
        ref: this.envelope.ref(`${frame.frame}_graph`, frame.frame, frame.openedAt),
      },
      authority: this.envelope.authority(frame.principal, []),
      signals: [],
      decisions: [],
      acts: [],
      seal: this.envelope.seal(`graph_${result.reason}`, `graph ${frame.frame} ${spoken(result)}`, result, at, []),
      lineage: { children: [], sync: [] },
    };
    return { body: this.withAct(body, frame, result, at), children: this.below(frame) };
  }

  /** A walk whose skill declares its act: the receipt reads as that act. */
  private withAct(body: ReceiptBody, { declared }: FrameRecord, result: Result, at: number): ReceiptBody {
    return declared === null ? body : withDomainAct(body, declared, result, at, this.envelope);
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
      this.envelope.dry ? "not_applicable" : result.status,
      effectRefs(record),
      summary,
    );
    const closure: Closure = {
      closed_at: iso(at),
      disposition: result.disposition,
      reason_code: this.envelope.reason(`${family.prefix}_${result.reason}`),
      summary: this.envelope.said(summary),
    };
    return {
      ...this.envelope.head({ activation: { ...act }, run: this.started.runId }, record.graphDigest),
      subject: {
        commitments: record.commitments,
        kind: "skill",
        ref: this.envelope.ref(
          `${act.frame === "" ? "" : `${act.frame}_`}${act.node}`,
          activationKey(act),
          record.enteredAt,
        ),
      },
      authority: this.envelope.authority(record.principal, record.grants),
      signals: [],
      decisions: record.decisions.map((note, index) => decisionOf(note, index, act.node, actId)),
      acts: [
        {
          artifact_refs: [],
          ...(record.model === null
            ? {}
            : { by: { model: record.model.model, prompt_version: null, provider: record.model.provider } }),
          closure,
          criterion_bindings: [criterion],
          form: "observation",
          id: actId,
          intent: intentOf(`Run graph step ${act.node}`, [
            { criterion_id: family.criterion, required: true, statement: family.statement },
          ]),
          source_refs: [],
          summary: this.envelope.said(`Executed graph step ${act.node}`),
          target_refs: [],
        },
      ],
      seal: {
        closed_at: closure.closed_at,
        criteria: [criterion],
        disposition: closure.disposition,
        last_observed_at: closure.closed_at,
        reason_code: closure.reason_code,
        summary: closure.summary,
      },
      lineage: { children: [], sync: [] },
    };
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
