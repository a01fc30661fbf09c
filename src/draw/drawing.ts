/**
 * A graph as it is drawn: boxes with ports, arrows, markers and frames, before anybody knows where they stand. The
 * canvas, the SVG and the report draw the same drawing (spec/editor.md §3).
 *
 * Invariants: every element has a key that is unique in the drawing and stays the same as long as the part of the
 * document that it stands for does; keys are not ids, so duplicate and empty ids are drawn too (§2). All text is data
 * of the document and never markup.
 */
import type { Dialect } from "../graph/model.ts";

/** A drawing of one graph. */
export interface Drawing {
  readonly dialect: Dialect;
  readonly name: string;
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
  readonly entries: readonly DrawnEntry[];
  readonly frames: readonly DrawnFrame[];
  /** Data that nodes read from each other; an overlay that can be switched on. */
  readonly references: readonly DrawnReference[];
}

/** What a node is about; chooses its colour and icon. The groups of the registry of kinds, and `unknown`. */
export type NodeFamily =
  "input" | "transform" | "intelligence" | "action" | "composition" | "control" | "step" | "unknown";

/** A box. */
export interface DrawnNode {
  readonly key: string;
  /** Position in `Graph.nodes`. */
  readonly index: number;
  readonly id: string;
  readonly kind: string;
  readonly family: NodeFamily;
  /** The author's own label; null when there is none. */
  readonly label: string | null;
  /** One line that says what it does here, e.g. `POST trigger.webhook_url`. */
  readonly summary: string;
  /** Ways out, in the order in which they are drawn. Every node but one that ends the run has at least one. */
  readonly ports: readonly DrawnPort[];
  /** What it may do to the world; null for nothing. */
  readonly effect: "read" | "mutate" | "spawn" | null;
  readonly badges: readonly DrawnBadge[];
  /** The document that it runs, as it is named; it can be expanded or opened. */
  readonly child: string | null;
  /** The frame that it stands in, by key. */
  readonly frame: string | null;
  /** The size of what is drawn inside it: a child document, opened in place. Absent when it is closed. */
  readonly inner?: { readonly width: number; readonly height: number };
}

/** A way out of a node. */
export interface DrawnPort {
  /** The branch label; null for the plain end. */
  readonly label: string | null;
  /** `open`: labels that depend on data; a new label can be typed there. */
  readonly type: "plain" | "label" | "error" | "open";
}

/** Something worth knowing at a glance. */
export interface DrawnBadge {
  readonly type: "retry" | "on_error" | "when" | "mutation" | "idempotency";
  readonly text: string;
}

/** An arrow between nodes. */
export interface DrawnEdge {
  readonly key: string;
  /** Position in `Graph.edges`; null for an order that no edge of the document says (skill graphs). */
  readonly index: number | null;
  /** Keys of nodes. An end that is not in the document is drawn as a ghost: `ghost:<id>`. */
  readonly from: string;
  readonly to: string;
  /** The port it leaves by: a branch label, or null for the plain end. */
  readonly port: string | null;
  /** What stands on it. */
  readonly label: string | null;
  /** How often it may be followed; makes it a curved loop edge. */
  readonly loop: number | null;
  /** `sequence`: the order of steps; `dependency`: a pipeline's `depends_on`. */
  readonly type: "control" | "sequence" | "dependency";
}

/** A way into the graph: a start with the triggers and routes that lead to it. */
export interface DrawnEntry {
  readonly key: string;
  readonly name: string;
  readonly source: "event" | "http" | "manual";
  /** What leads to it, e.g. `POST /hooks/order` or `every 5m`. */
  readonly triggers: readonly string[];
  /** Key of the node it enters; null when the document does not say and there is no single root. */
  readonly to: string | null;
  /** Keys of nodes that are entered beside it: the rest of a first fan-out group, stages that depend on none. */
  readonly also: readonly string[];
}

/** Nodes that belong together: a fan-out group. */
export interface DrawnFrame {
  readonly key: string;
  readonly title: string;
  /** E.g. `quorum 2 of 3`. */
  readonly rule: string;
  readonly nodes: readonly string[];
}

/** A value that one node reads from another. */
export interface DrawnReference {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  /** The reference as it is written. */
  readonly text: string;
}

/** The arrows of an entry: the first is called `entry:<key>`, further ones `entry:<key>><node>`. */
export function entryWays({ key, to, also }: DrawnEntry): readonly { readonly key: string; readonly to: string }[] {
  if (to === null) return [];
  return [{ key: `entry:${key}`, to }, ...also.map((node) => ({ key: `entry:${key}>${node}`, to: node }))];
}
