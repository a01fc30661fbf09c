/**
 * Nodes as text between documents: what is copied is the text of the nodes with the edges among them, comments
 * included, as it could stand in a document; what is pasted is read as a document (spec/editor.md §2). Pure.
 */
import { applyEdits } from "../../dialects/edits/edit.ts";
import type { Fields } from "../../dialects/edits/intent.ts";
import { commentsAbove, lineEnd, lineStart } from "../../dialects/edits/lines.ts";
import { planEdits } from "../../dialects/edits/plan.ts";
import type { LiveDocument, OpenLive } from "../../dialects/live/live.ts";
import type { SourceElement } from "../../dialects/live/source.ts";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import { parseJson } from "../../graph/json.ts";
import type { Dialect, Edge, Graph } from "../../graph/model.ts";
import { headOf } from "../../graph/reference.ts";
import { writtenFields } from "./forms.ts";
import type { CanvasState } from "./state.ts";

/** Most nodes that are pasted at once. */
const MAX_PASTED = 200;
/** Longest text that is read from a clipboard, in UTF-16 units. */
const MAX_TEXT = 1_000_000;

/** A text for the clipboard, or a sentence that says why there is none. */
export type Copied = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/** The nodes with these keys and the edges among them, as text of the document's syntax. */
export function copyNodes(state: CanvasState, keys: readonly string[]): Copied {
  const { graph, drawing, live } = state;
  if (graph.dialect === "pipeline") {
    return {
      ok: false,
      message: "a pipeline's stages are numbered through the file; duplicate one, or copy its lines",
    };
  }
  const wanted = new Set(keys);
  const nodes = drawing.nodes.flatMap((one) => (wanted.has(one.key) ? (graph.nodes[one.index] ?? []) : []));
  if (nodes.length === 0) return { ok: false, message: "select the nodes that are to be copied" };
  const ids = new Set(nodes.map((node) => node.id));
  const edges = graph.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to));
  const places = [...nodes, ...(graph.dialect === "workflow" ? edges : [])].map((one) => one.at);
  const parts = places.flatMap((at) => constructText(live, at, graph.dialect) ?? []);
  const between = graph.dialect === "workflow" ? "\n" : "";
  return { ok: true, text: parts.join(between) };
}

/** A construct with its comments, on lines of its own. */
function constructText(live: LiveDocument, at: DocumentPath, dialect: Dialect): string | null {
  const element = live.source.element(at);
  if (element === null) return null;
  const { text } = live;
  if (element.header === null) return dialect === "workflow" ? unfolded(live, element) : asItem(text, element);
  const line = lineStart(text, element.extent[0]);
  const from = commentsAbove(text, line);
  const lines = text.slice(from, lineEnd(text, element.extent[1])).split(/\r?\n/);
  const indent = dialect === "workflow" ? 0 : element.header[0] - line;
  const dedented = lines.map((one) => (one.slice(0, indent).trim() === "" ? one.slice(indent) : one));
  return `${dedented.join("\n").trimEnd()}\n`;
}

/** An inline table as a table of its own. */
function unfolded(live: LiveDocument, element: SourceElement): string {
  const list = element.path.at(-2);
  const keys = element.children.flatMap((name) => {
    const child = live.source.element([...element.path, name]);
    if (child?.key === null || child?.key === undefined) return [];
    return [live.text.slice(child.key[0], child.extent[1])];
  });
  return `[[${String(list)}]]\n${keys.join("\n")}\n`;
}

/** A mapping within brackets as an item of a list. */
function asItem(text: string, element: SourceElement): string {
  return `- ${text.slice(...element.extent).replace(/\r?\n/g, "\n  ")}\n`;
}

/** One node; `text`: its construct under its new name, null where it cannot be told. */
export interface PastedNode {
  readonly id: string;
  readonly kind: string;
  readonly fields: Fields;
  readonly text: string | null;
}

/** What a pasted text holds, under ids that are free in the document. */
export interface Pasted {
  readonly nodes: readonly PastedNode[];
  readonly edges: readonly Pick<Edge, "from" | "to" | "when" | "maxIterations">[];
}

/**
 * Reads a text for a document of a dialect. `freeId` names each node; references and edges among the pasted nodes
 * follow to the new names. A string says why nothing can be pasted.
 */
export function readPasted(
  text: string,
  dialect: Dialect,
  open: OpenLive,
  freeId: (id: string) => string,
): Pasted | string {
  const nothing = "the clipboard holds no nodes that can be pasted into this document";
  if (text.length > MAX_TEXT) return "the text on the clipboard is too long to be nodes";
  const first = dialect === "pipeline" ? null : opened(text, dialect, open);
  if (first === null || first.graph.nodes.length === 0) return nothing;
  if (first.graph.nodes.length > MAX_PASTED) return `at most ${MAX_PASTED} nodes are pasted at once`;
  const names = new Map<string, string>();
  const ids = first.graph.nodes.map((node) => {
    const id = freeId(node.id);
    if (!names.has(node.id)) names.set(node.id, id);
    return id;
  });
  const { live, graph } = renamed(first, names, ids, open) ?? first;
  const nodes = graph.nodes.map((node, i) => ({
    id: ids[i] ?? node.id,
    kind: node.kind === "" ? (live.source.element([...node.at, "type"])?.text ?? "") : node.kind,
    fields: fieldsOf(live, node.at, dialect),
    text: constructText(live, node.at, dialect),
  }));
  // Elsewhere the order of the text is what edges say in a workflow.
  const written = dialect === "workflow" ? graph.edges : [];
  const edges = written.flatMap(({ from, to, when, maxIterations }) => {
    const [source, target] = [names.get(from), names.get(to)];
    return source === undefined || target === undefined ? [] : [{ from: source, to: target, when, maxIterations }];
  });
  return { nodes, edges };
}

interface Opened {
  readonly live: LiveDocument;
  readonly graph: Graph;
}

function opened(text: string, dialect: Dialect, open: OpenLive): Opened | null {
  const live = dialect === "workflow" ? open(asToml(text), "clipboard.toml") : open(asSteps(text), "graph.yaml");
  const graph = live?.graphs[0]?.graph;
  return live === null || graph === undefined || graph.dialect !== dialect ? null : { live, graph };
}

/** Tables of a wrapped document need the table that wraps them. */
function asToml(text: string): string {
  return /^\s*(?:#[^\n]*\s+)*\[\[\s*workflows\s*\./.test(text) ? `[[workflows]]\n${text}` : text;
}

/** Items alone are steps. */
function asSteps(text: string): string {
  return /^\s*(?:#[^\n]*\s+)*-\s/.test(text) ? `steps:\n${text}` : text;
}

/** The nodes and what they read of each other under their new names; null when none changes. */
function renamed(
  from: Opened,
  names: ReadonlyMap<string, string>,
  ids: readonly string[],
  open: OpenLive,
): Opened | null {
  const { live, graph } = from;
  const declared = graph.nodes.flatMap((node, i) => {
    const place = { path: [...node.at, "id"], part: "value" } as const;
    const plan = planEdits(live, { type: "replace-text", place, text: ids[i] ?? node.id });
    return plan.ok ? [...plan.edits] : [];
  });
  const read = graph.nodes.flatMap((node) =>
    node.references.flatMap(({ role, text, at }) => {
      const head = headOf(text);
      const name = role === "context" || role === "node" ? names.get(head) : undefined;
      if (name === undefined || name === head) return [];
      const plan = planEdits(live, { type: "replace-text", place: at, text: `${name}${text.slice(head.length)}` });
      return plan.ok ? [...plan.edits] : [];
    }),
  );
  const edits = [...declared, ...read];
  if (edits.length === 0) return null;
  // One text may be read by two references of one node.
  const once = new Map(edits.map((edit) => [edit.range.join(" "), edit]));
  const sorted = [...once.values()].sort((a, b) => a.range[0] - b.range[0]);
  return opened(applyEdits(live.text, sorted), graph.dialect, open);
}

function fieldsOf(live: LiveDocument, at: DocumentPath, dialect: Dialect): Fields {
  return writtenFields(live, at).flatMap(({ key, value }) => {
    if (key === "id" || (dialect === "workflow" && key === "type")) return [];
    const parsed = parseJson(value);
    return parsed.ok && parsed.value !== null ? [[key, parsed.value] as const] : [];
  });
}
