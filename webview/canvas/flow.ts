/** Drawing and layout -> what React Flow draws. Elements that have not changed keep their identity. Pure but for that memory. */
import { MarkerType, type Edge, type Node } from "@xyflow/react";
import { visibleText } from "../../src/graph/visible.ts";
import type { WireDrawing, WireLayout } from "../../src/protocol/webview.ts";
import { words } from "../words.ts";
import type { EdgeLineEdge } from "./EdgeLine.tsx";
import { portId } from "./NodeBox.tsx";

/** A point of the canvas. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Nodes of all sorts for React Flow. */
export function flowNodes(drawing: WireDrawing, layout: WireLayout, before: ReadonlyMap<string, Node>): Node[] {
  const made: Node[] = [];
  const add = (node: Node, same: (old: Node) => boolean): void => {
    const old = before.get(node.id);
    const kept = old !== undefined && old.position.x === node.position.x && old.position.y === node.position.y;
    made.push(kept && old.width === node.width && old.height === node.height && same(old) ? old : node);
  };
  for (const frame of drawing.frames) {
    const box = layout.frames[frame.key];
    if (box === undefined) continue;
    const { x, y, width, height } = box;
    const data = { title: frame.title, rule: frame.rule };
    const options = { width, height, data, draggable: false, selectable: false, focusable: false, zIndex: -1 };
    add({ id: frame.key, type: "frame", position: { x, y }, ...options }, (old) => old.data["rule"] === frame.rule);
  }
  for (const entry of drawing.entries) {
    const box = layout.entries[entry.key];
    if (box === undefined) continue;
    const { x, y, width, height } = box;
    const ariaLabel = visibleText(words.entry(entry.name, entry.source));
    const node = { id: entry.key, type: "entry", position: { x, y }, width, height, data: { entry }, ariaLabel };
    add({ ...node, deletable: false }, (old) => old.data["entry"] === entry);
  }
  for (const node of drawing.nodes) {
    const box = layout.nodes[node.key];
    if (box === undefined) continue;
    const { x, y, width, height } = box;
    const ariaLabel = visibleText(words.node(node.id, node.kind, 0));
    add(
      { id: node.key, type: "node", position: { x, y }, width, height, data: { node }, ariaLabel },
      (old) => old.data["node"] === node,
    );
  }
  for (const [key, box] of Object.entries(layout.nodes)) {
    if (!key.startsWith("ghost:")) continue;
    const { x, y, width, height } = box;
    const options = { draggable: false, selectable: false, data: { id: key.slice("ghost:".length) } };
    add({ id: key, type: "ghost", position: { x, y }, width, height, ...options }, () => true);
  }
  return made;
}

/** Arrows of all sorts for React Flow. */
export function flowEdges(drawing: WireDrawing, layout: WireLayout, data: boolean): Edge[] {
  const portsOf = new Map(drawing.nodes.map((node) => [node.key, node.ports]));
  const nameOf = new Map(drawing.nodes.map((node) => [node.key, node.id]));
  const markerEnd = { type: MarkerType.ArrowClosed, width: 16, height: 16 };
  const made: Edge[] = drawing.edges.map((edge): EdgeLineEdge => {
    const position =
      portsOf.get(edge.from)?.findIndex((port) => port.label === edge.port && port.type !== "open") ?? -1;
    return {
      id: edge.key,
      type: "line",
      source: edge.from,
      target: edge.to,
      sourceHandle: position < 0 ? null : portId(position),
      markerEnd,
      data: { edge, points: layout.edges[edge.key] ?? null },
      ariaLabel: visibleText(
        words.edge(nameOf.get(edge.from) ?? edge.from, nameOf.get(edge.to) ?? edge.to, edge.label),
      ),
      deletable: edge.index !== null,
    };
  });
  for (const entry of drawing.entries) {
    if (entry.to === null) continue;
    const options = { selectable: false, focusable: false, deletable: false, markerEnd };
    for (const [i, target] of [entry.to, ...entry.also].entries()) {
      // As `entryWays` of src/draw/drawing.ts names them.
      const id = i === 0 ? `entry:${entry.key}` : `entry:${entry.key}>${target}`;
      const start = words.entry(entry.name, entry.source);
      const ariaLabel = visibleText(words.edge(start, nameOf.get(target) ?? target, null));
      const data = { edge: null, points: layout.edges[id] ?? null };
      made.push({ id, type: "line", source: entry.key, target, data, ariaLabel, ...options });
    }
  }
  if (!data) return made;
  for (const { key, from, to, text } of drawing.references) {
    const options = { selectable: false, focusable: false, deletable: false, className: "edge-data" };
    made.push({ id: key, type: "default", source: from, target: to, label: visibleText(text), ...options });
  }
  return made;
}
