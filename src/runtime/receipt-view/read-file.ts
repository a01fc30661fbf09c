/**
 * A file -> everything that is needed to show it as receipts, verified: one receipt with what is below it in its folder,
 * a bundle, or an attestation (docs/receipts.md). Reads only.
 *
 * A receipt is held against what of its tree stands beside it; a run's receipt under the name of a store's file is never
 * alone, so there a missing child is a finding. One that was copied out of a run is checked by itself, and that is said.
 */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { systemCode } from "../../connect/journal/problem.ts";
import { readEnvelope } from "../../connect/receipts/envelopes.ts";
import { receiptIdOfName } from "../../connect/receipts/names.ts";
import { differencesOf, differenceWords } from "../../receipts/export/differences.ts";
import type { RunFacts } from "../../receipts/export/facts.ts";
import { readExport, type ReadExport } from "../../receipts/export/read.ts";
import { groveOf } from "../../receipts/forest.ts";
import { MAX_BUNDLE_BYTES } from "../../receipts/export/bundle.ts";
import { receiptIdOf, type Receipt } from "../../receipts/model.ts";
import { verifyTree, type SuppliedReceipt, type TreeVerified } from "../../receipts/tree.ts";
import type { VerifyOptions } from "../../receipts/verify-one.ts";
import { readExportFile } from "../export-file.ts";
import { readById, readReceiptAt } from "../receipts.ts";
import { verifyExport } from "../verify.ts";
import { aboutTrust } from "./standing.ts";
import { readTree, verifyRead, type ReadTree } from "./read-tree.ts";
import { ReceiptIndex, runIdOf } from "./store-index.ts";
import type { Trust } from "./trust.ts";
import { whyUnreadable, type Unreadable } from "./unreadable.ts";

/** Envelopes beside receipts that are read for their record; larger ones are left alone. Bytes. */
const MAX_RECORD = 16 * 1024 * 1024;
/** Changes that are told of one receipt. */
const MAX_CHANGES = 20;
const MAX_ALL_CHANGES = 200;
/** Parents that are followed upwards. */
const MAX_ABOVE = 64;

/** A field that is not as it was signed. */
export interface ChangedField {
  readonly receipt: string;
  readonly path: string;
  readonly message: string;
}

/** A file that was read as receipts. */
export interface ReadFile {
  readonly type: "receipts";
  readonly file: string;
  readonly form: "receipt" | "bundle" | "attestation";
  /** The receipt that the file is of, or the root of a bundle. */
  readonly root: SuppliedReceipt;
  readonly others: readonly SuppliedReceipt[];
  readonly verified: TreeVerified;
  /** Found by holding receipts against the attestation beside them. */
  readonly changed: readonly ChangedField[];
  /** What the run's record says; null where no verified one is at hand. */
  readonly facts: RunFacts | null;
  readonly exported: ReadExport | null;
  /** The id of the run's own receipt as far as it is at hand, and the run that it names. */
  readonly top: { readonly id: string; readonly runId: string | null };
  /** The receipt above, where it is at hand. */
  readonly above: { readonly id: string; readonly file: string; readonly receipt: Receipt } | null;
  /** Sentences about what was not looked at. */
  readonly notes: readonly string[];
  /** Why nothing can be believed; null for nothing. */
  readonly trustProblem: string | null;
}

/** What came of reading a file. */
export type FileRead = ReadFile | ({ readonly type: "unreadable"; readonly file: string } & Unreadable);

/** Reads and verifies a file (absolute). `index` is that of the file's folder, where somebody keeps one. */
export async function readReceiptFile(file: string, trust: Trust, index?: ReceiptIndex): Promise<FileRead> {
  const unreadable = (why: Unreadable): FileRead => ({ type: "unreadable", file, ...why });
  const gone = sizeProblem(file);
  if (gone !== null) return unreadable(gone);
  const found = await readExportFile(file);
  if (found !== null) {
    if (!found.ok) return unreadable({ sentence: found.problem.message, details: [] });
    const { exported, unreadable: wrong } = found.value;
    if (exported === undefined) return unreadable(whyUnreadable(bytesOf(file), wrong[0]?.finding.message ?? ""));
    return ofExport(file, exported, trust);
  }
  const read = readReceiptAt(file);
  if (!read.ok) return unreadable({ sentence: read.problem.message, details: [] });
  const { single, receipts } = read.value;
  const [own] = receipts;
  if (single === null || !single.ok || own === undefined) {
    const message = single === null || single.ok ? "" : single.finding.message;
    return unreadable(whyUnreadable(bytesOf(file), message));
  }
  return ofReceipt(file, own, trust, index ?? new ReceiptIndex(path.dirname(file)));
}

/** What is too large to be read, or not to be read at all. */
function sizeProblem(file: string): Unreadable | null {
  try {
    const info = statSync(file);
    if (!info.isFile()) return { sentence: "This is no file.", details: [] };
    if (info.size <= MAX_BUNDLE_BYTES) return null;
    const most = MAX_BUNDLE_BYTES / 1024 / 1024;
    return { sentence: `The file has more than ${most} MiB, which no receipt or bundle has.`, details: [] };
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    const gone = code === "ENOENT";
    return { sentence: gone ? "The file is not there any more." : `The file cannot be read (${code}).`, details: [] };
  }
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return new Uint8Array();
  }
}

async function ofExport(file: string, exported: ReadExport, trust: Trust): Promise<FileRead> {
  const options = await trust.optionsFor(null, exported.keys);
  const verified = verifyExport(exported, file, options);
  const { root, others, statement } = exported;
  return {
    type: "receipts",
    file,
    form: exported.kind === "bundle" ? "bundle" : "attestation",
    ...{ root, others, verified, exported },
    changed: [],
    facts: statement.predicate.run,
    top: { id: root.receipt.id, runId: runIdOf(root.receipt) },
    above: null,
    notes: [],
    trustProblem: trust.problem,
  };
}

async function ofReceipt(file: string, own: SuppliedReceipt, trust: Trust, index: ReceiptIndex): Promise<FileRead> {
  const directory = path.dirname(file);
  const named = receiptIdOfName(path.basename(file));
  const stored = named === null ? null : readById(directory, named);
  // Read as the store reads it, a file under another receipt's name is a finding.
  const root = stored !== null && "receipt" in stored ? stored : own;
  const { id, lineage } = root.receipt;
  const list = await index.list();
  const all = list.trees.flatMap((tree) => [tree.root, ...tree.others]);
  const claim = groveOf(all, id)?.others.map((one) => one.named) ?? [];
  const tree = await readTree(directory, root, claim);
  const parent = lineage?.parent === undefined ? null : receiptIdOf(lineage.parent.uri);
  const above = parent === null ? null : receiptAt(directory, parent);
  const options = await trust.optionsFor(directory, []);
  const notes: string[] = [];
  let verified: TreeVerified;
  const children = lineage?.children.length ?? 0;
  if (tree.cut) notes.push("There are more receipts than can be looked at here; verify them on the command line.");
  const alone = tree.others.length === 0 && above === null && (named === null || parent !== null);
  if (!alone) verified = verifyRead(tree, above !== null, options);
  else {
    verified = aloneVerified(root, options);
    if (children > 0) notes.push(`Only this receipt was checked: the ${children} below it are not in its folder.`);
    else if (parent !== null) notes.push("Only this receipt was checked: it is a part of a run that is not here.");
  }
  const top = topOf(directory, root);
  const record = recordOf(directory, top.id, verified.fingerprints, options);
  return {
    type: "receipts",
    file,
    form: "receipt",
    ...{ root, others: tree.others, verified },
    changed: record === null ? [] : changedFields(tree, record),
    facts: record?.statement.predicate.run ?? null,
    exported: null,
    top: { id: top.id, runId: runIdOf(top) },
    above,
    notes,
    trustProblem: trust.problem,
  };
}

/** A receipt by itself: what it names elsewhere is not looked at. */
function aloneVerified(root: SuppliedReceipt, options: VerifyOptions): TreeVerified {
  const whole = verifyTree({ root, others: [], parentKnown: true }, options);
  const findings = whole.findings.filter(({ code }) => code !== "ChildReceiptMissing");
  return { ...whole, findings, integrity: findings.every(({ code }) => aboutTrust.has(code)) };
}

function receiptAt(directory: string, id: string): ReadFile["above"] {
  const read = readById(directory, id);
  if (read === null || !("receipt" in read) || read.file === null) return null;
  return { id, file: read.file, receipt: read.receipt };
}

/** The receipt at the top of the parent links. */
function topOf(directory: string, root: SuppliedReceipt): Receipt {
  let at = root.receipt;
  for (let step = 0; step < MAX_ABOVE; step++) {
    const parent = at.lineage?.parent === undefined ? null : receiptIdOf(at.lineage.parent.uri);
    const above = parent === null ? null : receiptAt(directory, parent);
    if (above === null) return at;
    at = above.receipt;
  }
  return at;
}

/** The attestation that a run was sealed with, if it holds by itself and is of a key that signed the receipts or is trusted. */
function recordOf(
  directory: string,
  top: string,
  fingerprints: readonly string[],
  options: VerifyOptions,
): ReadExport | null {
  const bytes = readEnvelope(directory, top);
  if (bytes === null || bytes.length > MAX_RECORD) return null;
  const read = readExport(bytes, null);
  if (!read.ok) return null;
  for (const { kid, publicKey } of read.value.keys) options.keys.add({ kid, publicKey, pinned: false });
  const { integrity, trust } = verifyExport(read.value, null, options);
  const known = read.value.envelope.signatures.every(({ keyid }) => fingerprints.includes(keyid));
  return integrity && (known || trust === "pinned") ? read.value : null;
}

/** Where receipts say something else than the attestation over them. */
function changedFields({ root, others }: ReadTree, record: ReadExport): readonly ChangedField[] {
  const signed = new Map([record.root, ...record.others].map(({ receipt }) => [receipt.id, receipt]));
  const changed: ChangedField[] = [];
  for (const { receipt, file } of [root, ...others]) {
    const named = file === null ? null : receiptIdOfName(path.basename(file));
    const was = signed.get(named ?? receipt.id) ?? signed.get(receipt.id);
    if (was === undefined) continue;
    for (const one of differencesOf(receipt, was, "", MAX_CHANGES))
      changed.push({ receipt: receipt.id, path: one.path, message: differenceWords(one) });
    if (changed.length >= MAX_ALL_CHANGES) break;
  }
  return changed.slice(0, MAX_ALL_CHANGES);
}
