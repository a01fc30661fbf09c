/**
 * Running a loaded document: the composition of engine, governance and connections, with or without a place where
 * the run is kept. The only module that fills the engine's seam with the real world.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import path from "node:path";
import { createRun } from "../connect/journal/create.ts";
import { MemoryJournal } from "../connect/journal/memory.ts";
import { journalProblemText } from "../connect/journal/problem.ts";
import { readDocument, readRun } from "../connect/journal/reader.ts";
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
  const opened = await openWorld(bundle, settings, await hmacKey(settings.stateDir));
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
        ...(listener === undefined ? {} : { listener }),
      });
      if (!created.ok) return problem(2, created.problem.code, journalProblemText(created.problem));
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
): Promise<{ readonly ok: true; readonly run: RecordedRun } | { readonly ok: false; readonly problem: StartProblem }> {
  const state = initialState();
  const read = await readRun(stateDir, runId, {
    onEvent: (event) => {
      apply(state, event);
      onEvent?.(event);
    },
  });
  if (!read.ok) return problem(2, read.problem.code, journalProblemText(read.problem));
  if (state.started === null) return problem(5, "journal.corrupt", `run "${runId}" has no beginning in its journal`);
  const last = pinnedDocuments(state);
  const files = [];
  for (const document of last) {
    const bytes = await readDocument(stateDir, runId, document.digest);
    if (!bytes.ok) return problem(5, bytes.problem.code, journalProblemText(bytes.problem));
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
  const recorded = await readRecorded(stateDir, runId, settings.cwd);
  if (!recorded.ok) return recorded;
  const bundle = settings.changed ?? recorded.run.bundle;
  const answers = await settings.answers(recorded.run.state);
  if ("exit" in answers) return { ok: false, problem: answers };
  const opened = await openWorld(bundle, settings, await hmacKey(stateDir));
  if (!opened.ok) return opened;
  const { world } = opened;
  try {
    const secrets = await recallSecrets(stateDir, runId, world);
    if (secrets !== null) return { ok: false, problem: secrets };
    const state = initialState();
    const taken = await takeOverRun(stateDir, runId, systemClock.now(), {
      masking: world.mask.journal,
      takeOver: settings.takeOver,
      onEvent: (event) => apply(state, event),
      ...(settings.onEvent === undefined ? {} : { listener: settings.onEvent }),
    });
    if (!taken.ok)
      return problem(
        taken.problem.code === "journal.corrupt" ? 5 : 2,
        taken.problem.code,
        journalProblemText(taken.problem),
      );
    const { journal } = taken.value;
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
async function recallSecrets(stateDir: string, runId: string, world: World): Promise<StartProblem | null> {
  const sealed: string[] = [];
  const read = await readRun(stateDir, runId, { onEvent: (event) => collectMarkers(event, sealed) });
  if (!read.ok) return { exit: 2, code: read.problem.code, message: journalProblemText(read.problem) };
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

/** The state directory's key for secret markers (mode 0600, made on first use); a random one without a directory. */
async function hmacKey(stateDir: string | null): Promise<Uint8Array> {
  if (stateDir === null) return randomBytes(32);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const file = path.join(stateDir, "markers.key");
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      const key = randomBytes(32);
      await handle.writeFile(key);
      await handle.sync();
      return key;
    } finally {
      await handle.close();
    }
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== "EEXIST") throw problem;
    return readFile(file);
  }
}

/** `exec-<unix seconds hex>-<pid hex>-<counter hex>` with random bits, so that two machines never draw the same. */
export function newRunId(): string {
  const seconds = Math.floor(systemClock.now() / 1000).toString(16);
  return `exec-${seconds}-${process.pid.toString(16)}-${randomBytes(4).toString("hex")}`;
}
