/**
 * Intents and repairs -> text edits of skill graphs (spec/editor.md §2, spec/skill-graph.md §2).
 *
 * A skill graph runs its steps in the order of the text: what other dialects say with edges is said here with places,
 * and ways in are not declared at all.
 */
import type { DocumentPath, Fix } from "../../../graph/diagnostic.ts";
import type { Graph, Node } from "../../../graph/model.ts";
import { isObject, type Value } from "../../../graph/value.ts";
import type { TextEdit } from "../../edits/edit.ts";
import {
  edgeOf,
  graphOf,
  itemIndex,
  movedIndex,
  nodeOf,
  notExpressible,
  requireFreeId,
} from "../../edits/graph-facts.ts";
import type { Fields, Intent, NewNode } from "../../edits/intent.ts";
import { Refusal } from "../../edits/refusal.ts";
import type { LiveDocument } from "../../live/live.ts";
import { documentForm } from "../reference.ts";
import { frontMatter, readYaml } from "../yaml-text.ts";
import { YamlEditor } from "./yaml-editor.ts";

/** Keys of a step that come first. */
const stepKeys = ["id", "label", "mode", "fanout_group", "when", "skill", "tool", "run", "http"];
const runKinds: ReadonlySet<string> = new Set(["cli-tool", "agent-task", "approval", "stage"]);
const targets = ["skill", "tool", "http", "run"];

/** Edits that carry `intent` out, unfinished. Throws {@link Refusal}. */
export function planSkill(document: LiveDocument, intent: Intent): TextEdit[] {
  const editor = new YamlEditor(document.text, document.source);
  if (intent.type === "replace-text") return editor.replaceText(intent.place, intent.text);
  const graph = graphOf(document, intent);
  return planIn(editor, graph, document, graphBase(document, graph, intent.graph ?? 0), intent);
}

/** The mapping that holds `steps`. */
function graphBase(document: LiveDocument, graph: Graph, index: number): DocumentPath {
  const at = graph.nodes[0]?.at ?? [];
  if (at.at(-2) === "steps") return at.slice(0, -2);
  const runner = document.graphs[index]?.runner ?? null;
  const owner = runner === null ? [] : ["runners", runner];
  const candidates = [
    [...owner, "source", "graph"],
    [...owner, "graph"],
  ];
  return candidates.find((path) => document.source.element(path) !== null) ?? owner;
}

function planIn(
  editor: YamlEditor,
  graph: Graph,
  document: LiveDocument,
  base: DocumentPath,
  intent: Exclude<Intent, { type: "replace-text" }>,
): TextEdit[] {
  const steps = [...base, "steps"];
  const step = (ref: string | number): Node => {
    const node = nodeOf(graph, ref);
    if (node.at.at(-2) !== "steps") throw notExpressible(`\`${node.id}\` is a whole skill and no step of a graph`);
    return node;
  };
  const addStep = (node: NewNode, after: number | null): TextEdit[] => {
    requireFreeId(graph, node.id);
    if (graph.nodes.length > 0) step(0);
    return editor.insert(steps, stepFields(node), after);
  };
  switch (intent.type) {
    case "add-node":
      return addStep(intent, intent.after === undefined ? null : itemIndex(step(intent.after).at));
    case "remove-node": {
      const node = step(intent.node);
      const more = intent.withEdges ? attached(graph, [node], base, document) : [];
      return editor.remove([node.at, ...more]);
    }
    case "remove": {
      if (intent.edges.length > 0) throw ordered();
      if (intent.starts.length > 0) throw begun();
      const nodes = [...new Set(intent.nodes)].map(step);
      return editor.remove([...nodes.map((node) => node.at), ...attached(graph, nodes, base, document)]);
    }
    case "duplicate-node":
      requireFreeId(graph, intent.id);
      return editor.duplicate(steps, itemIndex(step(intent.node).at), "id", intent.id);
    case "reorder-node": {
      const node = step(intent.node);
      const to = step(movedIndex(graph, node, intent.steps));
      return editor.move(steps, itemIndex(node.at), itemIndex(to.at));
    }
    case "set-field":
    case "add-item":
    case "remove-field": {
      const at = intent.node === undefined ? base : nodeOf(graph, intent.node).at;
      const path = [...at, ...intent.path];
      if (intent.path.length === 0) throw new Refusal("edit_unknown", "say which field is meant");
      if (intent.type === "remove-field") return editor.remove([path]);
      if (intent.type === "add-item") return editor.append(path, [intent.value]);
      return editor.set(path, intent.value, intent.node === undefined ? [] : stepKeys);
    }
    case "insert-on-edge": {
      const target = step(edgeOf(graph, intent.index).to);
      // Between two groups a step goes in front of the first branch of the second.
      const first = graph.nodes.find((node) => node.group !== null && node.group === target.group) ?? target;
      return addStep(intent.node, itemIndex(first.at) - 1);
    }
    case "move-input-to-context":
      return moveInput(editor, document, step(intent.node), intent.key);
    case "add-edge":
    case "remove-edge":
    case "set-edge":
      throw ordered();
    case "add-start":
    case "remove-start":
      throw begun();
    case "add-policy-entry":
      throw notExpressible("a skill graph declares no allow lists; its operator's policy does");
  }
}

/** A new step's keys: what runs it stands under `run`, unless the fields say it already. */
function stepFields(node: NewNode): Fields {
  const own = node.fields.filter(([key]) => key !== "id");
  const has = (key: string): boolean => own.some(([name]) => name === key);
  if (!targets.some(has)) {
    if (!runKinds.has(node.kind)) {
      const message = `a step of the kind \`${node.kind}\` needs a field that says what it runs: ${targets.join(", ")}`;
      throw new Refusal("edit_unknown", message);
    }
    return [["id", node.id], ["run", { type: node.kind }], ...own];
  }
  const made = own.map(([key, value]): readonly [string, Value] => {
    if (key !== "run" || !isObject(value) || Object.hasOwn(value, "type") || !runKinds.has(node.kind))
      return [key, value];
    return [key, { type: node.kind, ...value }];
  });
  return [["id", node.id], ...made];
}

function ordered(): Refusal {
  return notExpressible("a skill graph runs its steps in their order in the text; move the step instead");
}

function begun(): Refusal {
  return notExpressible("a skill graph begins at its first step; move the step instead");
}

/** Guards of steps, and declared groups in which no other step is: without the steps they would be errors. */
function attached(graph: Graph, steps: readonly Node[], base: DocumentPath, document: LiveDocument): DocumentPath[] {
  const gone = new Set(steps);
  const ids = new Set(steps.map((one) => one.id));
  const guards = graph.guards.filter((guard) => ids.has(guard.step)).map((guard) => guard.at);
  const declared = document.source.element([...base, "fanout", "groups"])?.children ?? [];
  const groups = [...new Set(steps.map((one) => one.group))].filter(
    (group): group is string =>
      group !== null && declared.includes(group) && graph.nodes.every((one) => one.group !== group || gone.has(one)),
  );
  if (groups.length > 0 && groups.length === declared.length) return [...guards, [...base, "fanout"]];
  return [...guards, ...groups.map((group) => [...base, "fanout", "groups", group])];
}

function moveInput(editor: YamlEditor, document: LiveDocument, node: Node, key: string): TextEdit[] {
  const inputs = document.source.element([...node.at, "inputs"]);
  const input = document.source.element([...node.at, "inputs", key]);
  if (inputs === null || input === null || input.form !== "string" || input.text === null)
    throw new Refusal("edit_unknown", `\`${node.id}\` has no input \`${key}\` that is a string`);
  const context = [...node.at, "context"];
  const hasContext = document.source.element(context) !== null;
  const isOnly = inputs.children.length === 1;
  // The whole of `inputs` is what `context` shall be: its name is all that changes.
  if (isOnly && !hasContext) return editor.replaceText({ path: inputs.path, part: "key" }, "context");
  return [
    ...editor.set([...context, key], input.text, ["id", "inputs"]),
    ...editor.remove([isOnly ? inputs.path : input.path]),
  ];
}

/** Edits that carry a repair out, unfinished. Throws {@link Refusal}. */
export function repairYaml(document: LiveDocument, fix: Fix): TextEdit[] {
  const editor = new YamlEditor(document.text, document.source);
  switch (fix.type) {
    case "replace":
      return editor.replaceText(fix.at, fix.text);
    case "remove":
      return editor.remove([fix.at.path]);
    case "set":
      return editor.set([...fix.at.path, fix.key], fix.value);
    case "append":
      return editor.insert([fix.table], Object.entries(fix.entries), null);
  }
}

/** The text can be read as YAML of its document's kind. */
export function yamlReads(document: LiveDocument, text: string): boolean {
  const form = documentForm(document.file);
  const yaml = form === "markdown" ? frontMatter(text)?.yaml : text;
  return yaml !== undefined && readYaml(yaml, form === "manifest" ? "runner_manifest" : "graph").problems.length === 0;
}
