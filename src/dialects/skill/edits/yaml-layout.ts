/**
 * How a YAML text is written: which collections are blocks and which stand between brackets, on which lines a key or item
 * stands, and the author's style.
 */
import type { DocumentPath } from "../../../graph/diagnostic.ts";
import { bracketed, type Bracketed } from "../../edits/bracketed.ts";
import {
  blankLinesAbove,
  commentsAbove,
  isBlank,
  isBlankOrComment,
  lineEnd,
  lineEnding,
  lineStart,
  nextLine,
} from "../../edits/lines.ts";
import { Refusal } from "../../edits/refusal.ts";
import type { SourceElement, SourceTree, Span } from "../../live/source.ts";
import type { YamlStyle } from "./yaml-render.ts";

/** One text and its style. */
export class YamlLayout {
  readonly text: string;
  readonly source: SourceTree;
  readonly style: YamlStyle;

  constructor(text: string, source: SourceTree) {
    this.text = text;
    this.source = source;
    this.style = this.findStyle();
  }

  /** The element at a path, or a refusal. */
  element(path: DocumentPath): SourceElement {
    const found = this.source.element(path);
    if (found !== null) return found;
    throw new Refusal("edit_unknown", `the document has no \`${path.join(".")}\``);
  }

  /** What stands in a collection, in order. */
  children(element: SourceElement): SourceElement[] {
    return element.children.map((key) => this.element([...element.path, key]));
  }

  /** Written between brackets. */
  isFlow(element: SourceElement): boolean {
    if (element.value === null || element.path.length === 0) return false;
    const first = this.text[element.value[0]];
    return (element.form === "table" && first === "{") || (element.form === "list" && first === "[");
  }

  /** A flow collection, taken apart. */
  flow(element: SourceElement): Bracketed {
    if (element.value === null) throw damaged();
    const ends = this.children(element).map((child) => child.extent[1]);
    return bracketed(this.text, element.value, ends);
  }

  /** The white space before the keys or dashes of a block collection that has some. */
  indentIn(element: SourceElement): string {
    const first = this.children(element)[0];
    if (first === undefined) throw damaged();
    const from = first.extent[0];
    return " ".repeat(from - lineStart(this.text, from));
  }

  /** The element begins its line: nothing but white space stands before it. */
  beginsLine(element: SourceElement): boolean {
    return isBlank(this.text, lineStart(this.text, element.extent[0]), element.extent[0]);
  }

  /** The whole lines of a key or item of a block collection, without the comments above. */
  linesOf(element: SourceElement): Span {
    const [from, to] = element.extent;
    if (!this.beginsLine(element) || !this.closes(to)) throw damaged();
    return [lineStart(this.text, from), this.endOf(element)];
  }

  /** As {@link linesOf}, with the comment lines directly above, but none that stand in or above `previous`. */
  constructOf(element: SourceElement, previous: SourceElement | null): Span {
    const [from, to] = this.linesOf(element);
    const limit = previous === null ? 0 : nextLine(this.text, previous.extent[1]);
    return [commentsAbove(this.text, from, Math.min(from, limit)), to];
  }

  /** Where the line behind an element begins; behind the blank lines that its last block string keeps. */
  endOf(element: SourceElement): number {
    let next = nextLine(this.text, element.extent[1]);
    if (!this.keepsBlanks(element)) return next;
    while (next < this.text.length && isBlank(this.text, next, nextLine(this.text, next)))
      next = nextLine(this.text, next);
    return next;
  }

  /** It has a block string with `+`, to which the blank lines behind it belong. */
  keepsBlanks({ extent }: SourceElement): boolean {
    return /[|>][0-9]?\+/.test(this.text.slice(...extent));
  }

  /** Only a comment stands between an offset and the end of its line. */
  closes(offset: number): boolean {
    return isBlankOrComment(this.text, offset, lineEnd(this.text, offset));
  }

  /** Where the colon behind a key ends. */
  colonEnd(element: SourceElement): number {
    if (element.key === null) throw damaged();
    const colon = /^[ \t]*:/.exec(this.text.slice(element.key[1], element.key[1] + 100));
    if (colon === null) throw damaged();
    return element.key[1] + colon[0].length;
  }

  /** Refuses to change what an anchor gives a name to: the change would reach every place that uses the name. */
  requireNoAnchor(path: DocumentPath): void {
    for (let length = 1; length <= path.length; length++) {
      const element = this.source.element(path.slice(0, length));
      if (element?.value === null || element === null) continue;
      const before = this.text.slice(element.key?.[1] ?? element.header?.[1] ?? element.value[0], element.value[0]);
      if (!/(?:^|\s)[&!]\S*/.test(before.replace(/(?:^|\s)#.*/g, ""))) continue;
      const message = "the place has an anchor or a tag, so that a change could reach further; edit the text";
      throw new Refusal("edit_unsafe", message);
    }
  }

  /** Blank lines between the items of a block list: as between its last two; for a single one, as its kind has them. */
  blankLines(list: SourceElement): number {
    const items = this.children(list);
    const last = items.at(-1);
    const before = items.at(-2);
    if (last === undefined) return 0;
    if (before === undefined) return last.form === "table" && list.path.at(-1) === "steps" ? 1 : 0;
    const start = commentsAbove(this.text, lineStart(this.text, last.extent[0]), nextLine(this.text, before.extent[1]));
    return Math.min(3, blankLinesAbove(this.text, start));
  }

  private findStyle(): YamlStyle {
    const { text } = this;
    const step = /(?:^|\n)( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*(\1 +)[^\s#-]/.exec(
      text,
    );
    const list = /(?:^|\n)( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*\1( *)- /.exec(text);
    const double = text.includes('"');
    return {
      quotes: "plain",
      otherwise: !double && /[:,[] *'/.test(text) ? "single" : "double",
      step: step === null ? "  " : " ".repeat((step[2] ?? "").length - (step[1] ?? "").length),
      flush: list !== null && list[2] === "",
      eol: lineEnding(text),
    };
  }
}

function damaged(): Refusal {
  return new Refusal("edit_unsafe", "the text at the place of the change could not be made out; mend it first");
}
