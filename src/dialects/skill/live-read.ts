/**
 * Reads a YAML text piece by piece (see `live-cut.ts`), and as a whole where that is not safe.
 *
 * Invariants: a text is accepted, and then has the same value, exactly when `readYaml` accepts it; with the pieces of
 * a former text only changed ones are read, and the result is the same. A broken piece leaves the others as they are.
 */
import type { DocumentPath } from "../../graph/diagnostic.ts";
import { object, type Value } from "../../graph/value.ts";
import { copied } from "../live/text-lines.ts";
import { cut, type Block, type Leaf, type Piece } from "./live-cut.ts";
import { LeafRead, partValue } from "./live-leaf.ts";
import { opened } from "./live-point.ts";
import { documentPart, emptyPart, trimmed, type Child, type Part } from "./live-part.ts";
import { composeYaml, MAX_DEPTH, MAX_LENGTH } from "./yaml-compose.ts";
import { MAX_VALUES, readYaml, type Origin, type YamlLabel, type YamlProblem } from "./yaml-text.ts";

/** Pieces that were read, by their text. */
export type Leaves = ReadonlyMap<string, LeafRead>;

/** A text, read. */
export interface Reading {
  readonly root: Part;
  /** The value, as far as it can be made out when there are problems. */
  readonly value: Value;
  /** None: the text is accepted. */
  readonly problems: readonly YamlProblem[];
  /** What is broken, of which nothing can be said but that. */
  readonly holes: readonly DocumentPath[];
  /** False where the rest may look other than it is, so that nothing can be said of it. */
  readonly certain: boolean;
  readonly leaves: Leaves;
}

/** Reads a text; `before` are pieces of a former text of the same file. */
export function readLive(text: string, label: YamlLabel, before: Leaves): Reading {
  // A manifest may not have the markers that a cut passes over.
  const marked = label === "runner_manifest" && /^(?:---|\.\.\.)(?:\s|$)/m.test(text);
  const pieces = marked || text.length > MAX_LENGTH ? null : cut(text);
  if (pieces === null) return readWhole(text, label, new Map());
  const assembly = new Assembly(text, label, before);
  const root = assembly.block({ list: false, column: 0, pieces }, [], 2);
  const { leaves } = assembly;
  if (!assembly.sound) return readWhole(text, label, leaves);
  if (assembly.broken.size === 0) {
    return { root: root.part, value: root.value, problems: [], holes: [], certain: true, leaves };
  }
  const problems = problemsOf(text, label, pieces, assembly);
  // Broken by itself and not in its place: only the whole can tell.
  if (problems.length === 0) return readWhole(text, label, leaves);
  return { root: root.part, value: root.value, problems, holes: assembly.holes, certain: true, leaves };
}

/** What the front end finds in a text with broken pieces. */
function problemsOf(
  text: string,
  label: YamlLabel,
  pieces: readonly Piece[],
  { broken, wild }: Assembly,
): readonly YamlProblem[] {
  const { problems, lost } = wild ? readYaml(text, label) : readYaml(...skeleton(text, label, pieces, broken));
  return lost && !wild ? readYaml(text, label).problems : problems;
}

function readWhole(text: string, label: YamlLabel, leaves: Leaves): Reading {
  const { value, problems } = readYaml(text, label);
  const [document] = composeYaml(text) ?? [];
  const root = document === undefined ? emptyPart : documentPart(document.contents, text);
  if (value !== undefined) return { root, value, problems, holes: [], certain: true, leaves };
  const holes = problems.map(({ from }) => constructAt(root, from));
  return { root, value: partValue(root), problems, holes, certain: false, leaves };
}

/** The item or, outside of lists, the root key in which something is wrong. */
function constructAt(root: Part, offset: number): DocumentPath {
  const path = opened(root, offset).at(-1)?.path ?? [];
  const item = path.findIndex((name) => typeof name === "number");
  return path.slice(0, item < 0 ? 1 : item + 1);
}

type Inside = Pick<Block, "list" | "column" | "pieces">;

class Assembly {
  readonly leaves = new Map<string, LeafRead>();
  readonly broken = new Set<Leaf>();
  readonly holes: DocumentPath[] = [];
  /** False where pieces depend on each other or on their number, so that only the whole can be judged. */
  sound = true;
  /** Something broken may reach beyond its piece. */
  wild = false;
  private values = 1;
  private readonly text: string;
  private readonly label: YamlLabel;
  private readonly before: Leaves;

  constructor(text: string, label: YamlLabel, before: Leaves) {
    this.text = text;
    this.label = label;
    this.before = before;
  }

  /** The parts and the value of a block; its tokens stand at `depth`. */
  block({ list, column, pieces }: Inside, path: DocumentPath, depth: number): { part: Part; value: Value } {
    const children: Child[] = [];
    const items: Value[] = [];
    const members = object();
    for (const piece of pieces) {
      const name = list ? items.length : piece.type === "block" ? piece.name : null;
      const made =
        piece.type === "block"
          ? [this.inner(piece, [...path, piece.name], depth)]
          : this.leaf(piece, path, name, depth);
      for (const { child, value } of made) {
        children.push(child);
        if (list) items.push(value);
        else if (child.name !== null) {
          if (!Object.hasOwn(members, child.name)) members[child.name] = value;
          // A broken one is a problem already, and may only look like the other.
          else if (piece.type === "block" || !this.broken.has(piece)) this.sound = false;
        }
      }
    }
    if (this.values > MAX_VALUES) this.sound = false;
    const [first, last] = [children[0], children.at(-1)];
    const from = first === undefined ? 0 : first.shift + first.start;
    const own = last?.part.raw?.[1] ?? last?.part.extent[1] ?? 0;
    const raw = [from, Math.max(from, (last?.shift ?? 0) + own)] as const;
    const value = trimmed(raw, this.text);
    const extent = [from, Math.max(from, (last?.shift ?? 0) + (last?.part.extent[1] ?? 0))] as const;
    const form = list ? "list" : "table";
    return { part: { ...emptyPart, raw, value, form, column, extent, children }, value: list ? items : members };
  }

  private inner(block: Block, path: DocumentPath, depth: number): { child: Child; value: Value } {
    this.values++;
    const { part, value } = this.block(block, path, depth + 1);
    const key = [block.start, block.start + block.name.length] as const;
    const extent = [block.start, Math.max(block.colon, part.extent[1])] as const;
    const whole: Part = { ...part, key, colon: block.colon, extent };
    return { child: { name: block.name, shift: 0, start: block.start, part: whole }, value };
  }

  private leaf(
    leaf: Leaf,
    path: DocumentPath,
    name: string | number | null,
    depth: number,
  ): { child: Child; value: Value }[] {
    const read = this.read(leaf);
    this.values += read.values - 1;
    if (read.linked || read.depth + depth - 2 > MAX_DEPTH) this.sound = false;
    if (read.value !== undefined) return [{ child: new LeafChild(read, leaf), value: read.value }];
    this.broken.add(leaf);
    this.wild ||= leaf.wild;
    return read.children.map((child) => {
      this.holes.push([...path, name ?? child.name ?? ""]);
      const moved = { ...child, shift: child.shift + leaf.from };
      return { child: moved, value: partValue(child.part) };
    });
  }

  private read(leaf: Leaf): LeafRead {
    const text = this.text.slice(leaf.from, leaf.to);
    // An odd piece may be spelt like a sound one, whose text is a key or a dash.
    const key = leaf.odd ? `!${leaf.type}${text}` : text;
    const again = this.leaves.get(key);
    if (again !== undefined) return again;
    // Values are slices of what they are read from; the whole text is not to live as long as they do.
    const read = this.before.get(key) ?? new LeafRead(copied(text), leaf, this.label);
    this.leaves.set(key, read);
    return read;
  }
}

/** A sound piece, whose parts are only found when somebody looks. */
class LeafChild implements Child {
  readonly name: string | null;
  readonly shift: number;
  readonly start: number;
  private readonly read: LeafRead;

  constructor(read: LeafRead, leaf: Leaf) {
    this.read = read;
    this.name = read.name;
    this.shift = leaf.from;
    this.start = leaf.start - leaf.from;
  }

  get part(): Part {
    return this.read.part;
  }
}

/**
 * The text with only what can matter to its problems: heads, broken pieces, and the pieces beside them. Line numbers
 * and places are those of the text.
 */
function skeleton(
  text: string,
  label: YamlLabel,
  pieces: readonly Piece[],
  broken: ReadonlySet<Leaf>,
): [string, YamlLabel, Origin] {
  const kept: { at: number; from: number }[] = [];
  let made = "";
  let end = -1;
  const keep = (from: number, to: number): void => {
    if (from !== end) {
      // An open quote looks for its end in all that follows, so quotes that are left out leave a trace.
      const left = end < 0 ? "" : text.slice(end, from);
      const trace = (left.includes('"') ? '"' : "") + (left.includes("'") ? "'" : "");
      if (trace !== "") {
        kept.push({ at: made.length, from: end });
        made += `#${trace}\n`;
      }
      kept.push({ at: made.length, from });
    }
    made += text.slice(from, to);
    end = to;
  };
  const flat: (Leaf | Block)[] = [];
  const flatten = (list: readonly Piece[]): void => {
    for (const piece of list) {
      flat.push(piece);
      if (piece.type === "block") flatten(piece.pieces);
    }
  };
  flatten(pieces);
  const roots = new Set(pieces);
  const leaves = flat.filter((piece) => piece.type !== "block");
  const last = leaves.length - 1;
  const beside = new Set(
    leaves.filter((_, i) => i === last || [i - 1, i, i + 1].some((j) => j in leaves && broken.has(leaves[j] as Leaf))),
  );
  keep(0, pieces[0]?.from ?? 0);
  for (const piece of flat) {
    if (piece.type === "block") keep(piece.from, piece.pieces[0]?.from ?? piece.to);
    else if (roots.has(piece) || beside.has(piece)) keep(piece.from, piece.to);
  }
  const offset = (at: number): number => {
    let low = 0;
    let high = kept.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((kept[middle]?.at ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    const stretch = kept[low];
    return stretch === undefined ? at : stretch.from + at - stretch.at;
  };
  return [made, label, { text, offset }];
}
