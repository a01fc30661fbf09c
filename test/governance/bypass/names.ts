/** Names: environment variables, MCP tools and resources, stages. */
import type { Around, Attempt } from "./driver.ts";
import { env, get, post, read, resource, run, tool } from "./effects.ts";
import { server } from "../support.ts";

const row = (
  name: string,
  why: string,
  policy: Attempt["policy"],
  effect: Attempt["effect"],
  around: Around = {},
): Attempt => ({
  name,
  why,
  policy,
  effect,
  around,
});

const variables: readonly Attempt[] = (
  [
    ["APP_MODE", "app_mode", "another letter case"],
    ["APP_*", "XAPP_MODE", "the prefix in the middle"],
    ["APP_*", "APP", "the prefix without its end"],
    ["APP_*", "AWS_SECRET_ACCESS_KEY", "another variable"],
    ["*_MODE", "AWS_SECRET_ACCESS_KEY", "a star at the beginning is no wildcard"],
    ["A*KEY", "AWS_SECRET_ACCESS_KEY", "a star in the middle is no wildcard"],
    ["AWS_SECRET_ACCESS_KE?", "AWS_SECRET_ACCESS_KEY", "`?` is no wildcard"],
    ["AWS_[A-Z]*", "AWS_SECRET_ACCESS_KEY", "brackets are no class"],
    ["{APP_MODE,AWS_SECRET_ACCESS_KEY}", "AWS_SECRET_ACCESS_KEY", "braces are no choice"],
    ["", "AWS_SECRET_ACCESS_KEY", "an empty pattern"],
    ["APP_MODE", "APP_MODE ", "a space behind"],
    ["APP_MODE", "APP_MODE\0", "NUL behind"],
    ["APP_MODE", "APP_MODE=x", "an equals sign"],
    ["APP_MODE", "\uff21PP_MODE", "a full-width letter"],
    ["APP_MODE", "\u0410PP_MODE", "a Cyrillic letter"],
    ["APP_MODE", "__proto__", "what every object has"],
  ] as const
).map(([pattern, key, why]) => row(`read ${JSON.stringify(key)} under ${pattern}`, why, { env: [pattern] }, env(key)));

const docs = server("docs", ["read_*", "docs://public/*", "file:///data/public/*"]);

const tools: readonly Attempt[] = (
  [
    ["write_page", "another tool"],
    ["READ_page", "another letter case"],
    ["xread_page", "the prefix in the middle"],
    ["read", "the prefix without its end"],
    [" read_page", "a space before"],
    ["read\u005f\u0000", "NUL"],
    ["\uff52ead_page", "a full-width letter"],
    ["r\u0435ad_page", "a Cyrillic letter"],
    ["", "an empty name"],
  ] as const
)
  .filter(([name]) => !name.startsWith("read_"))
  .map(([name, why]) => row(`the tool ${JSON.stringify(name)}`, why, null, tool(name), { servers: [docs] }));

const resources: readonly Attempt[] = (
  [
    ["docs://public/../secret", "a climb out of the prefix"],
    ["docs://public/%2e%2e/secret", "an encoded climb"],
    ["docs://public/..%2fsecret", "an encoded slash"],
    ["docs://public/%252e%252e/secret", "encoded twice"],
    ["docs://public/a/../../secret", "a climb after a folder"],
    ["docs://public/..\\secret", "a backslash"],
    ["docs://public/\uff0e\uff0e/secret", "full-width dots"],
    ["docs://public/..;/secret", "a path parameter"],
    ["docs://public/..\0/secret", "NUL"],
    ["file:///data/public/../../etc/passwd", "a file by a climb"],
    ["file:///etc/passwd", "another file"],
    ["docs://secret", "another resource"],
    ["docs://public", "the prefix without its end"],
    ["DOCS://public/a", "another letter case"],
    ["docs://publicity", "a longer name"],
  ] as const
).map(([uri, why]) => row(`the resource ${JSON.stringify(uri)}`, why, null, resource(uri), { servers: [docs] }));

const servers: readonly Attempt[] = [
  row(
    "a tool by a policy's list, on a server that declares none",
    "the server's own list is empty",
    { tools: ["*"] },
    tool("x"),
    { servers: [server("docs", [])] },
  ),
  row("an operator's tools", "both are asked", null, tool("read_page"), {
    servers: [docs],
    operator: { mcpTools: ["write_*"] },
  }),
  row("an operator's resources by a climb", "prefixes hold", null, resource("docs://public/../secret"), {
    servers: [server("docs", ["*"])],
    operator: { mcpResources: ["docs://public/*"] },
  }),
  row(
    "a policy's resources by a climb",
    "prefixes hold",
    { resources: ["docs://public/*"] },
    resource("docs://public/../secret"),
    {
      servers: [server("docs", ["docs://public/*"])],
    },
  ),
];

const lists = { httpPost: ["http://127.0.0.1:$P/in", "https://api.internal/v1/"], exec: ["$A/tool"] };
const stage: Around = { nodeKind: "stage", stages: lists };

const posts: readonly Attempt[] = (
  [
    ["http://127.0.0.1:$P/other", "another path"],
    ["http://127.0.0.1:$P/input", "a longer name"],
    ["http://127.0.0.1:$P/in/../other", "a climb"],
    ["http://127.0.0.1:$P/in/%2e%2e/other", "an encoded climb"],
    ["http://127.0.0.1:$P/in/..%2fother", "an encoded slash"],
    ["http://127.0.0.1:$P/in/\uff0e\uff0e/other", "full-width dots"],
    ["http://127.0.0.1:$Q/in", "another port"],
    ["https://127.0.0.1:$P/in", "another scheme"],
    ["https://api.internal.evil.example/v1/x", "another host"],
    ["https://api.internal@evil.example/v1/x", "user info"],
    ["https://user:pw@api.internal/v1/x", "credentials"],
    ["https://api.internal/v1/x#y", "a fragment"],
    ["https://api.internal/v1/x y", "a space"],
    ["https://api.internal/v1/x\ty", "a tab, which the parser drops"],
    ["https://api.internal/v1/x\r\ny", "CR LF, which the parser drops"],
    [" https://api.internal/v1/x", "a space before"],
    ["https://api.internal/v1/\u00a0x", "a no-break space"],
    ["https://api.internal/v1/\ufeffx", "a byte order mark"],
    ["https://api.internal\\v1\\x", "backslashes"],
    ["HTTPS://api.internal/v1/x", "a scheme in capitals: keys are compared as text"],
    ["https:///v1/x", "no host"],
    ["ftp://api.internal/v1/x", "another scheme"],
    ["/v1/x", "no absolute URL"],
  ] as const
).map(([url, why]) => row(`http_post:${JSON.stringify(url)}`, why, null, post(url, { body: "b" }), stage));

const stages: readonly Attempt[] = [
  ...posts,
  row("exec: another program", "equality is exact", null, run("/bin/sh", ["-c", "true"], { lookup: true }), stage),
  row(
    "exec: the program by a climb",
    "the string is another",
    null,
    run("$A/sub/../tool", [], { lookup: true }),
    stage,
  ),
  row(
    "exec: the program through a link",
    "the string is another",
    null,
    run("$R/alias/tool", [], { lookup: true }),
    stage,
  ),
  row("exec: the program by its bare name", "the string is another", null, run("tool", [], { lookup: true }), stage),
  row("exec: a space behind", "the string is another", null, run("$A/tool ", [], { lookup: true }), stage),
  row(
    "exec: `|` in the program",
    "the key would have another argument",
    null,
    run("$A/tool|x", [], { lookup: true }),
    stage,
  ),
  row(
    "exec: `|` in an argument",
    "the key would have another argument",
    null,
    run("$A/tool", ["a|b"], { lookup: true }),
    stage,
  ),
  row(
    "exec: a line feed in an argument",
    "no escape is invented",
    null,
    run("$A/tool", ["a\nb"], { lookup: true }),
    stage,
  ),
  row(
    "exec: a C1 control in an argument",
    "no escape is invented",
    null,
    run("$A/tool", ["a\u0085b"], { lookup: true }),
    stage,
  ),
  row("exec: an empty list", "exec is disabled", null, run("$A/tool", [], { lookup: true }), {
    nodeKind: "stage",
    stages: { httpPost: null, exec: [] },
  }),
  row("http_post: an empty list", "none is allowed", null, post("http://127.0.0.1:$P/in"), {
    nodeKind: "stage",
    stages: { httpPost: [], exec: [] },
  }),
  row("a stage that reads a file", "no stage family does", null, read("$A/file.txt"), stage),
  row("a stage that reads a variable", "no stage family does", null, env("APP_MODE"), stage),
  row(
    "http_post: metadata without a list",
    "the address counts for stages too",
    null,
    post("http://169.254.169.254/"),
    { nodeKind: "stage" },
  ),
  row(
    "http_post: a redirecting server",
    "a second request that nobody decided",
    null,
    post("http://127.0.0.1:$P/redirect?to=http://127.0.0.1:$Q/"),
    {
      nodeKind: "stage",
      stages: { httpPost: null, exec: [] },
      harm: (w) => (w.requests.length === 1 ? null : `${w.requests.length} requests`),
    },
  ),
];

/** All attempts on names. */
export const attempts: readonly Attempt[] = [...variables, ...tools, ...resources, ...servers, ...stages];

/** What must still be allowed. */
export const twins: readonly Attempt[] = [
  row("a variable by name", "", { env: ["APP_MODE"] }, env("APP_MODE")),
  row("a variable by prefix", "", { env: ["APP_*"] }, env("APP_MODE")),
  row("a variable that is not set", "", { env: ["*"] }, env("NOT_SET")),
  row("what every object has, as a variable that is not set", "", { env: ["*"] }, env("__proto__")),
  row("a tool by prefix", "", null, tool("read_page"), { servers: [docs] }),
  row("a resource by prefix", "", null, resource("docs://public/a/b"), { servers: [docs] }),
  row("a resource with odd characters", "", null, resource("docs://public/..a/%20b...;c"), { servers: [docs] }),
  row("a resource with a query", "", null, resource("docs://public/a?b=c"), { servers: [docs] }),
  row("any resource", "", null, resource("docs://public/../x"), { servers: [server("docs", ["*"])] }),
  row("a resource that is named exactly", "", null, resource("docs://a/../x"), {
    servers: [server("docs", ["docs://a/../x"])],
  }),
  row("a stage's URL", "", null, post("http://127.0.0.1:$P/in", { body: "b" }), stage),
  row("a stage's URL below", "", null, post("http://127.0.0.1:$P/in/x?y=z", { body: "b" }), stage),
  row("a stage's program", "", null, run("$A/tool", ["a", "-b"], { lookup: true }), stage),
  row("a stage's URL without a list", "", null, post("http://127.0.0.1:$P/any", { body: "b" }), { nodeKind: "stage" }),
  row("a GET beside a policy of names", "", { urls: ["http://127.0.0.1:$P/**"], env: [] }, get("http://127.0.0.1:$P/")),
];
