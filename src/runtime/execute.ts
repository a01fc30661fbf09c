/**
 * Running a loaded document: the composition of engine, governance and connections, with or without a place where
 * the run is kept. The only module that fills the engine's seam with the real world.
 */
import { randomBytes } from "node:crypto";
import { createRun, pinDocuments } from "../connect/journal/create.ts";
import { nodeFiles, type JournalFiles } from "../connect/journal/file.ts";
import { markerKey } from "../connect/journal/marker-key.ts";
import { MemoryJournal } from "../connect/journal/memory.ts";
import { ioProblem, isUnusablePlace, journalProblemSentence, type JournalProblem } from "../connect/journal/problem.ts";
import { readDocument, readRun } from "../connect/journal/reader.ts";
import { processOwnership, type Ownership } from "../connect/journal/owner.ts";
import { takeOverRun } from "../connect/journal/takeover.ts";
import type { Bundle } from "../dialects/bundle.ts";
import {
  JOURNAL_VERSION,
  type JournalEvent,
  type Outcome,
  type PinnedDocument,
  type RunEvent,
  type RunOptions,
} from "../effects/events.ts";
import type { Clock, JournalStore } from "../effects/seam.ts";
import { resumeRun, startRun, type Control, type RunInput, type RunResult } from "../engine/runner.ts";
import { apply, initialState, type RunState } from "../engine/state.ts";
import type { Failure } from "../graph/failure.ts";
import type { Value } from "../graph/value.ts";
import { systemClock } from "./clock.ts";
import type { ApprovalAuthority } from "../governance/approvals/authority.ts";
import type { RequesterSignature } from "../governance/approvals/requester.ts";
import {
  approvalAuthority,
  noApprovals,
  requesterOf,
  type Requester,
  type RunApprovals,
} from "./approvals/authority.ts";
import type { Unaudited } from "./approvals/audited.ts";
import { signStart, type RequesterSigner } from "./approvals/requester.ts";
import { answersOf, credentialAudit, keepAnswers, type Answer } from "./approvals/resuming.ts";
import { actsOf } from "./declared-acts.ts";
import { loadPinned } from "./documents.ts";
import { beginSealing, type ReceiptSettings, type RunSealing, type SealReport } from "./seal.ts";
import { openWorld, type World, type WorldSettings } from "./world.ts";

export { listRuns } from "../connect/journal/runs.ts";

/** A run could not begin: what to say and how to exit (2 usage or configuration, 5 refused). */
export interface StartProblem {
  readonly exit: 2 | 5;
  readonly code: string;
  readonly message: string;
  /** The same as a hard error, when it is one: the outcome of the run that did not begin (Decision D5). */
  readonly failure?: Failure;
}

/** Settings of a run that has been loaded. */
export interface ExecuteSettings extends WorldSettings {
  readonly runId: string;
  /** Where the run is kept; null keeps it in memory only. */
  readonly stateDir: string | null;
  readonly start: string | null;
  readonly triggerKind: "manual" | "http" | "event";
  readonly input: Value;
  readonly options: RunOptions;
  readonly principal: string;
  /** Rules, keys and credentials for approvals; absent: nothing can be approved. */
  readonly approvals?: RunApprovals;
  /** The operator's own key, which signs a start in staging and prod. */
  readonly signer?: RequesterSigner;
  /** Where receipts of the run go and who signs them; absent or null: none are made. */
  readonly receipts?: ReceiptSettings | null;
  readonly control?: Control;
  /** Stands between the run and the machine's clock, e.g. while a debugger holds it. */
  readonly clock?: (real: Clock) => Clock;
  /** Gets every event, with secrets masked, as it is journalled. Must not throw. */
  readonly onEvent?: (event: JournalEvent) => void;
  /** Hears why credentials could not be recorded in the audit; nothing else changes. Must not throw. */
  readonly onUnaudited?: Unaudited;
  /** The file layer under the journal; the real one by default. */
  readonly journalFiles?: JournalFiles;
  /** Who this process is to other owners of runs, and how it judges them; the process table by default. */
  readonly journalOwnership?: Ownership;
}

/** How a run came out. Texts are masked by `mask` before they leave the process. */
export interface ExecuteResult {
  readonly runId: string;
  readonly result: RunResult;
  readonly outcome: Outcome;
  /** The run's folder; null when it was kept in memory only. */
  readonly folder: string | null;
  /** What came of sealing: of earlier runs that had been left unsealed, then of this one. */
  readonly receipts: readonly SealReport[];
  mask(text: string): string;
}

export type Executed =
  { readonly ok: true; readonly run: ExecuteResult } | { readonly ok: false; readonly problem: StartProblem };

/** Starts a run of a bundle and goes on until it ends, pauses or is stopped. */
export async function execute(bundle: Bundle, settings: ExecuteSettings): Promise<Executed> {
  const key = await keyFor(settings);
  if (!key.ok) return key;
  const opened = await openRunWorld(bundle, settings, key.value);
  if (!opened.ok) return opened;
  const { world } = opened;
  try {
    const sealing = await beginSealing(settings, actsOf(bundle));
    const documents = [...bundle.entries.values()];
    const listener = sealing.listener;
    const masking = world.mask.journal;
    let journal: JournalStore;
    let folder: string | null = null;
    if (settings.stateDir === null)
      journal = new MemoryJournal({ masking, retain: false, ...(listener === undefined ? {} : { listener }) });
    else {
      const created = await createRun(settings.stateDir, settings.runId, documents, {
        masking,
        files: settings.journalFiles ?? nodeFiles,
        ownership: settings.journalOwnership ?? processOwnership,
        ...(listener === undefined ? {} : { listener }),
      });
      if (!created.ok) return journalRefusal(created.problem);
      journal = created.value;
      folder = created.value.folder;
    }
    const result = await startRun(
      clocked(world.runInput(bundle, journal, settings.control), settings),
      startedEvent(bundle, settings, world),
    );
    return await finish(settings.runId, result, folder, world, journal, sealing);
  } finally {
    await world.close();
  }
}

/** The run with the clock that stands before the machine's, if there is one. */
function clocked(input: RunInput, { clock }: Pick<ExecuteSettings, "clock">): RunInput {
  return clock === undefined ? input : { ...input, seam: { ...input.seam, clock: clock(input.seam.clock) } };
}

/** The world of a run that is about to start, with the signature of whoever starts it where one is required. */
export type RunWorld = World & { readonly requester: RequesterSignature | null };

/** Opens the world of a new run. In staging and prod a start that nobody signs is refused (`requester.unsigned`). */
export async function openRunWorld(
  bundle: Bundle,
  settings: Omit<ExecuteSettings, "input" | "control" | "triggerKind">,
  key: Uint8Array,
): Promise<{ readonly ok: true; readonly world: RunWorld } | { readonly ok: false; readonly problem: StartProblem }> {
  const { runId, principal, stateDir, approvals = noApprovals, signer = null } = settings;
  const { environment } = settings.governance.posture;
  // A fixture's mocks touch nothing that anybody would have to answer for.
  const mocked = settings.wrapPerformer !== undefined;
  const start = { runId, principal, graphDigest: bundle.digest, environment, stateDir, approvals, signer };
  const signed = await signStart({ ...start, dryRun: settings.options.dryRun !== "no" || mocked });
  if ("problem" in signed) return problem(2, "requester.unsigned", signed.problem);
  const { signature } = signed;
  const at = systemClock.now();
  const requester = { principal, signature, graphDigest: bundle.digest, environment, at };
  const authority = authorityFor(bundle, settings, requester);
  const opened = await openWorld(bundle, { ...settings, authority, kept: stateDir !== null || mocked }, key);
  return opened.ok ? { ok: true, world: { ...opened.world, requester: signature } } : opened;
}

function authorityFor(
  bundle: Bundle,
  settings: Pick<ExecuteSettings, "runId" | "stateDir" | "approvals" | "governance" | "journalFiles" | "onUnaudited">,
  requester: Requester,
): ApprovalAuthority {
  const { runId, stateDir, approvals = noApprovals, governance, journalFiles, onUnaudited } = settings;
  const files = {
    ...(journalFiles === undefined ? {} : { files: journalFiles }),
    ...(onUnaudited === undefined ? {} : { onUnaudited }),
  };
  const posture = governance.posture.environment;
  return approvalAuthority({ bundle, runId, stateDir, requester, posture, approvals, ...files });
}

/** A run's first event. */
export function startedEvent(
  bundle: Bundle,
  settings: Omit<ExecuteSettings, "control">,
  world: Pick<RunWorld, "policyDigest" | "requester">,
): Extract<RunEvent, { type: "run.started" }> {
  const graph = bundle.entries.get(bundle.root)?.graph;
  return {
    type: "run.started",
    version: JOURNAL_VERSION,
    runId: settings.runId,
    dialect: graph?.dialect ?? "workflow",
    workflow: graph?.name ?? "",
    root: bundle.root,
    documents: [...bundle.entries.values()].map(pinnedDocument),
    graphDigest: bundle.digest,
    policyDigest: world.policyDigest,
    environment: settings.governance.posture.environment,
    sideEffects: settings.governance.posture.sideEffects,
    cwd: settings.cwd,
    workspace: settings.workspace,
    start: settings.start,
    triggerKind: settings.triggerKind,
    input: settings.input,
    options: settings.options,
    principal: settings.principal,
    ...(world.requester === null ? {} : { requester: world.requester }),
    deadline: systemClock.now() + settings.options.timeoutMs,
  };
}

export type { Answer } from "./approvals/resuming.ts";

/** Settings of a resume; what the run recorded itself is not asked again. */
export interface ResumeSettings extends Omit<ExecuteSettings, "start" | "triggerKind" | "input" | "options"> {
  readonly stateDir: string;
  readonly timeoutMs: number | null;
  readonly takeOver: boolean;
  /** Documents that replace the pinned ones (`--allow-changed`); null keeps those of the run's folder. */
  readonly changed: Bundle | null;
  /** Credentials that were brought for this resume (`--approval`), with the names of their files. */
  readonly credentials?: readonly { readonly source: string; readonly text: string }[];
  /**
   * Chooses answers for the open requests that no credential has answered and that have not expired; an empty list
   * resumes an interrupted run as it stands.
   */
  answers(state: RunState): Promise<readonly Answer[] | StartProblem>;
}

/** What a run's journal says of it: folded state and the documents it pinned. */
export interface RecordedRun {
  readonly state: RunState;
  readonly bundle: Bundle;
}

/** Reads a run's journal and its pinned documents, without secrets. */
export async function readRecorded(
  stateDir: string,
  runId: string,
  cwd: string,
  onEvent?: (event: JournalEvent) => void,
  journalFiles: JournalFiles = nodeFiles,
): Promise<{ readonly ok: true; readonly run: RecordedRun } | { readonly ok: false; readonly problem: StartProblem }> {
  const state = initialState();
  const read = await readRun(stateDir, runId, {
    files: journalFiles,
    onEvent: (event) => {
      apply(state, event);
      onEvent?.(event);
    },
  });
  if (!read.ok) return journalRefusal(read.problem);
  if (state.started === null) {
    const message = `run "${runId}" was cut before its first event was kept; nothing was done, so delete it and start again`;
    return problem(2, "run.not_begun", message);
  }
  const last = pinnedDocuments(state);
  const files = [];
  for (const document of last) {
    const bytes = await readDocument(stateDir, runId, document.digest, journalFiles);
    if (!bytes.ok) return journalRefusal(bytes.problem);
    files.push({ key: document.key, role: document.role, bytes: bytes.value });
  }
  const loaded = await loadPinned(state.started.root, files, cwd);
  if (!loaded.ok)
    return problem(5, "journal.corrupt", `the documents of run "${runId}" cannot be used: ${loaded.message}`);
  return { ok: true, run: { state, bundle: loaded.bundle } };
}

function pinnedDocuments(state: RunState): readonly PinnedDocument[] {
  return state.resumed?.documents ?? state.started?.documents ?? [];
}

/** Goes on with a paused or interrupted run. */
export async function resume(settings: ResumeSettings): Promise<Executed> {
  const { stateDir, runId } = settings;
  const files = settings.journalFiles ?? nodeFiles;
  const recorded = await readRecorded(stateDir, runId, settings.cwd, undefined, files);
  if (!recorded.ok) return recorded;
  if (recorded.run.state.started?.options.stream !== undefined) {
    const message = `run "${runId}" took record after record and cannot be resumed, since its input is gone; start it again with the records that are left (countersign inspect ${runId} tells the last one)`;
    return problem(2, "run.stream", message);
  }
  const bundle = settings.changed ?? recorded.run.bundle;
  const { started } = recorded.run.state;
  if (started === null) return problem(2, "run.not_begun", `run "${runId}" was not begun`);
  const authority = authorityFor(bundle, settings, requesterOf(started));
  const found = await answersOf(recorded.run.state, authority, settings);
  if ("exit" in found) return { ok: false, problem: found };
  const key = await keyFor(settings);
  if (!key.ok) return key;
  // The run goes on where it began, wherever it is resumed from.
  const { cwd = settings.cwd, workspace = settings.workspace } = started;
  const opened = await openWorld(bundle, { ...settings, cwd, workspace, authority }, key.value);
  if (!opened.ok) return opened;
  const { world } = opened;
  try {
    const secrets = await recallSecrets(stateDir, runId, world, files);
    if (secrets !== null) return { ok: false, problem: secrets };
    const sealing = await beginSealing(settings);
    const state = initialState();
    const taken = await takeOverRun(stateDir, runId, systemClock.now(), {
      masking: world.mask.journal,
      files,
      ownership: settings.journalOwnership ?? processOwnership,
      takeOver: settings.takeOver,
      onEvent: (event) => apply(state, event),
      ...(settings.onEvent === undefined ? {} : { listener: settings.onEvent }),
    });
    if (!taken.ok) return journalRefusal(taken.problem);
    const { journal, read } = taken.value;
    if (read.seq !== recorded.run.state.seq) {
      await journal.close();
      const message = `run "${runId}" went on while it was being opened; look at it again and resume then`;
      return problem(2, "journal.taken", message);
    }
    if (settings.changed !== null) {
      try {
        await pinDocuments(journal.folder, [...bundle.entries.values()], journal.owner.nonce, files);
      } catch (error) {
        await journal.close();
        return journalRefusal(ioProblem(error, "keep the changed documents", journal.folder));
      }
    }
    const kept = await keepAnswers(found, authority, journal.folder, files, credentialAudit(settings));
    if (kept !== null) {
      await journal.close();
      return { ok: false, problem: kept };
    }
    const timeoutMs = settings.timeoutMs ?? state.started?.options.timeoutMs ?? 120_000;
    const events: RunEvent[] = [
      {
        type: "run.resumed",
        principal: settings.principal,
        deadline: systemClock.now() + timeoutMs,
        changed: settings.changed !== null,
        documents: [...bundle.entries.values()].map(pinnedDocument),
        graphDigest: bundle.digest,
      },
      ...found.events,
    ];
    const result = await resumeRun(world.runInput(bundle, journal, settings.control), state, events);
    return await finish(runId, result, journal.folder, world, journal, sealing);
  } finally {
    await world.close();
  }
}

/** Reads every secret that the journal names again; a changed one refuses the resume (runtime.md §3). */
async function recallSecrets(
  stateDir: string,
  runId: string,
  world: World,
  files: JournalFiles,
): Promise<StartProblem | null> {
  const sealed: string[] = [];
  const read = await readRun(stateDir, runId, { files, onEvent: (event) => collectMarkers(event, sealed) });
  if (!read.ok) return journalRefusal(read.problem).problem;
  const recalled = await world.mask.recall(sealed, world.secrets.readAgain(AbortSignal.timeout(30_000)));
  return recalled.ok ? null : { exit: 5, code: "secret_changed", message: recalled.message };
}

/** Texts of an event that hold a secret's marker. */
function collectMarkers(value: unknown, found: string[]): void {
  if (typeof value === "string") {
    if (value.includes("{secret:")) found.push(value);
  } else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) collectMarkers(item, found);
  }
}

async function finish(
  runId: string,
  result: RunResult,
  folder: string | null,
  world: World,
  journal: JournalStore,
  sealing: RunSealing,
): Promise<Executed> {
  await journal.close();
  const receipts = await sealing.end(folder, result.journalFailure !== null);
  const mask = (text: string): string => world.mask.mask(text);
  return { ok: true, run: { runId, result, outcome: result.outcome, folder, receipts, mask } };
}

function pinnedDocument(entry: { key: string; digest: string; role: PinnedDocument["role"] }): PinnedDocument {
  return { key: entry.key, digest: entry.digest, role: entry.role };
}

function problem(exit: 2 | 5, code: string, message: string): { readonly ok: false; readonly problem: StartProblem } {
  return { ok: false, problem: { exit, code, message } };
}

/** What is wrong with a run's folder, as a start that could not be: what the disk did is a failure, the rest usage. */
export function journalRefusal(refused: JournalProblem): { readonly ok: false; readonly problem: StartProblem } {
  const failed = refused.code === "journal.corrupt" || refused.code === "secret_changed";
  const io = refused.code === "journal.io" && !isUnusablePlace(refused);
  return problem(failed || io ? 5 : 2, refused.code, journalProblemSentence(refused));
}

/** The state directory's key for secret markers; a random one without a directory. */
export async function keyFor(
  settings: Pick<ExecuteSettings, "stateDir" | "journalFiles">,
): Promise<{ readonly ok: true; readonly value: Uint8Array } | { readonly ok: false; readonly problem: StartProblem }> {
  if (settings.stateDir === null) return { ok: true, value: randomBytes(32) };
  const key = await markerKey(settings.stateDir, settings.journalFiles ?? nodeFiles);
  return key.ok ? key : journalRefusal(key.problem);
}

/** `exec-<unix seconds hex>-<pid hex>-<counter hex>` with random bits, so that two machines never draw the same. */
export function newRunId(): string {
  const seconds = Math.floor(systemClock.now() / 1000).toString(16);
  return `exec-${seconds}-${process.pid.toString(16)}-${randomBytes(4).toString("hex")}`;
}
