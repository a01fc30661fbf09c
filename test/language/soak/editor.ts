/**
 * An editor's side of one document: its text, what is done to it as edits of the protocol, and what undoes them.
 *
 * Invariants: edits never part a pair of surrogates or a `\r\n`, as no editor does.
 */
import type { TextDocumentContentChangeEvent, TextEdit } from "vscode-languageserver/node";
import { TextLines } from "../../../src/dialects/live/text-lines.ts";
import type { Action } from "./actions.ts";

/** Longer texts are shortened before anything else is added. */
const MAX_TEXT = 40_000;
const MAX_UNDO = 200;

/** One replaced stretch. */
interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** See the header. */
export class Editor {
  text: string;
  private readonly original: string;
  private readonly undone: Replacement[] = [];
  private cursor = 0;

  constructor(text: string) {
    this.text = text;
    this.original = text;
  }

  /** What an action does to the text: one list of changes for each version that it makes. The text follows as they are taken. */
  *edits(action: Action): Generator<TextDocumentContentChangeEvent[]> {
    switch (action.do) {
      case "type":
        this.cursor = this.place(action.at);
        for (const letter of action.text.match(/\r\n|./gsu) ?? [])
          yield [this.replace(this.cursor, this.cursor, letter)];
        return;
      case "erase":
        this.cursor = this.place(action.at);
        for (let i = 0; i < action.count && this.cursor > 0; i++)
          yield [this.replace(this.safe(this.cursor - 1), this.cursor, "")];
        return;
      case "paste": {
        const from = this.place(action.at);
        const long = this.text.length + action.text.length > MAX_TEXT;
        yield [this.replace(from, this.safe(from + (long ? MAX_TEXT : action.instead)), action.text)];
        return;
      }
      case "cut lines": {
        const [from, to] = this.linesAt(action.at, action.count);
        yield [this.replace(from, to, "")];
        return;
      }
      case "move line": {
        const [from, to] = this.linesAt(action.at, 1);
        const line = this.text.slice(from, to);
        const first = this.replace(from, to, "");
        const there = this.linesAt(action.to, 1)[0];
        yield [first, this.replace(there, there, line)];
        return;
      }
      case "repeat": {
        const from = this.place(action.at);
        const piece = this.text.slice(from, this.safe(from + action.length)).repeat(action.times);
        yield [
          this.replace(
            from,
            from,
            piece.slice(0, Math.max(0, MAX_TEXT - this.text.length)).replace(/\p{Surrogate}/gu, ""),
          ),
        ];
        return;
      }
      case "undo":
        for (let i = 0; i < action.count; i++) {
          const last = this.undone.pop();
          if (last === undefined) return;
          const change = this.replace(last.from, last.to, last.text);
          this.undone.pop();
          yield [change];
        }
        return;
      case "line endings":
        yield [this.whole(this.text.replace(/\r\n?|\n/g, action.ending))];
        return;
      case "restore":
        yield [this.whole(this.original)];
        return;
      case "ask":
      case "settle":
        return;
    }
  }

  /** Makes the edits of an answer, which speak of the text as it is. */
  apply(edits: readonly TextEdit[]): TextDocumentContentChangeEvent[] {
    const lines = new TextLines(this.text);
    const sorted = edits
      .map((edit, i) => ({
        i,
        text: edit.newText,
        from: lines.offset(edit.range.start),
        to: lines.offset(edit.range.end),
      }))
      .sort((a, b) => b.from - a.from || b.to - a.to || b.i - a.i);
    return sorted.map(({ from, to, text }) => this.replace(from, to, text));
  }

  /** An offset from a share of the text; the cursor for null. */
  place(at: number | null): number {
    return this.safe(at === null ? this.cursor : Math.floor(at * (this.text.length + 1)));
  }

  private whole(text: string): TextDocumentContentChangeEvent {
    this.text = text;
    this.undone.length = 0;
    return { text };
  }

  private replace(first: number, end: number, inserted: string): TextDocumentContentChangeEvent {
    // Undoing may have to part what has come together since; it then takes the whole of it.
    const [from, to] = [this.safe(first), this.parts(end) ? end + 1 : end];
    const text = this.text.slice(from, first) + inserted + this.text.slice(end, to);
    const range = new TextLines(this.text).range(from, to);
    const undo = { from, to: from + text.length, text: this.text.slice(from, to) };
    this.text = this.text.slice(0, from) + text + this.text.slice(to);
    this.cursor = from + text.length;
    this.undone.push(undo);
    if (this.undone.length > MAX_UNDO) this.undone.shift();
    return { range, text };
  }

  /** The nearest offset at or before `offset` that is not within something that belongs together. */
  private safe(offset: number): number {
    const at = Math.max(0, Math.min(offset, this.text.length));
    return this.parts(at) ? at - 1 : at;
  }

  /** True for an offset between two units that belong together. */
  private parts(at: number): boolean {
    const [before, after] = [this.text.charCodeAt(at - 1), this.text.charCodeAt(at)];
    return (
      (before === 13 && after === 10) || (before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000)
    );
  }

  private linesAt(at: number, count: number): readonly [from: number, to: number] {
    const lines = new TextLines(this.text);
    const { line } = lines.position(this.place(at));
    return [lines.offset({ line, character: 0 }), lines.offset({ line: line + count, character: 0 })];
  }
}
