/**
 * What a run prints: its outcome and its record, with the key order of spec/workflow.md §5.6 and §17.3.
 *
 * Node values keep their exact number text; envelopes keep their declared order, so neither goes through
 * JSON.stringify. Pure folds over outcome and events.
 */
import type { JournalEvent, Outcome } from "../effects/events.ts";
import { stringText, toPrettyText, type Value } from "../graph/value.ts";
import type { TraceEntry } from "./trace.ts";

/** An envelope: members in the order in which they are printed. */
export type Envelope = readonly (readonly [key: string, value: EnvelopeValue])[];
type EnvelopeValue =
  { readonly value: Value } | { readonly envelope: Envelope } | { readonly list: readonly EnvelopeValue[] };

const leaf = (value: Value): EnvelopeValue => ({ value });
const int = (value: number): EnvelopeValue => ({ value: BigInt(Math.round(value)) });

/** Indented JSON of an envelope. */
export function prettyEnvelope(envelope: Envelope): string {
  return pretty({ envelope }, "");
}

function pretty(item: EnvelopeValue, indent: string): string {
  if ("value" in item) return toPrettyText(item.value, indent);
  const inner = `${indent}  `;
  if ("list" in item) {
    if (item.list.length === 0) return "[]";
    return `[\n${item.list.map((one) => inner + pretty(one, inner)).join(",\n")}\n${indent}]`;
  }
  if (item.envelope.length === 0) return "{}";
  const lines = item.envelope.map(([key, value]) => `${inner}${stringText(key)}: ${pretty(value, inner)}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

/** The outcome as printed on standard output. */
export function outcomeEnvelope(outcome: Outcome): Envelope {
  const head: (readonly [string, EnvelopeValue])[] = [["status", leaf(outcome.status)]];
  switch (outcome.status) {
    case "completed":
      head.push(["final_value", leaf(outcome.finalValue)], ["last_node", leaf(outcome.lastNode)]);
      if (outcome.httpResponse !== undefined) {
        const { status, contentType, body } = outcome.httpResponse;
        head.push([
          "http_response",
          {
            envelope: [
              ["status", int(status)],
              ["content_type", leaf(contentType)],
              ["body", leaf(body)],
            ],
          },
        ]);
      }
      break;
    case "failed":
      head.push(["reason", leaf(outcome.reason)]);
      if (outcome.error !== undefined) head.push(["error", { envelope: [["class", leaf(outcome.error.class)]] }]);
      head.push(["last_node", leaf(outcome.lastNode)]);
      break;
    case "timed_out":
      head.push(["elapsed_ms", int(outcome.elapsedMs)], ["last_node", leaf(outcome.lastNode)]);
      break;
    case "paused":
      head.push(["run_id", leaf(outcome.runId)], ["last_node", leaf(outcome.lastNode)]);
      if (outcome.reason !== null) head.push(["reason", leaf(outcome.reason)]);
      return head;
  }
  if (outcome.assumed !== undefined) head.push(["assumed", leaf([...outcome.assumed])]);
  if (outcome.wouldPause !== undefined) head.push(["would_pause", leaf([...outcome.wouldPause])]);
  return head;
}

/** `{entries:[{node_id, kind, outcome, branch, output, elapsed_ms}]}`; `kindOf` names a root node's kind. */
export function traceEnvelope(entries: readonly TraceEntry[], kindOf: (node: string) => string): Envelope {
  return [["entries", { list: entries.map((entry) => traceEntry(entry, kindOf)) }]];
}

function traceEntry(entry: TraceEntry, kindOf: (node: string) => string): EnvelopeValue {
  return {
    envelope: [
      ["node_id", leaf(entry.node)],
      ["kind", leaf(kindOf(entry.node))],
      ["outcome", leaf(entry.outcome)],
      ["branch", leaf(entry.branch)],
      ["output", leaf(entry.output)],
      ["elapsed_ms", int(entry.elapsedMs)],
      ...(entry.assumed ? [["assumed", leaf(true)] as const] : []),
    ],
  };
}

/** Counters of a run, folded from its events (spec/workflow.md §17.3, §17.5). */
export class Cost {
  nodeExecutions = 0;
  nodeFailures = 0;
  policyDenials = 0;
  llmCalls = 0;
  llmTokens = 0;
  private readonly childEnds = { completions: 0, failures: 0, timeouts: 0, errored: 0 };

  add(event: JournalEvent): void {
    switch (event.type) {
      case "node.entered":
        if (event.attempt === 1) this.nodeExecutions++;
        return;
      case "node.failed":
        if (event.then !== "retry") this.nodeFailures++;
        return;
      case "effect.decided":
      case "provision.decided":
        if (event.decision === "Deny") this.policyDenials++;
        return;
      case "effect.started":
        return;
      case "effect.ended":
        if (event.usage?.tokens !== undefined) {
          this.llmCalls++;
          this.llmTokens += event.usage.tokens;
        }
        return;
      case "frame.ended":
        if (event.status === "completed") this.childEnds.completions++;
        else if (event.status === "timed_out") this.childEnds.timeouts++;
        else if (event.failure !== null) this.childEnds.errored++;
        else this.childEnds.failures++;
        return;
      default:
        return;
    }
  }

  envelope(timedOut: boolean): Envelope {
    return [
      ["workflow_starts", int(1)],
      ["workflow_completions", int(this.childEnds.completions)],
      ["workflow_failures", int(this.childEnds.failures)],
      ["workflow_timeouts", int(this.childEnds.timeouts + (timedOut ? 1 : 0))],
      ["workflow_errored", int(this.childEnds.errored)],
      ["node_executions", int(this.nodeExecutions)],
      ["node_failures", int(this.nodeFailures)],
      ["policy_denials", int(this.policyDenials)],
      ["llm_calls", int(this.llmCalls)],
      ["llm_tokens", int(this.llmTokens)],
    ];
  }
}

/** What the run record says besides trace and cost. */
export interface RecordHead {
  readonly workflow: string;
  readonly start: string | null;
  readonly runId: string;
  readonly wallMs: number;
}

/** The run record of `--record` (spec/workflow.md §17.3). */
export function recordEnvelope(
  head: RecordHead,
  outcome: Outcome,
  cost: Cost,
  entries: readonly TraceEntry[],
  kindOf: (node: string) => string,
): Envelope {
  const errored = outcome.status === "failed" && outcome.error !== undefined;
  return [
    ["workflow", leaf(head.workflow)],
    ["start_node", leaf(head.start)],
    ["execution_id", leaf(head.runId)],
    ["status", leaf(errored ? "errored" : outcome.status)],
    ["last_node", leaf(outcome.lastNode)],
    ["detail", detail(outcome)],
    ["wall_ms", int(head.wallMs)],
    ["cost", { envelope: cost.envelope(outcome.status === "timed_out") }],
    ["trace", { envelope: [["execution_id", leaf(head.runId)], ...traceEnvelope(entries, kindOf)] }],
  ];
}

function detail(outcome: Outcome): EnvelopeValue {
  switch (outcome.status) {
    case "completed":
      if (outcome.httpResponse === undefined) return leaf(outcome.finalValue);
      return {
        envelope: [
          ["final_value", leaf(outcome.finalValue)],
          [
            "http_response",
            {
              envelope: [
                ["status", int(outcome.httpResponse.status)],
                ["content_type", leaf(outcome.httpResponse.contentType)],
                ["body", leaf(outcome.httpResponse.body)],
              ],
            },
          ],
        ],
      };
    case "failed":
      if (outcome.error !== undefined)
        return {
          envelope: [
            ["error", leaf(outcome.reason)],
            ["class", leaf(outcome.error.class)],
          ],
        };
      return { envelope: [["reason", leaf(outcome.reason)]] };
    case "timed_out":
      return { envelope: [["elapsed_ms", int(outcome.elapsedMs)]] };
    case "paused":
      return {
        envelope: [
          ["run_id", leaf(outcome.runId)],
          ["reason", leaf(outcome.reason)],
        ],
      };
  }
}

/** Exit codes of `run` and `resume` (spec/runtime.md §9). */
export function exitCode(outcome: Outcome): number {
  switch (outcome.status) {
    case "completed":
      return 0;
    case "paused":
      return 7;
    case "timed_out":
      return 5;
    case "failed":
      return outcome.needsApproval === true ? 6 : 5;
  }
}
