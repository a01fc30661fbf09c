import { describe, expect, it } from "vitest";
import { workflowCodes } from "../../../src/dialects/workflow/codes.ts";
import { coveredBy, diagnosticsOf, frontEnd, graphOf, linesOf } from "./front-end.ts";

const a = '[[nodes]]\nid = "a"\ntype = "merge"\n';
const named = (text: string) => `name = "w"\n${text}`;
const inNode = (text: string) => named(`[[nodes]]\nid = "a"\ntype = "merge"\n${text}`);
const secret = (text: string) => named(`[[secrets]]\n${text}`);

/** code, document, what it says, what it points at. */
const refused: [code: string, text: string, message: string, points: string][] = [
  ["toml_syntax", "a = \n", "this is not TOML: invalid value", ""],
  [
    "toml_syntax",
    'a = "é😀" b = 1',
    "this is not TOML: each key-value declaration must be followed by an end-of-line",
    "b",
  ],
  ["toml_syntax", "a = 1\na = 2", "this is not TOML: trying to redefine an already defined table or value", "a"],
  ["toml_syntax", "a = 1\u0000", "this is not TOML: illegal character in numeric literal", "\0"],
  ["toml_syntax", "a = '", "this is not TOML: unfinished string", "'"],
  ["toml_syntax", 'name = "w"\r\nx = 😀', "this is not TOML: invalid value", "😀"],
  [
    "workflow_count",
    '[[workflows]]\nname = "x"\n[[workflows]]\nname = "y"',
    "workflow `<root>`: expected exactly one [[workflows]] entry; found 2",
    "[[workflows]]",
  ],
  [
    "workflow_count",
    "workflows = []",
    "workflow `<root>`: expected exactly one [[workflows]] entry; found 0",
    "workflows",
  ],
  [
    "wrong_type",
    "workflows = 1",
    "`workflows` must be an array of one table, written [[workflows]]; it is an integer",
    "1",
  ],
  ["wrong_type", "workflows = [1]", "`workflows[0]` must be a table; it is an integer", "1"],
  ["missing_field", a, "missing field `name`", "[[nodes]]"],
  ["missing_field", named("[[edges]]\nto = 'a'"), "missing field `from`", "[[edges]]"],
  ["missing_field", named("edges = [{ to = 'a' }]"), "missing field `from`", "{ to = 'a' }"],
  ["missing_field", named("[auth.oidc.x]\naudience = []"), "missing field `issuer`", "[auth.oidc.x]"],
  ["missing_field", named('[[nodes]]\nid = "a"'), "missing field `type`", "[[nodes]]"],
  ["missing_field", named("[[triggers]]\nstart_node = 's'"), "missing field `type`", "[[triggers]]"],
  [
    "wrong_type",
    named("[nodes]\nid = 'a'"),
    "`nodes` must be an array of tables, written [[nodes]]; it is a table",
    "[nodes]\nid = 'a'",
  ],
  ["wrong_type", named("nodes = [1]"), "`nodes[0]` must be a table; it is an integer", "1"],
  ["wrong_type", "name = 1", "`name` must be a string; it is an integer", "1"],
  ["wrong_type", inNode("retry = 3"), "`retry` must be a table; it is an integer", "3"],
  ["wrong_type", inNode("retry = { max_attempts = 1.0 }"), "`max_attempts` must be an integer; it is a float", "1.0"],
  [
    "wrong_type",
    inNode("retry = { max_attempts = 1, jitter = '1' }"),
    "`jitter` must be a number; it is a string",
    "'1'",
  ],
  ["wrong_type", named("[policy]\nfs = { read = ['/a', 3] }"), "`read[1]` must be a string; it is an integer", "3"],
  ["wrong_type", named("[[edges]]\nfrom='a'\nto='b'\nwhen = true"), "`when` must be a string; it is a boolean", "true"],
  ["wrong_type", named("[auth]\nbearer = 1"), "`bearer` must be a table; it is an integer", "1"],
  ["wrong_type", named("intelligence = []"), "`intelligence` must be a table; it is an array", "[]"],
  [
    "wrong_type",
    named("[[http_routes]]\nmethod='GET'\npath='/'\nstart_node='s'\nrate_limit = []"),
    "`rate_limit` takes one table; found 0",
    "rate_limit",
  ],
  [
    "out_of_range",
    inNode("retry = { max_attempts = 4294967296 }"),
    "`max_attempts` must be at most 4294967295; it is 4294967296",
    "4294967296",
  ],
  ["out_of_range", inNode("retry = { max_attempts = -1 }"), "`max_attempts` must be at least 0; it is -1", "-1"],
  [
    "out_of_range",
    named("[policy.rego]\ndata = 18446744073709551616"),
    "18446744073709551616 does not fit into 64 bits",
    "18446744073709551616",
  ],
  [
    "invalid_value",
    named("[[start_nodes]]\nname='s'\nsource='htp'"),
    "unknown `source` `htp`, expected one of `event`, `http`, `manual`; did you mean `http`?",
    "'htp'",
  ],
  [
    "invalid_value",
    inNode("on_error = 'bransh'"),
    "unknown `on_error` `bransh`, expected one of `stop`, `branch`; did you mean `branch`?",
    "'bransh'",
  ],
  [
    "invalid_value",
    inNode("in_doubt = 'never'"),
    "unknown `in_doubt` `never`, expected one of `pause`, `retry`, `fail`",
    "'never'",
  ],
  [
    "unknown_trigger",
    named("[[triggers]]\ntype='crom'\nstart_node='s'"),
    "unknown trigger type `crom`, expected one of `cron`, `interval`, `fs_watch`, `internal.event`, `mcp.resource.updated`, `mcp.resource.created`; did you mean `cron`?",
    "'crom'",
  ],
  [
    "unknown_trigger",
    named("[[triggers]]\ntype=1\nstart_node='s'"),
    "trigger type is an integer, expected one of `cron`, `interval`, `fs_watch`, `internal.event`, `mcp.resource.updated`, `mcp.resource.created`",
    "1",
  ],
  [
    "unknown_key",
    inNode("retri = 1"),
    "unknown field `retri`, expected one of `id`, `type`, `retry`, `on_error`, `in_doubt`, `idempotency_key`; did you mean `retry`?",
    "retri",
  ],
  [
    "unknown_key",
    named("[logging.audit]\ntaget = 'x'"),
    "unknown field `taget`, expected one of `target`, `redact_fields`, `include_reason`; did you mean `target`?",
    "taget",
  ],
  [
    "unknown_key",
    named("[auth.hmac.github]\nsecrets = 'x'"),
    "unknown field `secrets`, expected one of `secret_env`, `secret`, `header`, `prefix`; did you mean `secret`?",
    "secrets",
  ],
  [
    "unknown_key",
    named("[server.tls]\ncert_file='a'\nkey_file='b'\nclient_auth = { moed = 'none' }"),
    "unknown field `moed`, expected one of `mode`, `ca_file`; did you mean `mode`?",
    "moed",
  ],
  ["unknown_key", named("[auth.bearer]\n__proto__ = {}"), "`__proto__` cannot be the name of a field", "__proto__"],
  [
    "not_json",
    named("[policy.rego]\ndata = { at = [1979-05-27] }"),
    "dates and times are not JSON values; write a string",
    "1979-05-27",
  ],
  ["not_json", named("[policy]\nfs = 07:32:00"), "dates and times are not JSON values; write a string", "07:32:00"],
  ["not_json", inNode("retry = { max_attempts = 1, jitter = inf }"), "`inf` is not a JSON number", "inf"],
  ["invalid_secret", secret('source = "env"'), "[[secrets]] entry needs a string `name`", "[[secrets]]"],
  [
    "invalid_secret",
    secret('name = "n"'),
    'secret `n`: needs `source = "env" | "file" | "command" | "oauth2"`',
    "[[secrets]]",
  ],
  [
    "invalid_secret",
    secret('name = "n"\nsource = "vault"'),
    "secret `n`: unknown source `vault` (expected env / file / command / oauth2)",
    '"vault"',
  ],
  [
    "unknown_key",
    secret('name = "n"\nsource = "env"\nvar = "V"\nvalue = "hunter2"'),
    "secret `n`: unknown field `value` for source `env` — secret material never goes in the workflow file; allowed: var",
    "value",
  ],
  ["missing_field", secret('name = "n"\nsource = "file"'), "missing field `path`", "[[secrets]]"],
];

describe("what is refused", () => {
  it.each(refused)("%s: %j", (code, text, message, points) => {
    const { graph, diagnostics } = frontEnd.parse(text, "x.toml");
    expect(graph).toBeNull();
    const found = diagnostics.findIndex((one) => one.code === code && one.message === message);
    expect(found, JSON.stringify(diagnostics)).not.toBe(-1);
    const covered = coveredBy(text);
    if (message !== "missing field `name`") expect(covered[found]).toEqual({ code, text: points });
  });

  it("an unknown node kind, with all kinds and the nearest", () => {
    const [line, ...more] = linesOf(named('[[nodes]]\nid = "a"\ntype = "read_fiel"'));
    expect(line).toMatch(/^unknown_kind: unknown node kind `read_fiel`, expected one of .*`terminate`/);
    expect(line).toContain("did you mean `read_file`?");
    expect(more).toEqual([]);
    for (const other of ["skill", "agent_task", "cli_tool"]) expect(line).not.toContain(`\`${other}\``);
  });

  it("tables that nest more than 127 levels", () => {
    const text = named(`[policy.rego]\ndata = ${"[".repeat(126)}${"]".repeat(126)}`);
    expect(linesOf(text)).toContain("nested_too_deeply: tables and arrays may nest 127 levels deep");
    expect(linesOf(named(`[policy.rego]\ndata = ${"[".repeat(120)}${"]".repeat(120)}`))).toEqual([]);
  });

  it("several problems at once, all of them", () => {
    const text = [
      "nmae = 'w'",
      "[[nodes]]",
      "id = 1",
      "type = 'read_file'",
      "path = 'x'",
      "[[nodes]]",
      "type = 'bogus'",
      "[[edges]]",
      "from = 'a'",
      "[budget]",
      "max_cpu_secs = '1'",
    ].join("\n");
    expect(diagnosticsOf(text).map((one) => one.code)).toEqual([
      "unknown_key",
      "missing_field",
      "wrong_type",
      "missing_field",
      "unknown_key",
      "missing_field",
      "unknown_kind",
      "missing_field",
      "wrong_type",
    ]);
  });

  it("no more problems are listed than anybody reads, and that is said", () => {
    const found = diagnosticsOf(named("[[edges]]\nx = 1\n".repeat(5000)));
    expect(found).toHaveLength(201);
    expect(found.at(-1)?.code).toBe("too_many_problems");
  });

  it("a wrong word comes with the right one as a fix", () => {
    const [issue] = diagnosticsOf(inNode("on_error = 'bransh'"));
    expect(issue?.fixes).toEqual([
      {
        type: "replace",
        title: "Change to `branch`",
        at: { path: ["nodes", 0, "on_error"], part: "value" },
        text: "branch",
      },
    ]);
  });
});

describe("the two forms of a document", () => {
  const wrapped = `[[workflows]]\nname = "w"\n[[workflows.nodes]]\nid = "a"\ntype = "merge"\n`;

  it("give the same graph but for its places", () => {
    const bare = graphOf(named(a));
    const graph = graphOf(wrapped);
    expect(graph.name).toBe("w");
    expect(graph.nodes[0]).toMatchObject({ id: "a", at: ["workflows", 0, "nodes", 0] });
    expect({ ...graph.nodes[0], at: null }).toEqual({ ...bare.nodes[0], at: null });
  });

  it("a wrapped document warns of root keys that it ignores", () => {
    const text = `extra = 1979-05-27\n${wrapped}[policy]\nbogus = 1\n`;
    expect(graphOf(text).policy).toBeNull();
    expect(coveredBy(text)).toEqual([
      { code: "ignored_key", text: "extra" },
      { code: "ignored_key", text: "[policy]" },
    ]);
    expect(diagnosticsOf(text).every((one) => one.severity === "warning")).toBe(true);
  });

  it("a wrapped document with a problem inside names it, and says why `workflows` is no field", () => {
    expect(linesOf('[[workflows]]\nname = "x"\nbogus = 1\n')).toEqual([
      expect.stringMatching(/^unknown_key: unknown field `bogus`, expected one of `name`, `description`/),
      expect.stringMatching(
        /^wrapped_invalid: unknown field `workflows`; this is no wrapped document because its .* entry is not valid: unknown field `bogus`/,
      ),
    ]);
  });
});

describe("what a document becomes", () => {
  it("nodes carry what their kind's schema made, and the common fields with their defaults", () => {
    const graph = graphOf(
      named(`[[nodes]]
id = "post"
type = "http_request"
method = "POST"
url_from = "trigger.url"
on_error = "branch"
in_doubt = "retry"
idempotency_key = "order-{{id}}"
headers = { Authorization = "Bearer {{ secret:KEY }}" }
[nodes.retry]
max_attempts = 0
jitter = 9
[[nodes]]
id = "run"
type = "read_file"
path_from = "post.body"
`),
    );
    const [post, run] = graph.nodes;
    expect(post).toMatchObject({
      index: 0,
      kind: "http_request",
      onError: "branch",
      inDoubt: "retry",
      idempotencyKey: "order-{{id}}",
      retry: { maxAttempts: 1, backoffMs: 100, on: "any", jitter: 0.5 },
      fields: { method: "POST", url_from: "trigger.url" },
    });
    expect(post?.fields).not.toHaveProperty("id");
    const references = post?.references.map(({ role, text, at }) => ({ role, text, within: at.within }));
    expect(references).toContainEqual({ role: "context", text: "trigger.url", within: undefined });
    expect(references).toContainEqual({ role: "secret", text: "KEY", within: { from: 7, to: 23 } });
    expect(references).toContainEqual({ role: "input", text: "id", within: { from: 6, to: 12 } });
    expect(run).toMatchObject({ retry: null, onError: "stop", inDoubt: "pause", idempotencyKey: null });
  });

  it("equal edges have keys of their own", () => {
    const graph = graphOf(named("[[edges]]\nfrom='a'\nto='b'\n".repeat(2) + "[[edges]]\nfrom='a'\nto='b'\nwhen=''\n"));
    expect(new Set(graph.edges.map((edge) => edge.key)).size).toBe(3);
    expect(graph.edges[2]).toMatchObject({ when: "", maxIterations: null, index: 2, at: ["edges", 2] });
  });

  it.each([
    ["a table", "[http_routes.rate_limit]\ncapacity = 10\nper_second = 1"],
    ["an inline table", "rate_limit = { capacity = 10, per_second = 1.0 }"],
    ["an array of one table", "[[http_routes.rate_limit]]\ncapacity = 10\nper_second = 1.0"],
  ])("a rate limit may be %s", (_name, limit) => {
    const text = named(`[[http_routes]]\nmethod = "post"\npath = "/"\nstart_node = "s"\n${limit}\n`);
    expect(graphOf(text).operation.routes[0]).toMatchObject({
      method: "post",
      rateLimit: { capacity: 10, perSecond: 1 },
      idempotencyTtlSecs: 86_400,
      auth: null,
    });
  });

  it("a wrong rate limit in an array is found there", () => {
    const text = named(
      '[[http_routes]]\nmethod = "post"\npath = "/"\nstart_node = "s"\n[[http_routes.rate_limit]]\ncapacity = -1\nper_second = 1\n',
    );
    expect(coveredBy(text)).toEqual([{ code: "out_of_range", text: "-1" }]);
  });

  it("every other table of the sheet", () => {
    const graph = graphOf(
      named(`description = "d"
[[start_nodes]]
name = "s"
source = "event"
[[triggers]]
type = "cron"
schedule = "*/5 * * * *"
timezone = "Europe/Berlin"
start_node = "s"
[[triggers]]
type = "interval"
every = "5m"
start_node = "s"
[[triggers]]
type = "fs_watch"
path = "/in"
start_node = "s"
[[triggers]]
type = "mcp.resource.created"
server = "docs"
resource = "docs://*"
start_node = "s"
[policy.fs]
read = ["/a/**"]
[policy.rego]
inline = "package agent"
data = { b = 1, a = [1.0, "x", true, {}] }
[budget]
max_llm_tokens = 18446744073709551615
max_cpu_secs = 3
[[mcp_servers]]
name = "docs"
command = ["/bin/x"]
env = { TOKEN = "t" }
[[intelligence.backends]]
name = "fast"
provider = "openai-compatible"
base_url = "http://127.0.0.1:1"
[[secrets]]
name = "e"
source = "env"
var = "E"
[[secrets]]
name = "f"
source = "file"
path = "/f"
trim = false
[[secrets]]
name = "c"
source = "command"
argv = ["/bin/c"]
[[secrets]]
name = "o"
source = "oauth2"
token_url = "https://x"
client_id_env = "I"
client_secret_env = "S"
[auth.bearer.ops]
tokens_env = "OPS"
[auth.basic.t]
credentials = ["u:p"]
[auth.oidc.g]
issuer = "i"
clock_skew_secs = 5
[server.tls]
cert_file = "c"
key_file = "k"
client_auth = { mode = "required", ca_file = "a" }
[logging]
level = "info"
format = "json"
enabled = true
rotation = "daily"
audit = { include_reason = true }
otel = { endpoint = "http://x", sample_ratio = 1, resource_attrs = { a = "b" } }
[signing]
required = true
public_key_file = "p"
`),
    );
    expect(graph.description).toBe("d");
    expect(graph.starts).toEqual([{ name: "s", source: "event", entry: null, at: ["start_nodes", 0] }]);
    expect(graph.operation.triggers).toEqual([
      { type: "cron", schedule: "*/5 * * * *", timezone: "Europe/Berlin", start: "s", at: ["triggers", 0] },
      { type: "interval", every: "5m", start: "s", at: ["triggers", 1] },
      {
        type: "fs_watch",
        path: "/in",
        recursive: false,
        events: [],
        debounceMs: 250,
        start: "s",
        at: ["triggers", 2],
      },
      { type: "mcp.resource.created", server: "docs", resource: "docs://*", start: "s", at: ["triggers", 3] },
    ]);
    expect(graph.policy).toMatchObject({
      fs: { read: ["/a/**"], write: [], delete: [], list: [] },
      env: { readKeys: [] },
      http: { urls: [], methods: [] },
      rego: { inline: "package agent", file: null, query: "data.agent.allow" },
    });
    expect(graph.policy?.rego?.data).toEqual({ b: 1n, a: [1, "x", true, {}] });
    expect(graph.budget).toEqual({
      maxMemoryMb: null,
      maxCpuSecs: 3,
      maxRunTimeSecs: null,
      maxFsWriteMb: null,
      maxLlmTokens: Number.MAX_SAFE_INTEGER,
    });
    expect(graph.mcpServers).toEqual([
      {
        name: "docs",
        command: ["/bin/x"],
        allowTools: [],
        allowResources: [],
        env: { TOKEN: "t" },
        at: ["mcp_servers", 0],
      },
    ]);
    expect(graph.backends).toEqual([
      {
        name: "fast",
        provider: "openai-compatible",
        model: "",
        apiKeyEnv: null,
        baseUrl: "http://127.0.0.1:1",
        maxTokens: null,
        at: ["intelligence", "backends", 0],
      },
    ]);
    expect(graph.secrets).toMatchObject([
      { name: "e", source: "env", var: "E" },
      { name: "f", source: "file", path: "/f", trim: false },
      { name: "c", source: "command", argv: ["/bin/c"] },
      { name: "o", source: "oauth2", scopes: [], extraParams: {}, authStyle: "body", skewSecs: 60 },
    ]);
    expect(graph.operation.auth).toMatchObject({ oidc: { g: { clock_skew_secs: 5n } } });
    expect(graph.operation.server).toMatchObject({ tls: { client_auth: { mode: "required" } } });
    expect(graph.operation.logging).toMatchObject({ otel: { sample_ratio: 1n } });
    expect(graph.operation.signing).toEqual({ required: true, public_key_file: "p" });
  });

  it("no policy is not an empty policy", () => {
    expect(graphOf(named("")).policy).toBeNull();
    expect(graphOf(named("[policy]")).policy?.fs.read).toEqual([]);
  });

  it("a byte order mark and CRLF change nothing", () => {
    const text = `\ufeff${named(a)}[[edges]]\nfrom = "a"\nto = "b"\n`.replaceAll("\n", "\r\n");
    expect(graphOf(text).nodes[0]?.id).toBe("a");
    expect(coveredBy(text)).toEqual([{ code: "dangling_edge", text: '"b"' }]);
  });
});

it("every code of reading has a case in this file", () => {
  const here = new Set(refused.map(([code]) => code));
  for (const code of ["unknown_kind", "nested_too_deeply", "too_many_problems", "ignored_key", "wrapped_invalid"]) {
    here.add(code);
  }
  const codes = Object.entries(workflowCodes).filter(([, info]) => info.phase === "parse");
  expect([...here].sort()).toEqual(codes.map(([code]) => code).sort());
  for (const [, { text }] of codes) expect(text).toMatch(/^[A-Z`].*\.$/);
});
