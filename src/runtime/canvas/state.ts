/**
 * What the graph editor shows of a document: its drawing, where its elements stand in the text, and whether it can be
 * edited (spec/editor.md §2, §3). Knows nothing of VS Code; pure.
 *
 * Invariant: text that does not parse keeps the last drawing, and nothing is edited until it parses again.
 */
import type { LiveDocument, OpenLive } from "../../dialects/live/live.ts";
import { associations } from "../../dialects/associations.ts";
import { createOpenLive } from "../../dialects/live/open.ts";
import { drawGraph, type KindLook } from "../../draw/make.ts";
import type { Drawing } from "../../draw/drawing.ts";
import type { DocumentPath, LocatedDiagnostic } from "../../graph/diagnostic.ts";
import type { Graph, Node } from "../../graph/model.ts";
import { definitions, kindDefinition, kindTable } from "../../kinds/definitions.generated.ts";

/** One version of a document, as the editor shows it. */
export interface CanvasState {
  readonly live: LiveDocument;
  /** Which of the document's graphs is shown. */
  readonly graph: Graph;
  readonly drawing: Drawing;
}

/** A document that cannot be drawn now. */
export interface BrokenText {
  readonly live: LiveDocument | null;
  readonly errors: readonly LocatedDiagnostic[];
}

/** The function that opens documents of all kinds. `associated`: the setting `countersign.files.associations`. */
export function openDocuments(associated: unknown = null): OpenLive {
  return createOpenLive({ kinds: definitions, associated: associations(associated) });
}

/** Codes of texts that are no TOML, YAML or `spec.kv` at all. */
const syntaxCodes = /^(?:toml_syntax|skill_yaml_\w+|skill_front_matter|skill_not_object|kv_\w+|document_too_large)$/;

/** Reads and draws. `runner` chooses among the graphs of an X.yaml; null: its first. */
export function drawDocument(
  text: string,
  file: string,
  open: OpenLive,
  before: LiveDocument | null,
  runner: string | null = null,
): CanvasState | BrokenText {
  const live = open(text, file, before);
  if (live === null) return { live, errors: [] };
  const broken = live.findings.filter((one) => one.severity === "error" && syntaxCodes.test(one.code));
  const shown = live.graphs.find((one) => one.runner === runner) ?? live.graphs[0];
  if (broken.length > 0 || shown === undefined) {
    const errors = broken.length > 0 ? broken : live.findings.filter((one) => one.severity === "error");
    return {
      live,
      errors: errors.map((one) => ({ ...one, at: "start" in one.at ? one.at : live.source.range(one.at) })),
    };
  }
  return { live, graph: shown.graph, drawing: drawGraph(withDeclaredKinds(shown.graph, live), lookOf) };
}

/** True for a document that can be drawn. */
export function isDrawn(state: CanvasState | BrokenText): state is CanvasState {
  return "drawing" in state;
}

/** Nodes that could not be read have no kind of their own; they are drawn as what they say they are. */
function withDeclaredKinds(graph: Graph, live: LiveDocument): Graph {
  if (graph.nodes.every((node) => node.kind !== "")) return graph;
  const nodes = graph.nodes.map((node) => {
    const declared = node.kind === "" ? live.source.element([...node.at, "type"])?.text : undefined;
    return declared === undefined || declared === null ? node : { ...node, kind: declared, fields: unread };
  });
  return { ...graph, nodes };
}

/** Fields of a node that could not be read; its ports are not asked for. */
const unread: Node["fields"] = {};

/** What the picture needs of a node's kind. */
export function lookOf(node: Node): KindLook | null {
  const kind = kindDefinition(node.kind);
  const facts = kindTable(node.kind);
  if (kind === undefined || facts === undefined) return null;
  const effect = kind.effect === "read" || kind.effect === "mutate" || kind.effect === "spawn" ? kind.effect : null;
  const ports = node.fields === unread ? { plain: true, labels: [], open: false } : facts.ports(node);
  return { family: kind.group, effect, ports };
}

/** Where an element of the drawing stands in the document; null for one that is not written, such as an order of steps. */
export function pathOf(state: CanvasState, key: string): DocumentPath | null {
  const { drawing, graph } = state;
  const node = drawing.nodes.find((one) => one.key === key);
  if (node !== undefined) return graph.nodes[node.index]?.at ?? null;
  const edge = drawing.edges.find((one) => one.key === key);
  if (edge !== undefined) {
    if (edge.type === "control" && edge.index !== null) return graph.edges[edge.index]?.at ?? null;
    const target = drawing.nodes.find((one) => one.key === edge.to);
    return target === undefined ? null : (graph.nodes[target.index]?.at ?? null);
  }
  const position = drawing.entries.findIndex((one) => one.key === key);
  return graph.starts[position]?.at ?? null;
}

/** The element in whose construct an offset of the text lies, the innermost; null for none. */
export function elementAt(state: CanvasState, offset: number): string | null {
  const { drawing, graph, live } = state;
  const path = live.source.at(offset).path;
  const within = (at: DocumentPath): boolean => at.length > 0 && at.every((part, i) => part === path[i]);
  for (const node of drawing.nodes) {
    const at = graph.nodes[node.index]?.at;
    if (at !== undefined && within(at)) return node.key;
  }
  for (const edge of drawing.edges) {
    if (edge.type !== "control" || edge.index === null) continue;
    const at = graph.edges[edge.index]?.at;
    if (at !== undefined && within(at)) return edge.key;
  }
  const start = graph.starts.findIndex((one) => within(one.at));
  return drawing.entries[start]?.key ?? null;
}
