/** Shapes of values in a few words, for hints beside the text: as a live run gives them. */
import type { Shape } from "../../src/graph/shape.ts";
import { shape as known } from "../../src/kinds/define.ts";

/** Most characters of such a text. */
const MAX_LENGTH = 48;
/** Shapes in shapes that are spelt out. */
const MAX_DEPTH = 2;

/** A shape in words such as `{status: integer, body}`; null when nothing is known of it. */
export function shapeWords(shape: Shape): string | null {
  const live = withoutDryRun(shape);
  if (live.type === "any") return null;
  for (let depth = MAX_DEPTH; depth >= 0; depth--) {
    const words = at(live, depth);
    if (words.length <= MAX_LENGTH) return words;
    if (depth === 1 && live.type === "object") return firstMembers(Object.keys(live.members));
  }
  return at(live, 0).slice(0, MAX_LENGTH);
}

/** Leaves out what only a dry run gives. */
function withoutDryRun(shape: Shape): Shape {
  if (shape.type === "object") {
    const members = Object.entries(shape.members).filter(([, inner]) => inner !== known.dryRun);
    return { ...shape, members: Object.fromEntries(members) };
  }
  if (shape.type !== "union") return shape;
  // Kinds name the live alternative first; one that only a dry run gives comes after it.
  const isDry = (one: Shape): boolean => one.type === "object" && Object.values(one.members).includes(known.dryRun);
  const live = shape.of.filter((one, i) => i === 0 || !isDry(one)).map(withoutDryRun);
  const [only] = live;
  return live.length === 1 && only !== undefined ? only : { ...shape, of: live };
}

function at(shape: Shape, depth: number): string {
  switch (shape.type) {
    case "array":
      return depth === 0 ? "array" : `${at(shape.items, depth - 1)}[]`;
    case "union":
      return [...new Set(shape.of.map((one) => at(one, depth)))].join(" | ");
    case "object": {
      if (depth === 0) return "object";
      const members = Object.entries(shape.members).map(([name, inner]) =>
        inner.type === "any" || depth === 1 ? name : `${name}: ${at(inner, depth - 1)}`,
      );
      if (shape.open === true) members.push("…");
      return members.length === 0 ? "{}" : `{${members.join(", ")}}`;
    }
    default:
      return shape.type;
  }
}

/** As many names as there is room for. */
function firstMembers(names: readonly string[]): string {
  let words = "";
  for (const name of names) {
    if (words.length + name.length + "{, …}".length > MAX_LENGTH) break;
    words += `${name}, `;
  }
  return `{${words}…}`;
}
