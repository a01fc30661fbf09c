/**
 * Steps of a run -> what views show of it. The host and its pages fold alike, so a page may be given a view and the
 * steps after it at any time (spec/editor.md §3: fold plus tail). Pure.
 *
 * Invariants: folding all steps at once, one by one or from any view in between gives the same view; parts that no step
 * touches keep their identity; memory is bounded by the document and {@link MAX_ROWS}, not by the length of the run.
 */
import type { NodeRun, NodeState, RunSnapshot, RunStep } from "./run.ts";

/** Most rows of a timeline; of longer runs the latest are kept. */
export const MAX_ROWS = 2_000;

/** What is shown of a run. */
export interface RunView extends Readonly<Omit<RunSnapshot, "nodes" | "taken" | "rows">> {
  /** By key of the node in the drawing. */
  readonly nodes: ReadonlyMap<string, NodeRun>;
  /** How often each edge was taken, by its key. */
  readonly taken: ReadonlyMap<string, number>;
  readonly rows: RunSnapshot["rows"];
}

/** A view as it crosses. */
export function snapshotOf(view: RunView): RunSnapshot {
  return { ...view, nodes: [...view.nodes], taken: [...view.taken] };
}

/** A snapshot as a view. */
export function viewOf(snapshot: RunSnapshot): RunView {
  return { ...snapshot, nodes: new Map(snapshot.nodes), taken: new Map(snapshot.taken) };
}

/** The view of a run before its first step. */
export function emptyRun(runId: string): RunView {
  return {
    runId,
    dry: "no",
    environment: "",
    start: null,
    began: 0,
    next: 0,
    now: 0,
    nodes: new Map(),
    taken: new Map(),
    rows: [],
    dropped: 0,
    asked: [],
    ended: null,
  };
}

/** The view after some steps. Steps that it holds already change nothing; after a gap nothing more is folded. */
export function foldSteps(before: RunView, steps: readonly RunStep[]): RunView {
  const first = steps.findIndex((step) => step.seq >= before.next);
  if (first < 0 || steps[first]?.seq !== before.next) return before;
  const fold = new Fold(before);
  for (const step of steps.slice(first)) {
    if (step.seq !== fold.view.next) break;
    fold.add(step);
  }
  return fold.done();
}

/** A view that is being changed. */
interface Draft extends Omit<RunSnapshot, "nodes" | "taken"> {
  readonly nodes: Map<string, NodeRun>;
  readonly taken: Map<string, number>;
}

type VisitStep = Extract<RunStep, { readonly act: string }>;

/** One batch: copies what it changes once, however many steps there are. */
class Fold {
  readonly view: Draft;
  /** Positions in `rows` of visits under way. */
  private readonly open = new Map<string, number>();

  constructor(before: RunView) {
    this.view = {
      ...before,
      nodes: new Map(before.nodes),
      taken: new Map(before.taken),
      rows: [...before.rows],
      asked: [...before.asked],
    };
    before.rows.forEach((row, i) => {
      if (isUnderWay(row.state)) this.open.set(row.act, i);
    });
  }

  /** The view, with only the latest rows. */
  done(): RunView {
    if (this.view.rows.length > MAX_ROWS) this.dropRows();
    return this.view;
  }

  add(step: RunStep): void {
    const { view } = this;
    view.next = step.seq + 1;
    view.now = Math.max(view.now, step.at);
    switch (step.type) {
      case "started":
        view.dry = step.dry;
        view.environment = step.environment;
        view.start = step.start;
        view.began = step.began;
        return;
      case "entered":
        this.enter(step);
        return;
      case "decided":
        this.change(step, { decision: step.decision });
        return;
      case "performed":
        this.change(step, { by: step.by });
        return;
      case "retrying":
        this.change(step, { state: "retrying", attempt: step.attempt, message: step.message });
        return;
      case "asked":
        // A dry run passes its pauses; what it would have waited for is said at its end.
        if (view.dry !== "no") return;
        this.change(step, { state: "paused", message: step.reason });
        view.asked = [...view.asked, { id: step.id, act: step.act, reason: step.reason }];
        return;
      case "answered": {
        const asked = view.asked.find(({ id }) => id === step.id);
        view.asked = view.asked.filter(({ id }) => id !== step.id);
        if (asked !== undefined) this.wake(asked.act);
        return;
      }
      case "child": {
        const { opened, ended } = view.nodes.get(step.node)?.children ?? { opened: 0, ended: 0 };
        this.change(step, { children: step.opened ? { opened: opened + 1, ended } : { opened, ended: ended + 1 } });
        return;
      }
      case "ended": {
        const { outcome: state, label, message, assumed, preview } = step;
        this.change(step, { state, label, message, assumed, preview });
        this.open.delete(step.act);
        return;
      }
      case "edited":
        this.edit(step);
        return;
      case "finished":
        this.finish(step);
        return;
    }
  }

  private enter(step: Extract<RunStep, { type: "entered" }>): void {
    const { nodes, rows, taken } = this.view;
    for (const edge of step.edges) taken.set(edge, (taken.get(edge) ?? 0) + 1);
    const known = nodes.get(step.node);
    const clean = { state: "running", attempt: 1, at: step.at, ms: 0, label: null, message: null } as const;
    const { act, node, name, visit, depth, assumed } = step;
    const children = known?.children ?? { opened: 0, ended: 0 };
    const visits = (known?.visits ?? 0) + 1;
    nodes.set(node, { ...clean, assumed, visits, preview: "", decision: null, by: null, children, edited: false });
    this.open.set(act, rows.length);
    rows.push({ act, node, name, visit, depth, ...clean, assumed });
    if (rows.length >= 2 * MAX_ROWS) this.dropRows();
  }

  /** The position of a visit under way, if its row is among those that are kept. */
  private rowAt(act: string): number | null {
    const at = this.open.get(act);
    return at === undefined || at < this.view.rows.length - MAX_ROWS ? null : at;
  }

  /** Changes a node and the row of its visit alike. */
  private change(step: VisitStep, fresh: Partial<NodeRun>): void {
    const { nodes, rows } = this.view;
    const at = this.rowAt(step.act);
    const row = at === null ? undefined : rows[at];
    const node = nodes.get(step.node);
    const ms = Math.max(0, step.at - (row?.at ?? node?.at ?? step.at));
    if (node !== undefined) nodes.set(step.node, { ...node, ...fresh, state: fresh.state ?? goneOn(node.state), ms });
    if (row === undefined || at === null) return;
    const { attempt = row.attempt, label = row.label, message = row.message, assumed = row.assumed } = fresh;
    rows[at] = { ...row, state: fresh.state ?? goneOn(row.state), ms, attempt, label, message, assumed };
  }

  /** The visit is over; only what it gave is another. */
  private edit({ node: key, preview }: Extract<RunStep, { type: "edited" }>): void {
    const node = this.view.nodes.get(key);
    if (node !== undefined) this.view.nodes.set(key, { ...node, preview, edited: true });
  }

  private wake(act: string): void {
    const at = this.rowAt(act);
    const row = at === null ? undefined : this.view.rows[at];
    if (row?.state !== "paused" || at === null) return;
    this.view.rows[at] = { ...row, state: "running" };
    const node = this.view.nodes.get(row.node);
    if (node !== undefined) this.view.nodes.set(row.node, { ...node, state: "running" });
  }

  private finish(step: Extract<RunStep, { type: "finished" }>): void {
    const { view } = this;
    const { status, reason, last, waitsFor, assumed, wouldPause, preview } = step;
    view.ended = { status, reason, last, waitsFor, assumed, wouldPause, preview };
    const left = <T extends { readonly state: NodeState; readonly at: number }>(one: T): T => {
      if (!isUnderWay(one.state) || (one.state === "paused" && status === "paused")) return one;
      return { ...one, state: "stopped", ms: Math.max(0, step.at - one.at) };
    };
    for (const [key, node] of view.nodes) view.nodes.set(key, left(node));
    view.rows = view.rows.map(left);
    this.open.clear();
  }

  private dropRows(): void {
    const { view } = this;
    const surplus = view.rows.length - MAX_ROWS;
    view.rows = view.rows.slice(surplus);
    view.dropped += surplus;
    for (const [act, at] of this.open) {
      if (at < surplus) this.open.delete(act);
      else this.open.set(act, at - surplus);
    }
  }
}

function isUnderWay(state: NodeState): boolean {
  return state === "running" || state === "retrying" || state === "paused";
}

/** A node that something happens at again after its wait. */
function goneOn(state: NodeState): NodeState {
  return state === "retrying" ? "running" : state;
}
