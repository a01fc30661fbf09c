/**
 * Drives one handler by hand: answers its requests from a list and keeps them. What a run would do with the answers
 * is not looked at here.
 */
import type { ApprovalAnswer } from "../../src/effects/events.ts";
import type { Effect } from "../../src/effects/effect.ts";
import type {
  EffectReply,
  FrameResult,
  Lookup,
  NodeContext,
  NodeResult,
  Pinned,
  Request,
  Response,
} from "../../src/effects/handler.ts";
import { NodeFailure, type Failure } from "../../src/graph/failure.ts";
import { parseJson } from "../../src/graph/json.ts";
import { noOperation, type Edge, type Graph, type Node } from "../../src/graph/model.ts";
import { splitReference, walk } from "../../src/graph/reference.ts";
import { toText, type Value } from "../../src/graph/value.ts";
import { kindDefinition } from "../../src/kinds/definitions.generated.ts";
import { handlers } from "../../src/kinds/handlers.generated.ts";
import { UnknownInput } from "../../src/kinds/inputs.ts";

/** An answer to one request, in order. */
export type Answer =
  | { readonly done: Value }
  | { readonly dry: Readonly<Record<string, string | readonly string[]>> }
  | { readonly failed: Failure }
  | { readonly frames: readonly FrameResult[] }
  | { readonly ask: ApprovalAnswer }
  | { readonly waited: true };

export interface Case {
  readonly kind: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Outputs by node id, and `trigger`. */
  readonly values?: Readonly<Record<string, Value>>;
  /** Ids whose outputs lack members that are unknown. */
  readonly partial?: readonly string[];
  readonly input?: Value;
  readonly dryRun?: boolean;
  readonly canPause?: boolean;
  readonly depth?: number;
  readonly assume?: string;
  readonly edges?: readonly { readonly to: string; readonly when: string | null }[];
  readonly children?: Readonly<Record<string, Pinned>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly backends?: readonly string[];
  readonly servers?: readonly string[];
  readonly stageDefaults?: NonNullable<NodeContext["stageDefaults"]>;
  readonly standingSystem?: string;
  readonly answers?: readonly Answer[];
}

export interface Drive {
  readonly requests: readonly Request[];
  readonly result: NodeResult | null;
  readonly failure: Failure | null;
  readonly unknown: boolean;
}

/** A value from JSON text, with exact numbers. */
export function json(text: string): Value {
  const read = parseJson(text);
  if (!read.ok) throw new Error(`${text}: ${read.problem.what}`);
  return read.value;
}

/** A graph of nodes without a document around it. */
export function graphOf(name: string, more: Partial<Graph> = {}): Graph {
  return {
    dialect: "workflow",
    name,
    description: null,
    file: `${name}.toml`,
    starts: [{ name: "main", source: "manual", entry: null, at: [] }],
    nodes: [],
    edges: [],
    groups: [],
    guards: [],
    policy: null,
    budget: null,
    secrets: [],
    mcpServers: [],
    backends: [],
    operation: noOperation,
    ...more,
  };
}

/** A node `n` of a kind, with fields as the kind's schema makes them. */
export function nodeOf(kind: string, raw: Readonly<Record<string, unknown>>): Node {
  const definition = kindDefinition(kind);
  if (definition === undefined) throw new Error(`no kind ${kind}`);
  return {
    id: "n",
    index: 0,
    kind,
    label: null,
    fields: definition.fields.parse(raw),
    retry: null,
    onError: "stop",
    inDoubt: "pause",
    idempotencyKey: null,
    references: [],
    files: [],
    group: null,
    when: null,
    after: [],
    at: ["nodes", 0],
  };
}

/** Drives the handler to its end; an unanswered or a superfluous answer is an error of the test. */
export function drive(given: Case): Drive {
  const handler = handlers.get(given.kind);
  if (handler === undefined) throw new Error(`no handler for ${given.kind}`);
  const requests: Request[] = [];
  const answers = [...(given.answers ?? [])];
  const run = handler(contextOf(given));
  try {
    let step = run.next();
    while (step.done !== true) {
      requests.push(step.value);
      const answer = answers.shift();
      if (answer === undefined) throw new Error(`no answer for ${step.value.type} ${requests.length}`);
      step = run.next(responseOf(answer));
    }
    if (answers.length > 0) throw new Error(`${answers.length} answers were not asked for`);
    return { requests, result: step.value, failure: null, unknown: false };
  } catch (problem) {
    if (problem instanceof NodeFailure) return { requests, result: null, failure: problem.failure, unknown: false };
    if (problem instanceof UnknownInput) return { requests, result: null, failure: null, unknown: true };
    throw problem;
  }
}

/** The compact text of the output of a node that went on. */
export function outputText(ran: Drive): string {
  if (ran.result?.outcome !== "continue") throw new Error(`the node did not go on: ${ran.failure?.message ?? "?"}`);
  return toText(ran.result.output);
}

/** The label of a node that went on; undefined for none. */
export function labelOf(ran: Drive): string | undefined {
  if (ran.result?.outcome !== "continue") throw new Error(`the node did not go on: ${ran.failure?.message ?? "?"}`);
  return ran.result.label;
}

/** The effects that were asked for. */
export function effectsOf(ran: Drive): Effect[] {
  return ran.requests.flatMap((request) => (request.type === "effect" ? [request.effect] : []));
}

/** The problem that came with the first effect, if any. */
export function problemIn(ran: Drive): Failure | undefined {
  const [first] = ran.requests;
  return first?.type === "effect" ? first.problem : undefined;
}

function contextOf(given: Case): NodeContext {
  const node = nodeOf(given.kind, given.fields ?? {});
  const edges = (given.edges ?? []).map(({ to, when }, index): Edge => ({
    from: "n",
    to,
    when,
    maxIterations: null,
    index,
    key: `${index}`,
    at: [],
  }));
  return {
    node,
    graph: graphOf("w", { nodes: [node], edges }),
    activation: { frame: "", node: "n", visit: 1, attempt: 1 },
    depth: given.depth ?? 0,
    dryRun: given.dryRun ?? false,
    canPause: given.canPause ?? true,
    input: given.input ?? null,
    lookup: (reference) => lookup(given, reference),
    assume: given.assume,
    child: (reference) =>
      given.children?.[reference] ?? { ok: false, problem: "read", message: "No such file or directory (os error 2)" },
    file: (reference) => given.files?.[reference] ?? null,
    backends: given.backends ?? ["default"],
    servers: given.servers ?? ["docs"],
    ...(given.stageDefaults === undefined ? {} : { stageDefaults: given.stageDefaults }),
    ...(given.standingSystem === undefined ? {} : { standingSystem: given.standingSystem }),
  };
}

function lookup(given: Case, reference: string): Lookup {
  const { head, rest } = splitReference(reference);
  const value = given.values?.[head];
  if (value === undefined) return { state: "missing" };
  const found = walk(value, rest);
  if (found !== undefined) return { state: "found", value: found };
  return { state: given.partial?.includes(head) === true ? "unknown" : "missing" };
}

function responseOf(answer: Answer): Response {
  if ("frames" in answer) return { type: "frames", results: answer.frames };
  if ("ask" in answer) return { type: "ask", answer: answer.ask };
  if ("waited" in answer) return { type: "wait" };
  return { type: "effect", reply: replyOf(answer) };
}

function replyOf(answer: Extract<Answer, { done: Value } | { dry: object } | { failed: Failure }>): EffectReply {
  if ("done" in answer) return { type: "done", value: answer.done };
  if ("dry" in answer) return { type: "dry", description: answer.dry };
  return { type: "failed", failure: answer.failed };
}
