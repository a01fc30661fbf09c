/** Shapes for people: as a small type, and their members for completion. */
import { walkShape, type Shape } from "../../src/graph/shape.ts";

/** Longest type that is drawn on one line. */
const MAX_LINE = 60;

/** One word or a short type, for the line beside an item. */
export function shapeWord(shape: Shape): string {
  switch (shape.type) {
    case "array":
      return `list of ${shapeWord(shape.items)}`;
    case "object":
      return "object";
    case "union":
      return [...new Set(shape.of.map(shapeWord))].join(" | ");
    case "any":
      return "any value";
    default:
      return shape.type;
  }
}

/** A shape as a small type in the manner of TypeScript, over several lines where one is too short. */
export function shapeText(shape: Shape, indent = "", depth = 0): string {
  switch (shape.type) {
    case "any":
      return "any";
    case "array": {
      const item = shapeText(shape.items, indent, depth);
      return shape.items.type === "union" ? `(${item})[]` : `${item}[]`;
    }
    case "union":
      return [...new Set(shape.of.map((one) => shapeText(one, indent, depth)))].join(" | ");
    case "object": {
      const members = Object.entries(shape.members);
      if (members.length === 0 || depth > 3) return "{ … }";
      const inner = `${indent}  `;
      const parts = members.map(([name, of]) => `${name}: ${shapeText(of, inner, depth + 1)}`);
      const open = shape.open === true ? ["…"] : [];
      const line = `{ ${[...parts, ...open].join("; ")} }`;
      if (line.length <= MAX_LINE && !line.includes("\n")) return line;
      const docs = members.map(([, of]) => (of.doc === undefined ? "" : `  // ${of.doc}`));
      return `{\n${parts.map((part, i) => `${inner}${part};${docs[i] ?? ""}\n`).join("")}${open.map(() => `${inner}…\n`).join("")}${indent}}`;
    }
    default:
      return shape.type;
  }
}

/** A member that may follow a path. */
export interface ShapeMember {
  readonly name: string;
  readonly shape: Shape;
}

/** What can follow `segments` below a shape; `0` stands for the elements of an array. */
export function membersAt(shape: Shape, segments: readonly string[]): readonly ShapeMember[] {
  const found = walkShape(shape, segments);
  return found.type === "shape" ? membersOf(found.shape) : [];
}

function membersOf(shape: Shape): readonly ShapeMember[] {
  if (shape.type === "object") return Object.entries(shape.members).map(([name, of]) => ({ name, shape: of }));
  if (shape.type === "array") return [{ name: "0", shape: shape.items }];
  if (shape.type !== "union") return [];
  const members = new Map<string, Shape>();
  for (const one of shape.of) {
    for (const { name, shape: of } of membersOf(one)) {
      const known = members.get(name);
      members.set(name, known === undefined ? of : { type: "union", of: [known, of] });
    }
  }
  return [...members].map(([name, of]) => ({ name, shape: of }));
}
