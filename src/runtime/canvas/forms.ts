/** The palette and the inspector's forms, made from the registry of kinds (DESIGN.md idea 4). */
import type { LiveDocument } from "../../dialects/live/live.ts";
import type { SourceElement } from "../../dialects/live/source.ts";
import type { Drawing } from "../../draw/drawing.ts";
import { toText } from "../../graph/value.ts";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import type { Dialect } from "../../graph/model.ts";
import { definitions } from "../../kinds/definitions.generated.ts";
import type { Inspected, PaletteKind } from "../../protocol/webview.ts";
import { documentForm, drawnKeys, formOfStart } from "./document-form.ts";
import { formOf, namedFields } from "./fields.ts";
import { numberText } from "./number-text.ts";
import { pathOf, type CanvasState } from "./state.ts";

/** Kinds that a document of this dialect may have, grouped as in the registry. */
export function paletteOf(dialect: Dialect): PaletteKind[] {
  return definitions
    .filter((kind) => kind.dialects.includes(dialect) && kind.kind !== "unsupported")
    .map((kind) => ({
      kind: kind.kind,
      family: kind.group,
      summary: kind.summary,
      docs: kind.docs,
      form: formOf(kind.kind, dialect),
    }));
}

/**
 * What the inspector shows of an element: its form, and everything the document says of it, unknown keys included.
 * Null: the document itself. Nothing is given for what has no fields of its own, such as an edge.
 */
export function inspect(state: CanvasState, key: string | null): Inspected | null {
  if (key === null) return inspectDocument(state);
  const path = pathOf(state, key);
  if (path === null) return null;
  const drawn = nodeOf(state.drawing, key);
  if (drawn === null)
    return state.drawing.entries.some((one) => one.key === key) ? inspectStart(state, key, path) : null;
  const own = state.graph.nodes[drawn.index];
  if (own === undefined || state.live.source.element(path) === null) return null;
  // A node that could not be read has no kind of its own; it is what it says it is.
  const written = namedFields(state, { ...own, kind: drawn.kind }).map(({ name, path: place }) =>
    writtenAt(state, name, place),
  );
  return { element: key, what: "node", kind: drawn.kind, form: formOf(drawn.kind, state.graph.dialect), written };
}

function inspectStart(state: CanvasState, key: string, path: DocumentPath): Inspected | null {
  const element = state.live.source.element(path);
  if (element === null || state.graph.dialect !== "workflow") return null;
  return { element: key, what: "start", kind: "", form: formOfStart(), written: keysAt(state, element, []) };
}

function inspectDocument(state: CanvasState): Inspected | null {
  const { dialect } = state.graph;
  const element = state.live.source.element(documentPath(state));
  if (element === null) return null;
  const written = keysAt(state, element, drawnKeys[dialect]);
  return { element: null, what: "document", kind: "", form: documentForm(dialect), written };
}

/** The table of the document that holds the graph that is shown. */
function documentPath({ graph, live }: CanvasState): DocumentPath {
  if (graph.dialect === "workflow") return live.source.element(["workflows", 0]) === null ? [] : ["workflows", 0];
  const at = graph.nodes[0]?.at ?? [];
  return graph.dialect === "skill" && at.at(-2) === "steps" ? at.slice(0, -2) : [];
}

type Written = Inspected["written"][number];

function keysAt(state: CanvasState, { path, children }: SourceElement, without: readonly string[]): Written[] {
  return children.flatMap((key) =>
    typeof key === "string" && !without.includes(key) ? [writtenAt(state, key, [...path, key])] : [],
  );
}

function writtenAt({ live }: CanvasState, name: string, place: DocumentPath): Written {
  const problems = live.findings.filter((one) => !("start" in one.at) && isAt(one.at.path, place));
  return { key: name, value: valueText(live, place), problems: problems.map((one) => one.message) };
}

/** The keys of a node as they are written, each with its value as JSON text. */
export function writtenFields(
  live: LiveDocument,
  path: DocumentPath,
): { readonly key: string; readonly value: string }[] {
  const keys = live.source.element(path)?.children ?? [];
  return keys.flatMap((name) =>
    typeof name === "string" ? [{ key: name, value: valueText(live, [...path, name]) }] : [],
  );
}

function nodeOf(drawing: Drawing, key: string): Drawing["nodes"][number] | null {
  return drawing.nodes.find((one) => one.key === key) ?? null;
}

function isAt(path: readonly (string | number)[], base: readonly (string | number)[]): boolean {
  return base.every((part, i) => part === path[i]);
}

/** What stands at a path as JSON text; what cannot be told is null. */
function valueText(live: LiveDocument, path: readonly (string | number)[]): string {
  const element = live.source.element(path);
  return element === null ? "null" : elementText(live, element);
}

function elementText(live: LiveDocument, element: SourceElement): string {
  switch (element.form) {
    case "string":
      return toText(element.text ?? "");
    case "number":
      return element.text === null ? "null" : numberText(element.text);
    case "boolean":
      return element.text ?? "null";
    case "list":
      return `[${element.children.map((one) => valueText(live, [...element.path, one])).join(",")}]`;
    case "table": {
      const members = element.children.map(
        (one) => `${toText(String(one))}:${valueText(live, [...element.path, one])}`,
      );
      return `{${members.join(",")}}`;
    }
    default:
      return "null";
  }
}
