/**
 * What a person does on the canvas -> text edits of the document (spec/editor.md §2). Elements are named by the keys
 * of the drawing that the page was shown; on a newer document they are found again by these keys, or the intent is
 * refused.
 *
 * Pure and synchronous, so that the host can plan and apply in one tick.
 */
import type { LiveDocument, OpenLive } from "../../dialects/live/live.ts";
import { applyEdits, type TextEdit } from "../../dialects/edits/edit.ts";
import type { Intent, NewNode } from "../../dialects/edits/intent.ts";
import { planEdits } from "../../dialects/edits/plan.ts";
import type { DrawnEdge, DrawnNode } from "../../draw/drawing.ts";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import { parseJson } from "../../graph/json.ts";
import type { PageIntent } from "../../protocol/webview.ts";
import { readPasted, type Pasted } from "./clipboard.ts";
import { composeEdits } from "./compose.ts";
import { placeOf } from "./fields.ts";
import { drawDocument, isDrawn, type CanvasState } from "./state.ts";
import { newFields } from "./new-node.ts";

/** What is to be done, or why not. */
export type CanvasPlan =
  | { readonly type: "edits"; readonly edits: readonly TextEdit[]; readonly select: string | null }
  /** A rename concerns other documents too, so the language server makes its edits. */
  | { readonly type: "rename"; readonly offset: number; readonly to: string }
  | { readonly type: "refused"; readonly message: string };

/** Plans one intent on the present document. */
export function planOnCanvas(state: CanvasState, intent: PageIntent, open: OpenLive): CanvasPlan {
  const plan = new Planner(state, open);
  return plan.run(intent);
}

const gone = { type: "refused", message: "that part of the graph is no longer in the document" } as const;
const refused = (message: string): CanvasPlan => ({ type: "refused", message });

class Planner {
  private state: CanvasState;
  private readonly open: OpenLive;
  private readonly steps: (readonly TextEdit[])[] = [];

  constructor(state: CanvasState, open: OpenLive) {
    this.state = state;
    this.open = open;
  }

  run(intent: PageIntent): CanvasPlan {
    const before = this.state.live.text;
    const outcome = this.perform(intent);
    if (outcome.type !== "edits") return outcome;
    return { ...outcome, edits: composeEdits(before, this.steps) };
  }

  private perform(intent: PageIntent): CanvasPlan {
    switch (intent.type) {
      case "add-node": {
        const after = intent.after === null ? null : this.node(intent.after);
        const node = this.newNode(intent.kind, after?.id ?? null);
        const last = after === null ? {} : { after: after.index };
        const follows = after !== null && intent.at === null && this.endsOpen(after);
        const added = this.step({ type: "add-node", ...last, ...node });
        if (added !== null || !follows) return this.made(added, node.id);
        return this.made(this.step({ type: "add-edge", from: after.id, to: node.id }), node.id);
      }
      case "remove":
        return this.remove(intent.nodes, intent.edges);
      case "duplicate":
        return this.duplicate(intent.nodes);
      case "rename":
        return this.rename(intent.node, intent.to);
      case "reorder": {
        const node = this.node(intent.node);
        if (node === null) return gone;
        return this.made(this.step({ type: "reorder-node", node: node.index, steps: intent.steps }), intent.node);
      }
      case "connect": {
        const [from, to] = [this.node(intent.from), this.node(intent.to)];
        if (from === null || to === null) return gone;
        const missing = missingPort(from, intent.port);
        if (missing !== null) return refused(missing);
        const when = intent.port === null ? {} : { when: intent.port };
        return this.made(this.step({ type: "add-edge", from: from.id, to: to.id, ...when }), null);
      }
      case "set-edge": {
        const edge = this.edge(intent.edge);
        if (edge?.index === null || edge?.index === undefined) return gone;
        const { when, maxIterations } = intent;
        const change = {
          ...(when === undefined ? {} : { when }),
          ...(maxIterations === undefined ? {} : { maxIterations }),
        };
        return this.made(this.step({ type: "set-edge", index: edge.index, ...change }), null);
      }
      case "insert-on-edge": {
        const edge = this.edge(intent.edge);
        if (edge?.index === null || edge?.index === undefined) return gone;
        const node = this.newNode(intent.kind, this.node(edge.from)?.id ?? null);
        return this.made(this.step({ type: "insert-on-edge", index: edge.index, node }), node.id);
      }
      case "set-field": {
        const node = this.node(intent.node);
        if (node === null) return gone;
        const value = parseJson(intent.value);
        if (!value.ok) return refused(`this is not a value: ${value.problem.what}`);
        const path = this.placeOf(node, intent.path);
        return this.made(this.step({ type: "set-field", node: node.index, path, value: value.value }), intent.node);
      }
      case "remove-field": {
        const node = this.node(intent.node);
        if (node === null) return gone;
        return this.made(
          this.step({ type: "remove-field", node: node.index, path: this.placeOf(node, intent.path) }),
          intent.node,
        );
      }
      case "set-start": {
        const [entry, position] = [this.node(intent.entry), this.startAt(intent.name)];
        if (entry === null) return gone;
        const at = position === null ? undefined : this.state.graph.starts[position]?.at;
        if (at === undefined)
          return this.made(
            this.step({ type: "add-start", name: intent.name, source: "manual", entry: entry.id }),
            null,
          );
        const start = this.state.live.source.element(at);
        if (start === null) return gone;
        return this.made(
          this.step({ type: "set-field", path: [...rootRelative(at), "entry_node"], value: entry.id }),
          null,
        );
      }
      case "paste":
        return this.paste(intent.text ?? "");
    }
  }

  /** Nodes go with their edges; edges that are named beside them need not be removed twice. */
  private remove(nodes: readonly string[], edges: readonly string[]): CanvasPlan {
    for (const key of edges) {
      const edge = this.edge(key);
      if (edge === null) continue;
      if (edge.index === null) return refused("the order of steps is that of the document; move a step instead");
      const failure = this.step({ type: "remove-edge", index: edge.index });
      if (failure !== null) return refused(failure);
    }
    for (const key of nodes) {
      const node = this.node(key);
      if (node === null) continue;
      const failure = this.step({ type: "remove-node", node: node.index, withEdges: true });
      if (failure !== null) return refused(failure);
    }
    return { type: "edits", edits: [], select: null };
  }

  /** Copies with the edges among them; what the copies read is what their models read. */
  private duplicate(keys: readonly string[]): CanvasPlan {
    const names = new Map<string, string>();
    for (const key of keys) {
      const node = this.node(key);
      if (node === null) return gone;
      const id = this.freeId(node.id);
      const failure = this.step({ type: "duplicate-node", node: node.index, id });
      if (failure !== null) return refused(failure);
      names.set(node.id, id);
    }
    const failure = this.connectAll(
      (this.state.graph.dialect === "workflow" ? this.state.graph.edges : []).flatMap((edge) => {
        const [from, to] = [names.get(edge.from), names.get(edge.to)];
        return from === undefined || to === undefined ? [] : [{ ...edge, from, to }];
      }),
    );
    return this.made(failure, [...names.values()][0] ?? null);
  }

  private paste(text: string): CanvasPlan {
    const taken = new Set<string>();
    const pasted = readPasted(text, this.state.graph.dialect, this.open, (id) => {
      const free = this.freeId(id === "" ? "node" : id, taken);
      taken.add(free);
      return free;
    });
    if (typeof pasted === "string") return refused(pasted);
    for (const node of pasted.nodes) {
      const failure = this.step({ type: "add-node", ...node });
      if (failure !== null) return refused(failure);
    }
    return this.made(this.connectAll(pasted.edges), pasted.nodes[0]?.id ?? null);
  }

  /** Adds edges; the sentence of the first that cannot be added, or null. */
  private connectAll(edges: Pasted["edges"]): string | null {
    for (const { from, to, when, maxIterations } of edges) {
      const label = when === null ? {} : { when };
      const loop = maxIterations === null ? {} : { maxIterations };
      const failure = this.step({ type: "add-edge", from, to, ...label, ...loop });
      if (failure !== null) return failure;
    }
    return null;
  }

  private rename(key: string, to: string): CanvasPlan {
    const node = this.node(key);
    const at = node === null ? undefined : this.state.graph.nodes[node.index]?.at;
    const id = at === undefined ? null : this.state.live.source.element([...at, "id"]);
    if (id?.value === null || id?.value === undefined) return gone;
    // Inside the quotes, where there are any.
    const quoted = /^["']/.test(this.state.live.text.slice(...id.value)) ? 1 : 0;
    return { type: "rename", offset: id.value[0] + quoted, to };
  }

  /** Takes one step; the sentence that says why it cannot be taken, or null. */
  private step(intent: Intent): string | null {
    const position = this.state.live.graphs.findIndex((one) => one.graph === this.state.graph);
    const plan = planEdits(this.state.live, { ...intent, ...(position > 0 ? { graph: position } : {}) });
    if (!plan.ok) return plan.message;
    this.steps.push(plan.edits);
    const { live } = this.state;
    const runner = live.graphs[position]?.runner ?? null;
    const next = drawDocument(applyEdits(live.text, plan.edits), live.file, this.open, live, runner);
    if (!isDrawn(next)) return "this change would leave a text that cannot be read, so it is not made";
    this.state = next;
    return null;
  }

  private made(failure: string | null, select: string | null): CanvasPlan {
    return failure === null ? { type: "edits", edits: [], select } : refused(failure);
  }

  /** The page names fields of kinds; where they stand is the dialect's. */
  private placeOf(drawn: DrawnNode, path: DocumentPath): DocumentPath {
    const node = this.state.graph.nodes[drawn.index];
    return node === undefined ? path : placeOf(this.state, { ...node, kind: drawn.kind }, path);
  }

  private node(key: string): DrawnNode | null {
    return this.state.drawing.nodes.find((one) => one.key === key) ?? null;
  }

  private edge(key: string): DrawnEdge | null {
    return this.state.drawing.edges.find((one) => one.key === key) ?? null;
  }

  private startAt(name: string): number | null {
    const position = this.state.graph.starts.findIndex((one) => one.name === name);
    return position < 0 ? null : position;
  }

  /** True for a node of a workflow whose plain end leads nowhere yet: what is added behind it follows it. */
  private endsOpen(node: DrawnNode): boolean {
    const { drawing } = this.state;
    const plain = node.ports.some((port) => port.type === "plain");
    const taken = drawing.edges.some((edge) => edge.from === node.key && edge.port === null);
    return drawing.dialect === "workflow" && plain && !taken;
  }

  private newNode(kind: string, before: string | null): NewNode {
    const base = kind.replace(/[^A-Za-z0-9_-]/g, "_");
    return { id: this.freeId(base), kind, fields: newFields(kind, this.state.graph.dialect, before) };
  }

  /** The name, or the first of `name_2`, `name_3`… that no node has. */
  private freeId(name: string, also: ReadonlySet<string> = new Set()): string {
    const taken = new Set([...this.state.graph.nodes.map((node) => node.id), ...also]);
    if (!taken.has(name)) return name;
    const base = name.replace(/_[0-9]+$/, "");
    for (let i = 2; ; i++) if (!taken.has(`${base}_${i}`)) return `${base}_${i}`;
  }
}

/** Why an edge cannot leave a node by a port; null when it can. A label that depends on data can be any. */
function missingPort(node: DrawnNode, port: string | null): string | null {
  if (node.ports.length === 0) return `\`${node.id}\` ends the run, so nothing can follow it`;
  if (node.ports.some((one) => one.type === "open" || one.label === port)) return null;
  const labels = node.ports.flatMap((one) => one.label ?? []);
  const ways = labels.map((label) => `\`${label}\``).join(", ");
  return port === null
    ? `\`${node.id}\` has no unlabelled way out; begin at one of its ports: ${ways}`
    : `\`${node.id}\` has no way out called \`${port}\`${labels.length === 0 ? "" : `; it has ${ways}`}`;
}

/** `set-field` counts from the graph's own table, which a wrapped document keeps below `workflows`. */
function rootRelative(path: readonly (string | number)[]): readonly (string | number)[] {
  return path[0] === "workflows" ? path.slice(2) : path;
}

/** The text after a plan's edits; for tests and previews. */
export function afterPlan(live: LiveDocument, plan: CanvasPlan): string {
  return plan.type === "edits" ? applyEdits(live.text, plan.edits) : live.text;
}
