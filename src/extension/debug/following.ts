/**
 * Which document's canvas follows which debugging session (spec/editor.md §5): pages ask here, sessions say here that they
 * have moved. Loads no engine.
 *
 * Invariant: a document is followed by one session at most, the one that began last; what ends is followed no longer.
 */
import * as vscode from "vscode";
import type { PlacedBreakpoint } from "../../debug/observer.ts";
import type { DebugView } from "../../protocol/debug.ts";
import type { RunHub } from "../run/hub.ts";

/** A session, as canvases see it. */
export interface FollowedSession {
  /** VS Code's name of it. */
  readonly id: string;
  /** The document that it began with. */
  readonly document: vscode.Uri;
  /** What pages show of it; null when it is over. */
  view(): DebugView | null;
  /** How many steps had happened at the instant that is looked at; null for the present. */
  readonly lookingAt: number | null;
  /** Whether the file is one of its documents. */
  knows(file: string): boolean;
  placed(file: string): readonly PlacedBreakpoint[];
  /** A thread or a step of its stack was selected in the editor. */
  select(item: { readonly threadId: number; readonly frameId: number | null }): void;
  /** Goes to the instant before the entry with this number. A sentence when it cannot. */
  lookAt(place: number): string | null;
  /** Goes on to a node of the first document, or back to it. A sentence when it cannot. */
  go(how: "runTo" | "restart", node: string): string | null;
}

/** What has changed: where a session stands, or where breakpoints do. */
export interface FollowedChange {
  readonly document: string;
  readonly what: "session" | "breakpoints";
}

/** See the header. */
export class DebugFollowing implements vscode.Disposable {
  readonly hub: RunHub;
  private readonly byDocument = new Map<string, FollowedSession>();
  private readonly byId = new Map<string, FollowedSession>();
  private readonly changes = new vscode.EventEmitter<FollowedChange>();
  private readonly listeners: readonly vscode.Disposable[];

  constructor(hub: RunHub) {
    this.hub = hub;
    this.listeners = [
      this.changes,
      vscode.debug.onDidChangeActiveStackItem((item) => {
        if (item === undefined) return;
        const frameId = item instanceof vscode.DebugStackFrame ? item.frameId : null;
        this.byId.get(item.session.id)?.select({ threadId: item.threadId, frameId });
      }),
    ];
  }

  /** Something has changed for the pages of a document. */
  get onDidChange(): vscode.Event<FollowedChange> {
    return this.changes.event;
  }

  /** A session begins; the pages of its document show it. */
  begin(session: FollowedSession): void {
    this.byId.set(session.id, session);
    this.byDocument.set(session.document.toString(), session);
    this.moved(session);
  }

  /** A session has moved, or what is known about its documents has changed. */
  moved(session: FollowedSession): void {
    const document = session.document.toString();
    if (this.byDocument.get(document) === session) this.changes.fire({ document, what: "session" });
  }

  /** Breakpoints of a file have come to stand somewhere. */
  placed(file: string): void {
    this.changes.fire({ document: vscode.Uri.file(file).toString(), what: "breakpoints" });
  }

  /** A session is gone. */
  end(session: FollowedSession): void {
    this.byId.delete(session.id);
    const document = session.document.toString();
    if (this.byDocument.get(document) === session) {
      this.byDocument.delete(document);
      this.changes.fire({ document, what: "session" });
    }
  }

  /** The session that a document's pages show; null for none. */
  of(document: vscode.Uri): FollowedSession | null {
    return this.byDocument.get(document.toString()) ?? null;
  }

  /** A session for which a file is one of its documents; null when there is none. */
  knowing(file: string): FollowedSession | null {
    return [...this.byId.values()].reverse().find((session) => session.knows(file)) ?? null;
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
  }
}
