/**
 * The outline of a document: what an author would call its parts, in the order of the text, whatever the dialect.
 *
 * Lists that stand in one piece are parts of their own; those that are spread over headers (`[[nodes]]`) or lines give
 * their items to what they are in. Invariants: names are never empty, every focus lies in its extent and every extent
 * in its parent's, and the outline is bounded.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { SourceElement, Span } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Edge } from "../../src/graph/model.ts";
import { perObject } from "../../src/graph/memo.ts";
import { entryRules, itemRules, shortened, type ItemRule, type Part } from "./outline-rules.ts";
import { edgesByPath, nodesByPath, pathKey, type PlacedNode } from "./parts.ts";

/** One part. Spans are those of the document's text. */
export interface OutlineItem {
  readonly part: Part;
  readonly name: string;
  /** What it is or says, in a word or a line; empty for nothing. */
  readonly detail: string;
  /** The whole construct. */
  readonly extent: Span;
  /** Its name where it is written, else what opens it. */
  readonly focus: Span;
  readonly children: readonly OutlineItem[];
}

/** Most parts of one document; what comes after them is left out. */
const MAX_ITEMS = 60_000;
/**
 * With more nodes than this, single edges and what is in nodes are no parts of their own: nobody reads such an outline
 * to its end, and an editor asks for it after every pause.
 */
const LONG = 2_000;
/** Tables in tables in tables are data, not structure. */
const MAX_DEPTH = 7;

/** The outline of a document. */
export const outlineOf: (live: LiveDocument) => readonly OutlineItem[] = perObject((live) => {
  const root = live.source.element([]);
  return root === null ? [] : new Outliner(live).below(root, 0);
});

class Outliner {
  private readonly live: LiveDocument;
  private readonly isLong: boolean;
  private left = MAX_ITEMS;

  constructor(live: LiveDocument) {
    this.live = live;
    this.isLong = live.graphs.reduce((sum, { graph }) => sum + graph.nodes.length, 0) > LONG;
  }

  /** The parts in a table or list. */
  below(holder: SourceElement, depth: number): OutlineItem[] {
    if (depth >= MAX_DEPTH) return [];
    const found: OutlineItem[] = [];
    for (const child of holder.children) this.add([...holder.path, child], depth, found);
    found.sort((a, b) => a.extent[0] - b.extent[0]);
    return holder.form === "list" && holder.value !== null ? found : withEdgesJoined(found, this.isLong);
  }

  private add(path: DocumentPath, depth: number, found: OutlineItem[]): void {
    if (this.left <= 0) return;
    const name = path[path.length - 1] as string | number;
    const edge = typeof name === "number" ? edgesByPath(this.live).get(pathKey(path)) : undefined;
    if (edge !== undefined) {
      this.left--;
      found.push(this.edge(edge));
      return;
    }
    const element = this.live.source.element(path);
    if (element === null) return;
    if (element.form === "list" && element.value === null) {
      for (const child of element.children) if (typeof child === "number") this.add([...path, child], depth, found);
      return;
    }
    this.left--;
    const item = typeof name === "number" ? this.item(element, depth) : this.entry(element, name, depth);
    if (item !== null) found.push(item);
  }

  /** A value under a key. */
  private entry(element: SourceElement, name: string, depth: number): OutlineItem | null {
    const { form, value, text, extent } = element;
    const rule = entryRules[String(element.path[element.path.length - 2] ?? "")];
    const scalar = form !== "table" && form !== "list";
    const part = rule?.part ?? (form === "table" ? "table" : form === "list" ? "list" : "value");
    const detail = scalar ? shortened(text ?? "") : this.detail(element, rule?.detail ?? []);
    const focus = element.key ?? element.header ?? value ?? extent;
    return made(part, name, detail, extent, focus, scalar ? [] : this.below(element, depth + 1));
  }

  /** One item of a list: by the list's rule; items of other lists only when they are tables. */
  private item(element: SourceElement, depth: number): OutlineItem | null {
    const { path, extent } = element;
    const list = String(path[path.length - 2] ?? "");
    const opening = element.header ?? ([extent[0], extent[0]] as const);
    const rule = itemRules[list];
    if (rule === undefined && element.form !== "table") return null;
    const placed = nodesByPath(this.live).get(pathKey(path)) ?? null;
    const name = (placed?.node.id ?? rule?.name(this.reader(element))) || `${list}[${String(path[path.length - 1])}]`;
    // All nodes of a pipeline are stages: their keys say more.
    const isKnown = placed !== null && placed.node.kind !== "" && placed.graph.dialect !== "pipeline";
    const kind = isKnown ? placed.node.kind : null;
    const detail = kind ?? this.detail(element, rule?.detail ?? []);
    // Where the name is missing this gives something near, such as the header.
    const focus = rule === undefined ? opening : this.live.source.span({ path: [...path, rule.focus], part: "value" });
    return made(
      rule?.part ?? "table",
      shortened(name),
      detail,
      extent,
      focus,
      this.inside(element, rule, placed, depth),
    );
  }

  private edge(edge: Edge): OutlineItem {
    const { source } = this.live;
    const times = edge.maxIterations === null ? "" : ` (at most ${edge.maxIterations} times)`;
    const extent = source.span({ path: edge.at, part: "construct" });
    const detail = `${edge.when ?? ""}${times}`.trim();
    return made("edge", `${edge.from} → ${edge.to}`, detail, extent, source.span({ path: edge.at }), []);
  }

  private inside(
    element: SourceElement,
    rule: ItemRule | undefined,
    placed: PlacedNode | null,
    depth: number,
  ): OutlineItem[] {
    if (rule?.children === "none") return [];
    if (rule?.part !== "node" && rule?.part !== "step")
      return this.below(element, depth + 1).filter(({ name, part }) => part !== "value" || name !== rule?.focus);
    // Of a node: what is structure, and what leads elsewhere. Plain settings are left to the text.
    if (this.isLong) return [];
    const leads = new Set(
      [...(placed?.node.references ?? []), ...(placed?.node.files ?? [])].map(({ at }) => at.path[element.path.length]),
    );
    const found: OutlineItem[] = [];
    const known = placed !== null && placed.node.kind !== "" ? placed.node.fields : null;
    for (const child of element.children) {
      if (child === rule.focus || child === "type") continue;
      const isScalar = known !== null && Object.hasOwn(known, child) && typeof known[child] !== "object";
      if (isScalar && !leads.has(child)) continue;
      const path = [...element.path, child];
      const form = leads.has(child) ? "table" : this.live.source.element(path)?.form;
      if (form === "table" || form === "list") this.add(path, depth + 1, found);
    }
    return found.sort((a, b) => a.extent[0] - b.extent[0]);
  }

  private reader(element: SourceElement): (key: string) => string {
    return (key) => this.live.source.element([...element.path, ...key.split(".")])?.text ?? "";
  }

  private detail(element: SourceElement, keys: readonly string[]): string {
    const read = this.reader(element);
    return shortened(
      keys
        .map(read)
        .filter((text) => text !== "")
        .join(" "),
    );
  }
}

/** Edges that follow each other are one part: an outline of single edges hides the nodes. */
function withEdgesJoined(items: readonly OutlineItem[], isLong: boolean): OutlineItem[] {
  const joined: OutlineItem[] = [];
  for (let i = 0; i < items.length;) {
    let end = i;
    while (items[end]?.part === "edge") end++;
    const run = items.slice(i, end);
    const [first, last] = [run[0], run[run.length - 1]];
    if (first === undefined || last === undefined || run.length === 1) {
      joined.push(items[i] as OutlineItem);
      i++;
      continue;
    }
    const extent: Span = [first.extent[0], last.extent[1]];
    joined.push(made("edges", "edges", String(run.length), extent, first.focus, isLong ? [] : run));
    i = end;
  }
  return joined;
}

/** A part whose stretches nest, whatever the tree said. */
function made(
  part: Part,
  name: string,
  detail: string,
  own: Span,
  focus: Span,
  children: readonly OutlineItem[],
): OutlineItem {
  const extent = children.reduce<Span>(
    ([from, to], child) => [Math.min(from, child.extent[0]), Math.max(to, child.extent[1])],
    own,
  );
  const within = focus[0] >= extent[0] && focus[1] <= extent[1];
  return { part, name: name.trim() || '""', detail, extent, focus: within ? focus : [extent[0], extent[0]], children };
}
