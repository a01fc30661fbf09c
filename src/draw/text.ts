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
      return graph.nodes.flatMap((node) =>
        node.after.flatMap((index) => {
          const before = graph.nodes[index];
          return before === undefined ? [] : [arrow(before.id, node.id)];
        }),
      );
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

/** A drawing's parts under names of our own, so that no id of a document can be taken for syntax. */
interface Parts {
  readonly nodes: readonly { readonly name: string; readonly node: Node }[];
  readonly starts: readonly { readonly name: string; readonly lines: readonly string[]; readonly to: string | null }[];
  readonly links: readonly { readonly from: string; readonly to: string; readonly link: Link }[];
}

/** Links and starts that lead nowhere are left out; of equal ids the first is meant, as everywhere. */
function partsOf(graph: Graph): Parts {
  const names = new Map<string, string>();
  for (const { id, index } of graph.nodes) if (!names.has(id)) names.set(id, `n${index}`);
  const entered = new Set(graph.edges.map((edge) => edge.to));
  const roots = graph.nodes.filter((node) => !entered.has(node.id));
  const only = roots.length === 1 ? (roots[0] as Node).id : null;
  return {
    nodes: graph.nodes.map((node) => ({ name: `n${node.index}`, node })),
    starts: graph.starts.map(({ name, source, entry }, i) => ({
      name: `s${i}`,
      lines: [name, source],
      to: names.get(entry ?? only ?? "") ?? null,
    })),
    links: links(graph).flatMap((link) => {
      const from = names.get(link.from);
      const to = names.get(link.to);
      return from === undefined || to === undefined ? [] : [{ from, to, link }];
    }),
  };
}

/** Mermaid flowchart text, ending in a line feed. Every id and label stands in a quoted string. */
export function mermaid(graph: Graph): string {
  const { nodes, starts, links: arrows } = partsOf(graph);
  const lines = ["flowchart TD"];
  for (const { name, lines: text } of starts) lines.push(`  ${name}([${mermaidString(text.join(" · "))}])`);
  for (const { name, node } of nodes) lines.push(`  ${name}${mermaidShape(node)}`);
  for (const { name, to } of starts) if (to !== null) lines.push(`  ${name} --> ${to}`);
  for (const { from, to, link } of arrows) {
    const label = link.label === null ? "" : `|${mermaidString(link.label)}|`;
    lines.push(`  ${from} ${link.loop ? "-.->" : "-->"}${label} ${to}`);
  }
  return `${lines.join("\n")}\n`;
}

function mermaidShape(node: Node): string {
  const text = mermaidString(`${node.id}\n${node.kind}`);
  if (node.kind === "condition" || node.kind === "switch") return `{${text}}`;
  if (node.kind === "terminate" || node.kind === "fail") return `([${text}])`;
  if (node.kind === "pause_for_approval" || node.kind === "approval") return `[/${text}/]`;
  return `[${text}]`;
}

/** What Mermaid, HTML and the Markdown in labels read as syntax, wherever it stands. */
const special = /[#"&<>`%;\\*~|@[\](){}\p{Cc}\u2028\u2029]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=\/\/)|(?<=www)\./gu;
/** What Markdown reads as the beginning of a list or a rule; its last character is the mark. */
const listMark = /^ *(?:[-+=]|[0-9]+[.)])/;

/**
 * A Mermaid string. Entities (`#…;`) stand for everything that one of its stages would read as syntax: quotes, the
 * entities' own `#`, HTML, Markdown, and directives (`%%{`), which are cut out even of strings.
 */
function mermaidString(text: string): string {
  return text === "" ? '"#quot;#quot;"' : `"${text.split("\n").map(mermaidLine).join("<br/>")}"`;
}

function mermaidLine(line: string): string {
  const escape = (part: string): string =>
    part.replace(special, (unit) => (isControl(unit.charCodeAt(0)) ? "#65533;" : `#${unit.charCodeAt(0)};`));
  const mark = listMark.exec(line)?.[0].length ?? 0;
  if (mark === 0) return escape(line);
  return `${line.slice(0, mark - 1)}#${line.charCodeAt(mark - 1)};${escape(line.slice(mark))}`;
}

function isControl(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029;
}

/** Graphviz DOT text, ending in a line feed. Every name and label stands in a quoted string. */
export function dot(graph: Graph): string {
  const { nodes, starts, links: arrows } = partsOf(graph);
  const lines = [`digraph ${dotString([graph.name])} {`, "  rankdir=TB;", '  node [shape=box, fontname="sans-serif"];'];
  for (const { name, lines: text } of starts) lines.push(`  ${name} [label=${dotString(text)}, shape=oval];`);
  for (const { name, node } of nodes) {
    const shape = node.kind === "condition" || node.kind === "switch" ? ", shape=diamond" : "";
    lines.push(`  ${name} [label=${dotString([node.id, node.kind])}${shape}];`);
  }
  for (const { name, to } of starts) if (to !== null) lines.push(`  ${name} -> ${to};`);
  for (const { from, to, link } of arrows) {
    const attributes = [
      ...(link.label === null ? [] : [`label=${dotString([link.label])}`]),
      ...(link.loop ? ["style=dashed"] : []),
    ];
    lines.push(`  ${from} -> ${to}${attributes.length > 0 ? ` [${attributes.join(", ")}]` : ""};`);
  }
  lines.push("}");
  return `${lines.join("\n")}\n`;
}

/**
 * A DOT string of some lines. Backslashes are doubled, since labels read `\n`, `\N` and others as escapes; `&` is an
 * entity, since labels read those, too. Control characters have no place in DOT.
 */
function dotString(lines: readonly string[]): string {
  const safe = lines.map((line) =>
    line
      .replace(/\\/g, "\\\\")
      .replace(/"/g, '\\"')
      .replace(/&/g, "&amp;")
      .replace(/\n/g, "\\n")
      .replace(/[\p{Cc}\u2028\u2029]/gu, "\ufffd"),
  );
  return `"${safe.join("\\n")}"`;
}
