/**
 * The index of a text, also of one that does not parse.
 *
 * The grammar recovers from most errors, but it may look for the end of a broken table or array behind the next
 * header. Headers stand at the beginning of their lines, so a text with errors is cut there: halves without an error
 * are read as they are, others are halved again, until an error has only its own table to spoil.
 */
import type { Tree } from "web-tree-sitter";
import type { TomlParser } from "./toml-grammar.ts";
import { indexTrees, type Entry, type TreePart } from "./toml-index.ts";
import { masked } from "./toml-mask.ts";
import type { Span } from "./toml-string.ts";

/** Longer texts are not cut: an error in every table would make it slow. */
const MAX_CUT_LENGTH = 1_000_000;

/** Where everything in `text` stands. */
export function indexToml(text: string, parser: TomlParser): Entry {
  const tree = parser(text);
  try {
    if (!tree.rootNode.hasError) return indexTrees(text, [{ tree, offset: 0 }]);
    const newer = indexNewer(text, parser);
    if (newer !== null) return newer;
    const anchors = text.length > MAX_CUT_LENGTH ? [] : headerLines(text, tree);
    if (anchors.length === 0) return indexTrees(text, [{ tree, offset: 0 }]);
    return indexTrees(text, cut(text, 0, text.length, anchors, parser));
  } finally {
    tree.delete();
  }
}

/** The index of a text whose only errors, for the grammar, are what TOML 1.1 added. */
function indexNewer(text: string, parser: TomlParser): Entry | null {
  const older = masked(text);
  if (older === null) return null;
  const tree = parser(older);
  try {
    return tree.rootNode.hasError ? null : indexTrees(text, [{ tree, offset: 0 }]);
  } finally {
    tree.delete();
  }
}

/** Parts between headers, as large as they can be without an error. Each tree is deleted when the next is asked for. */
function* cut(
  text: string,
  from: number,
  to: number,
  anchors: readonly number[],
  parser: TomlParser,
): Generator<TreePart> {
  const tree = parser(text.slice(from, to));
  try {
    if (anchors.length === 0 || !tree.rootNode.hasError) {
      yield { tree, offset: from };
      return;
    }
  } finally {
    tree.delete();
  }
  const half = anchors.length >> 1;
  const middle = anchors[half] as number;
  yield* cut(text, from, middle, anchors.slice(0, half), parser);
  yield* cut(text, middle, to, anchors.slice(half + 1), parser);
}

const headerLine = /^[ \t]*\[\[?[ \t]*[A-Za-z0-9_"'][^\n=,{]*$/gm;

/** Lines that look like headers, without those inside values of several lines that were read without an error. */
function headerLines(text: string, tree: Tree): number[] {
  const values = longValues(text, tree);
  const found: number[] = [];
  let next = 0;
  for (const { index } of text.matchAll(headerLine)) {
    if (index === 0) continue;
    while (next < values.length && (values[next] as Span)[1] <= index) next++;
    const value = values[next];
    if (value === undefined || index < value[0]) found.push(index);
  }
  return found;
}

function longValues(text: string, tree: Tree): Span[] {
  const found: Span[] = [];
  const cursor = tree.walk();
  let inside = cursor.gotoFirstChild();
  let depth = 1;
  while (inside) {
    const type = cursor.nodeType;
    const from = cursor.startIndex;
    const isTable = type === "table" || type === "table_array_element" || type === "ERROR";
    if (isTable && cursor.gotoFirstChild()) {
      depth++;
      continue;
    }
    if (type === "pair" && text.slice(from, cursor.endIndex).trimEnd().includes("\n")) {
      if (!cursor.currentNode.hasError) found.push([from, cursor.endIndex]);
    }
    while (!cursor.gotoNextSibling()) {
      if (--depth === 0 || !cursor.gotoParent()) {
        inside = false;
        break;
      }
    }
  }
  cursor.delete();
  return found;
}
