/**
 * Keys of receipts (spec/skill-graph.md §6.5, R10; spec/runtime.md §8): who signs them here, and whose signatures a
 * verifier believes.
 *
 * Invariants: without any configuration a local key of the user is made once and used from then on; a key found only
 * in a bundle is never among the believed ones.
 */
import path from "node:path";
import { lookup, type Environment } from "../config/problem.ts";
import { fileRules } from "../connect/keys/files.ts";
import { refuse } from "../connect/keys/problem.ts";
import { createKey, memorySigner, readStoredKey, storedSigner, type PassphrasePrompt } from "../connect/keys/store.ts";
import { readSet } from "../connect/keys/trust.ts";
import type { Signer } from "../effects/signing.ts";
import { fingerprint } from "../governance/credentials/key-set.ts";
import { fromBase64 } from "../graph/bytes.ts";
import { isName } from "../governance/credentials/rules.ts";
import { keyPlacesIn, keySetCodec, type KeyOutcome, type KeyPins } from "./key-places.ts";

/** Who seals receipts here. */
export interface ReceiptSigner {
  readonly signer: Signer;
  /** `issuer.type` of the receipts. */
  readonly issuerType: "local" | "hosted" | "ci";
}

const signNames = [
  "RUNX_RECEIPT_SIGN_KID",
  "RUNX_RECEIPT_SIGN_ED25519_SEED_BASE64",
  "RUNX_RECEIPT_SIGN_ISSUER_TYPE",
] as const;

/**
 * The signer of receipts: the key in the three `RUNX_RECEIPT_SIGN_*` variables (all or none), else the user's local key,
 * which is made on first use (mode 0600, no passphrase, issuer type `local`). `configFolder` null: no home, so only the
 * variables can help. `principal` is written into a key that is made.
 */
export async function receiptSigner(
  env: Environment,
  configFolder: string | null,
  principal = "user:local",
): Promise<KeyOutcome<ReceiptSigner>> {
  const [kid, seed, issuerType] = signNames.map((name) => trimmed(env, name));
  if (kid === null && seed === null && issuerType === null) return localSigner(configFolder, principal);
  const missing = signNames.filter((name) => trimmed(env, name) === null);
  if (missing.length > 0) {
    return config("config_incomplete", `${missing.join(", ")}: is missing; set all of ${signNames.join(", ")} or none`);
  }
  if (!isName(kid)) return config("config_value", `${signNames[0]}: must be a name without white space`);
  if (issuerType !== "hosted" && issuerType !== "ci") {
    return config("config_value", `${signNames[2]}: expects \`hosted\` or \`ci\``);
  }
  const bytes = seed === null || seed === undefined ? undefined : fromBase64(seed);
  if (bytes?.length !== 32) return config("config_value", `${signNames[1]}: must be 32 bytes in base64`);
  const label = { kid, principal: `${issuerType}:${kid}`, purposes: ["receipt", "manifest"] as const };
  return { ok: true, value: { signer: memorySigner(bytes, label), issuerType } };
}

/** The file of the local key of receipts, below the configuration folder. */
const LOCAL_NAME = "local-receipt";

async function localSigner(configFolder: string | null, principal: string): Promise<KeyOutcome<ReceiptSigner>> {
  if (configFolder === null) {
    return refuse(
      "keys.missing",
      "receipts need a key: set HOME or XDG_CONFIG_HOME, where a local one can be kept, or the RUNX_RECEIPT_SIGN_* variables",
    );
  }
  const { own } = keyPlacesIn(configFolder);
  const file = path.join(own, `${LOCAL_NAME}.key`);
  let key = await readStoredKey(file);
  if (!key.ok && key.problem.code === "keys.missing") {
    key = await createKey(own, {
      kid: null,
      prefix: "local",
      fileName: LOCAL_NAME,
      principal,
      purposes: ["receipt", "manifest"],
      passphrase: null,
      at: Date.now(),
    });
    // Another run made it in the meantime.
    if (!key.ok && key.problem.code === "keys.exists") key = await readStoredKey(file);
  }
  return key.ok ? { ok: true, value: { signer: storedSigner(key.value, nobody), issuerType: "local" } } : key;
}

/** A local key has no passphrase; one that was given one by hand cannot seal unattended runs. */
const nobody: PassphrasePrompt = () => Promise.resolve(null);

/** A public key that a verifier of receipts believes. */
export interface VerifierKey {
  readonly kid: string;
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly fingerprint: string;
  readonly status: "active" | "retired" | "revoked";
  /** Milliseconds since 1970; null: no such bound. */
  readonly notBefore: number | null;
  readonly retiredAt: number | null;
  /** Why it is believed. */
  readonly source: "environment" | "trust store" | "own key";
}

/** What a verifier believes: keys, and fingerprints of keys that it may find elsewhere (`--trust-root`, `[keys] trust`). */
export interface VerifierKeys {
  readonly keys: readonly VerifierKey[];
  readonly pins: ReadonlySet<string>;
}

const verifyNames = ["RUNX_RECEIPT_VERIFY_KID", "RUNX_RECEIPT_VERIFY_ED25519_PUBLIC_KEY_BASE64"] as const;

/**
 * The keys whose receipts count here: the one of the two `RUNX_RECEIPT_VERIFY_*` variables, those of the user's trust
 * store with the purpose `receipt`, and this user's own local key. A revoked one is listed, so that it can be named.
 */
export async function receiptVerifierKeys(
  env: Environment,
  configFolder: string | null,
  pins: Pick<KeyPins, "fingerprints"> = { fingerprints: new Set() },
  trustRoots: readonly string[] = [],
): Promise<KeyOutcome<VerifierKeys>> {
  const keys: VerifierKey[] = [];
  const [kid, text] = verifyNames.map((name) => trimmed(env, name));
  if (typeof kid === "string" || typeof text === "string") {
    if (typeof kid !== "string" || typeof text !== "string") {
      return config("config_incomplete", `set both ${verifyNames.join(" and ")} or none`);
    }
    const publicKey = fromBase64(text);
    if (!isName(kid)) return config("config_value", `${verifyNames[0]}: must be a name without white space`);
    if (publicKey?.length !== 32) return config("config_value", `${verifyNames[1]}: must be 32 bytes in base64`);
    keys.push(believed({ kid, publicKey }, "environment"));
  }
  if (configFolder !== null) {
    const places = keyPlacesIn(configFolder);
    const trust = await readSet(places.trust, keySetCodec, fileRules.trust);
    if (!trust.ok) return trust;
    for (const key of trust.value.keys.values()) {
      if (!key.purposes.includes("receipt") && key.status !== "revoked") continue;
      const { status, notBefore, retiredAt } = key;
      keys.push({ ...believed(key, "trust store"), status, notBefore, retiredAt });
    }
    const own = await readStoredKey(path.join(places.own, `${LOCAL_NAME}.key`));
    if (own.ok) {
      const key = believed(own.value, "own key");
      if (!keys.some((one) => one.fingerprint === key.fingerprint)) keys.push(key);
    } else if (own.problem.code !== "keys.missing") return own;
  }
  return { ok: true, value: { keys, pins: new Set([...pins.fingerprints, ...trustRoots]) } };
}

function believed(
  key: { readonly kid: string; readonly publicKey: Uint8Array },
  source: VerifierKey["source"],
): VerifierKey {
  const { kid, publicKey } = key;
  return {
    kid,
    publicKey,
    fingerprint: fingerprint(publicKey),
    status: "active",
    notBefore: null,
    retiredAt: null,
    source,
  };
}

function trimmed(env: Environment, name: string): string | null {
  const value = lookup(env, name)?.value.trim() ?? "";
  return value === "" ? null : value;
}

function config(code: "config_value" | "config_incomplete", message: string): KeyOutcome<never> {
  return { ok: false, problem: { code, message } };
}
