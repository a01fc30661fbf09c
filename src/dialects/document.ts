/**
 * What every dialect offers: text -> Graph, a locator for places in the text, and the rules by which the planner
 * walks such a graph. Boundary: pure; files arrive as text.
 */
import type { Diagnostic, Locator } from "../graph/diagnostic.ts";
import { NodeFailure, type Failure } from "../graph/failure.ts";
import type { Dialect, Graph } from "../graph/model.ts";
import type { Value } from "../graph/value.ts";

/** The outcome of parsing one text. `graph` is null when the text is not a document of the dialect (exit code 2). */
export interface ParsedDocument {
  readonly graph: Graph | null;
  /** Parse problems when `graph` is null; otherwise findings of the reading itself, e.g. unused keys. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A dialect's front end. */
export interface DialectFrontEnd {
  readonly dialect: Dialect;
  parse(text: string, file: string): ParsedDocument;
  /** The reference's own checks of one document, all errors (exit code 5). */
  validate(graph: Graph): readonly Diagnostic[];
  /** Reads the text once more, for its places. */
  locator(text: string): Locator;
}

/** A node's end as a dialect's walk sees it. */
export interface EndedNode {
  readonly output: Value;
  readonly partial: boolean;
  readonly label: string | null;
  readonly outcome: "continue" | "terminate" | "fail" | "skip";
  readonly reason: string | null;
  /** Set when the node failed for good (after its retries). */
  readonly failure: Failure | null;
}

/** What the walk of one frame has done so far. A fold over its events; read-only for the rules. */
export interface WalkState {
  readonly frame: string;
  readonly start: string | null;
  readonly input: Value;
  readonly triggerKind: "manual" | "http" | "event";
  /** Node visits so far, all nodes together. */
  readonly steps: number;
  /** Ids of nodes that have been entered and have not ended, in order of entry. */
  readonly active: readonly string[];
  /** The node that was entered last. */
  readonly lastEntered: string | null;
  /** Ended nodes whose successors have not been entered yet (workflow: at most one). */
  readonly pending: string | null;
  /** The latest end of each node. */
  readonly ended: ReadonlyMap<string, EndedNode>;
  /** Visits of each node. */
  readonly visits: ReadonlyMap<string, number>;
  /** How often each loop edge was taken, by {@link Edge.key}. */
  readonly loops: ReadonlyMap<string, number>;
  /** Fan-out gates that a person has let pass, as `<group>:<rule>`. */
  readonly resolvedGates: ReadonlySet<string>;
  /** Fan-out gates that a person has refused, as `<group>:<rule>`; the walk fails there. */
  readonly deniedGates?: ReadonlySet<string>;
}

/** What a walk wants next. An empty list: wait for what is under way. */
export type WalkAction =
  | {
      readonly type: "enter";
      readonly node: string;
      readonly edge: string | null;
      /** Its condition is unknown in this dry run; the walk assumes that it holds (spec/runtime.md §5). */
      readonly assumed?: true;
    }
  | {
      readonly type: "skip";
      readonly node: string;
      readonly reason: string;
      /** Its condition is unknown and it was chosen not to hold (`--assume NODE=skip`). */
      readonly assumed?: true;
    }
  | {
      readonly type: "gate";
      readonly group: string;
      readonly rule: string;
      readonly reason: string;
      readonly gate: Value;
    }
  | {
      readonly type: "finish";
      readonly status: "completed" | "failed";
      readonly value: Value;
      readonly partial: boolean;
      readonly reason: string | null;
      readonly failure: Failure | null;
      readonly lastNode: string | null;
    };

/** What the run says to a walk. */
export interface WalkLimits {
  /** Most nodes in flight at once. */
  readonly maxActive: number;
  /** Labels chosen for unknown conditions of a dry run: node id -> label. */
  readonly assume?: Readonly<Record<string, string>>;
}

/** How a dialect walks its graphs: pure functions of the graph and the state. */
export interface WalkRules {
  /** The value under the head `trigger` of references in this frame. */
  trigger(walk: WalkState): Value;
  /** Everything that can happen now and is not under way. `maxActive` bounds nodes in flight at once. */
  next(graph: Graph, walk: WalkState, limits: WalkLimits): readonly WalkAction[];
}

/** Raises a failure; for use where a value is expected. */
export function raise(failure: Failure): never {
  throw new NodeFailure(failure);
}
