/**
 * Checks 10 to 21 of spec/workflow.md §3: what a kind's fields may say beyond their types.
 */
import type { Place } from "../../graph/diagnostic.ts";
import type { Node } from "../../graph/model.ts";
import type { Findings } from "./findings.ts";

const loopTools = ["read_file", "write_file", "read_env", "http_request", "shell_run", "call_mcp_tool"] as const;
const loopToolList = loopTools.join(", ");
const MAX_LOOP_STEPS = 64;

const value = (node: Node, ...keys: (string | number)[]): Place => ({ path: [...node.at, ...keys], part: "value" });

/** 10 to 13. */
export function checkAgentLoop(findings: Findings, node: Node): void {
  if (node.kind !== "agent_loop") return;
  const { max_steps: steps, instructions, instructions_from: from, tools } = node.fields;
  const name = `node \`${node.id}\``;
  if (typeof steps === "number" && (steps < 1 || steps > MAX_LOOP_STEPS)) {
    const message = `${name}: max_steps must be 1..=${MAX_LOOP_STEPS} (got ${steps})`;
    findings.add("agent_loop_steps_out_of_range", value(node, "max_steps"), message);
  }
  if (instructions === undefined && from === undefined) {
    const message = `${name}: one of \`instructions\` / \`instructions_from\` is required`;
    findings.add("agent_loop_missing_instructions", value(node, "type"), message);
  }
  if (!Array.isArray(tools)) return;
  if (tools.length === 0) {
    const message = `${name}: \`tools\` must list at least one of: ${loopToolList}`;
    findings.add("agent_loop_no_tools", value(node, "tools"), message);
  }
  tools.forEach((tool: unknown, i) => {
    if (typeof tool !== "string" || (loopTools as readonly string[]).includes(tool)) return;
    const at = value(node, "tools", i);
    const message = `${name}: \`${tool}\` is not a loop tool (known: ${loopToolList})`;
    findings.add("agent_loop_unknown_tool", at, message, { fixes: findings.replacement(tool, loopTools, at) });
  });
}

/** 14 and 15. */
export function checkRespond(findings: Findings, node: Node): void {
  if (node.kind !== "respond") return;
  const { status, content_type: contentType } = node.fields;
  if (typeof status === "number" && (status < 100 || status > 599)) {
    const message = `node \`${node.id}\`: status must be 100..=599 (got ${status})`;
    findings.add("respond_status_out_of_range", value(node, "status"), message);
  }
  if (typeof contentType === "string" && contentType.trim() === "") {
    const message = `node \`${node.id}\`: content_type must not be empty`;
    findings.add("respond_empty_content_type", value(node, "content_type"), message);
  }
}

/** 16 to 18. */
export function checkMap(findings: Findings, node: Node): void {
  if (node.kind !== "map") return;
  const { max_items: items, max_concurrent: concurrent, workflow } = node.fields;
  const name = `node \`${node.id}\``;
  if (items === 0) {
    const message = `${name}: max_items must be >= 1 — the bound is mandatory`;
    findings.add("map_zero_max_items", value(node, "max_items"), message);
  }
  if (concurrent === 0) {
    const message = `${name}: max_concurrent must be >= 1 when set`;
    findings.add("map_zero_concurrency", value(node, "max_concurrent"), message);
  }
  if (typeof workflow === "string" && workflow.trim() === "") {
    findings.add("map_empty_workflow", value(node, "workflow"), `${name}: workflow path must not be empty`);
  }
}

const headerName = /^[A-Za-z0-9_-]+$/;
const lineBreak = /[\r\n]/;

/** 19 to 21. */
export function checkHeaders(findings: Findings, node: Node): void {
  if (node.kind !== "http_request") return;
  const { headers } = node.fields;
  if (typeof headers !== "object" || headers === null) return;
  for (const [header, text] of Object.entries(headers as Readonly<Record<string, string>>)) {
    const bad = badMarkers(text);
    if (bad.length === 0 && headerName.test(header) && !lineBreak.test(text)) continue;
    const name = `node \`${node.id}\``;
    const at = value(node, "headers", header);
    if (!headerName.test(header)) {
      const message = `${name}: header name \`${header}\` is not a valid HTTP token`;
      findings.add("http_header_bad_name", { ...at, part: "key" }, message);
    }
    if (lineBreak.test(text)) {
      findings.add("http_header_crlf", at, `${name}: header \`${header}\` value contains CR/LF`);
    }
    for (const { key, from, to } of bad) {
      const message =
        key === null
          ? `${name}: header \`${header}\` has an unclosed placeholder`
          : `${name}: header \`${header}\`: \`{{${key}}}\` — headers interpolate {{secret:NAME}} only`;
      findings.add("http_header_bad_placeholder", { ...at, within: { from, to } }, message);
    }
  }
}

/** The markers of a header value that are unclosed (`key` null) or no `{{secret:NAME}}`. */
function badMarkers(text: string): { key: string | null; from: number; to: number }[] {
  const bad: { key: string | null; from: number; to: number }[] = [];
  for (let from = text.indexOf("{{"); from >= 0;) {
    const end = text.indexOf("}}", from + 2);
    if (end < 0) {
      bad.push({ key: null, from, to: text.length });
      break;
    }
    const key = text.slice(from + 2, end).trim();
    const isSecret = key.startsWith("secret:") && key.slice("secret:".length).trim() !== "";
    if (!isSecret) bad.push({ key, from, to: end + 2 });
    from = text.indexOf("{{", end + 2);
  }
  return bad;
}
