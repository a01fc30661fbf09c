/** Codes of the checks over every graph. */
import { change, type Row } from "./row.ts";

const head = `name = "w"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"
`;
const policy = `[policy]
fs = { read = ["/data/**"] }
`;
const load = `[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"
`;
const edge = (from: string, to: string, when?: string): string =>
  `[[edges]]\nfrom = "${from}"\nto = "${to}"\n${when === undefined ? "" : `when = "${when}"\n`}`;
const node = (id: string, type: string, ...lines: string[]): string =>
  `[[nodes]]\nid = "${id}"\ntype = "${type}"\n${lines.map((line) => `${line}\n`).join("")}`;

/** `load`, and what comes after it. */
const after = (...parts: string[]): string => [head, policy, load, ...parts].join("");
const parsed = after(node("next", "parse_json", 'input_from = "load.content"'), edge("load", "next"));
const gate = after(
  node("gate", "condition", 'expr = "load.content"'),
  edge("load", "gate"),
  node("yes", "read_file", 'path_from = "load.content"'),
  node("no", "merge"),
  edge("gate", "yes", "true"),
  edge("gate", "no", "false"),
  node("both", "parse_json", 'input_from = "load.content"'),
  edge("yes", "both"),
  edge("no", "both"),
);
const child = `name = "child"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "a"
[[nodes]]
id = "a"
type = "merge"
`;
const calling = after(node("next", "call", 'workflow = "child.toml"', 'start = "main"'), edge("load", "next"));
const called = (code: string, from: string, to: string, files: Row["files"] = { "child.toml": child }): Row =>
  change(code, "w.toml", calling, from, to, files);
const parse = (code: string, from: string, to: string): Row => change(code, "w.toml", parsed, from, to);
const gated = (code: string, from: string, to: string): Row => change(code, "w.toml", gate, from, to);

const asking = after(node("ask", "llm_infer", 'backend = "big"', 'prompt = "Hi"'), edge("load", "ask")).replace(
  policy,
  `${policy}[[intelligence.backends]]\nname = "big"\nprovider = "openai-compatible"\nbase_url = "https://models.example"\n`,
);
const posting = after(
  node("post", "http_request", 'method = "GET"', 'url_from = "load.content"', 'headers = { auth = "{{secret:KEY}}" }'),
  edge("load", "post"),
  '[[secrets]]\nname = "KEY"\nsource = "env"\nvar = "KEY"\n',
).replace(policy, '[policy]\nfs = { read = ["/data/**"] }\nhttp = { urls = ["*"] }\n');
const reading = after(node("env", "read_env", 'key = "HOME"'), edge("load", "env")).replace(
  policy,
  '[policy]\nfs = { read = ["/data/**"] }\nenv = { read_keys = ["HOME"] }\n',
);
const ending = after(node("end", "terminate"), node("on", "merge"), edge("load", "on"), edge("on", "end"));
const choosing = after(
  node("call", "call_mcp_tool", 'tool = "t"', 'server = "one"'),
  edge("load", "call"),
  node("pick", "switch", 'expr = "call.is_error"'),
  edge("call", "pick"),
  node("yes", "merge"),
  node("no", "merge"),
  edge("pick", "yes", "true"),
  edge("pick", "no", "false"),
  '[[mcp_servers]]\nname = "one"\ncommand = ["/bin/one"]\n',
);
const skill = (inputs: string): string => `skill: echo
runners:
  default:
    default: true
    source:
      type: cli-tool
      command: /bin/echo
      args: ["{{${inputs}}}"]
    inputs:
      message: {type: string, required: true}
`;

const acting = `${skill("message")}    act:
      purpose: Say it
      form: review
`;
const greeting = `name: g
steps:
  - id: a
    skill: echo
    inputs:
      message: hello
`;

export const graphRows: readonly Row[] = [
  parse("unknown_reference", '"load.content"', '‹"laod.content"›'),
  parse("unknown_field", '"load.content"', '‹"load.contents"›'),
  parse("index_into_non_array", '"load.content"', '‹"load.content.0"›'),
  change(
    "template_without_input",
    "w.toml",
    after(node("t", "template_render", 'template = "Hi {{name}}"', 'input_from = "trigger"'), edge("load", "t")),
    'template = "Hi {{name}}"\ninput_from = "trigger"',
    'template = "Hi ‹{{name}}›"',
  ),
  {
    code: "unknown_input",
    file: "X.yaml",
    bad: skill("mesage").replace("{{mesage}}", "‹{{mesage}}›"),
    good: skill("message"),
    files: {},
  },
  gated("may_not_have_run", 'input_from = "load.content"', 'input_from = ‹"yes.content"›'),
  change(
    "may_be_null",
    "w.toml",
    `${gate}${node("last", "condition", 'expr = "load.content"')}${edge("both", "last")}`,
    'id = "last"\ntype = "condition"\nexpr = "load.content"',
    'id = "last"\ntype = "condition"\nexpr = ‹"yes.content"›',
  ),
  gated("never_runs_before", 'path_from = "load.content"', 'path_from = ‹"both.value"›'),
  gated("impossible_label", 'when = "true"', 'when = ‹"ture"›'),
  gated("unlabelled_branch", 'from = "gate"\nto = "yes"\nwhen = "true"', 'from = ‹"gate"›\nto = "yes"'),
  change(
    "edge_never_followed",
    "w.toml",
    ending,
    'from = "on"\nto = "end"',
    'from = "on"\nto = "end"\n[[edges]]\nfrom = ‹"end"›\nto = "on"\nmax_iterations = 1',
  ),
  change(
    "unhandled_outcome",
    "w.toml",
    `${posting}${node("ok", "merge")}${edge("post", "ok")}${node("bad", "fail", 'reason = "no"')}${edge("post", "bad", "error")}`,
    edge("post", "bad", "error"),
    "",
  ),
  gated("unhandled_branch", '[[edges]]\nfrom = "gate"\nto = "no"\nwhen = "false"\n', ""),
  change("switch_value_unhandled", "w.toml", choosing, edge("pick", "no", "false"), ""),
  change("ambiguous_edges", "w.toml", parsed, edge("load", "next"), `${edge("load", "next")}${edge("load", "next")}`),
  parse("no_policy", policy, ""),
  change("effect_denied", "w.toml", reading, 'key = "HOME"', 'key = ‹"PATH"›'),
  called("missing_file", '"child.toml"', '‹"chidl.toml"›'),
  called("unusable_file", '"child.toml"', '‹"bad.toml"›', { "child.toml": child, "bad.toml": "name = \n" }),
  called("unknown_child_start", 'start = "main"', 'start = ‹"mian"›'),
  called("child_without_start", '"child.toml"', '‹"none.toml"›', {
    "child.toml": child,
    "none.toml": 'name = "none"\nnodes = [{ id = "a", type = "merge" }]\nedges = []\n',
  }),
  called("child_pauses", '"child.toml"', '‹"pause.toml"›', {
    "child.toml": child,
    "pause.toml": child.replace('type = "merge"', 'type = "pause_for_approval"'),
  }),
  called("child_cycle", '"child.toml"', '‹"w.toml"›'),
  change(
    "undeclared_secret",
    "w.toml",
    posting,
    'name = "KEY"\nsource = "env"\nvar = "KEY"',
    'name = "OTHER"\nsource = "env"\nvar = "KEY"',
  ),
  change("unknown_backend", "w.toml", asking, 'backend = "big"', 'backend = ‹"bgi"›'),
  change("default_backend", "w.toml", asking, 'backend = "big"', 'backend = ‹"default"›'),
  change(
    "undefined_auth",
    "w.toml",
    `${parsed}[[http_routes]]\nmethod = "GET"\npath = "/a"\nstart_node = "main"\nauth = "none"\n`,
    '"none"',
    '‹"bearer:team"›',
  ),
  change("missing_input", "graph.yaml", greeting, "message: hello", "‹mesage›: hello", {
    "echo/X.yaml": skill("message"),
  }),
  change("missing_input", "graph.yaml", greeting, "echo\n    inputs:\n      message: hello", "‹echo›", {
    "echo/X.yaml": skill("message"),
  }),
  change("act_word", "X.yaml", acting, "form: review", "form: ‹reveiw›"),
];
