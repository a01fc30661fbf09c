/**
 * One debugging session as canvases follow it: the steps of its run, told to the hub as those of any run are, and where
 * it stands (spec/editor.md §5).
 *
 * Boundary: sees what the debugger's clients see, values masked and short. Invariants: each fork is a run of its own,
 * which begins with what was kept; nothing here holds the session up.
 */
import * as vscode from "vscode";
import type { GraphDebugAdapter } from "../../debug/adapter.ts";
import { endText } from "../../debug/announcements.ts";
import type { Launched } from "../../debug/host.ts";
import { wayTo } from "../../debug/look.ts";
import type { PlacedBreakpoint, SessionObserver } from "../../debug/observer.ts";
import { Refused } from "../../debug/requests.ts";
import type { DebugSession } from "../../debug/session.ts";
import type { SessionEnd, SessionEvent } from "../../debug/session-types.ts";
import { ROOT_THREAD, type StackStep } from "../../debug/threads.ts";
import type { JournalEvent } from "../../effects/events.ts";
import { debugRunId, type DebugView } from "../../protocol/debug.ts";
import type { RunEnd } from "../../protocol/run.ts";
import { StepMaker } from "../../runtime/editor-run/steps.ts";
import type { DebugFollowing, FollowedSession } from "./following.ts";
import { PinnedTexts } from "./pinned-texts.ts";
import { debugWords } from "./words.ts";

/** What there is once the session was launched. */
interface Followed {
  readonly launched: Launched;
  readonly session: DebugSession;
  readonly texts: PinnedTexts;
}

/** The run that shows a session up to its next fork. */
interface Recorded {
  readonly runId: string;
  readonly steps: StepMaker;
  /** How many steps there were before each entry of a node. */
  readonly before: number[];
  told: number;
}

/** See the header. */
export class FollowedRun implements SessionObserver, FollowedSession {
  readonly id: string;
  document = vscode.Uri.file("/");
  private readonly following: DebugFollowing;
  private readonly adapter: () => GraphDebugAdapter;
  private followed: Followed | null = null;
  private recorded: Recorded | null = null;
  private forks = 0;
  private selected: StackStep | null = null;

  /** `adapter`: that of this session, once anything is asked of it. */
  constructor(id: string, following: DebugFollowing, adapter: () => GraphDebugAdapter) {
    this.id = id;
    this.following = following;
    this.adapter = adapter;
  }

  launched(launched: Launched, session: DebugSession): void {
    const texts = new PinnedTexts(launched.bundle, (differs) => {
      if (differs !== null) this.adapter().remark(debugWords[differs.how](differs.name));
      this.following.moved(this);
    });
    this.followed = { launched, session, texts };
    this.document = vscode.Uri.file(texts.root);
    this.recorded = this.record(launched);
    this.following.begin(this);
  }

  happened(event: JournalEvent): void {
    const { recorded } = this;
    if (recorded === null) return;
    if (event.type === "node.entered") recorded.before.push(recorded.told);
    recorded.steps.add(event);
  }

  told(event: SessionEvent): void {
    switch (event.type) {
      case "logged":
      case "assumed":
        return;
      case "forked":
        this.fork();
        break;
      case "finished":
        if (this.recorded?.steps.hasBegun === true) this.recorded.steps.finish({ ...endOf(event.end), value: null });
        break;
      case "ended":
        this.closed();
        return;
      default:
        break;
    }
    this.selected = null;
    this.following.moved(this);
  }

  breakpointsPlaced(file: string): void {
    this.following.placed(file);
  }

  closed(): void {
    const { followed, recorded } = this;
    if (followed === null) return;
    this.followed = null;
    this.recorded = null;
    followed.texts.dispose();
    this.following.end(this);
    if (recorded !== null) this.following.hub.forget(recorded.runId);
    for (const file of followed.texts.files) this.following.placed(file);
  }

  view(): DebugView | null {
    const { followed, recorded } = this;
    if (followed === null || recorded === null) return null;
    const { session, texts, launched } = followed;
    const { history, stopped } = session;
    const place = history.entryAfter(session.seq);
    const text = stopped?.reason === "end" && session.ended !== null ? endText(session.ended).text : stopped?.text;
    return {
      runId: recorded.runId,
      dry: launched.dry,
      stop: stopped === null ? null : { reason: stopped.reason, text: text ?? null },
      ...this.where(session),
      ...{ place, places: history.entries.length, past: place < history.entries.length },
      ...{ changed: [...texts.changed], gone: [...texts.gone] },
    };
  }

  get lookingAt(): number | null {
    const { followed, recorded } = this;
    if (followed === null || recorded === null) return null;
    return recorded.before[followed.session.history.entryAfter(followed.session.seq)] ?? null;
  }

  knows(file: string): boolean {
    return this.followed?.texts.files.has(file) === true;
  }

  placed(file: string): readonly PlacedBreakpoint[] {
    return this.adapter().placed(file);
  }

  select(item: { readonly threadId: number; readonly frameId: number | null }): void {
    if (this.followed === null) return;
    this.selected = this.adapter().view?.shown(item.threadId, item.frameId) ?? null;
    this.following.moved(this);
  }

  lookAt(place: number): string | null {
    const session = this.followed?.session ?? null;
    if (session === null || session.stopped === null) return debugWords.running;
    session.lookAtEntry(place);
    return null;
  }

  go(how: "runTo" | "restart", node: string): string | null {
    const view = this.adapter().view;
    if (this.followed === null || view === null) return debugWords.over;
    const { session, launched } = this.followed;
    if (session.stopped === null) return debugWords.running;
    if (how === "restart") return session.restartFrom("", node) ? null : debugWords.neverEntered(node);
    try {
      view.runToNode(ROOT_THREAD, launched.bundle.root, node);
      return null;
    } catch (problem) {
      if (problem instanceof Refused) return problem.message;
      throw problem;
    }
  }

  private record({ bundle }: Launched): Recorded {
    const runId = debugRunId(this.id, this.forks++);
    const tell = this.following.hub.begin(this.document.toString(), runId);
    const recorded: Recorded = {
      ...{ runId, before: [], told: 0 },
      steps: new StepMaker(bundle, (step) => {
        recorded.told++;
        tell(step);
      }),
    };
    return recorded;
  }

  /** The session goes on from an earlier instant: what was kept of its run is the beginning of another. */
  private fork(): void {
    const { followed, recorded: left } = this;
    if (followed === null) return;
    this.recorded = this.record(followed.launched);
    for (const event of followed.session.history.events) this.happened(event);
    if (left !== null) this.following.hub.forget(left.runId);
  }

  /** The node that is selected in the editor, else the one before which the session stands. */
  private where({ history, stopped }: DebugSession): Pick<DebugView, "node" | "name"> {
    const nowhere = { node: null, name: null };
    if (stopped === null || stopped.reason === "end") return nowhere;
    const { selected } = this;
    const frame = selected?.frame ?? history.frames.get(stopped.frame);
    if (frame === undefined) return nowhere;
    const node = selected === null ? stopped.node : selected.node;
    const way = wayTo(history, frame, node);
    return { node: way.length === 0 ? null : way.join("/"), name: way.at(-1) ?? null };
  }
}

/** How the run came out, for views; texts are masked already. */
function endOf(end: SessionEnd): Omit<RunEnd, "preview"> {
  const none = { reason: null, last: null, waitsFor: [], assumed: [], wouldPause: [] };
  if (!end.ok) return { ...none, status: "failed", reason: end.message };
  const { outcome } = end;
  const last = outcome.lastNode;
  if (end.interrupted) return { ...none, status: "stopped", last };
  if (outcome.status === "paused") return { ...none, status: "paused", reason: outcome.reason, last };
  const passed = { assumed: [...(outcome.assumed ?? [])], wouldPause: [...(outcome.wouldPause ?? [])] };
  const reason = outcome.status === "failed" ? outcome.reason : null;
  const cancelled = outcome.status === "failed" && outcome.error?.class === "cancelled";
  return { ...none, ...passed, status: cancelled ? "cancelled" : outcome.status, reason, last };
}
