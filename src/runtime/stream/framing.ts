/**
 * How records stand in a stream of bytes (spec/pipeline.md §1, `--frame`).
 *
 * - `lines`: a record ends at a line feed, which is not part of it; bytes after the last line feed are a record too;
 * - `len32`: four bytes, the length in network order, then the record.
 *
 * Boundary: pure. Invariants: writing what was read gives the same bytes (a missing last line feed aside), and no
 * more than one record and one chunk is ever held.
 */

/** The ways to frame records. */
export const framings = ["lines", "len32"] as const;
export type Framing = (typeof framings)[number];

/** Longest record, in bytes. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** Why bytes are no records. `at` is the number of the record, from 1. */
export interface FramingProblem {
  readonly code: "record.too_large" | "record.truncated";
  readonly message: string;
  readonly at: number;
}

const LINE_FEED = 0x0a;

/** Cuts chunks into records. After a problem it takes nothing any more. */
export class Unframer {
  private readonly framing: Framing;
  private readonly max: number;
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private count = 0;
  private failed: FramingProblem | null = null;

  constructor(framing: Framing, max = MAX_RECORD_BYTES) {
    this.framing = framing;
    this.max = max;
  }

  /** What made the stream unreadable; records before it are good. */
  get problem(): FramingProblem | null {
    return this.failed;
  }

  /** The records that end in this chunk, in order. */
  push(chunk: Uint8Array): Uint8Array[] {
    if (this.failed !== null) return [];
    return this.framing === "lines" ? this.lines(chunk) : this.lengths(chunk);
  }

  /** The record that the end of the stream ends, if there is one. */
  end(): Uint8Array[] {
    if (this.failed !== null || this.heldBytes === 0) return [];
    if (this.framing === "lines") return [this.take()];
    const { heldBytes } = this;
    this.refuse("record.truncated", `the stream ended ${heldBytes} bytes into it`);
    return [];
  }

  private lines(chunk: Uint8Array): Uint8Array[] {
    const records: Uint8Array[] = [];
    let from = 0;
    for (let to = chunk.indexOf(LINE_FEED); to >= 0; to = chunk.indexOf(LINE_FEED, from)) {
      this.hold(chunk.subarray(from, to));
      if (this.heldBytes > this.max) return this.tooLarge(records);
      records.push(this.take());
      from = to + 1;
    }
    this.hold(chunk.subarray(from));
    return this.heldBytes > this.max ? this.tooLarge(records) : records;
  }

  private lengths(chunk: Uint8Array): Uint8Array[] {
    this.hold(chunk);
    const records: Uint8Array[] = [];
    for (;;) {
      if (this.heldBytes < 4) return records;
      const all = this.join();
      const length = new DataView(all.buffer, all.byteOffset, 4).getUint32(0);
      if (length > this.max) return this.tooLarge(records);
      if (all.length < 4 + length) return records;
      this.count++;
      records.push(all.slice(4, 4 + length));
      this.held = [all.subarray(4 + length)];
      this.heldBytes = all.length - 4 - length;
    }
  }

  private hold(bytes: Uint8Array): void {
    // A copy (a Buffer's own slice would be none): who feeds us may use the chunk's memory again.
    if (bytes.length > 0) this.held.push(new Uint8Array(bytes));
    this.heldBytes += bytes.length;
  }

  private join(): Uint8Array {
    const [only] = this.held;
    if (only !== undefined && this.held.length === 1) return only;
    const all = new Uint8Array(this.heldBytes);
    let at = 0;
    for (const part of this.held) {
      all.set(part, at);
      at += part.length;
    }
    this.held = [all];
    return all;
  }

  private take(): Uint8Array {
    const record = this.heldBytes === 0 ? new Uint8Array(0) : this.join();
    this.held = [];
    this.heldBytes = 0;
    this.count++;
    return record;
  }

  private tooLarge(records: Uint8Array[]): Uint8Array[] {
    this.refuse("record.too_large", `it is longer than ${this.max} bytes`);
    return records;
  }

  private refuse(code: FramingProblem["code"], why: string): void {
    const at = this.count + 1;
    this.failed = { code, message: `record ${at} cannot be read: ${why}`, at };
    this.held = [];
    this.heldBytes = 0;
  }
}

/** A record as it leaves, framed as it came. */
export function framed(record: Uint8Array, framing: Framing): Uint8Array {
  const lead = framing === "len32" ? 4 : 0;
  const bytes = new Uint8Array(record.length + (framing === "len32" ? 4 : 1));
  bytes.set(record, lead);
  if (framing === "len32") new DataView(bytes.buffer).setUint32(0, record.length);
  else bytes[record.length] = LINE_FEED;
  return bytes;
}
