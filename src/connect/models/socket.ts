/**
 * The `--intel-unix` transport: one connection per call, frames of a 4-byte little-endian length and UTF-8 JSON
 * (spec/workflow.md §9.3).
 */
import { createConnection } from "node:net";
import type { ModelEffect } from "../../effects/effect.ts";
import { durationText } from "../../graph/failure.ts";
import { abortFailure } from "../world/abort.ts";
import { onAbort } from "./abort.ts";
import { unanswered, type Backend, type Completion } from "./backend.ts";
import { readReply, requestText } from "./envelope.ts";
import { timerMs, transportText } from "./http.ts";

/** The largest frame that is sent or read. */
export const MAX_FRAME_BYTES = 16_777_216;
const HEADER_BYTES = 4;

/** The `default` backend over a Unix socket. */
export class SocketBackend implements Backend {
  readonly name = "default";
  readonly provider = "unix";
  readonly secret = null;
  readonly endpoint: string;
  private readonly timeoutMs: number;
  private calls = 0;

  constructor(path: string, timeoutMs: number) {
    this.endpoint = path;
    this.timeoutMs = timeoutMs;
  }

  model(effect: ModelEffect): string {
    return effect.tier;
  }

  maxTokens(effect: ModelEffect): number | null {
    return effect.maxTokens;
  }

  complete(effect: ModelEffect, signal: AbortSignal): Promise<Completion> {
    if (signal.aborted) return Promise.resolve({ ok: false, failure: abortFailure(signal) });
    const payload = Buffer.from(requestText(++this.calls, effect));
    if (payload.length > MAX_FRAME_BYTES)
      return Promise.resolve(unanswered(`write request: ${tooLarge(payload.length)}`));
    return this.exchange(payload, signal);
  }

  private exchange(payload: Buffer, signal: AbortSignal): Promise<Completion> {
    return new Promise((resolve) => {
      let stage = `dial ${this.endpoint}`;
      const reader = new FrameReader();
      const socket = createConnection({ path: this.endpoint });
      const timer = setTimeout(
        () => end(unanswered(`${stage}: timed out after ${durationText(this.timeoutMs)}`)),
        timerMs(this.timeoutMs),
      );
      const forget = onAbort(signal, () => end({ ok: false, failure: abortFailure(signal) }));
      function end(completion: Completion): void {
        clearTimeout(timer);
        forget();
        socket.destroy();
        resolve(completion);
      }
      socket.on("connect", () => {
        stage = "write request";
        const header = Buffer.alloc(HEADER_BYTES);
        header.writeUInt32LE(payload.length);
        socket.write(header);
        socket.write(payload, () => (stage = "read response"));
      });
      socket.on("data", (chunk) => {
        stage = "read response";
        const frame = reader.push(chunk);
        if (frame === null) return;
        end(typeof frame === "number" ? unanswered(`${stage}: ${tooLarge(frame)}`) : readReply(frame));
      });
      socket.on("error", (error) => end(unanswered(`${stage}: ${transportText(error)}`)));
      socket.on("end", () => end(unanswered(`read response: the connection was closed ${reader.progress()}`)));
      socket.on("close", () => end(unanswered(`${stage}: the connection was closed ${reader.progress()}`)));
    });
  }
}

function tooLarge(bytes: number): string {
  return `intelligence frame too large: ${bytes} bytes > ${MAX_FRAME_BYTES}`;
}

/** Puts one frame together from what a socket delivers. */
class FrameReader {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private length: number | null = null;

  /** The whole frame, its declared length when that is too large, or null while it is incomplete. */
  push(chunk: Buffer): Buffer | number | null {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    if (this.bytes < HEADER_BYTES) return null;
    this.length ??= Buffer.concat(this.chunks).readUInt32LE(0);
    if (this.length > MAX_FRAME_BYTES) return this.length;
    if (this.bytes < HEADER_BYTES + this.length) return null;
    return Buffer.concat(this.chunks).subarray(HEADER_BYTES, HEADER_BYTES + this.length);
  }

  progress(): string {
    if (this.length === null) return "before a reply began";
    return `after ${this.bytes - HEADER_BYTES} of ${this.length} bytes`;
  }
}
