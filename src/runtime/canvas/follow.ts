/**
 * Which node of a drawing is which node of the next one, from one reading of a document to the next (spec/editor.md
 * §2). Pure.
 *
 * Invariant: a node is followed only where one explanation is left: its text is the same, or its id is, or all but its
 * id is. Where two nodes could be the one, neither is: an edit on the canvas then asks its author to look again.
 */
import type { CanvasState } from "./state.ts";

/** A node as the text has it. */
interface Written {
  readonly key: string;
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  /** The text without its id. */
  readonly body: string;
}

/** Keys of nodes, before to after; those that are gone, or cannot be told, are missing. Null: all keys stay. */
export function followNodes(before: CanvasState, after: CanvasState): ReadonlyMap<string, string> | null {
  if (sameKeys(before, after)) return null;
  const found = new Map<string, string>();
  const [left, fresh] = matchTexts(writtenNodes(before), writtenNodes(after), found);
  const oldBy = indexed(left);
  const newBy = indexed(fresh);
  for (const one of left) {
    const [only, ...more] = candidates(one, newBy);
    if (only === undefined || more.length > 0) continue;
    if (candidates(only, oldBy).length === 1) found.set(one.key, only.key);
  }
  return found;
}

/** True when both name the same nodes in the same order and no name is used twice: what changed is within them. */
function sameKeys({ drawing: { nodes: old } }: CanvasState, { drawing: { nodes: fresh } }: CanvasState): boolean {
  if (old.length !== fresh.length) return false;
  return old.every((one, i) => {
    const other = fresh[i];
    return other !== undefined && other.key === one.key && other.kind === one.kind && one.key === one.id;
  });
}

function writtenNodes({ drawing, graph, live }: CanvasState): Written[] {
  return drawing.nodes.map(({ key, id, kind, index }) => {
    const at = graph.nodes[index]?.at;
    const extent = at === undefined ? undefined : live.source.element(at)?.extent;
    const name = at === undefined ? undefined : live.source.element([...at, "id"])?.value;
    if (extent === undefined) return { key, id, kind, text: "", body: key };
    const text = live.text.slice(...extent);
    if (name === null || name === undefined) return { key, id, kind, text, body: text };
    const body = `${live.text.slice(extent[0], name[0])}\0${live.text.slice(name[1], extent[1])}`;
    return { key, id, kind, text, body };
  });
}

/** Matches what is written alike and equally often, in order; gives what is left of both. */
function matchTexts(
  before: readonly Written[],
  after: readonly Written[],
  found: Map<string, string>,
): readonly [Written[], Written[]] {
  const nameOf = ({ kind, text }: Written): string => `${kind}\0${text}`;
  const [old, fresh] = [grouped(before, nameOf), grouped(after, nameOf)];
  const taken = new Set<Written>();
  for (const [name, some] of old) {
    const others = fresh.get(name) ?? [];
    if (others.length !== some.length) continue;
    some.forEach((one, i) => {
      const other = others[i] as Written;
      found.set(one.key, other.key);
      taken.add(one).add(other);
    });
  }
  const left = (all: readonly Written[]): Written[] => all.filter((one) => !taken.has(one));
  return [left(before), left(after)];
}

type Index = ReadonlyMap<string, readonly Written[]>;

const byId = ({ kind, id }: Written): string => `id ${kind}\0${id}`;
const byBody = ({ kind, body }: Written): string => `body ${kind}\0${body}`;

function indexed(all: readonly Written[]): Index {
  return new Map([...grouped(all, byId), ...grouped(all, byBody)]);
}

/** The nodes that one could be; two stand for more. */
function candidates(one: Written, among: Index): Written[] {
  const found = new Set([...(among.get(byId(one)) ?? []).slice(0, 2), ...(among.get(byBody(one)) ?? []).slice(0, 2)]);
  return [...found];
}

function grouped(all: readonly Written[], nameOf: (one: Written) => string): Map<string, Written[]> {
  const groups = new Map<string, Written[]>();
  for (const one of all) {
    const name = nameOf(one);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return groups;
}
