/** How large boxes are, from what they say; the same numbers for the canvas, the layout and the SVG. */
import type { DrawnEntry, DrawnNode } from "./drawing.ts";

/** Measures in pixels at zoom 1. */
export const measures = {
  nodeMin: 168,
  nodeMax: 272,
  titleHeight: 30,
  summaryHeight: 22,
  badgesHeight: 22,
  portsHeight: 24,
  padding: 10,
  /** Width of a character of the title and of smaller text, on average. */
  titleCharacter: 7.6,
  smallCharacter: 6.7,
  entryHeight: 30,
  framePadding: 24,
  frameTitle: 26,
} as const;

/** Width and height. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size of a node's box. */
export function nodeSize(node: DrawnNode): Size {
  const { nodeMin, nodeMax, titleCharacter, smallCharacter, padding } = measures;
  const title = 34 + (node.label ?? node.id).length * titleCharacter + 22;
  const summary = 2 * padding + node.summary.length * smallCharacter;
  const ports = showsPorts(node)
    ? Math.max(...node.ports.map((port) => (port.label ?? "").length * smallCharacter + 20)) * node.ports.length + 5
    : 0;
  const wanted = Math.max(title, summary, ports);
  const most = Math.max(nodeMax, ports);
  const inner = node.inner ?? { width: 0, height: 0 };
  const innerWidth = inner.width === 0 ? 0 : inner.width + 2 * padding;
  const innerHeight = inner.height === 0 ? 0 : inner.height + 2 * padding;
  return {
    width: Math.round(Math.max(innerWidth, Math.min(most, Math.max(nodeMin, wanted)))),
    height:
      Math.round(innerHeight) +
      measures.titleHeight +
      measures.summaryHeight +
      (node.badges.length > 0 ? measures.badgesHeight : 0) +
      (showsPorts(node) ? measures.portsHeight : 4),
  };
}

/** Where a way out leaves a box, from its left: the middle of its cell in the row of ports. */
export function portX(node: DrawnNode, position: number, width: number): number {
  const { length } = node.ports;
  // The cells lie between the coloured edge at the left and the line at the right.
  return showsPorts(node) && length > 0 ? 4 + ((width - 5) * (position + 0.5)) / length : width / 2;
}

/** A node with nothing but a plain end needs no row of ports. */
export function showsPorts(node: DrawnNode): boolean {
  return node.ports.some((port) => port.type !== "plain");
}

/** The size of an entry marker. */
export function entrySize(entry: DrawnEntry): Size {
  const lines = [`${entry.name} (${entry.source})`, ...entry.triggers];
  const longest = Math.max(...lines.map((line) => line.length));
  return {
    width: Math.round(Math.min(measures.nodeMax, 30 + longest * measures.smallCharacter)),
    height: measures.entryHeight + entry.triggers.length * 16,
  };
}
