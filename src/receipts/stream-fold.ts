/**
 * A pipeline that takes record after record, folded by segments of its journal (spec/runtime.md §8): one receipt each,
 * whose output commitment is the Merkle root of its records. Memory follows the number of segments, not of records.
 *
 * A leaf is the canonical text of {bytes, input, output, record, status}; input and output are the digests that the
 * journal holds. The root is committed to under a salt, since a segment of one record would else give its data away.
 */
import type { JournalEvent } from "../effects/events.ts";
import { canonicalText } from "./canonical.ts";
import { Merkle } from "./merkle.ts";
import type { Choice, Commitment } from "./model.ts";
import { commitmentDigest, saltName, type Salts } from "./value-digest.ts";

/** Events that speak of a whole run, also of a stream's. */
export const ofTheRun: ReadonlySet<JournalEvent["type"]> = new Set([
  "run.started",
  "run.resumed",
  "run.cancelled",
  "budget.exceeded",
  "run.paused",
  "run.ended",
]);

/** How the text under a segment's commitment is made: as a salted value, which is the root's text. */
export const MERKLE_CANONICALIZATION = "countersign.salted-merkle-root.v1";

/** Decisions of a segment that are the same but for what they were about. */
export interface CountedDecision {
  readonly kind: string;
  readonly choice: Choice;
  readonly code: string;
  count: number;
  readonly at: number;
}

/** What is known of one segment. */
export interface SegmentRecord {
  /** From 1, counting segments with records. */
  readonly number: number;
  readonly openedAt: number;
  endedAt: number;
  first: number;
  last: number;
  records: number;
  failed: number;
  /** Hash of the segment's last line; null for the last one, whose end the run's receipt names. */
  head: string | null;
  readonly decisions: Map<string, CountedDecision>;
  commitments: readonly Commitment[];
}

/** Most kinds of decisions that are told apart in one segment. */
const MAX_DECISIONS = 200;

/** The fold of a stream's events. */
export class StreamFold {
  readonly segments: SegmentRecord[] = [];
  private current: SegmentRecord | null = null;
  private tree = new Merkle();
  private readonly salts: Salts;

  constructor(salts: Salts) {
    this.salts = salts;
  }

  /** Takes the next event; all but records, decisions and segments are passed over. */
  add(event: JournalEvent, choice: Choice | null): void {
    if (event.type === "record.ended") {
      const segment = this.segment(event.at);
      const { bytes, input, output, record, status } = event;
      this.tree.add(canonicalText({ bytes, input, output, record, status }));
      if (segment.records === 0) segment.first = record;
      segment.last = record;
      segment.records++;
      if (status !== "completed") segment.failed++;
      segment.endedAt = event.at;
    } else if (event.type === "provision.decided" && choice !== null) {
      this.count(this.segment(event.at), event.what, choice, event.code, event.at);
    } else if (event.type === "effect.decided" && choice !== null) {
      this.count(this.segment(event.at), event.kind, choice, event.code, event.at);
    } else if (event.type === "segment.opened") {
      this.close(event.oldHead);
    }
  }

  /** Ends the segment under way, if there is one. `head`: the hash of its last line. */
  close(head: string | null): void {
    const segment = this.current;
    if (segment === null) return;
    this.current = null;
    segment.head = head;
    const salt = this.salts(saltName(`segment ${segment.number}`, "output", 0));
    segment.commitments = [
      {
        scope: "output",
        algorithm: "sha256",
        value: commitmentDigest(salt, this.tree.root()),
        canonicalization: MERKLE_CANONICALIZATION,
      },
    ];
    this.tree = new Merkle();
  }

  private segment(at: number): SegmentRecord {
    if (this.current !== null) return this.current;
    const made: SegmentRecord = {
      number: this.segments.length + 1,
      openedAt: at,
      endedAt: at,
      first: 0,
      last: 0,
      records: 0,
      failed: 0,
      head: null,
      decisions: new Map(),
      commitments: [],
    };
    this.segments.push(made);
    this.current = made;
    return made;
  }

  private count({ decisions }: SegmentRecord, kind: string, choice: Choice, code: string, at: number): void {
    const key = `${kind}\n${choice}\n${code}`;
    const same = decisions.get(key);
    if (same !== undefined) same.count++;
    else if (decisions.size < MAX_DECISIONS) decisions.set(key, { kind, choice, code, count: 1, at });
    else this.countRest(decisions, at);
  }

  /** More codes than anybody reads: the rest is one number. */
  private countRest(decisions: Map<string, CountedDecision>, at: number): void {
    const rest = decisions.get("") ?? { kind: "other", choice: "monitor", code: "other", count: 0, at };
    rest.count++;
    decisions.set("", rest);
  }
}
