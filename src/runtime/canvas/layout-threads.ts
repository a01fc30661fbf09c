/**
 * The threads in which ELK lays graphs out. Loading and warming it up takes longer than most layouts, so a thread that
 * has done its work is kept for whoever asks next: another view, a child, the same view after an edit.
 *
 * Invariants: a thread works for one at a time; at most one is idle, and not for longer than {@link IDLE_MS}.
 */
import { Worker } from "node:worker_threads";
import type { ElkNode } from "../../draw/elk.ts";

/** How long a thread is kept without work, in milliseconds. */
const IDLE_MS = 10 * 60_000;

/** What a thread says: the layout that was asked for under this number, or why there is none. */
export interface ThreadAnswer {
  readonly id: number;
  readonly answer?: ElkNode;
  readonly problem?: string;
}

/** The number of what is laid out for nobody; views count from 1. */
const WARM_UP = 0;

/** Two boxes and an arrow: enough for ELK to set itself up. */
const small: ElkNode = {
  id: "root",
  layoutOptions: { "elk.algorithm": "layered" },
  children: ["a", "b"].map((id) => ({ id, width: 10, height: 10 })),
  edges: [{ id: "e", sources: ["a"], targets: ["b"] }],
};

/** See the header. Dispose of it with the program. */
export class LayoutThreads {
  private readonly script: URL;
  private idle: Worker | null = null;
  private timer: NodeJS.Timeout | null = null;
  private disposed = false;

  /** `script`: the bundled worker. */
  constructor(script: URL) {
    this.script = script;
  }

  /** Sets a thread up ahead of the first question. */
  warm(): void {
    if (this.idle !== null || this.disposed) return;
    const worker = this.made();
    worker.postMessage({ id: WARM_UP, graph: small });
    this.keep(worker);
  }

  /** A thread for one layout; it is given back, or ended where it was not done. */
  take(): Worker {
    const worker = this.idle ?? this.made();
    this.forget();
    return worker;
  }

  /** Takes back a thread that has answered. */
  giveBack(worker: Worker): void {
    if (this.idle === null && !this.disposed) this.keep(worker);
    else void worker.terminate();
  }

  /** Ends the idle thread; one that is given back afterwards ends too. */
  dispose(): void {
    this.disposed = true;
    const worker = this.idle;
    this.forget();
    void worker?.terminate();
  }

  private made(): Worker {
    const worker = new Worker(this.script);
    // Without a listener the fault of an idle thread would be the program's; whoever works with it has one of their own.
    worker.on("error", () => {
      if (this.idle === worker) this.forget();
    });
    // It is no reason for the program to stay.
    worker.unref();
    return worker;
  }

  private keep(worker: Worker): void {
    this.idle = worker;
    this.timer = setTimeout(() => {
      this.forget();
      void worker.terminate();
    }, IDLE_MS);
    this.timer.unref();
  }

  private forget(): void {
    this.idle = null;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
