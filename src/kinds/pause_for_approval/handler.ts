import type { z } from "zod";
import { ask, type Handler, type NodeContext } from "../../effects/handler.ts";
import type { ApprovalAnswer } from "../../effects/events.ts";
import { ambiguousEdges, failure, NodeFailure, workflowFailure } from "../../graph/failure.ts";
import { object } from "../../graph/value.ts";
import { nestedPause } from "../children.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** spec/workflow.md §16, Decision D17, spec/runtime.md §7. */
export const handler: Handler = function* (context) {
  const { graph, node } = context;
  const reason = (node.fields as Fields).reason ?? null;
  if (!context.canPause && !context.dryRun) {
    const why =
      "is pause_for_approval but no state directory is configured (set --state-dir) — nowhere to checkpoint the run";
    throw new NodeFailure(workflowFailure(graph.name, `node \`${node.id}\` ${why}`));
  }
  if (context.depth > 0) throw new NodeFailure(workflowFailure(graph.name, nestedPause));
  const next = successors(context, null);
  // Known before anybody is asked; loop budgets do not matter here (§16).
  if (next.length > 1) throw new NodeFailure(ambiguousEdges(graph.name, node.id, next.length, null));
  const summary = object({ workflow: graph.name, node: node.id, reason, next });
  const answer = yield* ask({ subject: "pause", id: null, reason, summary });
  if (answer.approved) return { outcome: "continue", output: null };
  if (successors(context, "denied").length === 0) throw new NodeFailure(denial(context, answer));
  const output = object({ approved: false, by: answer.by, reason: answer.reason });
  return { outcome: "continue", output, label: "denied" };
};

/** Ids of the nodes that edges with this label lead to. */
function successors({ graph, node }: NodeContext, when: string | null): string[] {
  return graph.edges.filter((edge) => edge.from === node.id && edge.when === when).map((edge) => edge.to);
}

function denial({ node }: NodeContext, answer: ApprovalAnswer) {
  const why = answer.reason === null ? "" : `: ${answer.reason}`;
  return failure("approval", `node \`${node.id}\` was denied by ${answer.by}${why}`);
}
