/**
 * The snapshot of a run (spec/pipeline.md §7): how it stands, as a fold over its journal. Works on runs that are under
 * way: what is read is a prefix of the run, and the snapshot says up to which event.
 *
 * The members are those of the sheet; everything else of ours is under `x_countersign`. Bounded: nodes and edges beyond
 * {@link MAX_NODES} are counted, not listed.
 */
import type { RunRead } from "../../connect/journal/reader.ts";
import { activationKey } from "../../effects/effect.ts";
import type { JournalEvent } from "../../effects/events.ts";
import { apply, initialState, type RunState } from "../../engine/state.ts";
import type { Graph } from "../../graph/model.ts";
import { toText, type Value } from "../../graph/value.ts";
import { sha256 } from "../documents.ts";

/** How a node stands: its latest visit. */
export type NodeState = "pending" | "running" | "waiting" | "completed" | "skipped" | "failed";

/** One node of one frame. Times are RFC 3339, UTC. */
export interface SnapshotNode {
  /** The node's id, below the path of its frame for children: `split[0]/score`. */
  readonly id: string;
  readonly state: NodeState;
  /** Attempts of all visits together. */
  readonly attempts: number;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  /** SHA-256 of the output in its value form; null while there is none. */
  readonly output_digest: string | null;
  readonly x_countersign: { readonly visits: number; readonly label: string | null };
}

/** An edge that was followed. */
export interface TakenEdge {
  readonly from: string;
  readonly to: string;
  readonly when: string | null;
  readonly times: number;
}

/** A request that waits for somebody. */
export interface PendingApproval {
  readonly id: string;
  readonly node: string;
  readonly subject: string;
  readonly reason: string | null;
  readonly effect_digest: string | null;
  readonly requested_at: string | null;
}

/** The snapshot. */
export interface Snapshot {
  readonly v: 1;
  /** `single_ring` for pipelines, else the dialect. */
  readonly model: string;
  readonly run_id: string;
  /** Time of the last event that was folded. */
  readonly at: string;
  readonly graph_digest: string | null;
  readonly nodes: readonly SnapshotNode[];
  readonly edges_taken: readonly TakenEdge[];
  readonly pending_approvals: readonly PendingApproval[];
  /** Visits that have begun, have not ended and wait for nobody. */
  readonly queue_depth: number;
  readonly x_countersign: {
    readonly name: string | null;
    readonly dialect: string | null;
    readonly environment: string | null;
    readonly principal: string | null;
    readonly dry_run: string | null;
    /** `open`: neither ended nor paused; whether somebody works on it, `countersign runs` says. */
    readonly status: string;
    readonly reason: string | null;
    readonly seq: number;
    /** Hash of the last line that was read. */
    readonly head: string;
    readonly segments: number;
    readonly findings: readonly string[];
    /** Nodes and edges that are left out because there are too many. */
    readonly left_out: number;
  };
}

/** Nodes, and edges, that a snapshot lists. */
export const MAX_NODES = 20_000;

interface NodeFold {
  state: NodeState;
  attempts: number;
  visits: number;
  started: number | null;
  finished: number | null;
  digest: string | null;
  label: string | null;
}

/** Folds events, given in order, into a snapshot. */
export class SnapshotFold {
  readonly state: RunState = initialState();
  private readonly nodes = new Map<string, NodeFold>();
  private readonly edges = new Map<string, { frame: string; document: string; key: string; times: number }>();
  private readonly requested = new Map<string, number>();
  private readonly documents = new Map<string, string>();
  private leftOut = 0;
  private paused = false;

  add(event: JournalEvent): void {
    this.paused = event.type === "run.paused" || (this.paused && event.type === "run.ended");
    apply(this.state, event);
    switch (event.type) {
      case "frame.opened":
        if (this.documents.size < MAX_NODES) this.documents.set(event.frame, event.document);
        return;
      case "node.entered":
        return this.enter(event);
      case "node.ended":
        return this.end(event, event.at, event.outcome === "skip" ? "skipped" : ended(event.outcome), {
          output: event.output,
          label: event.label,
        });
      case "node.failed":
        if (event.then === "retry") return;
        return this.end(event, event.at, event.then === "branch" ? "completed" : "failed", {
          output: null,
          label: event.then === "branch" ? "error" : null,
        });
      case "approval.requested":
        this.requested.set(event.id, event.at);
        return;
      case "approval.answered":
        this.requested.delete(event.id);
        return;
      default:
        return;
    }
  }

  private enter(event: Extract<JournalEvent, { type: "node.entered" }>): void {
    const node = this.node(event);
    if (node !== null) {
      node.state = "running";
      node.attempts++;
      if (event.attempt === 1) {
        node.visits++;
        node.started = event.at;
        node.finished = null;
        node.digest = null;
        node.label = null;
      }
    }
    const document = this.documents.get(event.frame);
    if (event.edge === null || document === undefined) return;
    const key = `${event.frame}\u0000${event.edge}`;
    const known = this.edges.get(key);
    if (known !== undefined) known.times++;
    else if (this.edges.size < MAX_NODES)
      this.edges.set(key, { frame: event.frame, document, key: event.edge, times: 1 });
    else this.leftOut++;
  }

  private end(
    event: { readonly frame: string; readonly node: string },
    at: number,
    state: NodeState,
    made: { readonly output: Value; readonly label: string | null },
  ): void {
    const node = this.node(event);
    if (node === null) return;
    node.state = state;
    node.started ??= at;
    node.finished = at;
    node.label = made.label;
    node.digest = state === "completed" && made.label !== "error" ? sha256(toText(made.output)) : null;
  }

  private node({ frame, node }: { readonly frame: string; readonly node: string }): NodeFold | null {
    const id = idOf(frame, node);
    const known = this.nodes.get(id);
    if (known !== undefined) return known;
    if (this.nodes.size >= MAX_NODES) {
      this.leftOut++;
      return null;
    }
    const made: NodeFold = {
      state: "pending",
      attempts: 0,
      visits: 0,
      started: null,
      finished: null,
      digest: null,
      label: null,
    };
    this.nodes.set(id, made);
    return made;
  }

  /** The snapshot. `graphs` are the run's documents by key, for nodes that were not entered and for edges' ends. */
  snapshot(runId: string, read: RunRead, graphs: ReadonlyMap<string, Graph>): Snapshot {
    const { state } = this;
    const { started, resumed } = state;
    const waiting = new Set([...state.asked.values()].map(({ act }) => idOf(act.frame, act.node)));
    const root = started === null ? undefined : graphs.get(started.root);
    for (const node of root?.nodes ?? []) this.node({ frame: "", node: node.id });
    const waitingActs = new Set([...state.asked.values()].map(({ act }) => activationKey(act)));
    return {
      v: 1,
      model: started?.dialect === "pipeline" ? "single_ring" : (started?.dialect ?? "unknown"),
      run_id: runId,
      at: timeText(state.at),
      graph_digest: resumed?.graphDigest ?? started?.graphDigest ?? null,
      nodes: [...this.nodes].map(([id, node]) => nodeOf(id, node, waiting.has(id))),
      edges_taken: this.takenEdges(graphs),
      pending_approvals: [...state.asked.values()].map(({ act, request }) => ({
        id: request.id,
        node: idOf(act.frame, act.node),
        subject: request.subject,
        reason: request.reason,
        effect_digest: request.effectDigest,
        requested_at: this.requested.has(request.id) ? timeText(this.requested.get(request.id) ?? 0) : null,
      })),
      queue_depth: [...state.activations.keys()].filter((key) => !waitingActs.has(key)).length,
      x_countersign: {
        name: started?.workflow ?? null,
        dialect: started?.dialect ?? null,
        environment: started?.environment ?? null,
        principal: started?.principal ?? null,
        dry_run: started?.options.dryRun ?? null,
        status: this.paused ? "paused" : (state.ended?.outcome ?? "open"),
        reason: state.ended?.reason ?? null,
        seq: read.seq,
        head: read.head,
        segments: read.epoch,
        findings: read.findings.map(({ code }) => code),
        left_out: this.leftOut,
      },
    };
  }

  private takenEdges(graphs: ReadonlyMap<string, Graph>): TakenEdge[] {
    const byKey = new Map([...graphs].map(([key, graph]) => [key, new Map(graph.edges.map((one) => [one.key, one]))]));
    const followed = [...this.edges.values()].map(({ frame, document, key, times }): TakenEdge => {
      const edge = byKey.get(document)?.get(key);
      // A document that cannot be read any more leaves the edge's own name.
      if (edge === undefined) return { from: idOf(frame, key), to: "", when: null, times };
      return { from: idOf(frame, edge.from), to: idOf(frame, edge.to), when: edge.when, times };
    });
    return [...followed, ...this.orderedEdges(graphs)].slice(0, MAX_NODES);
  }

  /** Skill graphs and pipelines follow an order, not edges: there an edge is taken when both its ends ran. */
  private *orderedEdges(graphs: ReadonlyMap<string, Graph>): Generator<TakenEdge> {
    const ran = (id: string): number => {
      const node = this.nodes.get(id);
      return node === undefined || node.state === "skipped" ? 0 : node.visits;
    };
    for (const [frame, document] of this.documents) {
      const graph = graphs.get(document);
      if (graph === undefined || graph.dialect === "workflow") continue;
      for (const edge of graph.edges) {
        const [from, to] = [idOf(frame, edge.from), idOf(frame, edge.to)];
        const times = Math.min(ran(from), ran(to));
        if (times > 0) yield { from, to, when: edge.when, times };
      }
    }
  }
}

function ended(outcome: "continue" | "terminate" | "fail"): NodeState {
  return outcome === "fail" ? "failed" : "completed";
}

function nodeOf(id: string, node: NodeFold, waiting: boolean): SnapshotNode {
  return {
    id,
    state: waiting && node.state === "running" ? "waiting" : node.state,
    attempts: node.attempts,
    started_at: node.started === null ? null : timeText(node.started),
    finished_at: node.finished === null ? null : timeText(node.finished),
    output_digest: node.digest,
    x_countersign: { visits: node.visits, label: node.label },
  };
}

function idOf(frame: string, node: string): string {
  return frame === "" ? node : `${frame}/${node}`;
}

/** RFC 3339 in UTC; a time that no calendar has is the epoch. */
export function timeText(at: number): string {
  return new Date(Math.abs(at) <= 8.64e15 ? at : 0).toISOString();
}
