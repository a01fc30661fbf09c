/** Codes of workflows: parsing, the engine's own checks, policies, and comments that silence. */
import { change, type Row } from "./row.ts";

const workflow = `name = "w"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"

[policy]
fs = { read = ["/data/**"] }

[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"

[[nodes]]
id = "parse"
type = "parse_json"
input_from = "load.content"

[[edges]]
from = "load"
to = "parse"
`;
const of = (code: string, from: string, to: string, files: Row["files"] = {}): Row =>
  change(code, "w.toml", workflow, from, to, files);
/** With more at the end. */
const and = (code: string, more: string, from: string, to: string, files: Row["files"] = {}): Row =>
  change(code, "w.toml", `${workflow}${more}`, from, to, files);
/** `parse` replaced by a node of these lines, and more at the end. */
const node = (code: string, lines: string, from: string, to: string, more = "", files: Row["files"] = {}): Row => {
  const good = workflow.replace(/type = "parse_json"\ninput_from = "load.content"/, () => lines) + more;
  return change(code, "w.toml", good, from, to, files);
};

const loop = `
[[nodes]]
id = "loop"
type = "agent_loop"
backend = "default"
instructions = "Go."
tools = ["read_file"]
max_steps = 3

[[edges]]
from = "parse"
to = "loop"
`;
const servers = `
[[mcp_servers]]
name = "one"
command = ["/bin/one"]

[[mcp_servers]]
name = "two"
command = ["/bin/two"]
`;
const mapping = `type = "map"
items_from = "load.content"
workflow = "child.toml"
start = "main"
max_items = 3
max_concurrent = 1`;
const child = `name = "child"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "a"
[[nodes]]
id = "a"
type = "merge"
`;
const request = `type = "http_request"
method = "GET"
url_from = "trigger.url"
headers = { accept = "text/plain" }`;
const routes = `
[[http_routes]]
method = "GET"
path = "/a"
start_node = "main"
`;

export const workflowRows: readonly Row[] = [
  of("toml_syntax", 'id = "load"', 'id = ‹l›oad"'),
  of("nested_too_deeply", "[policy]", `x = ${"[".repeat(200)}${"]".repeat(200)}\n[policy]`),
  {
    code: "workflow_count",
    file: "w.toml",
    bad: '‹[[workflows]]›\nname = "a"\n[[workflows]]\nname = "b"\n',
    good: child,
    files: {},
  },
  {
    code: "wrapped_invalid",
    file: "w.toml",
    bad: '[[workflows]]\nname = "a"\nnodez = 1\n',
    good: `[[workflows]]\n${child.replaceAll("[[", "[[workflows.")}`,
    files: {},
  },
  of("unknown_key", 'id = "parse"', 'id = "parse"\n‹idd› = 1'),
  of("missing_field", '\nid = "parse"', ""),
  of("wrong_type", 'id = "parse"', "id = ‹7›"),
  and("out_of_range", loop, "max_steps = 3", "max_steps = ‹-3›"),
  of("invalid_value", 'source = "manual"', 'source = ‹"manul"›'),
  of("unknown_kind", 'type = "parse_json"', 'type = ‹"parse_jsn"›'),
  and(
    "unknown_trigger",
    '\n[[triggers]]\ntype = "cron"\nschedule = "* * * * *"\nstart_node = "main"\n',
    '"cron"',
    '‹"crom"›',
  ),
  and("invalid_secret", '\n[[secrets]]\nname = "KEY"\nsource = "env"\nkey = "KEY"\n', '"env"', '‹"envv"›'),
  of("not_json", 'input_from = "load.content"', "input_from = ‹1979-05-27›"),
  of("too_many_problems", "[policy]", `${Array.from({ length: 400 }, (_, i) => `x${i} = 1`).join("\n")}\n[policy]`),
  {
    code: "ignored_key",
    file: "w.toml",
    bad: `‹colour› = "red"\n[[workflows]]\n${child.replaceAll("[[", "[[workflows.")}`,
    good: `[[workflows]]\n${child.replaceAll("[[", "[[workflows.")}`,
    files: {},
  },
  of("dup_node_id", 'id = "parse"', 'id = ‹"load"›'),
  and(
    "dup_start_name",
    '\n[[start_nodes]]\nname = "other"\nsource = "manual"\nentry_node = "load"\n',
    '"other"',
    '‹"main"›',
  ),
  and("dup_http_route", `${routes}${routes.replace('"/a"', '"/b"')}`, '"/b"', '‹"/a"›'),
  and("unknown_http_start_node", routes, 'start_node = "main"', 'start_node = ‹"mian"›'),
  and(
    "unknown_trigger_start_node",
    '\n[[triggers]]\ntype = "cron"\nschedule = "* * * * *"\nstart_node = "main"\n',
    'start_node = "main"',
    'start_node = ‹"mian"›',
  ),
  of("unknown_start_entry_node", 'entry_node = "load"', 'entry_node = ‹"laod"›'),
  of("dangling_edge", 'to = "parse"', 'to = ‹"prase"›'),
  node("unknown_mcp_server", 'type = "call_mcp_tool"\ntool = "t"\nserver = "one"', '"one"', '‹"oen"›', servers),
  node("ambiguous_mcp_server", 'type = "call_mcp_tool"\ntool = "t"\nserver = "one"', '\nserver = "one"', "", servers),
  and("agent_loop_steps_out_of_range", loop, "max_steps = 3", "max_steps = ‹65›"),
  and("agent_loop_missing_instructions", loop, 'instructions = "Go."\n', ""),
  and("agent_loop_no_tools", loop, 'tools = ["read_file"]', "tools = ‹[]›"),
  and("agent_loop_unknown_tool", loop, 'tools = ["read_file"]', 'tools = [‹"raed_file"›]'),
  node("respond_status_out_of_range", 'type = "respond"\nbody_template = "ok"\nstatus = 200', "200", "‹600›"),
  node(
    "respond_empty_content_type",
    'type = "respond"\nbody_template = "ok"\ncontent_type = "text/plain"',
    '"text/plain"',
    '‹" "›',
  ),
  node("map_zero_max_items", mapping, "max_items = 3", "max_items = ‹0›", "", { "child.toml": child }),
  node("map_zero_concurrency", mapping, "max_concurrent = 1", "max_concurrent = ‹0›", "", { "child.toml": child }),
  node("map_empty_workflow", mapping, '"child.toml"', '‹" "›', "", { "child.toml": child }),
  node("http_header_bad_name", request, "accept =", '‹"a b"› ='),
  node("http_header_crlf", request, '"text/plain"', '‹"a\\r\\nb"›'),
  node("http_header_bad_placeholder", request, '"text/plain"', '"‹{{secret:KEY›"'),
  and(
    "cycle",
    '\n[[edges]]\nfrom = "parse"\nto = "load"\nmax_iterations = 3\n',
    'to = "parse"\n\n[[edges]]\nfrom = "parse"\nto = "load"\nmax_iterations = 3\n',
    'to = ‹"parse"›\n\n[[edges]]\nfrom = "parse"\nto = "load"\n',
  ),
  {
    code: "ambiguous_start_entry",
    file: "w.toml",
    bad: workflow
      .replace('name = "main"', 'name = ‹"main"›')
      .replace('entry_node = "load"\n', "")
      .replace(/\n\[\[edges[^]*$/, ""),
    good: workflow.replace('entry_node = "load"\n', ""),
    files: {},
  },
  {
    code: "unreachable_node",
    file: "w.toml",
    bad: workflow.replace('id = "parse"', 'id = ‹"parse"›').replace(/\n\[\[edges[^]*$/, ""),
    good: workflow,
    files: {},
  },
  of("policy_url_wildcard", 'fs = { read = ["/data/**"] }', 'http = { urls = [‹"http://127.0.0.1*"›] }'),
  of("policy_url_never", 'fs = { read = ["/data/**"] }', 'http = { urls = [‹"example"›] }'),
  of("policy_pattern_wildcard", 'fs = { read = ["/data/**"] }', 'fs = { read = [‹"/d*ta/x"›] }'),
  and(
    "policy_rego",
    '\n[policy.rego]\ninline = """\npackage agent\nallow if input.tool == "fs.read"\n"""\n',
    'allow if input.tool == "fs.read"',
    "allow if ‹nothing›",
  ),
  and(
    "policy_rego_source",
    '\n[policy.rego]\ninline = "package agent"\nquery = "data.agent"\n',
    'query = "data.agent"',
    'query = "data.agent"\nfile = ‹"p.rego"›',
    { "p.rego": "package agent\nallow := true" },
  ),
  and(
    "policy_rego_query",
    '\n[policy.rego]\ninline = "package agent\\nallow := true"\nquery = "data.agent.allow"\n',
    '"data.agent.allow"',
    '‹"data.agent.deny"›',
  ),
  and("policy_rego_file", '\n[policy.rego]\nfile = "p.rego"\n', 'file = "p.rego"', 'file = ‹"q.rego"›', {
    "p.rego": "package agent\nallow := true",
  }),
  and(
    "unused_ignore",
    '\n[[nodes]]\nid = "new"\ntype = "merge"\n\n[[edges]]\nfrom = "parse"\nto = "new"\n',
    'id = "new"',
    'id = "new" # countersign: ignore ‹no_policy›',
  ),
];
