/**
 * Names within what nodes read: the heads of dotted references and of template markers whose scope is the context,
 * secrets in headers, inputs of a skill. The graph knows where references are; here is where in them names stand.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { SourceElement } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Graph, Node, NodeReference } from "../../src/graph/model.ts";
import { symbolOf, type ItemNames, type Sink } from "./sink.ts";

/** Reports the names in the references of a graph's nodes. */
export function graphReferences(live: LiveDocument, graph: Graph, runner: string | null, sink: Sink): void {
  for (const node of graph.nodes) {
    if (node.references.length === 0) continue;
    const look = (): void => {
      // Markers of one string share its path, and the string is decoded once.
      let path: DocumentPath | null = null;
      let element: SourceElement | null = null;
      for (const reference of node.references) {
        if (reference.at.path !== path) element = live.source.element(reference.at.path);
        path = reference.at.path;
        if (element !== null && element.text !== null)
          one(live, graph, node, reference, element, element.text, runner, sink);
      }
    };
    if (live.what.document === "graph") sink.item(names, node, node.at, look);
    else look();
  }
}

const names: ItemNames = new WeakMap();

function one(
  live: LiveDocument,
  graph: Graph,
  node: Node,
  reference: NodeReference,
  element: SourceElement,
  decoded: string,
  runner: string | null,
  sink: Sink,
): void {
  const { text, role, at } = reference;
  const [from, to] = at.within === undefined ? [0, decoded.length] : [at.within.from, at.within.to];
  const site = { element, within: node.id };
  const written = at.within === undefined ? "segment" : "marker";
  if (role === "secret") {
    // The head of a marker that is none of a secret names nothing.
    const lead = /^\{\{\s*secret:\s*/.exec(decoded.slice(from, to))?.[0].length;
    if (lead !== undefined)
      sink.part(site, "reference", "marker", from + lead, from + lead + text.length, symbolOf("secret", text));
    return;
  }
  const start = decoded.indexOf(text, from);
  if (start < 0 || start + text.length > to) return;
  const context = role !== "input" || at.path.at(-1) === "idempotency_key";
  // Markers skip empty segments: `.x` is `x`.
  const blank = context && role !== "input" ? 0 : (/^\.*/.exec(text)?.[0].length ?? 0);
  const head = firstSegment(text, blank);
  const place = start + blank;
  const part = { runner, owner: null };
  if (!context) {
    if (graph.dialect !== "skill") return;
    const owner = takenByTool(live, node, head) ? node.id : null;
    sink.part(site, "reference", written, place, place + head.length, symbolOf("input", head, { runner, owner }));
    return;
  }
  sink.part(site, "reference", written, place, place + head.length, symbolOf("node", head, part));
  const output = text.length > blank + head.length ? firstSegment(text, blank + head.length + 1) : "";
  const next = place + head.length + 1;
  sink.part(
    site,
    "reference",
    written,
    next,
    next + output.length,
    symbolOf("output", output, { runner, owner: head }),
  );
}

function firstSegment(text: string, from: number): string {
  const dot = text.indexOf(".", from);
  return text.slice(from, dot < 0 ? text.length : dot);
}

/** A step that gives its tool an input of this name; else the name is an input of the graph. */
function takenByTool(live: LiveDocument, node: Node, name: string): boolean {
  const isStep = live.source.element([...node.at, "id"]) !== null;
  return isStep && ["inputs", "context"].some((key) => live.source.element([...node.at, key, name]) !== null);
}
