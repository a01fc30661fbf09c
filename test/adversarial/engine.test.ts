/** What breaks if X happens before Y? The engine against hostile timing, performers, deciders and handlers. */
import { describe, expect, it } from "vitest";
import type { DecisionRequest } from "../../src/effects/decision.ts";
import type { EffectResult, PreparedEffect } from "../../src/effects/effect.ts";
import type { RunEvent } from "../../src/effects/events.ts";
import { ABORT_GRACE_MS } from "../../src/engine/in-flight.ts";
import { resumeRun, type Interruption, type RunResult } from "../../src/engine/runner.ts";
import { apply, initialState, type RunState } from "../../src/engine/state.ts";
import { toText, type Value } from "../../src/graph/value.ts";
import {
  allow,
  begin,
  bundle,
  decider,
  graph,
  prepareRun,
  settle,
  TestJournal,
  TestWorld,
  type TestRun,
} from "../engine/harness.ts";
import { handlers } from "./handlers.ts";

const never = (): Promise<EffectResult> => new Promise(() => undefined);
const done = (value: Value = null): EffectResult => ({ ok: true, value });
const one = (kind: string) => bundle(graph("t", { a: kind }, []));
const cancel: Interruption = { how: "cancel", by: "user:test", reason: null };
const stop: Interruption = { how: "stop", by: "SIGINT", reason: null };

/** The state of a journal. */
function fold(journal: TestJournal, length = journal.events.length): RunState {
  const state = initialState();
  for (const event of journal.events.slice(0, length)) apply(state, event);
  return state;
}

/** A resume of what a run's journal holds, in a new process so to speak. */
function again(run: TestRun, events: readonly RunEvent[], parts: Parameters<typeof prepareRun>[2] = {}) {
  const journal = new TestJournal(run.journal.events);
  const second = prepareRun(run.input.bundle, handlers, { ...parts, journal });
  const resumed: RunEvent = {
    type: "run.resumed",
    principal: "user:b@local",
    deadline: second.clock.now() + 100_000,
    changed: false,
    documents: [],
    graphDigest: run.input.bundle.digest,
  };
  const result = resumeRun(second.input, fold(run.journal), [resumed, ...events]);
  // The clock moves for retries, but never to the deadline.
  return { second, result: settle(second, result, second.clock.now() + 50_000) };
}

const answered = (id: string, approved: boolean): RunEvent => ({
  type: "approval.answered",
  id,
  approved,
  by: "user:b@local",
  reason: null,
  answer: approved,
});

const askedIds = (state: RunState): string[] => [...state.asked.keys()];

/** A world whose preparation a test writes. */
class PreparingWorld extends TestWorld {
  preparing: (prepared: PreparedEffect) => Promise<PreparedEffect> = (prepared) => Promise.resolve(prepared);
  override async prepare(effect: Parameters<TestWorld["prepare"]>[0]): Promise<PreparedEffect> {
    return this.preparing(await super.prepare(effect));
  }
}

describe("the deadline", () => {
  it("passes between the decision and the start: nothing is performed", async () => {
    const journal = new TestJournal();
    const run = prepareRun(one("post"), handlers, { journal });
    journal.stillOwner = () => {
      run.clock.time += 5000;
      run.clock.advance(run.clock.time);
      return Promise.resolve(null);
    };
    const { outcome } = await begin(run, { options: { timeoutMs: 1000 } });
    expect(outcome).toMatchObject({ status: "timed_out" });
    expect(run.world.performed).toEqual([]);
    expect(journal.types()).not.toContain("effect.started");
  });

  it("passes while the start becomes durable: nothing is performed, and the journal says so", async () => {
    const journal = new TestJournal();
    const run = prepareRun(one("post"), handlers, { journal });
    const sync = journal.sync.bind(journal);
    journal.sync = () => {
      if (journal.types().at(-1) === "effect.started") {
        run.clock.time += 5000;
        run.clock.advance(run.clock.time);
      }
      return sync();
    };
    const { outcome } = await begin(run, { options: { timeoutMs: 1000 } });
    expect(outcome).toMatchObject({ status: "timed_out" });
    expect(run.world.performed).toEqual([]);
    expect(journal.events.find((event) => event.type === "effect.ended")).toMatchObject({
      ok: false,
      doubt: false,
      failure: { class: "timeout" },
    });
  });

  it("passes while policy decides: nothing is performed", async () => {
    const late = prepareRun(one("post"), handlers, {
      decider: decider(() => {
        late.clock.time += 5000;
        late.clock.advance(late.clock.time);
        return allow();
      }),
    });
    expect((await begin(late, { options: { timeoutMs: 1000 } })).outcome).toMatchObject({ status: "timed_out" });
    expect(late.world.performed).toEqual([]);
  });

  it("ends a run whose policy never answers", async () => {
    const silent = { ...decider(), decide: () => new Promise<never>(() => undefined) };
    const run = prepareRun(one("post"), handlers, { decider: silent });
    const from = run.clock.now();
    const { outcome } = await settle(run, begin(run, { options: { timeoutMs: 1000 } }));
    expect(outcome).toMatchObject({ status: "timed_out" });
    expect(run.clock.now() - from).toBe(1000 + ABORT_GRACE_MS);
    expect(run.world.performed).toEqual([]);
  });

  it("reaches children: all of them stop, and the run is timed out", async () => {
    const aborted: string[] = [];
    const world = new TestWorld(
      (effect, signal) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            aborted.push(effect.kind);
            resolve({ ok: false, failure: { class: "tool", message: "cut" } });
          });
        }),
    );
    const documents = bundle(
      graph("t", { a: { kind: "child", fields: { children: ["c", "c"] } } }, []),
      graph("c", { b: { kind: "child", fields: { children: ["d"] } } }, []),
      graph("d", { x: "post" }, []),
    );
    const run = prepareRun(documents, handlers, { world });
    const { outcome, state } = await settle(run, begin(run, { options: { timeoutMs: 1000 } }));
    expect(outcome).toMatchObject({ status: "timed_out", lastNode: "a" });
    expect(aborted).toHaveLength(2);
    expect(state.ended).not.toBeNull();
  });

  it("passes while a debugger holds the run: what was planned before is not done", async () => {
    const held = prepareRun(one("post"), handlers, {
      control: {
        before: (step) => {
          if (step.type === "perform") held.clock.time += 5000;
        },
      },
    });
    const slow = prepareRun(one("post"), handlers, {
      control: {
        before: async (step) => {
          await Promise.resolve();
          if (step.type === "perform") slow.clock.time += 5000;
        },
      },
    });
    for (const run of [held, slow]) {
      expect((await begin(run, { options: { timeoutMs: 1000 } })).outcome).toMatchObject({ status: "timed_out" });
      expect(run.world.performed).toEqual([]);
    }
  });
});

describe("cancelling", () => {
  const cancelled = { status: "failed", error: { class: "cancelled" } };

  it("during preparation performs nothing", async () => {
    const controller = new AbortController();
    const world = new PreparingWorld();
    world.preparing = (prepared) => {
      controller.abort(cancel);
      return Promise.resolve(prepared);
    };
    const run = prepareRun(one("post"), handlers, { world, control: { signal: controller.signal } });
    expect((await begin(run)).outcome).toMatchObject(cancelled);
    expect(world.performed).toEqual([]);
  });

  it("during an effect ends the effect, and its result is still known", async () => {
    const controller = new AbortController();
    const world = new TestWorld(() => {
      controller.abort(cancel);
      return done("arrived all the same");
    });
    const run = prepareRun(one("post"), handlers, { world, control: { signal: controller.signal } });
    expect((await begin(run)).outcome).toMatchObject(cancelled);
    expect(run.journal.events.find((event) => event.type === "effect.ended")).toMatchObject({
      ok: true,
      value: "arrived all the same",
    });
  });

  it("during a retry's wait, and during a handler's own wait, ends the run at once", async () => {
    const retry = { maxAttempts: 3, backoffMs: 60_000, on: "any", jitter: 0 } as const;
    const failing = new TestWorld(() => ({ ok: false, failure: { class: "tool", message: "down" } }));
    for (const node of [{ kind: "read", retry }, { kind: "waits" }]) {
      const controller = new AbortController();
      const run = prepareRun(bundle(graph("t", { a: node }, [])), handlers, {
        world: failing,
        control: { signal: controller.signal },
      });
      const result = begin(run);
      while (!run.journal.types().includes("timer.set")) await new Promise((resolve) => setImmediate(resolve));
      const at = run.clock.now();
      controller.abort(cancel);
      expect((await result).outcome).toMatchObject(cancelled);
      expect(run.clock.now()).toBe(at);
      expect(run.journal.types()).not.toContain("timer.fired");
      expect(run.clock.waiting).toBe(0);
    }
  });

  it("during a child ends parent and child", async () => {
    const controller = new AbortController();
    const world = new TestWorld(() => {
      controller.abort(cancel);
      return done();
    });
    const documents = bundle(
      graph("t", { a: { kind: "child", fields: { children: ["c"] } }, z: "post" }, [["a", "z"]]),
      graph("c", { x: "read", y: "post" }, [["x", "y"]]),
    );
    const run = prepareRun(documents, handlers, { world, control: { signal: controller.signal } });
    expect((await begin(run)).outcome).toMatchObject(cancelled);
    expect(world.performed.map((effect) => effect.kind)).toEqual(["fs.read"]);
  });

  it("before the first step does nothing at all", async () => {
    const run = prepareRun(one("post"), handlers, { control: { signal: AbortSignal.abort(cancel) } });
    expect((await begin(run)).outcome).toMatchObject(cancelled);
    expect(run.world.performed).toEqual([]);
  });

  it("twice is as once", async () => {
    const controller = new AbortController();
    const world = new TestWorld(() => {
      controller.abort(cancel);
      controller.abort({ ...cancel, by: "another" });
      return done();
    });
    const run = prepareRun(one("post"), handlers, { world, control: { signal: controller.signal } });
    expect((await begin(run)).outcome).toMatchObject({ reason: "cancelled by user:test" });
    expect(run.journal.types().filter((type) => type === "run.cancelled")).toHaveLength(1);
  });
});

describe("stopping", () => {
  it("leaves a cut effect in doubt and keeps one that ended", async () => {
    for (const [result, doubts] of [
      [done("ended"), 0],
      [{ ok: false, failure: { class: "tool", message: "cut" } }, 1],
    ] as const) {
      const controller = new AbortController();
      const world = new TestWorld(() => {
        controller.abort(stop);
        return result;
      });
      const run = prepareRun(one("post"), handlers, { world, control: { signal: controller.signal } });
      expect(await begin(run, { options: { canPause: true } })).toMatchObject({ interrupted: true });
      const { second, result: resumed } = again(run, []);
      const { state } = await resumed;
      expect(askedIds(state)).toHaveLength(doubts);
      expect(second.world.performed).toEqual([]);
    }
  });
});

describe("a performer", () => {
  it("that never answers after the abort is left behind after a while", async () => {
    const world = new TestWorld(never);
    const run = prepareRun(one("post"), handlers, { world });
    const from = run.clock.now();
    const { outcome } = await settle(run, begin(run, { options: { timeoutMs: 1000 } }));
    expect(outcome).toMatchObject({ status: "timed_out", lastNode: "a" });
    expect(run.clock.now() - from).toBe(1000 + ABORT_GRACE_MS);
    expect(run.journal.types()).not.toContain("effect.ended");
  });

  it("that answers long after it was left behind changes nothing any more", async () => {
    let late: (result: EffectResult) => void = () => undefined;
    const world = new TestWorld(
      () =>
        new Promise((resolve) => {
          late = resolve;
        }),
    );
    const run = prepareRun(one("post"), handlers, { world });
    await settle(run, begin(run, { options: { timeoutMs: 1000 } }));
    const events = run.journal.events.length;
    late(done("too late"));
    late(done("twice"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(run.journal.events).toHaveLength(events);
  });

  it("that answers twice is heard once", async () => {
    const world = new TestWorld(
      () =>
        new Promise((resolve) => {
          resolve(done("first"));
          resolve(done("second"));
        }),
    );
    const run = prepareRun(one("post"), handlers, { world });
    expect((await begin(run)).outcome).toMatchObject({ status: "completed", finalValue: "first" });
    expect(run.journal.types().filter((type) => type === "effect.ended")).toHaveLength(1);
  });

  it("that throws leaves the effect in doubt where it may have happened, and fails it where that does not matter", async () => {
    const throwing = (): never => {
      throw new Error("a bug");
    };
    const unsafe = prepareRun(one("post"), handlers, { world: new TestWorld(throwing) });
    expect((await begin(unsafe)).outcome).toMatchObject({ status: "failed", error: { class: "in_doubt" } });
    const safe = prepareRun(one("read"), handlers, { world: new TestWorld(throwing) });
    const { outcome } = await begin(safe);
    expect(outcome).toMatchObject({ status: "failed", error: { class: "internal" } });
    expect(outcome).toMatchObject({ reason: expect.stringContaining("a bug") as string });
    expect(safe.journal.types().at(-1)).toBe("run.ended");
  });

  it("that throws while it prepares fails the node and performs nothing", async () => {
    const world = new PreparingWorld();
    world.preparing = () => Promise.reject(new Error("cannot look"));
    const run = prepareRun(one("post"), handlers, { world });
    expect((await begin(run)).outcome).toMatchObject({ status: "failed", error: { class: "internal" } });
    expect(world.performed).toEqual([]);
  });

  it("whose value no journal can hold does not take the run down unrecorded", async () => {
    const world = new TestWorld(() => done(Number.NaN));
    const journal = new TestJournal();
    const append = journal.append.bind(journal);
    journal.append = (event, at) => {
      if (event.type === "effect.ended" && Number.isNaN(event.value)) throw new TypeError("holds NaN");
      return append(event, at);
    };
    const run = prepareRun(one("post"), handlers, { world, journal });
    const { outcome, journalFailure } = await begin(run);
    expect(outcome).toMatchObject({ status: "failed", error: { class: "internal" } });
    expect(journalFailure).toBeNull();
    expect(world.performed).toHaveLength(1);
  });

  it("that hands on 10 MB is read back whole", async () => {
    const big = "x".repeat(10 * 1024 * 1024);
    const run = prepareRun(one("read"), handlers, { world: new TestWorld(() => done(big)) });
    expect((await begin(run)).outcome).toMatchObject({ finalValue: big });
  });
});

describe("a policy", () => {
  const failing = {
    throws: () => {
      throw new Error("bad policy");
    },
    rejects: () => Promise.reject(new Error("bad policy")),
    "answers nothing": () => undefined,
    "answers null": () => null,
    "answers an unknown word": () => ({ decision: "allow", code: "x", reason: "y" }),
    "answers a text": () => "Allow",
  };
  for (const [what, decide] of Object.entries(failing)) {
    it(`that ${what} denies, live and in a dry run`, async () => {
      for (const dryRun of ["no", "stub", "reads"] as const) {
        const run = prepareRun(one("read"), handlers, {
          decider: { ...decider(), decide: decide as () => ReturnType<typeof allow> },
        });
        const { outcome } = await begin(run, { options: { dryRun } });
        expect(outcome).toMatchObject({ status: "failed", error: { class: "policy" } });
        expect(run.world.performed).toEqual([]);
        expect(run.journal.events.find((event) => event.type === "effect.decided")).toMatchObject({
          decision: "Deny",
          code: "policy_error",
        });
      }
    });
  }

  it("that says DryRunOnly keeps a live run from performing", async () => {
    const dry = decider(() => ({ decision: "DryRunOnly", code: "replay_dry_run", reason: "a replay" }));
    const run = prepareRun(one("post"), handlers, { decider: dry });
    expect((await begin(run)).outcome).toMatchObject({ status: "completed" });
    expect(run.world.performed).toEqual([]);
  });

  it("that asks for an approval does not make a dry run ask for ever", async () => {
    const asks = decider(() => ({ decision: "RequireApproval", code: "approval_missing", reason: "ask" }));
    const run = prepareRun(one("post"), handlers, { decider: asks });
    const { outcome } = await begin(run, { options: { dryRun: "stub" } });
    expect(outcome).toMatchObject({ status: "completed", wouldPause: ["a"] });
    expect(run.world.performed).toEqual([]);
  });

  it("that denies a repeat is obeyed, although the doubt was answered with yes or the node says retry", async () => {
    for (const inDoubt of ["pause", "retry"] as const) {
      const documents = bundle(graph("t", { a: { kind: "post", inDoubt } }, []));
      const first = prepareRun(documents, handlers, { world: new TestWorld(never) });
      void begin(first, { options: { canPause: true } });
      while (!first.journal.types().includes("effect.started")) await new Promise((resolve) => setImmediate(resolve));
      const deny = decider(() => ({ decision: "Deny", code: "policy", reason: "not any more" }));
      const asked = again(first, [], { decider: deny });
      let last = asked.second;
      let result: RunResult = await asked.result;
      if (inDoubt === "pause") {
        const [id] = askedIds(result.state);
        const answer = again(last, [answered(id ?? "", true)], { decider: deny });
        result = await answer.result;
        last = answer.second;
      }
      expect(result.outcome).toMatchObject({ status: "failed", error: { class: "policy" } });
      expect(last.world.performed).toEqual([]);
    }
  });
});

describe("a handler", () => {
  it("that throws a defect ends its node with class internal", async () => {
    for (const kind of ["broken", "brokenLater"]) {
      const run = prepareRun(one(kind), handlers);
      const { outcome } = await begin(run);
      expect(outcome).toMatchObject({ status: "failed", error: { class: "internal" } });
      expect(JSON.stringify(outcome)).not.toMatch(/\.ts:|\bat /);
      expect(run.journal.types().at(-1)).toBe("run.ended");
    }
  });

  it("that asks for what is no request ends its node with class internal", async () => {
    for (const what of [
      undefined,
      null,
      7,
      "effect",
      {},
      { type: "nonsense" },
      { type: "effect" },
      { type: "frames" },
    ]) {
      const run = prepareRun(bundle(graph("t", { a: { kind: "garbage", fields: { what } } }, [])), handlers);
      const { outcome } = await settle(run, begin(run));
      expect(outcome, String(JSON.stringify(what))).toMatchObject({ status: "failed", error: { class: "internal" } });
      expect(run.world.performed).toEqual([]);
    }
  });

  it("that never ends is ended by the deadline", async () => {
    const world = new TestWorld(() => {
      run.clock.time += 1;
      return done();
    });
    const run = prepareRun(one("endless"), handlers, { world });
    expect((await begin(run, { options: { timeoutMs: 3000 } })).outcome).toMatchObject({ status: "timed_out" });
    expect(world.performed.length).toBeLessThanOrEqual(3000);
  });

  it("may perform 10,000 effects, and is resumed in the middle of them without repeating one", async () => {
    const documents = bundle(graph("t", { a: { kind: "many", fields: { count: 10_000 } } }, []));
    const whole = prepareRun(documents, handlers);
    expect((await begin(whole)).outcome).toMatchObject({ finalValue: 10_000n });
    const cut = prepareRun(documents, handlers);
    cut.journal.events.push(...whole.journal.events.slice(0, 20_000));
    const ended = cut.journal.types().filter((type) => type === "effect.ended").length;
    const { second, result } = again(cut, []);
    expect((await result).outcome).toMatchObject({ finalValue: 10_000n });
    expect(second.world.performed).toHaveLength(10_000 - ended);
  });

  it("that asks for less than the journal records is a divergence, and nothing is performed", async () => {
    const documents = bundle(graph("t", { a: { kind: "many", fields: { count: 3 } }, z: "post" }, [["a", "z"]]));
    const controller = new AbortController();
    let reads = 0;
    const world = new TestWorld(() => {
      if (++reads === 3) controller.abort(stop);
      return done();
    });
    const run = prepareRun(documents, handlers, { world, control: { signal: controller.signal } });
    await begin(run);
    const shorter = bundle(graph("t", { a: { kind: "many", fields: { count: 1 } }, z: "post" }, [["a", "z"]]));
    const second = prepareRun(shorter, handlers, { journal: new TestJournal(run.journal.events) });
    const { outcome } = await resumeRun(second.input, fold(run.journal), []);
    expect(outcome).toMatchObject({ error: { message: expect.stringContaining("journal.divergence") as string } });
    expect(second.world.performed).toEqual([]);
  });
});

describe("size", () => {
  it("a map of 10,000 elements completes, with no more than a wave open at once", async () => {
    const root = graph("t", { a: { kind: "each", fields: { child: "c", wave: 50 } } }, []);
    const run = prepareRun(bundle(root, graph("c", { x: "echo", y: "read" }, [["x", "y"]])), handlers);
    let most = 0;
    const append = run.journal.append.bind(run.journal);
    let open = 0;
    run.journal.append = (event, at) => {
      if (event.type === "frame.opened") most = Math.max(most, ++open);
      if (event.type === "frame.ended") open--;
      return append(event, at);
    };
    const input = Array.from({ length: 10_000 }, (_, i) => BigInt(i));
    const { outcome, state } = await begin(run, { input });
    expect(outcome).toMatchObject({ status: "completed", finalValue: 10_000n });
    expect(most).toBeLessThanOrEqual(51);
    expect(state.activations.size).toBe(0);
    expect(run.world.performed).toHaveLength(10_000);
  });

  it("10,000 children in one wave complete too", async () => {
    const root = graph("t", { a: { kind: "each", fields: { child: "c", wave: 10_000 } } }, []);
    const run = prepareRun(bundle(root, graph("c", { x: "echo" }, [])), handlers);
    const input = Array.from({ length: 10_000 }, (_, i) => BigInt(i));
    expect((await begin(run, { input })).outcome).toMatchObject({ finalValue: 10_000n });
  });

  it("eight levels of children complete", async () => {
    const levels = Array.from({ length: 9 }, (_, i) =>
      graph(`l${i}`, i === 8 ? { x: "read" } : { x: { kind: "child", fields: { children: [`l${i + 1}`] } } }, []),
    );
    const run = prepareRun(bundle(...levels), handlers, { world: new TestWorld(() => done("deep")) });
    const { outcome } = await begin(run);
    expect(outcome.status === "completed" && toText(outcome.finalValue)).toBe('[[[[[[[["deep"]]]]]]]]');
  });

  it("a loop of 10,000 visits ends at the safety cap, with every visit named", async () => {
    const documents = bundle(
      graph("t", { a: "pass", b: "pass" }, [
        ["a", "b"],
        ["b", "a", null, 1_000_000],
      ]),
    );
    const run = prepareRun(documents, handlers);
    const { outcome } = await begin(run);
    expect(outcome).toMatchObject({ status: "failed", error: { class: "workflow" } });
    const entered = run.journal.events.flatMap((event) => (event.type === "node.entered" ? [event] : []));
    expect(entered).toHaveLength(10_000);
    expect(new Set(entered.map((event) => `${event.node}#${event.visit}`)).size).toBe(10_000);
  });
});

describe("children", () => {
  it("that fail at once are both reported, each as what it was", async () => {
    const world = new TestWorld((effect) =>
      effect.kind === "fs.read"
        ? { ok: false, failure: { class: "tool", message: "down" } }
        : { ok: false, failure: { class: "mcp", message: "gone" } },
    );
    const documents = bundle(
      graph("t", { a: { kind: "child", fields: { children: ["c", "d", "e"] } } }, []),
      graph("c", { x: "read" }, []),
      graph("d", { x: "post" }, []),
      graph("e", { x: "pass" }, []),
    );
    const run = prepareRun(documents, handlers, { world });
    const { outcome } = await begin(run);
    expect(outcome).toMatchObject({ status: "completed", finalValue: ["tool", "mcp", "x"] });
  });
});

describe("a journal that fails", () => {
  it("at any sync starts no effect afterwards, and the run says why", async () => {
    const documents = bundle(
      graph("t", { a: "read", b: "post", c: "post" }, [
        ["a", "b"],
        ["b", "c"],
      ]),
    );
    const whole = prepareRun(documents, handlers);
    let syncs = 0;
    const count = whole.journal.sync.bind(whole.journal);
    whole.journal.sync = () => (syncs++, count());
    await begin(whole);
    expect(syncs).toBeGreaterThan(6);
    for (let at = 1; at <= syncs; at++) {
      const journal = new TestJournal();
      const sync = journal.sync.bind(journal);
      let calls = 0;
      let before = 0;
      const run = prepareRun(documents, handlers, { journal });
      journal.sync = () => {
        if (++calls === at) {
          before = run.world.performed.length;
          journal.failSync = "EIO: the device reported an error";
        }
        return sync();
      };
      const { outcome, journalFailure } = await begin(run);
      expect(run.world.performed).toHaveLength(before);
      expect(journalFailure).toMatchObject({ class: "io" });
      expect(outcome).toMatchObject({ status: "failed", reason: "EIO: the device reported an error" });
    }
  });

  it("that belongs to somebody else by now performs nothing", async () => {
    const journal = new TestJournal();
    let asked = 0;
    journal.stillOwner = () =>
      Promise.resolve(++asked === 2 ? { class: "cancelled", message: "taken over" } : null) as Promise<null>;
    const run = prepareRun(one("post"), handlers, { journal });
    const { outcome, journalFailure } = await begin(run);
    expect(outcome).toMatchObject({ status: "failed", reason: "taken over" });
    expect(journalFailure).not.toBeNull();
    expect(run.world.performed).toEqual([]);
  });
});

describe("approvals", () => {
  const documents = bundle(
    graph("t", { p: "pause", b: "post", n: "pass" }, [
      ["p", "b"],
      ["p", "n", "denied"],
    ]),
  );
  const paused = async (): Promise<TestRun> => {
    const run = prepareRun(documents, handlers);
    expect((await begin(run, { options: { canPause: true } })).outcome).toMatchObject({ status: "paused" });
    return run;
  };

  it("answered twice count once, as the first answer said", async () => {
    const run = await paused();
    const [id = ""] = askedIds(fold(run.journal));
    const { second, result } = again(run, [answered(id, false), answered(id, true)]);
    expect((await result).outcome).toMatchObject({ status: "completed", lastNode: "n" });
    expect(second.world.performed).toEqual([]);
  });

  it("answered under an unknown id leave the run where it was", async () => {
    const run = await paused();
    const { second, result } = again(run, [answered("somebody-else", true)]);
    expect((await result).outcome).toMatchObject({ status: "paused" });
    expect(second.world.performed).toEqual([]);
  });

  it("not answered are asked for under the same id, however often the run is resumed", async () => {
    let run = await paused();
    const ids = askedIds(fold(run.journal));
    for (let i = 0; i < 3; i++) {
      const { second, result } = again(run, []);
      expect((await result).outcome).toMatchObject({ status: "paused" });
      run = second;
      expect(askedIds(fold(run.journal))).toEqual(ids);
    }
  });

  it("are asked for again when the documents have changed", async () => {
    const run = await paused();
    const second = prepareRun(documents, handlers, { journal: new TestJournal(run.journal.events) });
    const resumed: RunEvent = {
      type: "run.resumed",
      principal: "user:b@local",
      deadline: second.clock.now() + 1000,
      changed: true,
      documents: [],
      graphDigest: "sha256:other",
    };
    const [id = ""] = askedIds(fold(run.journal));
    const { outcome } = await resumeRun(second.input, fold(run.journal), [resumed, answered(id, true)]);
    expect(outcome).toMatchObject({ status: "paused" });
    expect(second.world.performed).toEqual([]);
  });

  it("of an effect end it when denied, at once and for good", async () => {
    const asks = decider((request: DecisionRequest) =>
      request.prepared.effect.kind === "http.request"
        ? { decision: "RequireApproval", code: "approval_missing", reason: "ask" }
        : allow(),
    );
    const run = prepareRun(one("post"), handlers, { decider: asks });
    expect((await begin(run, { options: { canPause: true } })).outcome).toMatchObject({ status: "paused" });
    const ids = askedIds(fold(run.journal));
    expect(ids).toHaveLength(1);
    const waiting = again(run, [], { decider: asks });
    expect((await waiting.result).outcome).toMatchObject({ status: "paused" });
    expect(askedIds(fold(waiting.second.journal))).toEqual(ids);
    const denied = again(waiting.second, [answered(ids[0] ?? "", false)], { decider: asks });
    expect((await denied.result).outcome).toMatchObject({ status: "failed", error: { class: "approval" } });
    expect(denied.second.world.performed).toEqual([]);
  });

  it("of an effect do not stand above a policy that denies by then", async () => {
    const asks = decider(() => ({ decision: "RequireApproval", code: "approval_missing", reason: "ask" }));
    const run = prepareRun(one("post"), handlers, { decider: asks });
    await begin(run, { options: { canPause: true } });
    const [id = ""] = askedIds(fold(run.journal));
    const deny = decider(() => ({ decision: "Deny", code: "deny_all", reason: "never" }));
    const { second, result } = again(run, [answered(id, true)], { decider: deny });
    expect((await result).outcome).toMatchObject({ status: "failed", error: { class: "policy" } });
    expect(second.world.performed).toEqual([]);
  });
});

describe("doubt", () => {
  const lost: EffectResult = { ok: false, failure: { class: "tool", message: "connection lost" }, doubt: true };

  it("of a lost connection is repeated once when somebody says so, and asked about again when it is lost again", async () => {
    const run = prepareRun(one("post"), handlers, { world: new TestWorld(() => lost) });
    expect((await begin(run, { options: { canPause: true } })).outcome).toMatchObject({ status: "paused" });
    const [id = ""] = askedIds(fold(run.journal));
    const second = again(run, [answered(id, true)], { world: new TestWorld(() => lost) });
    expect((await second.result).outcome).toMatchObject({ status: "paused" });
    expect(second.second.world.performed).toHaveLength(1);
    const [next = ""] = askedIds(fold(second.second.journal));
    const third = again(second.second, [answered(next, true)], { world: new TestWorld(() => done("there")) });
    expect((await third.result).outcome).toMatchObject({ status: "completed", finalValue: "there" });
    expect(third.second.world.performed).toHaveLength(1);
  });

  it("answered with no fails the node, and nothing is repeated", async () => {
    const run = prepareRun(one("post"), handlers, { world: new TestWorld(() => lost) });
    await begin(run, { options: { canPause: true } });
    const [id = ""] = askedIds(fold(run.journal));
    const { second, result } = again(run, [answered(id, false)]);
    expect((await result).outcome).toMatchObject({ status: "failed", error: { class: "in_doubt" } });
    expect(second.world.performed).toEqual([]);
  });

  it('with in_doubt = "retry" follows the node\'s retry, and does not go on for ever', async () => {
    const retry = { maxAttempts: 3, backoffMs: 10, on: "transient", jitter: 0 } as const;
    const documents = bundle(graph("t", { a: { kind: "post", inDoubt: "retry", retry } }, []));
    const run = prepareRun(documents, handlers, { world: new TestWorld(() => lost) });
    const { outcome } = await settle(run, begin(run));
    expect(outcome).toMatchObject({ status: "failed", error: { class: "tool" } });
    expect(run.world.performed).toHaveLength(3);
  });
});

describe("a resume", () => {
  it("between the first two events of a run starts its walk", async () => {
    const whole = prepareRun(one("read"), handlers, { world: new TestWorld(() => done("v")) });
    const { outcome } = await begin(whole);
    const cut = prepareRun(one("read"), handlers);
    cut.journal.events.push(...whole.journal.events.slice(0, 1));
    const { result } = again(cut, [], { world: new TestWorld(() => done("v")) });
    expect((await result).outcome).toEqual(outcome);
  });

  it("of a run that has ended performs nothing and says how it ended", async () => {
    const run = prepareRun(one("post"), handlers, { world: new TestWorld(() => done("v")) });
    await begin(run);
    const second = prepareRun(one("post"), handlers, { journal: new TestJournal(run.journal.events) });
    const { outcome } = await resumeRun(second.input, fold(run.journal), []);
    expect(outcome.status).toBe("failed");
    expect(second.world.performed).toEqual([]);
  });
});
