/** Ways out of nodes: which of them are free, and which there are none of. Pure. */
import type { DrawnNode, DrawnPort, Drawing } from "../../draw/drawing.ts";

/** The first way out of a workflow's node that leads nowhere yet: what is added behind it follows there. */
export function openPort({ dialect, edges }: Drawing, node: DrawnNode): DrawnPort | null {
  if (dialect !== "workflow") return null;
  const taken = new Set(edges.flatMap((edge) => (edge.from === node.key ? [edge.port] : [])));
  return node.ports.find((port) => port.type !== "open" && !taken.has(port.label)) ?? null;
}

/** Why an edge cannot leave a node by a port; null when it can. A label that depends on data can be any. */
export function missingPort(node: DrawnNode, port: string | null): string | null {
  if (node.ports.length === 0) return `\`${node.id}\` ends the run, so nothing can follow it`;
  if (node.ports.some((one) => one.type === "open" || one.label === port)) return null;
  const labels = node.ports.flatMap((one) => one.label ?? []);
  const ways = labels.map((label) => `\`${label}\``).join(", ");
  return port === null
    ? `\`${node.id}\` has no unlabelled way out; begin at one of its ports: ${ways}`
    : `\`${node.id}\` has no way out called \`${port}\`${labels.length === 0 ? "" : `; it has ${ways}`}`;
}
