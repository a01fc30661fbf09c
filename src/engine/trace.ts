/**
 * The trace: the root walk's visits in order, as a fold over the journal (spec/workflow.md §13 of the seed page,
 * §17.3). Children do not appear in it.
 */
import type { JournalEvent } from "../effects/events.ts";
import type { Value } from "../graph/value.ts";
import { errorOutput } from "./state.ts";

/** One visit. `elapsedMs` from entry to end, waits and retries included. */
export interface TraceEntry {
  readonly node: string;
  readonly outcome: "continue" | "terminate" | "fail" | "skip" | "pause" | "error";
  readonly branch: string | null;
  readonly output: Value;
  readonly assumed: boolean;
  readonly elapsedMs: number;
}

/** Collects trace entries from events given in order. */
export class Trace {
  readonly entries: TraceEntry[] = [];
  private readonly entered = new Map<string, number>();
  private readonly frame: string;

  constructor(frame = "") {
    this.frame = frame;
  }

  add(event: JournalEvent): void {
    switch (event.type) {
      case "node.entered":
        if (event.frame === this.frame && event.attempt === 1) this.entered.set(event.node, event.at);
        return;
      case "node.ended":
        if (event.frame !== this.frame) return;
        this.push(event.node, event.outcome, event.label, event.output, event.assumed, event.at);
        return;
      case "node.failed":
        if (event.frame !== this.frame || event.then === "retry") return;
        if (event.then === "branch")
          this.push(event.node, "continue", "error", errorOutput(event.failure), false, event.at);
        else this.push(event.node, "error", null, null, false, event.at);
        return;
      default:
        return;
    }
  }

  /** Nodes still open when the run paused. */
  pause(at: number): void {
    for (const [node, from] of this.entered) {
      this.entries.push({ node, outcome: "pause", branch: null, output: null, assumed: false, elapsedMs: at - from });
    }
  }

  private push(
    node: string,
    outcome: TraceEntry["outcome"],
    branch: string | null,
    output: Value,
    assumed: boolean,
    at: number,
  ): void {
    const elapsedMs = at - (this.entered.get(node) ?? at);
    this.entered.delete(node);
    this.entries.push({ node, outcome, branch, output, assumed, elapsedMs });
  }
}
