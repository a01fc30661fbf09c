/** Ways of arrows as SVG paths, and where their labels stand. Pure. */
import type { Box, Point } from "./layout.ts";

/** Radius of an arrow's corners in pixels; loop edges are curved more. */
export const corners = { edge: 6, loop: 22 } as const;

/** A path through points with rounded corners. */
export function roundedPath(points: readonly Point[], radius: number): string {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return "";
  let path = `M${text(first)}`;
  for (let i = 1; i < points.length - 1; i++) {
    const [before, at, after] = [points[i - 1], points[i], points[i + 1]] as [Point, Point, Point];
    path += `L${text(towards(at, before, radius))}Q${text(at)} ${text(towards(at, after, radius))}`;
  }
  return `${path}L${text(last)}`;
}

/** From the lower side of one box to the upper side of another, for arrows that no layout routed. */
export function freePath(from: Point, to: Point): string {
  const bend = Math.max(30, Math.abs(to.y - from.y) / 2);
  return `M${text(from)}C${text({ x: from.x, y: from.y + bend })} ${text({ x: to.x, y: to.y - bend })} ${text(to)}`;
}

/** The middle of the longest stretch, where a label stands best. */
export function labelPoint(points: readonly Point[]): Point {
  let [best, length] = [points[0] ?? { x: 0, y: 0 }, -1];
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]] as [Point, Point];
    const own = Math.hypot(b.x - a.x, b.y - a.y);
    if (own > length) [best, length] = [{ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, own];
  }
  return best;
}

/** The middle of a box's upper side. */
export function topOf(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y };
}

/** The middle of a box's lower side. */
export function bottomOf(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height };
}

function towards(from: Point, to: Point, radius: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = length === 0 ? 0 : Math.min(radius, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function text({ x, y }: Point): string {
  return `${number(x)},${number(y)}`;
}

/** A coordinate with at most one decimal. */
export function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}
