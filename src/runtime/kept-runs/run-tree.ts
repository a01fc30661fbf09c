/**
 * A run as a tree: a fold over its journal's events into frames, visits, effects and questions. Pure; linear in the
 * number of events. Values are kept as short texts unless all of them is wanted, so memory follows the number of
 * events, not their size.
 */
import { activationKey, type Activation } from "../../effects/effect.ts";
import type { ApprovalRequest, JournalEvent } from "../../effects/events.ts";
import { briefText } from "../../graph/brief.ts";
import type { Value } from "../../graph/value.ts";

type Of<T extends JournalEvent["type"]> = Extract<JournalEvent, { type: T }>;

/** One effect of a visit. */
export interface EffectView {
  readonly kind: string;
  readonly what: string;
  readonly decision: string;
  readonly code: string;
  readonly reason: string;
  readonly live: { readonly decision: string; readonly code: string } | null;
  readonly attempt: number;
  started: boolean;
  /** null while it is under way, or when it was never performed. */
  end: { readonly ok: boolean; readonly text: string; readonly by: string; readonly doubt: boolean } | null;
}

/** A question to a person. */
export interface AskView {
  readonly id: string;
  readonly subject: ApprovalRequest["subject"];
  readonly reason: string | null;
  readonly summary: string;
  readonly node: string;
  readonly at: number;
  answer: { readonly approved: boolean; readonly by: string; readonly reason: string | null } | null;
  /** A resume with a changed document has voided it. */
  void: boolean;
}

/** A node, visited once; its attempts are in it. */
export interface VisitView {
  readonly node: string;
  readonly visit: number;
  readonly enteredAt: number;
  endedAt: number | null;
  state: "open" | "continue" | "terminate" | "fail" | "skip" | "error" | "caught";
  label: string | null;
  reason: string | null;
  assumed: boolean;
  output: string | null;
  editedBy: string | null;
  readonly failedAttempts: { readonly attempt: number; readonly message: string }[];
  readonly effects: EffectView[];
  readonly asks: AskView[];
  readonly frames: FrameView[];
}

/** What was decided about something that effects needed: an MCP server, a secret's command, a token. */
export interface ProvisionView {
  readonly what: "mcp_server" | "secret";
  readonly name: string;
  /** The activation that needed it first; null for none. */
  readonly act: string | null;
  readonly decision: string;
  readonly code: string;
  readonly reason: string;
}

/** One walk of one document. */
export interface FrameView {
  readonly frame: string;
  readonly document: string;
  readonly start: string | null;
  readonly openedAt: number;
  endedAt: number | null;
  status: string | null;
  reason: string | null;
  value: string | null;
  readonly visits: VisitView[];
}

/** The records of a stream so far. */
export interface Records {
  completed: number;
  last: Of<"record.ended"> | null;
}

/** The run so far. */
export class RunTree {
  started: Of<"run.started"> | null = null;
  readonly resumed: Of<"run.resumed">[] = [];
  forked: Of<"run.forked"> | null = null;
  ended: Of<"run.ended"> | null = null;
  /** Things that befell the run as a whole, as sentences. */
  readonly remarks: string[] = [];
  readonly provisions: ProvisionView[] = [];
  root: FrameView | null = null;
  /** null for a run that is no stream. */
  records: Records | null = null;
  readonly asks = new Map<string, AskView>();
  events = 0;
  lastAt = 0;
  lastSeq = 0;
  private readonly frames = new Map<string, FrameView>();
  private readonly visits = new Map<string, VisitView>();
  private readonly effects = new Map<string, EffectView>();
  private readonly limit: number;

  /** `limit`: characters kept of a value; infinite keeps all. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Takes the next event. */
  add(event: JournalEvent): void {
    this.events++;
    this.lastAt = event.at;
    this.lastSeq = event.seq;
    switch (event.type) {
      case "run.started":
        this.started = event;
        if (event.options.stream !== undefined) this.records = { completed: 0, last: null };
        return;
      case "record.ended":
        if (this.records === null) return;
        if (event.status === "completed") this.records.completed++;
        this.records.last = event;
        this.effects.clear();
        return;
      case "run.resumed":
        this.resumed.push(event);
        this.ended = null;
        if (event.changed) for (const ask of this.asks.values()) ask.void ||= ask.answer === null;
        return;
      case "run.forked":
        this.forked = event;
        return;
      case "run.ended":
        this.ended = event;
        return;
      case "frame.opened":
        this.openFrame(event);
        return;
      case "frame.ended":
        this.endFrame(event);
        return;
      case "node.entered":
        this.enter(event);
        return;
      case "node.ended":
        this.endNode(event);
        return;
      case "node.failed":
        this.failNode(event);
        return;
      case "effect.decided":
        this.decided(event);
        return;
      case "effect.started":
        this.effect(event, (effect) => (effect.started = true));
        return;
      case "effect.ended":
        this.effect(event, (effect) => {
          const text = event.failure === null ? this.text(event.value) : event.failure.message;
          effect.end = { ok: event.ok, text, by: event.by, doubt: event.doubt };
        });
        return;
      case "provision.decided": {
        const { what, name, act, decision, code, reason } = event;
        this.provisions.push({ what, name, act: act === null ? null : activationKey(act), decision, code, reason });
        return;
      }
      case "approval.requested":
        this.ask(event);
        return;
      case "approval.answered": {
        const ask = this.asks.get(event.id);
        if (ask !== undefined) ask.answer = { approved: event.approved, by: event.by, reason: event.reason };
        return;
      }
      case "value.edited": {
        const visit = this.frames.get(event.frame)?.visits.findLast((one) => one.node === event.node);
        if (visit === undefined) return;
        visit.output = this.text(event.output);
        visit.editedBy = event.by;
        return;
      }
      case "deadline.passed":
        this.remarks.push("the deadline has passed");
        return;
      case "budget.exceeded":
        this.remarks.push(`budget ${event.budget} exceeded: ${event.used} of ${event.limit}`);
        return;
      case "run.cancelled":
        this.remarks.push(`cancelled by ${event.by}${event.reason === null ? "" : `: ${event.reason}`}`);
        return;
      case "segment.opened":
        if (event.lateLines > 0) this.remarks.push(`${event.lateLines} late lines were cut off when it was taken over`);
        return;
      case "cursor.moved":
        this.remarks.push(`the debugger went back to event ${event.to}`);
        return;
      case "timer.set":
      case "timer.fired":
      case "run.paused":
        return;
    }
  }

  /** Questions without an answer, in the order in which they were asked. */
  get openAsks(): AskView[] {
    return [...this.asks.values()].filter((ask) => ask.answer === null && !ask.void);
  }

  private text(value: Value): string {
    return briefText(value, this.limit);
  }

  private openFrame(event: Of<"frame.opened">): void {
    const { frame, document, start, at } = event;
    const view: FrameView = {
      frame,
      document,
      start,
      openedAt: at,
      endedAt: null,
      status: null,
      reason: null,
      value: null,
      visits: [],
    };
    this.frames.set(frame, view);
    if (event.parent === null) this.root = view;
    else this.visits.get(visitKey(event.parent))?.frames.push(view);
  }

  private endFrame(event: Of<"frame.ended">): void {
    const frame = this.frames.get(event.frame);
    if (frame === undefined) return;
    frame.endedAt = event.at;
    frame.status = event.status;
    frame.reason = event.reason ?? event.failure?.message ?? null;
    frame.value = this.text(event.value);
  }

  private enter(event: Of<"node.entered">): void {
    if (this.visits.has(visitKey(event))) return;
    this.visit(event).assumed = event.assumed === true;
  }

  /** The visit of an event; a node that was skipped has an end only. */
  private visit(event: Activation & { readonly at: number }): VisitView {
    const key = visitKey(event);
    const known = this.visits.get(key);
    if (known !== undefined) return known;
    const made: VisitView = {
      node: event.node,
      visit: event.visit,
      enteredAt: event.at,
      endedAt: null,
      state: "open",
      label: null,
      reason: null,
      assumed: false,
      output: null,
      editedBy: null,
      failedAttempts: [],
      effects: [],
      asks: [],
      frames: [],
    };
    this.visits.set(key, made);
    this.frames.get(event.frame)?.visits.push(made);
    return made;
  }

  private endNode(event: Of<"node.ended">): void {
    const visit = this.visit(event);
    visit.endedAt = event.at;
    visit.state = event.outcome;
    visit.label = event.label;
    visit.reason = event.reason;
    visit.assumed ||= event.assumed;
    visit.output = event.outcome === "continue" ? this.text(event.output) : null;
  }

  private failNode(event: Of<"node.failed">): void {
    const visit = this.visit(event);
    if (event.then === "retry") {
      visit.failedAttempts.push({ attempt: event.attempt, message: event.failure.message });
      return;
    }
    visit.endedAt = event.at;
    visit.state = event.then === "branch" ? "caught" : "error";
    visit.label = event.then === "branch" ? "error" : null;
    visit.reason = event.failure.message;
  }

  private decided(event: Of<"effect.decided">): void {
    const effect: EffectView = {
      kind: event.kind,
      what: targetText(event.description, this.limit),
      decision: event.decision,
      code: event.code,
      reason: event.reason,
      live: event.live ?? null,
      attempt: event.act.attempt,
      started: false,
      end: null,
    };
    // Decided again after an answer: the last word counts.
    const key = effectKey(event.act, event.index);
    const list = this.visits.get(visitKey(event.act))?.effects;
    const before = this.effects.get(key);
    const at = before === undefined ? -1 : (list?.lastIndexOf(before) ?? -1);
    if (list !== undefined && at >= 0) list[at] = effect;
    else list?.push(effect);
    this.effects.set(key, effect);
  }

  private effect(event: { readonly act: Activation; readonly index: number }, change: (effect: EffectView) => void) {
    const effect = this.effects.get(effectKey(event.act, event.index));
    if (effect !== undefined) change(effect);
  }

  private ask(event: Of<"approval.requested">): void {
    const { id, subject, reason, act, at } = event;
    const ask: AskView = {
      id,
      subject,
      reason,
      summary: this.text(event.summary),
      node: act.frame === "" ? act.node : `${act.frame}/${act.node}`,
      at,
      answer: null,
      void: false,
    };
    this.asks.set(id, ask);
    this.visits.get(visitKey(act))?.asks.push(ask);
  }
}

function visitKey({ frame, node, visit }: Activation): string {
  return JSON.stringify([frame, node, visit]);
}

function effectKey(act: Activation, index: number): string {
  return `${activationKey(act)} ${index}`;
}

type Description = Of<"effect.decided">["description"];

/** What an effect is about, in the words of its description. */
function targetText(description: Description, limit: number): string {
  const word = (key: string): string | null => {
    const value = description[key];
    return typeof value === "string" && value !== "" ? value : null;
  };
  const args = Array.isArray(description["args"]) ? (description["args"] as readonly unknown[]) : [];
  const program = word("program");
  const text =
    program !== null
      ? [program, ...args.map(String)].join(" ")
      : [word("method"), word("url") ?? word("path") ?? word("key") ?? word("uri")]
          .filter((one) => one !== null)
          .join(" ") ||
        [word("server"), word("tool")].filter((one) => one !== null).join(" ") ||
        (word("backend") ?? "");
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}
