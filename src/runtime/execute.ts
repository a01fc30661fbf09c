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
import type { JournalStore } from "../effects/seam.ts";
import { resumeRun, startRun, type Control, type RunResult } from "../engine/runner.ts";
import { apply, initialState, type RunState } from "../engine/state.ts";
import type { Failure } from "../graph/failure.ts";
import type { Value } from "../graph/value.ts";
import { systemClock } from "./clock.ts";
import { loadPinned } from "./documents.ts";
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
  readonly control?: Control;
  /** Gets every event, with secrets masked, as it is journalled. Must not throw. */
  readonly onEvent?: (event: JournalEvent) => void;
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
  mask(text: string): string;
}

export type Executed =
  { readonly ok: true; readonly run: ExecuteResult } | { readonly ok: false; readonly problem: StartProblem };

/** Starts a run of a bundle and goes on until it ends, pauses or is stopped. */
export async function execute(bundle: Bundle, settings: ExecuteSettings): Promise<Executed> {
  const key = await keyFor(settings);
  if (!key.ok) return key;
  const opened = await openWorld(bundle, settings, key.value);
  if (!opened.ok) return opened;
  const { world } = opened;
  try {
    const documents = [...bundle.entries.values()];
    const listener = settings.onEvent;
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
    const pinned = documents.map(pinnedDocument);
    const deadline = systemClock.now() + settings.options.timeoutMs;
    const graph = bundle.entries.get(bundle.root)?.graph;
    const result = await startRun(world.runInput(bundle, journal, settings.control), {
      version: JOURNAL_VERSION,
      runId: settings.runId,
      dialect: graph?.dialect ?? "workflow",
      workflow: graph?.name ?? "",
      root: bundle.root,
      documents: pinned,
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
      deadline,
    });
    return finish(settings.runId, result, folder, world, journal);
  } finally {
    await world.close();
  }
}

/** An answer to an open request. */
export interface Answer {
  readonly id: string;
  readonly approved: boolean;
  readonly reason: string | null;
  readonly answer: Value;
}

/** Settings of a resume; what the run recorded itself is not asked again. */
export interface ResumeSettings extends Omit<ExecuteSettings, "start" | "triggerKind" | "input" | "options"> {
  readonly stateDir: string;
  readonly timeoutMs: number | null;
  readonly takeOver: boolean;
  /** Documents that replace the pinned ones (`--allow-changed`); null keeps those of the run's folder. */
  readonly changed: Bundle | null;
  /** Chooses answers for the open requests; an empty list resumes an interrupted run as it stands. */
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
  const bundle = settings.changed ?? recorded.run.bundle;
  const answers = await settings.answers(recorded.run.state);
  if ("exit" in answers) return { ok: false, problem: answers };
  const unasked = wrongAnswer(runId, recorded.run.state, answers);
  if (unasked !== null) return { ok: false, problem: unasked };
  const key = await keyFor(settings);
  if (!key.ok) return key;
  // The run goes on where it began, wherever it is resumed from.
  const { cwd = settings.cwd, workspace = settings.workspace } = recorded.run.state.started ?? {};
  const opened = await openWorld(bundle, { ...settings, cwd, workspace }, key.value);
  if (!opened.ok) return opened;
  const { world } = opened;
  try {
    const secrets = await recallSecrets(stateDir, runId, world, files);
    if (secrets !== null) return { ok: false, problem: secrets };
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
      ...answers.map(({ id, approved, reason, answer }): RunEvent => ({
        type: "approval.answered",
        id,
        approved,
        by: settings.principal,
        reason,
        answer,
      })),
    ];
    const result = await resumeRun(world.runInput(bundle, journal, settings.control), state, events);
    return await finish(runId, result, journal.folder, world, journal);
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
): Promise<Executed> {
  await journal.close();
  return { ok: true, run: { runId, result, outcome: result.outcome, folder, mask: (text) => world.mask.mask(text) } };
}

function pinnedDocument(entry: { key: string; digest: string; role: PinnedDocument["role"] }): PinnedDocument {
  return { key: entry.key, digest: entry.digest, role: entry.role };
}

function problem(exit: 2 | 5, code: string, message: string): { readonly ok: false; readonly problem: StartProblem } {
  return { ok: false, problem: { exit, code, message } };
}

/** What is wrong with a run's folder, as a start that could not be: what the disk did is a failure, the rest usage. */
function journalRefusal(refused: JournalProblem): { readonly ok: false; readonly problem: StartProblem } {
  const failed = refused.code === "journal.corrupt" || refused.code === "secret_changed";
  const io = refused.code === "journal.io" && !isUnusablePlace(refused);
  return problem(failed || io ? 5 : 2, refused.code, journalProblemSentence(refused));
}

/** The state directory's key for secret markers; a random one without a directory. */
async function keyFor(
  settings: Pick<ExecuteSettings, "stateDir" | "journalFiles">,
): Promise<{ readonly ok: true; readonly value: Uint8Array } | { readonly ok: false; readonly problem: StartProblem }> {
  if (settings.stateDir === null) return { ok: true, value: randomBytes(32) };
  const key = await markerKey(settings.stateDir, settings.journalFiles ?? nodeFiles);
  return key.ok ? key : journalRefusal(key.problem);
}

/** An answer to what nobody asked, or two to one request: nothing of it is taken. */
function wrongAnswer(runId: string, state: RunState, answers: readonly Answer[]): StartProblem | null {
  const seen = new Set<string>();
  for (const { id } of answers) {
    if (state.asked.has(id) && !seen.has(id)) {
      seen.add(id);
      continue;
    }
    const open = [...state.asked.keys()].map((one) => `\`${one}\``).join(", ");
    const message = seen.has(id)
      ? `\`${id}\` was answered twice; give one answer to each request`
      : `run "${runId}" does not wait for an answer to \`${id}\`; it waits for ${open === "" ? "none" : open}`;
    return { exit: 2, code: "approval.unknown", message };
  }
  return null;
}

/** `exec-<unix seconds hex>-<pid hex>-<counter hex>` with random bits, so that two machines never draw the same. */
export function newRunId(): string {
  const seconds = Math.floor(systemClock.now() / 1000).toString(16);
  return `exec-${seconds}-${process.pid.toString(16)}-${randomBytes(4).toString("hex")}`;
}
