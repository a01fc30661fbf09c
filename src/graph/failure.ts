/**
 * Hard errors of a run: a class, a sentence, and the node (spec/workflow.md §5.7, spec/runtime.md §9).
 */

/** The classes of spec/runtime.md §9. */
export const failureClasses = [
  "policy",
  "tool",
  "intelligence",
  "mcp",
  "schema",
  "timeout",
  "capability",
  "config",
  "workflow",
  "io",
  "json",
  "approval",
  "in_doubt",
  "budget",
  "cancelled",
  "internal",
] as const;

/** One of the classes of spec/runtime.md §9. */
export type FailureClass = (typeof failureClasses)[number];

/** A hard error as a value. `message` is the whole display form, e.g. "tool `read_file` failed: …". */
export interface Failure {
  readonly class: FailureClass;
  readonly message: string;
}

const prefixes: Partial<Record<FailureClass, string>> = {
  policy: "policy violation: ",
  intelligence: "intelligence call failed: ",
  mcp: "mcp: ",
  schema: "schema validation failed: ",
  capability: "capability unavailable: ",
  config: "configuration error: ",
  io: "io error: ",
  json: "json error: ",
};

/** A failure in its display form; classes without a fixed prefix take `detail` as it is. */
export function failure(kind: FailureClass, detail: string): Failure {
  return { class: kind, message: `${prefixes[kind] ?? ""}${detail}` };
}

/** "tool `<tool>` failed: <detail>". */
export function toolFailure(tool: string, detail: string): Failure {
  return { class: "tool", message: `tool \`${tool}\` failed: ${detail}` };
}

/** "workflow `<name>`: <detail>". */
export function workflowFailure(name: string, detail: string): Failure {
  return { class: "workflow", message: `workflow \`${name}\`: ${detail}` };
}

/** Several edges carry the label of an outcome, where exactly one must (spec/workflow.md §5.2). */
export function ambiguousEdges(workflow: string, node: string, count: number, label: string | null): Failure {
  const branch = label === null ? "None" : `Some(${JSON.stringify(label)})`;
  const detail = `node \`${node}\` has ${count} matching out-edges for branch \`${branch}\`; workflow graphs must select exactly one`;
  return workflowFailure(workflow, detail);
}

/** Carries a {@link Failure} out of a handler; the runner turns it back into a value. */
export class NodeFailure extends Error {
  readonly failure: Failure;
  constructor(value: Failure) {
    super(value.message);
    this.name = "NodeFailure";
    this.failure = value;
  }
}

/** "1.5s", "100ms", "0ns": a duration as messages show it. */
export function durationText(ms: number): string {
  if (ms === 0) return "0ns";
  if (ms < 1000) return `${ms}ms`;
  return `${Number((ms / 1000).toFixed(3))}s`;
}
