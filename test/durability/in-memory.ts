/** Reference runs on a disk in memory, in a world in memory: to lose power, fill the disk, fail a sync. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { readRun } from "../../src/connect/journal/reader.ts";
import type { Bundle } from "../../src/dialects/bundle.ts";
import type { JournalEvent } from "../../src/effects/events.ts";
import { outcomeOf } from "../../src/engine/outcome.ts";
import { prettyEnvelope, outcomeEnvelope } from "../../src/engine/report.ts";
import { apply, initialState } from "../../src/engine/state.ts";
import { loadDocument } from "../../src/runtime/documents.ts";
import { execute, resume, type Executed } from "../../src/runtime/execute.ts";
import type { Disk } from "../connect/journal/disk.ts";
import { approveAll } from "./answers.ts";
import { MemoryWorld } from "./memory-world.ts";
import { writeReference, type Reference, type ReferenceName } from "./references.ts";
import { runSettings } from "./settings.ts";

/** Where the journal stands on the disk in memory. */
export const stateDir = "/state";
export const runId = "reference";

/** A reference that was loaded; its folder is gone. */
export interface Loaded {
  readonly bundle: Bundle;
  readonly reference: Reference;
  readonly cwd: string;
  /** The world before the run. */
  world(): MemoryWorld;
}

/** Loads a reference run. */
export async function load(name: ReferenceName): Promise<Loaded> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "countersign-memory-"));
  try {
    const reference = await writeReference(name, folder, "http://127.0.0.1:1/case");
    const loaded = await loadDocument(reference.file, folder);
    if (!loaded.ok) throw new Error(loaded.message);
    const files = new Map<string, string>();
    if (name === "workflow") {
      for (const file of ["input.txt", "out/flag"])
        files.set(path.join(folder, file), await readFile(path.join(folder, file), "utf8"));
    }
    return { bundle: loaded.bundle, reference, cwd: os.tmpdir(), world: () => new MemoryWorld(files) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function settings(loaded: Loaded, disk: Disk, world: MemoryWorld) {
  return {
    ...runSettings({ cwd: loaded.cwd, runId, stateDir, input: loaded.reference.input }),
    stateDir,
    journalFiles: disk,
    wrapPerformer: () => world,
  };
}

/** Starts the run. */
export function start(loaded: Loaded, disk: Disk, world: MemoryWorld): Promise<Executed> {
  return execute(loaded.bundle, settings(loaded, disk, world));
}

/** Goes on with the run and says yes to everything. */
export function goOn(loaded: Loaded, disk: Disk, world: MemoryWorld): Promise<Executed> {
  return resume({ ...settings(loaded, disk, world), takeOver: false, changed: null, answers: approveAll });
}

/** Goes on until the run has ended, and gives its outcome and files as text. A run that was not begun is begun. */
export async function finish(loaded: Loaded, disk: Disk, world: MemoryWorld): Promise<string> {
  for (let round = 0; round < 12; round++) {
    let executed = await goOn(loaded, disk, world);
    if (!executed.ok && ["journal.missing", "run.not_begun"].includes(executed.problem.code)) {
      if (world.performed.length > 0) throw new Error("a run that had not begun did something");
      await disk.removeFolder(`${stateDir}/runs/${runId}`).catch(ignoreMissing);
      executed = await start(loaded, disk, world);
    }
    if (!executed.ok && executed.problem.code === "journal.finished") {
      const state = initialState();
      for (const event of await events(disk)) apply(state, event);
      return told(prettyEnvelope(outcomeEnvelope(outcomeOf(state, "done"))), world);
    }
    if (!executed.ok) throw new Error(`${executed.problem.code}: ${executed.problem.message}`);
    const { outcome, result } = executed.run;
    if (result.journalFailure !== null) throw new Error(result.journalFailure.message);
    if (outcome.status !== "paused") return told(prettyEnvelope(outcomeEnvelope(outcome)), world);
  }
  throw new Error("the run pauses again and again");
}

function told(outcome: string, world: MemoryWorld): string {
  return JSON.stringify([outcome, [...world.files].sort()]);
}

function ignoreMissing(error: unknown): void {
  if ((error as { code?: string }).code !== "ENOENT") throw error;
}

/** The run's events on a disk; empty when there is no run. */
export async function events(disk: Disk): Promise<JournalEvent[]> {
  const found: JournalEvent[] = [];
  const read = await readRun(stateDir, runId, { files: disk, onEvent: (event) => found.push(event) });
  if (read.ok || read.problem.code === "journal.missing") return found;
  throw new Error(`${read.problem.code}: ${read.problem.message}`);
}
