/** Kept runs made from a few lines, for commands that show them. Times are fixed. */
import { createHash } from "node:crypto";
import { createRun } from "../../src/connect/journal/create.ts";
import type { Activation } from "../../src/effects/effect.ts";
import type { RunEvent } from "../../src/effects/events.ts";

// Local times of a list must not hang on where a test runs.
process.env["TZ"] = "UTC";

/** 2026-01-31 14:05:09 UTC. */
export const T0 = Date.UTC(2026, 0, 31, 14, 5, 9);

const source = `name = "gate"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"
[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"
[[nodes]]
id = "split"
type = "parallel"
branches = []
[[nodes]]
id = "ask"
type = "pause_for_approval"
[[edges]]
from = "load"
to = "split"
[[edges]]
from = "split"
to = "ask"
`;
const bytes = new TextEncoder().encode(source);
const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

export const act = (node: string, frame = "", attempt = 1, visit = 1): Activation => ({ frame, node, visit, attempt });

export function started(runId: string, extra: Partial<Extract<RunEvent, { type: "run.started" }>> = {}): RunEvent {
  return {
    type: "run.started",
    version: 1,
    runId,
    dialect: "workflow",
    workflow: "gate",
    root: "/w/gate.toml",
    documents: [{ key: "/w/gate.toml", digest, role: "root" }],
    graphDigest: digest,
    policyDigest: digest,
    environment: "dev",
    start: "main",
    triggerKind: "manual",
    input: null,
    options: { dryRun: "no", replay: false, assume: {}, canPause: true, timeoutMs: 120_000, maxFanout: 8 },
    principal: "user:ada@host",
    deadline: T0 + 120_000,
    ...extra,
  };
}

export const opened = (frame = "", parent: Activation | null = null, child = 0): RunEvent => ({
  type: "frame.opened",
  frame,
  parent,
  index: 0,
  child,
  document: "/w/gate.toml",
  start: "main",
  input: null,
  depth: parent === null ? 0 : 1,
});

export const entered = (node: string, frame = "", attempt = 1, visit = 1): RunEvent => ({
  type: "node.entered",
  ...act(node, frame, attempt, visit),
  edge: null,
});

export const nodeEnded = (
  node: string,
  output: Extract<RunEvent, { type: "node.ended" }>["output"],
  extra: Partial<Extract<RunEvent, { type: "node.ended" }>> = {},
): RunEvent => ({
  type: "node.ended",
  ...act(node),
  outcome: "continue",
  output,
  label: null,
  reason: null,
  partial: false,
  assumed: false,
  reply: null,
  ...extra,
});

export const frameEnded = (frame = "", status: "completed" | "failed" = "completed"): RunEvent => ({
  type: "frame.ended",
  frame,
  status,
  value: status === "completed" ? { done: true } : null,
  partial: false,
  reason: status === "completed" ? null : "it broke",
  failure: null,
  lastNode: "load",
});

/** Keeps a run with these events, each `stepMs` after the one before; its writer lets go of it. */
export async function keepRun(
  stateDir: string,
  runId: string,
  events: Iterable<RunEvent>,
  at = T0,
  stepMs = 10,
): Promise<string> {
  const created = await createRun(stateDir, runId, [{ digest, bytes }]);
  if (!created.ok) throw new Error(created.problem.message);
  const journal = created.value;
  let time = at;
  let waiting = 0;
  for (const event of events) {
    journal.append(event, time);
    time += stepMs;
    if (++waiting % 5000 === 0) await journal.sync();
  }
  await journal.sync();
  await journal.close();
  return journal.folder;
}

/** A finished run with a retry, an effect, two children and a branch. */
export function* wholeRun(runId: string): Generator<RunEvent> {
  yield started(runId);
  yield opened();
  yield entered("load");
  yield {
    type: "node.failed",
    ...act("load"),
    failure: { class: "tool", message: "tool `read_file` failed: busy" },
    then: "retry",
  };
  yield { type: "timer.set", act: act("load"), index: 0, wakeAt: T0 + 50, why: "retry" };
  yield { type: "timer.fired", act: act("load"), index: 0 };
  yield entered("load", "", 2);
  yield {
    type: "effect.decided",
    act: act("load", "", 2),
    index: 0,
    kind: "fs.read",
    request: digest,
    description: { path: "/data/a.txt" },
    digest,
    decision: "Allow",
    code: "not_side_effecting",
    reason: "it changes nothing outside the run",
  };
  yield { type: "effect.started", act: act("load", "", 2), index: 0, digest };
  yield {
    type: "effect.ended",
    act: act("load", "", 2),
    index: 0,
    ok: true,
    value: { bytes: 3n, content: "a\u001b[31mb" },
    failure: null,
    by: "performer",
    usage: null,
    doubt: false,
  };
  yield nodeEnded("load", { bytes: 3n, content: "x".repeat(500) }, { attempt: 2 });
  yield entered("split");
  yield opened("split[0]", act("split"), 0);
  yield opened("split[1]", act("split"), 1);
  yield entered("load", "split[1]");
  yield entered("load", "split[0]");
  yield nodeEnded("load", { n: 9007199254740993n }, { frame: "split[0]" });
  yield {
    type: "node.failed",
    ...act("load", "split[1]"),
    failure: { class: "io", message: "io error: gone" },
    then: "stop",
  };
  yield frameEnded("split[0]");
  yield frameEnded("split[1]", "failed");
  yield nodeEnded("split", { ok: false }, { label: "error" });
  yield frameEnded();
  yield { type: "run.ended", outcome: "completed", reason: null };
}

/** A run that waits for a person. */
export function* pausedRun(runId: string): Generator<RunEvent> {
  yield started(runId);
  yield opened();
  yield entered("ask");
  yield {
    type: "approval.requested",
    act: act("ask"),
    index: 0,
    id: "ask#1.1",
    subject: "pause",
    reason: "Ship it?",
    effectDigest: null,
    summary: { what: "release 7" },
  };
  yield { type: "run.paused", requests: ["ask#1.1"] };
  yield { type: "run.ended", outcome: "paused", reason: null };
}
