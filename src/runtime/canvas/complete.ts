/** Completion in the inspector: nodes and members of their outputs where a field reads from elsewhere. Pure. */
import type { Graph, Node } from "../../graph/model.ts";
import { walkShape, type Shape } from "../../graph/shape.ts";
import { kindDefinition, kindTable } from "../../kinds/definitions.generated.ts";
import { formSchema, type JsonSchema } from "../../kinds/form.ts";
import type { Offer } from "../../protocol/webview.ts";
import type { CanvasState } from "./state.ts";

/** Most offers of one answer. */
const MAX_OFFERS = 100;

/** What can stand where the text before the cursor ends. `path`: of the field within its node. */
export function offersAt(state: CanvasState, key: string, path: readonly string[], text: string): Offer[] {
  const drawn = state.drawing.nodes.find((one) => one.key === key);
  const node = drawn === undefined ? undefined : state.graph.nodes[drawn.index];
  if (node === undefined) return [];
  const role = roleOf(node.kind, path);
  switch (role) {
    case "reference":
    case "optional-reference":
      return referenceOffers(state.graph, node, text);
    case "template": {
      const marker = /\{\{([^{}]*)$/.exec(text)?.[1]?.trimStart();
      return marker === undefined ? [] : inputOffers(state.graph, node, marker);
    }
    case "secret-template": {
      const marker = /\{\{([^{}]*)$/
        .exec(text)?.[1]
        ?.trimStart()
        .replace(/^secret:/, "");
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

function roleOf(kind: string, path: readonly string[]): unknown {
  const definition = kindDefinition(kind);
  let schema: JsonSchema | undefined = definition === undefined ? undefined : formSchema(definition.fields);
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
    .map(([name, detail]) => ({ label: name, detail, insert: name }));
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
