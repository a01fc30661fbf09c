/**
 * A kept run as views follow it: its steps told from the first to the last, and whether its documents are still what
 * they were when it ran. Nothing is performed and nothing is resolved: texts stay masked as the journal has them.
 */
import { readFile } from "node:fs/promises";
import { journalProblemSentence, systemCode } from "../../connect/journal/problem.ts";
import { findRun, type RunStatus } from "../../connect/journal/runs.ts";
import type { JournalEvent } from "../../effects/events.ts";
import { outcomeOf } from "../../engine/outcome.ts";
import type { RunState } from "../../engine/state.ts";
import type { RunStep } from "../../protocol/run.ts";
import { sha256 } from "../documents.ts";
import { stoppedEnd, toldEnd, type ToldEnd } from "../editor-run/end.ts";
import { StepMaker } from "../editor-run/steps.ts";
import { readRecorded } from "../execute.ts";

/** Why something of a kept run cannot be had: a stable code and a sentence. */
export interface KeptProblem {
  readonly code: string;
  readonly message: string;
}

/** A value or the problem that stands in its way. */
export type Kept<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: KeptProblem };

/** How a document stands to the one that the run pinned. */
export type DocumentState = "same" | "changed" | "gone";

/** A past run that has been told. */
export interface PastRun {
  readonly runId: string;
  readonly status: RunStatus;
  /** The document it was started from: an absolute path, with the runner for an X.yaml. */
  readonly root: string;
  /** Of the root first, then its children and what they read. */
  readonly documents: readonly { readonly file: string; readonly state: DocumentState }[];
}

/** Which run. */
export interface KeptPlace {
  readonly stateDir: string;
  readonly runId: string;
  /** Where relative paths begin, if the run does not say it. */
  readonly cwd: string;
}

/** Reads a run and tells its steps. A journal that is damaged is refused; {@link writeInspection} shows such a one. */
export async function tellPastRun(
  { stateDir, runId, cwd }: KeptPlace,
  onStep: (step: RunStep) => void,
): Promise<Kept<PastRun>> {
  const found = await findRun(stateDir, runId);
  if (!found.ok) return refused(found.problem.code, journalProblemSentence(found.problem));
  const { status, problem } = found.value;
  if (problem !== null) return refused(problem.code, journalProblemSentence(problem));
  const events: JournalEvent[] = [];
  const recorded = await readRecorded(stateDir, runId, cwd, (event) => {
    events.push(event);
  });
  if (!recorded.ok) return refused(recorded.problem.code, recorded.problem.message);
  const { state, bundle } = recorded.run;
  const steps = new StepMaker(bundle, onStep);
  for (const event of events) steps.add(event);
  const told = endOf(state, status);
  if (told !== null) steps.finish({ ...told.end, value: told.value });
  const documents = [];
  for (const { key, digest } of bundle.entries.values()) {
    const file = fileOf(key);
    documents.push({ file, state: await standing(file, digest) });
  }
  const root = fileOf(bundle.root);
  documents.sort((a, b) => Number(b.file === root) - Number(a.file === root));
  return { ok: true, value: { runId, status, root: bundle.root, documents } };
}

/** Null for a run that goes on. */
function endOf(state: RunState, status: RunStatus): ToldEnd | null {
  const as = (text: string): string => text;
  const told = (why: Parameters<typeof outcomeOf>[1]): ToldEnd => toldEnd(outcomeOf(state, why), state.asked, as);
  switch (status) {
    case "running":
    case "unknown":
      return null;
    case "paused":
      return told("paused");
    case "timed_out":
      return told("timed_out");
    case "completed":
      return told("done");
    case "failed":
      if (state.cancelled !== null) return told("cancelled");
      return told(state.overBudget === null ? "done" : "budget");
    case "interrupted":
    case "unreadable":
      return stoppedEnd(state.rootLastEntered);
  }
}

/** The document that a run was started from, as it was when it ran; of a run that took a changed one, that. */
export async function pinnedText({ stateDir, runId, cwd }: KeptPlace): Promise<Kept<string>> {
  const recorded = await readRecorded(stateDir, runId, cwd);
  if (!recorded.ok) return refused(recorded.problem.code, recorded.problem.message);
  const { entries, root } = recorded.run.bundle;
  const entry = entries.get(root);
  if (entry === undefined) return refused("journal.corrupt", "the run does not hold its document");
  return { ok: true, value: new TextDecoder().decode(entry.bytes) };
}

/** The file of a document's key, without the runner of an X.yaml. */
export function fileOf(key: string): string {
  return key.replace(/#[^/\\]*$/, "");
}

async function standing(file: string, digest: string): Promise<DocumentState> {
  try {
    return sha256(await readFile(file)) === digest ? "same" : "changed";
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return "gone";
  }
}

/** A refusal. */
export function refused(code: string, message: string): { readonly ok: false; readonly problem: KeptProblem } {
  return { ok: false, problem: { code, message } };
}
