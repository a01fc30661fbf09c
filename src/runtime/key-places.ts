/**
 * Where the user's keys stand, and the forms that all uses of keys share (docs/keys.md). See `keys.ts`.
 */
import path from "node:path";
import type { Environment } from "../config/problem.ts";
import { userConfigPath } from "../config/search.ts";
import type { SetCodec } from "../connect/keys/trust.ts";
import { MAX_KEY_SET, noKeys, parseKeySet, serializeKeySet } from "../governance/credentials/key-set.ts";
import type { KeySet } from "../governance/credentials/model.ts";

/** Something about keys, or why it cannot be had: a stable code and a sentence without key material. */
export type KeyOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly problem: { readonly code: string; readonly message: string; readonly file?: string };
    };

/** Name of a set of trusted keys beside a document, and in the user's configuration. */
export const KEY_SET_NAME = "signing_keys.json";

/** Where the user's keys stand (absolute paths). */
export interface KeyPlaces {
  /** The user's configuration folder. */
  readonly folder: string;
  /** Private keys. */
  readonly own: string;
  /** The trust store. */
  readonly trust: string;
}

/** The places below a configuration folder. */
export function keyPlacesIn(folder: string): KeyPlaces {
  return { folder, own: path.join(folder, "keys"), trust: path.join(folder, KEY_SET_NAME) };
}

/** The user's configuration folder as the environment names it (XDG); null when it names no home. */
export function configFolderOf(env: Environment): string | null {
  const file = userConfigPath(env);
  return file === null ? null : path.dirname(file);
}

/** How files of public keys are read and written. */
export const keySetCodec: SetCodec<KeySet> = {
  empty: noKeys,
  most: MAX_KEY_SET,
  parse: (bytes) => {
    const read = parseKeySet(bytes);
    return read.ok ? { ok: true, value: read.keySet } : { ok: false, message: read.problem.message };
  },
  serialize: serializeKeySet,
};

/** What `[keys] trust` of the user's configuration names: files (absolute) and fingerprints. */
export interface KeyPins {
  readonly files: readonly string[];
  /** Of key set files (bytes), or, for verifying receipts only, of keys. */
  readonly fingerprints: ReadonlySet<string>;
}
