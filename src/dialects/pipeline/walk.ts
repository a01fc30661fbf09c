/**
 * How a pipeline is walked: a stage starts when all it depends on has ended; independent stages run side by side
 * (spec/pipeline.md §3).
 *
 * Invariants: `next` depends only on which stages were entered and how they ended, never on the order in which that
 * happened; a stage is entered once; after a failed stage nothing is entered (`stop_pipeline`, spec/pipeline.md §7)
 * and the walk ends when the stages under way have ended.
 */
import type { Failure } from "../../graph/failure.ts";
import type { Graph, Node } from "../../graph/model.ts";
import type { EndedNode, WalkAction, WalkRules, WalkState } from "../document.ts";

/**
 * The walk of a pipeline. The value under `trigger` is the input as it is: bytes pass through unchanged. A stage's
 * field `input_from` names the stage it reads, the first of its dependencies, or `trigger`.
 */
export const rules: WalkRules = {
  trigger: (walk) => walk.input,
  next(graph, walk, limits) {
    const stopped = graph.nodes.find((node) => failed(walk.ended.get(node.id)));
    if (stopped !== undefined) return walk.active.length > 0 ? [] : [stopAt(stopped, walk)];
    const last = graph.nodes.at(-1);
    if (last === undefined) return [finishWith(null, undefined)];
    if (graph.nodes.every((node) => walk.ended.has(node.id))) return [finishWith(last.id, walk.ended.get(last.id))];
    const room = Math.max(0, limits.maxActive - walk.active.length);
    return ready(graph, walk)
      .slice(0, room)
      .map((node) => ({ type: "enter", node: node.id, edge: null }));
  },
};

/** Stages that have not been entered and whose dependencies have all ended, in the order of the file. */
function ready(graph: Graph, walk: WalkState): readonly Node[] {
  const active = new Set(walk.active);
  return graph.nodes.filter(
    (node) =>
      !active.has(node.id) &&
      !walk.ended.has(node.id) &&
      node.after.every((index) => walk.ended.has(graph.nodes[index]?.id ?? "")),
  );
}

function failed(ended: EndedNode | undefined): boolean {
  return ended !== undefined && (ended.failure !== null || ended.outcome === "fail");
}

function stopAt(node: Node, walk: WalkState): WalkAction {
  const ended = walk.ended.get(node.id);
  const failure: Failure | null = ended?.failure ?? null;
  const reason = failure?.message ?? ended?.reason ?? `stage \`${node.id}\` failed`;
  return { type: "finish", status: "failed", value: null, partial: false, reason, failure, lastNode: node.id };
}

function finishWith(lastNode: string | null, ended: EndedNode | undefined): WalkAction {
  return {
    type: "finish",
    status: "completed",
    value: ended?.output ?? null,
    partial: ended?.partial ?? false,
    reason: null,
    failure: null,
    lastNode,
  };
}
