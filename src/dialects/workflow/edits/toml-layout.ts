/**
 * A TOML text as its statements, headers and pairs, in their order: what may be moved, removed and inserted between.
 *
 * Boundary: positions come from the document's source tree; a text with errors has the statements that could be made
 * out. What lies between two statements that are changed together must be blank or comments, else the change is refused.
 */
import type { DocumentPath } from "../../../graph/diagnostic.ts";
import { commentsAbove, indentOf, isBlankOrComment, lineEnd, lineStart, nextLine } from "../../edits/lines.ts";
import { Refusal } from "../../edits/refusal.ts";
import type { SourceElement, SourceTree, Span } from "../../live/source.ts";

/** One header, or one key with its value, outside of inline values. */
export interface Statement {
  readonly kind: "header" | "pair";
  readonly element: SourceElement;
  readonly path: DocumentPath;
  /** From its bracket or first key to the end of the header or value. */
  readonly span: Span;
}

/** Tables within tables within tables: deeper ones have no statements of their own. */
const MAX_DEPTH = 100;

/** The statements of one text. */
export class TomlLayout {
  readonly text: string;
  readonly source: SourceTree;
  readonly statements: readonly Statement[];

  constructor(text: string, source: SourceTree) {
    this.text = text;
    this.source = source;
    this.statements = collect(text, source);
  }

  /** The element at a path, or a refusal. */
  element(path: DocumentPath): SourceElement {
    const found = this.source.element(path);
    if (found !== null) return found;
    throw new Refusal("edit_unknown", `the document has no \`${path.join(".")}\``);
  }

  /** The statements of everything at a path, in order. */
  within(path: DocumentPath): Statement[] {
    return this.statements.filter((one) => startsWith(one.path, path));
  }

  /** The innermost element on the way to `path` whose value is written in one piece; null when there is none. */
  inlineAncestor(path: DocumentPath): SourceElement | null {
    for (let length = 1; length < path.length; length++) {
      const element = this.source.element(path.slice(0, length));
      if (element === null) return null;
      if (element.value === null) continue;
      let innermost = element;
      for (let more = length + 1; more < path.length; more++) {
        const next = this.source.element(path.slice(0, more));
        if (next === null) break;
        if (next.value !== null) innermost = next;
      }
      return innermost;
    }
    return null;
  }

  /** Statements of a path as whole pieces of the text: those that follow each other make one. */
  pieces(path: DocumentPath): Span[] {
    const pieces: { first: Statement; last: Statement }[] = [];
    const [from, to] = this.element(path).extent;
    let previous = -2;
    for (let index = this.firstBehind(from); index < this.statements.length; index++) {
      const one = this.statements[index] as Statement;
      if (one.span[0] >= to) break;
      if (!startsWith(one.path, path)) continue;
      const piece = pieces.at(-1);
      if (piece === undefined || previous !== index - 1) pieces.push({ first: one, last: one });
      else {
        this.requireGap(piece.last, one);
        piece.last = one;
      }
      previous = index;
    }
    return pieces.map(({ first, last }) => [this.lineOf(first)[0], this.lineOf(last)[1]]);
  }

  /** Position of the first statement that ends behind an offset. */
  private firstBehind(offset: number): number {
    let low = 0;
    let high = this.statements.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.statements[middle] as Statement).span[1] > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** As {@link pieces}, with the comment lines directly above each. */
  constructs(path: DocumentPath): Span[] {
    return this.pieces(path).map(([from, to]) => [commentsAbove(this.text, from), to]);
  }

  /** The whole lines of a statement. Refuses when something else stands on them. */
  lineOf({ span: [from, to] }: Statement): Span {
    const start = lineStart(this.text, from);
    if (indentOf(this.text, from).length !== from - start || !isBlankOrComment(this.text, to, lineEnd(this.text, to)))
      throw unreadable();
    return [start, nextLine(this.text, to)];
  }

  /** Nothing that could not be read stands between two statements. */
  private requireGap(before: Statement, after: Statement): void {
    if (!isBlankOrComment(this.text, nextLine(this.text, before.span[1]), lineStart(this.text, after.span[0])))
      throw unreadable();
  }

  /** The pairs of a table that stand below its own header; for the document, those before any header. */
  ownPairs(table: DocumentPath): { readonly header: Statement | null; readonly pairs: readonly Statement[] } | null {
    const at =
      table.length === 0 ? -1 : this.statements.findIndex((one) => one.kind === "header" && samePath(one.path, table));
    if (at < 0 && table.length > 0) return null;
    const next = this.statements.findIndex((one, index) => index > at && one.kind === "header");
    const pairs = this.statements.slice(at + 1, next < 0 ? undefined : next);
    return { header: this.statements[at] ?? null, pairs };
  }
}

/** True for `prefix` itself and what is below it. */
export function startsWith(path: DocumentPath, prefix: DocumentPath): boolean {
  return path.length >= prefix.length && prefix.every((one, i) => path[i] === one);
}

function samePath(a: DocumentPath, b: DocumentPath): boolean {
  return a.length === b.length && startsWith(a, b);
}

function unreadable(): Refusal {
  return new Refusal("edit_unsafe", "a line at the place of the change could not be read; mend it first");
}

function collect(text: string, source: SourceTree): Statement[] {
  const found: Statement[] = [];
  const visit = (path: DocumentPath, depth: number): void => {
    const element = source.element(path);
    if (element === null || depth > MAX_DEPTH) return;
    if (path.length > 0) {
      if (element.header !== null && text[element.header[0]] === "[")
        found.push({ kind: "header", element, path, span: element.header });
      if (element.value !== null) {
        const key = element.key ?? element.value;
        const start = lineStart(text, key[0]);
        const from = start + indentOf(text, key[0]).length;
        if (element.key !== null) found.push({ kind: "pair", element, path, span: [from, element.value[1]] });
        return;
      }
    }
    for (const child of element.children) visit([...path, child], depth + 1);
  };
  visit([], 0);
  return found.sort((a, b) => a.span[0] - b.span[0]);
}
