/**
 * What `call`, `parallel` and `map` share: child documents as frames, and the texts of what can be wrong with them,
 * hard for `call` and soft for the others (spec/workflow.md §8.3).
 */
import type { FrameRequest, FrameResult, NodeContext, Pinned } from "../effects/handler.ts";
import { failure, NodeFailure, workflowFailure, type Failure } from "../graph/failure.ts";
import { object, type Value } from "../graph/value.ts";
import { endsTheRun } from "./inputs.ts";

/** Levels of children below the root. */
export const MAX_CALL_DEPTH = 8;

/** What a pause inside a child ends with. */
export const nestedPause = "sub-workflow paused; nested pause_for_approval is not supported";

/** A child that can be walked, or why it cannot. */
export type Child =
  | { readonly ok: true; readonly name: string; readonly frame: FrameRequest }
  | { readonly ok: false; readonly hard: Failure; readonly soft: string };

/** Refuses a ninth level. Asked before anything of the child is looked at. */
export function checkDepth(context: NodeContext): void {
  if (context.depth + 1 <= MAX_CALL_DEPTH) return;
  const text = `call depth exceeded ${MAX_CALL_DEPTH} at node \`${context.node.id}\``;
  throw new NodeFailure(workflowFailure(context.graph.name, text));
}

/** The frame that walks the document `path` from `start`, or from its first start node. */
export function childFrame(context: NodeContext, path: string, start: string | undefined, input: Value): Child {
  const pinned = context.child(path);
  if (!pinned.ok) return unusable(context, path, pinned);
  const { graph, key } = pinned;
  if (graph.starts.length === 0) return startProblem(graph.name, "child workflow declares no start nodes");
  if (start !== undefined && !graph.starts.some((one) => one.name === start)) {
    return startProblem(graph.name, `child start node \`${start}\` not found`);
  }
  return { ok: true, name: graph.name, frame: { document: key, start: start ?? null, input } };
}

function startProblem(name: string, text: string): Child {
  return { ok: false, hard: workflowFailure(name, text), soft: text };
}

function unusable(context: NodeContext, path: string, pinned: Extract<Pinned, { ok: false }>): Child {
  const { graph, node } = context;
  switch (pinned.problem) {
    case "read":
      return described(graph.name, `read child workflow ${path}: ${bare(path, pinned.message)}`, node.id);
    case "parse":
      return described(graph.name, `parse child ${path}: ${pinned.message}`, node.id);
    case "invalid":
      return described(pinned.name ?? graph.name, `child ${path} failed validation`, node.id);
    case "policy": {
      const hard = failure("policy", `child ${path}: ${pinned.message}`);
      return { ok: false, hard, soft: hard.message };
    }
  }
}

/** What the system said of a file, without the path that stands before it anyway. */
function bare(path: string, message: string): string {
  return message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
}

function described(workflow: string, text: string, node: string): Child {
  return { ok: false, hard: workflowFailure(workflow, `call \`${node}\`: ${text}`), soft: text };
}

/** One element of `parallel` or `map`: `{result}` or `{error}`. Failures that end the run do. */
export function element(child: Child, result: FrameResult | undefined): Value {
  if (!child.ok) return object({ error: child.soft });
  if (result === undefined) throw new TypeError("the runner gave too few results");
  switch (result.status) {
    case "completed":
      return object({ result: result.value });
    case "failed":
      return object({ error: `sub-workflow failed: ${result.reason}` });
    case "timed_out":
      return object({ error: "sub-workflow timed out" });
    case "error":
      if (endsTheRun(result.failure)) throw new NodeFailure(result.failure);
      return object({ error: softText(child.name, result.failure) });
  }
}

/** Texts about the child as such stand without the prefix that names it. */
function softText(name: string, { message }: Failure): string {
  const bare = message.slice(workflowFailure(name, "").message.length);
  return message === workflowFailure(name, bare).message && bare === nestedPause ? bare : message;
}
