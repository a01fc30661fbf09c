/**
 * Lays drawings out in a worker thread. A newer drawing of the same view ends what is under way for the older one,
 * and a drawing that takes too long is laid out in rows instead, so that an answer always comes.
 */
import { Worker } from "node:worker_threads";
import { fromElk, toElk, type ElkNode } from "../../draw/elk.ts";
import type { Drawing } from "../../draw/drawing.ts";
import type { Fixed, Layout } from "../../draw/layout.ts";
import { rowLayout } from "../../draw/rows.ts";

/** Longest time for one layout, in milliseconds. */
const MAX_MS = 2_000;
/** More nodes are not worth the wait. */
const MAX_NODES = 5_000;

interface Answer {
  readonly id: number;
  readonly answer?: ElkNode;
  readonly problem?: string;
}

/** One view's layouts. Dispose of it with the view. */
export class LayoutWorker {
  private worker: Worker | null = null;
  private readonly script: URL;
  private pending: { readonly id: number; readonly settle: (answer: ElkNode | null) => void } | null = null;
  private count = 0;
  /** What was asked last, and its answer: most edits of a text change no box and no arrow. */
  private last: { readonly asked: string; readonly answer: ElkNode } | null = null;

  /** `script`: the bundled worker. */
  constructor(script: URL) {
    this.script = script;
  }

  /** The layout of a drawing; null when a newer drawing has been asked for meanwhile. */
  async layout(drawing: Drawing, fixed: Fixed): Promise<Layout | null> {
    const id = ++this.count;
    if (this.pending !== null) await this.stop();
    if (id !== this.count) return null;
    if (drawing.nodes.length > MAX_NODES) return rowLayout(drawing, fixed);
    const graph = toElk(drawing);
    const asked = JSON.stringify(graph);
    if (this.last?.asked === asked) return fromElk(drawing, this.last.answer, fixed);
    const answer = await this.ask(id, graph);
    if (answer !== null) this.last = { asked, answer };
    if (id !== this.count) return null;
    return answer === null ? rowLayout(drawing, fixed) : fromElk(drawing, answer, fixed);
  }

  /** Ends the worker. What is under way answers null. */
  async stop(): Promise<void> {
    const { worker } = this;
    this.worker = null;
    this.pending?.settle(null);
    await worker?.terminate();
  }

  private ask(id: number, graph: ElkNode): Promise<ElkNode | null> {
    return new Promise((resolve) => {
      const settle = (answer: ElkNode | null): void => {
        clearTimeout(timer);
        if (this.pending?.id === id) this.pending = null;
        resolve(answer);
      };
      const timer = setTimeout(() => void this.stop(), MAX_MS);
      this.pending = { id, settle };
      this.running().postMessage({ id, graph });
    });
  }

  private running(): Worker {
    if (this.worker !== null) return this.worker;
    const worker = new Worker(this.script);
    worker.on("message", ({ id, answer }: Answer) => {
      if (this.pending?.id === id) this.pending.settle(answer ?? null);
    });
    worker.on("error", () => {
      if (this.worker === worker) void this.stop();
    });
    this.worker = worker;
    return worker;
  }
}
