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
import type { Start } from "../../graph/model.ts";
import type { PageIntent } from "../../protocol/webview.ts";
import { readPasted, type Pasted } from "./clipboard.ts";
import { composeEdits } from "./compose.ts";
import { pastedText, saysTheSame } from "./pasted-text.ts";
import { placeOf } from "./fields.ts";
import { missingPort, openPort } from "./ports.ts";
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
      case "add-node":
        return this.addNode(intent);
      case "remove":
        return this.remove(intent);
      case "duplicate":
        return this.duplicate(intent.nodes);
      case "rename":
        return this.rename(intent.element, intent.to);
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
        if (edge === null) return gone;
        if (edge.index === null) return this.insertInOrder(edge, intent.kind);
        const node = this.newNode(intent.kind, this.node(edge.from)?.id ?? null);
        return this.made(this.step({ type: "insert-on-edge", index: edge.index, node }), node.id);
      }
      case "set-field":
      case "add-item": {
        const place = this.place(intent.element, intent.path);
        if (place === null) return gone;
        const value = parseJson(intent.value);
        if (!value.ok) return refused(`this is not a value: ${value.problem.what}`);
        return this.made(this.step({ type: intent.type, ...place, value: value.value }), null);
      }
      case "remove-field": {
        const place = this.place(intent.element, intent.path);
        return place === null ? gone : this.made(this.step({ type: "remove-field", ...place }), null);
      }
      case "set-start": {
        const [entry, start] = [this.node(intent.entry), this.startNamed(intent.name)];
        if (entry === null) return gone;
        if (start !== null) return this.made(this.enter(start, entry.id), null);
        return this.made(this.addStart(intent.name, entry.id), null);
      }
      case "add-start": {
        const names = new Set(this.state.graph.starts.map((one) => one.name));
        const name = free("start", names);
        const failure = this.addStart(name, null);
        return this.made(failure, this.state.drawing.entries.find((one) => one.name === name)?.key ?? null);
      }
      case "begin":
        return refused("the document is a graph already");
      case "paste":
        return this.paste(intent.text ?? "");
    }
  }

  /** A node behind another one, or behind a start, goes on where that leads nowhere yet. */
  private addNode(intent: Extract<PageIntent, { type: "add-node" }>): CanvasPlan {
    const after = intent.after === null ? null : this.node(intent.after);
    const start = after === null ? this.startFor(intent.after) : null;
    const node = this.newNode(intent.kind, after?.id ?? null);
    const port = after === null || intent.at !== null ? null : openPort(this.state.drawing, after);
    const place = after === null ? {} : { after: after.index };
    let failure = this.step({ type: "add-node", ...place, ...node });
    if (failure === null && after !== null && port !== null) {
      const when = port.label === null ? {} : { when: port.label };
      failure = this.step({ type: "add-edge", from: after.id, to: node.id, ...when });
    }
    if (failure === null && start !== null) failure = this.enter(start, node.id);
    return this.made(failure, node.id);
  }

  /** Between steps that follow each other by their order alone: in front of the later one, and of all of its group. */
  private insertInOrder(edge: DrawnEdge, kind: string): CanvasPlan {
    const { nodes } = this.state.graph;
    const target = nodes[this.node(edge.to)?.index ?? -1];
    const first = nodes.find((one) => one.group !== null && one.group === target?.group) ?? target;
    if (first === undefined || first.index === 0) return gone;
    const node = this.newNode(kind, this.node(edge.from)?.id ?? null);
    return this.made(this.step({ type: "add-node", after: first.index - 1, ...node }), node.id);
  }

  /** The start that a new node is to follow: the one that is meant, or the only one while it has nothing to enter. */
  private startFor(key: string | null): Start | null {
    const { graph, drawing } = this.state;
    if (graph.dialect !== "workflow") return null;
    const meant = graph.starts[drawing.entries.findIndex((one) => one.key === key)];
    const only = graph.nodes.length === 0 && graph.starts.length === 1 ? graph.starts[0] : undefined;
    const start = meant ?? only;
    return start === undefined || start.entry !== null ? null : start;
  }

  private enter(start: Start, entry: string): string | null {
    if (this.state.live.source.element(start.at) === null) return gone.message;
    return this.step({ type: "set-field", path: [...rootRelative(start.at), "entry_node"], value: entry });
  }

  private addStart(name: string, entry: string | null): string | null {
    return this.step({ type: "add-start", name, source: "manual", ...(entry === null ? {} : { entry }) });
  }

  /** Nodes go with their edges. All in one step: a large selection goes as fast as a small one. */
  private remove(intent: Extract<PageIntent, { type: "remove" }>): CanvasPlan {
    const starts = intent.starts.flatMap((key) => {
      const start = this.startOf(key);
      return start === null ? [] : [this.state.graph.starts.indexOf(start)];
    });
    const nodes = intent.nodes.flatMap((key) => this.node(key)?.index ?? []);
    const gone = new Set(intent.nodes);
    const edges: number[] = [];
    for (const key of intent.edges) {
      const edge = this.edge(key);
      if (edge === null) continue;
      if (edge.index !== null) edges.push(edge.index);
      else if (!gone.has(edge.from) && !gone.has(edge.to))
        return refused("the order of steps is that of the document; move a step instead");
    }
    if (starts.length + nodes.length + edges.length === 0) return this.made(null, null);
    return this.made(this.step({ type: "remove", nodes, edges, starts }), null);
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
    for (const { id, kind, fields, text: written } of pasted.nodes) {
      const failure = this.step({ type: "add-node", id, kind, fields });
      if (failure !== null) return refused(failure);
      if (written !== null) this.asWritten(id, written);
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
    const at = node === null ? this.startOf(key)?.at : this.state.graph.nodes[node.index]?.at;
    const id = at === undefined ? null : this.state.live.source.element([...at, node === null ? "name" : "id"]);
    if (id?.value === null || id?.value === undefined) return gone;
    // Inside the quotes, where there are any.
    const quoted = /^["']/.test(this.state.live.text.slice(...id.value)) ? 1 : 0;
    return { type: "rename", offset: id.value[0] + quoted, to };
  }

  /** A node that was just added gets the very text that was copied, where that says the same in this document. */
  private asWritten(id: string, text: string): void {
    const { live, graph } = this.state;
    const at = graph.nodes.find((one) => one.id === id)?.at;
    const edit = at === undefined ? null : pastedText(live, at, text);
    const next = edit === null ? null : this.redrawn([edit]);
    const to = next?.graph.nodes.find((one) => one.id === id)?.at;
    if (at === undefined || edit === null || next === null || to === undefined) return;
    if (!saysTheSame([live, at], [next.live, to])) return;
    this.steps.push([edit]);
    this.state = next;
  }

  /** Takes one step; the sentence that says why it cannot be taken, or null. */
  private step(intent: Intent): string | null {
    const position = this.state.live.graphs.findIndex((one) => one.graph === this.state.graph);
    const plan = planEdits(this.state.live, { ...intent, ...(position > 0 ? { graph: position } : {}) });
    if (!plan.ok) return plan.message;
    this.steps.push(plan.edits);
    const next = this.redrawn(plan.edits);
    if (next === null) return "this change would leave a file that is no graph any more, so it is not made";
    this.state = next;
    return null;
  }

  /** What the text is drawn as after some edits; null when it cannot be read. */
  private redrawn(edits: readonly TextEdit[]): CanvasState | null {
    const { live, graph } = this.state;
    const runner = live.graphs.find((one) => one.graph === graph)?.runner ?? null;
    const next = drawDocument(applyEdits(live.text, edits), live.file, this.open, live, runner);
    return isDrawn(next) ? next : null;
  }

  private made(failure: string | null, select: string | null): CanvasPlan {
    return failure === null ? { type: "edits", edits: [], select } : refused(failure);
  }

  /** The page names fields of kinds, starts and the document; where they stand is the dialect's. */
  private place(
    key: string | null,
    path: DocumentPath,
  ): { readonly node?: number; readonly path: DocumentPath } | null {
    if (key === null) return { path };
    const drawn = this.node(key);
    if (drawn === null) {
      const start = this.startOf(key);
      return start === null ? null : { path: [...rootRelative(start.at), ...path] };
    }
    const node = this.state.graph.nodes[drawn.index];
    if (node === undefined) return null;
    return { node: drawn.index, path: placeOf(this.state, { ...node, kind: drawn.kind }, path) };
  }

  private node(key: string): DrawnNode | null {
    return this.state.drawing.nodes.find((one) => one.key === key) ?? null;
  }

  private edge(key: string): DrawnEdge | null {
    return this.state.drawing.edges.find((one) => one.key === key) ?? null;
  }

  private startNamed(name: string): Start | null {
    return this.state.graph.starts.find((one) => one.name === name) ?? null;
  }

  /** The start that a marker stands for. */
  private startOf(key: string): Start | null {
    const position = this.state.drawing.entries.findIndex((one) => one.key === key);
    return this.state.graph.starts[position] ?? null;
  }

  private newNode(kind: string, before: string | null): NewNode {
    const base = kind.replace(/[^A-Za-z0-9_-]/g, "_");
    return { id: this.freeId(base), kind, fields: newFields(kind, this.state.graph.dialect, before) };
  }

  /** The name, or the first of `name_2`, `name_3`… that no node has. */
  private freeId(name: string, also: ReadonlySet<string> = new Set()): string {
    return free(name, new Set([...this.state.graph.nodes.map((node) => node.id), ...also]));
  }
}

function free(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const base = name.replace(/_[0-9]+$/, "");
  for (let i = 2; ; i++) if (!taken.has(`${base}_${i}`)) return `${base}_${i}`;
}

/** `set-field` counts from the graph's own table, which a wrapped document keeps below `workflows`. */
function rootRelative(path: readonly (string | number)[]): readonly (string | number)[] {
  return path[0] === "workflows" ? path.slice(2) : path;
}

/** The text after a plan's edits; for tests and previews. */
export function afterPlan(live: LiveDocument, plan: CanvasPlan): string {
  return plan.type === "edits" ? applyEdits(live.text, plan.edits) : live.text;
}
