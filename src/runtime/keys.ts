/**
 * Keys put together: where they stand, which public keys count for approvals, and signers over the user's own
 * (spec/pipeline.md §5, §6; spec/runtime.md §7; docs/keys.md).
 *
 * Invariant: a key that came with a workspace counts in dev only, unless the operator has pinned exactly that file.
 */
import path from "node:path";
import type { ConfigFile } from "../config/file.ts";
import type { Environment } from "../config/problem.ts";
import type { StageEnvironment } from "../config/stage-environment.ts";
import { fileRules, readKeyFile, writeKeyFile, type FileRule } from "../connect/keys/files.ts";
import { refuse, type KeyResult } from "../connect/keys/problem.ts";
import { fetchKeySet } from "../connect/keys/refresh.ts";
import { listKeys, storedSigner, type PassphrasePrompt } from "../connect/keys/store.ts";
import { readSet } from "../connect/keys/trust.ts";
import type { KeyPurpose, Signer } from "../effects/signing.ts";
import {
  MAX_KEY_SET,
  mergeKeySets,
  noKeys,
  parseKeySet,
  replaceKeySet,
  serializeKeySet,
} from "../governance/credentials/key-set.ts";
import type { KeySet } from "../governance/credentials/model.ts";
import { sha256 } from "../governance/credentials/rules.ts";
import type { EnvironmentName } from "../graph/posture.ts";
import {
  configFolderOf,
  KEY_SET_NAME,
  keyPlacesIn,
  keySetCodec,
  type KeyOutcome,
  type KeyPins,
  type KeyPlaces,
} from "./key-places.ts";

export type { KeyLabel, StoredKey } from "../connect/keys/private-key.ts";
export {
  configFolderOf,
  KEY_SET_NAME,
  keyPlacesIn,
  type KeyOutcome,
  type KeyPins,
  type KeyPlaces,
} from "./key-places.ts";
export type { PassphrasePrompt } from "../connect/keys/store.ts";
export {
  receiptSigner,
  receiptVerifierKeys,
  type ReceiptSigner,
  type VerifierKey,
  type VerifierKeys,
} from "./receipt-keys.ts";

/** What decides which keys count for approvals. */
export interface KeyQuestion {
  readonly env: Environment;
  /** Against which `--approval-key-set` is resolved. */
  readonly cwd: string;
  /** `--approval-key-set`, or its variable; null: not given. */
  readonly keySetFlag: string | null;
  /** Folder of the document (absolute); null looks beside no document. */
  readonly documentFolder: string | null;
  readonly posture: EnvironmentName;
  /** The user's configuration file, if there is one. */
  readonly user: Pick<ConfigFile, "file" | "keys"> | null;
  /** The control plane, if its three variables are set. */
  readonly api: StageEnvironment["api"];
}

/** Something that a person should hear, and the audit keep; nothing stops for it. */
export interface KeyNotice {
  readonly code: "keys.refresh_failed" | "keys.not_pinned";
  readonly message: string;
}

/** The keys that count, and where they came from (files and addresses, the most trusted first). */
export interface ResolvedKeys {
  readonly keySet: KeySet;
  readonly sources: readonly { readonly from: string; readonly keys: number }[];
  readonly notices: readonly KeyNotice[];
}

/**
 * The keys that count for approvals. A set that is there and cannot be used is a problem (`keys.…`), never a smaller
 * set: then nothing is approved.
 */
export async function resolveApprovalKeys(question: KeyQuestion): Promise<KeyOutcome<ResolvedKeys>> {
  const found: { readonly from: string; readonly keySet: KeySet }[] = [];
  const notices: KeyNotice[] = [];
  const take = async (file: string, rule: FileRule, needed: boolean): Promise<KeyOutcome<null>> => {
    const read = await readKeySetFile(file, rule);
    if (!read.ok) return read;
    if (read.value === null) return needed ? refuse("keys.missing", `there is no key set ${file}`, file) : nothing;
    found.push({ from: file, keySet: read.value.keySet });
    return nothing;
  };
  const folder = configFolderOf(question.env);
  if (folder !== null) {
    const own = await take(keyPlacesIn(folder).trust, fileRules.trust, false);
    if (!own.ok) return own;
  }
  const pins = pinsOf(question.user);
  for (const file of pins.files) {
    const named = await take(file, fileRules.named, true);
    if (!named.ok) return named;
  }
  if (question.api !== null) {
    const fetched = await refreshKeys(question, folder);
    if (!fetched.ok) return fetched;
    if (fetched.value.notice !== null) notices.push(fetched.value.notice);
    found.push({ from: question.api.baseUrl, keySet: fetched.value.keySet });
  }
  if (question.keySetFlag !== null) {
    const named = await take(path.resolve(question.cwd, question.keySetFlag), fileRules.open, true);
    if (!named.ok) return named;
  } else if (question.documentFolder !== null) {
    const beside = await besideDocument(question.documentFolder, question.posture, pins);
    if (!beside.ok) return beside;
    if (beside.value !== null && "code" in beside.value) notices.push(beside.value);
    else if (beside.value !== null) found.push(beside.value);
  }
  const [first = noKeys, ...others] = found.map((one) => one.keySet);
  const sources = found.map(({ from, keySet }) => ({ from, keys: keySet.keys.size }));
  return { ok: true, value: { keySet: mergeKeySets(first, ...others), sources, notices } };
}

/** A key set's file, with the fingerprint of its bytes; null when there is none. Codes are those of `keySetCodes` and of key files. */
export async function readKeySetFile(
  file: string,
  rule: FileRule = fileRules.open,
): Promise<KeyOutcome<{ readonly keySet: KeySet; readonly digest: string } | null>> {
  const bytes = await readKeyFile(file, rule, MAX_KEY_SET);
  if (!bytes.ok) return bytes;
  if (bytes.value === null) return { ok: true, value: null };
  const read = parseKeySet(bytes.value);
  if (!read.ok) return { ok: false, problem: { ...read.problem, message: `${file}: ${read.problem.message}`, file } };
  return { ok: true, value: { keySet: read.keySet, digest: sha256(bytes.value) } };
}

/** Splits `[keys] trust`. Relative files are below the configuration file's folder. */
export function pinsOf(user: KeyQuestion["user"]): KeyPins {
  const entries = user?.keys.trust ?? [];
  const isPrint = (entry: string): boolean => entry.startsWith("sha256:");
  return {
    files: entries
      .filter((entry) => !isPrint(entry))
      .map((entry) => path.resolve(path.dirname(user?.file ?? ""), entry)),
    fingerprints: new Set(entries.filter(isPrint)),
  };
}

/**
 * A signer for `purpose` over one of the user's own keys: the one that is named, else the only one that has the purpose
 * (and the principal, if one is given). The passphrase is asked for at the first signature.
 */
export async function ownSigner(
  places: KeyPlaces,
  wanted: { readonly kid: string | null; readonly purpose: KeyPurpose; readonly principal: string | null },
  ask: PassphrasePrompt,
): Promise<KeyOutcome<Signer>> {
  const { keys, problems } = await listKeys(places.own);
  const fitting = keys.filter(
    (key) =>
      (wanted.kid === null || key.kid === wanted.kid) &&
      key.purposes.includes(wanted.purpose) &&
      (wanted.principal === null || key.principal === wanted.principal),
  );
  const [key, ...more] = fitting;
  if (key !== undefined && more.length === 0) return { ok: true, value: storedSigner(key, ask) };
  if (key !== undefined) {
    const names = fitting.map((one) => `\`${one.kid}\``).join(", ");
    return refuse("keys.missing", `several keys fit: ${names}; name one with --key`);
  }
  const named = wanted.kid === null ? "" : ` \`${wanted.kid}\``;
  const whose = wanted.principal === null ? "" : ` of ${wanted.principal}`;
  const broken = problems[0] === undefined ? "" : ` (${problems[0].message})`;
  return refuse(
    "keys.missing",
    `there is no key${named} for the purpose \`${wanted.purpose}\`${whose}; make one with \`countersign keys init\`${broken}`,
  );
}

const nothing = { ok: true, value: null } as const;

async function besideDocument(
  folder: string,
  posture: EnvironmentName,
  pins: KeyPins,
): Promise<KeyOutcome<{ readonly from: string; readonly keySet: KeySet } | KeyNotice | null>> {
  const file = path.join(folder, KEY_SET_NAME);
  // A pinned file has been read already, under its own rule.
  if (pins.files.includes(file)) return nothing;
  const read = await readKeySetFile(file);
  if (!read.ok || read.value === null) return read.ok ? nothing : read;
  const { keySet, digest } = read.value;
  if (posture === "dev" || pins.fingerprints.has(digest)) return { ok: true, value: { from: file, keySet } };
  const message = `${file} does not count in ${posture}: it came with the document and is not pinned; the operator pins it by \`[keys] trust = ["${digest}"]\` in the user's configuration, or names it with --approval-key-set`;
  return { ok: true, value: { code: "keys.not_pinned", message } };
}

/** Where the control plane answers below its address unless `[keys] refresh_path` says otherwise. */
export const DEFAULT_REFRESH_PATH = "/v1/signing-keys";

/**
 * The control plane's keys: fetched, put in the place of what was fetched before, or, when that fails, the ones of
 * last time. A revocation that was once seen stays.
 */
async function refreshKeys(
  question: KeyQuestion,
  folder: string | null,
): Promise<KeyOutcome<{ readonly keySet: KeySet; readonly notice: KeyNotice | null }>> {
  const { api, env, user } = question;
  if (api === null) return { ok: true, value: { keySet: noKeys, notice: null } };
  const file = folder === null ? null : path.join(folder, "fetched", `${sha256(api.baseUrl).slice(7, 23)}.json`);
  const local = file === null ? { ok: true as const, value: noKeys } : await readSet(file, keySetCodec);
  if (!local.ok) return local;
  const kept = (message: string): KeyOutcome<{ keySet: KeySet; notice: KeyNotice }> => {
    const used = local.value.keys.size === 0 ? "none are kept from before" : "those of last time are used";
    return {
      ok: true,
      value: { keySet: local.value, notice: { code: "keys.refresh_failed", message: `${message}; ${used}` } },
    };
  };
  const plane = {
    baseUrl: api.baseUrl,
    path: user?.keys.refreshPath ?? DEFAULT_REFRESH_PATH,
    agentId: api.agentId,
    apiKey: env[api.apiKeyVariable] ?? "",
  };
  const bytes = await fetchKeySet(plane, MAX_KEY_SET);
  if (!bytes.ok) return kept(bytes.problem.message);
  const read = parseKeySet(bytes.value);
  if (!read.ok) return kept(`the answer of ${api.baseUrl}: ${read.problem.message}`);
  const keySet = { ...replaceKeySet(local.value, read.keySet), fetchedAt: Date.now() };
  const written = file === null ? nothing : await keep(file, keySet);
  return written.ok ? { ok: true, value: { keySet, notice: null } } : kept(written.problem.message);
}

async function keep(file: string, keySet: KeySet): Promise<KeyResult<null>> {
  const bytes = new TextEncoder().encode(serializeKeySet(keySet));
  const again = parseKeySet(bytes);
  if (!again.ok) return refuse("keys.refresh_failed", again.problem.message, file);
  return writeKeyFile(file, bytes, { mode: 0o644, create: false });
}
