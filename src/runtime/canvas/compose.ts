/** Several lists of text edits, each for the text that the one before makes, as one list for the first text. Pure. */
import type { TextEdit } from "../../dialects/edits/edit.ts";

/** A piece of a text in the making: a run of the first text, or something that was written. */
type Piece = { readonly from: number; readonly to: number } | { readonly written: string };

/**
 * One finished list that does what the lists do one after the other. Text that no list touches is touched by none of
 * the result's edits.
 */
export function composeEdits(text: string, lists: readonly (readonly TextEdit[])[]): TextEdit[] {
  const whole: readonly Piece[] = [{ from: 0, to: text.length }];
  return editsOf(text, lists.reduce(applied, whole));
}

/** The pieces after a finished list of edits. */
function applied(pieces: readonly Piece[], edits: readonly TextEdit[]): readonly Piece[] {
  const made: Piece[] = [];
  let offset = 0;
  for (const edit of edits) {
    made.push(...slice(pieces, offset, edit.range[0]));
    if (edit.text !== "") made.push({ written: edit.text });
    offset = edit.range[1];
  }
  made.push(...slice(pieces, offset, Infinity));
  return made;
}

/** What of the pieces lies between two offsets of the text that they make. */
function slice(pieces: readonly Piece[], from: number, to: number): Piece[] {
  const made: Piece[] = [];
  let start = 0;
  for (const piece of pieces) {
    const end = start + ("written" in piece ? piece.written.length : piece.to - piece.from);
    const [first, last] = [Math.max(from, start) - start, Math.min(to, end) - start];
    if (first < last) {
      if ("written" in piece) made.push({ written: piece.written.slice(first, last) });
      else made.push({ from: piece.from + first, to: piece.from + last });
    }
    start = end;
  }
  return made;
}

/** What lies between the runs of the first text that are still there. */
function editsOf(text: string, pieces: readonly Piece[]): TextEdit[] {
  const edits: TextEdit[] = [];
  let kept = 0;
  let written = "";
  const close = (upTo: number): void => {
    if (written !== text.slice(kept, upTo)) edits.push({ range: [kept, upTo], text: written });
    written = "";
  };
  for (const piece of pieces) {
    if ("written" in piece) {
      written += piece.written;
      continue;
    }
    close(piece.from);
    kept = piece.to;
  }
  close(text.length);
  return edits;
}
