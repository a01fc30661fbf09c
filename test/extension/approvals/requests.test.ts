/** What a window knows of its requests: read one at a time, told once, and never for what was there at the start. */
import { describe, expect, it } from "vitest";
import { Requests, waiting, type Placed } from "../../../src/extension/approvals/model.ts";
import type { ApprovalSource, EndedRequest, ListedRequest } from "../../../src/runtime/approvals/source.ts";

const listed = (runId: string, more: Partial<ListedRequest> = {}): ListedRequest => ({
  ref: { runId, id: "ask#1.1", askedAt: 1 },
  ...{ asks: "Ship it?", reason: null, workflow: "gate", document: "/w/gate.toml", environment: "dev" },
  ...{ requester: "user:ada", place: "ask", expiresAt: null, needed: 1, have: 0 },
  ...more,
});

class FakeSource implements ApprovalSource {
  readonly id: string;
  requests: ListedRequest[] = [];
  ended: EndedRequest[] = [];
  problem: string | null = null;
  readings = 0;

  constructor(id: string) {
    this.id = id;
  }

  pending() {
    this.readings++;
    const { problem } = this;
    if (problem !== null) return Promise.resolve({ ok: false as const, problem: { code: "x", message: problem } });
    return Promise.resolve({ ok: true as const, value: [...this.requests] });
  }

  history() {
    return Promise.resolve({ ok: true as const, value: this.ended });
  }

  show(): never {
    throw new Error("nothing is shown here");
  }

  answer(): never {
    throw new Error("nothing is answered here");
  }
}

function window(...sources: FakeSource[]) {
  const told: (readonly Placed[])[] = [];
  const requests = new Requests(
    () => Promise.resolve(sources),
    (arrived) => told.push(arrived),
  );
  const arrivals = (): string[][] => told.map((one) => one.map(({ request }) => request.ref.runId));
  return { requests, arrivals };
}

describe("requests of a window", () => {
  it("what was there at the start is not told, what arrives is told once", async () => {
    const source = new FakeSource("a");
    source.requests = [listed("old")];
    const { requests, arrivals } = window(source);
    await requests.refresh();
    source.requests = [listed("new"), listed("old")];
    await requests.refresh();
    await requests.refresh();
    expect(arrivals()).toEqual([[], ["new"], []]);
    expect(requests.snapshot.pending).toHaveLength(2);
  });

  it("a request that is asked again under its name is a new one; the same of another place is another", async () => {
    const [a, b] = [new FakeSource("a"), new FakeSource("b")];
    const { requests, arrivals } = window(a, b);
    await requests.refresh();
    a.requests = [listed("r")];
    await requests.refresh();
    a.requests = [listed("r", { ref: { runId: "r", id: "ask#1.1", askedAt: 2 } })];
    b.requests = [listed("r")];
    await requests.refresh();
    expect(arrivals()).toEqual([[], ["r"], ["r", "r"]]);
  });

  it("many changes at once are read once more and not many times", async () => {
    const source = new FakeSource("a");
    const { requests } = window(source);
    await Promise.all(Array.from({ length: 20 }, () => requests.refresh()));
    expect(source.readings).toBe(2);
  });

  it("a place that cannot be read is said and hides nothing of the others", async () => {
    const [a, b] = [new FakeSource("a"), new FakeSource("b")];
    a.problem = "the disk is gone";
    b.requests = [listed("r")];
    const { requests } = window(a, b);
    await requests.refresh();
    expect(requests.snapshot.problems).toEqual(["the disk is gone"]);
    expect(requests.snapshot.pending).toHaveLength(1);
  });

  it("the badge counts what can still be answered", () => {
    const source = new FakeSource("a");
    const all = [listed("a"), listed("b", { expiresAt: 10 }), listed("c", { expiresAt: 30 })];
    expect(
      waiting(
        all.map((request) => ({ source, request })),
        20,
      ),
    ).toBe(2);
  });

  it("the history of all places is one, the latest first", async () => {
    const [a, b] = [new FakeSource("a"), new FakeSource("b")];
    const ended = (runId: string, at: number): EndedRequest => ({
      ...listed(runId),
      answer: { approved: true, by: "user:bob", reason: null, at, signed: true },
    });
    a.ended = [ended("first", 1), ended("third", 3)];
    b.ended = [ended("second", 2)];
    const { requests } = window(a, b);
    expect((await requests.ended()).map(({ request }) => request.ref.runId)).toEqual(["third", "second", "first"]);
  });
});
