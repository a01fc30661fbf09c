/**
 * Which run each document's pages show: the one that was started or asked for last. All pages of a document show the
 * same run, each at its own pace. Knows nothing of VS Code.
 */
import type { RunStep } from "../../protocol/run.ts";
import { Feed, MAX_TAIL, RunLog, type RunMessage } from "./feed.ts";
import type { Instant } from "./recording.ts";

/** Runs whose logs are kept for pages that want to show them again; the oldest goes first. */
const MAX_LOGS = 20;
/** Of the latest of them any instant can be looked at, of the others the last ones only. */
const MAX_RECORDINGS = 4;

/** A page's side of it. */
export interface PageRuns {
  /** The page is new: it is sent what is shown. */
  ready(): void;
  acknowledged(runId: string, next: number): void;
  dismissed(runId: string): void;
  dispose(): void;
}

interface Page {
  readonly document: string;
  readonly send: (message: RunMessage) => void;
  ready: boolean;
  feed: Feed | null;
}

/** See the header. */
export class RunHub {
  private readonly logs = new Map<string, { readonly document: string; readonly log: RunLog }>();
  private readonly shown = new Map<string, RunLog>();
  private readonly pages = new Set<Page>();

  /** A run of a document begins; its pages show it from now on. The function takes its steps. */
  begin(document: string, runId: string): (step: RunStep) => void {
    const log = new RunLog(runId);
    this.logs.set(runId, { document, log });
    for (const oldest of [...this.logs.keys()].slice(0, -MAX_LOGS)) this.logs.delete(oldest);
    for (const older of [...this.logs.values()].slice(0, -MAX_RECORDINGS)) older.log.recording.forget(MAX_TAIL);
    this.turn(document, log);
    return (step) => {
      log.add(step);
      for (const page of this.pages) if (page.feed?.log === log) page.feed.pump();
    };
  }

  /** True when pages of the document show a run. */
  shows(document: string): boolean {
    return this.shown.has(document);
  }

  /** The document of a run of this window; null when nothing is known of it any more. */
  documentOf(runId: string): string | null {
    return this.logs.get(runId)?.document ?? null;
  }

  /** True for a run that waits for an answer. */
  waits(runId: string): boolean {
    return this.logs.get(runId)?.log.view().ended?.status === "paused";
  }

  /** Pages of the run's document show this run again. False when nothing is known of it any more. */
  show(runId: string): boolean {
    const known = this.logs.get(runId);
    if (known === undefined) return false;
    this.turn(known.document, known.log);
    return true;
  }

  /** What a run looked like after its first `next` steps; null when nothing is known of it any more. */
  at(runId: string, next: number): Instant | null {
    return this.logs.get(runId)?.log.recording.at(next) ?? null;
  }

  /** A run is not to be shown again: its pages show none, unless they show another by now. */
  forget(runId: string): void {
    const known = this.logs.get(runId);
    this.logs.delete(runId);
    if (known !== undefined && this.shown.get(known.document) === known.log) this.turn(known.document, null);
  }

  /** A page of a document, until it is disposed. */
  attach(document: string, send: (message: RunMessage) => void): PageRuns {
    const page: Page = { document, send, ready: false, feed: null };
    this.pages.add(page);
    return {
      ready: () => {
        page.ready = true;
        const log = this.shown.get(document);
        page.feed = log === undefined ? null : new Feed(log, send);
        page.feed?.pump();
      },
      acknowledged: (runId, next) => {
        if (page.feed?.log.runId === runId) page.feed.acknowledged(next);
      },
      dismissed: (runId) => {
        if (this.shown.get(document)?.runId !== runId) return;
        this.turn(document, null);
      },
      dispose: () => {
        this.pages.delete(page);
      },
    };
  }

  private turn(document: string, log: RunLog | null): void {
    if (log === null) this.shown.delete(document);
    else this.shown.set(document, log);
    for (const page of this.pages) {
      if (page.document !== document || !page.ready) continue;
      page.feed = log === null ? null : new Feed(log, page.send);
      if (page.feed === null) page.send({ type: "runView", run: null });
      else page.feed.pump();
    }
  }
}
