/** What the journal's tests share: owners that can be killed by word, events, and random ones. */
import fc from "fast-check";
import { createRun } from "../../../src/connect/journal/create.ts";
import type { Owner, Ownership, OwnerState } from "../../../src/connect/journal/owner.ts";
import { readRun, type ReadOptions, type RunRead } from "../../../src/connect/journal/reader.ts";
import type { RunJournal } from "../../../src/connect/journal/writer.ts";
import type { Checked } from "../../../src/connect/journal/problem.ts";
import type { JournalEvent, RunEvent } from "../../../src/effects/events.ts";
import { object, type Value } from "../../../src/graph/value.ts";
import type { Disk } from "./disk.ts";

/** Owners whose state a test sets. New ones live. */
export class Owners implements Ownership {
  readonly states = new Map<string, OwnerState>();
  private count = 0;

  claim(): Promise<Owner> {
    const nonce = `nonce${++this.count}`;
    this.states.set(nonce, "live");
    return Promise.resolve({
      pid: 1000 + this.count,
      startTime: "1",
      bootId: "b",
      pidNamespace: null,
      host: "here",
      nonce,
    });
  }

  release(owner: Owner): void {
    this.states.set(owner.nonce, "dead");
  }

  judge(owner: Owner): Promise<OwnerState> {
    return Promise.resolve(this.states.get(owner.nonce) ?? "dead");
  }

  setAll(state: OwnerState): void {
    for (const nonce of this.states.keys()) this.states.set(nonce, state);
  }
}

/** The value, or a failed test that shows the problem. */
export function good<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Error(`refused: ${JSON.stringify(checked.problem)}`);
  return checked.value;
}

/** The problem's code, or a failed test. */
export function refusal<T>(checked: Checked<T>): string {
  if (checked.ok) throw new Error("was not refused");
  return checked.problem.code;
}

export const started: Extract<RunEvent, { type: "run.started" }> = {
  type: "run.started",
  version: 1,
  runId: "r",
  dialect: "workflow",
  workflow: "hello",
  root: "/w/hello.toml",
  documents: [{ key: "/w/hello.toml", digest: `sha256:${"a".repeat(64)}`, role: "root" }],
  graphDigest: "g",
  policyDigest: "p",
  environment: "dev",
  start: null,
  triggerKind: "manual",
  input: object({ n: 1n }),
  options: { dryRun: "no", replay: false, assume: {}, canPause: true, timeoutMs: 1000, maxFanout: 4 },
  principal: "user:me@here",
  deadline: 5000,
};

export const act = { frame: "", node: "load", visit: 1, attempt: 1 };

export function ended(value: Value): RunEvent {
  return {
    type: "effect.ended",
    act,
    index: 0,
    ok: true,
    value,
    failure: null,
    by: "performer",
    usage: null,
    doubt: false,
  };
}

export function asked(id: string): RunEvent {
  return {
    type: "approval.requested",
    act,
    index: 0,
    id,
    subject: "pause",
    reason: "look",
    effectDigest: null,
    summary: null,
  };
}

/** A run on a disk, its `run.started` durable. */
export async function startRun(disk: Disk, ownership: Owners, runId = "r"): Promise<RunJournal> {
  const journal = good(await createRun("/state", runId, [], { files: disk, ownership }));
  journal.append({ ...started, runId }, 1000);
  const failed = await journal.sync();
  if (failed !== null) throw new Error(failed.message);
  return journal;
}

/** Reads a run on a disk with all its events. */
export async function readAll(
  disk: Disk,
  runId = "r",
  options: ReadOptions = {},
): Promise<Checked<{ read: RunRead; events: JournalEvent[] }>> {
  const events: JournalEvent[] = [];
  const read = await readRun("/state", runId, { files: disk, ...options, onEvent: (event) => events.push(event) });
  return read.ok ? { ok: true, value: { read: read.value, events } } : read;
}

const oddText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "",
    '","value":1',
    "__proto__",
    "\u0000\u001f\n\r\u2028",
    "NaN",
    "Infinity",
    "{secret:x}",
    "😀\ue000",
  ),
  fc.string({ unit: "binary" }),
);

const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));

const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value[]>(
    null,
    true,
    false,
    0n,
    -0,
    1,
    1n,
    2n ** 64n - 1n,
    -(2n ** 63n),
    9007199254740993n,
    1e300,
    5e-324,
  ),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  oddText,
);

/** Any node value. */
export const anyValue: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(oddText, tie("value")), { maxLength: 4 }).map((entries) => {
      const made = object();
      for (const [key, value] of entries) made[key] = value;
      return made;
    }),
  ),
})).value;

const activation = fc.record({ frame: oddText, node: oddText, visit: fc.nat(), attempt: fc.nat() });
const nullText = fc.option(oddText);
const failure = fc.record({ class: fc.constantFrom("io", "tool", "internal", "in_doubt" as const), message: oddText });
const digest = fc.constantFrom("sha256:00", "x");
const pinned = fc.record({
  key: oddText,
  digest,
  role: fc.constantFrom("root", "child", "schema", "skill", "policy" as const),
});
const decision = fc.constantFrom("Allow", "DryRunOnly", "RequireApproval", "Deny" as const);
const visit = { frame: oddText, node: oddText, visit: fc.nat(), attempt: fc.nat() };
const step = { act: activation, index: fc.nat() };
const reply = fc.record({ status: fc.nat(), contentType: oddText, body: oddText });
const texts = fc.array(oddText, { maxLength: 3 });
const descriptionItem = fc.oneof(
  oddText,
  number,
  fc.boolean(),
  fc.constant(null),
  texts,
  fc.array(texts, { maxLength: 2 }),
);

const generators: { [T in RunEvent["type"]]: fc.Arbitrary<Omit<Extract<RunEvent, { type: T }>, "type">> } = {
  "run.started": fc.record({
    version: fc.constant(1),
    runId: oddText,
    dialect: oddText,
    workflow: oddText,
    root: oddText,
    documents: fc.array(pinned, { maxLength: 3 }),
    graphDigest: digest,
    policyDigest: digest,
    environment: oddText,
    start: nullText,
    triggerKind: fc.constantFrom("manual", "http", "event" as const),
    input: anyValue,
    options: fc.record({
      dryRun: fc.constantFrom("no", "stub", "reads" as const),
      replay: fc.boolean(),
      assume: fc.dictionary(fc.constantFrom("a", "input", "__proto__", "x y"), oddText),
      canPause: fc.boolean(),
      timeoutMs: number,
      maxFanout: fc.nat(),
    }),
    principal: oddText,
    deadline: number,
  }),
  "run.resumed": fc.record({
    principal: oddText,
    deadline: number,
    changed: fc.boolean(),
    documents: fc.array(pinned, { maxLength: 3 }),
    graphDigest: digest,
  }),
  "frame.opened": fc.record({
    frame: oddText,
    parent: fc.option(activation),
    index: fc.nat(),
    child: fc.nat(),
    document: oddText,
    start: nullText,
    input: anyValue,
    depth: fc.nat(),
  }),
  "node.entered": fc.record(
    { ...visit, edge: nullText, assumed: fc.boolean() },
    { requiredKeys: ["frame", "node", "visit", "attempt", "edge"] },
  ),
  "effect.decided": fc.record(
    {
      ...step,
      kind: fc.constantFrom("fs.read", "http.request", "model.call" as const),
      request: digest,
      description: fc.dictionary(oddText, descriptionItem),
      digest,
      decision,
      code: oddText,
      reason: oddText,
      live: fc.record({ decision, code: oddText }),
    },
    {
      requiredKeys: ["act", "index", "kind", "request", "description", "digest", "decision", "code", "reason"],
    },
  ),
  "effect.started": fc.record({ ...step, digest }),
  "effect.ended": fc.record({
    ...step,
    ok: fc.boolean(),
    value: anyValue,
    failure: fc.option(failure),
    by: fc.constantFrom("performer", "dry", "mock", "record", "engine" as const),
    usage: fc.option(fc.record({ tokens: fc.nat(), bytesWritten: fc.nat() }, { requiredKeys: [] })),
    doubt: fc.boolean(),
  }),
  "provision.decided": fc.record(
    {
      what: fc.constantFrom("mcp_server", "secret" as const),
      name: oddText,
      document: oddText,
      act: fc.option(activation),
      kind: fc.constantFrom("shell.run", "http.request" as const),
      description: fc.dictionary(oddText, descriptionItem),
      digest,
      decision,
      code: oddText,
      reason: oddText,
      capability: oddText,
    },
    {
      requiredKeys: ["what", "name", "document", "act", "kind", "description", "digest", "decision", "code", "reason"],
    },
  ),
  "approval.requested": fc.record({
    ...step,
    id: oddText,
    subject: fc.constantFrom("pause", "approval", "effect", "fanout", "doubt" as const),
    reason: nullText,
    effectDigest: fc.option(digest),
    summary: anyValue,
  }),
  "approval.answered": fc.record({
    id: oddText,
    approved: fc.boolean(),
    by: oddText,
    reason: nullText,
    answer: anyValue,
  }),
  "timer.set": fc.record({ ...step, wakeAt: number, why: fc.constantFrom("retry", "backoff" as const) }),
  "timer.fired": fc.record(step),
  "node.ended": fc.record({
    ...visit,
    outcome: fc.constantFrom("continue", "terminate", "fail", "skip" as const),
    output: anyValue,
    label: nullText,
    reason: nullText,
    partial: fc.boolean(),
    assumed: fc.boolean(),
    reply: fc.option(reply),
  }),
  "node.failed": fc.record({ ...visit, failure, then: fc.constantFrom("retry", "branch", "stop" as const) }),
  "frame.ended": fc.record({
    frame: oddText,
    status: fc.constantFrom("completed", "failed", "timed_out" as const),
    value: anyValue,
    partial: fc.boolean(),
    reason: nullText,
    failure: fc.option(failure),
    lastNode: nullText,
  }),
  "deadline.passed": fc.constant({}),
  "budget.exceeded": fc.record({
    budget: fc.constantFrom("max_memory_mb", "max_cpu_secs" as const),
    limit: number,
    used: number,
  }),
  "run.cancelled": fc.record({ by: oddText, reason: nullText }),
  "run.paused": fc.record({ requests: texts }),
  "run.ended": fc.record({
    outcome: fc.constantFrom("completed", "failed", "timed_out", "paused" as const),
    reason: nullText,
  }),
  "value.edited": fc.record({ frame: oddText, node: oddText, output: anyValue, by: oddText }),
  "record.ended": fc.record({
    record: fc.nat(),
    status: fc.constantFrom("completed", "failed", "timed_out" as const),
    bytes: fc.nat(),
    input: digest,
    output: fc.option(digest),
    lastNode: nullText,
    failure: fc.option(failure),
  }),
  "cursor.moved": fc.record({ to: fc.nat() }),
  "run.forked": fc.record({ parent: oddText, fromSeq: fc.nat(), head: digest }),
  "segment.opened": fc.record({ epoch: fc.nat(), oldHead: digest, oldLength: fc.nat(), lateLines: fc.nat() }),
};

/** Any event of any type. */
export const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  ...Object.entries(generators).map(([type, generator]) =>
    (generator as fc.Arbitrary<object>).map((members) => ({ type, ...members }) as RunEvent),
  ),
);

/** Any event that a run may append and go on. */
export const anyRunEvent = anyEvent.filter(({ type }) => type !== "segment.opened" && type !== "run.ended");

/** Exact text of data: integers and floats differ, so do 0 and -0; keys in any order, and absent members, do not. */
export function exactText(data: unknown): string {
  if (typeof data === "bigint") return `${data}n`;
  if (typeof data === "number") return Object.is(data, -0) ? "-0" : String(data);
  if (Array.isArray(data)) return `[${data.map(exactText).join()}]`;
  if (typeof data !== "object" || data === null) return JSON.stringify(data);
  const entries = Object.entries(data).filter(([, item]) => item !== undefined);
  return `{${entries
    .map(([key, item]) => `${JSON.stringify(key)}:${exactText(item)}`)
    .sort()
    .join()}}`;
}
