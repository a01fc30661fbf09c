/** What later steps, guards and gates can read of a step that has ended (spec/skill-graph.md §2.5, §2.10). */
import type { Condition } from "../../graph/model.ts";
import { equal, isObject, member, object, toText, type ObjectValue, type Value } from "../../graph/value.ts";
import type { EndedNode } from "../document.ts";

/** A field's value; `unknown` where a dry run did not learn it. */
export type FieldState =
  { readonly state: "found"; readonly value: Value } | { readonly state: "unresolved" } | { readonly state: "unknown" };

/** True when a step ended well; a skipped one did not. */
export function succeeded(ended: EndedNode | undefined): boolean {
  return ended !== undefined && ended.failure === null && ended.outcome === "continue";
}

/** True when a step ended and failed. */
export function failed(ended: EndedNode): boolean {
  return ended.failure !== null || ended.outcome === "fail";
}

/** The outputs of an ended step. One that failed has its error as stderr; a skipped one has none. */
export function outputsOf(ended: EndedNode): ObjectValue | null {
  if (ended.outcome === "skip") return null;
  if (failed(ended)) return object({ stdout: "", stderr: failureText(ended), status: "failure" });
  return isObject(ended.output) ? ended.output : object();
}

/** Why a step failed. */
export function failureText(ended: EndedNode): string {
  return ended.failure?.message ?? ended.reason ?? "step failed with no error output";
}

/** A dotted field of one step's outputs, by object keys only. An agent's raw claim is never evidence. */
export function stepField(ended: EndedNode | undefined, field: string): FieldState {
  const outputs = ended === undefined ? null : outputsOf(ended);
  if (ended === undefined || outputs === null) return { state: "unresolved" };
  const segments = field.split(".");
  if (segments[0] === "skill_claim") return { state: "unresolved" };
  let at: Value | undefined = outputs;
  for (const segment of segments) at = isObject(at) ? member(at, segment) : undefined;
  if (at !== undefined) return { state: "found", value: at };
  return { state: ended.partial ? "unknown" : "unresolved" };
}

/** `<step>.<path>`; without a dot it never resolves. */
export function graphField(ended: ReadonlyMap<string, EndedNode>, field: string): FieldState {
  const dot = field.indexOf(".");
  if (dot <= 0 || dot === field.length - 1) return { state: "unresolved" };
  return stepField(ended.get(field.slice(0, dot)), field.slice(dot + 1));
}

/** Whether a condition holds. */
export function holds(condition: Condition, value: Value): boolean {
  if (condition.equals !== undefined) return equal(value, condition.equals);
  return condition.notEquals !== undefined && !equal(value, condition.notEquals);
}

/** What a condition wanted, as messages say it: "expected true", "must not equal \"x\"". */
export function wanted(condition: Condition): string {
  if (condition.equals !== undefined) return `expected ${toText(condition.equals)}`;
  return condition.notEquals === undefined ? "has no comparison" : `must not equal ${toText(condition.notEquals)}`;
}
