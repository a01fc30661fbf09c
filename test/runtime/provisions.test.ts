/** What is started for effects is decided, and in the journal before it begins. */
import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/effects/decision.ts";
import type { Activation, PreparedEffect } from "../../src/effects/effect.ts";
import type { JournalEvent, RunEvent } from "../../src/effects/events.ts";
import { perform, type Handler } from "../../src/effects/handler.ts";
import type { Provision } from "../../src/effects/seam.ts";
import { provisionDigest } from "../../src/engine/digests.ts";
import type { RunInput } from "../../src/engine/runner.ts";
import type { Failure } from "../../src/graph/failure.ts";
import { MAX_BEFORE, RunProvisions, type ProvisionQuestion } from "../../src/runtime/provisions.ts";
import { RecordJournal } from "../../src/runtime/stream/journal.ts";
import { begin, bundle, graph, prepareRun, sha256, TestJournal, TestWorld, type TestRun } from "../engine/harness.ts";

const read: Handler = function* (context) {
  const value = yield* perform({ kind: "env.read", key: context.node.id });
  return { outcome: "continue", output: value ?? null };
};
const act: Activation = { frame: "", node: "a", visit: 1, attempt: 1 };
const program: PreparedEffect = {
  effect: {
    kind: "shell.run",
    program: "serve",
    args: [],
    stdin: null,
    env: {},
    inheritEnv: [],
    cwd: null,
    timeoutMs: 0,
    maxOutputBytes: 0,
    lookup: true,
    graceMs: 0,
  },
  description: { program: "serve", args: ["--all"] },
  target: "serve",
};
const server = (given: Partial<ProvisionQuestion> = {}): ProvisionQuestion => ({
  what: "mcp_server",
  name: "every",
  document: "/t.toml",
  act,
  prepared: program,
  ...given,
});
const yes: Decision = { decision: "Allow", code: "allow_all", reason: "fine" };

function rules(decide: () => Decision = () => yes): RunProvisions {
  return new RunProvisions({
    decide,
    consume: () => Promise.resolve(null),
    digest: sha256,
    runId: "r",
    dryRun: false,
    now: () => 0,
  });
}

/** A run of one node whose effect needs `admit` to say yes; `started` is what was started, and what was durable then. */
function needing(provisions: RunProvisions, journal = new TestJournal(), ask = server()) {
  const started: (readonly JournalEvent[])[] = [];
  const heard: (Failure | null)[] = [];
  const world = new TestWorld(async () => {
    const refused = await provisions.admit(ask);
    heard.push(refused);
    if (refused !== null) return { ok: false, failure: refused };
    started.push(journal.events.slice(0, journal.synced));
    return { ok: true, value: null };
  });
  const made = prepareRun(bundle(graph("t", { a: "read" }, [])), { read }, { world, journal });
  const input: RunInput = { ...made.input, seam: { ...made.input.seam, provisions } };
  const run: TestRun = { ...made, input };
  return { run, started, heard, journal };
}

const decided = (events: readonly JournalEvent[]) => events.filter((event) => event.type === "provision.decided");

describe("a start that an effect needs", () => {
  it("is in the journal, durably, between the effect's start and its end, before it begins", async () => {
    const { run, started, journal } = needing(rules());
    expect((await begin(run)).outcome.status).toBe("completed");
    expect(started).toHaveLength(1);
    expect(started[0]?.at(-1)).toMatchObject({
      type: "provision.decided",
      what: "mcp_server",
      name: "every",
      document: "/t.toml",
      act,
      kind: "shell.run",
      description: { program: "serve", args: ["--all"] },
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      ...yes,
    });
    expect(journal.types().filter((type) => /^(effect|provision)/.test(type))).toEqual([
      "effect.decided",
      "effect.started",
      "provision.decided",
      "effect.ended",
    ]);
  });

  it("does not begin when it is refused, which is durable before the effect fails of it", async () => {
    const denied: Decision = { decision: "Deny", code: "allowlist", reason: "not listed" };
    const { run, started, journal } = needing(rules(() => denied));
    const { outcome } = await begin(run);
    expect(outcome).toMatchObject({ error: { class: "policy", message: "policy violation: not listed (allowlist)" } });
    expect(started).toEqual([]);
    expect(decided(journal.events)).toMatchObject([denied]);
  });

  it.each([
    ["that asks for an approval", (): Decision => ({ decision: "RequireApproval", code: "posture", reason: "ask" })],
    [
      "that cannot be evaluated",
      (): Decision => {
        throw new Error("broken");
      },
    ],
  ])("does not begin under a policy %s", async (_name, decide) => {
    const { run, started, journal } = needing(rules(decide));
    expect((await begin(run)).outcome).toMatchObject({ error: { class: "policy" } });
    expect(started).toEqual([]);
    expect(decided(journal.events)).toHaveLength(1);
  });

  it("does not begin when the journal cannot be written any more", async () => {
    const journal = new TestJournal();
    const { run, started, heard } = needing(
      rules(() => {
        journal.failSync = "EIO: i/o error";
        return yes;
      }),
      journal,
    );
    const { outcome, journalFailure } = await begin(run);
    expect(outcome).toMatchObject({ status: "failed", error: { class: "io", message: "EIO: i/o error" } });
    expect(journalFailure).not.toBeNull();
    expect(heard).toMatchObject([{ class: "io", message: "EIO: i/o error" }]);
    expect(started).toEqual([]);
  });

  it("does not begin, nor is it journalled, when another process owns the run by then", async () => {
    const journal = new TestJournal();
    const { run, started } = needing(
      rules(() => {
        journal.stillOwner = () => Promise.resolve({ class: "internal", message: "taken over" }) as never;
        return yes;
      }),
      journal,
    );
    expect((await begin(run)).journalFailure).toMatchObject({ message: "taken over" });
    expect(started).toEqual([]);
    expect(decided(journal.events)).toEqual([]);
  });

  it("does not begin when the run is cancelled while it is decided", async () => {
    const cancel = new AbortController();
    const provisions = rules(() => {
      cancel.abort({ how: "cancel", by: "ada", reason: null });
      return yes;
    });
    const { run, started, heard } = needing(provisions);
    const input: RunInput = { ...run.input, control: { signal: cancel.signal } };
    expect((await begin({ ...run, input })).outcome.status).toBe("failed");
    expect(started).toEqual([]);
    expect(heard).toMatchObject([{ class: "cancelled" }]);
  });

  it("does not begin when the approval that it rests on is used up meanwhile", async () => {
    const credential = { digest: "sha256:0", approvalId: "a", kid: "k", principal: "user:p@x" };
    const approved: Decision = { decision: "Allow", code: "approved", reason: "by p", approvals: [credential] };
    const asked: (string | undefined)[] = [];
    const provisions = new RunProvisions({
      decide: () => approved,
      consume: (request) => {
        asked.push(request.approval?.use);
        return Promise.resolve({ class: "approval", message: "somebody else has used it" });
      },
      digest: sha256,
      runId: "r",
      dryRun: false,
      now: () => 0,
    });
    expect(await provisions.admit(server())).toMatchObject({ class: "approval" });
    expect(await provisions.admit(server())).toMatchObject({ class: "approval" });
    expect(await provisions.admit(server({ name: "other" }))).toMatchObject({ class: "approval" });
    // The same start is the same use; another one is another.
    expect(new Set(asked).size).toBe(2);
  });

  it("is not journalled any more when the run has ended while it is decided", async () => {
    let decide = (_decision: Decision): void => undefined;
    const provisions = new RunProvisions({
      decide: () => new Promise<Decision>((resolve) => (decide = resolve)),
      consume: () => Promise.resolve(null),
      digest: sha256,
      runId: "r",
      dryRun: false,
      now: () => 0,
    });
    const late: Promise<Failure | null>[] = [];
    const { run, journal } = needing(provisions);
    // Like a server's start: it goes on when the effect that asked for it has ended.
    const world = new TestWorld(() => {
      late.push(provisions.admit(server()));
      return { ok: true, value: null };
    });
    await begin({ ...run, input: { ...run.input, seam: { ...run.input.seam, performer: world } } });
    decide(yes);
    expect(await Promise.all(late)).toMatchObject([{ class: "cancelled" }]);
    expect(journal.types().at(-1)).toBe("run.ended");
  });

  it("does not begin once the run has ended, until another one is under way", async () => {
    const provisions = rules();
    const first = needing(provisions);
    await begin(first.run);
    expect(await provisions.admit(server())).toMatchObject({ class: "cancelled" });
    const second = needing(provisions);
    await begin(second.run);
    expect(second.started).toHaveLength(1);
    expect(decided(first.journal.events)).toHaveLength(1);
  });

  it("changes nothing of what a resume finds: the journal without it folds to the same run", async () => {
    const { run, journal } = needing(rules());
    const { outcome } = await begin(run);
    const plain = prepareRun(bundle(graph("t", { a: "read" }, [])), { read });
    expect((await begin(plain)).outcome).toEqual(outcome);
    const kinds = journal.types().filter((type) => type !== "provision.decided");
    expect(kinds).toEqual(plain.journal.types());
  });
});

describe("what is decided before the run begins", () => {
  it("is journalled behind the run's first events, in order and before any effect", async () => {
    const provisions = rules();
    for (const name of ["one", "two"])
      expect(await provisions.admit(server({ what: "secret", name, act: null }))).toBeNull();
    const { run, journal, started } = needing(provisions);
    await begin(run);
    expect(journal.types().slice(0, 4)).toEqual([
      "run.started",
      "frame.opened",
      "provision.decided",
      "provision.decided",
    ]);
    expect(decided(journal.events)).toMatchObject([
      { name: "one", act: null },
      { name: "two", act: null },
      { name: "every", act },
    ]);
    expect(started).toHaveLength(1);
  });

  it("is bounded", async () => {
    const provisions = rules();
    for (let i = 0; i < MAX_BEFORE; i++) expect(await provisions.admit(server({ act: null }))).toBeNull();
    expect(await provisions.admit(server({ act: null }))).toMatchObject({ class: "config" });
  });
});

describe("the digest of a decision", () => {
  const provision: Provision = {
    what: "secret",
    name: "TOK",
    document: "/t.toml",
    act,
    kind: "http.request",
    description: { url: "https://a.test/", addresses: ["1.2.3.4"] },
    ...yes,
  };
  const binding = { run: "r", graphDigest: "g", policyDigest: "p", environment: "dev" };
  const of = (given: Partial<Provision> = {}, bound: Partial<typeof binding> = {}): string =>
    provisionDigest(sha256, { ...provision, ...given }, { ...binding, ...bound });

  it("is the same for the same start, whatever a name resolves to and however it was decided", () => {
    expect(of({ description: { ...provision.description, addresses: ["5.6.7.8"] } })).toBe(of());
    expect(of({ decision: "Deny", code: "allowlist", reason: "no" })).toBe(of());
  });

  it("differs with everything it binds", () => {
    const all = [
      of(),
      of({ what: "mcp_server" }),
      of({ name: "T" }),
      of({ document: "/u.toml" }),
      of({ act: null }),
      of({ act: { ...act, attempt: 2 } }),
      of({ kind: "shell.run" }),
      of({ description: { url: "https://b.test/" } }),
      of({}, { run: "s" }),
      of({}, { graphDigest: "h" }),
      of({}, { policyDigest: "q" }),
      of({}, { environment: "prod" }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("a record of a stream", () => {
  it("has its decisions in the stream's journal, in the record's frame, and waits for them", async () => {
    const stream = new TestJournal();
    const journal = new RecordJournal(stream, 3);
    const event = (one: Activation | null): RunEvent => ({
      type: "provision.decided",
      ...{
        what: "secret",
        name: "TOK",
        document: "/t.toml",
        act: one,
        kind: "shell.run",
        description: {},
        digest: "d",
      },
      ...yes,
    });
    journal.append(event(act), 1);
    journal.append(event(null), 1);
    expect(await journal.sync()).toBeNull();
    expect(stream.synced).toBe(2);
    expect(decided(stream.events)).toMatchObject([{ act: { frame: "record[3]", node: "a" } }, { act: null }]);
  });
});
