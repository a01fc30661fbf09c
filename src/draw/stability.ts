/**
 * What keeps a drawing calm while its document is edited: renamed nodes take their places along, a new layout is laid
 * over the old one where most nodes agree, and a new node stands near the neighbour that a person has moved. Pure.
 */
import type { Drawing } from "./drawing.ts";
import type { Box, Fixed, Layout, Point } from "./layout.ts";

/** Most nodes that one edit renames: one, and another that had, or gets, the same name. */
const MAX_RENAMED = 2;

/**
 * Keys of nodes that an edit has renamed, old to new: the same number of nodes, all of the same kinds, with other
 * names at one place or two. A mere change of their order renames nothing.
 */
export function renamedKeys(before: Drawing, after: Drawing): ReadonlyMap<string, string> {
  if (before === after) return new Map();
  const nodes = renamedOf(before.nodes, after.nodes, (node) => node.kind);
  return new Map([...nodes, ...renamedOf(before.entries, after.entries, (entry) => entry.source)]);
}

/** The renames of one list, whose elements keep their places and what they are. */
function renamedOf<T extends { readonly key: string }>(
  before: readonly T[],
  after: readonly T[],
  what: (one: T) => string,
): ReadonlyMap<string, string> {
  const none = new Map<string, string>();
  if (before.length !== after.length) return none;
  const renames = new Map<string, string>();
  for (const [i, old] of before.entries()) {
    const fresh = after[i];
    if (fresh === undefined || fresh.key === old.key) continue;
    if (what(fresh) !== what(old) || renames.size === MAX_RENAMED) return none;
    renames.set(old.key, fresh.key);
  }
  const gained = [...renames.values()].some((key) => !renames.has(key));
  return gained ? renames : none;
}

/** Two renames, one after the other, as one. */
export function chained(
  first: ReadonlyMap<string, string>,
  then: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const middle = new Set(first.values());
  const made = new Map([...first].map(([from, to]) => [from, then.get(to) ?? to]));
  for (const [from, to] of then) if (!middle.has(from) && !made.has(from)) made.set(from, to);
  return made;
}

/** A record by keys, under the keys of after a rename. */
export function carried<T>(
  record: Readonly<Record<string, T>>,
  renames: ReadonlyMap<string, string>,
): Readonly<Record<string, T>> {
  if (renames.size === 0 || !Object.keys(record).some((key) => renames.has(key))) return record;
  const taken = new Set(renames.values());
  const kept = Object.entries(record).filter(([key]) => renames.has(key) || !taken.has(key));
  return Object.fromEntries(kept.map(([key, value]) => [renames.get(key) ?? key, value]));
}

/** A layout, under the keys of after a rename. */
export function carriedLayout(layout: Layout, renames: ReadonlyMap<string, string>): Layout {
  return renames.size === 0 ? layout : { ...layout, nodes: carried(layout.nodes, renames) };
}

/** By how much a new layout is shifted so that as many nodes as possible stand where they stood before. */
export function calmShift(fresh: Readonly<Record<string, Box>>, { before, moved }: Fixed): Point {
  if (before === null) return { x: 0, y: 0 };
  const steps = Object.entries(fresh).flatMap(([key, box]) => {
    const old = before.nodes[key];
    return old === undefined || moved[key] !== undefined ? [] : [{ x: old.x - box.x, y: old.y - box.y }];
  });
  return mostCommon(steps);
}

/** The step that most nodes would take; of equals the smallest. */
function mostCommon(steps: readonly Point[]): Point {
  const counts = new Map<string, { readonly step: Point; count: number }>();
  for (const step of steps) {
    const name = `${Math.round(step.x)} ${Math.round(step.y)}`;
    const known = counts.get(name);
    if (known === undefined) counts.set(name, { step, count: 1 });
    else known.count++;
  }
  let best: { readonly step: Point; readonly count: number } = { step: { x: 0, y: 0 }, count: 0 };
  for (const one of counts.values()) {
    const nearer = Math.hypot(one.step.x, one.step.y) < Math.hypot(best.step.x, best.step.y);
    if (one.count > best.count || (one.count === best.count && nearer)) best = one;
  }
  return best.step;
}

/** Room that is left between a new node and what stands there already. */
const GAP = 24;
/** Most places that are tried for one node. */
const MAX_TRIES = 200;

/**
 * Places for nodes that were not there before and whose neighbour a person has moved: the same way from that neighbour
 * as in the fresh layout, then to the right of what stands there. `places` are those of all other nodes.
 */
export function placesNearMoved(
  drawing: Drawing,
  fresh: Readonly<Record<string, Box>>,
  places: Readonly<Record<string, Box>>,
  { before, moved }: Fixed,
): Readonly<Record<string, Point>> {
  if (before === null || Object.keys(moved).length === 0) return {};
  const isNew = (key: string): boolean => before.nodes[key] === undefined && moved[key] === undefined;
  const neighbours = new Map<string, string>();
  for (const { from, to } of drawing.edges) {
    if (isNew(to) && moved[from] !== undefined) neighbours.set(to, neighbours.get(to) ?? from);
    else if (isNew(from) && moved[to] !== undefined) neighbours.set(from, neighbours.get(from) ?? to);
  }
  const chosen: Record<string, Point> = {};
  for (const [key, neighbour] of neighbours) {
    const [own, other, at] = [fresh[key], fresh[neighbour], moved[neighbour]];
    if (own === undefined || other === undefined || at === undefined) continue;
    const others = Object.entries(places).filter(([name]) => name !== key && !neighbours.has(name));
    const boxes = others.map(([, box]) => box).concat(boxesOf(chosen, fresh));
    chosen[key] = freePlace({ ...own, x: at.x + own.x - other.x, y: at.y + own.y - other.y }, boxes);
  }
  return chosen;
}

function boxesOf(points: Readonly<Record<string, Point>>, sizes: Readonly<Record<string, Box>>): Box[] {
  return Object.entries(points).flatMap(([key, point]) => {
    const size = sizes[key];
    return size === undefined ? [] : [{ ...size, ...point }];
  });
}

function freePlace(wanted: Box, taken: readonly Box[]): Point {
  let { x } = wanted;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const box = { ...wanted, x };
    const hit = taken.find((one) => overlap(one, box));
    if (hit === undefined) break;
    x = hit.x + hit.width + GAP;
  }
  return { x, y: wanted.y };
}

/** True when two boxes share room. */
export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
