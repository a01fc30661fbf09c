/**
 * A recorded run as the world of its replay: effects are prepared from what the journal says of them and answered with
 * what came of them, requests as people answered them, waits at once. Nothing here touches this machine: no name is
 * resolved, no program looked at, no variable read.
 *
 * An effect is recognised by its place (activation, number) and its input digest, else by its node and input digest
 * (spec/runtime.md §5). Where the journal holds a secret's marker the input cannot have its old digest; there the place
 * counts.
 */
import { activationKey, type Effect, type EffectResult, type PreparedEffect } from "../../effects/effect.ts";
import type { ApprovalAnswer, JournalEvent } from "../../effects/events.ts";
import type { Clock, Digest, EffectScope, Performer, Rehearsal } from "../../effects/seam.ts";
import { requestDigest } from "../../engine/digests.ts";
import type { Failure } from "../../graph/failure.ts";
import { systemClock } from "../clock.ts";
import { lexical, targetOf } from "../unseen.ts";

type Decided = Extract<JournalEvent, { type: "effect.decided" }>;
type Ended = Extract<JournalEvent, { type: "effect.ended" }>;

/** One recorded effect. */
interface Slot {
  readonly act: string;
  readonly node: string;
  readonly index: number;
  /** The first decision; null for an effect that could not be prepared. */
  decided: Decided | null;
  ended: Ended | null;
}

/** How an effect of the replay was found in the record. */
export type Found = "same" | "elsewhere" | "by place" | "not recorded";

/** Collects a run's effects and answers, and plays them back. */
export class RecordedRun {
  private readonly slots = new Map<string, Slot[]>();
  private readonly byRequest = new Map<string, Slot>();
  private readonly answers = new Map<string, ApprovalAnswer>();
  /** Effects of the replay that have been matched, so that a second look finds the same. */
  private readonly matched = new WeakMap<Effect, { readonly slot: Slot | null; readonly found: Found }>();
  private readonly taken = new Map<string, number>();
  /** Effects of the replay that the record does not hold, and those taken by their place. */
  readonly unrecorded: { readonly act: string; readonly kind: string }[] = [];
  readonly byPlace: { readonly act: string; readonly kind: string }[] = [];
  private readonly digest: Digest;
  private readonly cwd: string;

  constructor(digest: Digest, cwd: string) {
    this.digest = digest;
    this.cwd = cwd;
  }

  /** Takes note of one event of the record, in order. */
  add(event: JournalEvent): void {
    if (event.type === "approval.answered") {
      const { approved, by, reason, answer } = event;
      this.answers.set(event.id, { approved, by, reason, answer });
      return;
    }
    if (event.type !== "effect.decided" && event.type !== "effect.ended") return;
    const act = activationKey(event.act);
    const list = this.slots.get(act) ?? [];
    this.slots.set(act, list);
    let slot = list.find((one) => one.index === event.index);
    if (slot === undefined) {
      slot = { act, node: event.act.node, index: event.index, decided: null, ended: null };
      list.push(slot);
    }
    if (event.type === "effect.ended") {
      slot.ended = event;
      return;
    }
    slot.decided ??= event;
    const key = requestKey(event.act.node, event.request);
    if (!this.byRequest.has(key)) this.byRequest.set(key, slot);
  }

  /** The first decision that the record holds for an effect. */
  decision(act: string, index: number): Decided | null {
    return this.slots.get(act)?.find((one) => one.index === index)?.decided ?? null;
  }

  /** How people answered a request; null when the record holds no answer. */
  answer(id: string): ApprovalAnswer | null {
    return this.answers.get(id) ?? null;
  }

  /** Prepares from the record alone. Nothing is ever performed: {@link RecordedRun.rehearsal} answers. */
  readonly performer: Performer = {
    prepare: (effect, scope) => Promise.resolve(this.prepare(effect, scope)),
    perform: () => Promise.resolve({ ok: false, failure: { class: "internal", message: "a replay performs nothing" } }),
  };

  /** Answers effects with what came of them in the record. */
  readonly rehearsal: Rehearsal = {
    reply: (effect, scope) => {
      const result = resultOf(this.match(effect, scope).slot);
      return result === null ? null : { result, by: "record" };
    },
  };

  private prepare(effect: Effect, scope: EffectScope): PreparedEffect | Failure {
    const { slot } = this.match(effect, scope);
    if (slot !== null && slot.decided === null && slot.ended?.failure) return slot.ended.failure;
    const description = slot?.decided?.description ?? lexical(effect, this.cwd);
    return { effect, description, target: targetOf(effect, description) };
  }

  private match(effect: Effect, scope: EffectScope): { readonly slot: Slot | null; readonly found: Found } {
    const before = this.matched.get(effect);
    if (before !== undefined) return before;
    const made = this.find(effect, scope);
    this.matched.set(effect, made);
    const seen = { act: activationKey(scope.activation), kind: effect.kind };
    if (made.found === "not recorded") this.unrecorded.push(seen);
    if (made.found === "by place") this.byPlace.push(seen);
    return made;
  }

  private find(effect: Effect, { activation }: EffectScope): { readonly slot: Slot | null; readonly found: Found } {
    const act = activationKey(activation);
    const at = this.taken.get(act) ?? 0;
    this.taken.set(act, at + 1);
    const here = this.slots.get(act)?.[at] ?? null;
    const request = requestDigest(this.digest, effect);
    if (here !== null && here.decided?.request === request) return { slot: here, found: "same" };
    if (here !== null && here.decided === null && here.ended?.by === "engine") return { slot: here, found: "by place" };
    const other = this.byRequest.get(requestKey(activation.node, request));
    if (other !== undefined) return { slot: other, found: "elsewhere" };
    if (here !== null && here.decided?.kind === effect.kind && holdsMarker(effect))
      return { slot: here, found: "by place" };
    return { slot: null, found: "not recorded" };
  }
}

function requestKey(node: string, request: string): string {
  return JSON.stringify([node, request]);
}

/** What came of a recorded effect; null for placeholders, refusals and effects of which nobody knows the end. */
function resultOf(slot: Slot | null): EffectResult | null {
  const ended = slot?.ended ?? null;
  if (ended === null || ended.by === "dry" || ended.doubt) return null;
  if (ended.by === "engine" && slot !== null && slot.decided !== null && slot.decided.decision !== "Allow") return null;
  const { failure, value, usage } = ended;
  return failure === null ? { ok: true, value, ...(usage === null ? {} : { usage }) } : { ok: false, failure };
}

/** True when a text of the effect is what the journal put in a secret's place. */
function holdsMarker(part: unknown): boolean {
  if (typeof part === "string") return part.includes("{secret:");
  if (part instanceof Uint8Array) return Buffer.from(part).includes("{secret:");
  return typeof part === "object" && part !== null && Object.values(part).some(holdsMarker);
}

/** The machine's clock, except that nothing is waited for: what the record waited for is over. */
export const replayClock: Clock = {
  ...systemClock,
  timer: (at, wake) => systemClock.timer(Math.min(at, systemClock.now() + 1), wake),
};
