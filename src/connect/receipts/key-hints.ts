/**
 * Public keys that stand beside receipts (`keys/<hex>.json`, JWK of RFC 8037). They help to check signatures; they are
 * never a reason to trust one. A file that is not exactly the key of its name is as good as absent.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fromBase64Url } from "../../graph/base64url.ts";
import { systemCode } from "../journal/problem.ts";
import { fingerprintOfName } from "./names.ts";

const MAX_KEY_FILE = 4096;
const MAX_KEYS = 1000;

/** A public key found beside receipts. */
export interface KeyHint {
  readonly kid: string;
  /** Raw Ed25519 key. */
  readonly publicKey: Uint8Array;
}

/** The keys beside the receipts of a directory. */
export function readKeyHints(directory: string): readonly KeyHint[] {
  const folder = join(directory, "keys");
  const names = attempt(() => readdirSync(folder), []);
  return names
    .filter((name) => fingerprintOfName(name) !== null)
    .slice(0, MAX_KEYS)
    .flatMap((name) => {
      const file = join(folder, name);
      const text = attempt(() => {
        const stat = statSync(file);
        return !stat.isFile() || stat.size > MAX_KEY_FILE ? "" : readFileSync(file, "utf8");
      }, "");
      const key = parseKeyHint(text);
      return key !== null && fingerprintOfName(name) === printOf(key.publicKey) ? [key] : [];
    });
}

/** A JWK with an Ed25519 public key; null for anything else. */
export function parseKeyHint(text: string): KeyHint | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    // Not JSON, so not a key.
    return null;
  }
  if (typeof data !== "object" || data === null) return null;
  const { kty, crv, kid, x } = data as Readonly<Record<string, unknown>>;
  if (kty !== "OKP" || crv !== "Ed25519" || typeof kid !== "string" || typeof x !== "string") return null;
  const publicKey = fromBase64Url(x);
  return publicKey?.length === 32 ? { kid, publicKey } : null;
}

function printOf(key: Uint8Array): string {
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return otherwise;
  }
}
