/**
 * The hash chain of a run, line by line: what a line must be to follow the line before it. Readers, followers and
 * take-overs all check a journal with this one state.
 */
import { isUtf8 } from "node:buffer";
import type { JournalEvent } from "../../effects/events.ts";
import { decodeLine, FIRST_PREV, isNewer, sha256, type DecodedLine } from "./codec.ts";
import type { JournalProblem } from "./problem.ts";
import { broken, type Segment } from "./segment.ts";

/** What a line turned out to be. `unparsable`: torn, if nothing follows it. */
export type Link =
  | {
      readonly type: "event";
      readonly event: JournalEvent;
      readonly blobs: readonly { readonly key: string; readonly digest: string }[];
    }
  | { readonly type: "control" }
  | { readonly type: "unparsable"; readonly problem: JournalProblem }
  | { readonly type: "broken"; readonly problem: JournalProblem };

/** True for an unparsable line in which a whole line stands before another: its line feed was damaged, not torn. */
export function holdsWholeLine(bytes: Buffer): boolean {
  const starts = ['{"seq":', '{"journal":'];
  return starts.some((start) => {
    for (let at = bytes.indexOf(start, 1); at > 0; at = bytes.indexOf(start, at + 1)) {
      if (decodeLine(bytes.toString("utf8", 0, at - 1)).type !== "unparsable") return true;
    }
    return false;
  });
}

/** The state of a chain up to some line. */
export class Chain {
  /** SHA-256 of the last line. */
  head = FIRST_PREV;
  /** `seq` of the last event. */
  seq = 0;
  /** Bytes and lines of the current segment that were accepted. */
  offset = 0;
  line = 0;
  /** The current segment's owner has let go of it. */
  released = false;
  private path = "";
  private segment: Segment | null = null;
  private before = { head: FIRST_PREV, length: 0 };

  /** Goes on with the next segment. */
  enter(segment: Segment): void {
    this.before = { head: this.head, length: this.offset };
    this.segment = segment;
    this.path = segment.path;
    this.offset = 0;
    this.line = 0;
    this.released = false;
  }

  /** Takes the next line, without its line feed. The state moves only when the line is accepted. */
  accept(bytes: Buffer): Link {
    const decoded: DecodedLine = isUtf8(bytes)
      ? decodeLine(bytes.toString("utf8"))
      : { type: "unparsable", message: "this line is not UTF-8" };
    if (decoded.type === "unparsable") return { type: "unparsable", problem: this.problem(decoded.message) };
    const problem = this.check(decoded);
    if (problem !== null) return { type: "broken", problem };
    this.head = sha256(bytes);
    this.offset += bytes.length + 1;
    this.line++;
    if (decoded.type === "release") this.released = true;
    if (decoded.type !== "event") return { type: "control" };
    this.seq = decoded.event.seq;
    return { type: "event", event: decoded.event, blobs: decoded.blobs };
  }

  /** Where the last accepted line stands. */
  place(): { readonly file: string; readonly line: number } {
    return { file: this.path, line: this.line };
  }

  /** A break at the line after the last accepted one. */
  problem(message: string): JournalProblem {
    return broken(this.path, this.line + 1, message);
  }

  private check(decoded: Exclude<DecodedLine, { type: "unparsable" }>): JournalProblem | null {
    if (decoded.type === "wrong") return this.problem(decoded.message);
    if (decoded.type === "newer") return { ...this.problem(decoded.message), code: "journal.version" };
    if (decoded.prev !== this.head) return this.problem("the hash of the line before this one does not agree");
    if (this.released) return this.problem("the owner had let go of this segment before this line");
    const { segment } = this;
    if (segment === null) throw new TypeError("a chain enters a segment before it takes lines");
    if ((decoded.type === "header") !== (this.line === 0)) {
      return this.problem("a header is a segment's first line and no other");
    }
    if (decoded.type === "header") return null;
    if (decoded.type === "release")
      return decoded.epoch === segment.epoch ? null : this.problem("another segment's release");
    return this.checkEvent(decoded.event, segment);
  }

  private checkEvent(event: JournalEvent, segment: Segment): JournalProblem | null {
    if (event.seq !== this.seq + 1) return this.problem(`event ${event.seq} follows event ${this.seq}`);
    if (isNewer(event)) {
      const message = `written in journal version ${event.version}; use a newer program`;
      return { ...this.problem(message), code: "journal.version" };
    }
    const first = this.line === 1 && segment.header.after !== 0;
    if (event.type !== "segment.opened")
      return first ? this.problem("a later segment opens with segment.opened") : null;
    const { head, length } = this.before;
    const agrees = event.oldHead === head && event.oldLength === length && event.epoch === segment.epoch;
    return first && agrees ? null : this.problem("segment.opened does not agree with the segment before it");
  }
}
