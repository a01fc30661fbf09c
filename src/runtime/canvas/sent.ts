/**
 * The drawings that a page has been shown lately, each followed through what happens to the text since, so that what
 * the page asks for can be meant for the present document (spec/editor.md §2). Knows nothing of VS Code.
 *
 * Invariant: memory is bounded; a drawing that is not kept any more is answered by a refusal, never by a guess.
 */
import type { TextEdit } from "../../dialects/edits/edit.ts";
import type { PageIntent } from "../../protocol/webview.ts";
import { followNodes } from "./follow.ts";
import { afterChange, afterDrawing, baseOf, changedMeanwhile, overwrites, rebased, type Base } from "./rebase.ts";
import type { CanvasState } from "./state.ts";

/** Most drawings that are kept of those that were sent, and of those that may be yet. */
const MAX_SENT = 8;
const MAX_UNSENT = 4;

interface Kept {
  base: Base;
  sent: boolean;
}

/** A drawing that is kept for as long as somebody needs it. */
export interface HeldDrawing {
  readonly kept: Kept | null;
  release(): void;
}

/** See the header. */
export class SentDrawings {
  private readonly byVersion = new Map<number, Kept>();
  private readonly held = new Set<Kept>();
  private text: string | null = null;
  private state: CanvasState | null = null;
  private expected: string | null = null;

  /** The document was read: `state` null when its text cannot be drawn now. */
  read(version: number, text: string, state: CanvasState | null): void {
    const own = text === this.expected;
    this.expected = null;
    const before = this.text;
    if (before !== null && before !== text) this.each((base) => afterChange(base, before, text, own));
    this.text = text;
    if (state === null) return;
    const moves = this.state === null ? null : followNodes(this.state, state);
    this.each((base) => afterDrawing(base, moves));
    this.state = state;
    this.byVersion.set(version, { base: baseOf(state.drawing), sent: this.byVersion.get(version)?.sent ?? false });
    this.prune();
  }

  /** The drawing of this version was sent to the page. */
  sent(version: number): void {
    const kept = this.byVersion.get(version);
    if (kept === undefined) return;
    kept.sent = true;
    for (const [older, one] of this.byVersion) if (older < version && !one.sent) this.byVersion.delete(older);
    this.prune();
  }

  /** The text that an edit of this page will make: reading it says nothing of others. */
  expect(text: string): void {
    this.expected = text;
  }

  /** Keeps a drawing while a question about it is open; to be released. */
  hold(version: number): HeldDrawing {
    const kept = this.find(version);
    if (kept !== null) this.held.add(kept);
    return {
      kept,
      release: () => {
        if (kept !== null) this.held.delete(kept);
      },
    };
  }

  /** The intent of a page that was shown this drawing, for the present one; a sentence when it cannot be told. */
  rebase(at: number | HeldDrawing, intent: PageIntent): PageIntent | string {
    const kept = typeof at === "number" ? this.find(at) : at.kept;
    if (kept === null || this.state === null) return changedMeanwhile;
    return rebased(intent, kept.base, this.state.drawing);
  }

  /** A sentence when edits of the present text would take away what others did since; null when not. */
  refusal(at: number | HeldDrawing, edits: readonly TextEdit[]): string | null {
    const kept = typeof at === "number" ? this.find(at) : at.kept;
    return kept === null || overwrites(kept.base, edits) ? changedMeanwhile : null;
  }

  private find(version: number): Kept | null {
    const kept = this.byVersion.get(version);
    return kept?.sent === true ? kept : null;
  }

  private each(change: (base: Base) => Base): void {
    for (const one of new Set([...this.byVersion.values(), ...this.held])) one.base = change(one.base);
  }

  private prune(): void {
    for (const [isSent, most] of [
      [true, MAX_SENT],
      [false, MAX_UNSENT],
    ] as const) {
      const some = [...this.byVersion].filter(([, one]) => one.sent === isSent).map(([version]) => version);
      for (const version of some.sort((a, b) => a - b).slice(0, -most)) this.byVersion.delete(version);
    }
  }
}
