/**
 * Graphs as text for other tools: Mermaid and Graphviz DOT. Pure; the same links serve both forms.
 */
import type { Graph, Node } from "../graph/model.ts";

/** An arrow between two nodes, or from an entry marker. */
export interface Link {
  readonly from: string;
  readonly to: string;
  readonly label: string | null;
  readonly loop: boolean;
}

/** Arrows of a graph in drawing order: control edges, a skill graph's sequence, a pipeline's dependencies. */
export function links(graph: Graph): Link[] {
  switch (graph.dialect) {
    case "workflow":
      return graph.edges.map(({ from, to, when, maxIterations }) => ({
        from,
        to,
        label: maxIterations === null ? when : `${when === null ? "" : `${when} `}≤${maxIterations}×`,
        loop: maxIterations !== null,
      }));
    case "pipeline":
      return graph.nodes.flatMap((node) => node.after.map((index) => arrow(graph.nodes[index]?.id ?? "", node.id)));
    case "skill":
      return sequence(graph.nodes);
  }
}

function arrow(from: string, to: string): Link {
  return { from, to, label: null, loop: false };
}

/** Declaration order, with a fan-out group standing side by side. */
function sequence(nodes: readonly Node[]): Link[] {
  const layers: Node[][] = [];
  for (const node of nodes) {
    const last = layers.at(-1);
    if (node.group !== null && last?.[0]?.group === node.group) last.push(node);
    else layers.push([node]);
  }
  return layers.flatMap((layer, i) => {
    const before = layers[i - 1] ?? [];
    return before.flatMap((from) => layer.map((to) => arrow(from.id, to.id)));
  });
}

/** Mermaid flowchart text, ending in a line feed. Ids are quoted labels, so any id draws. */
export function mermaid(graph: Graph): string {
  const name = new Map(graph.nodes.map((node) => [node.id, `n${node.index}`]));
  const lines = ["flowchart TD"];
  graph.starts.forEach((start, i) => lines.push(`  s${i}([${quote(`${start.name} · ${start.source}`)}])`));
  for (const node of graph.nodes) lines.push(`  n${node.index}${mermaidShape(node)}`);
  graph.starts.forEach((start, i) => {
    const to = start.entry === null ? undefined : name.get(start.entry);
    if (to !== undefined) lines.push(`  s${i} --> ${to}`);
  });
  for (const link of links(graph)) {
    const from = name.get(link.from);
    const to = name.get(link.to);
    if (from === undefined || to === undefined) continue;
    const line = link.loop ? "-.->" : "-->";
    lines.push(`  ${from} ${line}${link.label === null ? "" : `|${quote(link.label)}|`} ${to}`);
  }
  return `${lines.join("\n")}\n`;
}

function mermaidShape(node: Node): string {
  const text = quote(`${node.id}\n${node.kind}`);
  if (node.kind === "condition" || node.kind === "switch") return `{${text}}`;
  if (node.kind === "terminate" || node.kind === "fail") return `([${text}])`;
  if (node.kind === "pause_for_approval" || node.kind === "approval") return `[/${text}/]`;
  return `[${text}]`;
}

/** A Mermaid string: entities for what would end it, `<br/>` for line breaks. */
function quote(text: string): string {
  const safe = text
    .replace(/&/g, "&amp;")
    .replace(/"/g, "#quot;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/\n/g, "<br/>");
  return `"${safe}"`;
}

/** Graphviz DOT text, ending in a line feed. */
export function dot(graph: Graph): string {
  const lines = [`digraph ${dotString(graph.name)} {`, "  rankdir=TB;", '  node [shape=box, fontname="sans-serif"];'];
  graph.starts.forEach((start, i) =>
    lines.push(`  ${dotString(`start ${i}`)} [label=${dotString(`${start.name}\\n${start.source}`)}, shape=oval];`),
  );
  for (const node of graph.nodes) {
    const shape = node.kind === "condition" || node.kind === "switch" ? ", shape=diamond" : "";
    lines.push(`  ${dotString(`node ${node.id}`)} [label=${dotString(`${node.id}\\n${node.kind}`)}${shape}];`);
  }
  graph.starts.forEach((start, i) => {
    if (start.entry !== null) lines.push(`  ${dotString(`start ${i}`)} -> ${dotString(`node ${start.entry}`)};`);
  });
  for (const link of links(graph)) {
    const attributes = [
      link.label === null ? "" : `label=${dotString(link.label)}`,
      link.loop ? "style=dashed" : "",
    ].filter((one) => one !== "");
    lines.push(
      `  ${dotString(`node ${link.from}`)} -> ${dotString(`node ${link.to}`)}${attributes.length > 0 ? ` [${attributes.join(", ")}]` : ""};`,
    );
  }
  lines.push("}");
  return `${lines.join("\n")}\n`;
}

function dotString(text: string): string {
  return `"${text
    .replace(/\\(?!n)/g, "\\\\")
    .replace(/"/g, '\\"')
    .replace(/\n/g, "\\n")}"`;
}
