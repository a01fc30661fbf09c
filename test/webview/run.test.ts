import { describe, expect, it } from "vitest";
import { snapshotOf, emptyRun, foldSteps } from "../../src/protocol/run-fold.ts";
import { applied, emptyState } from "../../webview/model.ts";
import { bar, drawnNode, ROW_HEIGHT, visibleRows } from "../../webview/run/rows.ts";
import { standing } from "../../webview/run/words.ts";
import { manyVisits, numbered } from "../protocol/runs.ts";

const empty = emptyState(null, { palette: false, inspector: false, data: false });

describe("the page's run", () => {
  it("opens the timeline with a new run, goes on folding, and forgets it when it is dismissed", () => {
    const run = foldSteps(emptyRun("r"), manyVisits(1));
    const shown = applied(empty, { type: "host", message: { type: "runView", run: snapshotOf(run) } });
    expect(shown.timeline).toBe(true);
    expect(shown.run).toEqual(run);
    const closed = applied(shown, { type: "timeline", open: false });
    const steps = manyVisits(3).slice(run.next);
    const more = applied(closed, { type: "host", message: { type: "run", runId: "r", fromSeq: run.next, steps } });
    expect(more.run?.nodes.get("a")?.visits).toBe(3);
    expect(more.timeline).toBe(false);
    expect(applied(more, { type: "host", message: { type: "runView", run: null } }).run).toBeNull();
  });

  it("says how the run stands in a sentence that steps do not change", () => {
    const started = { type: "started", start: null, environment: "dev", dry: "reads", began: 0 } as const;
    const end = { reason: "no such file", last: "read", waitsFor: [], assumed: [], wouldPause: [], preview: "" };
    const steps = numbered([started, { type: "finished", status: "failed", ...end }]);
    const run = foldSteps(emptyRun("r"), steps.slice(0, 1));
    expect(standing(run)).toBe("Dry run under way in dev");
    expect(standing(foldSteps(run, steps))).toBe("Dry run failed at read after 1 ms: no such file");
  });
});

describe("the timeline", () => {
  it("draws no more rows than can be seen, however long the run", () => {
    const [first, last] = visibleRows(2_000, 1_000 * ROW_HEIGHT, 10 * ROW_HEIGHT);
    expect(first).toBeLessThanOrEqual(1_000);
    expect(last).toBeGreaterThanOrEqual(1_010);
    expect(last - first).toBeLessThan(40);
    expect(visibleRows(3, 0, 500)).toEqual([0, 3]);
  });

  it("puts bars within the run", () => {
    expect(bar({ now: 0 }, 0, 0)).toEqual({ left: 0, width: 1 });
    const { left, width } = bar({ now: 100 }, 100, 0);
    expect(left + width).toBeLessThanOrEqual(100);
  });

  it("a row in a child belongs to the node that runs it", () => {
    const keys = new Set(["split", "a/b"]);
    expect(drawnNode(keys, "split/score/inner")).toBe("split");
    expect(drawnNode(keys, "a/b")).toBe("a/b");
    expect(drawnNode(keys, "gone/x")).toBeNull();
  });
});
