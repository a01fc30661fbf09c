/**
 * Sealing a run: its journal is folded into receipts, which are signed, stored, and noted in the run's folder
 * (spec/runtime.md §8).
 *
 * A run is sealed when it has ended, however it ended; a pause seals nothing. What is sealed is what the journal on disk
 * says, so whoever opens the state directory next seals the very same receipts for a run that ended without. A run that
 * was cut is sealed `killed`; resumed later, its last receipt names that one as `previous`.
 *
 * Sealing never changes how a run came out. A failure is a report with a code; the run stays unsealed and is tried again.
 */
import { randomBytes } from "node:crypto";
import path from "node:path";
import { nodeFiles } from "../connect/journal/file.ts";
import { isRunId, runFolder, runsFolder } from "../connect/journal/layout.ts";
import { journalProblemSentence, systemCode } from "../connect/journal/problem.ts";
import { readFolder } from "../connect/journal/reader.ts";
import { findRun } from "../connect/journal/runs.ts";
import { runSalt, sealedNote, writeSealedNote, type SealedNote } from "../connect/receipts/run-folder.ts";
import { writeEnvelope } from "../connect/receipts/envelopes.ts";
import { writeReceipts } from "../connect/receipts/store.ts";
import type { JournalEvent } from "../effects/events.ts";
import { toBase64Url } from "../graph/base64url.ts";
import { canonicalText } from "../receipts/canonical.ts";
import { envelopeText, jwkOf, signStatement, statementText } from "../receipts/export/attestation.ts";
import type { GraphOf } from "../receipts/declared.ts";
import { FactsFold, type RunFacts } from "../receipts/export/facts.ts";
import { RunFold } from "../receipts/fold.ts";
import { sealTree, type SealedReceipt } from "../receipts/link.ts";
import { receiptUri, type Reference } from "../receipts/model.ts";
import { sealPlan, type SealPlan } from "../receipts/seal.ts";
import { fingerprint, type ReceiptSigner } from "../receipts/sign.ts";
import { saltsOf, type Salts } from "../receipts/value-digest.ts";
import { auditSealed } from "./audit.ts";
import { PinnedActs } from "./declared-acts.ts";

/** Where receipts go, and who signs them. */
export interface ReceiptSettings {
  /** Absolute. */
  readonly directory: string;
  /** Somebody named the directory, so a dry run leaves receipts there too; they say that they are of a dry run. */
  readonly named: boolean;
  /** The signer, made when the first receipt is to be signed. */
  signer(): Promise<
    { readonly ok: true; readonly value: ReceiptSigner } | { readonly ok: false; readonly problem: SealProblem }
  >;
}

/** Why receipts could not be made. Codes: `receipts.…`, `keys.…`, `config_…`, `journal.…`. */
export interface SealProblem {
  readonly code: string;
  readonly message: string;
}

/** What came of sealing. */
export type SealReport =
  | {
      readonly status: "sealed";
      readonly runId: string;
      /** Id of the run's own receipt. */
      readonly id: string;
      readonly digest: string;
      readonly directory: string;
      /** Receipts in its tree. */
      readonly receipts: number;
      readonly fingerprint: string;
      readonly abandoned: boolean;
    }
  | { readonly status: "none"; readonly runId: string; readonly why: "open" | "dry_run" | "sealed_before" }
  | { readonly status: "failed"; readonly runId: string; readonly problem: SealProblem };

/** Seals the run in a folder from what its journal on disk says. Never throws for what the disk does. */
export async function sealRunFolder(
  folder: string,
  runId: string,
  settings: ReceiptSettings,
  abandoned = false,
): Promise<SealReport> {
  return tried(runId, async () => {
    const salts = saltsOf(await runSalt(folder));
    const first = new RunFold(salts);
    const facts = new FactsFold();
    const declared = new PinnedActs();
    const onEvent = (event: JournalEvent): void => {
      first.add(event);
      facts.add(event);
      declared.add(event);
    };
    const read = await readFolder(nodeFiles, folder, runId, { onEvent });
    if (!read.ok) {
      return failed(runId, { code: read.problem.code, message: journalProblemSentence(read.problem) });
    }
    const { head } = read.value;
    const note = await sealedNote(folder);
    if (note?.journal_head === head) return { status: "none", runId, why: "sealed_before" };
    if (isDry(first) && !settings.named) return { status: "none", runId, why: "dry_run" };
    if (first.ending === null && (first.paused || !abandoned)) return { status: "none", runId, why: "open" };
    const acts = await declared.load(folder, runId);
    if (!acts.ok) return failed(runId, acts.problem);
    const fold = acts.graphOf === null ? first : await foldAgain(folder, runId, salts, acts.graphOf, head);
    if (fold === null) return failed(runId, changedWhileRead(runId));
    const plan = sealPlan(fold, { journalHead: head, abandoned, previous: note === null ? null : previousOf(note) });
    if (plan === null) return { status: "none", runId, why: "open" };
    const report = await sealPlanned(runId, plan, settings, fold.ending === null, facts.facts());
    if (report.status !== "sealed") return report;
    // Before the note: whoever finds none seals and records again, so that no sealed head is missing in the audit.
    const unaudited = await auditSeal(path.dirname(path.dirname(folder)), read.value, report, fold, settings);
    if (unaudited !== null) return failed(runId, unaudited);
    await writeSealedNote(folder, {
      root_receipt_id: report.id,
      root_digest: report.digest,
      receipt_dir: report.directory,
      receipts: report.receipts,
      journal_head: head,
      abandoned: report.abandoned,
    });
    return report;
  });
}

/** Folds a journal once more, now with the acts that its documents declare; null when it is no longer the same journal. */
async function foldAgain(
  folder: string,
  runId: string,
  salts: Salts,
  graphOf: GraphOf,
  head: string,
): Promise<RunFold | null> {
  const fold = new RunFold(salts, null, graphOf);
  const read = await readFolder(nodeFiles, folder, runId, { onEvent: (event) => fold.add(event) });
  return read.ok && read.value.head === head ? fold : null;
}

function changedWhileRead(runId: string): SealProblem {
  return { code: "receipts.io", message: `the journal of run "${runId}" changed while it was being sealed` };
}

/** Records the sealed head and signs the audit up to there; why it could not be recorded, or null (docs/audit.md). */
async function auditSeal(
  stateDir: string,
  read: { readonly head: string; readonly seq: number },
  report: Extract<SealReport, { status: "sealed" }>,
  fold: RunFold,
  settings: ReceiptSettings,
): Promise<SealProblem | null> {
  const signer = await settings.signer();
  const audited = await auditSealed(
    stateDir,
    {
      run: report.runId,
      head: read.head,
      events: read.seq,
      receipt: report.digest,
      outcome: fold.ending?.outcome ?? "killed",
      environment: fold.started?.environment ?? null,
    },
    signer.ok ? signer.value.signer : null,
  );
  return audited.ok ? null : audited.problem;
}

/** What the disk does to receipts is a report. */
async function tried(runId: string, work: () => Promise<SealReport>): Promise<SealReport> {
  try {
    return await work();
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    return failed(runId, { code: "receipts.io", message: `the receipts could not be kept (${code})` });
  }
}

/** Seals a run that was kept in memory, from folds of its events. Its salts are not kept: nothing can be disclosed. */
export async function sealFolded(
  runId: string,
  fold: RunFold,
  facts: FactsFold,
  settings: ReceiptSettings,
): Promise<SealReport> {
  if (isDry(fold) && !settings.named) return { status: "none", runId, why: "dry_run" };
  const plan = sealPlan(fold, { journalHead: null, abandoned: false, previous: null });
  return plan === null
    ? { status: "none", runId, why: "open" }
    : tried(runId, () => sealPlanned(runId, plan, settings, false, facts.facts()));
}

/** Most runs that one start seals for others, so that nobody waits for a whole history. */
const MAX_LEFTOVERS = 25;

/**
 * Seals runs of a state directory that ended, or were cut, without it. Live and paused runs and those of other machines
 * are left alone, and so is `resumed`, which is about to go on.
 */
export async function sealLeftovers(
  stateDir: string,
  settings: ReceiptSettings,
  resumed: string | null,
): Promise<readonly SealReport[]> {
  const reports: SealReport[] = [];
  for (const id of await unsealed(stateDir)) {
    const found = await findRun(stateDir, id);
    const folder = runFolder(stateDir, id);
    if (!found.ok || !folder.ok || reports.length >= MAX_LEFTOVERS) continue;
    const { status, held, dryRun } = found.value;
    const cut = status === "interrupted";
    if (held || dryRun || !sealable.has(status) || (cut && id === resumed)) continue;
    const report = await sealRunFolder(folder.value, id, settings, cut);
    if (report.status !== "none") reports.push(report);
  }
  return reports;
}

const sealable: ReadonlySet<string> = new Set(["completed", "failed", "timed_out", "interrupted"]);

/** Runs without a note, or with one of an abandoned part: the cheap look before the dear one. */
async function unsealed(stateDir: string): Promise<readonly string[]> {
  const folder = runsFolder(stateDir);
  const names = (await nodeFiles.exists(folder)) ? await nodeFiles.names(folder) : [];
  const found: string[] = [];
  for (const name of names.filter(isRunId)) {
    const note = await sealedNote(path.join(folder, name));
    if (note === null || note.abandoned) found.push(name);
  }
  return found.sort();
}

/** The sealing of one run, from before it starts to after it has stopped. */
export interface RunSealing {
  /** Hears every event of the run in place of the caller's own listener. */
  readonly listener: ((event: JournalEvent) => void) | undefined;
  /** Seals what can be sealed. `broken`: the journal could not be written; then the next opener tries. */
  end(folder: string | null, broken: boolean): Promise<readonly SealReport[]>;
}

/**
 * Seals what earlier runs left unsealed, and gets ready for this one. Nothing happens without receipt settings. `graphOf`
 * gives the documents of a run that keeps no folder, when they declare acts.
 */
export async function beginSealing(
  run: {
    readonly runId: string;
    readonly stateDir: string | null;
    readonly receipts?: ReceiptSettings | null;
    readonly onEvent?: (event: JournalEvent) => void;
  },
  graphOf: GraphOf | null = null,
): Promise<RunSealing> {
  const { receipts: settings = null, onEvent, runId } = run;
  if (settings === null) return { listener: onEvent, end: () => Promise.resolve([]) };
  if (run.stateDir !== null) {
    const before = await leftovers(run.stateDir, settings, runId);
    return {
      listener: onEvent,
      end: async (folder, broken) =>
        folder === null || broken ? before : [...before, await sealRunFolder(folder, runId, settings)],
    };
  }
  const fold = new RunFold(saltsOf(randomBytes(32)), null, graphOf);
  const facts = new FactsFold();
  return {
    listener: (event) => {
      fold.add(event);
      facts.add(event);
      onEvent?.(event);
    },
    end: async (_folder, broken) => (broken ? [] : [await sealFolded(runId, fold, facts, settings)]),
  };
}

/** What goes wrong with another run's receipts must not keep this one from starting. */
async function leftovers(stateDir: string, settings: ReceiptSettings, resumed: string): Promise<readonly SealReport[]> {
  try {
    return await sealLeftovers(stateDir, settings, resumed);
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    return [failed(resumed, { code: "receipts.io", message: `earlier runs could not be looked at (${code})` })];
  }
}

async function sealPlanned(
  runId: string,
  plan: SealPlan,
  settings: ReceiptSettings,
  abandoned: boolean,
  facts: RunFacts | null,
): Promise<SealReport> {
  const signer = await settings.signer();
  if (!signer.ok) return failed(runId, signer.problem);
  let sealed: readonly SealedReceipt[];
  let envelope: string | null;
  try {
    sealed = await sealTree(plan.root, signer.value, plan.groupBody);
    const keys = [jwkOf(signer.value.signer)];
    const statement = statementText({ sealed, keys, run: facts, signed: "at_seal" });
    // A run too large for one envelope has its receipts all the same.
    envelope = statement === null ? null : envelopeText(await signStatement(statement, signer.value.signer));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // A signer's refusal is a plain sentence (effects/signing.ts).
    return failed(runId, { code: "receipts.signing", message: error.message });
  }
  const { publicKey } = signer.value.signer;
  const key = { fingerprint: fingerprint(publicKey), text: publicKeyText(signer.value) };
  const texts = sealed.map(({ receipt, text }) => ({ id: receipt.id, createdAt: receipt.created_at, text }));
  const stored = await writeReceipts(settings.directory, texts, [key]);
  if (!stored.ok) return failed(runId, stored.problem);
  const root = sealed.at(-1);
  if (root === undefined) throw new TypeError("a sealed tree has a root");
  if (envelope !== null) await writeEnvelope(settings.directory, root.receipt.id, envelope);
  return {
    status: "sealed",
    runId,
    id: root.receipt.id,
    digest: root.receipt.digest,
    directory: settings.directory,
    receipts: sealed.length,
    fingerprint: key.fingerprint,
    abandoned,
  };
}

/** The public key as a file beside the receipts: a JWK (RFC 8037) in canonical form. */
export function publicKeyText({ signer }: ReceiptSigner): string {
  return canonicalText({ crv: "Ed25519", kid: signer.kid, kty: "OKP", x: toBase64Url(signer.publicKey) });
}

function previousOf(note: SealedNote): Reference {
  return { type: "receipt", uri: receiptUri(note.root_receipt_id), locator: note.root_digest };
}

function isDry(fold: RunFold): boolean {
  return fold.started !== null && fold.started.options.dryRun !== "no";
}

function failed(runId: string, { code, message }: SealProblem): SealReport {
  return { status: "failed", runId, problem: { code, message } };
}
