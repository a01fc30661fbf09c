/** A run record (`run --record`) in the lines of spec/workflow.md §17.3. Pure. */
import { isArray, isObject, member, toText, type ObjectValue, type Value } from "../../graph/value.ts";
import { clean } from "./text.ts";

/** Characters of an output, and of the outcome, that are shown. */
const MAX_OUTPUT = 160;
const MAX_DETAIL = 200;

/** True for a value that has the members of a run record. */
export function isRecord(value: Value): value is ObjectValue {
  return isObject(value) && ["workflow", "status", "cost", "trace"].every((key) => member(value, key) !== undefined);
}

/** The record, every line with its line feed. `full` cuts nothing. */
export function recordText(record: ObjectValue, full: boolean): string {
  const text = (key: string, of: Value | undefined = record): string => {
    const value = isObject(of) ? member(of, key) : undefined;
    return value === undefined || value === null || value === ""
      ? "?"
      : typeof value === "string"
        ? clean(value)
        : toText(value);
  };
  const cost = member(record, "cost");
  const lines = [
    `run ${text("execution_id")}  workflow=${text("workflow")}  status=${text("status")}`,
    `  start=${text("start_node")}  ${text("wall_ms")} ms  ${text("llm_calls", cost)} llm call(s) / ${text("llm_tokens", cost)} tokens  ${text("policy_denials", cost)} policy denial(s)`,
  ];
  const trace = member(record, "trace");
  const entries = isObject(trace) ? member(trace, "entries") : undefined;
  if (!isArray(entries) || entries.length === 0) lines.push("  (no node trace captured)");
  else {
    lines.push("  path:");
    entries.forEach((entry, i) => {
      const branch = isObject(entry) ? member(entry, "branch") : null;
      const label = typeof branch === "string" ? ` →${clean(branch)}` : "";
      lines.push(
        `    ${String(i + 1).padStart(2)}. ${text("node_id", entry)} [${text("kind", entry)}] ${text("outcome", entry)}${label}  ${text("elapsed_ms", entry)} ms`,
      );
      const output = isObject(entry) ? member(entry, "output") : undefined;
      if (output !== undefined && output !== null) lines.push(`        output: ${short(output, full, MAX_OUTPUT)}`);
    });
  }
  lines.push(`  outcome: ${short(member(record, "detail") ?? null, full, MAX_DETAIL)}`);
  return `${lines.join("\n")}\n`;
}

function short(value: Value, full: boolean, most: number): string {
  const text = clean(toText(value));
  return full || text.length <= most ? text : `${text.slice(0, most)}…`;
}
