/**
 * What `countersign keys` does: the user's own keys and trust store, made, read and changed (docs/keys.md). Asking a
 * person is the command's business; nothing here trusts, revokes or signs by itself.
 *
 * Invariant: a revocation is never undone, and a trusted name never comes to mean another key.
 */
import path from "node:path";
import { fileRules, readKeyFile } from "../connect/keys/files.ts";
import { MAX_PASSPHRASE, type ScryptCost, type StoredKey } from "../connect/keys/private-key.ts";
import { refuse, type KeyFileProblem } from "../connect/keys/problem.ts";
import { createKey, listKeys } from "../connect/keys/store.ts";
import { changeSet, readSet } from "../connect/keys/trust.ts";
import type { KeyPurpose } from "../effects/signing.ts";
import { fingerprint, serializeKeySet } from "../governance/credentials/key-set.ts";
import type { KeySet, TrustedKey } from "../governance/credentials/model.ts";
import type { EnvironmentName } from "../graph/posture.ts";
import { configFolderOf, keyPlacesIn, keySetCodec, type KeyOutcome, type KeyPlaces } from "./key-places.ts";
import { readKeySetFile } from "./keys.ts";

/** One of the user's own keys, without its private part. */
export interface OwnKey {
  readonly kid: string;
  readonly fingerprint: string;
  readonly principal: string;
  readonly purposes: readonly KeyPurpose[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly file: string;
  /** It has a passphrase. */
  readonly locked: boolean;
  /** As a trust store would hold it. */
  readonly asTrusted: TrustedKey;
}

/** A key as lists show it. */
export interface TrustView {
  readonly key: TrustedKey;
  readonly fingerprint: string;
}

/** The places of the user's keys, or how to name a home. */
export function keyPlacesOf(env: Readonly<Record<string, string | undefined>>): KeyOutcome<KeyPlaces> {
  const folder = configFolderOf(env);
  if (folder !== null) return { ok: true, value: keyPlacesIn(folder) };
  return refuse("keys.missing", "nothing says where keys are kept: set XDG_CONFIG_HOME or HOME to an absolute path");
}

/** The user's own keys, by file name, and the files there that cannot be used. */
export async function ownKeys(
  places: KeyPlaces,
): Promise<{ readonly keys: readonly OwnKey[]; readonly problems: readonly KeyFileProblem[] }> {
  const { keys, problems } = await listKeys(places.own);
  return { keys: keys.map(ownKey), problems };
}

/** Makes a key of the user. `kid` null makes a name from the fingerprint; `passphrase` null leaves the key without one. */
export async function makeOwnKey(
  places: KeyPlaces,
  wanted: {
    readonly kid: string | null;
    readonly principal: string;
    readonly purposes: readonly KeyPurpose[];
    readonly passphrase: string | null;
    readonly at: number;
    readonly cost?: ScryptCost;
  },
): Promise<KeyOutcome<OwnKey>> {
  const made = await createKey(places.own, { ...wanted, prefix: "key", fileName: null });
  return made.ok ? { ok: true, value: ownKey(made.value) } : made;
}

/** The trust store; the empty one when there is none. */
export async function trustStore(places: KeyPlaces): Promise<KeyOutcome<KeySet>> {
  return readSet(places.trust, keySetCodec, fileRules.trust);
}

/** The keys of a set as lists show them, by name. */
export function viewOf(keySet: KeySet): readonly TrustView[] {
  const keys = [...keySet.keys.values()].sort((a, b) => (a.kid < b.kid ? -1 : 1));
  return keys.map((key) => ({ key, fingerprint: fingerprint(key.publicKey) }));
}

/** What the user may want of the keys that are being trusted; null leaves what the source says. */
export interface TrustWish {
  readonly kid: string | null;
  readonly principals: readonly string[] | null;
  readonly purposes: readonly KeyPurpose[] | null;
  readonly environments: readonly EnvironmentName[] | null;
}

/**
 * The keys that `source` names: a file of a key set, or the name or fingerprint of an own key. What the source says of
 * them is only a proposal until a person has agreed.
 */
export async function proposedKeys(
  places: KeyPlaces,
  source: string,
  cwd: string,
  wish: TrustWish,
): Promise<KeyOutcome<readonly TrustView[]>> {
  const own = (await ownKeys(places)).keys.filter((key) => key.kid === source || key.fingerprint === source);
  let found: readonly TrustedKey[] = own.map((key) => key.asTrusted);
  if (found.length === 0) {
    if (source.startsWith("sha256:")) {
      return refuse(
        "keys.missing",
        `none of your own keys has the fingerprint ${source}; give the file that holds the key`,
      );
    }
    const read = await readKeySetFile(path.resolve(cwd, source));
    if (!read.ok) return read;
    if (read.value === null) return refuse("keys.missing", `there is no file and no own key \`${source}\``);
    found = [...read.value.keySet.keys.values()];
  }
  const named = found.filter((key) => wish.kid === null || key.kid === wish.kid);
  if (named.length === 0) {
    const which = wish.kid === null ? "holds no keys" : `holds no key \`${wish.kid}\``;
    return refuse("keys.missing", `${source} ${which}`);
  }
  const views = named.map((key) => ({
    fingerprint: fingerprint(key.publicKey),
    key: {
      ...key,
      principals: wish.principals ?? key.principals,
      purposes: wish.purposes ?? key.purposes,
      environments: wish.environments ?? key.environments,
    },
  }));
  return { ok: true, value: views };
}

/** A retired key stays so from the earliest time that is known, whoever proposes it again without knowing that. */
function stillRetired(key: TrustedKey, before: TrustedKey): TrustedKey {
  const times = [key.retiredAt, before.retiredAt].filter((at) => at !== null);
  return { ...key, status: "retired", retiredAt: times.length === 0 ? null : Math.min(...times) };
}

/**
 * Puts keys into the trust store; one that is there already is given its new principals, purposes and environments, and
 * stays retired when it is.
 */
export async function trustKeys(places: KeyPlaces, keys: readonly TrustedKey[]): Promise<KeyOutcome<KeySet>> {
  return changeSet(places.trust, keySetCodec, (before) => {
    const after = new Map(before.keys);
    for (const key of keys) {
      const print = fingerprint(key.publicKey);
      const named = after.get(key.kid);
      const same = [...after.values()].find((one) => fingerprint(one.publicKey) === print);
      if (same?.status === "revoked" || named?.status === "revoked") {
        return refuse(
          "keys.exists",
          `the key \`${key.kid}\` has been revoked here, which cannot be undone; make a new key`,
        );
      }
      if (named !== undefined && named !== same) {
        return refuse(
          "keys.exists",
          `another key is trusted as \`${key.kid}\` already (${fingerprint(named.publicKey)})`,
        );
      }
      if (same !== undefined && same.kid !== key.kid) {
        return refuse("keys.exists", `that key is trusted already, as \`${same.kid}\``);
      }
      after.set(key.kid, same?.status === "retired" ? stillRetired(key, same) : key);
    }
    return { ok: true, value: { ...before, keys: after } };
  });
}

/** The key that a name or fingerprint means: in the trust store, among the user's own, or in a set's file. */
export async function findKey(places: KeyPlaces, name: string, file: string | null): Promise<KeyOutcome<TrustView>> {
  const trust = await trustStore(places);
  if (!trust.ok) return trust;
  const sets: TrustView[] = [...viewOf(trust.value)];
  if (file !== null) {
    const read = await readKeySetFile(file);
    if (!read.ok) return read;
    if (read.value === null) return refuse("keys.missing", `there is no key set ${file}`, file);
    sets.push(...viewOf(read.value.keySet));
  }
  for (const key of (await ownKeys(places)).keys) sets.push({ key: key.asTrusted, fingerprint: key.fingerprint });
  const found = sets.find((one) => one.key.kid === name || one.fingerprint === name);
  if (found !== undefined) return { ok: true, value: found };
  return refuse("keys.missing", `no key \`${name}\` is known here; \`countersign keys list\` shows those that are`);
}

/** Marks a key in the trust store, where it is put if it is not there: revoked for good, or retired from `at` on. */
export async function endKey(
  places: KeyPlaces,
  key: TrustedKey,
  status: "revoked" | "retired",
  at: number,
): Promise<KeyOutcome<TrustedKey>> {
  const print = fingerprint(key.publicKey);
  let ended: TrustedKey = key;
  const changed = await changeSet(places.trust, keySetCodec, (before) => {
    const there = [...before.keys.values()].find((one) => fingerprint(one.publicKey) === print);
    if (there === undefined && before.keys.has(key.kid)) {
      return refuse(
        "keys.exists",
        `another key is trusted as \`${key.kid}\`; name the one you mean by its fingerprint`,
      );
    }
    const now = there ?? key;
    if (now.status === "revoked") return refuse("keys.exists", `the key \`${now.kid}\` has been revoked already`);
    // Retired again would let in what was signed in between.
    const since = now.retiredAt === null ? at : Math.min(at, now.retiredAt);
    ended = { ...now, status, retiredAt: since };
    return { ok: true, value: { ...before, keys: new Map(before.keys).set(now.kid, ended) } };
  });
  return changed.ok ? { ok: true, value: ended } : changed;
}

/**
 * The text of a public key set to give to others: the user's own keys, as the trust store has them where it does, or
 * the whole trust store. `kids` null takes all.
 */
export async function exportedSet(
  places: KeyPlaces,
  wanted: { readonly kids: readonly string[] | null; readonly trusted: boolean; readonly issuer: string },
): Promise<KeyOutcome<string>> {
  const trust = await trustStore(places);
  if (!trust.ok) return trust;
  const { keys, problems } = await ownKeys(places);
  const own = keys.map((key) => trust.value.keys.get(key.kid) ?? key.asTrusted);
  const all = wanted.trusted ? [...trust.value.keys.values()] : own;
  const missing = wanted.kids?.find((kid) => !all.some((key) => key.kid === kid));
  if (missing !== undefined) {
    const why = problems[0] === undefined ? "" : ` (${problems[0].message})`;
    return refuse("keys.missing", `there is no key \`${missing}\` to export${why}`);
  }
  const chosen = all.filter((key) => wanted.kids === null || wanted.kids.includes(key.kid));
  if (chosen.length === 0)
    return refuse("keys.missing", "there is no key to export; make one with `countersign keys init`");
  const keySet = { issuer: wanted.issuer, fetchedAt: null, keys: new Map(chosen.map((key) => [key.kid, key])) };
  return { ok: true, value: serializeKeySet(keySet) };
}

/** The passphrase in a file of mode 0600: its text without one final line break. */
export async function passphraseFile(file: string): Promise<KeyOutcome<string>> {
  const bytes = await readKeyFile(file, fileRules.private, 4 * MAX_PASSPHRASE + 2);
  if (!bytes.ok) return bytes;
  if (bytes.value === null) return refuse("keys.missing", `there is no file ${file}`, file);
  const text = new TextDecoder().decode(bytes.value).replace(/\r?\n$/, "");
  const problem = passphraseProblem(text);
  return problem === null ? { ok: true, value: text } : refuse("keys.passphrase", `${file}: ${problem}`, file);
}

/** Why a text cannot be a passphrase; null when it can. */
export function passphraseProblem(text: string): string | null {
  if (text === "") return "the passphrase is empty";
  return text.length > MAX_PASSPHRASE ? `the passphrase is longer than ${MAX_PASSPHRASE} characters` : null;
}

function ownKey(key: StoredKey): OwnKey {
  const { kid, principal, purposes, createdAt, file, locked, publicKey } = key;
  return {
    kid,
    fingerprint: fingerprint(publicKey),
    principal,
    purposes,
    createdAt,
    file,
    locked,
    asTrusted: {
      kid,
      publicKey,
      status: "active",
      principals: [principal],
      purposes,
      notBefore: null,
      retiredAt: null,
      environments: null,
    },
  };
}
