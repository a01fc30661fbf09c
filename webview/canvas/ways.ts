/** Ways of arrows as SVG paths. Pure. */
import type { Point } from "./flow.ts";

/** A path with rounded corners through points, and the middle of its longest stretch, where a label stands best. */
export function wayPath(points: readonly Point[], radius = 6): readonly [path: string, labelX: number, labelY: number] {
  const [first] = points;
  if (first === undefined) return ["", 0, 0];
  let path = `M${first.x},${first.y}`;
  for (let i = 1; i < points.length - 1; i++) {
    const [before, at, after] = [points[i - 1], points[i], points[i + 1]] as [Point, Point, Point];
    const [enter, leave] = [towards(at, before, radius), towards(at, after, radius)];
    path += `L${enter.x},${enter.y}Q${at.x},${at.y} ${leave.x},${leave.y}`;
  }
  const last = points.at(-1) as Point;
  const middle = longest(points);
  return [`${path}L${last.x},${last.y}`, middle.x, middle.y];
}

function towards(from: Point, to: Point, radius: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = length === 0 ? 0 : Math.min(radius, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function longest(points: readonly Point[]): Point {
  let [best, length] = [points[0] as Point, -1];
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1] as Point, points[i] as Point];
    const own = Math.hypot(b.x - a.x, b.y - a.y);
    if (own > length) [best, length] = [{ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, own];
  }
  return best;
}
