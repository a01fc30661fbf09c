/**
 * One view's layouts, made in a thread. A drawing that takes long is shown in rows first, and as ELK has it once that is
 * done, so that an answer always comes soon and the good one comes in the end.
 *
 * Invariants: of drawings that come while one is laid out only the newest is laid out next, in the same thread, which is
 * warm by then; what rows were shown for is given up for it. No layout is worked on for
 * longer than the limit.
 */
import type { Worker } from "node:worker_threads";
import { fromElk, toElk, type ElkNode } from "../../draw/elk.ts";
import type { Drawing } from "../../draw/drawing.ts";
import type { Fixed, Layout } from "../../draw/layout.ts";
import { rowLayout } from "../../draw/rows.ts";
import type { LayoutThreads, ThreadAnswer } from "./layout-threads.ts";

/** Limits of one layout, in milliseconds. */
export interface LayoutLimits {
  /** How long a view waits before it shows rows. */
  readonly patience: number;
  /** When a thread that is still at it is ended; then the rows stay. */
  readonly longest: number;
}

const usual: LayoutLimits = { patience: 2_000, longest: 30_000 };
/** More nodes are not worth the wait. */
const MAX_NODES = 5_000;

/** A layout under way. */
interface Work {
  readonly id: number;
  readonly asked: string;
  /** ELK's answer; null where it failed, was ended, or takes long. */
  readonly waited: Promise<ElkNode | null>;
  /** Ends it: listeners and clocks are gone. True: the thread has answered and can be used again. */
  readonly end: (whole: boolean) => void;
}

/** See the header. Stop it with the view. */
export class LayoutWorker {
  private readonly threads: LayoutThreads;
  private readonly later: () => void;
  private readonly limits: LayoutLimits;
  private work: Work | null = null;
  private count = 0;
  /** What was asked last, and its answer: most edits of a text change no box and no arrow. */
  private last: { readonly asked: string; readonly answer: ElkNode } | null = null;

  /** `later` hears that the layout of what was put into rows is there: whoever asks again gets it. */
  constructor(threads: LayoutThreads, later: () => void = () => undefined, limits: LayoutLimits = usual) {
    this.threads = threads;
    this.later = later;
    this.limits = limits;
  }

  /** The layout of a drawing; null when a newer drawing has been asked for meanwhile. */
  async layout(drawing: Drawing, fixed: Fixed): Promise<Layout | null> {
    const id = ++this.count;
    if (drawing.nodes.length > MAX_NODES) {
      this.stop();
      return rowLayout(drawing, fixed);
    }
    const graph = toElk(drawing);
    const asked = JSON.stringify(graph);
    if (this.last?.asked === asked) {
      this.stop();
      return fromElk(drawing, this.last.answer, fixed);
    }
    let answer: ElkNode | null;
    if (this.work?.asked === asked) answer = await this.work.waited;
    else {
      await this.work?.waited;
      if (id !== this.count) return null;
      this.stop();
      answer = await this.ask(id, graph, asked);
    }
    if (id !== this.count) return null;
    return answer === null ? rowLayout(drawing, fixed) : fromElk(drawing, answer, fixed);
  }

  /** Ends what is under way, which then answers null. */
  stop(): void {
    this.work?.end(false);
  }

  /** ELK's answer; null when it fails, was stopped, or takes long. */
  private ask(id: number, graph: ElkNode, asked: string): Promise<ElkNode | null> {
    const thread: Worker = this.threads.take();
    let ending: Work["end"] = () => undefined;
    const waited = new Promise<ElkNode | null>((resolve) => {
      let late = false;
      const end = (whole: boolean): void => {
        clearTimeout(patience);
        clearTimeout(longest);
        thread.off("message", heard);
        thread.off("error", failed);
        if (this.work?.id === id) this.work = null;
        if (whole) this.threads.giveBack(thread);
        else void thread.terminate();
        resolve(null);
      };
      const heard = (said: ThreadAnswer): void => {
        if (said.id !== id) return;
        const { answer = null } = said;
        if (answer !== null) this.last = { asked, answer };
        resolve(answer);
        end(true);
        if (late && answer !== null) this.later();
      };
      const failed = (): void => {
        end(false);
      };
      const patience = setTimeout(() => {
        late = true;
        resolve(null);
      }, this.limits.patience);
      const longest = setTimeout(failed, this.limits.longest);
      thread.on("message", heard);
      thread.on("error", failed);
      ending = end;
    });
    this.work = { id, asked, waited, end: ending };
    thread.postMessage({ id, graph });
    return waited;
  }
}
