/** Child documents that are drawn inside the nodes that run them. Pure. */
import type { Drawing } from "./drawing.ts";
import type { Layout } from "./layout.ts";

/** One child, laid out. */
export interface DrawnChild {
  readonly drawing: Drawing;
  readonly layout: Layout;
}

/** How small a child is drawn inside its node. */
export const CHILD_SCALE = 0.6;
/** Room around a child inside its node, in pixels. */
const MARGIN = 6;

/** The drawing with room inside the nodes whose children are given, by key. */
export function withChildren(drawing: Drawing, children: ReadonlyMap<string, DrawnChild>): Drawing {
  if (children.size === 0) return drawing;
  const nodes = drawing.nodes.map((node) => {
    const child = children.get(node.key);
    if (child === undefined) return node;
    const { width, height } = child.layout;
    const inner = { width: width * CHILD_SCALE + 2 * MARGIN, height: height * CHILD_SCALE + 2 * MARGIN };
    return { ...node, inner };
  });
  return { ...drawing, nodes };
}
