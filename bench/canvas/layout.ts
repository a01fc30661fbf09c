/** The layout alone: the worker as it is shipped, asked by the code that the extension asks it with. */
import path from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import type { Fixed } from "../../src/draw/layout.ts";
import { rowLayout } from "../../src/draw/rows.ts";
import {
  drawDocument,
  isDrawn,
  LayoutThreads,
  LayoutWorker,
  openDocuments,
  type Drawing,
  type Layout,
} from "../../src/runtime/canvas/index.ts";

/** Layouts of one drawing by ELK; milliseconds. */
export interface LayoutTimes {
  /** The first one, the worker's start included. */
  readonly first: number;
  readonly again: readonly number[];
  /** The asking thread's share of each. */
  readonly asking: number;
  readonly drawing: Drawing;
  readonly layout: Layout;
}

/** Lays a document out several times. */
export async function layoutTimes(text: string, rounds: number): Promise<LayoutTimes> {
  const state = drawDocument(text, path.resolve("bench.toml"), openDocuments(), null);
  if (!isDrawn(state)) throw new Error("the document cannot be drawn");
  const { drawing } = state;
  const threads = new LayoutThreads(pathToFileURL(path.resolve("dist/layout-worker.mjs")));
  try {
    const took: number[] = [];
    let layout: Layout | null = null;
    const busy = performance.eventLoopUtilization();
    for (let round = 0; round <= rounds; round++) {
      const start = performance.now();
      layout = await laidOut(threads, drawing, { moved: {}, before: layout });
      took.push(performance.now() - start);
    }
    const { active } = performance.eventLoopUtilization(busy);
    if (layout === null) throw new Error("there was no layout");
    const [first = Number.NaN, ...again] = took;
    return { first, again, asking: active / took.length, drawing, layout };
  } finally {
    threads.dispose();
  }
}

/** The layout by ELK, also where rows are shown before it is there. Each asks anew: an answer is reused otherwise. */
async function laidOut(threads: LayoutThreads, drawing: Drawing, fixed: Fixed): Promise<Layout | null> {
  let later = (): void => undefined;
  const there = new Promise<void>((resolve) => (later = resolve));
  const worker = new LayoutWorker(threads, later);
  const shown = await worker.layout(drawing, fixed);
  if (JSON.stringify(shown) !== JSON.stringify(rowLayout(drawing, fixed))) return shown;
  await there;
  return worker.layout(drawing, fixed);
}
