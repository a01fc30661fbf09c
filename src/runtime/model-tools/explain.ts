/**
 * A run as a language model is told of it: where it went, what was decided, what failed (spec/editor.md §7).
 *
 * Invariants: a fold over the journal, which is masked; names, types, lengths, branches, decisions and codes only.
 * Messages, targets and values are left out, since they may hold what was read from files or the environment.
 */
import { findRun, listRuns } from "../../connect/journal/runs.ts";
import { journalProblemSentence } from "../../connect/journal/problem.ts";
import { readRun } from "../../connect/journal/reader.ts";
import type { JournalEvent } from "../../effects/events.ts";
import { shapeOf, type Shape } from "./shape.ts";

/** Most visits, decisions and requests that are told; the latest ones, since a run is asked about for its end. */
const MAX_TOLD = 300;

/** One visit of a node. */
export interface ToldVisit {
  /** The walk of a child; absent: that of the document that was started. */
  readonly frame?: string;
  readonly node: string;
  readonly visit: number;
  readonly attempt: number;
  readonly outcome: "continue" | "terminate" | "fail" | "skip" | "error" | "retry";
  /** The branch that it took. */
  readonly branch?: string;
  readonly output?: Shape;
  /** Class of the error. */
  readonly error?: string;
  /** Its outcome is assumed, since this is a dry run. */
  readonly assumed?: true;
}

/** What policy said of an effect. */
export interface ToldDecision {
  readonly frame?: string;
  readonly node: string;
  /** The effect's kind; `mcp_server` or `secret` for what an effect needed started or fetched first. */
  readonly effect: string;
  readonly decision: string;
  readonly code: string;
  /** In a dry run: what it would be for real. */
  readonly live?: { readonly decision: string; readonly code: string };
}

/** A question to a person. */
export interface ToldRequest {
  readonly node: string;
  readonly about: string;
  readonly answer: "open" | "approved" | "denied";
}

/** See the header. */
export interface RunExplanation {
  readonly run: string;
  readonly workflow: string;
  readonly dialect: string;
  readonly environment: string;
  readonly dry_run: boolean;
  readonly status: string;
  readonly visits: readonly ToldVisit[];
  readonly decisions: readonly ToldDecision[];
  readonly requests: readonly ToldRequest[];
  /** True when earlier visits, decisions or requests are left out. */
  readonly cut_short: boolean;
}

/** What a tool answers: something, or why not. */
export type ToolResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** Explains a run of a state directory; `runId` null: the latest one. */
export async function explainRun(stateDir: string, runId: string | null): Promise<ToolResult<RunExplanation>> {
  const id = runId ?? (await latest(stateDir));
  if (id === null) return { ok: false, message: "there are no runs yet" };
  const fold = new Explaining();
  const read = await readRun(stateDir, id, {
    onEvent: (event) => {
      fold.add(event);
    },
  });
  if (!read.ok) return { ok: false, message: journalProblemSentence(read.problem) };
  const found = await findRun(stateDir, id);
  return fold.end(id, found.ok ? found.value.status : "unreadable");
}

async function latest(stateDir: string): Promise<string | null> {
  const listed = await listRuns(stateDir);
  return listed.ok ? (listed.value[0]?.id ?? null) : null;
}

/** Latest items only. */
class Latest<T> {
  readonly items: T[] = [];
  dropped = false;

  push(item: T): void {
    this.items.push(item);
    if (this.items.length <= MAX_TOLD) return;
    this.items.shift();
    this.dropped = true;
  }
}

class Explaining {
  private started: Extract<JournalEvent, { type: "run.started" }> | null = null;
  private cancelled = false;
  private readonly visits = new Latest<ToldVisit>();
  private readonly decisions = new Latest<ToldDecision>();
  private readonly requests = new Latest<{ readonly id: string; readonly told: ToldRequest }>();

  add(event: JournalEvent): void {
    switch (event.type) {
      case "run.started":
        this.started = event;
        return;
      case "node.ended":
        this.visits.push({
          ...place(event),
          ...{ visit: event.visit, attempt: event.attempt, outcome: event.outcome },
          ...(event.label === null ? {} : { branch: event.label }),
          output: shapeOf(event.output),
          ...(event.assumed ? { assumed: true } : {}),
        });
        return;
      case "node.failed":
        this.visits.push({
          ...place(event),
          ...{ visit: event.visit, attempt: event.attempt, outcome: event.then === "retry" ? "retry" : "error" },
          error: event.failure.class,
        });
        return;
      case "effect.decided":
        this.decisions.push({
          ...place(event.act),
          ...{ effect: event.kind, decision: event.decision, code: event.code },
          ...(event.live === undefined ? {} : { live: { decision: event.live.decision, code: event.live.code } }),
        });
        return;
      case "provision.decided":
        // What no node needed, e.g. a secret that a resume read again, stands under no node's name.
        this.decisions.push({
          ...(event.act === null ? { node: "" } : place(event.act)),
          ...{ effect: event.what, decision: event.decision, code: event.code },
        });
        return;
      case "approval.requested":
        this.requests.push({
          id: event.id,
          told: { node: event.act.node, about: event.subject, answer: "open" },
        });
        return;
      case "approval.answered": {
        const at = this.requests.items.findIndex(({ id }) => id === event.id);
        const asked = this.requests.items[at];
        if (asked === undefined) return;
        const answer = event.approved ? "approved" : "denied";
        this.requests.items[at] = { id: event.id, told: { ...asked.told, answer } };
        return;
      }
      case "run.cancelled":
        this.cancelled = true;
        return;
      default:
        return;
    }
  }

  end(run: string, status: string): ToolResult<RunExplanation> {
    const { started, visits, decisions, requests } = this;
    if (started === null) return { ok: false, message: `the run ${run} was cut before it began` };
    return {
      ok: true,
      value: {
        run,
        ...{ workflow: started.workflow, dialect: started.dialect, environment: started.environment },
        dry_run: started.options.dryRun !== "no",
        status: this.cancelled ? "cancelled" : status,
        visits: visits.items,
        decisions: decisions.items,
        requests: requests.items.map(({ told }) => told),
        cut_short: visits.dropped || decisions.dropped || requests.dropped,
      },
    };
  }
}

function place({ frame, node }: { readonly frame: string; readonly node: string }): {
  readonly frame?: string;
  readonly node: string;
} {
  return frame === "" ? { node } : { frame, node };
}
