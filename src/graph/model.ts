/**
 * The one model that all three dialects compile to (DESIGN.md "One model, three dialects").
 *
 * A Graph is immutable data: no text, no ranges (those are found by path when a diagnostic needs one), no I/O.
 */
import type { DeclaredAct } from "./act.ts";
import type { DocumentPath, Place } from "./diagnostic.ts";
import type { Shape } from "./shape.ts";
import type { Value } from "./value.ts";

export type Dialect = "workflow" | "skill" | "pipeline";

/** One document, compiled. */
export interface Graph {
  readonly dialect: Dialect;
  /** The document's own name, as messages show it. */
  readonly name: string;
  readonly description: string | null;
  /** The path by which the document was named. */
  readonly file: string;
  readonly starts: readonly Start[];
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** Fan-out groups of a skill graph, in order of their first step; empty elsewhere. */
  readonly groups: readonly FanoutGroup[];
  /** Conditions a skill graph's policy puts before steps; empty elsewhere. */
  readonly guards: readonly Guard[];
  /** The document's `[policy]`; null when it has none, which allows everything with a warning. */
  readonly policy: DocumentPolicy | null;
  readonly budget: Budget | null;
  readonly secrets: readonly SecretSource[];
  readonly mcpServers: readonly McpServer[];
  readonly backends: readonly ModelBackend[];
  /** Tables that only other programs than a single run use: triggers, routes, auth, server, logging, signing. */
  readonly operation: Operation;
  /**
   * Inputs that a skill declares (spec/skill-graph.md §3.1). Only skills have the list, an empty one included: their
   * steps see the payload of the run, those of a bare `graph.yaml` do not (§2.4).
   */
  readonly inputs?: readonly DeclaredInput[];
  /** The act that a skill declares for its receipt; absent where it declares none. */
  readonly act?: DeclaredAct;
}

/** One input of a skill. */
export interface DeclaredInput {
  readonly name: string;
  /** A type name such as `string`, as it is written. */
  readonly type: string;
  readonly required: boolean;
  /** Absent when the skill declares none. */
  readonly default?: Value;
  readonly description: string | null;
  readonly at: DocumentPath;
}

/** A named way into a graph. */
export interface Start {
  readonly name: string;
  readonly source: "event" | "http" | "manual";
  /** The node it enters; null when the document leaves it to the single root node. */
  readonly entry: string | null;
  readonly at: DocumentPath;
}

/** One step of a graph. `fields` are what the kind's schema made of the document's keys. */
export interface Node {
  readonly id: string;
  /** Position in {@link Graph.nodes}. */
  readonly index: number;
  readonly kind: string;
  readonly label: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly retry: Retry | null;
  /** What a hard error of this node does (Decision D6). */
  readonly onError: "stop" | "branch";
  /** What an effect does of which nobody knows whether it happened (spec/runtime.md §4). */
  readonly inDoubt: "pause" | "retry" | "fail";
  /** A template for the `Idempotency-Key` of this node's effects. */
  readonly idempotencyKey: string | null;
  /** Everything in this node that reads from elsewhere, for checks, rename and the canvas. */
  readonly references: readonly NodeReference[];
  /** Documents and files this node names. */
  readonly files: readonly FileReference[];
  /** Name of the fan-out group it belongs to (skill graphs). */
  readonly group: string | null;
  /** The condition under which it runs at all (skill graphs). */
  readonly when: Condition | null;
  /** Indexes of the nodes that must end before this one starts (pipelines). */
  readonly after: readonly number[];
  readonly at: DocumentPath;
}

/** A dotted reference or template marker inside a node. */
export interface NodeReference {
  /** `context`: the head names a node or `trigger`. `input`: relative to this node's input. `node`: a bare node id. */
  readonly role: "context" | "input" | "node" | "secret";
  readonly text: string;
  readonly at: Place;
  /** A miss is not an error of the run (spec/workflow.md §4.3). */
  readonly optional: boolean;
}

/** A file that a node names: a child document, a schema, a skill. */
export interface FileReference {
  readonly role: "child" | "schema" | "skill";
  readonly text: string;
  readonly at: Place;
}

/** A control edge. `maxIterations` makes it a loop edge. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** The branch label it carries; null for an unlabelled edge. */
  readonly when: string | null;
  readonly maxIterations: number | null;
  /** Position in {@link Graph.edges}. */
  readonly index: number;
  /** From, to, when and a running number among equal ones: the name of its loop counter across edits and resumes. */
  readonly key: string;
  readonly at: DocumentPath;
}

/** Attempts after a hard error (spec/workflow.md §6, Decision D4; skill graphs: spec/skill-graph.md §2.2). */
export interface Retry {
  /** Total attempts, at least 1. */
  readonly maxAttempts: number;
  /** Wait before retry n is `backoffMs × n`. */
  readonly backoffMs: number;
  readonly on: "any" | "transient";
  /** Random share of the wait, 0 to 0.5. */
  readonly jitter: number;
}

/** `field` compared with a literal; exactly one of the two is set. */
export interface Condition {
  readonly field: string;
  readonly equals?: Value;
  readonly notEquals?: Value;
  readonly at: DocumentPath;
}

/** A condition that must hold before `step` runs, else the graph is blocked. */
export interface Guard extends Condition {
  readonly step: string;
}

/** Steps that run side by side, and the rule that joins them (spec/skill-graph.md §2.6). */
export interface FanoutGroup {
  readonly id: string;
  readonly strategy: "all" | "any" | "quorum";
  readonly minSuccess: number | null;
  readonly onBranchFailure: "halt" | "continue";
  readonly thresholdGates: readonly {
    readonly step: string;
    readonly field: string;
    readonly above: Value;
    readonly action: "pause" | "escalate";
  }[];
  readonly conflictGates: readonly {
    readonly field: string;
    readonly steps: readonly string[];
    readonly action: "pause" | "escalate";
  }[];
  readonly at: DocumentPath;
}

/** `[policy]` of a document (spec/workflow.md §7.1). A list that is not given is empty and denies its family. */
export interface DocumentPolicy {
  readonly fs: {
    readonly read: readonly string[];
    readonly write: readonly string[];
    readonly delete: readonly string[];
    readonly list: readonly string[];
  };
  readonly env: { readonly readKeys: readonly string[] };
  readonly http: { readonly urls: readonly string[]; readonly methods: readonly string[] };
  readonly shell: { readonly commands: readonly string[] };
  readonly mcp: {
    readonly servers: readonly string[];
    readonly tools: readonly string[];
    readonly resources: readonly string[];
  };
  readonly rego: {
    readonly inline: string | null;
    readonly file: string | null;
    readonly data: Value;
    readonly query: string;
  } | null;
}

/** `[budget]`; null means no limit (spec/workflow.md §15). */
export interface Budget {
  readonly maxMemoryMb: number | null;
  readonly maxCpuSecs: number | null;
  readonly maxRunTimeSecs: number | null;
  readonly maxFsWriteMb: number | null;
  readonly maxLlmTokens: number | null;
}

/** One `[[secrets]]` entry (spec/workflow.md §12). */
export type SecretSource =
  | { readonly name: string; readonly source: "env"; readonly var: string; readonly at: DocumentPath }
  | {
      readonly name: string;
      readonly source: "file";
      readonly path: string;
      readonly trim: boolean;
      readonly at: DocumentPath;
    }
  | { readonly name: string; readonly source: "command"; readonly argv: readonly string[]; readonly at: DocumentPath }
  | {
      readonly name: string;
      readonly source: "oauth2";
      readonly tokenUrl: string;
      readonly clientIdEnv: string;
      readonly clientSecretEnv: string;
      readonly scopes: readonly string[];
      readonly extraParams: Readonly<Record<string, string>>;
      readonly authStyle: "body" | "basic";
      readonly skewSecs: number;
      readonly at: DocumentPath;
    };

/** One `[[mcp_servers]]` entry (spec/workflow.md §11). `env` maps variables to secret names. */
export interface McpServer {
  readonly name: string;
  readonly command: readonly string[];
  readonly allowTools: readonly string[];
  readonly allowResources: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly at: DocumentPath;
}

/** One `[[intelligence.backends]]` entry (spec/workflow.md §9.2). */
export interface ModelBackend {
  readonly name: string;
  readonly provider: "anthropic" | "openai" | "gemini" | "openai-compatible";
  readonly model: string;
  readonly apiKeyEnv: string | null;
  readonly baseUrl: string | null;
  readonly maxTokens: number | null;
  readonly at: DocumentPath;
}

export type Trigger =
  | {
      readonly type: "cron";
      readonly schedule: string;
      readonly timezone: string | null;
      readonly start: string;
      readonly at: DocumentPath;
    }
  | { readonly type: "interval"; readonly every: string; readonly start: string; readonly at: DocumentPath }
  | {
      readonly type: "fs_watch";
      readonly path: string;
      readonly recursive: boolean;
      readonly events: readonly string[];
      readonly debounceMs: number;
      readonly start: string;
      readonly at: DocumentPath;
    }
  | { readonly type: "internal.event"; readonly name: string; readonly start: string; readonly at: DocumentPath }
  | {
      readonly type: "mcp.resource.updated" | "mcp.resource.created";
      readonly server: string;
      readonly resource: string;
      readonly start: string;
      readonly at: DocumentPath;
    };

export interface HttpRoute {
  readonly method: string;
  readonly path: string;
  readonly start: string;
  readonly inputSchema: string | null;
  readonly auth: string | null;
  readonly rateLimit: { readonly capacity: number; readonly perSecond: number } | null;
  readonly idempotencyKey: string | null;
  readonly idempotencyTtlSecs: number;
  readonly at: DocumentPath;
}

/** What a server, a scheduler or a log needs of a document. Tables without own types stay as checked values. */
export interface Operation {
  readonly triggers: readonly Trigger[];
  readonly routes: readonly HttpRoute[];
  readonly auth: Value;
  readonly server: Value;
  readonly logging: Value;
  readonly signing: Value;
}

/** An {@link Operation} that asks for nothing. */
export const noOperation: Operation = {
  triggers: [],
  routes: [],
  auth: null,
  server: null,
  logging: null,
  signing: null,
};

/** Branch labels a node can emit. `plain`: it can also end without a label. `open`: labels depend on data. */
export interface Ports {
  readonly plain: boolean;
  readonly labels: readonly string[];
  readonly open: boolean;
}

/** What checks need to know of a kind; the registry of kinds provides it, so that this room needs no other. */
export interface KindFacts {
  ports(node: Node): Ports;
  output(node: Node): Shape;
  /** Effects that are known from the document alone; used to show decisions ahead of time. */
  literalEffects(node: Node): readonly LiteralEffect[];
}

/** An effect as far as the document fixes it; `target` null when it is known only at run time. */
export interface LiteralEffect {
  readonly family:
    "fs.read" | "fs.write" | "env.read" | "http.request" | "shell.run" | "mcp.tool" | "mcp.resource" | "model.call";
  readonly target: string | null;
  readonly method?: string;
  readonly server?: string | null;
  /** Variables of the operator that a program is handed by name (family `shell.run`). */
  readonly inheritEnv?: readonly string[];
  readonly at: Place;
}

/** Looks kinds up by name; undefined for a kind that does not exist. */
export type KindTable = (kind: string) => KindFacts | undefined;

/** Positions of nodes by id. With duplicate ids the first wins; validation refuses such a document. */
export function nodeIndex(graph: Pick<Graph, "nodes">): Map<string, number> {
  const index = new Map<string, number>();
  for (const node of graph.nodes) if (!index.has(node.id)) index.set(node.id, node.index);
  return index;
}

const plainName = /^[\w.-]*$/;

/** `from`, `to` and `when` as a JSON array; written out where nothing needs escaping, for large documents. */
function edgeName(from: string, to: string, when: string | null): string {
  if (when === null && plainName.test(from) && plainName.test(to)) return `["${from}","${to}",null]`;
  return JSON.stringify([from, to, when]);
}

/** Names edges so that equal ones stay apart and keep their name across edits elsewhere. */
export function edgeKeys(
  edges: readonly { readonly from: string; readonly to: string; readonly when: string | null }[],
): string[] {
  const seen = new Map<string, number>();
  return edges.map((edge) => {
    const name = edgeName(edge.from, edge.to, edge.when);
    const ordinal = seen.get(name) ?? 0;
    seen.set(name, ordinal + 1);
    return `${name}#${ordinal}`;
  });
}
