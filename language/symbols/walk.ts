/** Walks the parts of a document that patterns of paths name, and no others. */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { SourceElement } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { perObject } from "../../src/graph/memo.ts";
import type { Match, Rule, Rules } from "./rules.ts";
import type { Belongs, ItemNames, Sink } from "./sink.ts";

/** Patterns that share their beginnings. */
interface Trie {
  rule: Rule | null;
  readonly next: Map<string, Trie>;
}

const trieOf = perObject((rules: Rules): Trie => {
  const root: Trie = { rule: null, next: new Map() };
  for (const [pattern, rule] of Object.entries(rules)) {
    let at = root;
    for (const segment of pattern.split(".")) {
      const next = at.next.get(segment) ?? { rule: null, next: new Map<string, Trie>() };
      at.next.set(segment, next);
      at = next;
    }
    at.rule = rule;
  }
  return root;
});

/** Lists whose items are nodes, by the last key of the list's path. */
const nodeLists: ReadonlySet<string> = new Set(["nodes", "steps", "stages"]);

/** Applies the rules to what is below `base`. Asks for no more of the tree than the patterns name. */
export function walkRules(live: LiveDocument, base: DocumentPath, rules: Rules, around: Belongs, sink: Sink): void {
  const { source } = live;
  const visit = (path: DocumentPath, trie: Trie, within: string | null): void => {
    const any = trie.next.get("*");
    const element = trie.rule === null && any === undefined ? null : source.element(path);
    if (element !== null) trie.rule?.(new Found(element, within, sink, around));
    for (const [key, next] of trie.next) if (key !== "*") visit([...path, key], next, within);
    if (any === undefined || element === null) return;
    const inNodes = nodeLists.has(String(path.at(-1)));
    for (const child of element.children) {
      if (trie.next.has(String(child))) continue;
      const below = [...path, child];
      const look = (): void =>
        visit(below, any, inNodes && typeof child === "number" ? textAt(live, [...below, "id"]) : within);
      const item = typeof child === "number" ? itemAt(live, below, child) : null;
      if (item === null) look();
      else sink.item(names, item, below, look);
    }
  };
  visit(base, trieOf(rules), null);
}

const names: ItemNames = new WeakMap();

/** The node or edge that an item of a graph document's list is; null elsewhere. */
function itemAt({ what, graphs }: LiveDocument, path: DocumentPath, index: number): object | null {
  const graph = graphs[0]?.graph;
  if (what.document !== "graph" || what.dialect === "pipeline" || graph === undefined) return null;
  const list = path[path.length - 2];
  const item =
    list === "nodes" || list === "steps" ? graph.nodes[index] : list === "edges" ? graph.edges[index] : undefined;
  return item !== undefined && item.at.length === path.length && item.at.every((key, i) => key === path[i])
    ? item
    : null;
}

/** A place that a pattern names. */
class Found implements Match {
  readonly element: SourceElement;
  readonly within: string | null;
  readonly sink: Sink;
  readonly around: Belongs;

  constructor(element: SourceElement, within: string | null, sink: Sink, around: Belongs) {
    this.element = element;
    this.within = within;
    this.sink = sink;
    this.around = around;
  }

  up(levels: number): SourceElement | null {
    return this.sink.live.source.element(this.above(levels));
  }

  beside(levels: number, key: string): string | null {
    return textAt(this.sink.live, [...this.above(levels), key]);
  }

  private above(levels: number): DocumentPath {
    const { path } = this.element;
    return path.slice(0, path.length - levels);
  }
}

function textAt(live: LiveDocument, path: DocumentPath): string | null {
  const found = live.source.element(path);
  return found?.form === "string" || found?.form === "number" ? found.text : null;
}
