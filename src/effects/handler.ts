/**
 * Handlers: a node kind's behaviour as a generator that yields requests and is driven by the runner
 * (spec/runtime.md §1).
 *
 * Invariants:
 * 1. a handler is a function of its node and the answers it gets: no clock, no randomness, no I/O, no shared state;
 * 2. on resume it is driven again with the journalled answers and must yield the same requests in the same order;
 * 3. it ends by returning a NodeResult or by throwing a NodeFailure.
 */
import { NodeFailure, type Failure } from "../graph/failure.ts";
import type { Graph, Node } from "../graph/model.ts";
import type { Value } from "../graph/value.ts";
import type { Activation, Effect, PreparedEffect } from "./effect.ts";
import type { ApprovalAnswer, HttpReply } from "./events.ts";

/** What a handler can ask for. */
export type Request =
  | {
      readonly type: "effect";
      readonly effect: Effect;
      /** Wrong with the rest of the effect; raised once policy has allowed its target, before anything happens. */
      readonly problem?: Failure;
      readonly chosenByModel?: boolean;
    }
  | {
      readonly type: "frames";
      readonly frames: readonly FrameRequest[];
      /** How many run at once; the next wave starts when all of one have ended. */ readonly wave: number;
    }
  | {
      readonly type: "ask";
      readonly subject: "pause" | "approval";
      readonly id: string | null;
      readonly reason: string | null;
      readonly summary: Value;
      /** JSON Schema of a typed answer, as JSON text; absent: yes or no. */
      readonly answerSchema?: string | null;
    }
  | {
      readonly type: "wait";
      readonly ms: number;
      /** Share of `ms` that is random, 0 to 1. */ readonly jitter: number;
    };

/** A child document to walk. */
export interface FrameRequest {
  /** Key of a pinned document. */
  readonly document: string;
  readonly start: string | null;
  readonly input: Value;
}

/** What came of one child frame. */
export type FrameResult =
  | { readonly status: "completed"; readonly value: Value; readonly partial: boolean }
  | { readonly status: "failed"; readonly reason: string }
  | { readonly status: "timed_out" }
  | { readonly status: "error"; readonly failure: Failure };

/** The answer to an effect: its result, or that a dry run did not perform it. */
export type EffectReply =
  | { readonly type: "done"; readonly value: Value }
  | {
      readonly type: "dry";
      /** What preparation found: real paths, the chosen server. */ readonly description: PreparedEffect["description"];
    }
  | { readonly type: "failed"; readonly failure: Failure };

/** What the runner sends back for a request. */
export type Response =
  | { readonly type: "effect"; readonly reply: EffectReply }
  | { readonly type: "frames"; readonly results: readonly FrameResult[] }
  | { readonly type: "ask"; readonly answer: ApprovalAnswer }
  | { readonly type: "wait" };

/** How a node ends. */
export type NodeResult =
  | {
      readonly outcome: "continue";
      readonly output: Value;
      readonly label?: string;
      /** Members that `output` lacks are unknown, not missing (spec/runtime.md §5). */
      readonly partial?: boolean;
      /** The label was assumed because its condition is unknown. */
      readonly assumed?: boolean;
      readonly reply?: HttpReply;
    }
  | { readonly outcome: "terminate" }
  | { readonly outcome: "fail"; readonly reason: string };

/** Where a reference leads. */
export type Lookup =
  { readonly state: "found"; readonly value: Value } | { readonly state: "missing" } | { readonly state: "unknown" };

/** A document or file that was pinned when the run was loaded. */
export type Pinned =
  | { readonly ok: true; readonly key: string; readonly graph: Graph }
  | {
      readonly ok: false;
      readonly problem: "read" | "parse" | "invalid" | "policy";
      readonly message: string;
      /** The child's own name, where it could be parsed; messages show it. */
      readonly name?: string;
    };

/** SHA-256 of UTF-8 text, as `sha256:` and lower-case hex. Pure. */
export type Digest = (text: string) => string;

/** What a handler sees. */
export interface NodeContext {
  readonly node: Node;
  readonly graph: Graph;
  /** Key of the document that holds the node; the same when the run is resumed, wherever from. Absent: `graph.file`. */
  readonly document?: string;
  readonly activation: Activation;
  readonly depth: number;
  readonly dryRun: boolean;
  readonly canPause: boolean;
  /** The raw payload of this frame, without `kind` (spec/workflow.md §4.2). */
  readonly input: Value;
  /** Resolves a dotted reference in this frame's context. */
  lookup(reference: string): Lookup;
  /** The label chosen with `--assume` for this node, if any. */
  readonly assume: string | undefined;
  /** A child document that this node names, as pinned at the start. */
  child(reference: string): Pinned;
  /** Text of a file that this node names, as pinned at the start; null when it could not be read. */
  file(reference: string): string | null;
  /** Names of configured model backends, sorted; and of MCP servers. Empty when none is configured. */
  readonly backends: readonly string[];
  readonly servers: readonly string[];
  /** SHA-256 as the seam computes it (`sha256:` and hex). Absent: kinds that need one fail with class `capability`. */
  readonly digest?: Digest;
  /** The operator's working directory as child programs are told it (RUNX_CWD, else INIT_CWD, else the real one). */
  readonly workspace?: string;
  /** True when the performer enforces `ProcessEffect.sandbox`; otherwise a step that declares one fails (R15). */
  readonly enforcesSandbox?: boolean;
  /** What operators set for stages (spec/pipeline.md §2); the defaults of {@link stageDefaults} when absent. */
  readonly stageDefaults?: StageDefaults;
  /** The operator's standing system prompt for agent loops (spec/workflow.md §10.1), when there is one. */
  readonly standingSystem?: string;
}

/** Settings of stages, read once from the environment at start (spec/pipeline.md §2). Times in milliseconds. */
export interface StageDefaults {
  /** The whole of one POST (`…HTTP_POST_TIMEOUT`). */
  readonly timeoutMs: number;
  /** Tries after the first, 0 to 10 (`…ACTION_MAX_RETRIES`). */
  readonly maxRetries: number;
  /** The first wait; it doubles with every try (`…ACTION_RETRY_BASE_MS`). */
  readonly retryBaseMs: number;
}

/** What holds when nothing is set. */
export const stageDefaults: StageDefaults = { timeoutMs: 10_000, maxRetries: 0, retryBaseMs: 200 };

/** A kind's behaviour. */
export type Handler = (context: NodeContext) => Generator<Request, NodeResult, Response>;

/** Yields one effect and gives its reply; a failure comes back as a value. */
export function* attempt(
  effect: Effect,
  extra: { problem?: Failure; chosenByModel?: boolean } = {},
): Generator<Request, EffectReply, Response> {
  const response = yield { type: "effect", effect, ...extra };
  if (response.type !== "effect") throw new TypeError("the runner answered another request");
  return response.reply;
}

/** Yields one effect; its value, or null when a dry run did not perform it. A failure becomes the node's. */
export function* perform(
  effect: Effect,
  extra: { problem?: Failure; chosenByModel?: boolean } = {},
): Generator<Request, Value | undefined, Response> {
  const reply = yield* attempt(effect, extra);
  if (reply.type === "failed") throw new NodeFailure(reply.failure);
  return reply.type === "dry" ? undefined : reply.value;
}

/** Walks child frames and gives their results in order. */
export function* frames(
  list: readonly FrameRequest[],
  wave: number,
): Generator<Request, readonly FrameResult[], Response> {
  const response = yield { type: "frames", frames: list, wave };
  if (response.type !== "frames") throw new TypeError("the runner answered another request");
  return response.results;
}

/** Asks a person; returns when there is an answer. */
export function* ask(request: {
  subject: "pause" | "approval";
  id: string | null;
  reason: string | null;
  summary: Value;
  answerSchema?: string | null;
}): Generator<Request, ApprovalAnswer, Response> {
  const response = yield { type: "ask", ...request };
  if (response.type !== "ask") throw new TypeError("the runner answered another request");
  return response.answer;
}

/** Waits between tries of its own. */
export function* wait(ms: number, jitter: number): Generator<Request, void, Response> {
  const response = yield { type: "wait", ms, jitter };
  if (response.type !== "wait") throw new TypeError("the runner answered another request");
}
