import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Feed, MAX_BATCH, MAX_TAIL, RunLog, type RunMessage } from "../../src/extension/run/feed.ts";
import { RunHub } from "../../src/extension/run/hub.ts";
import { emptyRun, foldSteps, viewOf, type RunView } from "../../src/protocol/run-fold.ts";
import type { RunStep } from "../../src/protocol/run.ts";
import { toPage } from "../../src/protocol/webview.ts";
import { manyVisits } from "../protocol/runs.ts";

/** A page: draws what it is sent when told to, and loses everything while it is hidden. */
class FakePage {
  view: RunView | null = null;
  hidden = false;
  readonly sizes: number[] = [];
  private waiting: RunMessage | null = null;
  readonly acknowledge: (runId: string, next: number) => void;

  constructor(acknowledge: (runId: string, next: number) => void) {
    this.acknowledge = acknowledge;
  }

  readonly receive = (message: RunMessage): void => {
    expect(toPage.safeParse(message).success).toBe(true);
    if (this.hidden) return;
    expect(this.waiting).toBeNull();
    this.waiting = message;
  };

  /** One frame. */
  draw(): boolean {
    const message = this.waiting;
    if (message === null) return false;
    this.waiting = null;
    if (message.type === "runView") {
      this.view = message.run === null ? null : viewOf(message.run);
      if (message.run !== null) this.acknowledge(message.run.runId, message.run.next);
    } else {
      this.sizes.push(message.steps.length);
      this.view = foldSteps(this.view ?? emptyRun(message.runId), message.steps);
      this.acknowledge(message.runId, message.fromSeq + message.steps.length);
    }
    return true;
  }

  /** A page that is shown again is a new one. */
  forget(): void {
    this.view = null;
    this.waiting = null;
  }
}

const whole = (steps: readonly RunStep[]): RunView => foldSteps(emptyRun("r"), steps);

describe("a feed", () => {
  it("sends the next batch only when the last one is drawn, so a slow page gets few large ones", () => {
    const log = new RunLog("r");
    const page = new FakePage((_run, next) => {
      feed.acknowledged(next);
    });
    const feed = new Feed(log, page.receive);
    const steps = manyVisits(5_000);
    feed.pump();
    page.draw();
    for (const step of steps) {
      log.add(step);
      feed.pump();
    }
    let frames = 0;
    while (page.draw()) frames++;
    expect(page.view).toEqual(whole(steps));
    expect(frames).toBeLessThanOrEqual(Math.ceil(steps.length / MAX_BATCH) + 2);
    expect(Math.max(...page.sizes)).toBeLessThanOrEqual(MAX_BATCH);
  });

  it("a page that fell behind what is kept gets the fold instead of the steps", () => {
    const log = new RunLog("r");
    const page = new FakePage((_run, next) => {
      feed.acknowledged(next);
    });
    const feed = new Feed(log, page.receive);
    const steps = manyVisits(MAX_TAIL);
    feed.pump();
    for (const step of steps) log.add(step);
    expect(log.since(0, 1)).toBeNull();
    while (page.draw()) expect(page.view).not.toBeNull();
    expect(page.view).toEqual(whole(steps));
  });

  it("late acknowledgements say nothing", () => {
    const log = new RunLog("r");
    const sent: RunMessage[] = [];
    const feed = new Feed(log, (message) => sent.push(message));
    feed.pump();
    feed.acknowledged(7);
    for (const step of manyVisits(2)) log.add(step);
    feed.pump();
    expect(sent).toHaveLength(1);
    feed.acknowledged(0);
    expect(sent).toHaveLength(2);
  });

  it("whenever pages hide, show again and draw, at the end each shows the whole run", () => {
    const acts = fc.array(fc.constantFrom("step", "step", "step", "draw", "hide", "show"), { maxLength: 200 });
    fc.assert(
      fc.property(acts, (list) => {
        const hub = new RunHub();
        const steps = manyVisits(150);
        const page: FakePage = new FakePage((runId, next) => {
          runs.acknowledged(runId, next);
        });
        const runs = hub.attach("doc", page.receive);
        runs.ready();
        const add = hub.begin("doc", "r");
        let at = 0;
        for (const act of list) {
          if (act === "draw") page.draw();
          else if (act === "hide") page.hidden = true;
          else if (act === "show" && page.hidden) {
            page.hidden = false;
            page.forget();
            runs.ready();
          } else if (act === "step") add(steps[at++] as RunStep);
        }
        if (page.hidden) {
          page.hidden = false;
          page.forget();
          runs.ready();
        }
        while (page.draw()) expect(page.view).not.toBeNull();
        expect(page.view).toEqual(whole(steps.slice(0, at)));
      }),
    );
  });
});

describe("the pages of a document", () => {
  it("all show the run that began last, an earlier one when it is asked for, and none when it is dismissed", () => {
    const hub = new RunHub();
    const make = (): FakePage => {
      const page: FakePage = new FakePage((runId, next) => {
        runs.acknowledged(runId, next);
      });
      const runs = hub.attach("doc", page.receive);
      runs.ready();
      return page;
    };
    const pages = [make(), make()];
    const other = new FakePage(() => undefined);
    hub.attach("other", other.receive).ready();
    hub.begin("doc", "first");
    for (const page of pages) page.draw();
    hub.begin("doc", "second");
    for (const page of pages) page.draw();
    expect(pages.map((page) => page.view?.runId)).toEqual(["second", "second"]);
    expect(hub.show("first")).toBe(true);
    for (const page of pages) page.draw();
    expect(pages.map((page) => page.view?.runId)).toEqual(["first", "first"]);
    expect(hub.show("unknown")).toBe(false);
    const late = make();
    late.draw();
    expect(late.view?.runId).toBe("first");
    expect(other.view).toBeNull();
    const closing = hub.attach("doc", () => undefined);
    closing.dismissed("first");
    for (const page of [...pages, late]) page.draw();
    expect([...pages, late].map((page) => page.view)).toEqual([null, null, null]);
  });
});
