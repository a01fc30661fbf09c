/** Completion in workflow documents and what belongs to them: fixtures and the configuration. */
import { describe, expect, test } from "vitest";
import { complete } from "./completing.ts";

const head = `name = "x"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"

[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"

[[nodes]]
id = "gate"
type = "condition"
expr = "load.content"
`;
const tail = `
[[edges]]
from = "load"
to = "gate"
`;

describe("kinds", () => {
  test("come in the order of their groups, with docs and a complete node", async () => {
    const found = await complete("a.toml", `${head}\n[[nodes]]\nid = "b"\ntype = ‹|›\n`);
    expect(found.labels.slice(0, 3)).toEqual(["parse_json", "read_env", "read_file"]);
    expect(found.labels).not.toContain("cli-tool");
    expect(found.item("write_file").detail).toBe("action · Write a file");
    expect(found.accept("write_file")).toBe(
      `${head}\n[[nodes]]\nid = "b"\ntype = "write_file"\npath_from = "$1"\ncontent_from = "$2"\n`,
    );
  });
  test.each([
    ["an open string", `type = "re‹|›\n`, `type = "read_file"\npath_from = "$1"\n`],
    ["a closed string", `type = "‹|›"\n`, `type = "read_file"\npath_from = "$1"\n`],
    ["a literal string", `type = '‹|›'\n`, `type = "read_file"\npath_from = "$1"\n`],
    ["a bare word", `type = re‹|›\n`, `type = "read_file"\npath_from = "$1"\n`],
    ["nothing behind the sign", `type =‹|›\n`, `type = "read_file"\npath_from = "$1"\n`],
    ["a node with fields of its own", `type = "‹|›"\npath_from = "a"\n`, `type = "read_file"\npath_from = "a"\n`],
  ])("replace %s", async (_, typed, result) => {
    const found = await complete("a.toml", `${head}\n[[nodes]]\nid = "b"\n${typed}`);
    expect(found.accept("read_file")).toBe(`${head}\n[[nodes]]\nid = "b"\n${result}`);
  });
  test("stay on the line of an inline table", async () => {
    const found = await complete("a.toml", `name = "x"\nnodes = [{ id = "b", type = "‹|›" }]\n`);
    expect(found.accept("read_file")).toBe(
      `name = "x"\nnodes = [{ id = "b", type = "read_file", path_from = "$1" }]\n`,
    );
  });
});

describe("fields", () => {
  test("are those that are not there, required ones first", async () => {
    const found = await complete("a.toml", `${head}\n[[nodes]]\nid = "b"\ntype = "json_select"\npath = "a"\n‹|›\n`);
    expect(found.labels.slice(0, 2)).toEqual(["input_from", "retry"]);
    expect(found.labels).not.toContain("path");
    expect(found.item("input_from").detail).toBe("string (required)");
    expect(found.accept("input_from")).toContain(`input_from = "$1"\n`);
  });
  test("replace a half-typed key, and only the key of a pair", async () => {
    const half = await complete("a.toml", `${head}\n[[nodes]]\nid = "b"\ntype = "merge"\non_‹|›\n`);
    expect(half.accept("on_error")).toContain('on_error = "${1|stop,branch|}"\n');
    const pair = await complete("a.toml", `${head}\n[[nodes]]\nid = "b"\ntype = "merge"\non_e‹|› = "stop"\n`);
    expect(pair.accept("on_error")).toContain('\non_error = "stop"\n');
  });
  test("are offered between braces", async () => {
    const found = await complete("a.toml", `${head}retry = { ‹|› }\n`);
    expect(found.labels).toEqual(["max_attempts", "backoff_ms", "on", "jitter"]);
  });
  test("have words and booleans as values", async () => {
    expect((await complete("a.toml", `${head}on_error = "‹|›"\n`)).labels).toEqual(["stop", "branch"]);
    const flag = await complete(
      "a.toml",
      `name = "x"\n[[triggers]]\ntype = "fs_watch"\nrecursive = ‹|›\n[[start_nodes]]\nname="m"\n`,
    );
    expect(flag.accept("true")).toContain("recursive = true\n");
  });
});

describe("headers", () => {
  test("are whole tables with the fields that they need", async () => {
    const found = await complete("a.toml", `${head}\n‹|›`);
    expect(found.accept("[[edges]]")).toBe(`${head}\n[[edges]]\nfrom = "$1"\nto = "$2"`);
    expect(found.labels).toContain("[policy.fs]");
    expect(found.labels).toContain("[nodes.retry]");
  });
  test.each(["[‹|›", "[‹|›]", "[[ed‹|›", "[[ed‹|›]]"])("replace %s", async (typed) => {
    const found = await complete("a.toml", `${head}\n${typed}`);
    expect(found.accept("[[edges]]")).toBe(`${head}\n[[edges]]\nfrom = "$1"\nto = "$2"`);
  });
  test("follow the wrapped form", async () => {
    const found = await complete(
      "a.toml",
      `[[workflows]]\nname = "x"\n\n‹|›\n\n[[workflows.start_nodes]]\nname = "m"\n`,
    );
    expect(found.labels).toContain("[[workflows.nodes]]");
    expect(found.labels).not.toContain("[[nodes]]");
  });
  test("are not offered twice for a table that is there", async () => {
    const found = await complete("a.toml", `${head}\n[policy]\n\n‹|›`);
    expect(found.labels).not.toContain("[policy]");
    expect(found.labels).toContain("[policy.http]");
  });
});

describe("names", () => {
  test("of nodes stand in edges; what nothing leads to comes first", async () => {
    const found = await complete("a.toml", `${head}${tail}\n[[edges]]\nfrom = "gate"\nto = "‹|›"\n`);
    expect(found.labels).toEqual(["load", "gate"]);
    expect(found.item("load").detail).toBe("read_file · Read a UTF-8 file");
  });
  test("of labels are what the source gives and no other edge takes", async () => {
    const taken = `${head}${tail}\n[[edges]]\nfrom = "gate"\nto = "load"\nwhen = "true"\nmax_iterations = 1\n`;
    const found = await complete("a.toml", `${taken}\n[[edges]]\nfrom = "gate"\nto = "load"\nwhen = "‹|›"\n`);
    expect(found.labels).toEqual(["false"]);
  });
  test("of starts stand in routes, and those of the child beside in calls", async () => {
    const own = await complete("a.toml", `${head}\n[[http_routes]]\nmethod = "GET"\npath = "/"\nstart_node = "‹|›"\n`);
    expect(own.accept("main")).toContain('start_node = "main"');
    const files = { "child.toml": head.replaceAll("main", "other") };
    const child = await complete(
      "a.toml",
      `${head}\n[[nodes]]\nid = "c"\ntype = "call"\nworkflow = "child.toml"\nstart = "‹|›"\n`,
      files,
    );
    expect(child.labels).toEqual(["other"]);
  });
  test("of auth bindings, secrets, servers, tools and backends are those that are declared", async () => {
    const declared = `${head}
[auth.bearer.api]
tokens_env = "TOK"
[[secrets]]
name = "TOK"
source = "env"
var = "T"
[[mcp_servers]]
name = "files"
command = ["x"]
allow_tools = ["read", "list_*"]
[[intelligence.backends]]
name = "big"
provider = "openai"
`;
    const ask = async (text: string): Promise<readonly string[]> => (await complete("a.toml", declared + text)).labels;
    expect(await ask('[[http_routes]]\nauth = "‹|›"')).toEqual(["bearer:api", "mtls", "none"]);
    expect(await ask('[auth.hmac.x]\nsecret_env = "‹|›"')).toEqual(["TOK"]);
    expect(await ask('[[nodes]]\ntype = "call_mcp_tool"\nserver = "‹|›"')).toEqual(["files"]);
    expect(await ask('[[nodes]]\ntype = "call_mcp_tool"\ntool = "‹|›"')).toEqual(["read"]);
    expect(await ask('[[nodes]]\ntype = "llm_infer"\nbackend = "‹|›"')).toEqual(["big", "default"]);
    expect(await ask('[[nodes]]\ntype = "agent_loop"\ntools = ["read_file", "‹|›"]')).not.toContain("read_file");
    expect(await ask('[policy.http]\nmethods = ["GET", ‹|›]')).toEqual([
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "HEAD",
      "OPTIONS",
    ]);
  });
});

describe("references", () => {
  const reader = (from: string): string =>
    `${head}\n[[nodes]]\nid = "show"\ntype = "parse_json"\ninput_from = ${from}\n\n[[nodes]]\nid = "late"\ntype = "merge"\n${tail}\n[[edges]]\nfrom = "gate"\nto = "show"\nwhen = "true"\n\n[[edges]]\nfrom = "show"\nto = "late"\n`;
  test("begin with nodes that can have run, the nearest first", async () => {
    const found = await complete("a.toml", reader('"‹|›"'));
    expect(found.labels.slice(0, 3)).toEqual(["gate", "load", "trigger"]);
    expect(found.item("late").detail).toContain("cannot have run");
  });
  test("go on with the members of the output and their types", async () => {
    const found = await complete("a.toml", reader('"load.co‹|›"'));
    expect(found.labels).toEqual(["path", "content", "bytes", "dry_run"]);
    expect(found.item("bytes").detail).toBe("integer");
    expect(found.accept("content")).toBe(reader('"load.content"'));
  });
  test.each([
    ['"load.‹|›', '"load.content"'],
    ["'load.‹|›'", "'load.content'"],
    ['"lo‹|›.content"', '"load.content"'],
  ])("replace one segment of %s", async (typed, result) => {
    const found = await complete("a.toml", reader(typed));
    expect(found.accept(result.includes("load.content") && typed.startsWith('"lo‹') ? "load" : "content")).toBe(
      reader(result),
    );
  });
  test("know what a trigger and the schema of a route give", async () => {
    const route = `[[http_routes]]\nmethod = "POST"\npath = "/"\nstart_node = "main"\ninput_schema = "in.json"\n[[triggers]]\ntype = "cron"\nschedule = "0 0 * * * *"\nstart_node = "main"\n`;
    const files = {
      "in.json": '{"type":"object","properties":{"user":{"type":"object","properties":{"name":{"type":"string"}}}}}',
    };
    const top = await complete("a.toml", `${reader('"trigger.‹|›"')}${route}`, files);
    expect([...top.labels].sort()).toEqual(["fired_at_unix_ms", "kind", "principal", "schedule", "tick", "user"]);
    expect((await complete("a.toml", `${reader('"trigger.user.‹|›"')}${route}`, files)).labels).toEqual(["name"]);
  });
});

describe("templates", () => {
  const template = (text: string): string =>
    `${head}\n[[nodes]]\nid = "t"\ntype = "template_render"\ninput_from = "load"\ntemplate = ${text}\n`;
  test.each([
    ['"Hi {{‹|›"', '"Hi {{content}}"'],
    ['"Hi {{‹|›}}"', '"Hi {{content}}"'],
    ['"Hi {{co‹|›}} there"', '"Hi {{content}} there"'],
    ['"Hi {‹|›"', '"Hi {{content}}"'],
    ['"""\nHi {{‹|›\n"""', '"""\nHi {{content}}\n"""'],
  ])("complete the marker in %s", async (typed, result) => {
    const found = await complete("a.toml", template(typed));
    expect(found.labels).toEqual(["path", "content", "bytes", "dry_run"]);
    expect(found.accept("content")).toBe(template(result));
  });
  test("offer nothing in the text around markers", async () => {
    expect((await complete("a.toml", template('"Hi ‹|› {{content}} "'))).labels).toEqual([]);
    expect((await complete("a.toml", template('"Hi {{content}} ‹|›"'))).labels).toEqual([]);
  });
  test("name secrets in headers", async () => {
    const found = await complete(
      "a.toml",
      `${head}\n[[nodes]]\nid = "h"\ntype = "http_request"\nheaders = { A = "Bearer {{‹|›" }\n\n[[secrets]]\nname = "TOK"\nsource = "env"\nvar = "T"\n`,
    );
    expect(found.accept("secret:TOK")).toContain('headers = { A = "Bearer {{secret:TOK}}" }');
  });
});

describe("files", () => {
  const files = {
    "sub/child.toml": head,
    "sub/deep/other.toml": head,
    "sub/in.json": "{}",
    "top.toml": head,
    "notes.txt": "",
  };
  const call = (text: string): string => `${head}\n[[nodes]]\nid = "c"\ntype = "call"\nworkflow = ${text}\n`;
  test("are of the right sort, folders first", async () => {
    expect((await complete("a.toml", call('"‹|›"'), files)).labels).toEqual(["sub/", "top.toml"]);
    const inner = await complete("a.toml", call('"sub/‹|›"'), files);
    expect(inner.labels).toEqual(["deep/", "child.toml"]);
    expect(inner.accept("child.toml")).toBe(call('"sub/child.toml"'));
    const schema = await complete(
      "a.toml",
      `${head}\n[[nodes]]\ntype = "llm_infer"\noutput_schema = "sub/‹|›"\n`,
      files,
    );
    expect(schema.labels).toEqual(["deep/", "in.json"]);
  });
});

describe("comments", () => {
  test("offer nothing but codes behind our word", async () => {
    expect((await complete("a.toml", `${head}# ‹|›\n`)).labels).toEqual([]);
    const found = await complete("a.toml", `${head}# countersign: ignore no_p‹|›\n`);
    expect(found.labels).toContain("no_policy");
    expect(found.labels).not.toContain("unknown_kind");
    expect(found.accept("no_policy")).toBe(`${head}# countersign: ignore no_policy\n`);
  });
});

describe("fixtures and the configuration", () => {
  const files = { "workflow.toml": head };
  test("a fixture knows the starts, nodes and outputs of its document", async () => {
    expect((await complete("fixture.toml", 'start = "‹|›"\n', files)).labels).toEqual(["main"]);
    expect((await complete("fixture.toml", "[expected]\nlast_node = ‹|›\n", files)).labels).toEqual(["load", "gate"]);
    const outputs = await complete("fixture.toml", "[expected.outputs]\n‹|›\n", files);
    expect(outputs.accept("load.content")).toBe('[expected.outputs]\n"load.content" = \n');
    expect((await complete("fixture.toml", 'document = "‹|›"\n', { ...files, "b/x.json": "{}" })).labels).toEqual([
      "b/",
      "workflow.toml",
    ]);
    expect((await complete("fixture.toml", '[expected]\nstatus = "‹|›"\n', files)).labels).toContain("timed_out");
  });
  test("the configuration knows environments and codes", async () => {
    expect((await complete("countersign.toml", 'environment = "‹|›"\n')).labels).toEqual(["dev", "staging", "prod"]);
    expect((await complete("countersign.toml", "[diagnostics]\nno_‹|›\n")).labels).toContain("no_policy");
    expect((await complete("countersign.toml", "[diagnostics]\nno_policy = ‹|›\n")).accept("off")).toContain(
      'no_policy = "off"',
    );
    expect((await complete("countersign.toml", "‹|›\n")).labels).toContain("[allow.fs]");
  });
});
