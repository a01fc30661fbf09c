/**
 * Bad references: heads that name no node, fields that a known output lacks, indexes into what is no array.
 *
 * Relative references (template markers, `json_select.path`) are followed from the value at the node's
 * `input_from`; without one they are relative to the trigger, of which nothing is known, except for kinds whose
 * input is then null.
 */
import type { Fix, Place } from "../diagnostic.ts";
import type { Node, NodeReference } from "../model.ts";
import { splitReference } from "../reference.ts";
import { anyShape, walkShape, type Shape } from "../shape.ts";
import { didYouMean } from "../suggest.ts";
import { named, stretch, type Check, type Report, type View } from "./check.ts";

/** Kinds whose input is null, not the trigger, without `input_from` (spec/workflow.md §8.1, §9.1). */
const nullWithoutInput = new Set(["template_render", "llm_infer"]);

/** Bad references of every node. */
export const unknownReference: Check = {
  codes: ["unknown_reference", "unknown_field", "index_into_non_array", "template_without_input", "unknown_input"],
  speed: "fast",
  run: (view, _context, report) => {
    const heads = knownHeads(view);
    for (const node of view.graph.nodes) {
      if (node.references.length === 0) continue;
      view.once("unknown_reference", node, report, (found) => {
        for (const reference of node.references) {
          if (reference.role === "context") checkContext(view, heads, reference, found);
          if (reference.role === "node" && !view.byId.has(reference.text))
            reportHead(view, heads.ids, reference.text, reference.text, reference.at, found);
          if (reference.role === "input") checkRelative(view, node, reference, found);
        }
      });
    }
    // What a guard reads is among the references of its step.
    for (const guard of view.graph.guards) {
      if (!view.byId.has(guard.step))
        reportHead(view, heads.ids, guard.step, guard.step, { path: [...guard.at, "step"], part: "value" }, report);
    }
  },
};

interface Heads {
  readonly ids: readonly string[];
  readonly dotted: readonly string[];
  readonly trigger: boolean;
}

function knownHeads(view: View): Heads {
  const trigger = view.graph.dialect === "workflow";
  const ids = [...view.byId.keys()];
  return {
    ids: trigger ? [...ids, "trigger"] : ids,
    dotted: ids.filter((id) => id.includes(".")),
    trigger,
  };
}

function checkContext(view: View, heads: Heads, reference: NodeReference, report: Report): void {
  const { head, rest } = splitReference(reference.text);
  const index = view.byId.get(head);
  if (index === undefined) {
    if (heads.trigger && head === "trigger") return;
    const dotted = heads.dotted.find((id) => reference.text === id || reference.text.startsWith(`${id}.`));
    if (dotted === undefined) reportHead(view, heads.ids, head, reference.text, reference.at, report);
    else
      report(
        "unknown_reference",
        reference.at,
        `\`${reference.text}\` leads nowhere: the node id \`${dotted}\` contains a dot, so no reference can name it`,
      );
    return;
  }
  // A node that is called like the trigger replaces it once it has run; before that, the trigger stands there.
  if (head === "trigger" && heads.trigger) return;
  const node = view.node(index);
  follow(view, view.output(node), rest, head.length + 1, `the output of \`${head}\` (${node.kind})`, reference, report);
}

function reportHead(view: View, ids: readonly string[], head: string, text: string, at: Place, report: Report): void {
  const near = view.near(head, ids);
  const fixes: Fix[] =
    near === null
      ? []
      : [{ type: "replace", title: `Change to \`${near}\``, at: stretch(at, 0, head.length), text: near }];
  const message =
    head === ""
      ? `\`${text}\` names no node: a reference begins with a node's id`
      : `\`${text}\` leads nowhere: there is no node \`${head}\`${didYouMean(near)}`;
  report("unknown_reference", at, message, { fixes });
}

function checkRelative(view: View, node: Node, reference: NodeReference, report: Report): void {
  const segments = reference.text.split(".").filter((segment) => segment !== "");
  if (view.graph.dialect !== "workflow") return checkInput(view, reference, segments, report);
  const from = node.fields["input_from"];
  if (typeof from !== "string") {
    if (segments.length > 0 && nullWithoutInput.has(node.kind))
      report(
        "template_without_input",
        reference.at,
        `\`{{${reference.text}}}\` stays as it is: \`${node.id}\` (${node.kind}) has no \`input_from\`, so its input is null`,
        {
          fixes: [
            {
              type: "set",
              title: "Take the input from the trigger",
              at: { path: node.at, part: "construct" },
              key: "input_from",
              value: "trigger",
            },
          ],
        },
      );
    return;
  }
  const base = shapeAt(view, from);
  if (base.type === "any") return;
  follow(view, base, segments, null, `the input \`${from}\``, reference, report);
}

/** An input of a skill that is nearly a declared one. Callers may pass others too, so a far name is no finding. */
function checkInput(view: View, reference: NodeReference, segments: readonly string[], report: Report): void {
  const [name] = segments;
  const declared = view.graph.inputs?.map((input) => input.name) ?? [];
  if (name === undefined || declared.includes(name)) return;
  const near = view.near(name, declared);
  if (near === null) return;
  report("unknown_input", reference.at, `the skill declares no input \`${name}\`${didYouMean(near)}`);
}

/** What is known of the value at a context reference. */
function shapeAt(view: View, text: string): Shape {
  const { head, rest } = splitReference(text);
  const index = view.byId.get(head);
  if (index === undefined || head === "trigger") return anyShape;
  const found = walkShape(view.output(view.node(index)), rest);
  return found.type === "shape" ? found.shape : anyShape;
}

/** Follows a path and reports where it certainly leaves the shape. `start` is the path's offset in the text. */
function follow(
  view: View,
  shape: Shape,
  segments: readonly string[],
  start: number | null,
  owner: string,
  reference: NodeReference,
  report: Report,
): void {
  const found = walkShape(shape, segments);
  if (found.type === "shape") return;
  const segment = segments[found.index] as string;
  const above = segments.slice(0, found.index);
  const holder = above.length === 0 ? owner : `\`${above.join(".")}\` in ${owner}`;
  const isIndex = /^\+?[0-9]+$/.test(segment);
  if (isIndex && found.known.length === 0) {
    report(
      "index_into_non_array",
      reference.at,
      `\`${reference.text}\` leads nowhere: ${holder} is ${kindOf(found.of)}, not an array`,
    );
    return;
  }
  if (found.known.length === 0) {
    const why =
      found.of.type === "array" ? "an array, and its elements go by number" : `${kindOf(found.of)} and has no fields`;
    report("unknown_field", reference.at, `\`${reference.text}\` leads nowhere: ${holder} is ${why}`);
    return;
  }
  const near = view.near(segment, found.known);
  const has = near === null ? `; it has ${named(found.known)}` : didYouMean(near);
  const message = `\`${reference.text}\` leads nowhere: ${holder} has no field \`${segment}\`${has}`;
  const fixes = near === null ? [] : [renamed(reference, segments, found.index, start, near)];
  report(isIndex ? "index_into_non_array" : "unknown_field", reference.at, message, { fixes });
}

/** Replaces one segment; a marker, whose inner offsets are not known, is replaced whole. */
function renamed(
  reference: NodeReference,
  segments: readonly string[],
  index: number,
  start: number | null,
  near: string,
): Fix {
  const title = `Change to \`${near}\``;
  const path = [...segments.slice(0, index), near, ...segments.slice(index + 1)].join(".");
  if (start === null) {
    const within = reference.at.within;
    if (within !== undefined) return { type: "replace", title, at: reference.at, text: `{{${path}}}` };
    return { type: "replace", title, at: stretch(reference.at, 0, reference.text.length), text: path };
  }
  const from = start + segments.slice(0, index).reduce((sum, one) => sum + one.length + 1, 0);
  const to = from + (segments[index] as string).length;
  return { type: "replace", title, at: stretch(reference.at, from, to), text: near };
}

function kindOf(shape: Shape): string {
  switch (shape.type) {
    case "string":
      return "a string";
    case "integer":
    case "number":
      return "a number";
    case "boolean":
      return "a boolean";
    case "null":
      return "null";
    case "array":
      return "an array";
    case "object":
      return "an object";
    case "union":
      return [...new Set(shape.of.map(kindOf))].join(" or ");
    case "any":
      return "not known";
  }
}
