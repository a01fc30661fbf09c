/**
 * Journal events -> the steps that views follow (src/protocol/run.ts). Events come masked, so nothing here can tell a
 * secret; texts are shortened here, so that a run's values never cross to a page as a whole.
 */
import type { Bundle } from "../../dialects/bundle.ts";
import { links } from "../../draw/text.ts";
import type { JournalEvent } from "../../effects/events.ts";
import { briefText } from "../../graph/brief.ts";
import { isBytesValue, valueBytes } from "../../graph/bytes.ts";
import type { Graph } from "../../graph/model.ts";
import type { Value } from "../../graph/value.ts";
import type { RunEnd, RunStep } from "../../protocol/run.ts";

/** Longest preview of a value, and longest message, in characters. */
const MAX_PREVIEW = 240;
const MAX_MESSAGE = 600;
/** Most names in a list of what was assumed or passed. */
const MAX_NAMES = 50;

/** A step without its number. */
type Draft = RunStep extends infer S ? (S extends RunStep ? Omit<S, "seq" | "at"> : never) : never;

/** One walk that is open. */
interface OpenFrame {
  /** Keys of the nodes around it, each with `/` behind. */
  readonly prefix: string;
  readonly depth: number;
  /** The visit whose child it is. */
  readonly parent: { readonly act: string; readonly node: string } | null;
  readonly incoming: ReadonlyMap<string, readonly { readonly from: string; readonly edge: string }[]>;
  /** The first step, where the order of the text leads; null where edges do. */
  readonly first: string | null;
  /** Nodes that were entered, with their latest visit. */
  readonly entered: Map<string, number>;
}

type Of<T extends JournalEvent["type"]> = Extract<JournalEvent, { type: T }>;

/** Makes the steps of one run, in order. */
export class StepMaker {
  private readonly bundle: Bundle;
  private readonly tell: (step: RunStep) => void;
  private readonly frames = new Map<string, OpenFrame>();
  /** Messages of failed attempts whose wait is to be said, by visit. */
  private readonly failures = new Map<string, string>();
  private start: string | null = null;
  private began: number | null = null;
  private last = 0;
  private seq = 0;

  constructor(bundle: Bundle, tell: (step: RunStep) => void) {
    this.bundle = bundle;
    this.tell = tell;
  }

  /** Whether the run has begun: its first event was journalled. */
  get hasBegun(): boolean {
    return this.began !== null;
  }

  /** One event. */
  add(event: JournalEvent): void {
    this.began ??= event.at;
    this.last = Math.max(0, event.at - this.began);
    switch (event.type) {
      case "run.started":
        this.start = event.start;
        this.say({
          type: "started",
          start: event.start,
          environment: event.environment,
          dry: event.options.dryRun,
          began: event.at,
        });
        return;
      case "frame.opened":
        this.open(event);
        return;
      case "frame.ended": {
        const { parent = null } = this.frames.get(event.frame) ?? {};
        this.frames.delete(event.frame);
        if (parent !== null) this.say({ type: "child", ...parent, opened: false });
        return;
      }
      case "node.entered":
        this.enter(event);
        return;
      case "effect.decided": {
        const { decision, code, live = null } = event;
        const said = { decision, code, reason: cut(event.reason), live };
        this.say({ type: "decided", ...this.visit(event.act), what: whatOf(event), decision: said });
        return;
      }
      case "effect.ended":
        this.say({
          type: "performed",
          ...this.visit(event.act),
          ok: event.ok,
          by: event.by === "person" ? "engine" : event.by,
        });
        return;
      case "approval.requested": {
        const { id, subject, reason } = event;
        this.say({
          type: "asked",
          ...this.visit(event.act),
          id,
          subject,
          reason: reason === null ? null : cut(reason),
        });
        return;
      }
      case "approval.answered":
        this.say({ type: "answered", id: event.id, approved: event.approved });
        return;
      case "timer.set": {
        if (event.why !== "retry") return;
        const visit = this.visit(event.act);
        const message = this.failures.get(visit.act) ?? "";
        this.failures.delete(visit.act);
        const inMs = Math.max(0, event.wakeAt - event.at);
        this.say({ type: "retrying", ...visit, attempt: event.act.attempt + 1, inMs, message });
        return;
      }
      case "node.ended":
        this.end(event);
        return;
      case "node.failed":
        this.fail(event);
        return;
      case "value.edited": {
        const { frame, node, output, by } = event;
        // Views show the latest visit, and its output is the one that others read.
        const visit = this.frames.get(frame)?.entered.get(node) ?? 1;
        this.say({ type: "edited", ...this.visit({ frame, node, visit }), preview: preview(output), by });
        return;
      }
      case "provision.decided":
        // A view shows one decision for a visit, the effect's; a refusal is told by the effect that fails of it.
        return;
      default:
        return;
    }
  }

  /** The last step. */
  finish(end: Omit<RunEnd, "preview"> & { readonly value: Value | null }): void {
    const { value, reason, waitsFor, ...rest } = end;
    this.say({
      type: "finished",
      ...rest,
      reason: reason === null ? null : cut(reason),
      waitsFor: waitsFor
        .slice(0, MAX_NAMES)
        .map(({ id, reason: why }) => ({ id, reason: why === null ? null : cut(why) })),
      assumed: names(end.assumed),
      wouldPause: names(end.wouldPause),
      preview: value === null ? "" : preview(value),
    });
  }

  private say(draft: Draft): void {
    this.tell({ seq: this.seq++, at: this.last, ...draft });
  }

  private visit(act: { readonly frame: string; readonly node: string; readonly visit: number }): {
    readonly act: string;
    readonly node: string;
  } {
    const { prefix = "" } = this.frames.get(act.frame) ?? {};
    return { act: `${act.frame === "" ? "" : `${act.frame}/`}${act.node}#${act.visit}`, node: prefix + act.node };
  }

  private open(event: Of<"frame.opened">): void {
    const around = event.parent === null ? null : (this.frames.get(event.parent.frame) ?? null);
    const parent = event.parent === null ? null : this.visit(event.parent);
    const graph = this.bundle.entries.get(event.document)?.graph ?? null;
    this.frames.set(event.frame, {
      prefix: parent === null ? "" : `${parent.node}/`,
      depth: around === null ? 0 : around.depth + 1,
      parent,
      incoming: graph === null || graph.dialect === "workflow" ? noEdges : incomingOf(graph),
      first: graph === null || graph.dialect === "workflow" ? null : (graph.nodes[0]?.id ?? null),
      entered: new Map(),
    });
    if (parent !== null) this.say({ type: "child", ...parent, opened: true });
  }

  private enter(event: Of<"node.entered">): void {
    const frame = this.frames.get(event.frame);
    // Another attempt is the same visit.
    if (frame === undefined || event.attempt > 1) return;
    const { prefix, depth } = frame;
    this.say({
      type: "entered",
      ...this.visit(event),
      name: event.node,
      visit: event.visit,
      depth,
      edges: this.edgesTo(event, frame).map((edge) => prefix + edge),
      assumed: event.assumed === true,
    });
    frame.entered.set(event.node, event.visit);
  }

  private edgesTo(event: Of<"node.entered">, frame: OpenFrame): string[] {
    if (event.edge !== null) return [`edge:${event.edge}`];
    const incoming = frame.incoming.get(event.node) ?? [];
    // By the start: the first node of a workflow, and whatever comes behind no other step.
    if (frame.first === null ? frame.entered.size === 0 : incoming.length === 0) {
      const entry = `entry:start:${this.start ?? "main"}`;
      if (frame.depth > 0 || frame.entered.has(event.node)) return [];
      return [frame.first === null || frame.first === event.node ? entry : `${entry}>${event.node}`];
    }
    return incoming.flatMap(({ from, edge }) => (frame.entered.has(from) ? [edge] : []));
  }

  private end(event: Of<"node.ended">): void {
    const outcome = event.outcome === "fail" ? "failed" : event.outcome === "skip" ? "skipped" : "done";
    const message = event.reason === null ? null : cut(event.reason);
    const { label, assumed } = event;
    this.say({ type: "ended", ...this.visit(event), outcome, label, message, preview: preview(event.output), assumed });
  }

  private fail(event: Of<"node.failed">): void {
    const visit = this.visit(event);
    const message = cut(event.failure.message);
    if (event.then === "retry") {
      this.failures.set(visit.act, message);
      return;
    }
    const label = event.then === "branch" ? "error" : null;
    this.say({ type: "ended", ...visit, outcome: "failed", label, message, preview: "", assumed: false });
  }
}

const noEdges: OpenFrame["incoming"] = new Map();

/** Remembered per graph, which never changes: children of a map are opened by the thousand. */
const incomings = new WeakMap<Graph, OpenFrame["incoming"]>();

/** Orders that no edge of the document says, by the node they lead to; keys as in the drawing. */
function incomingOf(graph: Graph): OpenFrame["incoming"] {
  const known = incomings.get(graph);
  if (known !== undefined) return known;
  const made = new Map<string, { readonly from: string; readonly edge: string }[]>();
  for (const { from, to } of links(graph)) {
    const into = made.get(to) ?? [];
    made.set(to, into);
    into.push({ from, edge: `edge:${from}>${to}` });
  }
  incomings.set(graph, made);
  return made;
}

/** Where texts of an effect's description say best what it is about, in this order. */
const telling = ["real_path", "path", "url", "program", "tool", "uri", "server", "backend", "key", "name"] as const;

function whatOf({ kind, description }: Of<"effect.decided">): string {
  const method = typeof description["method"] === "string" ? `${description["method"]} ` : "";
  const found = telling.map((key) => description[key]).find((one) => typeof one === "string");
  return cut(found === undefined ? kind : `${kind} ${method}${String(found)}`, MAX_PREVIEW);
}

function preview(value: Value): string {
  if (!isBytesValue(value)) return briefText(value, MAX_PREVIEW);
  const bytes = valueBytes(value);
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_PREVIEW * 4));
  return cut(`${bytes.length} bytes: ${text}`, MAX_PREVIEW);
}

function names(all: readonly string[]): string[] {
  const distinct = [...new Set(all)];
  const more = distinct.length - MAX_NAMES;
  return more <= 0 ? distinct : [...distinct.slice(0, MAX_NAMES), `${more} more`];
}

function cut(text: string, most = MAX_MESSAGE): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}
