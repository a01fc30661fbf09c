import type { z } from "zod";
import type { Handler, NodeContext } from "../../effects/handler.ts";
import { NodeFailure, workflowFailure } from "../../graph/failure.ts";
import { isArray, object, type Value } from "../../graph/value.ts";
import { checkDepth, childFrame } from "../children.ts";
import { missText, UnknownInput } from "../inputs.ts";
import { join } from "../join.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

const DEFAULT_CONCURRENCY = 4;

/** Waves of one child per element (spec/workflow.md §8.3). */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  checkDepth(context);
  const items = itemsOf(context, fields);
  if (items.length === 0) return { outcome: "continue", output: object({ ok: true, results: [] }) };
  const children = items.map((item) => childFrame(context, fields.workflow, fields.start, item));
  return yield* join(children, fields.max_concurrent ?? DEFAULT_CONCURRENCY);
};

function itemsOf(context: NodeContext, fields: Fields): readonly Value[] {
  const found = context.lookup(fields.items_from);
  if (found.state === "unknown") throw new UnknownInput(fields.items_from);
  if (found.state === "missing") return refuse(context, missText(fields.items_from, "items_from"));
  if (!isArray(found.value)) {
    const got = `items_from \`${fields.items_from}\` resolved to ${nounOf(found.value)}`;
    return refuse(context, `${got} — an array is required`);
  }
  const count = found.value.length;
  if (count > fields.max_items) {
    const bound = `${count} items exceed the declared max_items ${fields.max_items}`;
    return refuse(context, `${bound} — raise the bound deliberately or shrink the input`);
  }
  return found.value;
}

function refuse({ graph, node }: NodeContext, detail: string): never {
  throw new NodeFailure(workflowFailure(graph.name, `map node \`${node.id}\`: ${detail}`));
}

function nounOf(value: Value): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return "a boolean";
    case "string":
      return "a string";
    case "object":
      return "an object";
    default:
      return "a number";
  }
}
