/** Completion in the inspector: nodes and members of their outputs where a field reads from elsewhere. Pure. */
import type { Graph, Node } from "../../graph/model.ts";
import { walkShape, type Shape } from "../../graph/shape.ts";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import { kindTable } from "../../kinds/definitions.generated.ts";
import type { JsonSchema } from "../../kinds/form.ts";
import type { Offer } from "../../protocol/webview.ts";
import { formOfStart } from "./document-form.ts";
import { formOf } from "./fields.ts";
import type { CanvasState } from "./state.ts";

/** Most offers of one answer. */
const MAX_OFFERS = 100;

/** What can stand where the text before the cursor ends. `path`: of the field within its node, start or document. */
export function offersAt(state: CanvasState, key: string | null, path: DocumentPath, text: string): Offer[] {
  const drawn = state.drawing.nodes.find((one) => one.key === key);
  const node = drawn === undefined ? undefined : state.graph.nodes[drawn.index];
  if (node === undefined) return startOffers(state, key, path, text);
  const role = roleIn(formOf(node.kind, state.graph.dialect), path);
  switch (role) {
    case "reference":
    case "optional-reference":
      return referenceOffers(state.graph, node, text);
    case "context-template": {
      const marker = openMarker(text);
      return marker === null ? [] : referenceOffers(state.graph, node, marker);
    }
    case "template": {
      const marker = openMarker(text);
      return marker === null ? [] : inputOffers(state.graph, node, marker);
    }
    case "secret-template": {
      const marker = openMarker(text)?.replace(/^secret:/, "");
      if (marker === undefined) return [];
      const names = state.graph.secrets.map((one) => one.name).filter((name) => name.startsWith(marker));
      return names.map((name) => ({ label: `secret:${name}`, detail: "secret", insert: `secret:${name}` }));
    }
    case "relative":
      return inputOffers(state.graph, node, text);
    default:
      return [];
  }
}

/** What of a marker that is not closed yet has been typed; null outside of one. */
function openMarker(text: string): string | null {
  return /\{\{([^{}]*)$/.exec(text)?.[1]?.trimStart() ?? null;
}

/** Names of nodes, which starts ask for. */
function startOffers({ graph, drawing }: CanvasState, key: string | null, path: DocumentPath, text: string): Offer[] {
  const isStart = drawing.entries.some((one) => one.key === key);
  if (!isStart || roleIn(formOfStart(), path) !== "node") return [];
  const names = graph.nodes.map((one) => [one.id, one.kind] as const);
  return names
    .filter(([name]) => name !== "" && name.startsWith(text))
    .slice(0, MAX_OFFERS)
    .map(offerOf);
}

function offerOf([name, detail]: readonly [string, string]): Offer {
  return { label: name, detail, insert: name };
}

function roleIn(form: JsonSchema, path: DocumentPath): unknown {
  let schema: JsonSchema | undefined = form;
  for (const part of path) {
    const more: unknown = schema?.additionalProperties ?? schema?.["items"];
    schema =
      schema?.properties?.[part] ?? (typeof more === "object" && more !== null ? (more as JsonSchema) : undefined);
  }
  return schema?.["x-role"];
}

/** A head while one types it, then members of what it gives. */
function referenceOffers(graph: Graph, own: Node, text: string): Offer[] {
  const dot = text.indexOf(".");
  if (dot >= 0) {
    const node = graph.nodes.find((one) => one.id === text.slice(0, dot));
    return node === undefined ? [] : memberOffers(outputOf(node), text.slice(dot + 1), text.slice(0, dot + 1));
  }
  const names = graph.nodes.filter((one) => one !== own && one.id !== "").map((one) => [one.id, one.kind] as const);
  return [["trigger", "what started the run"] as const, ...names]
    .filter(([name]) => name.startsWith(text))
    .slice(0, MAX_OFFERS)
    .map(offerOf);
}

/** Members of a node's input, which a field of it reads from. */
function inputOffers(graph: Graph, own: Node, text: string): Offer[] {
  const from = own.fields["input_from"];
  if (typeof from !== "string") return [];
  const [head = "", ...rest] = from.split(".");
  const node = graph.nodes.find((one) => one.id === head);
  const found = node === undefined ? null : walkShape(outputOf(node), rest);
  return found?.type === "shape" ? memberOffers(found.shape, text, "") : [];
}

function memberOffers(shape: Shape, text: string, before: string): Offer[] {
  const segments = text.split(".");
  const last = segments.pop() ?? "";
  const found = walkShape(shape, segments);
  if (found.type !== "shape") return [];
  const base = [before, ...segments.map((one) => `${one}.`)].join("");
  return membersOf(found.shape)
    .filter(([name]) => name.startsWith(last))
    .slice(0, MAX_OFFERS)
    .map(([name, member]) => ({ label: name, detail: member.doc ?? member.type, insert: `${base}${name}` }));
}

function membersOf(shape: Shape): (readonly [string, Shape])[] {
  if (shape.type === "object") return Object.entries(shape.members);
  if (shape.type !== "union") return [];
  return [...new Map(shape.of.flatMap(membersOf))];
}

function outputOf(node: Node): Shape {
  const facts = node.kind === "" ? undefined : kindTable(node.kind);
  return facts?.output(node) ?? { type: "any" };
}
