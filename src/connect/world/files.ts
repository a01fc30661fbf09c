/**
 * Effects fs.read, fs.write and fs.mkdir (spec/workflow.md §8.2, Decision D2).
 *
 * Results: fs.read {content, bytes}; fs.write {bytes}; fs.mkdir {}. Errors keep the path as authored:
 * `read <P>: …`, `write <P>: …`, `mkdir_p <D>: …`. The perform step opens the real path that was decided about
 * and follows no link on it.
 */
import { constants as limits, isUtf8 } from "node:buffer";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { Effect, EffectResult, PreparedEffect } from "../../effects/effect.ts";
import type { EffectScope, Performer } from "../../effects/seam.ts";
import { toolFailure, type Failure } from "../../graph/failure.ts";
import { object } from "../../graph/value.ts";
import { abortFailure } from "./abort.ts";
import { sha256 } from "./digest.ts";
import { errorText } from "./errno.ts";
import { resolveRealPath } from "./paths.ts";
import { makeFolders, openChecked, Swapped, type WalkMode } from "./walk.ts";

type FileEffect = Extract<Effect, { kind: "fs.read" | "fs.write" | "fs.mkdir" }>;

/** Options of {@link filePerformer}. */
export interface FileOptions {
  /** What relative paths are relative to. */
  readonly cwd: string;
  /** For tests of the way that systems without /proc take. */
  readonly mode?: WalkMode;
}

const READ_CHUNK = 64 * 1024;
const WRITE_CHUNK = 1024 * 1024;

/** Performs the file effects. */
export function filePerformer(options: FileOptions): Performer {
  return {
    prepare: (effect, scope) => prepareFile(effect as FileEffect, scope, options),
    perform: (prepared, scope, signal) => performFile(prepared, scope, signal, options),
  };
}

async function prepareFile(
  effect: FileEffect,
  scope: EffectScope,
  options: FileOptions,
): Promise<PreparedEffect | Failure> {
  const problem = (error: unknown) => toolFailure(scope.nodeKind, `${verb(effect)} ${effect.path}: ${wording(error)}`);
  if (effect.path === "") return problem(Object.assign(new Error("ENOENT"), { code: "ENOENT", errno: -2 }));
  try {
    const real = await resolveRealPath(effect.path, options.cwd);
    const description = { kind: effect.kind, path: effect.path, real_path: real };
    if (effect.kind !== "fs.write") return { effect, description, target: real };
    const bytes = contentBytes(effect.content);
    return {
      effect,
      description: {
        ...description,
        content_digest: bytes === null ? null : sha256(bytes),
        content_bytes: bytes === null ? null : bytes.length,
      },
      target: real,
    };
  } catch (error) {
    return problem(error);
  }
}

async function performFile(
  prepared: PreparedEffect,
  scope: EffectScope,
  signal: AbortSignal,
  options: FileOptions,
): Promise<EffectResult> {
  const effect = prepared.effect as FileEffect;
  const real = prepared.description["real_path"];
  const walk = options.mode === undefined ? {} : { mode: options.mode };
  const problem = (detail: string): EffectResult => ({ ok: false, failure: toolFailure(scope.nodeKind, detail) });
  if (typeof real !== "string") return problem(`${verb(effect)} ${effect.path}: the effect was not prepared`);
  if (signal.aborted) return { ok: false, failure: abortFailure(signal) };
  try {
    if (effect.kind === "fs.read") return await read(real, walk, signal);
    if (effect.kind === "fs.mkdir") {
      await makeFolders(real, walk);
      return { ok: true, value: object() };
    }
  } catch (error) {
    if (signal.aborted) return { ok: false, failure: abortFailure(signal) };
    return problem(`${verb(effect)} ${effect.path}: ${wording(error)}`);
  }
  const bytes = contentBytes(effect.content);
  if (bytes === null) return problem(`write ${effect.path}: there is no content to write`);
  try {
    await makeFolders(dirname(real), walk);
  } catch (error) {
    return problem(`mkdir_p ${dirname(effect.path)}: ${wording(error)}`);
  }
  try {
    return await write(real, bytes, walk, signal);
  } catch (error) {
    if (signal.aborted) return { ok: false, failure: abortFailure(signal) };
    return problem(`write ${effect.path}: ${wording(error)}`);
  }
}

async function read(real: string, walk: { mode?: WalkMode }, signal: AbortSignal): Promise<EffectResult> {
  const handle = await openChecked(real, constants.O_RDONLY, walk);
  try {
    await requirePlain(handle);
    const chunks: Buffer[] = [];
    let length = 0;
    for (;;) {
      signal.throwIfAborted();
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(READ_CHUNK), 0, READ_CHUNK, null);
      if (bytesRead === 0) break;
      length += bytesRead;
      if (length > limits.MAX_STRING_LENGTH) throw new Error("the file is larger than a text can be");
      chunks.push(buffer.subarray(0, bytesRead));
    }
    const all = Buffer.concat(chunks, length);
    if (!isUtf8(all)) throw new Error("stream did not contain valid UTF-8");
    return { ok: true, value: object({ content: all.toString("utf8"), bytes: BigInt(length) }) };
  } finally {
    await handle.close();
  }
}

async function write(
  real: string,
  bytes: Uint8Array,
  walk: { mode?: WalkMode },
  signal: AbortSignal,
): Promise<EffectResult> {
  // Truncated only once it is known to be a file.
  const handle = await openChecked(real, constants.O_WRONLY | constants.O_CREAT, walk);
  try {
    if (await requirePlain(handle)) await handle.truncate(0);
    for (let at = 0; at < bytes.length;) {
      signal.throwIfAborted();
      const { bytesWritten } = await handle.write(bytes, at, Math.min(WRITE_CHUNK, bytes.length - at), null);
      at += bytesWritten;
    }
    return { ok: true, value: object({ bytes: BigInt(bytes.length) }), usage: { bytesWritten: bytes.length } };
  } finally {
    await handle.close();
  }
}

/** True for a regular file, false for a character device; anything else is refused. */
async function requirePlain(handle: FileHandle): Promise<boolean> {
  const entry = await handle.stat();
  if (entry.isFile()) return true;
  if (entry.isCharacterDevice()) return false;
  if (entry.isDirectory()) throw Object.assign(new Error("EISDIR"), { code: "EISDIR", errno: -21 });
  throw new Error("it is neither a file nor a character device");
}

function contentBytes(content: string | Uint8Array | null): Uint8Array | null {
  return typeof content === "string" ? Buffer.from(content, "utf8") : content;
}

function verb(effect: FileEffect): string {
  if (effect.kind === "fs.read") return "read";
  return effect.kind === "fs.write" ? "write" : "mkdir_p";
}

function wording(error: unknown): string {
  return error instanceof Swapped ? error.message : errorText(error);
}
