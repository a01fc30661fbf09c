/**
 * Debugging on one page (spec/editor.md §5): breakpoints of its document, the session that it shows, and instants of the
 * run that it shows. Breakpoints are VS Code's own; the page is told where they stand and asks for changes.
 *
 * Invariant: nothing is kept here that VS Code or the session knows; everything is sent anew when it changes.
 */
import * as vscode from "vscode";
import type { DebugFromPage, PageBreakpoint } from "../../protocol/debug.ts";
import { snapshotOf } from "../../protocol/run-fold.ts";
import type { ToPage } from "../../protocol/webview.ts";
import type { CanvasState } from "../../runtime/canvas/index.ts";
import { breakpointLine, elementAtLine, nodeIdOf } from "../../runtime/debug/on-canvas.ts";
import type { DebugFollowing } from "../debug/following.ts";
import { debugWords } from "../debug/words.ts";

/** What a view lends. */
export interface DebuggedView {
  readonly document: vscode.TextDocument;
  /** What is drawn; null before anything is. */
  drawn(): CanvasState | null;
  send(message: ToPage): void;
  /** A refusal in the page's status line. */
  say(message: string): void;
}

type SourceBreakpoint = vscode.SourceBreakpoint;

/** See the header. */
export class PageDebug implements vscode.Disposable {
  private readonly view: DebuggedView;
  private readonly following: DebugFollowing;
  private readonly listeners: readonly vscode.Disposable[];
  private ready = false;
  private sent = "";
  /** How often the page was told of the session. */
  private told = 0;

  constructor(view: DebuggedView, following: DebugFollowing) {
    this.view = view;
    this.following = following;
    const { uri } = view.document;
    this.listeners = [
      vscode.debug.onDidChangeBreakpoints(({ added, removed, changed }) => {
        if ([...added, ...removed, ...changed].some((one) => this.isOwn(one))) this.sendBreakpoints();
      }),
      following.onDidChange(({ document, what }) => {
        if (document !== uri.toString()) return;
        if (what === "session") this.sendSession();
        this.sendBreakpoints();
      }),
    ];
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
  }

  /** The page is new: it is told everything. */
  restart(): void {
    this.ready = true;
    this.sent = "";
    this.sendSession();
    this.sendBreakpoints();
  }

  /** Another text is drawn: its elements may stand elsewhere, or be others. */
  redrawn(): void {
    this.sendBreakpoints();
  }

  /** Does what the page asks for. */
  async answer(message: DebugFromPage): Promise<void> {
    switch (message.type) {
      case "breakpoint":
        return this.changeBreakpoint(message.element, message.what);
      case "lookAtRun":
        this.sendInstant(message.runId, message.next, true);
        return;
      case "debugLookAt":
        this.lookAtPlace(message.place);
        return;
      case "debugGo": {
        const state = this.view.drawn();
        const session = this.following.of(this.view.document.uri);
        const node = state === null ? null : nodeIdOf(state, message.node);
        if (session === null || node === null) this.view.say(debugWords.over);
        else this.sayIf(session.go(message.how, node));
        return;
      }
    }
  }

  /** The page waits for the answer, also when the session stands there already. */
  private lookAtPlace(place: number): void {
    const before = this.told;
    this.sayIf(this.following.of(this.view.document.uri)?.lookAt(place) ?? null);
    if (this.told === before) this.sendSession();
  }

  private sayIf(problem: string | null): void {
    if (problem !== null) this.view.say(problem);
  }

  private sendSession(): void {
    if (!this.ready) return;
    const followed = this.following.of(this.view.document.uri);
    const session = followed?.view() ?? null;
    const lookingAt = followed?.lookingAt ?? null;
    if (session !== null && lookingAt !== null) this.sendInstant(session.runId, lookingAt, false);
    this.told++;
    this.view.send({ type: "debug", session });
  }

  private sendInstant(runId: string, wanted: number, asked: boolean): void {
    const instant = this.following.hub.at(runId, wanted);
    const { next, earliest, step } = instant ?? { next: wanted, earliest: 0, step: null };
    const run = instant === null ? null : snapshotOf(instant.view);
    this.view.send({ type: "runAt", runId, next, earliest, asked, run, step });
  }

  private sendBreakpoints(): void {
    const state = this.view.drawn();
    if (!this.ready || state === null) return;
    const list = this.own().flatMap((one): PageBreakpoint[] => {
      const element = elementAtLine(state, one.location.range.start.line);
      return element === null ? [] : [{ element, ...this.look(one) }];
    });
    const text = JSON.stringify(list);
    if (text === this.sent) return;
    this.sent = text;
    this.view.send({ type: "breakpoints", list });
  }

  private look(one: SourceBreakpoint): Omit<PageBreakpoint, "element"> {
    const { condition = "", hitCondition = "", logMessage = "" } = one;
    const file = this.view.document.uri.fsPath;
    const session = this.following.knowing(file);
    const line = one.location.range.start.line + 1;
    const placed = session?.placed(file).find(({ asked, line: at }) => asked === line || at === line);
    const kind = logMessage !== "" ? "log" : condition !== "" || hitCondition !== "" ? "conditional" : "plain";
    return {
      kind,
      state: !one.enabled ? "disabled" : placed?.verified === true ? "active" : "pending",
      text: [logMessage, condition, hitCondition].filter((part) => part !== "").join("; "),
      message: placed?.message ?? null,
    };
  }

  private async changeBreakpoint(
    element: string,
    what: Extract<DebugFromPage, { type: "breakpoint" }>["what"],
  ): Promise<void> {
    const state = this.view.drawn();
    const line = state === null ? null : breakpointLine(state, element);
    if (state === null || line === null) {
      this.view.say(debugWords.noPlace);
      return;
    }
    const own = this.own().filter((one) => elementAtLine(state, one.location.range.start.line) === element);
    const [first] = own;
    const place = first?.location ?? new vscode.Location(this.view.document.uri, new vscode.Position(line, 0));
    const put = (made: SourceBreakpoint): void => {
      vscode.debug.removeBreakpoints(own);
      vscode.debug.addBreakpoints([made]);
    };
    switch (what) {
      case "toggle":
        if (first === undefined) vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(place)]);
        else vscode.debug.removeBreakpoints(own);
        return;
      case "enable":
        if (first !== undefined)
          put(
            new vscode.SourceBreakpoint(place, !first.enabled, first.condition, first.hitCondition, first.logMessage),
          );
        return;
      case "condition":
      case "log": {
        const value = (what === "log" ? first?.logMessage : first?.condition) ?? "";
        const text = await vscode.window.showInputBox({ prompt: debugWords[what], value });
        if (text === undefined) return;
        const given = text.trim() === "" ? undefined : text;
        const condition = what === "condition" ? given : first?.condition;
        const log = what === "log" ? given : undefined;
        put(new vscode.SourceBreakpoint(place, true, condition, first?.hitCondition, log));
      }
    }
  }

  private own(): readonly SourceBreakpoint[] {
    return vscode.debug.breakpoints.filter((one): one is SourceBreakpoint => this.isOwn(one));
  }

  private isOwn(one: vscode.Breakpoint): one is SourceBreakpoint {
    const uri = this.view.document.uri.toString();
    return one instanceof vscode.SourceBreakpoint && one.location.uri.toString() === uri;
  }
}
