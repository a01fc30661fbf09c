/**
 * Shapes: what is known ahead of time of a value, for reference checks, completion and docs. A shape never
 * refuses a value at run time.
 */

/** What a value looks like. `any` is not known; `open` objects may have further members. */
export type Shape =
  | { readonly type: "any"; readonly doc?: string }
  | { readonly type: "string" | "integer" | "number" | "boolean" | "null"; readonly doc?: string }
  | { readonly type: "array"; readonly items: Shape; readonly doc?: string }
  | {
      readonly type: "object";
      readonly members: Readonly<Record<string, Shape>>;
      readonly open?: boolean;
      readonly doc?: string;
    }
  | { readonly type: "union"; readonly of: readonly Shape[]; readonly doc?: string };

/** Nothing is known. */
export const anyShape: Shape = { type: "any" };

/** Where a path leads in a shape: a shape, not known, or a certain miss with the segment that misses. */
export type ShapeStep =
  | { readonly type: "shape"; readonly shape: Shape }
  | { readonly type: "miss"; readonly index: number; readonly known: readonly string[]; readonly of: Shape };

/** Follows `segments` into `shape`; `miss` only when no value of the shape can have the segment. */
export function walkShape(shape: Shape, segments: readonly string[], from = 0): ShapeStep {
  let at = shape;
  for (let i = from; i < segments.length; i++) {
    const segment = segments[i] as string;
    switch (at.type) {
      case "any":
        return { type: "shape", shape: at };
      case "array":
        if (!/^\+?[0-9]+$/.test(segment)) return { type: "miss", index: i, known: [], of: at };
        at = at.items;
        break;
      case "object": {
        const next: Shape | undefined = Object.hasOwn(at.members, segment) ? at.members[segment] : undefined;
        if (next === undefined) {
          if (at.open === true) return { type: "shape", shape: anyShape };
          return { type: "miss", index: i, known: Object.keys(at.members), of: at };
        }
        at = next;
        break;
      }
      case "union": {
        // A value of the union has one of the shapes, so the rest of the path is followed in each.
        const steps = at.of.map((one) => walkShape(one, segments, i));
        const hits = steps.flatMap((one) => (one.type === "shape" ? [one.shape] : []));
        if (hits.length > 0) return { type: "shape", shape: joined(hits) };
        const known = steps.flatMap((one) => (one.type === "miss" && one.index === i ? one.known : []));
        return { type: "miss", index: i, known, of: at };
      }
      default:
        return { type: "miss", index: i, known: [], of: at };
    }
  }
  return { type: "shape", shape: at };
}

function joined(shapes: readonly Shape[]): Shape {
  const [first] = shapes;
  if (shapes.length === 1 && first !== undefined) return first;
  return shapes.some((one) => one.type === "any") ? anyShape : { type: "union", of: shapes };
}
