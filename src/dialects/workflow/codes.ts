/**
 * The codes of the workflow dialect's own diagnostics, each with the sentence that documents it.
 *
 * `parse` codes say that the text is not a workflow (exit code 2); `validate` codes are the reference's checks of
 * spec/workflow.md §3 (exit code 5), in its order; `open` codes come from editors only. Warnings of other checks have their codes elsewhere.
 */
import type { Severity } from "../../graph/diagnostic.ts";

/** What is known of a code. */
export interface CodeInfo {
  readonly phase: "parse" | "validate" | "open";
  readonly severity: Severity;
  /** One sentence, for hover and the reference page. */
  readonly text: string;
}

const parse = (text: string): CodeInfo => ({ phase: "parse", severity: "error", text });
const validate = (text: string): CodeInfo => ({ phase: "validate", severity: "error", text });

/** Every code of the dialect. */
export const workflowCodes = {
  toml_syntax: parse("The text is not TOML; the message says what the reader expected at that place."),
  document_too_large: {
    phase: "open",
    severity: "error",
    text: "The text has more than 10 Mi characters (10,485,760), so that an editor's features leave it alone.",
  },
  nested_too_deeply: parse("Tables and arrays nest deeper than 127 levels."),
  workflow_count: parse("A wrapped document must hold exactly one `[[workflows]]` entry."),
  wrapped_invalid: parse(
    "The `[[workflows]]` entry has problems, so the document is neither a wrapped nor a bare workflow.",
  ),
  unknown_key: parse("The table has no field of this name; unknown fields are refused at every level."),
  missing_field: parse("A field that the table needs is not there."),
  wrong_type: parse("The field holds another type of value than it takes."),
  out_of_range: parse("The number is outside the range that the field takes."),
  invalid_value: parse("The field takes one of a few words, and this is none of them."),
  unknown_kind: parse("There is no node kind of this name."),
  unknown_trigger: parse("There is no trigger type of this name."),
  invalid_secret: parse("A `[[secrets]]` entry lacks its name or names no known source."),
  not_json: parse("Dates, times, `inf` and `nan` are TOML but not JSON, and no field of a workflow takes them."),
  too_many_problems: parse("The document has more problems than are listed."),
  ignored_key: {
    phase: "parse",
    severity: "warning",
    text: "Root keys beside `[[workflows]]` have no effect in a wrapped document.",
  },
  dup_node_id: validate("Two nodes have the same id."),
  dup_start_name: validate("Two start nodes have the same name."),
  dup_http_route: validate("Two HTTP routes have the same method and path."),
  unknown_http_start_node: validate("An HTTP route names a start node that is not declared."),
  unknown_trigger_start_node: validate("A trigger names a start node that is not declared."),
  unknown_start_entry_node: validate("A start node's `entry_node` is not a declared node."),
  dangling_edge: validate("An edge begins or ends at a node that is not declared."),
  unknown_mcp_server: validate("A node's `server` is not one of the declared `[[mcp_servers]]`."),
  ambiguous_mcp_server: validate("A node must say which of several `[[mcp_servers]]` it uses."),
  agent_loop_steps_out_of_range: validate("An agent loop's `max_steps` must be from 1 to 64."),
  agent_loop_missing_instructions: validate("An agent loop needs `instructions` or `instructions_from`."),
  agent_loop_no_tools: validate("An agent loop must list at least one tool."),
  agent_loop_unknown_tool: validate("An agent loop lists something that is not one of its tools."),
  respond_status_out_of_range: validate("The status of a `respond` node must be from 100 to 599."),
  respond_empty_content_type: validate("The content type of a `respond` node must not be blank."),
  map_zero_max_items: validate("The `max_items` of a `map` node must be at least 1."),
  map_zero_concurrency: validate("The `max_concurrent` of a `map` node must be at least 1 when it is set."),
  map_empty_workflow: validate("The `workflow` of a `map` node must not be blank."),
  http_header_bad_name: validate("A header name is not a token of letters, digits, `_` and `-`."),
  http_header_crlf: validate("A header value contains a line break."),
  http_header_bad_placeholder: validate("A header value may only interpolate closed `{{secret:NAME}}` markers."),
  cycle: validate("Edges without `max_iterations` form a cycle."),
  ambiguous_start_entry: validate(
    "A start node without `entry_node` needs a graph with exactly one node that no edge enters.",
  ),
  unreachable_node: validate("No start node leads to this node."),
} as const satisfies Readonly<Record<string, CodeInfo>>;

/** A code of the workflow dialect. */
export type WorkflowCode = keyof typeof workflowCodes;
