/** Where an author types in the documents that are measured, spread evenly over them. */
import type { Position, TextDocumentContentChangeEvent } from "vscode-languageserver/node";
import { TextLines } from "../../src/dialects/live/text-lines.ts";

/** A document to be typed in. */
export interface Typed {
  readonly uri: string;
  readonly languageId: string;
  readonly text: string;
  /** What stands before the cursor where a key is typed. */
  readonly keys: readonly RegExp[];
  /** What stands before the cursor where help is asked for: a node's name in its declaration. */
  readonly name: RegExp;
  /** The same, where a reference is being written. */
  readonly reference: RegExp;
  /** The same, where a kind is being written. */
  readonly kind: RegExp;
}

/** `count` places behind matches of the patterns in turn, from the beginning of the text to its end. */
export function places(text: string, patterns: readonly RegExp[], count: number): Position[] {
  const lines = new TextLines(text);
  return Array.from({ length: count }, (_, i) => {
    const pattern = new RegExp(patterns[i % patterns.length] ?? /$/, "g");
    pattern.lastIndex = Math.floor((text.length * (i + 0.5)) / count);
    const found = pattern.exec(text) ?? new RegExp(pattern.source).exec(text);
    if (found === null) throw new Error(`${pattern.source} is nowhere in the document`);
    return lines.position(found.index + found[0].length);
  });
}

/** The edits of somebody who types a letter at a place and takes it away again. */
export function typed(at: Position): readonly [TextDocumentContentChangeEvent, TextDocumentContentChangeEvent] {
  const after = { line: at.line, character: at.character + 1 };
  return [
    { range: { start: at, end: at }, text: "x" },
    { range: { start: at, end: after }, text: "" },
  ];
}
