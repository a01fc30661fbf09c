/**
 * Ranges of findings, from one version of a document to the next: a finding that is the same object as before and does
 * not stand where the text changed has only moved, so its place need not be looked for.
 *
 * Invariants: the ranges are those that the document's tree would give; no more than one former version is held.
 */
import { textChange, type TextChange } from "../src/dialects/live/text-change.ts";
import type { LiveDocument } from "../src/dialects/live/live.ts";
import type { Span } from "../src/dialects/live/source.ts";
import type { TextLines } from "../src/dialects/live/text-lines.ts";
import { isRange, type Diagnostic, type Place, type Range } from "../src/graph/diagnostic.ts";

/** A finding of the document itself, with its range; related places may be in other files and are found later. */
export interface Finding extends Diagnostic {
  readonly at: Range;
  /** The place of which {@link at} is the range, for repairs; absent where only a range is known. */
  readonly place?: Place;
}

interface Stand {
  readonly span: Span;
  readonly finding: Finding;
}

/** Findings of one version, with their ranges. */
export interface Located {
  readonly live: LiveDocument;
  readonly findings: readonly Finding[];
  /** Those that stood at a place of the tree, by what was found. */
  readonly stands: ReadonlyMap<Diagnostic, Stand>;
}

/** Finds the ranges; `before` is an earlier version of the same document. */
export function located(live: LiveDocument, found: readonly Diagnostic[], before: Located | null): Located {
  const shift = before === null ? null : new Shift(before.live, live);
  const stands = new Map<Diagnostic, Stand>();
  const findings = found.map((one): Finding => {
    if (isRange(one.at)) return { ...one, at: inside(one.at, live.lines) };
    const known = before?.stands.get(one);
    const moved = known === undefined || shift === null ? null : shift.moved(known);
    const stand = moved ?? fresh(live, one, one.at);
    stands.set(one, stand);
    return stand.finding;
  });
  return { live, findings, stands };
}

function fresh(live: LiveDocument, one: Diagnostic, place: Place): Stand {
  const span = live.source.span(place);
  return { span, finding: { ...one, at: live.lines.range(span[0], span[1]), place } };
}

/** Readers count lines as their language does, editors also at a lone `\r`: a place beyond a line means its end. */
function inside({ start, end }: Range, lines: TextLines): Range {
  return lines.range(lines.offset(start), lines.offset(end));
}

/** Line breaks of two characters may be torn apart or joined where the text changed: so far from it nothing is. */
const MARGIN = 2;

/** Where things of one version stand in the next. */
class Shift {
  private readonly change: TextChange;
  /** The first offset of the old text behind the change, and its line. */
  private readonly behind: number;
  private readonly line: number;
  /** By how many lines what is behind has moved. */
  private readonly lines: number;

  constructor(before: LiveDocument, now: LiveDocument) {
    this.change = textChange(before.text, now.text);
    this.behind = this.change.to + MARGIN;
    this.line = before.lines.position(this.behind).line;
    this.lines = now.lines.position(this.behind + this.change.delta).line - this.line;
  }

  /** Null for what is not clear of the change. */
  moved(stand: Stand): Stand | null {
    const { from, delta } = this.change;
    const [start, end] = stand.span;
    if (end < from - MARGIN) return stand;
    const { at } = stand.finding;
    if (start < this.behind || at.start.line <= this.line) return null;
    const span: Span = delta === 0 ? stand.span : [start + delta, end + delta];
    if (this.lines === 0) return { span, finding: stand.finding };
    const line = ({ line: of, character }: Range["start"]): Range["start"] => ({ line: of + this.lines, character });
    return { span, finding: { ...stand.finding, at: { start: line(at.start), end: line(at.end) } } };
  }
}
