/**
 * A run's journal -> what its receipts will say: a fold over the events (DESIGN.md idea 2). Values become salted
 * commitments as they pass, so memory follows the number of effectful activations, not what they carried.
 *
 * Invariants: folding the same events with the same salts gives the same receipts, whoever folds them and when; no
 * value, no text of a failure and nothing that an effect said is kept, but for what a declared act names.
 */
import { activationKey, type Activation } from "../effects/effect.ts";
import type { JournalEvent } from "../effects/events.ts";
import { fromPlain, isObject, member, object, type Value } from "../graph/value.ts";
import { ActsFold, type GraphOf } from "./declared.ts";
import { addNew, answers, grant } from "./grants.ts";
import type { Commitment, CommitmentScope } from "./model.ts";
import {
  choiceOf,
  failed,
  failureValue,
  modelOf,
  type ActRecord,
  type DecisionNote,
  type FrameRecord,
  type RunEnding,
} from "./record.ts";
import { ofTheRun, StreamFold } from "./stream-fold.ts";
import { commitment, saltName, type Salts } from "./value-digest.ts";

type Started = Extract<JournalEvent, { type: "run.started" }>;
type Of<T extends JournalEvent["type"]> = Extract<JournalEvent, { type: T }>;

/** A value that was committed to. `subject` is the activation's text form, or `frame ` and the frame's name. */
export type CommitmentListener = (made: {
  readonly subject: string;
  readonly salt: Uint8Array;
  readonly value: Value;
  readonly commitment: Commitment;
}) => void;

/** What a fold has found. */
export class RunFold {
  started: Started | null = null;
  /** How the run ended; null while it is open, also when it is paused. */
  ending: RunEnding | null = null;
  paused = false;
  cancelled = false;
  overBudget = false;
  /** Milliseconds since 1970 of the last event. */
  lastAt = 0;
  /** Documents and principal in force. */
  graphDigest = "";
  principal = "";
  root: FrameRecord | null = null;
  /** Decisions about what was started or fetched for no step in particular. */
  readonly provisions: DecisionNote[] = [];
  /** Set for a pipeline that takes record after record; then nothing stands below the root but its segments. */
  stream: StreamFold | null = null;
  private readonly frames = new Map<string, FrameRecord>();
  /** When activations that have shown no effect yet were entered. */
  private readonly entered = new Map<string, number>();
  private readonly open = new Map<string, ActRecord>();
  private readonly asked = new Map<string, ActRecord>();
  /** Commitments made so far, by subject and scope. */
  private readonly counts = new Map<string, Map<CommitmentScope, number>>();
  private readonly salts: Salts;
  private readonly heard: CommitmentListener | null;
  private readonly acts: ActsFold | null;

  /**
   * `heard` is told of every value that is committed to, so that named ones can be disclosed. `graphOf` gives the run's
   * documents; without it no act that a skill declares is made.
   */
  constructor(salts: Salts, heard: CommitmentListener | null = null, graphOf: GraphOf | null = null) {
    this.salts = salts;
    this.heard = heard;
    this.acts = graphOf === null ? null : new ActsFold(graphOf);
  }

  /** Takes the next event. Events after the end change nothing. */
  add(event: JournalEvent): void {
    if (this.ending !== null) return;
    this.lastAt = event.at;
    if (this.stream !== null && !ofTheRun.has(event.type)) {
      return this.stream.add(event, "decision" in event ? choiceOf[event.decision] : null);
    }
    switch (event.type) {
      case "run.started":
        this.started = event;
        this.graphDigest = event.graphDigest;
        this.principal = event.principal;
        if (event.options.stream !== undefined) this.startStream(event);
        return;
      case "run.resumed":
        this.paused = false;
        this.graphDigest = event.graphDigest;
        this.principal = event.principal;
        return;
      case "frame.opened":
        return this.frameOpened(event);
      case "frame.ended":
        return this.frameEnded(event);
      case "node.entered":
        this.entered.set(activationKey(event), event.at);
        return;
      case "node.ended":
        return this.nodeEnded(event);
      case "node.failed":
        return this.nodeFailed(event);
      case "effect.decided":
        return this.decided(event);
      case "provision.decided":
        return this.provided(event);
      case "effect.started":
        return this.effectStarted(event);
      case "effect.ended":
        return this.effectEnded(event);
      case "approval.requested":
        return this.requested(event);
      case "approval.answered":
        return this.answered(event);
      case "run.cancelled":
        this.cancelled = true;
        return;
      case "budget.exceeded":
        this.overBudget = true;
        return;
      case "run.paused":
        this.paused = true;
        return;
      case "run.ended":
        this.stream?.close(null);
        if (event.outcome === "paused") this.paused = true;
        else this.ending = { outcome: event.outcome, class: this.classOfEnd() };
        return;
      default:
        return;
    }
  }

  /** A stream's journal has no walk of its own: its records are walked one by one and leave their ends only. */
  private startStream(event: Started): void {
    this.stream = new StreamFold(this.salts);
    this.root = this.frameRecord("", null, event.input, event.at);
  }

  private classOfEnd(): RunEnding["class"] {
    const ending = this.root?.ending;
    return ending !== null && typeof ending === "object" && ending.type === "failed" ? ending.class : null;
  }

  private frameOpened(event: Of<"frame.opened">): void {
    const parent = event.parent?.frame ?? null;
    const declared = this.acts?.opened(event, this.graphDigest) ?? null;
    const record = this.frameRecord(event.frame, parent, event.input, event.at, declared);
    this.frames.set(event.frame, record);
    if (parent === null) this.root = record;
    else this.frames.get(parent)?.below.push(record);
  }

  private frameRecord(
    frame: string,
    parent: string | null,
    input: Value,
    at: number,
    declared: FrameRecord["declared"] = null,
  ): FrameRecord {
    return {
      frame,
      parent,
      openedAt: at,
      graphDigest: this.graphDigest,
      principal: this.principal,
      commitments: [this.commit(`frame ${frame}`, "input", input)],
      declared,
      ending: null,
      endedAt: null,
      below: [],
    };
  }

  private frameEnded(event: Of<"frame.ended">): void {
    const record = this.frames.get(event.frame);
    if (record === undefined) return;
    record.endedAt = event.at;
    if (event.status === "timed_out") record.ending = "timed_out";
    else if (event.status === "completed") {
      record.ending = { type: "done", skipped: false };
      record.commitments.push(this.commit(`frame ${event.frame}`, "output", event.value));
    } else {
      record.ending = { type: "failed", class: event.failure?.class ?? null };
      if (event.failure !== null)
        record.commitments.push(this.commit(`frame ${event.frame}`, "error", failureValue(event.failure)));
    }
    this.counts.delete(`frame ${event.frame}`);
    this.acts?.closed(event.frame);
    if (record.parent === null) return;
    this.frames.delete(event.frame);
    // A walk without effects leaves nothing to say, unless it declares what it is.
    const above = this.frames.get(record.parent)?.below;
    if (record.below.length === 0 && record.declared === null && above !== undefined)
      above.splice(above.lastIndexOf(record), 1);
  }

  private nodeEnded(event: Of<"node.ended">): void {
    this.acts?.ended(event);
    const record = this.leave(event, event.at);
    if (record === null) return;
    record.ending =
      event.outcome === "fail" ? { type: "failed", class: null } : { type: "done", skipped: event.outcome === "skip" };
    if (event.outcome !== "skip") record.commitments.push(this.commit(activationKey(event), "output", event.output));
    this.counts.delete(activationKey(event));
  }

  private nodeFailed(event: Of<"node.failed">): void {
    this.acts?.failed(event);
    const record = this.leave(event, event.at);
    if (record === null) return;
    record.ending = failed(event.failure);
    record.commitments.push(this.commit(activationKey(event), "error", failureValue(event.failure)));
    this.counts.delete(activationKey(event));
  }

  private leave(act: Activation, at: number): ActRecord | null {
    const key = activationKey(act);
    this.entered.delete(key);
    const record = this.open.get(key) ?? null;
    this.open.delete(key);
    if (record !== null) record.endedAt = at;
    return record;
  }

  private decided(event: Of<"effect.decided">): void {
    const record = this.record(event.act, event.at);
    const evidence = (event.approvals ?? []).map((one) => grant(one.approvalId, "approved", one.principal, one));
    addNew(record.grants, evidence);
    record.decisions.push({
      about: event.kind,
      choice: choiceOf[event.decision],
      code: event.code,
      digest: event.digest,
      at: event.at,
      evidence,
    });
    const again = record.decisions.slice(0, -1).some((one) => one.digest === event.digest);
    if (!again) {
      const { description, kind } = event;
      const asked = object({ description: fromPlain(description), kind });
      record.commitments.push(this.commit(activationKey(event.act), "input", asked));
    }
    if (event.kind === "model.call") {
      this.acts?.modelCalled(event.act);
      record.model = modelOf(event.description);
    }
  }

  /** Stands with the step that needed it first; what none needed, or what came when it had ended, with the run. */
  private provided(event: Of<"provision.decided">): void {
    const record = event.act === null ? undefined : this.open.get(activationKey(event.act));
    const { what: about, decision, code, digest, at } = event;
    (record?.decisions ?? this.provisions).push({ about, choice: choiceOf[decision], code, digest, at, evidence: [] });
  }

  private effectStarted(event: Of<"effect.started">): void {
    const record = this.record(event.act, event.at);
    const about = record.decisions.findLast((one) => one.digest === event.digest)?.about ?? "effect";
    record.performed.push({ kind: about, digest: event.digest, at: event.at, ended: null });
  }

  private effectEnded(event: Of<"effect.ended">): void {
    const record = this.open.get(activationKey(event.act));
    if (record === undefined || event.by !== "performer") return;
    const last = record.performed.findLast((one) => one.ended === null);
    if (last === undefined) return;
    last.ended = event.doubt ? "doubt" : event.failure === null ? "ok" : "failed";
    if (last.kind !== "shell.run" || !isObject(event.value)) return;
    for (const scope of ["stdout", "stderr"] as const) {
      const said = member(event.value, scope);
      if (said !== undefined) record.commitments.push(this.commit(activationKey(event.act), scope, said));
    }
  }

  private requested(event: Of<"approval.requested">): void {
    const record = this.record(event.act, event.at);
    this.asked.set(event.id, record);
    // RequireApproval about an effect is a decision already.
    if (event.subject === "effect") return;
    record.decisions.push({
      about: event.subject,
      choice: "defer",
      code: "approval.requested",
      digest: event.effectDigest,
      at: event.at,
      evidence: [],
    });
  }

  private answered(event: Of<"approval.answered">): void {
    const record = this.asked.get(event.id);
    if (record === undefined) return;
    const evidence = answers(event);
    record.declined = !event.approved;
    if (event.approved) addNew(record.grants, evidence);
    record.decisions.push({
      about: "approval",
      choice: event.approved ? "continue" : "decline",
      code: event.approved ? "approval.approved" : "approval.denied",
      digest: null,
      at: event.at,
      evidence,
    });
  }

  /** The record of an activation, made when it first shows an effect or a question. */
  private record(act: Activation, at: number): ActRecord {
    const key = activationKey(act);
    const known = this.open.get(key);
    if (known !== undefined) return known;
    const made: ActRecord = {
      act: { frame: act.frame, node: act.node, visit: act.visit, attempt: act.attempt },
      enteredAt: this.entered.get(key) ?? at,
      graphDigest: this.graphDigest,
      principal: this.principal,
      decisions: [],
      performed: [],
      grants: [],
      commitments: [],
      declined: false,
      model: null,
      ending: null,
      endedAt: null,
    };
    this.open.set(key, made);
    (this.frames.get(act.frame) ?? this.root)?.below.push(made);
    return made;
  }

  /** A commitment under the next salt of this subject and scope. */
  private commit(subject: string, scope: CommitmentScope, value: Value): Commitment {
    const counts = this.counts.get(subject) ?? new Map<CommitmentScope, number>();
    this.counts.set(subject, counts);
    const index = counts.get(scope) ?? 0;
    counts.set(scope, index + 1);
    const salt = this.salts(saltName(subject, scope, index));
    const made = commitment(scope, salt, value);
    this.heard?.({ subject, salt, value, commitment: made });
    return made;
  }
}
