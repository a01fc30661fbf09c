/** Nodes that a search finds. Pure. */
import type { WireDrawing } from "../../src/protocol/webview.ts";

type DrawnNode = WireDrawing["nodes"][number];

/** Nodes whose id, kind or text holds what is wanted: first those that are called so, then in the document's order. */
export function hitsOf(nodes: readonly DrawnNode[], wanted: string): readonly DrawnNode[] {
  const text = wanted.trim().toLowerCase();
  if (text === "") return [];
  const rank = ({ id }: DrawnNode): number => {
    const name = id.toLowerCase();
    if (name === text) return 0;
    return name.startsWith(text) ? 1 : name.includes(text) ? 2 : 3;
  };
  return nodes
    .filter((node) => `${node.id} ${node.kind} ${node.label ?? ""} ${node.summary}`.toLowerCase().includes(text))
    .sort((a, b) => rank(a) - rank(b));
}
