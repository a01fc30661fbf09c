/** Approvals through the engine: a crash at any event, and the answer of those who know what happened. */
import { describe, expect, it } from "vitest";
import { memoryUseBook } from "../../src/connect/approvals/uses.ts";
import type { JournalEvent, RunEvent } from "../../src/effects/events.ts";
import { perform } from "../../src/effects/handler.ts";
import { resumeRun } from "../../src/engine/runner.ts";
import { apply, initialState, type RunState } from "../../src/engine/state.ts";
import { createDecider } from "../../src/governance/decider.ts";
import { defaultApprovalRules } from "../../src/graph/posture.ts";
import { object, type Value } from "../../src/graph/value.ts";
import { credential, keySet, person } from "../governance/approvals/people.ts";
import { open } from "../governance/support.ts";
import { begin, bundle, graph, prepareRun, sha256, TestClock, TestJournal, TestWorld } from "./harness.ts";

const bob = person("bob");
const URL = "https://api.example/release";
const documents = bundle(graph("t", { post: "post" }, []));
const handlers = {
  post: function* () {
    const effect = {
      kind: "http.request",
      method: "POST",
      url: URL,
      headers: [],
      body: "x",
      timeoutMs: 1,
      maxReplyBytes: 1,
    } as const;
    return { outcome: "continue" as const, output: (yield* perform(effect)) ?? null };
  },
};

/** A run in a state directory of its own: what is kept there outlives its processes. */
class Kept {
  readonly uses = memoryUseBook();
  readonly texts = new Map<string, string>();
  readonly world = new TestWorld(() => ({ ok: true, value: "sent" }));

  decider() {
    const posture = { environment: "prod", sideEffects: "require_approval", replay: "dry_run_only" } as const;
    return createDecider({
      ...open,
      posture,
      approvals: {
        runId: "run-1",
        specHash: documents.digest,
        requester: "user:test@local",
        requesterProblem: null,
        place: { orgId: "local", projectId: "local", environmentId: "local" },
        posture: "prod",
        rules: { ...defaultApprovalRules, notRequester: true },
        keys: keySet(bob),
        documents: [],
        credential: (digest) => Promise.resolve(this.texts.get(digest) ?? null),
        uses: this.uses,
      },
    });
  }

  process(earlier: readonly JournalEvent[] = []) {
    const clock = new TestClock();
    return prepareRun(documents, handlers, {
      world: this.world,
      clock,
      decider: this.decider(),
      journal: new TestJournal(earlier),
    });
  }

  /** Bob's signature under the one open request, as the event of a resume. */
  async answer(state: RunState, clock: TestClock, answer?: Value): Promise<RunEvent> {
    const [asked] = [...state.asked.values()];
    const terms = asked?.request.terms;
    if (asked === undefined || terms === undefined) throw new Error("nothing is asked");
    const text = await credential(bob, {
      spec_hash: terms.specHash,
      capabilities: [terms.capability.split(":")[0] ?? ""],
      issued_at: new Date(clock.now()).toISOString(),
      expires_at: new Date(clock.now() + 60_000).toISOString(),
      ext: {
        run_id: "run-1",
        node_id: terms.nodeId,
        effect_digest: asked.request.effectDigest ?? "",
        ...(terms.inputDigest === null ? {} : { input_digest: terms.inputDigest }),
      },
    });
    const digest = sha256(text);
    this.texts.set(digest, text);
    const credentials = [{ digest, approvalId: "a", kid: bob.key.kid, principal: "user:bob@test" }];
    const { id } = asked.request;
    return {
      type: "approval.answered",
      id,
      approved: true,
      by: "user:bob@test",
      reason: null,
      credentials,
      answer: answer ?? true,
    };
  }
}

function folded(events: readonly JournalEvent[]): RunState {
  const state = initialState();
  for (const event of events) apply(state, structuredClone(event));
  return state;
}

async function paused() {
  const kept = new Kept();
  const run = kept.process();
  const result = await begin(run, { options: { canPause: true } });
  expect(result.outcome.status).toBe("paused");
  return { kept, run, events: run.journal.events };
}

describe("an effect that waits for a signature", () => {
  it("is asked with everything that the signature binds", async () => {
    const { events } = await paused();
    const asked = events.find((event) => event.type === "approval.requested");
    expect(asked).toMatchObject({
      subject: "effect",
      summary: { kind: "http.request", preview: { text: "x", truncated: false } },
      terms: {
        specHash: documents.digest,
        environment: "prod",
        nodeId: "post#1.1",
        needed: 1,
        notRequester: true,
        signed: true,
      },
    });
  });

  it("is not done for a yes without a signature", async () => {
    const { kept, events } = await paused();
    const state = folded(events);
    const [id = ""] = [...state.asked.keys()];
    const yes: RunEvent = { type: "approval.answered", id, approved: true, by: "x", reason: null, answer: true };
    const again = await resumeRun(kept.process(events).input, state, [yes]);
    expect([again.outcome.status, kept.world.performed.length]).toEqual(["paused", 0]);
  });

  it("is done once with one signature, wherever the process dies", async () => {
    const { kept, run, events } = await paused();
    const first = kept.process(events);
    const answer = await kept.answer(folded(events), run.clock);
    const done = await resumeRun(first.input, folded(events), [answer]);
    expect([done.outcome.status, kept.world.performed.length]).toEqual(["completed", 1]);
    const whole = first.journal.events;
    expect(whole.find((event) => event.type === "effect.decided" && event.code === "approved")).toMatchObject({
      approvals: [{ principal: "user:bob@test" }],
    });
    for (let kept_ = events.length + 1; kept_ < whole.length; kept_++) {
      const prefix = whole.slice(0, kept_);
      const started = prefix.some((event) => event.type === "effect.started");
      const ended = prefix.some((event) => event.type === "effect.ended");
      const before = kept.world.performed.length;
      const resumed = await resumeRun(kept.process(prefix).input, folded(prefix), []);
      // Before the start the approval is still this effect's; after it nobody may repeat it unasked.
      const expected = started ? [ended ? "completed" : "paused", 0] : ["completed", 1];
      expect([kept_, resumed.outcome.status, kept.world.performed.length - before]).toEqual([kept_, ...expected]);
    }
  });

  it("that is in doubt is repeated only with a signature of its own, or taken for done by who knows", async () => {
    const { kept, run, events } = await paused();
    const first = kept.process(events);
    await resumeRun(first.input, folded(events), [await kept.answer(folded(events), run.clock)]);
    const at = first.journal.events.findIndex((event) => event.type === "effect.started");
    const cut = first.journal.events.slice(0, at + 1);
    const doubting = kept.process(cut);
    const doubt = await resumeRun(doubting.input, folded(cut), []);
    expect(doubt.outcome.status).toBe("paused");
    const asked = doubting.journal.events;
    const repeat = await resumeRun(kept.process(asked).input, folded(asked), [
      await kept.answer(folded(asked), run.clock),
    ]);
    expect([repeat.outcome.status, kept.world.performed.length]).toEqual(["completed", 2]);
    const happened = await kept.answer(folded(asked), run.clock, object({ happened: true, value: "it was" }));
    const known = await resumeRun(kept.process(asked).input, folded(asked), [happened]);
    expect(known.outcome).toMatchObject({ status: "completed", finalValue: "it was" });
    expect(kept.world.performed).toHaveLength(2);
  });
});
