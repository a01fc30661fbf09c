/**
 * Intents -> text edits of a workflow document (spec/editor.md §2, spec/workflow.md §2).
 */
import type { DocumentPath } from "../../../graph/diagnostic.ts";
import type { Graph } from "../../../graph/model.ts";
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
  startOf,
} from "../../edits/graph-facts.ts";
import type { Fields, Intent, NewNode } from "../../edits/intent.ts";
import { Refusal } from "../../edits/refusal.ts";
import type { LiveDocument } from "../../live/live.ts";
import { TomlEditor } from "./toml-editor.ts";

const edgeKeys = ["from", "to", "when", "max_iterations"];
const nodeKeys = ["id", "type"];
const documentKeys = ["name", "description"];

/** The table that holds the workflow: the root, or the only `[[workflows]]` entry. */
export function workflowBase(document: LiveDocument): DocumentPath {
  return document.source.element(["workflows", 0]) === null ? [] : ["workflows", 0];
}

/** Edits that carry `intent` out, unfinished. Throws {@link Refusal}. */
export function planWorkflow(document: LiveDocument, intent: Intent): TextEdit[] {
  const base = workflowBase(document);
  const editor = new TomlEditor(document.text, document.source, base);
  if (intent.type === "replace-text") return editor.replaceText(intent.place, intent.text);
  return planIn(editor, graphOf(document, intent), base, intent);
}

function planIn(
  editor: TomlEditor,
  graph: Graph,
  base: DocumentPath,
  intent: Exclude<Intent, { type: "replace-text" }>,
): TextEdit[] {
  const list = (name: string): DocumentPath => [...base, name];
  const addNode = (node: NewNode, after: number | null): TextEdit[] => {
    requireFreeId(graph, node.id);
    return editor.insert(list("nodes"), nodeFields(node), after);
  };
  switch (intent.type) {
    case "add-node": {
      const after = intent.after === undefined ? null : itemIndex(nodeOf(graph, intent.after).at);
      return addNode(intent, after);
    }
    case "remove-node": {
      const node = nodeOf(graph, intent.node);
      const more = intent.withEdges ? waysOf(graph, new Set([node.id])) : [];
      return editor.remove([node.at, ...more]);
    }
    case "remove": {
      const nodes = intent.nodes.map((ref) => nodeOf(graph, ref));
      const ways = [
        ...intent.starts.map((index) => startOf(graph, index).at),
        ...intent.edges.map((index) => edgeOf(graph, index).at),
        ...waysOf(graph, new Set(nodes.map((node) => node.id))),
      ];
      return editor.remove(outermost([...nodes.map((node) => node.at), ...ways]));
    }
    case "duplicate-node": {
      const node = nodeOf(graph, intent.node);
      requireFreeId(graph, intent.id);
      return editor.duplicate(list("nodes"), itemIndex(node.at), "id", intent.id);
    }
    case "reorder-node": {
      const node = nodeOf(graph, intent.node);
      const to = nodeOf(graph, movedIndex(graph, node, intent.steps));
      return editor.move(list("nodes"), itemIndex(node.at), itemIndex(to.at));
    }
    case "add-edge":
      return editor.insert(list("edges"), edgeFields(intent), null);
    case "remove-edge":
      return editor.remove([edgeOf(graph, intent.index).at]);
    case "set-edge":
      return setEdge(editor, graph, intent);
    case "add-start": {
      if (graph.starts.some((start) => start.name === intent.name))
        throw new Refusal("edit_conflict", `there is a start \`${intent.name}\` already`);
      const fields: [string, Value][] = [
        ["name", intent.name],
        ["source", intent.source],
      ];
      if (intent.entry !== undefined) fields.push(["entry_node", intent.entry]);
      return editor.insert(list("start_nodes"), fields, null);
    }
    case "remove-start":
      return editor.remove([startOf(graph, intent.name).at]);
    case "set-field": {
      const at = intent.node === undefined ? base : nodeOf(graph, intent.node).at;
      requireBelow(intent.path);
      return editor.set([...at, ...intent.path], intent.value, intent.node === undefined ? documentKeys : nodeKeys);
    }
    case "add-item": {
      const at = intent.node === undefined ? base : nodeOf(graph, intent.node).at;
      requireBelow(intent.path);
      const { value } = intent;
      const list = [...at, ...intent.path];
      // Items of the document's own lists have headers, those within nodes are written inline.
      if (isObject(value) && intent.node === undefined) return editor.insert(list, Object.entries(value), null);
      return editor.append(list, [value]);
    }
    case "remove-field": {
      const at = intent.node === undefined ? base : nodeOf(graph, intent.node).at;
      requireBelow(intent.path);
      return editor.remove([[...at, ...intent.path]]);
    }
    case "add-policy-entry": {
      if (policyList(graph, intent.family).includes(intent.entry)) return [];
      return editor.append([...base, "policy", ...intent.family.split(".")], [intent.entry]);
    }
    case "insert-on-edge": {
      const edge = edgeOf(graph, intent.index);
      const source = graph.nodes.find((node) => node.id === edge.from);
      return [
        ...addNode(intent.node, source === undefined ? null : itemIndex(source.at)),
        ...editor.set([...edge.at, "to"], intent.node.id, edgeKeys),
        ...editor.insert(list("edges"), edgeFields({ from: intent.node.id, to: edge.to }), itemIndex(edge.at)),
      ];
    }
    case "move-input-to-context":
      throw notExpressible("a workflow's nodes have no `context`; they read others by fields that end in `_from`");
  }
}

function requireBelow(path: DocumentPath): void {
  if (path.length === 0) throw new Refusal("edit_unknown", "say which field is meant");
}

function nodeFields(node: NewNode): Fields {
  const own = node.fields.filter(([key]) => !nodeKeys.includes(key));
  return [["id", node.id], ["type", node.kind], ...own];
}

function edgeFields(edge: { from: string; to: string; when?: string; maxIterations?: number }): Fields {
  const fields: [string, Value][] = [
    ["from", edge.from],
    ["to", edge.to],
  ];
  if (edge.when !== undefined) fields.push(["when", edge.when]);
  if (edge.maxIterations !== undefined) fields.push(["max_iterations", iterations(edge.maxIterations)]);
  return fields;
}

function iterations(count: number): bigint {
  if (Number.isInteger(count) && count >= 0 && count < 2 ** 32) return BigInt(count);
  throw new Refusal("edit_not_expressible", `an edge is followed a whole number of times, not ${count}`);
}

/** Edges from and to nodes, and the `entry_node` of starts that enter them; the starts stay, for routes name them. */
function waysOf(graph: Graph, ids: ReadonlySet<string>): DocumentPath[] {
  const edges = graph.edges.filter((edge) => ids.has(edge.from) || ids.has(edge.to)).map((edge) => edge.at);
  const entered = graph.starts.filter((start) => start.entry !== null && ids.has(start.entry));
  return [...edges, ...entered.map((start) => [...start.at, "entry_node"])];
}

/** Each path once, and none that lies below another one. */
function outermost(paths: readonly DocumentPath[]): DocumentPath[] {
  const all = new Map(paths.map((path) => [JSON.stringify(path), path]));
  const isBelow = (path: DocumentPath): boolean =>
    path.some((_, i) => i > 0 && all.has(JSON.stringify(path.slice(0, i))));
  return [...all.values()].filter((path) => !isBelow(path));
}

function setEdge(editor: TomlEditor, graph: Graph, intent: Extract<Intent, { type: "set-edge" }>): TextEdit[] {
  const edge = edgeOf(graph, intent.index);
  const wanted: [string, Value | undefined, boolean][] = [
    ["from", intent.from, true],
    ["to", intent.to, true],
    ["when", intent.when, edge.when !== null],
    [
      "max_iterations",
      typeof intent.maxIterations === "number" ? iterations(intent.maxIterations) : intent.maxIterations,
      edge.maxIterations !== null,
    ],
  ];
  const gone = wanted.flatMap(([key, value, has]) => (value === null && has ? [[...edge.at, key]] : []));
  return [
    ...wanted.flatMap(([key, value]) =>
      value === undefined || value === null ? [] : editor.set([...edge.at, key], value, edgeKeys),
    ),
    ...(gone.length === 0 ? [] : editor.remove(gone)),
  ];
}

function policyList(graph: Graph, family: Extract<Intent, { type: "add-policy-entry" }>["family"]): readonly string[] {
  const policy = graph.policy;
  if (policy === null) return [];
  switch (family) {
    case "fs.read":
      return policy.fs.read;
    case "fs.write":
      return policy.fs.write;
    case "fs.delete":
      return policy.fs.delete;
    case "fs.list":
      return policy.fs.list;
    case "env.read_keys":
      return policy.env.readKeys;
    case "http.urls":
      return policy.http.urls;
    case "http.methods":
      return policy.http.methods;
    case "shell.commands":
      return policy.shell.commands;
    case "mcp.servers":
      return policy.mcp.servers;
    case "mcp.tools":
      return policy.mcp.tools;
    case "mcp.resources":
      return policy.mcp.resources;
  }
}
