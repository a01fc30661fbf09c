/** Runs a nested skill as a child frame (spec/skill-graph.md §2.9). */
import type { z } from "zod";
import {
  frames,
  type FrameResult,
  type Handler,
  type NodeContext,
  type NodeResult,
  type Pinned,
  type Request,
  type Response,
} from "../../effects/handler.ts";
import { NodeFailure, type Failure } from "../../graph/failure.ts";
import type { Graph } from "../../graph/model.ts";
import { isObject, member, object, toText, type ObjectValue, type Value } from "../../graph/value.ts";
import { attempts, frameFailure, type SkillRetry } from "../step/frames.ts";
import { stepInputs } from "../step/inputs.ts";
import { stepOutputs } from "../step/outputs.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** Levels of skills within skills; a skill that names itself would never end. */
export const MAX_SKILL_DEPTH = 16;

export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  if (fields.reference === undefined) {
    invalid(
      context,
      "capability",
      `nested skill '${fields.skill}' is a registry ref, and registries are not available yet`,
    );
  }
  if (context.depth >= MAX_SKILL_DEPTH) {
    invalid(context, "config", `skills are nested more than ${MAX_SKILL_DEPTH} levels deep`);
  }
  const pinned = context.child(fields.reference);
  if (!pinned.ok) return missing(context, fields, pinned);
  const { graph, key } = pinned;
  if ((fields.context_skills?.length ?? 0) > 0 && graph.nodes[0]?.kind !== "agent-task") {
    invalid(context, "config", "context_skills is only supported for agent and agent-task steps");
  }
  const { inputs } = stepInputs(context);
  const retry = context.node.retry === null ? retryOf(graph) : undefined;
  const tried = yield* attempts(retry, () => once(key, inputs));
  if (tried.failure !== null) throw new NodeFailure(tried.failure);
  return finished(fields, graph, tried.result);
};

function* once(
  document: string,
  input: ObjectValue,
): Generator<Request, { failure: Failure | null; result: FrameResult }, Response> {
  const [result] = yield* frames([{ document, start: null, input }], 1);
  if (result === undefined) throw new TypeError("the runner gave no result for the frame");
  return { failure: frameFailure(result), result };
}

/** A skill that is one tool or agent declares its retry on that node; graphs have it on their steps. */
function retryOf(graph: Graph): SkillRetry | undefined {
  if (isStepGraph(graph)) return undefined;
  return graph.nodes[0]?.fields["skill_retry"] as SkillRetry | undefined;
}

function isStepGraph(graph: Graph): boolean {
  return graph.nodes[0]?.at.at(-2) === "steps";
}

function finished(fields: Fields, graph: Graph, result: FrameResult): NodeResult {
  if (result.status !== "completed") throw new TypeError("a failed frame was taken for a finished one");
  const { value, partial } = result;
  // Of a dry run's outputs only some members are known, so no text is made of them.
  if (partial)
    return { outcome: "continue", output: isObject(value) ? value : object({ dry_run: true }), partial: true };
  if (!isStepGraph(graph) && fields.artifacts === undefined) return { outcome: "continue", output: value };
  const [stdout, stderr] = isStepGraph(graph)
    ? [toText(value), ""]
    : [textOf(value, "stdout"), textOf(value, "stderr")];
  return { outcome: "continue", output: stepOutputs({ stdout, stderr, artifacts: fields.artifacts }) };
}

function textOf(value: Value, key: string): string {
  const found = isObject(value) ? member(value, key) : undefined;
  return typeof found === "string" ? found : "";
}

function missing(context: NodeContext, fields: Fields, pinned: Extract<Pinned, { ok: false }>): never {
  const what = pinned.problem === "read" ? `skill file is missing at ${fields.skill}/SKILL.md` : pinned.message;
  return invalid(context, "config", what);
}

/** "graph step 'id' has invalid run configuration: …". */
function invalid(context: NodeContext, kind: Failure["class"], detail: string): never {
  const message = `graph step '${context.node.id}' has invalid run configuration: ${detail}`;
  throw new NodeFailure({ class: kind, message });
}
