/** A reference or a template marker: what it leads to, of which type, and whether that may not be there. */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { Span } from "../../src/dialects/live/source.ts";
import type { Miss } from "../../src/graph/checks/flow.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Graph, Node, NodeReference } from "../../src/graph/model.ts";
import { splitReference } from "../../src/graph/reference.ts";
import { walkShape, type Shape } from "../../src/graph/shape.ts";
import { Outputs } from "../completion/outputs.ts";
import { shapeText } from "../completion/shapes.ts";
import { inputShape } from "../completion/templates.ts";
import { perObject } from "../../src/graph/memo.ts";
import { viewOf } from "../schema/where.ts";
import { code, paragraphs } from "./markdown.ts";
import { nodeLine, type Around } from "./node.ts";

/** A reference with who reads it. */
export interface Reading {
  readonly graph: Graph;
  readonly node: Node;
  readonly reference: NodeReference;
  readonly span: Span;
}

const byPath = perObject((live: LiveDocument) => {
  const found = new Map<string, Omit<Reading, "span">[]>();
  for (const { graph } of live.graphs) {
    for (const node of graph.nodes) {
      for (const reference of node.references) {
        const key = JSON.stringify(reference.at.path);
        const list = found.get(key);
        if (list === undefined) found.set(key, [{ graph, node, reference }]);
        else list.push({ graph, node, reference });
      }
    }
  }
  return found;
});

/** The reference in the value at `path` that covers an offset; null when none does. */
export function readingAt(live: LiveDocument, path: DocumentPath, offset: number): Reading | null {
  for (const one of byPath(live).get(JSON.stringify(path)) ?? []) {
    const span = live.source.span({ ...one.reference.at, part: "value" });
    if (span[0] <= offset && offset <= span[1]) return { ...one, span };
  }
  return null;
}

/** The segment under the cursor with all before it. `start` is where the dotted text begins in the document. */
function upTo(text: string, at: number): string {
  if (at < 0 || at > text.length) return text;
  const dot = text.indexOf(".", at);
  return dot < 0 ? text : text.slice(0, dot);
}

/** The part of a reference up to the cursor's segment, and where it stands; a marker is taken whole. */
export function partAt(
  live: LiveDocument,
  { reference, span }: Reading,
  offset: number,
): { readonly text: string; readonly span: Span } {
  const start = live.text.slice(...span).indexOf(reference.text);
  if (start < 0) return { text: reference.text, span };
  const text = upTo(reference.text, offset - span[0] - start);
  if (reference.at.within !== undefined) return { text, span };
  return { text, span: [span[0] + start, span[0] + start + text.length] };
}

/** What the part of a reference up to the cursor is. */
export async function referenceText({ session, document }: Around, reading: Reading, text: string): Promise<string> {
  const { graph, node, reference } = reading;
  const outputs = new Outputs(session, document, graph);
  if (reference.role === "input") return inputText(outputs, document.live, reading, text);
  const { head, rest } = splitReference(text);
  if (head === "trigger" && graph.dialect === "workflow")
    return paragraphs(typed(text, await outputs.trigger(graph.starts), rest), "from the run's input");
  const index = viewOf(graph).byId.get(head);
  if (index === undefined) return `${code(text)} leads nowhere: there is no node ${code(head)}.`;
  const source = viewOf(graph).node(index);
  const shape = await outputs.output(source);
  return paragraphs(typed(text, shape, rest), `from ${nodeLine(source)}`, missText(graph, node, index, reference));
}

async function inputText(
  outputs: Outputs,
  live: LiveDocument,
  { graph, node, reference }: Reading,
  text: string,
): Promise<string> {
  const segments = text.split(".").filter((one) => one !== "");
  const shape = await inputShape(outputs, live, node, reference.at.path);
  const from = node.fields["input_from"];
  const origin =
    graph.dialect === "workflow"
      ? typeof from === "string"
        ? `relative to ${code(from)}, the input of ${code(node.id)}`
        : `relative to the input of ${code(node.id)}`
      : declaredText(graph, segments[0] ?? "");
  const shown = reference.at.within === undefined ? text : `{{${text}}}`;
  return paragraphs(typed(shown, shape, segments), origin);
}

function declaredText(graph: Graph, name: string): string {
  const declared = graph.inputs?.find((input) => input.name === name);
  if (declared === undefined) return "an input";
  const facts = `an input of the skill: ${declared.type}${declared.required ? ", required" : ""}`;
  return declared.description === null ? facts : `${facts}\n\n${declared.description}`;
}

function typed(text: string, shape: Shape, segments: readonly string[]): string {
  const found = walkShape(shape, segments);
  if (found.type === "miss") return `${code(text)} leads nowhere: there is no ${code(segments[found.index] ?? "")}.`;
  const doc = found.shape.doc === undefined ? "" : `\n\n${found.shape.doc}`;
  return `\`\`\`ts\n${text}: ${shapeText(found.shape)}\n\`\`\`${doc}`;
}

/** Most nodes of a walk that are shown. */
const MAX_WALK = 8;

function missText(graph: Graph, reader: Node, source: number, reference: NodeReference): string | null {
  const view = viewOf(graph);
  const miss: Miss | null = view.flow.miss(source, reader.index);
  if (miss === null) return null;
  const then =
    graph.dialect !== "workflow"
      ? "the graph then stops"
      : reference.optional
        ? "it then reads null"
        : "the run then ends with an error";
  const id = code(view.node(source).id);
  if (miss.certain) return `⚠ ${id} never runs before ${code(reader.id)}: ${then}.`;
  const walk = (miss.path ?? []).map((step) => view.node(step.node).id);
  const shown = walk.length > MAX_WALK ? [...walk.slice(0, MAX_WALK - 1), "…", walk.at(-1) ?? ""] : walk;
  const on = shown.length === 0 ? "" : ` on the walk ${shown.map(code).join(" → ")}`;
  return `⚠ ${id} may not have run${on}: ${then}.`;
}
