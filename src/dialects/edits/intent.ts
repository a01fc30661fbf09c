/**
 * What an author may want of a graph document, said about the graph and never as text (spec/editor.md §2).
 *
 * Boundary: pure data. Nodes, starts and edges are meant by what the graph model calls them; values are node values.
 * Messages of the canvas and quick fixes carry intents, so each is small and closed.
 */
import type { DocumentPath, Place } from "../../graph/diagnostic.ts";
import type { Value } from "../../graph/value.ts";
import type { TextEdit } from "./edit.ts";
import type { EditCode } from "./refusal.ts";

/** A node by its position in `Graph.nodes`, or by its id, which means the first of that id. */
export type NodeRef = number | string;

/** Keys with their values, in the order in which they are to be written. */
export type Fields = readonly (readonly [key: string, value: Value])[];

/** A node that is not in the document yet. `fields` are the document's keys, without id and type. */
export interface NewNode {
  readonly id: string;
  readonly kind: string;
  readonly fields: Fields;
}

/** The list of a `[policy]` that an entry goes to (spec/workflow.md §7.1). */
export const policyFamilies = [
  "fs.read",
  "fs.write",
  "fs.delete",
  "fs.list",
  "env.read_keys",
  "http.urls",
  "http.methods",
  "shell.commands",
  "mcp.servers",
  "mcp.tools",
  "mcp.resources",
] as const;

/** One of {@link policyFamilies}. */
export type PolicyFamily = (typeof policyFamilies)[number];

/**
 * One change. `graph`: the position in `LiveDocument.graphs`, the first when absent.
 *
 * - `add-node` goes behind `after`, else behind the last node;
 * - `remove-node` with `withEdges` takes its edges along, and what starts, guards and groups say of it;
 * - `remove` takes several nodes, edges and starts out in one go, by their positions: nodes with all that `withEdges` takes;
 * - `duplicate-node` copies a node as it is written, comments within it included, under a new id, without edges;
 * - `reorder-node` moves a node by `steps` places, down when positive;
 * - `set-edge` sets what is given and clears what is null;
 * - `remove-edge` of a pipeline means a dependency: they are numbered stage by stage, as they stand;
 * - `set-field` and `remove-field` count `path` from the node, or from the document's graph without `node`;
 * - `add-item` puts a value at the end of a list, which is made where it is missing; `path` as in `set-field`;
 * - `insert-on-edge` puts a new node between the ends of an edge; the label stays on the way into the new node;
 * - `move-input-to-context` takes `key` of a step's `inputs`;
 * - `replace-text` writes `text` instead of a key, a string, or a stretch within a string.
 */
export type Intent = { readonly graph?: number } & (
  | ({ readonly type: "add-node"; readonly after?: NodeRef } & NewNode)
  | { readonly type: "remove-node"; readonly node: NodeRef; readonly withEdges: boolean }
  | {
      readonly type: "remove";
      readonly nodes: readonly number[];
      readonly edges: readonly number[];
      readonly starts: readonly number[];
    }
  | { readonly type: "duplicate-node"; readonly node: NodeRef; readonly id: string }
  | { readonly type: "reorder-node"; readonly node: NodeRef; readonly steps: number }
  | {
      readonly type: "add-edge";
      readonly from: string;
      readonly to: string;
      readonly when?: string;
      readonly maxIterations?: number;
    }
  | { readonly type: "remove-edge"; readonly index: number }
  | {
      readonly type: "set-edge";
      readonly index: number;
      readonly from?: string;
      readonly to?: string;
      readonly when?: string | null;
      readonly maxIterations?: number | null;
    }
  | {
      readonly type: "add-start";
      readonly name: string;
      readonly source: "event" | "http" | "manual";
      readonly entry?: string;
    }
  | { readonly type: "remove-start"; readonly name: string }
  | { readonly type: "set-field"; readonly node?: NodeRef; readonly path: DocumentPath; readonly value: Value }
  | { readonly type: "remove-field"; readonly node?: NodeRef; readonly path: DocumentPath }
  | { readonly type: "add-item"; readonly node?: NodeRef; readonly path: DocumentPath; readonly value: Value }
  | { readonly type: "add-policy-entry"; readonly family: PolicyFamily; readonly entry: string }
  | { readonly type: "insert-on-edge"; readonly index: number; readonly node: NewNode }
  | { readonly type: "move-input-to-context"; readonly node: NodeRef; readonly key: string }
  | { readonly type: "replace-text"; readonly place: Place; readonly text: string }
);

/** The edits that do what was meant, or why they are not made. */
export type EditPlan =
  | { readonly ok: true; readonly edits: readonly TextEdit[] }
  | { readonly ok: false; readonly code: EditCode; readonly message: string };
