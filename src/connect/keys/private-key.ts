/**
 * The file of one private key: versioned JSON, optionally under a passphrase (scrypt, then AES-256-GCM).
 *
 * ```
 * {"v":1,"kid","principal","purposes":[…],"created_at","public_key",
 *  "private":{"type":"plain","seed"} | {"type":"scrypt-aes-256-gcm","n","r","p","salt","nonce","sealed"}}
 * ```
 * Bytes are base64url. Under a passphrase the other members are authenticated too, so a key cannot be given another
 * owner or purpose; without one, the seed must belong to `public_key`.
 *
 * Boundary: pure bytes and processor time; files are read and written beside it. No error holds key material.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  scrypt,
  type KeyObject,
} from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import { keyPurposes, type KeyPurpose } from "../../effects/signing.ts";
import { fromBase64Url, toBase64Url } from "../../graph/base64url.ts";
import { refuse, type KeyResult } from "./problem.ts";

/** Longest file, in bytes. */
export const MAX_PRIVATE_KEY = 16 * 1024;
/** Longest passphrase, in UTF-16 units. */
export const MAX_PASSPHRASE = 1024;

/** What stands open in the file. */
export interface KeyLabel {
  readonly kid: string;
  readonly principal: string;
  readonly purposes: readonly KeyPurpose[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A key as its file has it; nothing is opened yet. */
export interface StoredKey extends KeyLabel {
  readonly file: string;
  /** A passphrase is needed. */
  readonly locked: boolean;
  /** The private part, to be opened by {@link unlockKey} only. */
  readonly sealed: SealedSeed;
}

/** Cost of scrypt: `n` is a power of two; memory is 128 · n · r bytes. */
export interface ScryptCost {
  readonly n: number;
  /** No other is used. */
  readonly r: 8;
  readonly p: number;
}

/** 128 MiB and about half a second: what OWASP asks of scrypt today. */
export const defaultCost: ScryptCost = { n: 2 ** 17, r: 8, p: 1 };

const bytesOf = (length: number) =>
  z.string().refine((text) => fromBase64Url(text)?.length === length, `must be ${length} bytes as base64url`);

// Bounds on cost keep a foreign file from taking the machine's memory.
const sealedSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("plain"), seed: bytesOf(32) }),
  z.strictObject({
    type: z.literal("scrypt-aes-256-gcm"),
    n: z
      .int()
      .min(2 ** 10)
      .max(2 ** 18)
      .refine((n) => Number.isInteger(Math.log2(n)), "must be a power of two"),
    r: z.literal(8),
    p: z.int().min(1).max(4),
    salt: bytesOf(16),
    nonce: bytesOf(12),
    sealed: bytesOf(48),
  }),
]);
export type SealedSeed = z.output<typeof sealedSchema>;

const visible = (most: number) => z.string().regex(new RegExp(`^[^\\s\\p{C}]{1,${most}}$`, "u"));
const fileSchema = z.strictObject({
  v: z.literal(1),
  kid: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  principal: visible(256),
  purposes: z
    .array(z.enum(keyPurposes as [KeyPurpose, ...KeyPurpose[]]))
    .min(1)
    .max(keyPurposes.length),
  created_at: z.iso.datetime(),
  public_key: bytesOf(32),
  private: sealedSchema,
});

/** True for a name that a key of ours can have: also the name of its file. */
export function isOwnKid(text: string): boolean {
  return fileSchema.shape.kid.safeParse(text).success;
}

/** Makes the file of a new key. `passphrase` null leaves the seed plain. */
export async function sealKey(
  label: KeyLabel,
  seed: Uint8Array,
  passphrase: string | null,
  cost: ScryptCost = defaultCost,
): Promise<Uint8Array> {
  const open = openMembers(label);
  const sealed: SealedSeed =
    passphrase === null ? { type: "plain", seed: toBase64Url(seed) } : await encrypt(open, seed, passphrase, cost);
  return canonicalBytes({ ...open, private: sealed });
}

/** Reads a key's file without opening the key. */
export function parseStoredKey(bytes: Uint8Array, file: string): KeyResult<StoredKey> {
  const broken = (why: string) =>
    refuse(
      "keys.file_format",
      `${file} is not a key of Countersign (${why}); it may be half a file: restore it or make a new key`,
      file,
    );
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return broken("it is not JSON");
  }
  const read = fileSchema.safeParse(data);
  if (!read.success) {
    const [issue] = read.error.issues;
    return broken(`\`${issue?.path.join(".") || "the file"}\` is not as it must be`);
  }
  const { kid, principal, purposes, created_at: created, public_key: x, private: sealed } = read.data;
  const publicKey = fromBase64Url(x) ?? new Uint8Array();
  const locked = sealed.type !== "plain";
  if (sealed.type === "plain") {
    const seed = fromBase64Url(sealed.seed) ?? new Uint8Array();
    if (toBase64Url(publicPart(keyOf(seed))) !== x) return broken("its public key is another key's");
  }
  return {
    ok: true,
    value: { kid, principal, purposes, createdAt: Date.parse(created), publicKey, file, locked, sealed },
  };
}

/** The private key, usable. A wrong passphrase and a changed file look the same, as they must. */
export async function unlockKey(key: StoredKey, passphrase: string | null): Promise<KeyResult<KeyObject>> {
  const { sealed, file } = key;
  if (sealed.type === "plain") return { ok: true, value: keyOf(fromBase64Url(sealed.seed) ?? new Uint8Array()) };
  const wrong = refuse(
    "keys.passphrase",
    `the passphrase does not open the key \`${key.kid}\`, or its file was changed`,
    file,
  );
  if (passphrase === null) return refuse("keys.passphrase", `the key \`${key.kid}\` needs its passphrase`, file);
  const seed = await decrypt(openMembers(key), sealed, passphrase);
  if (seed === null) return wrong;
  const opened = keyOf(seed);
  return toBase64Url(publicPart(opened)) === toBase64Url(key.publicKey) ? { ok: true, value: opened } : wrong;
}

/** The private key of a 32-byte seed. */
export function keyOf(seed: Uint8Array): KeyObject {
  // PKCS #8 of an Ed25519 key is a fixed beginning and the seed (RFC 8410 §7).
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

/** The raw 32 bytes of the public key that belongs to a private one. */
export function publicPart(key: KeyObject): Uint8Array {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return fromBase64Url(x ?? "") ?? new Uint8Array();
}

function canonicalBytes(data: object): Uint8Array {
  return new TextEncoder().encode(`${canonicalize(data)}\n`);
}

function openMembers(label: KeyLabel): Omit<z.output<typeof fileSchema>, "private"> {
  return {
    v: 1,
    kid: label.kid,
    principal: label.principal,
    purposes: [...label.purposes],
    created_at: new Date(label.createdAt).toISOString(),
    public_key: toBase64Url(label.publicKey),
  };
}

async function encrypt(open: object, seed: Uint8Array, passphrase: string, cost: ScryptCost): Promise<SealedSeed> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const { n, r, p } = cost;
  const head = {
    type: "scrypt-aes-256-gcm" as const,
    n,
    r,
    p,
    salt: toBase64Url(salt),
    nonce: toBase64Url(nonce),
  };
  const cipher = createCipheriv("aes-256-gcm", await derive(passphrase, salt, cost), nonce);
  cipher.setAAD(canonicalBytes({ ...open, private: head }));
  const sealed = Buffer.concat([cipher.update(seed), cipher.final(), cipher.getAuthTag()]);
  return { ...head, sealed: toBase64Url(sealed) };
}

async function decrypt(
  open: object,
  sealed: Extract<SealedSeed, { type: "scrypt-aes-256-gcm" }>,
  passphrase: string,
): Promise<Uint8Array | null> {
  const { sealed: text, ...head } = sealed;
  const bytes = fromBase64Url(text);
  const salt = fromBase64Url(head.salt);
  const nonce = fromBase64Url(head.nonce);
  if (bytes === null || salt === null || nonce === null || passphrase.length > MAX_PASSPHRASE) return null;
  const cipher = createDecipheriv("aes-256-gcm", await derive(passphrase, salt, head), nonce);
  cipher.setAAD(canonicalBytes({ ...open, private: head }));
  cipher.setAuthTag(bytes.subarray(32));
  try {
    return Buffer.concat([cipher.update(bytes.subarray(0, 32)), cipher.final()]);
  } catch {
    // The authentication tag does not fit.
    return null;
  }
}

function derive(passphrase: string, salt: Uint8Array, cost: ScryptCost): Promise<Buffer> {
  const { n: N, r, p } = cost;
  // The same letters may be typed in different ways.
  const text = passphrase.normalize("NFKC");
  return new Promise((resolve, reject) => {
    scrypt(text, salt, 32, { N, r, p, maxmem: 160 * N * r }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
