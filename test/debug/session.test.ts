/** Sessions over real runs of the engine: what stops where, what is seen, and what happens twice (nothing). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeBreakpoint, type BreakpointRequest } from "../../src/debug/breakpoints.ts";
import { DebugSession } from "../../src/debug/session.ts";
import type { SessionEnd, SessionEvent, SessionSettings } from "../../src/debug/session-types.ts";
import type { Bundle } from "../../src/dialects/bundle.ts";
import type { JournalEvent } from "../../src/effects/events.ts";
import { attempt, frames, type Handler } from "../../src/effects/handler.ts";
import { resumeRun, startRun } from "../../src/engine/runner.ts";
import { apply, initialState } from "../../src/engine/state.ts";
import { NodeFailure } from "../../src/graph/failure.ts";
import { object, toText } from "../../src/graph/value.ts";
import { bundle, graph, options, prepareRun, TestClock, TestJournal, TestWorld } from "../engine/harness.ts";

const handlers: Record<string, Handler> = {
  *count(context) {
    const before = context.lookup("loop.n");
    const n = before.state === "found" && typeof before.value === "bigint" ? before.value + 1n : 1n;
    yield* attempt({ kind: "env.read", key: `${context.node.id}${n}` });
    return { outcome: "continue", output: object({ n }), label: n < 3n ? "again" : "done" };
  },
  *plain(context) {
    yield* attempt({ kind: "env.read", key: context.node.id });
    return { outcome: "continue", output: object({ id: context.node.id }) };
  },
  *broken() {
    throw new NodeFailure({ class: "tool", message: "it broke" });
  },
  *call(context) {
    const child = context.child(context.node.fields["workflow"] as string);
    if (!child.ok) throw new Error(child.message);
    const many = context.node.fields["many"] === true ? 2 : 1;
    const list = Array.from({ length: many }, () => ({ document: child.key, start: "main", input: null }));
    const results = yield* frames(list, many);
    return { outcome: "continue", output: object({ ended: results.every(({ status }) => status === "completed") }) };
  },
};

const chain = bundle(
  graph("chain", { a: "plain", b: "plain", c: "plain" }, [
    ["a", "b"],
    ["b", "c"],
  ]),
);

interface Rig {
  readonly session: DebugSession;
  readonly events: SessionEvent[];
  readonly world: TestWorld;
  /** Journals of the run and of its forks. */
  readonly journals: TestJournal[];
  /** The next `stopped` or `ended` after what `act` does. */
  readonly after: (act: () => void) => Promise<SessionEvent>;
}

function rig(
  documents: Bundle,
  given: Partial<Pick<SessionSettings, "dry" | "stopOnEntry" | "stopOnEnd">> & { readonly crash?: SessionEnd } = {},
): Rig {
  const world = new TestWorld(() => ({ ok: true, value: object({ value: "x" }) }));
  const journals: TestJournal[] = [];
  const events: SessionEvent[] = [];
  let wake: (event: SessionEvent) => void = () => undefined;
  const dry = given.dry ?? true;
  const session = new DebugSession({
    bundle: documents,
    dry,
    stopOnEntry: given.stopOnEntry ?? true,
    stopOnEnd: given.stopOnEnd ?? false,
    tell: (event) => {
      events.push(event);
      if (event.type === "stopped" || event.type === "ended") wake(event);
    },
    begin: async ({ control, clock, onEvent, prefix }): Promise<SessionEnd> => {
      const earlier = prefix === null ? [] : (journals.at(-1)?.events.slice(0, prefix.seq) ?? []);
      const journal = new TestJournal(earlier);
      journals.push(journal);
      const run = prepareRun(documents, handlers, { world, control, journal });
      const append = journal.append.bind(journal);
      const heard = {
        append: (event: JournalEvent, at: number): JournalEvent => {
          const made = append(event, at);
          onEvent(made);
          return made;
        },
        sync: () => journal.sync(),
        stillOwner: () => journal.stillOwner(),
        close: () => journal.close(),
      };
      const input = {
        ...run.input,
        seam: { ...run.input.seam, clock: clock(new TestClock()), journal: heard as never },
      };
      const started = {
        version: 1,
        runId: "r",
        dialect: "workflow",
        workflow: "w",
        root: documents.root,
        documents: [],
        graphDigest: "sha256:g",
        policyDigest: "sha256:p",
        environment: "dev",
        start: "main",
        triggerKind: "manual" as const,
        input: object({ who: "me" }),
        options: { ...options, dryRun: dry ? ("stub" as const) : ("no" as const), canPause: true },
        principal: "user:test",
        deadline: Number.MAX_SAFE_INTEGER,
      };
      if (prefix === null) {
        const result = await startRun(input, started);
        if (given.crash !== undefined) return given.crash;
        return { ok: true, outcome: result.outcome, interrupted: result.interrupted };
      }
      const state = initialState();
      for (const event of earlier) apply(state, event);
      const result = await resumeRun(input, state, prefix.then);
      return { ok: true, outcome: result.outcome, interrupted: result.interrupted };
    },
  });
  return {
    session,
    events,
    world,
    journals,
    after: (act) =>
      new Promise((resolve) => {
        wake = resolve;
        act();
      }),
  };
}

function break_(session: DebugSession, ...requests: readonly BreakpointRequest[]): void {
  for (const request of requests) {
    const made = makeBreakpoint(request);
    if (!made.ok) throw new Error(made.problem.message);
    session.setBreakpoints(request.place.document, [made.breakpoint]);
  }
}

const stoppedAt = (node: string | null, reason: string): object => ({ type: "stopped", stop: { node, reason } });

describe("stepping", () => {
  test("stops before the first node, steps from node to node, and ends", async () => {
    const { session, after, world } = rig(chain, { dry: false });
    expect(await after(() => session.start())).toMatchObject(stoppedAt("a", "entry"));
    expect(world.performed).toEqual([]);
    expect(await after(() => session.stepOver(""))).toMatchObject(stoppedAt("b", "step"));
    expect(world.performed).toHaveLength(1);
    expect(await after(() => session.stepIn())).toMatchObject(stoppedAt("c", "step"));
    expect(await after(() => session.resume())).toMatchObject({
      type: "ended",
      end: { ok: true, outcome: { status: "completed" } },
    });
  });

  test("steps into a child, over it, and out of it", async () => {
    const documents = bundle(
      graph("outer", { one: { kind: "call", fields: { workflow: "inner" } }, two: "plain" }, [["one", "two"]]),
      graph("inner", { x: "plain", y: "plain" }, [["x", "y"]]),
    );
    const { session, after } = rig(documents);
    await after(() => session.start());
    const inside = await after(() => session.stepIn());
    expect(inside).toMatchObject(stoppedAt("x", "step"));
    const frame = inside.type === "stopped" ? inside.stop.frame : "";
    expect(frame).not.toBe("");
    expect(await after(() => session.stepOver(frame))).toMatchObject(stoppedAt("y", "step"));
    expect(await after(() => session.stepOut(frame))).toMatchObject(stoppedAt("two", "step"));
    const again = rig(documents);
    await again.after(() => again.session.start());
    expect(await again.after(() => again.session.stepOver(""))).toMatchObject(stoppedAt("two", "step"));
  });

  test("a run that goes on can be told to pause", async () => {
    const { session, after } = rig(chain);
    await after(() => session.start());
    expect(
      await after(() => {
        session.resume();
        session.pause();
      }),
    ).toMatchObject(stoppedAt("b", "pause"));
  });

  test("runs to a node", async () => {
    const { session, after } = rig(chain);
    await after(() => session.start());
    expect(await after(() => session.runTo("", "c"))).toMatchObject(stoppedAt("c", "goto"));
  });
});

describe("breakpoints", () => {
  const loop = bundle(
    graph("loop", { loop: "count", end: "plain" }, [
      ["loop", "loop", "again", 5],
      ["loop", "end", "done"],
    ]),
  );
  const place = { on: "node", document: "/loop.toml", node: "loop" } as const;

  test("hold with their condition, their count, and write instead of holding", async () => {
    for (const [more, seen] of [
      [{ condition: "loop.n == 2" }, "2"],
      [{ hitCondition: "3" }, "2"],
      [{ hitCondition: "% 2" }, "1"],
    ] as const) {
      const { session, after } = rig(loop, { stopOnEntry: false });
      break_(session, { id: 1, place, ...more });
      const stopped = await after(() => session.start());
      expect(stopped).toMatchObject({ type: "stopped", stop: { reason: "breakpoint", breakpoints: [1] } });
      const root = session.history.frames.get("");
      const output = root === undefined ? undefined : session.history.outputAt(root, "loop", session.seq);
      expect(toText(output ?? null)).toBe(`{"n":${seen}}`);
    }
    const { session, after, events } = rig(loop, { stopOnEntry: false });
    break_(session, { id: 7, place, logMessage: "n is {{loop.n}}, {{no.such}}" });
    expect(await after(() => session.start())).toMatchObject({ type: "ended" });
    const texts = events.flatMap((event) => (event.type === "logged" ? [event.text] : []));
    expect(texts).toEqual(["n is {{loop.n}}, {{no.such}}", "n is 1, {{no.such}}", "n is 2, {{no.such}}"]);
  });

  test("on an edge hold when the edge is taken", async () => {
    const { session, after } = rig(loop, { stopOnEntry: false });
    const edge = loop.entries.get("/loop.toml")?.graph?.edges[1]?.key ?? "";
    break_(session, { id: 2, place: { on: "edge", document: "/loop.toml", edge } });
    expect(await after(() => session.start())).toMatchObject(stoppedAt("end", "breakpoint"));
  });

  test("a condition that is no expression is refused with its place", () => {
    expect(makeBreakpoint({ id: 1, place, condition: "a ==" })).toMatchObject({ ok: false, problem: { at: 4 } });
    expect(makeBreakpoint({ id: 1, place, hitCondition: "often" })).toMatchObject({ ok: false });
  });

  test("a failure holds where that is asked for", async () => {
    const { session, after } = rig(bundle(graph("f", { a: "broken" }, [])), { stopOnEntry: false });
    session.setFilters({ failures: true, decisions: false });
    expect(await after(() => session.start())).toMatchObject({
      type: "stopped",
      stop: { reason: "failure", text: "a: it broke" },
    });
    expect(await after(() => session.resume())).toMatchObject({
      type: "ended",
      end: { outcome: { status: "failed" } },
    });
  });
});

describe("looking back", () => {
  test("in a live run moves the view only; nothing is performed twice", async () => {
    const { session, after, world, journals } = rig(chain, { dry: false });
    await after(() => session.start());
    await after(() => session.stepOver(""));
    await after(() => session.stepOver(""));
    expect(await after(() => session.stepBack())).toMatchObject(stoppedAt("b", "step"));
    expect(await after(() => session.stepBack())).toMatchObject(stoppedAt("a", "start of recording"));
    const root = session.history.frames.get("");
    expect(root === undefined ? null : session.history.outputsAt(root, session.seq, 10)).toEqual([]);
    expect(await after(() => session.stepOver(""))).toMatchObject(stoppedAt("b", "step"));
    expect(await after(() => session.resume())).toMatchObject(stoppedAt("c", "end of recording"));
    await after(() => session.resume());
    expect(world.performed.map((effect) => effect.kind === "env.read" && effect.key)).toEqual(["a", "b", "c"]);
    expect(journals).toHaveLength(1);
  });

  test("in a dry run going on from the past is a fork that keeps what came before", async () => {
    const { session, after, events, journals } = rig(chain);
    await after(() => session.start());
    await after(() => session.runTo("", "c"));
    await after(() => session.stepBack());
    expect(await after(() => session.resume())).toMatchObject({ type: "ended" });
    expect(events.some((event) => event.type === "forked")).toBe(true);
    expect(journals).toHaveLength(2);
    const entered = journals[1]?.events.flatMap((event) => (event.type === "node.entered" ? [event.node] : []));
    expect(entered).toEqual(["a", "b", "c"]);
  });

  test("an edited output is journalled and what follows sees it", async () => {
    const { session, after, journals } = rig(
      bundle(
        graph("loop", { loop: "count", end: "plain" }, [
          ["loop", "loop", "again", 9],
          ["loop", "end", "done"],
        ]),
      ),
    );
    await after(() => session.start());
    await after(() => session.stepOver(""));
    const edited = await after(() => {
      expect(session.setOutput("", "loop", object({ n: 7n }), "user:test")).toBe(true);
    });
    expect(edited).toMatchObject({ type: "stopped" });
    await after(() => session.resume());
    const last = journals.at(-1)?.events ?? [];
    expect(last.some((event) => event.type === "value.edited" && event.by === "user:test")).toBe(true);
    const outputs = last.flatMap((event) =>
      event.type === "node.ended" && event.node === "loop" ? [toText(event.output)] : [],
    );
    expect(outputs).toEqual(['{"n":1}', '{"n":8}']);
  });

  test("a live run's outputs cannot be edited", async () => {
    const { session, after } = rig(chain, { dry: false });
    await after(() => session.start());
    await after(() => session.stepOver(""));
    expect(session.setOutput("", "a", null, "user:test")).toBe(false);
  });

  test("reverse goes back to the last breakpoint, else to the start", async () => {
    const { session, after } = rig(chain);
    await after(() => session.start());
    await after(() => session.runTo("", "c"));
    break_(session, { id: 3, place: { on: "node", document: "/chain.toml", node: "b" } });
    expect(await after(() => session.reverse())).toMatchObject(stoppedAt("b", "breakpoint"));
    expect(await after(() => session.reverse())).toMatchObject(stoppedAt("a", "start of recording"));
  });
});

describe("hit counts", () => {
  const loop = bundle(
    graph("loop", { loop: "count", end: "plain" }, [
      ["loop", "loop", "again", 5],
      ["loop", "end", "done"],
    ]),
  );
  const place = { on: "node", document: "/loop.toml", node: "loop" } as const;
  /** What the loop had counted to at the instant that is looked at. */
  const counted = (session: DebugSession): string => {
    const root = session.history.frames.get("");
    return toText((root === undefined ? undefined : session.history.outputAt(root, "loop", session.seq)) ?? null);
  };

  test("are those of the instant when one looks back, and looking back adds nothing to them", async () => {
    const { session, after } = rig(loop, { stopOnEntry: false, stopOnEnd: true });
    break_(session, { id: 1, place, hitCondition: "== 2" });
    expect(await after(() => session.start())).toMatchObject(stoppedAt("loop", "breakpoint"));
    expect(await after(() => session.resume())).toMatchObject(stoppedAt(null, "end"));
    for (let time = 0; time < 2; time++) {
      expect(await after(() => session.reverse())).toMatchObject(stoppedAt("loop", "breakpoint"));
      expect(counted(session)).toBe('{"n":1}');
      expect(await after(() => session.reverse())).toMatchObject(stoppedAt("loop", "start of recording"));
      expect(await after(() => session.lookAtSeq(session.history.tip))).toMatchObject(stoppedAt(null, "end"));
    }
  });

  test("of a fork go on from where it forks", async () => {
    const { session, after } = rig(loop, { stopOnEntry: false, stopOnEnd: true });
    break_(session, { id: 1, place, hitCondition: "== 3" });
    expect(await after(() => session.start())).toMatchObject(stoppedAt("loop", "breakpoint"));
    expect(await after(() => session.stepBack())).toMatchObject(stoppedAt("loop", "step"));
    expect(counted(session)).toBe('{"n":1}');
    // It stands before the second time, which counts; the third comes next.
    expect(await after(() => session.resume())).toMatchObject(stoppedAt("loop", "breakpoint"));
    expect(counted(session)).toBe('{"n":2}');
    expect(await after(() => session.resume())).toMatchObject(stoppedAt(null, "end"));
  });

  test("of a live run are counted again when its record is replayed, and then stand as before", async () => {
    const { session, after } = rig(loop, { dry: false, stopOnEnd: true });
    break_(session, { id: 1, place, hitCondition: "== 2" });
    await after(() => session.start());
    expect(await after(() => session.resume())).toMatchObject(stoppedAt("loop", "breakpoint"));
    expect(await after(() => session.resume())).toMatchObject(stoppedAt(null, "end"));
    await after(() => session.reverse());
    await after(() => session.stepBack());
    expect(await after(() => session.resume())).toMatchObject(stoppedAt("loop", "breakpoint"));
    expect(counted(session)).toBe('{"n":1}');
    expect(await after(() => session.resume())).toMatchObject(stoppedAt(null, "end"));
  });
});

describe("at the end of a run", () => {
  test("the session stays, and goes on only to its own end", async () => {
    const { session, after, events } = rig(chain, { stopOnEnd: true });
    await after(() => session.start());
    expect(await after(() => session.resume())).toMatchObject(stoppedAt(null, "end"));
    expect(session.ended).toMatchObject({ ok: true, outcome: { status: "completed" } });
    expect(events.filter((event) => event.type === "finished")).toHaveLength(1);
    expect(session.setOutput("", "a", null, "user:test"), "nothing is changed behind the end").toBe(false);
    expect(await after(() => session.resume())).toMatchObject({ type: "ended", end: { ok: true } });
    expect(session.stopped).toBeNull();
    session.stepBack();
    expect(events.at(-1)).toMatchObject({ type: "ended" });
  });

  test("a dry run is stepped back into and goes on from there as another", async () => {
    const { session, after, journals } = rig(chain, { stopOnEnd: true });
    await after(() => session.start());
    await after(() => session.resume());
    expect(await after(() => session.stepBack())).toMatchObject(stoppedAt("c", "step"));
    expect(await after(() => session.stepBack())).toMatchObject(stoppedAt("b", "step"));
    expect(await after(() => session.resume())).toMatchObject(stoppedAt(null, "end"));
    expect(journals).toHaveLength(2);
    const entered = journals[1]?.events.flatMap((event) => (event.type === "node.entered" ? [event.node] : []));
    expect(entered, "what came before is kept").toEqual(["a", "b", "c"]);
  });

  test("a live run is looked back at and not performed again", async () => {
    const { session, after, world, journals } = rig(chain, { dry: false, stopOnEnd: true });
    await after(() => session.start());
    await after(() => session.resume());
    expect(await after(() => session.reverse())).toMatchObject(stoppedAt("a", "start of recording"));
    expect(await after(() => session.stepOver(""))).toMatchObject(stoppedAt("b", "step"));
    expect(await after(() => session.resume())).toMatchObject(stoppedAt(null, "end"));
    expect(await after(() => session.resume())).toMatchObject({ type: "ended" });
    expect(world.performed).toHaveLength(3);
    expect(journals).toHaveLength(1);
  });

  test("a run that failed, or broke down on the way, can be looked back at", async () => {
    const failed = rig(bundle(graph("f", { a: "plain", b: "broken" }, [["a", "b"]])), { stopOnEnd: true });
    await failed.after(() => failed.session.start());
    expect(await failed.after(() => failed.session.resume())).toMatchObject(stoppedAt(null, "end"));
    expect(failed.session.ended).toMatchObject({ outcome: { status: "failed" } });
    expect(await failed.after(() => failed.session.stepBack())).toMatchObject(stoppedAt("b", "step"));
    const problem = { ok: false, code: "io", message: "the disk is full" } as const;
    const crashed = rig(chain, { stopOnEnd: true, crash: problem });
    await crashed.after(() => crashed.session.start());
    expect(await crashed.after(() => crashed.session.resume())).toMatchObject(stoppedAt(null, "end"));
    expect(crashed.session.ended).toEqual(problem);
    expect(await crashed.after(() => crashed.session.stepBack())).toMatchObject(stoppedAt("c", "step"));
  });

  test("a run that never entered anything ends its session at once", async () => {
    const problem = { ok: false, code: "io", message: "the disk is full" } as const;
    const session = new DebugSession({
      ...{ bundle: chain, dry: true, stopOnEntry: true, stopOnEnd: true },
      begin: () => Promise.resolve(problem),
      tell: (event) => events.push(event),
    });
    const events: SessionEvent[] = [];
    session.start();
    await session.end("test");
    expect(events.map(({ type }) => type)).toEqual(["finished", "ended"]);
  });

  test("ending the session from outside ends it once", async () => {
    const { session, after, events } = rig(chain, { stopOnEnd: true });
    await after(() => session.start());
    await after(() => session.resume());
    await session.end("test");
    await session.end("test");
    expect(events.filter((event) => event.type === "ended")).toHaveLength(1);
  });
});

test("however it is stepped, back and forth, a live run performs each effect once and in order", async () => {
  const step = fc.constantFrom("in", "over", "out", "back", "reverse", "look");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const { session, after, world } = rig(chain, { dry: false });
      await after(() => session.start());
      for (const one of steps) {
        if (session.ended !== null) break;
        await after(() => {
          if (one === "in") session.stepIn();
          else if (one === "over") session.stepOver("");
          else if (one === "out") session.stepOver("");
          else if (one === "back") session.stepBack();
          else if (one === "reverse") session.reverse();
          else session.lookAtSeq(1);
        });
      }
      while (session.ended === null) await after(() => session.resume());
      expect(world.performed.map((effect) => effect.kind === "env.read" && effect.key)).toEqual(["a", "b", "c"]);
    }),
    { numRuns: 60 },
  );
});

test("a held run's clock stands still", async () => {
  const inner = new TestClock();
  const { HeldClock } = await import("../../src/debug/clock.ts");
  const clock = new HeldClock(inner);
  const woken: number[] = [];
  clock.timer(clock.now() + 100, () => woken.push(clock.now()));
  const before = clock.now();
  clock.hold();
  inner.time += 10_000;
  while (inner.advance());
  expect([clock.now(), woken]).toEqual([before, []]);
  clock.release();
  while (inner.advance());
  expect(woken).toEqual([before + 100]);
});
