import { describe, expect, it } from "vitest";
import { failure } from "../../src/graph/failure.ts";
import type { Value } from "../../src/graph/value.ts";
import { drive, effectsOf, json, labelOf, outputText, problemIn, type Case } from "./driver.ts";

const denied = failure("policy", "read_file denied on p: fs_read denied");
const dry = { dry: {} } as const;
const notSet = (kind: string, path: string) =>
  `tool \`${kind}\` failed: path \`${path}\` is not set in the execution context`;

describe("what every effect kind does", () => {
  const cases: readonly (readonly [string, Case])[] = [
    ["read_file", { kind: "read_file", fields: { path_from: "p" } }],
    ["write_file", { kind: "write_file", fields: { path_from: "p", content_from: "p" } }],
    ["create_dir", { kind: "create_dir", fields: { path_from: "p" } }],
    ["read_env", { kind: "read_env", fields: { key: "K" } }],
    ["http_request", { kind: "http_request", fields: { method: "get", url_from: "p" } }],
    ["shell_run", { kind: "shell_run", fields: { command: "/bin/x" } }],
    ["call_mcp_tool", { kind: "call_mcp_tool", fields: { tool: "t" } }],
    ["read_mcp_resource", { kind: "read_mcp_resource", fields: { resource_from: "p" } }],
    ["stage", { kind: "stage", fields: { key: "exec:true" } }],
    ["llm_infer", { kind: "llm_infer", fields: { backend: "default", prompt: "p" } }],
  ];
  it.each(cases)("%s passes a failure of its effect on, unchanged", (_name, given) => {
    const ran = drive({ ...given, values: { p: "http://h/" }, answers: [{ failed: denied }] });
    expect(ran.failure).toEqual(denied);
  });

  it.each([
    ["read_file", { path_from: "p" }],
    ["create_dir", { path_from: "p" }],
    ["write_file", { path_from: "p", content_from: "p" }],
    ["http_request", { method: "GET", url_from: "p" }],
  ])("%s needs a string where it is told to look", (kind, fields) => {
    expect(drive({ kind, fields }).failure).toEqual({ class: "tool", message: notSet(kind, "p") });
    expect(drive({ kind, fields, values: { p: 5n } }).failure?.message).toBe(
      `tool \`${kind}\` failed: path \`p\` must resolve to a string; got number`,
    );
    expect(drive({ kind, fields, values: { p: {} }, partial: ["p"], dryRun: true }).unknown).toBe(false);
    const unknown = { ...fields, path_from: "p.x", url_from: "p.x" };
    const known = Object.fromEntries(Object.entries(unknown).filter(([key]) => key in fields));
    expect(drive({ kind, fields: known, values: { p: {} }, partial: ["p"], dryRun: true }).unknown).toBe(true);
  });
});

describe("files and environment", () => {
  it("read_file hands on content and bytes", () => {
    const given: Case = { kind: "read_file", fields: { path_from: "p" }, values: { p: "a.txt" } };
    const ran = drive({ ...given, answers: [{ done: json('{"content":"héllo","bytes":6}') }] });
    expect(effectsOf(ran)).toEqual([{ kind: "fs.read", path: "a.txt" }]);
    expect(outputText(ran)).toBe('{"bytes":6,"content":"héllo","path":"a.txt"}');
    expect(outputText(drive({ ...given, answers: [dry] }))).toBe('{"dry_run":true,"path":"a.txt"}');
  });

  it.each([
    ['"text\\n"', "text\n", 5],
    ['{"b":1,"a":[1.0]}', '{"a":[1.0],"b":1}', 17],
    ["null", "null", 4],
    ['"é"', "é", 2],
  ])("write_file writes %s", (content, text, bytes) => {
    const given: Case = {
      kind: "write_file",
      fields: { path_from: "t.p", content_from: "t.c" },
      values: { t: { p: "out/x", c: json(content) } },
    };
    const ran = drive({ ...given, answers: [{ done: json(`{"bytes":${bytes}}`) }] });
    expect(effectsOf(ran)).toEqual([{ kind: "fs.write", path: "out/x", content: text }]);
    expect(outputText(ran)).toBe(`{"bytes":${bytes},"path":"out/x","written":true}`);
    expect(outputText(drive({ ...given, answers: [dry] }))).toBe(`{"bytes":${bytes},"dry_run":true,"path":"out/x"}`);
  });

  it("write_file lets policy speak before it misses its content", () => {
    const fields = { path_from: "t.p", content_from: "t.c" };
    const given: Case = { kind: "write_file", fields, values: { t: { p: "out/x" } } };
    expect(problemIn(drive({ ...given, answers: [{ failed: denied }] }))?.message).toBe(notSet("write_file", "t.c"));
    expect(drive({ ...given, answers: [{ failed: denied }] }).failure).toEqual(denied);
    expect(drive({ ...given, answers: [dry], dryRun: true }).failure?.message).toBe(notSet("write_file", "t.c"));
  });

  it("write_file with unknown content still asks about its path", () => {
    const fields = { path_from: "p", content_from: "load.content" };
    const values = { p: "x", load: {} };
    const ran = drive({ kind: "write_file", fields, values, partial: ["load"], dryRun: true, answers: [dry] });
    expect(effectsOf(ran)).toEqual([{ kind: "fs.write", path: "x", content: null }]);
    expect(problemIn(ran)).toBeUndefined();
    expect(outputText(ran)).toBe('{"dry_run":true,"path":"x"}');
  });

  it("create_dir", () => {
    const given: Case = { kind: "create_dir", fields: { path_from: "p" }, values: { p: "d" } };
    expect(outputText(drive({ ...given, answers: [{ done: {} }] }))).toBe('{"created":true,"path":"d"}');
    expect(outputText(drive({ ...given, answers: [dry] }))).toBe('{"dry_run":true,"path":"d"}');
  });

  it.each([
    ['{"value":"v"}', '{"key":"K","value":"v"}'],
    ['{"value":""}', '{"key":"K","value":""}'],
    ['{"value":null}', '{"key":"K","missing":true,"value":null}'],
  ])("read_env turns %s into %s", (value, output) => {
    const ran = drive({ kind: "read_env", fields: { key: "K" }, answers: [{ done: json(value) }] });
    expect(effectsOf(ran)).toEqual([{ kind: "env.read", key: "K" }]);
    expect(outputText(ran)).toBe(output);
  });

  it("calls a result of another shape a defect of the program", () => {
    const ran = drive({ kind: "read_env", fields: { key: "K" }, answers: [{ done: {} }] });
    expect(ran.failure?.class).toBe("internal");
  });
});

describe("http_request", () => {
  const reply = (status: number) =>
    json(`{"status":${status},"headers":{"content-type":"text/plain"},"body":"ok","bytes":2,"truncated":false}`);
  const request = (more: Partial<Case> & { fields?: Record<string, unknown> }, status = 200) =>
    drive({
      kind: "http_request",
      values: { u: "http://h/x", b: json('{"b":1,"a":"é"}') },
      answers: [{ done: reply(status) }],
      ...more,
      fields: { method: "post", url_from: "u", ...more.fields },
    });

  it("sends method, default header and sorted declared headers", () => {
    const headers = { "X-B": "2", "Content-Type": "text/x", "X-A": "Bearer {{secret:T}}" };
    expect(effectsOf(request({ fields: { body_from: "b", headers } }))).toEqual([
      {
        kind: "http.request",
        method: "POST",
        url: "http://h/x",
        headers: [
          ["Content-Type", "application/json"],
          ["Content-Type", "text/x"],
          ["X-A", "Bearer {{secret:T}}"],
          ["X-B", "2"],
        ],
        body: '{"a":"é","b":1}',
        timeoutMs: 30_000,
        maxReplyBytes: 1_048_576,
      },
    ]);
  });

  it("over https a declared Content-Type replaces the default", () => {
    const values = { u: "https://h/", b: "x" };
    const [effect] = effectsOf(request({ values, fields: { body_from: "b", headers: { "content-type": "text/x" } } }));
    expect(effect).toMatchObject({ headers: [["content-type", "text/x"]] });
  });

  it("sends no body and no type by default, nor a type with an empty body", () => {
    expect(effectsOf(request({}))[0]).toMatchObject({ body: null, headers: [] });
    const empty = request({ values: { u: "http://h/", b: "" }, fields: { body_from: "b" } });
    expect(effectsOf(empty)[0]).toMatchObject({ body: "", headers: [] });
  });

  it.each([
    [199, "error"],
    [200, undefined],
    [204, undefined],
    [299, undefined],
    [301, "error"],
    [500, "error"],
  ])("status %i has the label %s", (status, label) => {
    const ran = request({}, status);
    expect(labelOf(ran)).toBe(label);
    expect(outputText(ran)).toBe(`{"body":"ok","bytes":2,"headers":{"content-type":"text/plain"},"status":${status}}`);
  });

  it.each([
    [{ body_from: "zz" }, "path `zz` is not set in the execution context"],
    [{ method: "GE T" }, "method `GE T` is not a valid HTTP token"],
    [{ headers: { "X-A": "a\r\nB: c" } }, "header `X-A`: value contains CR/LF"],
    [{ headers: { "X-A": "a {{secret:T" } }, "header `X-A`: unclosed placeholder"],
    [{ headers: { "X-A": "{{x}}" } }, "header `X-A`: `{{x}}` — headers interpolate {{secret:NAME}} only"],
    [{ headers: { "X-A": "{{secret: }}" } }, "header `X-A`: `{{secret:}}` — headers interpolate {{secret:NAME}} only"],
    [{ headers: { "X A": "x" } }, "header name `X A` is not a valid HTTP token"],
  ])("brings the problem of %j along, for after policy", (fields, text) => {
    const ran = request({ fields, answers: [{ failed: denied }] });
    expect(problemIn(ran)).toEqual({ class: "tool", message: `tool \`http_request\` failed: ${text}` });
    expect(ran.failure).toEqual(denied);
  });

  it("refuses a body over 1 MiB, counted in UTF-8", () => {
    const body = (length: number) =>
      problemIn(request({ values: { u: "http://h/", b: "é".repeat(length) }, fields: { body_from: "b" } }));
    expect(body(524_288)).toBeUndefined();
    expect(body(524_289)?.message).toBe("tool `http_request` failed: request body 1048578 bytes exceeds cap (1048576)");
  });

  it("looks at neither body nor headers in a dry run", () => {
    const fields = { body_from: "zz", headers: { "X A": "x" } };
    const ran = request({ fields, dryRun: true, answers: [dry] });
    expect(problemIn(ran)).toBeUndefined();
    expect(outputText(ran)).toBe('{"dry_run":true,"method":"POST","url":"http://h/x"}');
  });
});

describe("shell_run", () => {
  const ended = (exit: number, signal: string, timedOut = false) =>
    json(
      `{"program":"/usr/bin/echo","exit_code":${exit},"signal":${signal},"stdout":"o","stderr":"","truncated":false,"timed_out":${timedOut},"duration_ms":7}`,
    );
  const run = (more: Partial<Case> = {}, fields: Record<string, unknown> = {}) =>
    drive({
      kind: "shell_run",
      values: { a: ["x", "b c"] },
      answers: [{ done: ended(0, "null") }],
      ...more,
      fields: { command: "/bin/echo", args_from: "a", ...fields },
    });

  it("starts the program in a clean environment, without a shell", () => {
    expect(effectsOf(run())).toEqual([
      {
        kind: "shell.run",
        program: "/bin/echo",
        args: ["x", "b c"],
        stdin: null,
        env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" },
        inheritEnv: [],
        cwd: null,
        timeoutMs: 30_000,
        maxOutputBytes: 65_536,
        lookup: false,
        graceMs: 0,
      },
    ]);
    expect(outputText(run())).toBe(
      '{"args":["x","b c"],"command":"/usr/bin/echo","duration_ms":7,"exit_code":0,"signal":null,"stderr":"","stdout":"o","timed_out":false,"truncated":false}',
    );
  });

  it.each([
    [0n, 1000],
    [1n, 1000],
    [60n, 60_000],
    [18446744073709551615n, Number.MAX_SAFE_INTEGER],
  ])("timeout_secs %i is %i ms", (secs, ms) => {
    expect(effectsOf(run({}, { timeout_secs: secs }))[0]).toMatchObject({ timeoutMs: ms });
  });

  it.each([
    [0, "null", undefined],
    [1, "null", "error"],
    [-1, "9", "error"],
    [0, "15", "error"],
  ])("exit code %i and signal %s have the label %s", (exit, signal, label) => {
    expect(labelOf(run({ answers: [{ done: ended(exit, signal) }] }))).toBe(label);
  });

  it("refuses a relative command before anything else", () => {
    const ran = run({ answers: [] }, { command: "echo" });
    expect(ran.requests).toEqual([]);
    expect(ran.failure?.message).toBe("tool `shell_run` failed: shell_run requires an absolute path; got `echo`");
  });

  it.each([
    ['{"a":"x"}', "args_from `a` must resolve to an array of strings; got string"],
    ['{"a":[1]}', "args element must be a string; got number"],
    ['{"a":["x",null]}', "args element must be a string; got null"],
  ])("refuses the arguments %s after policy, in a dry run too", (context, text) => {
    const values = json(context) as Record<string, Value>;
    const message = `tool \`shell_run\` failed: ${text}`;
    expect(run({ values, answers: [{ failed: denied }] }).failure).toEqual(denied);
    expect(problemIn(run({ values, answers: [{ failed: denied }] }))?.message).toBe(message);
    expect(run({ values, dryRun: true, answers: [{ dry: { program: "/usr/bin/echo" } }] }).failure?.message).toBe(
      message,
    );
  });

  it.each([[{ a: null }], [{}]])("takes %j as no arguments", (values) => {
    expect(effectsOf(run({ values }))[0]).toMatchObject({ args: [] });
  });

  it("shows the real path in a dry run, and arguments as far as they are known", () => {
    const answers = [{ dry: { program: "/usr/bin/echo" } }];
    expect(outputText(run({ answers }))).toBe('{"args":["x","b c"],"command":"/usr/bin/echo","dry_run":true}');
    const unknown = run({ answers, values: { q: {} }, partial: ["q"], dryRun: true }, { args_from: "q.args" });
    expect(outputText(unknown)).toBe('{"command":"/usr/bin/echo","dry_run":true}');
  });
});

describe("MCP", () => {
  const called = (isError: boolean) =>
    json(`{"server":"docs","content":[{"type":"text","text":"hi"}],"is_error":${isError},"structured":null}`);

  it("call_mcp_tool sends null without arguments and hands on the answer", () => {
    const ran = drive({
      kind: "call_mcp_tool",
      fields: { tool: "t", args_from: "zz" },
      answers: [{ done: called(false) }],
    });
    expect(effectsOf(ran)).toEqual([{ kind: "mcp.tool", server: "docs", tool: "t", args: null }]);
    expect(labelOf(ran)).toBeUndefined();
    expect(outputText(ran)).toBe(
      '{"content":[{"text":"hi","type":"text"}],"is_error":false,"server":"docs","structured":null,"tool":"t"}',
    );
  });

  it("call_mcp_tool leads a tool's error to `error`", () => {
    const fields = { tool: "t", args_from: "a", server: "docs" };
    const ran = drive({ kind: "call_mcp_tool", fields, values: { a: { q: 1n } }, answers: [{ done: called(true) }] });
    expect(labelOf(ran)).toBe("error");
    expect(effectsOf(ran)[0]).toMatchObject({ args: { q: 1n } });
  });

  it("read_mcp_resource hands on the contents", () => {
    const given: Case = { kind: "read_mcp_resource", fields: { resource_from: "u" }, values: { u: "docs://1" } };
    const done = json('{"server":"docs","uri":"docs://1","contents":[{"uri":"docs://1","text":"t"}]}');
    const ran = drive({ ...given, answers: [{ done }] });
    expect(outputText(ran)).toBe('{"contents":[{"text":"t","uri":"docs://1"}],"server":"docs","uri":"docs://1"}');
    expect(outputText(drive({ ...given, answers: [dry] }))).toBe('{"dry_run":true,"server":"docs","uri":"docs://1"}');
  });

  it("shows tool and server in a dry run", () => {
    const ran = drive({ kind: "call_mcp_tool", fields: { tool: "t" }, answers: [dry], dryRun: true });
    expect(outputText(ran)).toBe('{"dry_run":true,"server":"docs","tool":"t"}');
  });

  it.each([
    ["{}", "resource_from `u` is not set in the execution context"],
    ['{"u":1}', "resource_from `u` must resolve to a string"],
  ])("read_mcp_resource refuses %s", (context, text) => {
    const values = json(context) as Record<string, Value>;
    const ran = drive({ kind: "read_mcp_resource", fields: { resource_from: "u" }, values });
    expect(ran.failure?.message).toBe(`tool \`read_mcp_resource\` failed: ${text}`);
  });

  it.each(["call_mcp_tool", "read_mcp_resource"])("%s chooses a server, or says why not", (kind) => {
    const base = kind === "call_mcp_tool" ? { tool: "t" } : { resource_from: "u" };
    const failed = (servers: readonly string[], server?: string) =>
      drive({ kind, fields: { ...base, ...(server === undefined ? {} : { server }) }, values: { u: "x" }, servers })
        .failure;
    expect(failed(["a", "b"], "c")).toEqual({
      class: "workflow",
      message: "workflow ``: unknown mcp server `c`; configured: [a, b]",
    });
    expect(failed(["a", "b"])?.message).toBe(
      "workflow ``: call_mcp_tool / read_mcp_resource: `server` field required when multiple mcp_servers are configured; got [a, b]",
    );
    expect(failed([])?.class).toBe("capability");
    expect(failed([])?.message).toMatch(
      `capability unavailable: no handler registered for node kind \`${kind}\` (node \`n\`); `,
    );
  });
});
