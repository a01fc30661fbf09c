/** Asks a person for a yes or no (spec/skill-graph.md §2.11, Decision R4). */
import type { z } from "zod";
import { ask, type Handler, type NodeContext } from "../../effects/handler.ts";
import { failure, NodeFailure } from "../../graph/failure.ts";
import { isArray, isObject, object, toText, type ObjectValue, type Value } from "../../graph/value.ts";
import { UnknownInput } from "../inputs.ts";
import { stepInputs } from "../step/inputs.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

export const handler: Handler = function* (context) {
  const { artifacts } = context.node.fields as Fields;
  const { inputs, unknown } = stepInputs(context);
  const gate = gateOf(context, inputs, unknown);
  const name = artifacts?.wrap_as ?? "approval";
  const packet = artifacts?.packet === undefined ? {} : { packet: artifacts.packet };
  const id = gate["id"] as string;
  if (context.dryRun) {
    const data = object({ gate_id: id, status: "pending" });
    return {
      outcome: "continue",
      output: object({ [name]: object({ ...packet, data }), dry_run: true }),
      partial: true,
    };
  }
  if (context.digest === undefined)
    throw new NodeFailure(failure("capability", "approvals need a digest, and this host has none"));
  const key = context.digest(toText(gate));
  const schema = gate["answer_schema"];
  const answerSchema = schema === undefined ? null : toText(schema);
  const question = { subject: "approval", id, reason: gate["reason"] as string, summary: gate } as const;
  const answer = yield* ask({ ...question, answerSchema });
  if (answerSchema === null && answer.answer !== null && typeof answer.answer !== "boolean") {
    const message = `approval response payload from ${answer.by} must be boolean, got ${plainTypeName(answer.answer)}`;
    throw new NodeFailure({ class: "approval", message });
  }
  const approved = answer.approved && (answerSchema !== null || answer.answer !== false);
  const data = object({
    approved,
    gate_id: id,
    idempotency_key: key,
    status: approved ? "approved" : "denied",
    actor: answer.by,
    ...(answerSchema === null ? {} : { answer: approved ? answer.answer : null }),
  });
  return { outcome: "continue", output: object({ [name]: object({ ...packet, data }) }) };
};

/** `{id, reason, type?, answer_schema?, summary?}`: what is asked, and what the idempotency key is made of. */
function gateOf(context: NodeContext, inputs: ObjectValue, unknown: readonly string[]): ObjectValue {
  const required = (name: string): string => {
    if (unknown.includes(name)) throw new UnknownInput(name);
    const value = inputs[name];
    if (typeof value === "string" && value !== "") return value;
    const message = `graph step '${context.node.id}': ${name} input is required`;
    throw new NodeFailure({ class: "tool", message });
  };
  const gate = object({ id: required("gate_id"), reason: required("reason") });
  const type = inputs["gate_type"];
  if (typeof type === "string") gate["type"] = type;
  const schema = inputs["answer_schema"];
  if (isObject(schema)) gate["answer_schema"] = schema;
  const rest = object();
  for (const name of Object.keys(inputs)) {
    if (!["gate_id", "reason", "gate_type", "answer_schema"].includes(name)) rest[name] = inputs[name] as Value;
  }
  if (Object.keys(rest).length > 0) gate["summary"] = rest;
  return gate;
}

function plainTypeName(value: Value): string {
  if (isArray(value)) return "array";
  return typeof value === "bigint" ? "number" : typeof value;
}
