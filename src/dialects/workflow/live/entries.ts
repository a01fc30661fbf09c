/**
 * Reads nodes, edges and starts for an editor: those that did not change are not read again, and of those that
 * cannot be read enough is kept to draw them, so that nobody else is blamed for it.
 *
 * Invariant: what is remembered for a table is what reading it again would give; tables never change.
 */
import type { DocumentPath, Place } from "../../../graph/diagnostic.ts";
import type { Edge, FileReference, Node, NodeReference, Start } from "../../../graph/model.ts";
import { unreadNode } from "../../live/unread.ts";
import type { NodeReader } from "../nodes.ts";
import type { Frames } from "../validate.ts";
import { readEach } from "../read-table.ts";
import { readEdge, readStart, withKeys, type EntryReaders } from "../read.ts";
import { isTable, type TomlTable } from "../toml.ts";
import type { Problems } from "../problems.ts";
import type { Gaps } from "./gaps.ts";

/** A list of which a document may have very many entries. */
export type EntryList = "nodes" | "edges" | "start_nodes";

/** Entries by their tables. */
export interface Memory {
  readonly nodes: WeakMap<object, Node>;
  readonly edges: WeakMap<object, Edge>;
  /** Whole lists of edges without a problem. */
  readonly edgeLists: WeakMap<object, { readonly at: DocumentPath; readonly list: readonly Edge[] }>;
  readonly clean: WeakSet<object>;
  readonly frames: Frames;
}

/** A memory of nothing. */
export function newMemory(): Memory {
  return {
    nodes: new WeakMap(),
    edges: new WeakMap(),
    edgeLists: new WeakMap(),
    clean: new WeakSet(),
    frames: new WeakMap(),
  };
}

/** What the reading of a text leaves for that of the next one. */
export interface NodeRows {
  readonly at: DocumentPath;
  readonly raw: readonly unknown[];
  /** The node of each entry that is in order; null for the others. */
  readonly nodes: readonly (Node | null)[];
}

/** Readers of entries, and what they have read. */
export interface LiveReaders extends EntryReaders {
  readonly rows: () => NodeRows | null;
}

/**
 * `isBroken`: a part of this entry of a list is no TOML, so that its table lacks something. `before`: the nodes of a
 * former text of the same file.
 */
export function liveReaders(
  nodes: NodeReader,
  memory: Memory,
  before: NodeRows | null,
  gaps: Gaps,
  isBroken: (list: EntryList, index: number) => boolean,
): LiveReaders {
  let rows: NodeRows | null = null;
  const readNode = (raw: unknown, index: number, at: DocumentPath, problems: Problems): Node | null => {
    if (isBroken("nodes", index)) {
      nodes.read(raw, index, at, problems);
      return null;
    }
    const known = isTable(raw) ? memory.nodes.get(raw) : undefined;
    if (known !== undefined) return sameNode(known, index, at);
    const node = nodes.read(raw, index, at, problems);
    if (node !== null && isTable(raw)) memory.nodes.set(raw, node);
    return node;
  };
  return {
    clean: memory.clean,
    rows: () => rows,
    nodes: (raw, at, problems) => {
      const same = before !== null && Array.isArray(raw) && samePath(before.at, at) ? before : null;
      const kept: (Node | null)[] = [];
      const list = readEach(raw, at, problems, (item, path, index) => {
        const known = same !== null && same.raw[index] === item ? (same.nodes[index] ?? null) : null;
        const node = known ?? readNode(item, index, path(), problems);
        kept.push(node);
        return node ?? stubOf(item, index, path(), nodes, gaps);
      });
      if (Array.isArray(raw)) rows = { at, raw, nodes: kept };
      return list;
    },
    edges: (raw, at, problems) => {
      const known = Array.isArray(raw) ? memory.edgeLists.get(raw) : undefined;
      if (known !== undefined && samePath(known.at, at)) return known.list;
      let whole = true;
      const read = (item: unknown, position: number, index: number, path: DocumentPath): Edge | null => {
        if (isBroken("edges", position)) {
          gaps.add("edges");
          whole = false;
        }
        const before = isTable(item) ? memory.edges.get(item) : undefined;
        if (before !== undefined) {
          return before.index === index && samePath(before.at, path) ? before : { ...before, index, at: path };
        }
        const edge = readEdge(item, index, path, problems);
        if (edge === null) {
          whole = false;
          return edgeStub(item, index, path, gaps);
        }
        if (isTable(item)) memory.edges.set(item, edge);
        return edge;
      };
      // The recovered list has no holes.
      let count = 0;
      const edges = readEach(raw, at, problems, (item, path, position) => {
        const edge = read(item, position, count, path());
        if (edge !== null) count++;
        return edge;
      });
      const list = withKeys(edges);
      if (whole && Array.isArray(raw) && raw.length === edges.length) memory.edgeLists.set(raw, { at, list });
      return list;
    },
    start: (raw, index, at, problems) => {
      if (isBroken("start_nodes", index)) gaps.add("entries");
      return readStart(raw, index, at, problems) ?? startStub(raw, at, gaps);
    },
  };
}

function samePath(a: DocumentPath, b: DocumentPath): boolean {
  if (a.length !== b.length) return false;
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}

/** A node whose table stands elsewhere in the list now. */
function sameNode(node: Node, index: number, at: DocumentPath): Node {
  if (node.index === index && samePath(node.at, at)) return node;
  const { length } = node.at;
  const moved = <T extends NodeReference | FileReference>(one: T): T => {
    const place: Place = { ...one.at, path: [...at, ...one.at.path.slice(length)] };
    return { ...one, at: place };
  };
  return { ...node, index, at, references: node.references.map(moved), files: node.files.map(moved) };
}

/** A node that could not be read: its id, and the references that could be found. */
function stubOf(raw: unknown, index: number, at: DocumentPath, nodes: NodeReader, gaps: Gaps): Node {
  const table: TomlTable = isTable(raw) ? raw : {};
  const id = table["id"];
  if (typeof id !== "string") gaps.add("nodes");
  const { references, files } = nodes.references(table, at);
  return { ...unreadNode(typeof id === "string" ? id : "", index, at), references, files };
}

function edgeStub(raw: unknown, index: number, at: DocumentPath, gaps: Gaps): Edge | null {
  gaps.add("edges");
  if (!isTable(raw)) return null;
  const { from, to, when, max_iterations: limit } = raw;
  if (typeof from !== "string" || typeof to !== "string") return null;
  const maxIterations = typeof limit === "bigint" && limit >= 0n && limit <= 0xffff_ffffn ? Number(limit) : null;
  return { from, to, when: typeof when === "string" ? when : null, maxIterations, index, at, key: "" };
}

function startStub(raw: unknown, at: DocumentPath, gaps: Gaps): Start | null {
  gaps.add("entries");
  const table: TomlTable = isTable(raw) ? raw : {};
  const { name, source, entry_node: entry } = table;
  if (typeof name !== "string") {
    gaps.add("starts");
    return null;
  }
  const known = source === "event" || source === "http" ? source : "manual";
  return { name, source: known, entry: typeof entry === "string" ? entry : null, at };
}
