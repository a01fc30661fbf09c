/**
 * Drawing and layout -> one SVG file with the canvas's geometry, for export, reports and the command line
 * (spec/editor.md §3).
 *
 * Invariants: self-contained (no script, no style sheet, no reference to anything outside), all text of the document
 * escaped, what hides or turns text shown as a sign, no characters that XML forbids, the same input gives the same
 * bytes. A screen reader is told the graph's name, its size, and the name of every node.
 */
import { visibleLines } from "../graph/visible.ts";
import { CHILD_SCALE, type DrawnChild } from "./children.ts";
import { entryWays, type Drawing, type DrawnEdge, type DrawnEntry, type DrawnNode } from "./drawing.ts";
import type { Box, Layout, Point } from "./layout.ts";
import { measures, portX, showsPorts } from "./sizes.ts";
import { badgeShapes, familyShapes, palettes, type Palette, type Theme } from "./svg-look.ts";
import { bottomOf, corners, freePath, labelPoint, number, roundedPath, topOf } from "./ways.ts";

/** What is drawn beside the graph. */
export interface SvgOptions {
  readonly theme?: Theme;
  /** Documents drawn inside the nodes that run them, by key. */
  readonly children?: ReadonlyMap<string, DrawnChild>;
}

/** White space around the drawing, in pixels. */
const MARGIN = 24;
/** Room for a drawing without anything in it. */
const EMPTY = { x: 0, y: 0, width: 240, height: 80 } as const;

/** The whole file. */
export function svg(drawing: Drawing, layout: Layout, options: SvgOptions = {}): string {
  const palette = palettes[options.theme ?? "light"];
  const bounds = boundsOf(layout);
  const [width, height] = [bounds.width + 2 * MARGIN, bounds.height + 2 * MARGIN];
  const view = [bounds.x - MARGIN, bounds.y - MARGIN, width, height].map(number).join(" ");
  const count = drawing.nodes.length;
  const said = `${count} ${count === 1 ? "node" : "nodes"}, ${drawing.edges.length} ${drawing.edges.length === 1 ? "edge" : "edges"}: ${listed(drawing)}`;
  const back = { x: bounds.x - MARGIN, y: bounds.y - MARGIN, width, height };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${number(width)}" height="${number(height)}" viewBox="${view}" role="img" aria-labelledby="title desc" font-family="system-ui, 'Segoe UI', sans-serif" font-size="13">`,
    `<title id="title">${escaped(drawing.name === "" ? "Graph" : drawing.name)}</title>`,
    `<desc id="desc">${escaped(said)}</desc>`,
    `<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0L8,4L0,8Z" fill="${palette.edge}"/></marker></defs>`,
    rect(back, `fill="${palette.back}"`),
    ...graphParts(drawing, layout, palette, options.children ?? new Map()),
    "</svg>",
    "",
  ].join("\n");
}

/** Most names that the description lists. */
const MAX_LISTED = 50;

function listed({ nodes }: Drawing): string {
  const names = nodes.slice(0, MAX_LISTED).map((node) => node.id);
  return `${names.join(", ")}${nodes.length > MAX_LISTED ? " and more" : ""}`;
}

function boundsOf({ nodes, entries, frames, edges }: Layout): Box {
  const boxes = [nodes, entries, frames].flatMap((record) => Object.values(record));
  if (boxes.length === 0) return EMPTY;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const take = (x: number, y: number, width = 0, height = 0): void => {
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + width), Math.max(bottom, y + height)];
  };
  for (const { x, y, width, height } of boxes) take(x, y, width, height);
  for (const points of Object.values(edges)) for (const { x, y } of points) take(x, y);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function graphParts(
  drawing: Drawing,
  layout: Layout,
  palette: Palette,
  children: ReadonlyMap<string, DrawnChild>,
): string[] {
  const boxOf = (key: string): Box | undefined => layout.nodes[key] ?? layout.entries[key];
  const byKey = new Map(drawing.nodes.map((node) => [node.key, node]));
  const parts: string[] = [];
  for (const frame of drawing.frames) {
    const box = layout.frames[frame.key];
    if (box === undefined) continue;
    parts.push(rect(box, `rx="10" fill="${palette.frame}" stroke="${palette.dim}" stroke-dasharray="4 3"`));
    const title = `${escaped(frame.title)} <tspan font-weight="400" fill="${palette.dim}">${escaped(frame.rule)}</tspan>`;
    parts.push(textAt(box.x + 12, box.y + 20, title, `font-weight="600" fill="${palette.text}"`));
  }
  for (const entry of drawing.entries) {
    for (const way of entryWays(entry)) {
      const [from, to] = [boxOf(entry.key), boxOf(way.to)];
      if (from === undefined || to === undefined) continue;
      const points = layout.edges[way.key] ?? null;
      const path = points === null ? freePath(bottomOf(from), topOf(to)) : roundedPath(points, corners.edge);
      parts.push(arrow(path, palette, ` stroke-dasharray="4 3"`));
    }
  }
  for (const edge of drawing.edges) parts.push(...edgeParts(edge, byKey.get(edge.from), boxOf, layout, palette));
  for (const entry of drawing.entries) {
    const box = layout.entries[entry.key];
    if (box !== undefined) parts.push(entryPart(entry, box, palette));
  }
  for (const node of drawing.nodes) {
    const box = layout.nodes[node.key];
    if (box !== undefined) parts.push(nodePart(node, box, palette, children.get(node.key) ?? null));
  }
  for (const [key, box] of Object.entries(layout.nodes)) {
    if (byKey.has(key) || !key.startsWith("ghost:")) continue;
    const name = fitted(key.slice("ghost:".length), box.width - 16, measures.smallCharacter);
    parts.push(rect(box, `rx="6" fill="none" stroke="${palette.error}" stroke-dasharray="4 3"`));
    const look = `text-anchor="middle" font-size="12" fill="${palette.error}"`;
    parts.push(textAt(box.x + box.width / 2, box.y + box.height / 2 + 4, escaped(name), look));
  }
  return parts;
}

function edgeParts(
  edge: DrawnEdge,
  source: DrawnNode | undefined,
  boxOf: (key: string) => Box | undefined,
  layout: Layout,
  palette: Palette,
): string[] {
  const [from, to] = [boxOf(edge.from), boxOf(edge.to)];
  if (from === undefined || to === undefined) return [];
  const points = layout.edges[edge.key] ?? null;
  const start = source === undefined ? bottomOf(from) : portPoint(source, edge.port, from);
  const end = topOf(to);
  const path =
    points === null ? freePath(start, end) : roundedPath(points, edge.loop === null ? corners.edge : corners.loop);
  const label = [edge.label, edge.loop === null ? null : `at most ${edge.loop}×`].filter((one) => one !== null);
  const made = [arrow(path, palette, edge.type === "dependency" ? ` stroke-opacity="0.8"` : "")];
  if (label.length === 0) return made;
  const words = label.join(" · ");
  const at = points === null ? { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 } : labelPoint(points);
  const width = words.length * measures.smallCharacter + 10;
  const plate = { x: at.x - width / 2, y: at.y - 9, width, height: 17 };
  return [
    ...made,
    rect(plate, `rx="3" fill="${palette.back}"`),
    textAt(at.x, at.y + 4, escaped(words), `text-anchor="middle" font-size="11" fill="${palette.dim}"`),
  ];
}

function portPoint(node: DrawnNode, port: string | null, box: Box): Point {
  const position = node.ports.findIndex((one) => one.label === port && one.type !== "open");
  return { x: box.x + portX(node, Math.max(0, position), box.width), y: box.y + box.height };
}

function arrow(path: string, palette: Palette, more: string): string {
  return `<path d="${path}" fill="none" stroke="${palette.edge}" stroke-width="1.6"${more} marker-end="url(#arrow)"/>`;
}

function entryPart(entry: DrawnEntry, box: Box, palette: Palette): string {
  const room = box.width - 24;
  const name = fitted(entry.name, room, measures.titleCharacter);
  return [
    `<g>`,
    rect(box, `rx="15" fill="${palette.box}" stroke="${palette.line}" stroke-dasharray="4 3"`),
    textAt(box.x + 12, box.y + 19, escaped(name), `font-size="12" font-weight="600" fill="${palette.text}"`),
    ...entry.triggers.map((trigger, i) => {
      const shown = escaped(fitted(trigger, room, measures.smallCharacter));
      return textAt(box.x + 12, box.y + 35 + i * 16, shown, `font-size="11" fill="${palette.dim}"`);
    }),
    `</g>`,
  ].join("");
}

function nodePart(node: DrawnNode, box: Box, palette: Palette, child: DrawnChild | null): string {
  const { x, y, width, height } = box;
  const family = palette.families[node.family];
  const name = fitted(node.label ?? node.id, width - 44, measures.titleCharacter);
  const summary = fitted(node.summary === "" ? node.kind : node.summary, width - 24, measures.smallCharacter);
  const mono = `font-family="ui-monospace, Menlo, Consolas, monospace" font-size="11" fill="${palette.dim}"`;
  const parts = [
    `<g role="img" aria-label="${escaped(`Node ${node.id}, ${node.kind}`)}">`,
    `<title>${escaped(`${node.id}: ${node.kind}${node.summary === "" ? "" : `, ${node.summary}`}`)}</title>`,
    rect(box, `rx="6" fill="${palette.box}" stroke="${palette.line}"`),
    `<path d="M${number(x + 4)},${number(y)}H${number(x + 6)}V${number(y + height)}H${number(x + 4)}A4,6 0 0 1 ${number(x)},${number(y + height - 6)}V${number(y + 6)}A4,6 0 0 1 ${number(x + 4)},${number(y)}Z" fill="${family}"/>`,
    shape(familyShapes[node.family], x + 13, y + 8, family),
    textAt(x + 34, y + 20, escaped(name), `font-weight="600" fill="${palette.text}"`),
    textAt(x + 14, y + 39, escaped(summary), mono),
  ];
  let below = y + measures.titleHeight + measures.summaryHeight;
  if (node.badges.length > 0) {
    for (const [i, badge] of node.badges.entries())
      parts.push(shape(badgeShapes[badge.type], x + 13 + i * 20, below, palette.dim, badge.text));
    below += measures.badgesHeight;
  }
  if (child !== null) parts.push(childPart(child, x + measures.padding, below, palette));
  if (showsPorts(node)) parts.push(...portParts(node, box, palette));
  return `${parts.join("")}</g>`;
}

function childPart({ drawing, layout }: DrawnChild, x: number, y: number, palette: Palette): string {
  const at = `translate(${number(x + measures.padding)} ${number(y + measures.padding)}) scale(${CHILD_SCALE})`;
  return `<g transform="${at}">${graphParts(drawing, layout, palette, new Map()).join("")}</g>`;
}

function portParts(node: DrawnNode, box: Box, palette: Palette): string[] {
  const top = box.y + box.height - measures.portsHeight;
  const parts = [line(box.x + 6, top, box.x + box.width, top, palette)];
  const cell = (box.width - 5) / node.ports.length;
  for (const [i, port] of node.ports.entries()) {
    const middle = box.x + portX(node, i, box.width);
    if (i > 0) parts.push(line(middle - cell / 2, top, middle - cell / 2, box.y + box.height, palette));
    const label = fitted(port.label ?? (port.type === "open" ? "…" : ""), cell - 8, measures.smallCharacter);
    const fill = port.type === "error" ? palette.error : palette.dim;
    parts.push(textAt(middle, top + 15, escaped(label), `text-anchor="middle" font-size="11" fill="${fill}"`));
  }
  return parts;
}

function line(x1: number, y1: number, x2: number, y2: number, palette: Palette): string {
  return `<path d="M${number(x1)},${number(y1)}L${number(x2)},${number(y2)}" stroke="${palette.line}"/>`;
}

function shape(path: string, x: number, y: number, colour: string, title = ""): string {
  const said = title === "" ? "" : `<title>${escaped(title)}</title>`;
  return `<g transform="translate(${number(x)} ${number(y)})" fill="none" stroke="${colour}" stroke-width="1.4" stroke-linejoin="round" stroke-linecap="round">${said}<path d="${path}"/></g>`;
}

function rect(box: Box, look: string): string {
  const { x, y, width, height } = box;
  return `<rect x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" ${look}/>`;
}

function textAt(x: number, y: number, inner: string, look: string): string {
  return `<text x="${number(x)}" y="${number(y)}" ${look}>${inner}</text>`;
}

/** As much of a text as fits into a width, whole characters only. */
function fitted(text: string, width: number, character: number): string {
  const most = Math.max(1, Math.floor(width / character));
  if (text.length <= most) return text;
  const units = [...text.slice(0, most + 1)];
  return `${units.slice(0, Math.max(1, most - 1)).join("")}…`;
}

// What XML 1.0 forbids: control characters but tab and line breaks, halves of surrogate pairs, and two non-characters.
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return visibleLines(text)
    .replace(forbidden, "\ufffd")
    .replace(/[&<>"']/g, (unit) => entities[unit] ?? unit);
}
