/**
 * The user's own keys: a folder of mode 0700 with one file of mode 0600 per key.
 *
 * Boundary: the folder is given; nothing here knows where configuration stands. A private key leaves this folder only
 * as a {@link Signer}.
 */
import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { KeyPurpose, Signer } from "../../effects/signing.ts";
import { fileRules, readKeyFile, writeKeyFile } from "./files.ts";
import {
  defaultCost,
  isOwnKid,
  keyOf,
  MAX_PRIVATE_KEY,
  parseStoredKey,
  publicPart,
  sealKey,
  unlockKey,
  type KeyLabel,
  type ScryptCost,
  type StoredKey,
} from "./private-key.ts";
import { refuse, systemCode, type KeyFileProblem, type KeyResult } from "./problem.ts";

const SUFFIX = ".key";
/** Most files that are looked at. */
const MAX_FILES = 256;
/** Wrong passphrases before a signer gives up. */
const TRIES = 3;

/**
 * Asks a person for a key's passphrase; null when nobody answers. `again` after a wrong one. Never shows what is
 * typed.
 */
export type PassphrasePrompt = (key: KeyLabel, again: boolean) => Promise<string | null>;

/** The keys in a folder, and the files there that are none. */
export interface KeyListing {
  readonly keys: readonly StoredKey[];
  readonly problems: readonly KeyFileProblem[];
}

/** A key to be made. */
export interface NewKey {
  /** Null: made from the fingerprint. */
  readonly kid: string | null;
  /** Beginning of a name that is made, e.g. `key` or `local`. */
  readonly prefix: string;
  /** Name of the file, without its ending; null: the key's. */
  readonly fileName: string | null;
  readonly principal: string;
  readonly purposes: readonly KeyPurpose[];
  /** Null keeps the key without one. */
  readonly passphrase: string | null;
  readonly at: number;
  readonly cost?: ScryptCost;
}

/** Lists the keys, by name. A missing folder is an empty one. */
export async function listKeys(folder: string): Promise<KeyListing> {
  let names: readonly string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX) && !name.startsWith(".")).sort();
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { keys: [], problems: [] };
    const { problem } = refuse("keys.unreadable", `${folder} cannot be read (${code})`, folder);
    return { keys: [], problems: [problem] };
  }
  const keys: StoredKey[] = [];
  const problems: KeyFileProblem[] = [];
  for (const name of names.slice(0, MAX_FILES)) {
    const read = await readStoredKey(path.join(folder, name));
    if (read.ok) keys.push(read.value);
    else problems.push(read.problem);
  }
  if (names.length > MAX_FILES) {
    problems.push(
      refuse("keys.file_size", `${folder} holds more than ${MAX_FILES} keys; the rest is not read`, folder).problem,
    );
  }
  return { keys, problems };
}

/** The key in one file. */
export async function readStoredKey(file: string): Promise<KeyResult<StoredKey>> {
  const bytes = await readKeyFile(file, fileRules.private, MAX_PRIVATE_KEY);
  if (!bytes.ok) return bytes;
  if (bytes.value === null) return refuse("keys.missing", `there is no key in ${file}`, file);
  return parseStoredKey(bytes.value, file);
}

/** Makes a key and its file; never replaces one (`keys.exists`). */
export async function createKey(folder: string, wanted: NewKey): Promise<KeyResult<StoredKey>> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const seed = seedOf(privateKey);
  const publicKey = publicPart(privateKey);
  const kid = wanted.kid ?? `${wanted.prefix}-${createHash("sha256").update(publicKey).digest("hex").slice(0, 16)}`;
  if (!isOwnKid(kid)) {
    return refuse(
      "keys.file_format",
      "a key's name must be 1 to 64 letters, digits, `.`, `_` or `-`, beginning with a letter or digit",
    );
  }
  const label: KeyLabel = {
    kid,
    principal: wanted.principal,
    purposes: wanted.purposes,
    createdAt: wanted.at,
    publicKey,
  };
  const file = path.join(folder, `${wanted.fileName ?? kid}${SUFFIX}`);
  const bytes = await sealKey(label, seed, wanted.passphrase, wanted.cost ?? defaultCost);
  const written = await writeKeyFile(file, bytes, { mode: 0o600, create: true });
  return written.ok ? parseStoredKey(bytes, file) : written;
}

/**
 * A signer with a stored key. The passphrase is asked for when the first signature is wanted, at most three times;
 * afterwards the opened key stays in this object's memory only.
 */
export function storedSigner(key: StoredKey, ask: PassphrasePrompt): Signer {
  let opened: Promise<KeyObject> | null = null;
  return {
    kid: key.kid,
    publicKey: key.publicKey,
    principal: key.principal,
    purposes: key.purposes,
    async sign(bytes) {
      opened ??= unlock(key, ask);
      try {
        return new Uint8Array(sign(null, bytes, await opened));
      } catch (problem) {
        opened = null;
        throw problem;
      }
    },
  };
}

/** A signer with a key that is held in memory. */
export function memorySigner(seed: Uint8Array, label: Omit<KeyLabel, "createdAt" | "publicKey">): Signer {
  const key = keyOf(seed);
  return {
    ...label,
    publicKey: publicPart(key),
    sign: (bytes) => Promise.resolve(new Uint8Array(sign(null, bytes, key))),
  };
}

async function unlock(key: StoredKey, ask: PassphrasePrompt): Promise<KeyObject> {
  if (!key.locked) {
    const plain = await unlockKey(key, null);
    if (plain.ok) return plain.value;
    throw new Error(plain.problem.message);
  }
  for (let tries = 0; tries < TRIES; tries++) {
    const passphrase = await ask(key, tries > 0);
    if (passphrase === null) throw new Error(`the key \`${key.kid}\` was not opened: no passphrase was given`);
    const opened = await unlockKey(key, passphrase);
    if (opened.ok) return opened.value;
  }
  throw new Error(`the key \`${key.kid}\` was not opened: the passphrase was wrong ${TRIES} times`);
}

function seedOf(key: KeyObject): Uint8Array {
  // The last 32 bytes of PKCS #8 (RFC 8410 §7).
  return new Uint8Array(key.export({ format: "der", type: "pkcs8" }).subarray(-32));
}
