/** Layouts of a view in threads: what comes late, what is newer, and threads that are used again. */
import { BroadcastChannel } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Drawing } from "../../../src/draw/drawing.ts";
import { rowLayout } from "../../../src/draw/rows.ts";
import {
  drawDocument,
  isDrawn,
  LayoutThreads,
  LayoutWorker,
  openDocuments,
  type Layout,
} from "../../../src/runtime/canvas/index.ts";
import { layoutOnce } from "../../../src/runtime/canvas/layout-once.ts";

const fresh = { moved: {}, before: null };
const script = new URL("./held-layout-worker.mjs", import.meta.url);
/** Rows at once where the thread holds a drawing. */
const impatient = { patience: 1, longest: 60_000 };
const patient = { patience: 60_000, longest: 60_000 };

/** A fork into the nodes of these names. */
function drawingOf(...names: readonly string[]): Drawing {
  const nodes = ["route", ...names].map((id) => `[[nodes]]\nid = "${id}"\ntype = "merge"\n`);
  const edges = names.map((id) => `[[edges]]\nfrom = "route"\nto = "${id}"\n`);
  const start = `[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "route"\n`;
  const state = drawDocument(`name = "g"\n${start}${nodes.join("")}${edges.join("")}`, "g.toml", openDocuments(), null);
  if (!isDrawn(state)) throw new Error("the sample is drawn");
  return state.drawing;
}

describe("layouts in threads", () => {
  let threads: LayoutThreads;
  let channel: BroadcastChannel;
  let heard: string[];

  beforeEach(() => {
    heard = [];
    threads = new LayoutThreads(script);
    channel = new BroadcastChannel("held-layout-worker");
    channel.onmessage = ({ data }: { readonly data: unknown }) => heard.push(String(data));
  });
  afterEach(() => {
    threads.dispose();
    channel.close();
  });

  const started = (): number => heard.filter((one) => one === "started").length;
  const asked = (names: string): Promise<void> =>
    vi.waitFor(() => {
      expect(heard.some((one) => one.startsWith("asked") && one.includes(names))).toBe(true);
    });
  const good = (drawing: Drawing): Promise<Layout> => layoutOnce(drawing, fresh);

  it("are shown in rows where they take long, and are there when they are asked for again", async () => {
    let later = 0;
    const worker = new LayoutWorker(threads, () => later++, impatient);
    const drawing = drawingOf("slow", "b", "c");
    expect(await worker.layout(drawing, fresh)).toEqual(rowLayout(drawing, fresh));
    expect(await worker.layout(drawing, fresh), "it is still under way").toEqual(rowLayout(drawing, fresh));
    await asked("slow");
    channel.postMessage("go");
    await vi.waitFor(() => {
      expect(later).toBe(1);
    });
    expect(await worker.layout(drawing, fresh)).toEqual(await good(drawing));
    expect(started()).toBe(1);
  });

  it("are given up for a newer drawing when they were in rows already", async () => {
    let later = 0;
    const worker = new LayoutWorker(threads, () => later++, impatient);
    await worker.layout(drawingOf("slow"), fresh);
    await asked("slow");
    const drawing = drawingOf("b", "c");
    const wanted = await good(drawing);
    await vi.waitFor(async () => {
      expect(await worker.layout(drawing, fresh)).toEqual(wanted);
    });
    expect(started(), "the thread that was at it was ended").toBe(2);
    channel.postMessage("go");
    expect(await worker.layout(drawing, fresh)).toEqual(wanted);
    expect(later).toBeLessThanOrEqual(1);
  });

  it("of drawings that come while one is laid out, only the newest is laid out, in the same thread", async () => {
    const worker = new LayoutWorker(threads, undefined, patient);
    const first = worker.layout(drawingOf("slow"), fresh);
    await asked("slow");
    const second = worker.layout(drawingOf("b"), fresh);
    const third = worker.layout(drawingOf("c"), fresh);
    channel.postMessage("go");
    expect(await Promise.all([first, second])).toEqual([null, null]);
    expect(await third).toEqual(await good(drawingOf("c")));
    expect(heard.filter((one) => one.startsWith("asked"))).toHaveLength(2);
    expect(started()).toBe(1);
  });

  it("share a thread from view to view, which is warm before it is asked", async () => {
    threads.warm();
    threads.warm();
    await asked("a b");
    const [one, other] = [new LayoutWorker(threads, undefined, patient), new LayoutWorker(threads, undefined, patient)];
    expect(await one.layout(drawingOf("x"), fresh)).toEqual(await good(drawingOf("x")));
    expect(await other.layout(drawingOf("y"), fresh)).toEqual(await good(drawingOf("y")));
    expect(started()).toBe(1);
    const [p, q] = [drawingOf("p"), drawingOf("q")];
    const both = await Promise.all([one.layout(p, fresh), other.layout(q, fresh)]);
    expect(both).toEqual([await good(p), await good(q)]);
    expect(started(), "two at once need two").toBe(2);
  });

  it("are in rows where the thread dies, and the next one comes from another thread", async () => {
    const worker = new LayoutWorker(threads, undefined, patient);
    const drawing = drawingOf("dies");
    expect(await worker.layout(drawing, fresh)).toEqual(rowLayout(drawing, fresh));
    expect(await worker.layout(drawingOf("b"), fresh)).toEqual(await good(drawingOf("b")));
    expect(started()).toBe(2);
  });

  it("end when the view is gone", async () => {
    const worker = new LayoutWorker(threads, undefined, patient);
    const drawing = drawingOf("slow");
    const layout = worker.layout(drawing, fresh);
    await asked("slow");
    worker.stop();
    expect(await layout).toEqual(rowLayout(drawing, fresh));
  });
});
