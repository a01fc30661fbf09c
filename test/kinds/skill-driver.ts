/**
 * A small engine for the kinds of skill graphs: walks frames by the dialect's rules and drives handlers, one request
 * after the other. The world is a function. Retries of nodes are the engine's business and are not played here.
 */
import { rules } from "../../src/dialects/skill/walk.ts";
import { skillDocumentCandidates, skillDocumentKey, splitSkillDocument } from "../../src/dialects/skill/front-end.ts";
import type { EndedNode, WalkState } from "../../src/dialects/document.ts";
import type { Effect, ProcessEffect } from "../../src/effects/effect.ts";
import type { ApprovalAnswer } from "../../src/effects/events.ts";
import type {
  EffectReply,
  FrameResult,
  Handler,
  NodeContext,
  Pinned,
  Request,
  Response,
} from "../../src/effects/handler.ts";
import { NodeFailure } from "../../src/graph/failure.ts";
import type { Graph, Node } from "../../src/graph/model.ts";
import { walk as walkValue } from "../../src/graph/reference.ts";
import { object, type Value } from "../../src/graph/value.ts";
import { handler as agentTask } from "../../src/kinds/agent_task/handler.ts";
import { handler as approval } from "../../src/kinds/approval/handler.ts";
import { handler as cliTool } from "../../src/kinds/cli_tool/handler.ts";
import { handler as http } from "../../src/kinds/http/handler.ts";
import { UnknownInput } from "../../src/kinds/inputs.ts";
import { handler as skill } from "../../src/kinds/skill/handler.ts";
import { handler as tool } from "../../src/kinds/tool/handler.ts";
import { handler as unsupported } from "../../src/kinds/unsupported/handler.ts";
import { frontEnd } from "../dialects/skill/support.ts";

const handlers = new Map<string, Handler>([
  ["agent-task", agentTask],
  ["approval", approval],
  ["cli-tool", cliTool],
  ["http", http],
  ["skill", skill],
  ["tool", tool],
  ["unsupported", unsupported],
]);

/** What the handlers meet. */
export interface World {
  readonly dryRun?: boolean;
  readonly enforcesSandbox?: boolean;
  readonly workspace?: string;
  /** Documents by path. */
  readonly documents?: Readonly<Record<string, string>>;
  run?(effect: ProcessEffect): EffectReply;
  effect?(effect: Effect): EffectReply;
  answer?(request: Extract<Request, { type: "ask" }>): ApprovalAnswer | Partial<ApprovalAnswer>;
  /** Fan-out gates that are let pass. */
  readonly gates?: readonly string[];
}

/** Everything that was asked for. */
export interface Played {
  readonly result: FrameResult;
  readonly requests: readonly Request[];
  readonly processes: readonly ProcessEffect[];
}

/** A finished process. */
export function done(
  stdout: string,
  more: { stderr?: string; code?: bigint; truncated?: boolean; timedOut?: boolean } = {},
): EffectReply {
  const value = object({
    stdout,
    stderr: more.stderr ?? "",
    exit_code: more.code ?? 0n,
    truncated: more.truncated ?? false,
    timed_out: more.timedOut ?? false,
  });
  return { type: "done", value };
}

/** Walks a document to its end. `file` may name a runner. */
export function play(text: string, world: World = {}, file = "graph.yaml", input: Value = object()): Played {
  const player = new Player(world);
  const result = player.frame(load(text, file), file, input, 0);
  return { result, requests: player.requests, processes: player.processes };
}

function load(text: string, file: string): Graph {
  const { graph, diagnostics } = frontEnd.parse(text, file);
  const found = graph === null ? diagnostics : frontEnd.validate(graph);
  if (graph === null || found.length > 0) throw new Error(found.map((one) => one.message).join("\n"));
  return graph;
}

class Player {
  readonly requests: Request[] = [];
  readonly processes: ProcessEffect[] = [];
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  frame(graph: Graph, document: string, input: Value, depth: number): FrameResult {
    const ended = new Map<string, EndedNode>();
    let last: string | null = null;
    for (let guard = 0; guard < 1000; guard++) {
      const state: WalkState = {
        frame: "",
        start: null,
        input,
        triggerKind: "manual",
        steps: ended.size,
        active: [],
        lastEntered: last,
        pending: last,
        ended,
        visits: new Map(),
        loops: new Map(),
        resolvedGates: new Set(this.world.gates ?? []),
      };
      const [action] = rules.next(graph, state, { maxActive: 1 });
      if (action === undefined) throw new Error("the walk stands still");
      if (action.type === "finish") {
        if (action.status === "completed") return { status: "completed", value: action.value, partial: action.partial };
        return action.failure === null
          ? { status: "failed", reason: action.reason ?? "" }
          : { status: "error", failure: action.failure };
      }
      if (action.type === "gate") throw new Error(`gate ${action.group}:${action.rule}`);
      const blank = { output: null, partial: false, label: null, reason: null, failure: null };
      if (action.type === "skip") ended.set(action.node, { ...blank, outcome: "skip" });
      else {
        const node = graph.nodes.find((one) => one.id === action.node) as Node;
        ended.set(node.id, { ...blank, ...this.drive(node, graph, document, input, depth, ended) });
        last = node.id;
      }
    }
    throw new Error("the walk does not end");
  }

  private drive(
    node: Node,
    graph: Graph,
    document: string,
    input: Value,
    depth: number,
    ended: ReadonlyMap<string, EndedNode>,
  ): Pick<EndedNode, "outcome"> & Partial<EndedNode> {
    const handler = handlers.get(node.kind);
    if (handler === undefined) throw new Error(`no handler for ${node.kind}`);
    const steps = handler(this.context(node, graph, document, input, depth, ended));
    try {
      let step = steps.next();
      while (step.done !== true) {
        this.requests.push(step.value);
        step = steps.next(this.reply(step.value, depth));
      }
      const result = step.value;
      if (result.outcome !== "continue") throw new Error(`unexpected outcome ${result.outcome}`);
      return { outcome: "continue", output: result.output, partial: result.partial === true };
    } catch (problem) {
      if (problem instanceof UnknownInput) return { outcome: "continue", output: object(), partial: true };
      if (problem instanceof NodeFailure)
        return { outcome: "fail", failure: problem.failure, reason: problem.failure.message };
      throw problem;
    }
  }

  private reply(request: Request, depth: number): Response {
    switch (request.type) {
      case "effect": {
        const { effect } = request;
        if (effect.kind === "shell.run") this.processes.push(effect);
        if (this.world.dryRun === true) return { type: "effect", reply: { type: "dry", description: {} } };
        const reply = effect.kind === "shell.run" ? this.world.run?.(effect) : this.world.effect?.(effect);
        if (reply === undefined) throw new Error(`unexpected effect ${effect.kind}`);
        return { type: "effect", reply };
      }
      case "frames": {
        const results = request.frames.map((frame) => {
          const { file: path } = splitSkillDocument(frame.document);
          return this.frame(
            load(this.world.documents?.[path] ?? "", frame.document),
            frame.document,
            frame.input,
            depth + 1,
          );
        });
        return { type: "frames", results };
      }
      case "ask": {
        const answer = this.world.answer?.(request);
        if (answer === undefined) throw new Error("nobody answers");
        return { type: "ask", answer: { approved: true, by: "kim", reason: null, answer: null, ...answer } };
      }
      case "wait":
        return { type: "wait" };
    }
  }

  private context(
    node: Node,
    graph: Graph,
    document: string,
    input: Value,
    depth: number,
    ended: ReadonlyMap<string, EndedNode>,
  ): NodeContext {
    return {
      node,
      graph,
      activation: { frame: "", node: node.id, visit: 1, attempt: 1 },
      depth,
      dryRun: this.world.dryRun === true,
      canPause: true,
      input,
      lookup(reference) {
        const [head, ...rest] = reference.split(".");
        const source = ended.get(head as string);
        if (source === undefined || source.outcome !== "continue") return { state: "missing" };
        const value = walkValue(source.output, rest);
        if (value !== undefined) return { state: "found", value };
        return { state: source.partial ? "unknown" : "missing" };
      },
      assume: undefined,
      child: (reference) => this.child(reference, document),
      file: () => null,
      backends: [],
      servers: [],
      digest: (text) => `sha256:${text.length}`,
      ...(this.world.workspace === undefined ? {} : { workspace: this.world.workspace }),
      ...(this.world.enforcesSandbox === undefined ? {} : { enforcesSandbox: this.world.enforcesSandbox }),
    };
  }

  private child(reference: string, from: string): Pinned {
    const folder = splitSkillDocument(from).file.replace(/[^/]*$/, "");
    for (const candidate of skillDocumentCandidates(reference)) {
      const key = new URL(folder + candidate, "file:///").pathname.slice(1);
      const text = this.world.documents?.[key];
      if (text === undefined) continue;
      const named = skillDocumentKey(key, reference);
      const { graph, diagnostics } = frontEnd.parse(text, named);
      if (graph === null) return { ok: false, problem: "parse", message: diagnostics[0]?.message ?? "" };
      const [wrong] = frontEnd.validate(graph);
      return wrong === undefined
        ? { ok: true, key: named, graph }
        : { ok: false, problem: "invalid", message: wrong.message };
    }
    return { ok: false, problem: "read", message: "missing" };
  }
}
