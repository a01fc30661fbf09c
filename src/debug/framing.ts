/**
 * Messages in a stream of bytes: `Content-Length: N`, an empty line, N bytes of JSON.
 *
 * Boundary: pure. Invariants: whatever the bytes are, nothing throws and no more than one header and one body are held;
 * what cannot be read becomes a problem, once, and reading goes on at the next header.
 */

/** Largest header and body, in bytes. */
const MAX_HEADER = 4096;
const MAX_BODY = 16 * 1024 * 1024;

/** One message, or what was wrong with the bytes. */
export type Framed =
  { readonly ok: true; readonly message: unknown } | { readonly ok: false; readonly problem: string };

const encoder = new TextEncoder();

/** The bytes of a message. */
export function frame(message: unknown): Uint8Array {
  const body = encoder.encode(JSON.stringify(message));
  const header = encoder.encode(`Content-Length: ${body.length}\r\n\r\n`);
  const whole = new Uint8Array(header.length + body.length);
  whole.set(header);
  whole.set(body, header.length);
  return whole;
}

/** See the header. */
export class FrameReader {
  private readonly header = new Uint8Array(MAX_HEADER);
  private headerLength = 0;
  /** The last four bytes of the header as a number. */
  private tail = 0;
  private complained = false;
  private body: Uint8Array | null = null;
  private filled = 0;
  /** Bytes of a body that is too large, still to be passed over. */
  private skip = 0;

  /** Takes the next bytes and gives what they complete. */
  feed(chunk: Uint8Array): Framed[] {
    const done: Framed[] = [];
    for (let at = 0; at < chunk.length;) {
      if (this.skip > 0) {
        const passed = Math.min(this.skip, chunk.length - at);
        this.skip -= passed;
        at += passed;
      } else if (this.body !== null) at += this.fill(this.body, chunk.subarray(at), done);
      else this.headerByte(chunk[at++] ?? 0, done);
    }
    return done;
  }

  private fill(body: Uint8Array, rest: Uint8Array, done: Framed[]): number {
    const part = rest.subarray(0, body.length - this.filled);
    body.set(part, this.filled);
    this.filled += part.length;
    if (this.filled === body.length) {
      this.body = null;
      done.push(parse(body));
    }
    return part.length;
  }

  private headerByte(byte: number, done: Framed[]): void {
    this.tail = ((this.tail << 8) | byte) >>> 0;
    if (this.headerLength === MAX_HEADER) {
      // Half of it is let go, so that a header that begins in all this is still found.
      this.header.copyWithin(0, MAX_HEADER / 2);
      this.headerLength = MAX_HEADER / 2;
      if (!this.complained) done.push({ ok: false, problem: "there is no `Content-Length` where a header should be" });
      this.complained = true;
    }
    this.header[this.headerLength++] = byte;
    if (this.tail === 0x0d0a0d0a) this.endHeader(done);
  }

  private endHeader(done: Framed[]): void {
    const text = new TextDecoder("latin1").decode(this.header.subarray(0, this.headerLength));
    this.headerLength = 0;
    this.tail = 0;
    const digits = /.*content-length:[ \t]*(\d{1,15})[ \t]*\r\n/is.exec(text)?.[1];
    if (digits === undefined) {
      if (!this.complained) done.push({ ok: false, problem: "a header has no `Content-Length`" });
      return;
    }
    this.complained = false;
    const length = Number(digits);
    if (length > MAX_BODY) {
      this.skip = length;
      done.push({ ok: false, problem: `a message of ${length} bytes is larger than ${MAX_BODY}` });
    } else if (length === 0) done.push({ ok: false, problem: "a message is empty" });
    else {
      this.body = new Uint8Array(length);
      this.filled = 0;
    }
  }
}

function parse(body: Uint8Array): Framed {
  try {
    return { ok: true, message: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as unknown };
  } catch {
    return { ok: false, problem: "a message is not JSON in UTF-8" };
  }
}
