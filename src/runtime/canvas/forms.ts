/** The palette and the inspector's forms, made from the registry of kinds (DESIGN.md idea 4). */
import type { LiveDocument } from "../../dialects/live/live.ts";
import type { SourceElement } from "../../dialects/live/source.ts";
import type { Drawing } from "../../draw/drawing.ts";
import { toText } from "../../graph/value.ts";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import type { Dialect } from "../../graph/model.ts";
import { definitions } from "../../kinds/definitions.generated.ts";
import type { Inspected, PaletteKind } from "../../protocol/webview.ts";
import { formOf, namedFields } from "./fields.ts";
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

/** A node for the inspector: its form, and everything the document says of it, unknown keys included. */
export function inspect(state: CanvasState, key: string): Inspected | null {
  const node = nodeOf(state.drawing, key);
  const path = pathOf(state, key);
  if (node === null || path === null) return null;
  const element = state.live.source.element(path);
  if (element === null) return null;
  const own = state.graph.nodes[node.index];
  if (own === undefined) return null;
  // A node that could not be read has no kind of its own; it is what it says it is.
  const written = namedFields(state, { ...own, kind: node.kind }).map(({ name, path: place }) => {
    const problems = state.live.findings.filter((one) => !("start" in one.at) && isAt(one.at.path, place));
    return { key: name, value: valueText(state.live, place), problems: problems.map((one) => one.message) };
  });
  return { node: key, kind: node.kind, form: formOf(node.kind, state.graph.dialect), written };
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
      return (element.text ?? "null").replaceAll("_", "").replace(/^\+/, "");
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
