/**
 * `textDocument/inlayHint`: what a node gives, what a reference leads to, and when an edge without a label is
 * taken, for the stretch that is asked for. What is not known ahead of time has no hint.
 */
import { InlayHintKind, type InlayHint, type InlayHintParams } from "vscode-languageserver";
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Edge, Graph, Node, NodeReference } from "../../src/graph/model.ts";
import { splitReference } from "../../src/graph/reference.ts";
import { walkShape } from "../../src/graph/shape.ts";
import { kindTable } from "../../src/kinds/definitions.generated.ts";
import { documentFeature } from "../feature.ts";
import { edgesWithin, nodeNamed, nodesWithin } from "../structure/parts.ts";
import { shapeWords } from "../structure/shape-words.ts";

/** Most hints of one answer. */
const MAX_HINTS = 2_000;

interface Hint {
  readonly offset: number;
  readonly label: string;
  readonly tooltip: string;
}

export const inlayHints = documentFeature<InlayHintParams, InlayHint[]>({
  method: "textDocument/inlayHint",
  capabilities: { inlayHintProvider: true },
  answer: ({ document: { live }, params, token }) => {
    const [from, to] = [live.lines.offset(params.range.start), live.lines.offset(params.range.end)];
    const hints: Hint[] = [];
    for (const { node, graph } of nodesWithin(live, from, to)) {
      if (token.isCancellationRequested || hints.length >= MAX_HINTS) break;
      hints.push(...outputHint(live, node), ...node.references.flatMap((one) => referenceHint(live, graph, one)));
    }
    for (const { graph } of live.graphs)
      if (graph.dialect === "workflow")
        for (const edge of edgesWithin(live, from, to)) hints.push(...edgeHint(live, graph, edge));
    return hints
      .filter(({ offset }) => offset >= from && offset <= to)
      .sort((a, b) => a.offset - b.offset)
      .slice(0, MAX_HINTS)
      .map(({ offset, label, tooltip }) => ({
        position: live.lines.position(offset),
        label,
        tooltip,
        kind: InlayHintKind.Type,
        paddingLeft: true,
      }));
  },
});

/** Where a value that is written in one piece ends. */
function endOf(live: LiveDocument, path: DocumentPath): number | null {
  return live.source.element(path)?.value?.[1] ?? null;
}

/** Behind a node's kind, or its id where the kind stands elsewhere. */
function outputHint(live: LiveDocument, node: Node): Hint[] {
  const output = kindTable(node.kind)?.output(node);
  const words = output === undefined ? null : shapeWords(output);
  const offset = endOf(live, [...node.at, "type"]) ?? endOf(live, [...node.at, "id"]);
  if (words === null || offset === null) return [];
  return [{ offset, label: `→ ${words}`, tooltip: `what \`${node.id}\` gives to those who read it` }];
}

/** Behind a whole reference to another node's output. */
function referenceHint(live: LiveDocument, graph: Graph, { role, text, at }: NodeReference): Hint[] {
  if (role !== "context" || at.within !== undefined) return [];
  const { head, rest } = splitReference(text);
  const node = nodeNamed(graph, head);
  const output = node === null ? undefined : kindTable(node.kind)?.output(node);
  if (node === null || output === undefined) return [];
  const step = walkShape(output, rest);
  const words = step.type === "shape" ? shapeWords(step.shape) : null;
  const offset = endOf(live, at.path);
  if (words === null || offset === null) return [];
  return [{ offset, label: `: ${words}`, tooltip: `what \`${node.id}\` (${node.kind}) gives there` }];
}

/** Behind the target of an edge without `when`, where its source also has outcomes with labels (spec/workflow.md §5.2). */
function edgeHint(live: LiveDocument, graph: Graph, edge: Edge): Hint[] {
  if (edge.when !== null) return [];
  const source = nodeNamed(graph, edge.from);
  const ports = source === null ? undefined : kindTable(source.kind)?.ports(source);
  const offset = endOf(live, [...edge.at, "to"]);
  if (ports === undefined || !ports.plain || ports.labels.length === 0 || offset === null) return [];
  const labels = ports.labels.join(" or ");
  const tooltip = `\`${edge.from}\` can end with ${labels}; this edge is taken when it ends without a label`;
  return [{ offset, label: `unless ${labels}`, tooltip }];
}
