/**
 * `textDocument/foldingRange`: tables, values over several lines, comment blocks, front matter, and edges that follow
 * each other as one region.
 */
import { FoldingRangeKind, type FoldingRange, type FoldingRangeParams } from "vscode-languageserver";
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import { frontMatter as frontMatterOf } from "../../src/dialects/skill/yaml-text.ts";
import type { SourceElement, Span } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { documentFeature } from "../feature.ts";
import { perObject } from "../../src/graph/memo.ts";
import { outlineOf, type OutlineItem } from "../structure/outline.ts";

/** Most elements that are looked at; what comes after them does not fold. */
const MAX_ELEMENTS = 200_000;

interface Fold {
  readonly startLine: number;
  readonly endLine: number;
  readonly depth: number;
  readonly kind?: FoldingRangeKind;
}

export const folding = documentFeature<FoldingRangeParams, FoldingRange[]>({
  method: "textDocument/foldingRange",
  capabilities: { foldingRangeProvider: true },
  answer: ({ session, document }) => {
    const folds = foldsOf(document.live);
    const limit = session.client.textDocument?.foldingRange?.rangeLimit ?? Infinity;
    const kept = folds.length <= limit ? folds : outermost(folds, limit);
    return kept.map(({ startLine, endLine, kind }) => ({
      startLine,
      endLine,
      ...(kind === undefined ? {} : { kind }),
    }));
  },
});

const foldsOf = perObject((live: LiveDocument): readonly Fold[] => {
  const folds: Fold[] = [];
  const add = ([from, to]: Span, depth: number, kind?: FoldingRangeKind): void => {
    const { start, end } = live.lines.range(from, to);
    const endLine = end.character === 0 ? end.line - 1 : end.line;
    if (endLine > start.line)
      folds.push({ startLine: start.line, endLine, depth, ...(kind === undefined ? {} : { kind }) });
  };
  regions(outlineOf(live), add);
  elements(live, add);
  comments(live, add);
  if (live.what.document === "skill" && live.what.form === "text") frontMatter(live, add);
  return oneForEachLine(folds);
});

type Add = (span: Span, depth: number, kind?: FoldingRangeKind) => void;

/** Runs of `[[edges]]`. */
function regions(items: readonly OutlineItem[], add: Add): void {
  for (const { part, extent, children } of items) {
    if (part === "edges") add(extent, 0, FoldingRangeKind.Region);
    if (part === "document") regions(children, add);
  }
}

/** Every table and value that spans lines. */
function elements(live: LiveDocument, add: Add): void {
  let left = MAX_ELEMENTS;
  const visit = (path: DocumentPath): void => {
    const element = live.source.element(path);
    if (element === null || left-- <= 0) return;
    const { extent, value, form, header, children } = element;
    // A list over headers has no beginning of its own; its items fold.
    const spread = form === "list" && value === null && header === null;
    if (path.length > 0 && !spread) add(extent, path.length);
    if (form !== "table" && form !== "list") return;
    if (isFlat(live, element)) return;
    const spansLines = value === null || live.lines.position(value[0]).line < live.lines.position(value[1]).line;
    if (spansLines) for (const child of children) visit([...path, child]);
  };
  visit([]);
}

/** Each key of a table stands on a line of its own and on no other: nothing in it can fold. Most nodes are such. */
function isFlat({ lines, text }: LiveDocument, { extent, header, value, children }: SourceElement): boolean {
  if (header === null || children.length === 0 || (value !== null && /[[{]/.test(text[value[0]] ?? ""))) return false;
  const { start, end } = lines.range(extent[0], extent[1]);
  // The first key of a YAML item stands beside its dash.
  return end.line - start.line <= (value === null ? children.length : children.length - 1);
}

/** Two and more lines of comments. */
function comments(live: LiveDocument, add: Add): void {
  const { text, source } = live;
  const lines = /^[ \t]*[#;][^\n]*(?:\r?\n[ \t]*[#;][^\n]*)+/gm;
  for (const found of text.matchAll(lines)) {
    const from = found.index + (/[#;]/.exec(found[0])?.index ?? 0);
    // What looks like comments may be the text of a string.
    if (source.at(from + 1).part === "comment") add([from, found.index + found[0].length], 0, FoldingRangeKind.Comment);
  }
}

function frontMatter(live: LiveDocument, add: Add): void {
  const parts = frontMatterOf(live.text);
  if (parts !== null) add([0, live.text.length - parts.body.length], 0, FoldingRangeKind.Region);
}

/** Editors show one fold for each line: regions before others, else the one that ends last. */
function oneForEachLine(folds: readonly Fold[]): Fold[] {
  const byLine = new Map<number, Fold>();
  for (const fold of folds) {
    const other = byLine.get(fold.startLine);
    if (other === undefined || (other.kind === undefined && (fold.kind !== undefined || fold.endLine > other.endLine)))
      byLine.set(fold.startLine, fold);
  }
  return [...byLine.values()].sort((a, b) => a.startLine - b.startLine);
}

/** As many as the client takes, inner ones left out first. */
function outermost(folds: readonly Fold[], limit: number): Fold[] {
  const kept = new Set([...folds].sort((a, b) => a.depth - b.depth).slice(0, limit));
  return folds.filter((fold) => kept.has(fold));
}
