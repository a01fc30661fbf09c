/**
 * `signing_keys.json`: trusted public keys as a JWKS with status (spec/pipeline.md §6; RFC 7517, RFC 8037).
 *
 * Invariants: a set is read whole or not at all; a private member (`d`) makes it invalid, as do unknown and repeated
 * members, a repeated `kid` and a repeated key. No way of putting sets together loses a `revoked` mark, whichever
 * name the revoked key has elsewhere.
 */
import canonicalize from "canonicalize";
import { keyPurposes } from "../../effects/signing.ts";
import { fromBase64Url, toBase64Url } from "../../graph/base64url.ts";
import { environments } from "../../graph/posture.ts";
import { isArray, isObject, type ObjectValue, type Value } from "../../graph/value.ts";
import type { KeySet, TrustedKey } from "./model.ts";
import { repeatedMember } from "./repeated.ts";
import { isName, isPrincipalName, readJson, sha256, shown, textList, utcText, utcTime } from "./rules.ts";

/** Longest file, in bytes. */
export const MAX_KEY_SET = 1024 * 1024;
/** Most keys of one set. */
export const MAX_KEYS = 1000;
/** Most principals of one key. */
export const MAX_PRINCIPALS = 64;

/** Begins the name under which a revoked key is kept whose own name has become another key's. */
const REVOKED_NAME = "revoked:";

/** Codes of key sets that cannot be used; each decides Deny for whatever needed the set. */
export const keySetCodes = [
  "keys.too_large",
  "keys.decode",
  "keys.version",
  "keys.private_member",
  "keys.duplicate",
  "keys.member",
] as const;
export type KeySetCode = (typeof keySetCodes)[number];

/** Why a text is no key set. */
export interface KeySetProblem {
  readonly code: KeySetCode;
  readonly message: string;
}

export type ReadKeySet =
  { readonly ok: true; readonly keySet: KeySet } | { readonly ok: false; readonly problem: KeySetProblem };

/** A set that trusts nobody. */
export const noKeys: KeySet = { issuer: "local", fetchedAt: null, keys: new Map() };

/** Reads a file's bytes. Never throws. */
export function parseKeySet(bytes: Uint8Array): ReadKeySet {
  if (bytes.length > MAX_KEY_SET) return refused("keys.too_large", `it is larger than ${MAX_KEY_SET / 1024} KiB`);
  const json = readJson(bytes);
  if ("problem" in json) return refused("keys.decode", json.problem);
  if (!isObject(json.value)) return refused("keys.decode", "it is not a JSON object");
  const repeated = repeatedMember(json.text);
  if (repeated !== null)
    return refused("keys.duplicate", `the member \`${shown(repeated)}\` stands twice in one object`);
  try {
    return { ok: true, keySet: readSet(json.value) };
  } catch (stop) {
    if (stop instanceof Stop) return { ok: false, problem: stop.problem };
    throw stop;
  }
}

/** The file of a set: canonical JSON (RFC 8785), keys in order of `kid`, and a line break. */
export function serializeKeySet(keySet: KeySet): string {
  const keys = [...keySet.keys.values()].sort((a, b) => (a.kid < b.kid ? -1 : 1)).map(jwk);
  const fetched = keySet.fetchedAt === null ? null : utcText(keySet.fetchedAt);
  return `${canonicalize({ v: 1, issuer: keySet.issuer, fetched_at: fetched, keys })}\n`;
}

/** The fingerprint of a key: `sha256:` and hex over its raw 32 bytes. */
export function fingerprint(publicKey: Uint8Array): string {
  return sha256(publicKey);
}

/**
 * What is trusted when several sets are, the most trusted first. A `kid` means the key of the first set that has it,
 * and a key keeps the name it has there: a later set can neither put another key behind a name nor give a key a
 * second name (principals are counted, spec/runtime.md §7). Status is the worst that any set says of the key or of
 * its name: where two keys go by a revoked name, it cannot be told which one was meant.
 */
export function mergeKeySets(first: KeySet, ...others: readonly KeySet[]): KeySet {
  const merged = new Map<string, TrustedKey>();
  const names = new Map<string, string>();
  const all = [first, ...others].flatMap((set) => [...set.keys.values()]);
  const revoked = all.filter((key) => key.status === "revoked");
  const revokedNames = new Set(revoked.map((key) => key.kid));
  const revokedPrints = new Set(revoked.map((key) => fingerprint(key.publicKey)));
  for (const found of all) {
    const print = fingerprint(found.publicKey);
    const isRevoked = revokedNames.has(found.kid) || revokedPrints.has(print);
    const key: TrustedKey = isRevoked ? { ...found, status: "revoked" } : found;
    const name = names.get(print) ?? (merged.has(key.kid) ? null : key.kid);
    // Its name is another key's. Only the mark is kept, under a name that no credential can mean by mistake.
    const kid = name ?? (isRevoked ? `${REVOKED_NAME}${print}` : null);
    if (kid === null) continue;
    const before = merged.get(kid);
    merged.set(kid, before === undefined ? { ...key, kid } : worse(before, key));
    names.set(print, kid);
  }
  return { issuer: first.issuer, fetchedAt: first.fetchedAt, keys: merged };
}

/**
 * `next` in the place of `old`, as after a refresh: `next` says what is trusted, except that what `old` has revoked
 * stays revoked, also when `next` has forgotten it.
 */
export function replaceKeySet(old: KeySet, next: KeySet): KeySet {
  const revoked = [...old.keys.values()].filter((key) => key.status === "revoked");
  return mergeKeySets(next, { ...old, keys: new Map(revoked.map((key) => [key.kid, key])) });
}

const badness = { active: 0, retired: 1, revoked: 2 } as const;

function worse(key: TrustedKey, other: TrustedKey): TrustedKey {
  const status = badness[other.status] > badness[key.status] ? other.status : key.status;
  const times = [key.retiredAt, other.retiredAt].filter((at) => at !== null);
  return { ...key, status, retiredAt: times.length === 0 ? null : Math.min(...times) };
}

/** Ends the reading of a set; never leaves this module. */
class Stop extends Error {
  readonly problem: KeySetProblem;
  constructor(code: KeySetCode, why: string) {
    super(why);
    this.problem = refused(code, why).problem;
  }
}

function refused(code: KeySetCode, why: string): { readonly ok: false; readonly problem: KeySetProblem } {
  return { ok: false, problem: { code, message: `the key set cannot be used: ${why}` } };
}

const setMembers = ["v", "issuer", "fetched_at", "keys"];
const keyMembers = [
  "kid",
  "kty",
  "crv",
  "x",
  "alg",
  "use",
  "status",
  "principals",
  "purposes",
  "not_before",
  "retired_at",
  "environments",
];

function readSet(data: ObjectValue): KeySet {
  if (data["v"] !== 1n) throw new Stop("keys.version", "`v` must be 1");
  exact(data, setMembers, "");
  const { issuer, keys } = data;
  if (!isName(issuer)) throw new Stop("keys.member", "`issuer` must be a name without white space");
  if (keys === undefined || !isArray(keys)) throw new Stop("keys.member", "`keys` must be a list");
  if (keys.length > MAX_KEYS) throw new Stop("keys.too_large", `it holds more than ${MAX_KEYS} keys`);
  const read = new Map<string, TrustedKey>();
  const prints = new Set<string>();
  keys.forEach((item, index) => {
    const key = readKey(item, `keys[${index}]`);
    const print = fingerprint(key.publicKey);
    if (read.has(key.kid)) throw new Stop("keys.duplicate", `two keys have the \`kid\` \`${key.kid}\``);
    if (prints.has(print))
      throw new Stop("keys.duplicate", `the key \`${key.kid}\` stands there under another name too`);
    read.set(key.kid, key);
    prints.add(print);
  });
  return { issuer, fetchedAt: optionalTime(data, "fetched_at", ""), keys: read };
}

function readKey(data: Value, at: string): TrustedKey {
  if (!isObject(data)) throw new Stop("keys.member", `\`${at}\` must be an object`);
  if (Object.hasOwn(data, "d")) {
    throw new Stop(
      "keys.private_member",
      `\`${at}\` holds a private key (\`d\`): take it out, and use that key no more`,
    );
  }
  exact(data, keyMembers, `${at}.`);
  const fixed = { kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig" } as const;
  for (const [name, value] of Object.entries(fixed)) {
    if (data[name] !== value) throw new Stop("keys.member", `\`${at}.${name}\` must be \`${value}\``);
  }
  const { kid, x, status } = data;
  if (!isName(kid)) throw new Stop("keys.member", `\`${at}.kid\` must be a name of 1 to 128 visible characters`);
  const publicKey = typeof x === "string" ? fromBase64Url(x) : null;
  if (publicKey?.length !== 32)
    throw new Stop("keys.member", `\`${at}.x\` must be 32 bytes as base64url without padding`);
  if (kid.startsWith(REVOKED_NAME) && kid !== `${REVOKED_NAME}${fingerprint(publicKey)}`) {
    throw new Stop(
      "keys.member",
      `\`${at}.kid\` may begin with \`${REVOKED_NAME}\` only before the key's own fingerprint`,
    );
  }
  if (status !== "active" && status !== "retired" && status !== "revoked") {
    throw new Stop("keys.member", `\`${at}.status\` must be active, retired or revoked`);
  }
  const retiredAt = optionalTime(data, "retired_at", `${at}.`);
  if (status === "retired" && retiredAt === null) {
    throw new Stop("keys.member", `\`${at}.retired_at\` must say since when the key is retired`);
  }
  return {
    kid,
    publicKey,
    status,
    principals: list(
      data["principals"],
      `${at}.principals`,
      "principals such as `user:alice@example`",
      isPrincipalName,
    ),
    purposes: choices(data["purposes"], `${at}.purposes`, keyPurposes),
    notBefore: optionalTime(data, "not_before", `${at}.`),
    retiredAt,
    environments:
      (data["environments"] ?? null) === null
        ? null
        : choices(data["environments"], `${at}.environments`, environments),
  };
}

function exact(data: ObjectValue, members: readonly string[], prefix: string): void {
  const unknown = Object.keys(data).find((key) => !members.includes(key));
  if (unknown !== undefined) throw new Stop("keys.member", `unknown member \`${shown(`${prefix}${unknown}`)}\``);
}

function optionalTime(data: ObjectValue, name: string, prefix: string): number | null {
  const value = data[name] ?? null;
  if (value === null) return null;
  const at = utcTime(value);
  if (at === null) throw new Stop("keys.member", `\`${prefix}${name}\` must be null or an RFC 3339 time in UTC`);
  return at;
}

function choices<T extends string>(value: Value | undefined, at: string, values: readonly T[]): readonly T[] {
  const texts = list(value, at, `some of ${values.join(", ")}`, (text) => values.some((one) => one === text));
  return values.filter((one) => texts.includes(one));
}

function list(value: Value | undefined, at: string, what: string, test: (text: string) => boolean): readonly string[] {
  const texts = textList(value);
  if (texts === null || texts.length > MAX_PRINCIPALS || !texts.every(test) || new Set(texts).size !== texts.length) {
    throw new Stop("keys.member", `\`${at}\` must be a list, without repetition, of ${what}`);
  }
  return texts;
}

function jwk(key: TrustedKey): object {
  return {
    kid: key.kid,
    kty: "OKP",
    crv: "Ed25519",
    x: toBase64Url(key.publicKey),
    alg: "EdDSA",
    use: "sig",
    status: key.status,
    principals: key.principals,
    purposes: key.purposes,
    not_before: key.notBefore === null ? null : utcText(key.notBefore),
    retired_at: key.retiredAt === null ? null : utcText(key.retiredAt),
    environments: key.environments,
  };
}
