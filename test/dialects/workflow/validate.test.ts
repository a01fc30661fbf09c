import { describe, expect, it } from "vitest";
import { workflowCodes } from "../../../src/dialects/workflow/codes.ts";
import { coveredBy, diagnosticsOf, graphOf, linesOf, frontEnd } from "./front-end.ts";

const head = 'name = "w"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "a"\n';
const a = '[[nodes]]\nid = "a"\ntype = "merge"\n';
const node = (id: string, rest: string) => `[[nodes]]\nid = "${id}"\n${rest}\n`;
const edge = (from: string, to: string, rest = "") => `[[edges]]\nfrom = "${from}"\nto = "${to}"\n${rest}\n`;
const loop = (rest: string) => `${head}${node("a", `type = "agent_loop"\nbackend = "b"\n${rest}`)}`;
const request = (headers: string) =>
  `${head}${node("a", `type = "http_request"\nmethod = "GET"\nurl_from = "trigger.u"\nheaders = ${headers}`)}`;
const servers = '[[mcp_servers]]\nname = "s1"\ncommand = ["x"]\n[[mcp_servers]]\nname = "s2"\ncommand = ["x"]\n';
const tool = (rest: string) => head + node("a", `type = "call_mcp_tool"\ntool = "t"\n${rest}`);
const knownTools = "read_file, write_file, read_env, http_request, shell_run, call_mcp_tool";

/** code, a document with exactly these issues, a document of the same kind without any. */
const cases: [code: string, bad: string, issues: string[], good: string][] = [
  [
    "dup_node_id",
    head + a + a + a,
    ["dup_node_id: node id `a` is declared more than once"],
    head + a + node("b", 'type = "merge"') + edge("a", "b"),
  ],
  [
    "dup_start_name",
    head + '[[start_nodes]]\nname = "main"\nsource = "http"\nentry_node = "a"\n' + a,
    ["dup_start_name: start node name `main` is declared more than once"],
    head + '[[start_nodes]]\nname = "other"\nsource = "http"\nentry_node = "a"\n' + a,
  ],
  [
    "dup_http_route",
    head +
      a +
      '[[http_routes]]\nmethod = "POST"\npath = "/x"\nstart_node = "main"\n[[http_routes]]\nmethod = "post"\npath = "/x"\nstart_node = "main"\n',
    ["dup_http_route: duplicate HTTP route `post /x`"],
    head +
      a +
      '[[http_routes]]\nmethod = "POST"\npath = "/x"\nstart_node = "main"\n[[http_routes]]\nmethod = "POST"\npath = "/X"\nstart_node = "main"\n',
  ],
  [
    "unknown_http_start_node",
    head + a + '[[http_routes]]\nmethod = "GET"\npath = "/"\nstart_node = "mian"\n',
    ["unknown_http_start_node: HTTP route `GET /` points at unknown start node `mian`"],
    head + a + '[[http_routes]]\nmethod = "GET"\npath = "/"\nstart_node = "main"\n',
  ],
  [
    "unknown_trigger_start_node",
    head + a + '[[triggers]]\ntype = "internal.event"\nname = "e"\nstart_node = "s"\n',
    ["unknown_trigger_start_node: trigger points at unknown start node `s`"],
    head + a + '[[triggers]]\ntype = "internal.event"\nname = "e"\nstart_node = "main"\n',
  ],
  [
    "unknown_start_entry_node",
    head.replace('"a"', '"aa"') + a,
    [
      "unknown_start_entry_node: start node `main` references unknown entry node `aa`",
      "unreachable_node: node `a` is not reachable from any start node",
    ],
    head + a,
  ],
  [
    "dangling_edge",
    head + a + edge("a", "a") + edge("x", "y"),
    [
      "dangling_edge: edge #1 `x` → `y`: source node `x` is not declared",
      "dangling_edge: edge #1 `x` → `y`: target node `y` is not declared",
    ],
    head + a + node("b", 'type = "merge"') + edge("a", "b"),
  ],
  [
    "unknown_mcp_server",
    tool('server = "default"') + servers,
    ["unknown_mcp_server: node `a` (call_mcp_tool) references unknown mcp_server `default`"],
    tool('server = "s1"') + servers,
  ],
  [
    "ambiguous_mcp_server",
    head + node("a", 'type = "read_mcp_resource"\nresource_from = "trigger.u"') + servers,
    [
      "ambiguous_mcp_server: node `a` (read_mcp_resource) has no `server` field but multiple mcp_servers are configured",
    ],
    tool(""),
  ],
  [
    "agent_loop_steps_out_of_range",
    loop('max_steps = 65\ninstructions = "x"\ntools = ["read_file"]'),
    ["agent_loop_steps_out_of_range: node `a`: max_steps must be 1..=64 (got 65)"],
    loop('max_steps = 64\ninstructions = "x"\ntools = ["read_file"]'),
  ],
  [
    "agent_loop_missing_instructions",
    loop('max_steps = 1\ntools = ["read_file"]'),
    ["agent_loop_missing_instructions: node `a`: one of `instructions` / `instructions_from` is required"],
    loop('max_steps = 1\ninstructions_from = "trigger.x"\ntools = ["read_file"]'),
  ],
  [
    "agent_loop_no_tools",
    loop('max_steps = 1\ninstructions = "x"'),
    [`agent_loop_no_tools: node \`a\`: \`tools\` must list at least one of: ${knownTools}`],
    loop('max_steps = 1\ninstructions = ""\ntools = ["call_mcp_tool"]'),
  ],
  [
    "agent_loop_unknown_tool",
    loop('max_steps = 0\ntools = ["read_file", "t", "u"]'),
    [
      "agent_loop_steps_out_of_range: node `a`: max_steps must be 1..=64 (got 0)",
      "agent_loop_missing_instructions: node `a`: one of `instructions` / `instructions_from` is required",
      `agent_loop_unknown_tool: node \`a\`: \`t\` is not a loop tool (known: ${knownTools})`,
      `agent_loop_unknown_tool: node \`a\`: \`u\` is not a loop tool (known: ${knownTools})`,
    ],
    loop('max_steps = 1\ninstructions = "x"\ntools = ["shell_run"]'),
  ],
  [
    "respond_status_out_of_range",
    head + node("a", 'type = "respond"\nbody_template = "x"\nstatus = 42'),
    ["respond_status_out_of_range: node `a`: status must be 100..=599 (got 42)"],
    head + node("a", 'type = "respond"\nbody_template = "x"\nstatus = 599'),
  ],
  [
    "respond_empty_content_type",
    head + node("a", 'type = "respond"\nbody_template = "x"\ncontent_type = " \\t"'),
    ["respond_empty_content_type: node `a`: content_type must not be empty"],
    head + node("a", 'type = "respond"\nbody_template = ""\ncontent_type = "x"'),
  ],
  [
    "map_zero_max_items",
    head + node("a", 'type = "map"\nitems_from = "x"\nworkflow = "c.toml"\nmax_items = 0'),
    ["map_zero_max_items: node `a`: max_items must be >= 1 — the bound is mandatory"],
    head + node("a", 'type = "map"\nitems_from = "x"\nworkflow = "c.toml"\nmax_items = 1'),
  ],
  [
    "map_zero_concurrency",
    head + node("a", 'type = "map"\nitems_from = "x"\nworkflow = "c.toml"\nmax_items = 1\nmax_concurrent = 0'),
    ["map_zero_concurrency: node `a`: max_concurrent must be >= 1 when set"],
    head + node("a", 'type = "map"\nitems_from = "x"\nworkflow = "c.toml"\nmax_items = 1\nmax_concurrent = 1'),
  ],
  [
    "map_empty_workflow",
    head + node("a", 'type = "map"\nitems_from = "x"\nworkflow = " "\nmax_items = 1'),
    ["map_empty_workflow: node `a`: workflow path must not be empty"],
    head + node("a", 'type = "map"\nitems_from = "x"\nworkflow = "c"\nmax_items = 1'),
  ],
  [
    "http_header_bad_name",
    request('{ "Bad Name" = "x" }'),
    ["http_header_bad_name: node `a`: header name `Bad Name` is not a valid HTTP token"],
    request('{ "X-_9" = "x" }'),
  ],
  [
    "http_header_crlf",
    request('{ X = "a\\r\\nb" }'),
    ["http_header_crlf: node `a`: header `X` value contains CR/LF"],
    request('{ X = "a\\tb" }'),
  ],
  [
    "http_header_bad_placeholder",
    request('{ X = "{{ q }} {{secret:}} {{ secret: K }} {{open" }'),
    [
      "http_header_bad_placeholder: node `a`: header `X`: `{{q}}` — headers interpolate {{secret:NAME}} only",
      "http_header_bad_placeholder: node `a`: header `X`: `{{secret:}}` — headers interpolate {{secret:NAME}} only",
      "http_header_bad_placeholder: node `a`: header `X` has an unclosed placeholder",
    ],
    request('{ X = "Bearer {{ secret:K }}{" }'),
  ],
  [
    "cycle",
    head +
      a +
      node("b", 'type = "merge"') +
      node("B", 'type = "merge"') +
      edge("a", "b") +
      edge("b", "a") +
      edge("b", "B"),
    ["cycle: workflow contains a cycle; nodes involved or downstream: B, a, b"],
    head + a + node("b", 'type = "merge"') + edge("a", "b") + edge("b", "a", "max_iterations = 0"),
  ],
  [
    "ambiguous_start_entry",
    head.replace('entry_node = "a"\n', "") + a + node("b", 'type = "merge"'),
    [
      "ambiguous_start_entry: start node `main` has no `entry_node` and the workflow has !=1 root nodes; specify `entry_node` explicitly",
      "unreachable_node: node `a` is not reachable from any start node",
      "unreachable_node: node `b` is not reachable from any start node",
    ],
    head.replace('entry_node = "a"\n', "") + a + node("b", 'type = "merge"') + edge("a", "b"),
  ],
  [
    "unreachable_node",
    head + a + node("b", 'type = "merge"'),
    ["unreachable_node: node `b` is not reachable from any start node"],
    head + a + node("b", 'type = "merge"') + edge("a", "b", "max_iterations = 1"),
  ],
];

describe("each check of the reference", () => {
  it.each(cases)("%s is reported in the reference's words, and only then", (_code, bad, issues, good) => {
    expect(linesOf(bad)).toEqual(issues);
    expect(linesOf(good)).toEqual([]);
  });

  it("has a case here", () => {
    const codes = Object.entries(workflowCodes).filter(([, info]) => info.phase === "validate");
    expect(cases.map(([code]) => code)).toEqual(codes.map(([code]) => code));
    expect(codes).toHaveLength(24);
  });
});

describe("rules around the checks", () => {
  it("come in the order of the sheet, group by group", () => {
    const text =
      head +
      a +
      node("r", 'type = "respond"\nbody_template = ""\nstatus = 1') +
      node("m", 'type = "map"\nitems_from = "x"\nworkflow = ""\nmax_items = 0\nmax_concurrent = 0') +
      node("l", 'type = "agent_loop"\nbackend = "b"\nmax_steps = 0') +
      a;
    expect(diagnosticsOf(text).map((one) => one.code)).toEqual([
      "dup_node_id",
      "agent_loop_steps_out_of_range",
      "agent_loop_missing_instructions",
      "agent_loop_no_tools",
      "respond_status_out_of_range",
      "map_zero_max_items",
      "map_zero_concurrency",
      "map_empty_workflow",
      "unreachable_node",
      "unreachable_node",
      "unreachable_node",
    ]);
  });

  it("a dangling edge hides cycles and reachability", () => {
    const text = head + a + node("b", 'type = "merge"') + edge("a", "a") + edge("a", "zz");
    expect(diagnosticsOf(text).map((one) => one.code)).toEqual(["dangling_edge"]);
  });

  it("islands without any start are valid, and so is a document with only a name", () => {
    expect(linesOf('name = "w"\n' + a + node("b", 'type = "merge"'))).toEqual([]);
    expect(linesOf('name = ""')).toEqual([]);
  });

  it("duplicate ids are one node for cycles and reachability", () => {
    expect(diagnosticsOf(head + a + a + edge("a", "a", "max_iterations = 1")).map((one) => one.code)).toEqual([
      "dup_node_id",
    ]);
  });
});

describe("where issues stand", () => {
  it("a cycle names the edges of one way round, beginning with the earliest", () => {
    const text =
      head +
      ["a", "b", "c", "d"].map((id) => node(id, 'type = "merge"')).join("") +
      edge("c", "a") +
      edge("a", "b") +
      edge("c", "d") +
      edge("b", "c");
    const [cycle] = frontEnd.validate(graphOf(text));
    expect(cycle?.message).toBe("workflow contains a cycle; nodes involved or downstream: a, b, c, d");
    expect(cycle?.related?.map((one) => one.message)).toEqual([
      "edge #0 `c` → `a`",
      "edge #1 `a` → `b`",
      "edge #3 `b` → `c`",
    ]);
    expect(coveredBy(text)).toEqual([{ code: "cycle", text: '"a"' }]);
  });

  it("a header's bad marker is underlined, not the whole value", () => {
    expect(coveredBy(request('{ X = "\\t é {{ q }} z" }'))).toEqual([
      { code: "http_header_bad_placeholder", text: "{{ q }}" },
    ]);
  });

  it("duplicates point at the later one and name the earlier", () => {
    const [issue] = diagnosticsOf(head + a + a);
    expect(issue?.at).toEqual({ path: ["nodes", 1, "id"], part: "value" });
    expect(issue?.related?.[0]?.at).toEqual({ path: ["nodes", 0, "id"], part: "value" });
  });

  it("a name that is nearly right comes with the right one", () => {
    const text = head + node("analyse", 'type = "merge"') + edge("analyze", "analyse");
    const issue = diagnosticsOf(text).find((one) => one.code === "dangling_edge");
    expect(issue?.fixes?.[0]).toMatchObject({ type: "replace", text: "analyse" });
  });
});
