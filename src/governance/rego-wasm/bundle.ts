/**
 * Bundles that `opa build -t wasm` writes: a gzipped tar with `policy.wasm` and `data.json`.
 *
 * Bounded: nothing larger than {@link MAX_UNPACKED} is unpacked, and no file is written anywhere.
 */
import { gunzipSync } from "node:zlib";
import { parseJson } from "../../graph/json.ts";
import { isObject, object, type ObjectValue } from "../../graph/value.ts";

/** Most bytes of a bundle once it is unpacked. */
export const MAX_UNPACKED = 64 * 1024 * 1024;

/** The parts of a bundle that are used, or what is wrong with it. */
export type UnpackedBundle =
  | { readonly ok: true; readonly wasm: Uint8Array; readonly data: ObjectValue }
  | { readonly ok: false; readonly message: string };

/** Unpacks a bundle. Never throws. */
export function unpackBundle(bytes: Uint8Array): UnpackedBundle {
  let tar: Uint8Array;
  try {
    tar = gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED });
  } catch (problem) {
    return wrong(`it is no gzipped bundle of at most 64 MiB (${problem instanceof Error ? problem.message : "?"})`);
  }
  const files = tarFiles(tar);
  if (files === null) return wrong("it is no tar archive");
  const wasm = files.get("policy.wasm");
  if (wasm === undefined) return wrong("it has no policy.wasm; build it with `opa build -t wasm`");
  const text = files.get("data.json");
  if (text === undefined) return { ok: true, wasm, data: object() };
  const data = parseJson(new TextDecoder().decode(text));
  if (!data.ok || !isObject(data.value)) return wrong("its data.json is no JSON object");
  return { ok: true, wasm, data: data.value };
}

function wrong(message: string): UnpackedBundle {
  return { ok: false, message };
}

const BLOCK = 512;

/** Plain files of a tar archive by their name without a leading `./` or `/`; null for what is no archive. */
function tarFiles(tar: Uint8Array): ReadonlyMap<string, Uint8Array> | null {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= tar.length;) {
    const header = tar.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return files;
    const size = parseInt(fieldText(header, 124, 12).trim(), 8);
    if (!Number.isInteger(size) || size < 0 || at + BLOCK + size > tar.length) return null;
    const type = fieldText(header, 156, 1);
    const name = fieldText(header, 0, 100).replace(/^(?:\.?\/)+/, "");
    if (type === "0" || type === "") files.set(name, tar.subarray(at + BLOCK, at + BLOCK + size));
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files.size > 0 ? files : null;
}

function fieldText(header: Uint8Array, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}
