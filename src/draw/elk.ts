/**
 * Layout by ELK's layered algorithm: drawing -> ELK's graph -> layout. ELK itself is handed in, because it runs in a
 * worker; this file is pure.
 *
 * Stability: nodes are ordered as the document orders them, a new layout is shifted so that most nodes stay where
 * they were, and what a person moved stays there.
 */
import { entryWays, type Drawing } from "./drawing.ts";
import type { Box, Fixed, Layout, Point } from "./layout.ts";
import { entrySize, measures, nodeSize, portX } from "./sizes.ts";
import { calmShift, placesNearMoved } from "./stability.ts";

/** The part of ELK's JSON that is used. */
export interface ElkNode {
  readonly id: string;
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly layoutOptions?: Readonly<Record<string, string>>;
  readonly ports?: readonly {
    readonly id: string;
    readonly x: number;
    readonly y: number;
    readonly layoutOptions?: Readonly<Record<string, string>>;
  }[];
  readonly children?: readonly ElkNode[];
  readonly edges?: readonly ElkEdge[];
}

/** An arrow in ELK's JSON. */
export interface ElkEdge {
  readonly id: string;
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  readonly container?: string;
  readonly sections?: readonly {
    readonly startPoint: Point;
    readonly endPoint: Point;
    readonly bendPoints?: readonly Point[];
  }[];
}

/**
 * Above this many nodes thoroughness is given up for speed. Placement by network simplex is not used at all: edges from
 * many nodes to one, such as a shared `fail`, make it take seconds at a hundred nodes.
 */
export const LARGE = 60;

/** What ELK is asked. */
export function toElk(drawing: Drawing): ElkNode {
  const large = drawing.nodes.length > LARGE;
  const nodes = new Map(
    drawing.nodes.map((node): [string, ElkNode] => {
      const size = nodeSize(node);
      const outs = node.ports.map((_port, i) => ({
        id: portId(node.key, i),
        x: portX(node, i, size.width),
        y: size.height,
        layoutOptions: { "elk.port.side": "SOUTH" },
      }));
      // All arrows come in at one place, where the canvas has its handle.
      const way = { id: wayIn(node.key), x: size.width / 2, y: 0, layoutOptions: { "elk.port.side": "NORTH" } };
      const ports = [way, ...outs];
      return [node.key, { id: node.key, ...size, ports, layoutOptions: { "elk.portConstraints": "FIXED_POS" } }];
    }),
  );
  const ghosts = ghostKeys(drawing).map((key): ElkNode => ({ id: key, width: measures.nodeMin, height: 34 }));
  const framed = new Set(drawing.frames.flatMap((frame) => frame.nodes));
  const frames = drawing.frames.map((frame): ElkNode => {
    const top = measures.framePadding + measures.frameTitle;
    const side = measures.framePadding;
    const padding = `[top=${top},left=${side},bottom=${side},right=${side}]`;
    const children = frame.nodes.flatMap((key) => nodes.get(key) ?? []);
    return { id: frame.key, children, layoutOptions: { "elk.padding": padding } };
  });
  const entries = drawing.entries.map((entry): ElkNode => ({ id: entry.key, ...entrySize(entry) }));
  const portOf = new Map(
    // Of two ports without a label the first is the plain end.
    drawing.nodes.map((node) => [
      node.key,
      new Map(node.ports.map((port, i) => [port.label, portId(node.key, i)] as const).reverse()),
    ]),
  );
  const target = (key: string): string => (nodes.has(key) ? wayIn(key) : key);
  return {
    id: "root",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "DOWN",
      "elk.hierarchyHandling": frames.length > 0 ? "INCLUDE_CHILDREN" : "INHERIT",
      "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
      "elk.layered.spacing.nodeNodeBetweenLayers": "56",
      "elk.spacing.nodeNode": "36",
      "elk.spacing.edgeNode": "20",
      "elk.layered.spacing.edgeNodeBetweenLayers": "18",
      "elk.edgeRouting": large ? "POLYLINE" : "ORTHOGONAL",
      "elk.layered.nodePlacement.strategy": large ? "SIMPLE" : "BRANDES_KOEPF",
      "elk.layered.thoroughness": large ? "1" : "7",
      "elk.layered.feedbackEdges": "true",
    },
    children: [
      ...entries,
      ...drawing.nodes.flatMap((node) => (framed.has(node.key) ? [] : [nodes.get(node.key) as ElkNode])),
      ...frames,
      ...ghosts,
    ],
    edges: [
      ...drawing.entries.flatMap((entry) =>
        entryWays(entry).map(({ key, to }) => ({ id: key, sources: [entry.key], targets: [target(to)] })),
      ),
      ...drawing.edges.map((edge) => ({
        id: edge.key,
        sources: [portOf.get(edge.from)?.get(edge.port) ?? edge.from],
        targets: [target(edge.to)],
      })),
    ],
  };
}

/** What ELK answered. */
export function fromElk(drawing: Drawing, answer: ElkNode, fixed: Fixed): Layout {
  const places = new Map<string, Box>();
  collect(answer, 0, 0, places);
  const fresh = sorted(drawing, places);
  const shift = calmShift(fresh.nodes, fixed);
  const moved = (key: string, box: Box): Box => ({ ...box, ...(fixed.moved[key] ?? shifted(box, shift)) });
  const standing = mapped(fresh.nodes, moved);
  const near = placesNearMoved(drawing, fresh.nodes, standing, fixed);
  const nodes = mapped(standing, (key, box) => ({ ...box, ...near[key] }));
  const entries = mapped(fresh.entries, moved);
  const isMoved = (key: string): boolean => fixed.moved[key] !== undefined || near[key] !== undefined;
  const ends = new Map<string, readonly [string, string]>(
    drawing.edges.map((edge) => [edge.key, [edge.from, edge.to]]),
  );
  for (const entry of drawing.entries) for (const { key, to } of entryWays(entry)) ends.set(key, [entry.key, to]);
  const edges: Record<string, readonly Point[]> = {};
  for (const [key, points] of waysOf(answer, places)) {
    const [from, to] = ends.get(key) ?? ["", ""];
    // An arrow to something that was moved by hand goes straight between its ports.
    if (!isMoved(from) && !isMoved(to)) edges[key] = points.map((point) => shifted(point, shift));
  }
  const frames = framesAround(drawing, nodes);
  const all = [...Object.values(nodes), ...Object.values(entries), ...Object.values(frames)];
  return {
    nodes,
    entries,
    frames,
    edges,
    width: Math.max(0, ...all.map((box) => box.x + box.width)),
    height: Math.max(0, ...all.map((box) => box.y + box.height)),
  };
}

/** Boxes for ends that are not in the document. */
export function ghostKeys(drawing: Drawing): string[] {
  const ends = drawing.edges.flatMap((edge) => [edge.from, edge.to]);
  const entered = drawing.entries.flatMap((entry) => entry.to ?? []);
  return [...new Set([...ends, ...entered].filter((key) => key.startsWith("ghost:")))];
}

const wayIn = (key: string): string => `${key}|in`;
const portId = (key: string, position: number): string => `${key}|port ${position}`;

function collect(node: ElkNode, x: number, y: number, places: Map<string, Box>): void {
  for (const child of node.children ?? []) {
    const box = { x: x + (child.x ?? 0), y: y + (child.y ?? 0), width: child.width ?? 0, height: child.height ?? 0 };
    places.set(child.id, box);
    collect(child, box.x, box.y, places);
  }
}

interface Boxes {
  readonly nodes: Readonly<Record<string, Box>>;
  readonly entries: Readonly<Record<string, Box>>;
}

function sorted(drawing: Drawing, places: ReadonlyMap<string, Box>): Boxes {
  const pick = (keys: readonly string[]): Record<string, Box> =>
    Object.fromEntries(keys.flatMap((key) => (places.has(key) ? [[key, places.get(key) as Box]] : [])));
  return {
    nodes: pick([...drawing.nodes.map((node) => node.key), ...ghostKeys(drawing)]),
    entries: pick(drawing.entries.map((entry) => entry.key)),
  };
}

function shifted(point: Point, by: Point): Point {
  return { x: point.x + by.x, y: point.y + by.y };
}

function mapped<T>(record: Readonly<Record<string, T>>, change: (key: string, value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(key, value)]));
}

function* waysOf(answer: ElkNode, places: ReadonlyMap<string, Box>): Generator<readonly [string, readonly Point[]]> {
  for (const edge of answer.edges ?? []) {
    const section = edge.sections?.[0];
    if (section === undefined) continue;
    // ELK counts from the container that it moved the edge into.
    const base = places.get(edge.container ?? "root") ?? { x: 0, y: 0 };
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
    yield [edge.id, points.map((point) => shifted(point, base))];
  }
}

function framesAround(drawing: Drawing, nodes: Readonly<Record<string, Box>>): Record<string, Box> {
  const made: Record<string, Box> = {};
  for (const frame of drawing.frames) {
    const boxes = frame.nodes.flatMap((key) => nodes[key] ?? []);
    if (boxes.length === 0) continue;
    const pad = measures.framePadding;
    const x = Math.min(...boxes.map((box) => box.x)) - pad;
    const y = Math.min(...boxes.map((box) => box.y)) - pad - measures.frameTitle;
    const right = Math.max(...boxes.map((box) => box.x + box.width)) + pad;
    const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + pad;
    made[frame.key] = { x, y, width: right - x, height: bottom - y };
  }
  return made;
}
