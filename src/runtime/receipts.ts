/**
 * Receipts for the programs above the composition root: where they are kept, who signs them here, which keys a verifier
 * believes, and reading them from files and directories (spec/skill-graph.md §6.5, §6.7). Offline.
 */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Environment } from "../config/problem.ts";
import { systemCode } from "../connect/journal/problem.ts";
import { readKeyHints } from "../connect/receipts/key-hints.ts";
import { readReceiptFile, readReceiptFiles, type ReceiptFile } from "../connect/receipts/store.ts";
import type { Dialect } from "../graph/model.ts";
import type { ReadExport } from "../receipts/export/read.ts";
import type { Finding } from "../receipts/findings.ts";
import { KeyRing, type VerifierKey } from "../receipts/keyring.ts";
import { isSha256 } from "../receipts/model.ts";
import { MAX_RECEIPT_BYTES, parseReceipt, type ParsedReceipt } from "../receipts/parse.ts";
import type { SuppliedReceipt } from "../receipts/tree.ts";
import { configFolderOf, type KeyPins } from "./key-places.ts";
import type { Operator } from "./operator.ts";
import { receiptSigner, receiptVerifierKeys } from "./receipt-keys.ts";
import type { ReceiptSettings, SealProblem } from "./seal.ts";

export { forest, newestFirst, type Grove } from "../receipts/forest.ts";
export { isSha256, type Receipt } from "../receipts/model.ts";
export { verifyTree, type SuppliedReceipt } from "../receipts/tree.ts";
export { verifyOne, type VerifyOptions } from "../receipts/verify-one.ts";
export { treeReport, verdictOf, type TreeReport, type TreeVerdict, type Verdict } from "../receipts/verdict.ts";
export { parseReceipt, type ParsedReceipt } from "../receipts/parse.ts";

/** Where receipts of a run are kept; null: nowhere, so none are made. */
export interface ReceiptPlace {
  /** Absolute. */
  readonly directory: string;
  /** A flag or a variable names it. */
  readonly named: boolean;
}

/**
 * `--receipt-dir`, else RUNX_RECEIPT_DIR, else `receipts` in the state directory, else for skill graphs the project's
 * (`.runx/receipts`). Runs of the other dialects without a state directory keep none.
 */
export function receiptPlace(
  flag: string | null,
  env: Environment,
  operator: Pick<Operator, "runx" | "stateDir">,
  dialect: Dialect | null,
  cwd: string,
): ReceiptPlace | null {
  if (flag !== null) return { directory: path.resolve(cwd, flag), named: true };
  if ((env["RUNX_RECEIPT_DIR"] ?? "").trim() !== "")
    return { directory: path.resolve(cwd, operator.runx.receiptDir), named: true };
  if (operator.stateDir !== null) return { directory: path.join(operator.stateDir, "receipts"), named: false };
  if (dialect !== "skill") return null;
  return { directory: path.resolve(cwd, operator.runx.receiptDir), named: false };
}

/** How runs are sealed at a place. */
export function receiptSettings(place: ReceiptPlace, env: Environment, principal: string): ReceiptSettings {
  return { ...place, signer: () => receiptSigner(env, configFolderOf(env), principal) };
}

/** A fingerprint as people write it: `sha256:` and 64 hex digits, or the digits alone; null for anything else. */
export function fingerprintOf(text: string): string | null {
  const shown = text.trim().toLowerCase();
  const whole = shown.startsWith("sha256:") ? shown : `sha256:${shown}`;
  return isSha256(whole) ? whole : null;
}

/**
 * The keys a verifier has: those that the operator believes, and, unpinned, what stands in `hints` (directories of
 * receipts) or was `found` in a bundle. The user's own key checks signatures but is no pin: a receipt's reader decides whom to believe.
 */
export async function verifierKeys(
  env: Environment,
  pins: Pick<KeyPins, "fingerprints">,
  trustRoots: readonly string[],
  hints: readonly string[],
  found: readonly { readonly kid: string; readonly publicKey: Uint8Array }[] = [],
): Promise<{ readonly ok: true; readonly keys: KeyRing } | { readonly ok: false; readonly problem: SealProblem }> {
  const believed = await receiptVerifierKeys(env, configFolderOf(env), pins, trustRoots);
  if (!believed.ok) return believed;
  const keys: VerifierKey[] = believed.value.keys.map(({ kid, publicKey, status, notBefore, retiredAt, source }) => ({
    kid,
    publicKey,
    pinned: source !== "own key" && status !== "revoked",
    revoked: status === "revoked",
    notBefore,
    retiredAt,
  }));
  for (const directory of hints) {
    for (const { kid, publicKey } of readKeyHints(directory)) keys.push({ kid, publicKey, pinned: false });
  }
  for (const { kid, publicKey } of found) keys.push({ kid, publicKey, pinned: false });
  return { ok: true, keys: new KeyRing(keys, [...believed.value.pins]) };
}

/** A file that holds no readable receipt. */
export interface UnreadableFile {
  readonly file: string;
  readonly id: string | null;
  readonly finding: Finding;
}

/** What there is to verify: receipts that belong together or not, and what could not be read. */
export interface Verifiable {
  /** Where it was found, as it is shown. */
  readonly from: string;
  readonly receipts: readonly SuppliedReceipt[];
  readonly unreadable: readonly UnreadableFile[];
  /** The receipt that was asked for, when one was. */
  readonly wanted: string | null;
  /** How the wanted file itself was read, when a single file was named. */
  readonly single: ParsedReceipt | null;
  /** Directories in which public keys may stand beside the receipts. */
  readonly keyHints: readonly string[];
  /** A bundle or an envelope: what is in it besides receipts, keys among it. */
  readonly exported?: ReadExport;
}

export type VerifiableResult =
  | { readonly ok: true; readonly value: Verifiable }
  | { readonly ok: false; readonly problem: { readonly code: string; readonly message: string } };

/** Everything of a receipt directory. `wanted` names the receipt that was asked for by its whole id. */
export function readDirectory(directory: string, wanted: string | null = null): VerifiableResult {
  const files = readReceiptFiles(directory);
  if (!files.ok) return files;
  const receipts: SuppliedReceipt[] = [];
  const unreadable: UnreadableFile[] = [];
  for (const file of files.value) {
    const read = supplied(file);
    if ("receipt" in read) receipts.push(read);
    else unreadable.push(read);
  }
  const value = { from: directory, receipts, unreadable, wanted, single: null, keyHints: [directory] };
  return { ok: true, value };
}

/** One receipt of a directory by its whole id; null when there is none. */
export function readById(directory: string, id: string): SuppliedReceipt | UnreadableFile | null {
  const found = readReceiptFile(directory, id);
  return found.ok && found.value !== null ? supplied(found.value) : null;
}

/** One receipt's file, alone; its neighbours are read when its tree is wanted. */
export function readReceiptAt(file: string): VerifiableResult {
  const name = path.basename(file);
  let bytes: Uint8Array;
  try {
    if (statSync(file).size > MAX_RECEIPT_BYTES) return tooLarge(name);
    bytes = readFileSync(file);
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    return { ok: false, problem: { code: "receipts.io", message: `${file} cannot be read (${code})` } };
  }
  return { ok: true, value: oneOf(bytes, file, [path.dirname(file)]) };
}

/** A receipt that came as bytes, e.g. from standard input. */
export function oneOf(bytes: Uint8Array, file: string | null, keyHints: readonly string[]): Verifiable {
  const single = parseReceipt(bytes);
  const from = file ?? "standard input";
  const empty = { from, wanted: null, single, keyHints };
  if (!single.ok) return { ...empty, receipts: [], unreadable: [{ file: from, id: null, finding: single.finding }] };
  const { receipt, findings } = single;
  return { ...empty, receipts: [{ receipt, file, findings }], unreadable: [], wanted: receipt.id };
}

function supplied(file: ReceiptFile): SuppliedReceipt | UnreadableFile {
  if (!file.ok) {
    const finding: Finding = { code: "ReceiptParseError", path: "$", message: file.message };
    return { file: file.file, id: file.id, finding };
  }
  const parsed = parseReceipt(file.bytes);
  if (!parsed.ok) return { file: file.file, id: file.id, finding: parsed.finding };
  const findings = [...parsed.findings];
  if (parsed.receipt.id !== file.id) {
    const message = `the file is named for ${file.id}, the receipt says it is ${parsed.receipt.id}`;
    findings.push({ code: "ReceiptFileNameMismatch", path: "id", message });
  }
  return { receipt: parsed.receipt, file: file.file, findings };
}

function tooLarge(name: string): VerifiableResult {
  const message = `${name} has more than ${MAX_RECEIPT_BYTES} bytes, which no receipt has`;
  return { ok: false, problem: { code: "receipts.too_large", message } };
}
