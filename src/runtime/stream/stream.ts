/**
 * A pipeline that takes record after record: the long-running `run` (spec/pipeline.md §1, spec/runtime.md §8).
 *
 * It is one run with one journal, in segments: each record is walked by the engine as a run of its own, whose effects
 * stand in the stream's journal and whose end is one `record.ended`.
 * Invariants:
 * 1. records are worked off one after the other, in the order in which they came;
 * 2. a record's output leaves only when its end is durable;
 * 3. memory is bounded by one batch of the source: nothing is read while records wait;
 * 4. the first record that does not complete ends the stream, and nothing of later ones is done.
 */
import { createRun } from "../../connect/journal/create.ts";
import { nodeFiles } from "../../connect/journal/file.ts";
import { MemoryJournal } from "../../connect/journal/memory.ts";
import { processOwnership } from "../../connect/journal/owner.ts";
import type { RunJournal } from "../../connect/journal/writer.ts";
import type { Bundle } from "../../dialects/bundle.ts";
import type { Outcome, RunEvent } from "../../effects/events.ts";
import type { JournalStore } from "../../effects/seam.ts";
import { startRun, type Interruption } from "../../engine/runner.ts";
import { bytesValue, valueBytes } from "../../graph/bytes.ts";
import type { Failure } from "../../graph/failure.ts";
import { systemClock } from "../clock.ts";
import { sha256 } from "../documents.ts";
import {
  journalRefusal,
  keyFor,
  openRunWorld,
  startedEvent,
  type ExecuteSettings,
  type RunWorld,
  type StartProblem,
} from "../execute.ts";
import { beginSealing, type SealReport } from "../seal.ts";
import { RecordJournal } from "./journal.ts";
import type { RecordSource, SourceRecord } from "./source.ts";

/** Settings of a stream; `options.timeoutMs` holds for each record. */
export interface StreamSettings extends Omit<ExecuteSettings, "input" | "control" | "triggerKind"> {
  readonly source: RecordSource;
  /** Takes the outputs of some records, in order; resolves when it can take more. */
  readonly write: (outputs: readonly Uint8Array[]) => Promise<void>;
  /** Ends the reading: records that were read are worked off. */
  readonly drain: AbortSignal;
  /** Ends the record under way too; its reason is an {@link Interruption}. */
  readonly cancel: AbortSignal;
  /** Records after which a new segment of the journal begins. */
  readonly segmentRecords?: number;
  /** Called when some records have ended, with their number so far. */
  readonly onProgress?: (records: number) => void;
}

/** How a stream came out. */
export interface StreamResult {
  readonly runId: string;
  /** Records that completed. */
  readonly records: number;
  readonly outcome: Outcome;
  readonly journalFailure: Failure | null;
  readonly folder: string | null;
  /** What came of sealing: of earlier runs that had been left unsealed, then of this one. */
  readonly receipts: readonly SealReport[];
  mask(text: string): string;
}

export type Streamed =
  { readonly ok: true; readonly stream: StreamResult } | { readonly ok: false; readonly problem: StartProblem };

/** Records in a segment of the journal, unless told otherwise. */
export const SEGMENT_RECORDS = 10_000;
/** Records, and milliseconds, after which what is done is made durable and handed out. */
const FLUSH_RECORDS = 1024;
const FLUSH_MS = 250;

/** Runs a pipeline over all records of a source. */
export async function stream(bundle: Bundle, settings: StreamSettings): Promise<Streamed> {
  const key = await keyFor(settings);
  if (!key.ok) return key;
  const opened = await openRunWorld(bundle, settings, key.value);
  if (!opened.ok) return opened;
  const { world } = opened;
  try {
    const sealing = await beginSealing(settings);
    const masking = world.mask.journal;
    const listener = sealing.listener === undefined ? {} : { listener: sealing.listener };
    let kept: RunJournal | null = null;
    if (settings.stateDir !== null) {
      const created = await createRun(settings.stateDir, settings.runId, [...bundle.entries.values()], {
        masking,
        files: settings.journalFiles ?? nodeFiles,
        ownership: settings.journalOwnership ?? processOwnership,
        ...listener,
      });
      if (!created.ok) return journalRefusal(created.problem);
      kept = created.value;
    }
    const journal: JournalStore = kept ?? new MemoryJournal({ masking, retain: false, ...listener });
    const ended = await new Stream(bundle, settings, world, journal, kept).run();
    const receipts = await sealing.end(ended.folder, ended.journalFailure !== null);
    return { ok: true, stream: { ...ended, receipts } };
  } finally {
    await world.close();
  }
}

/** One stream under way. */
class Stream {
  private readonly bundle: Bundle;
  private readonly settings: StreamSettings;
  private readonly world: RunWorld;
  private readonly journal: JournalStore;
  private readonly kept: RunJournal | null;
  private readonly first: Extract<RunEvent, { type: "run.started" }>;
  private taken = 0;
  private completed = 0;
  private inSegment = 0;
  private outcome: Outcome | null = null;
  private journalFailure: Failure | null = null;
  private readonly outputs: Uint8Array[] = [];
  private readonly finished: SourceRecord[] = [];
  private flushedAt = systemClock.now();

  constructor(
    bundle: Bundle,
    settings: StreamSettings,
    world: RunWorld,
    journal: JournalStore,
    kept: RunJournal | null,
  ) {
    this.bundle = bundle;
    this.settings = settings;
    this.world = world;
    this.journal = journal;
    this.kept = kept;
    const { name } = settings.source;
    this.first = startedEvent(
      bundle,
      { ...settings, input: null, triggerKind: "event", options: { ...settings.options, stream: name } },
      world,
    );
  }

  async run(): Promise<Omit<StreamResult, "receipts">> {
    const { settings, journal } = this;
    // The stream itself has no deadline; each record has.
    journal.append({ ...this.first, deadline: 0 }, systemClock.now());
    if (await this.durable()) await this.records();
    const problem = settings.source.problem();
    if (problem !== null) this.fail({ class: "io", message: problem.message });
    const outcome: Outcome = this.outcome ?? { status: "completed", finalValue: null, lastNode: null };
    if (this.journalFailure === null) {
      const reason = outcome.status === "failed" ? outcome.reason : null;
      journal.append({ type: "run.ended", outcome: outcome.status, reason }, systemClock.now());
      await this.flush();
    }
    await journal.close();
    const { runId } = settings;
    const { completed: records, journalFailure } = this;
    const folder = this.kept?.folder ?? null;
    return { runId, records, outcome, journalFailure, folder, mask: (text) => this.world.mask.mask(text) };
  }

  private async records(): Promise<void> {
    const { source, drain } = this.settings;
    for await (const batch of source.batches(drain)) {
      for (const record of batch) {
        await this.record(record);
        if (this.outcome !== null) break;
        const due = this.outputs.length >= FLUSH_RECORDS || systemClock.now() - this.flushedAt >= FLUSH_MS;
        if (due && !(await this.flush())) return;
      }
      if (!(await this.flush()) || this.outcome !== null) return;
    }
  }

  private async record(record: SourceRecord): Promise<void> {
    const { settings, first } = this;
    const number = ++this.taken;
    if (settings.cancel.aborted) return this.fail({ class: "cancelled", message: "the stream was cancelled" });
    const result = await startRun(
      this.world.runInput(this.bundle, new RecordJournal(this.journal, number), { signal: settings.cancel }),
      {
        ...first,
        runId: `${settings.runId}#${number}`,
        input: bytesValue(record.bytes),
        deadline: systemClock.now() + settings.options.timeoutMs,
      },
    );
    const { outcome } = result;
    const output = outcome.status === "completed" ? valueBytes(outcome.finalValue) : null;
    const failure = failureOf(outcome);
    this.journal.append(
      {
        type: "record.ended",
        record: number,
        status: outcome.status === "paused" ? "failed" : outcome.status,
        bytes: record.bytes.length,
        input: sha256(record.bytes),
        output: output === null ? null : sha256(output),
        lastNode: outcome.lastNode,
        failure,
      },
      systemClock.now(),
    );
    this.journalFailure ??= result.journalFailure;
    if (output === null) return this.stopAt(number, outcome, failure);
    this.outputs.push(output);
    this.finished.push(record);
    this.completed++;
    if (++this.inSegment < (settings.segmentRecords ?? SEGMENT_RECORDS)) return;
    this.inSegment = 0;
    if (!(await this.flush()) || this.kept === null) return;
    this.noteFailure(await this.kept.rotate(systemClock.now()));
  }

  /** Makes what is done durable, then hands it out. False when the journal cannot be written any more. */
  private async flush(): Promise<boolean> {
    this.flushedAt = systemClock.now();
    if (!(await this.durable())) return false;
    const outputs = this.outputs.splice(0);
    const finished = this.finished.splice(0);
    try {
      if (outputs.length > 0) await this.settings.write(outputs);
      for (const record of finished) await record.done?.();
    } catch (problem) {
      const why = problem instanceof Error ? problem.message : String(problem);
      this.fail({ class: "io", message: `an output cannot be handed on: ${why}` });
    }
    this.settings.onProgress?.(this.completed);
    // Signals and timers have their turn, also where no disk is waited for.
    await systemClock.breathe();
    return true;
  }

  private async durable(): Promise<boolean> {
    return this.noteFailure(await this.journal.sync());
  }

  private noteFailure(failure: Failure | null): boolean {
    if (failure === null) return true;
    this.journalFailure ??= failure;
    this.fail(failure);
    return false;
  }

  private stopAt(number: number, outcome: Outcome, failure: Failure | null): void {
    const reason = failure?.message ?? outcome.status;
    const needsApproval = outcome.status === "failed" && outcome.needsApproval === true;
    this.outcome ??= {
      status: "failed",
      reason: `record ${number}: ${reason}`,
      lastNode: outcome.lastNode,
      ...(failure === null ? {} : { error: failure }),
      ...(needsApproval ? { needsApproval } : {}),
    };
  }

  private fail(error: Failure): void {
    this.outcome ??= { status: "failed", reason: error.message, error, lastNode: null };
  }
}

function failureOf(outcome: Outcome): Failure | null {
  if (outcome.status === "completed") return null;
  if (outcome.status === "timed_out")
    return { class: "timeout", message: `it took longer than it may (${outcome.elapsedMs} ms)` };
  if (outcome.status === "paused") return { class: "approval", message: outcome.reason ?? "it waits for an approval" };
  return outcome.error ?? { class: "workflow", message: outcome.reason };
}

/** Why a stream was cancelled: a person, twice. */
export function cancelledBy(signal: string): Interruption {
  return { how: "cancel", by: signal, reason: null };
}
