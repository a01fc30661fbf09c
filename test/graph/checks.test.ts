import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checks, type CheckContext, type FileFacts } from "../../src/graph/checks/check-graph.ts";
import { diagnosticsPage, graphCodes } from "../../src/graph/codes.ts";
import type { Diagnostic } from "../../src/graph/diagnostic.ts";
import type { Graph } from "../../src/graph/model.ts";
import { noOperation } from "../../src/graph/model.ts";
import { object } from "../../src/graph/value.ts";
import { graph } from "./builder.ts";
import { check, codes, covered, only } from "./checking.ts";

describe("bad references", () => {
  const load = () => graph(covered).start("load").node("load", "read_file");

  it("name a node that does not exist, with the nearest id", () => {
    const found = only(load().node("use").reads("laod.content").chain("load", "use"), "unknown_reference");
    expect(found.message).toBe("`laod.content` leads nowhere: there is no node `laod`; did you mean `load`?");
    expect(found.severity).toBe("warning");
    expect(found.at).toEqual({ path: ["nodes", 1, "input_from"], part: "value" });
    expect(found.fixes).toEqual([
      {
        type: "replace",
        title: "Change to `load`",
        at: { path: ["nodes", 1, "input_from"], part: "value", within: { from: 0, to: 4 } },
        text: "load",
      },
    ]);
  });

  it("are silent for nodes, the trigger and fields that exist", () => {
    const made = load().node("use").reads("load.content").reads("trigger.any.thing", "b").reads("load", "c");
    expect(codes(made.chain("load", "use"))).toEqual([]);
  });

  it("explain ids with dots, and empty references", () => {
    const made = graph().start("a.b").node("a.b").node("use").reads("a.b.c").reads("", "other").chain("a.b", "use");
    expect(check(made).map((one) => one.message)).toEqual([
      "`a.b.c` leads nowhere: the node id `a.b` contains a dot, so no reference can name it",
      "`` names no node: a reference begins with a node's id",
    ]);
  });

  it("name a field that the output lacks, and offer the right one in its place", () => {
    const found = only(load().node("use").reads("load.contents").chain("load", "use"), "unknown_field");
    expect(found.message).toBe(
      "`load.contents` leads nowhere: the output of `load` (read_file) has no field `contents`; did you mean `content`?",
    );
    expect(found.fixes?.[0]).toMatchObject({ at: { within: { from: 5, to: 13 } }, text: "content" });
    const far = only(load().node("use").reads("load.zzz").chain("load", "use"), "unknown_field");
    expect(far.message).toContain("it has `path`, `content` and `bytes`");
    expect(far.fixes).toBeUndefined();
  });

  it("take an element of what is no array, or a name in an array", () => {
    const text = only(load().node("use").reads("load.content.0").chain("load", "use"), "index_into_non_array");
    expect(text.message).toBe(
      "`load.content.0` leads nowhere: `content` in the output of `load` (read_file) is a string, not an array",
    );
    const split = graph().start("s").node("s", "split").node("use");
    const named = only(split.reads("s.results.first").chain("s", "use").edge("s", "use", "error"), "unknown_field");
    expect(named.message).toContain("is an array, and its elements go by number");
  });

  it("follow arrays, open objects and unknown values without a word", () => {
    const made = graph().start("s").node("s", "split").node("h", "http").node("use");
    made.reads("s.results.0.result.deep.er").reads("h.headers.x-id", "b").reads("s.results.+1", "c");
    made.chain("s", "h", "use").edge("s", "h", "error").edge("h", "use", "error");
    expect(codes(made)).toEqual([]);
  });

  it("check templates and paths from the input's shape, and replace the whole marker", () => {
    const made = load().node("t", "template_render").reads("load").template("{{ content }} {{ contnt }}");
    const found = only(made.chain("load", "t"), "unknown_field");
    expect(found.at).toMatchObject({ path: ["nodes", 1, "template"], within: { from: 14, to: 26 } });
    expect(found.fixes?.[0]).toMatchObject({ text: "{{content}}" });
    const path = load().node("j").reads("load").selects(".contents");
    expect(only(path.chain("load", "j"), "unknown_field").fixes?.[0]).toMatchObject({
      at: { within: { from: 0, to: 9 } },
      text: "content",
    });
  });

  it("know nothing of the trigger, and of inputs of inputs that are wrong themselves", () => {
    const made = load().node("t", "template_render").reads("trigger").template("{{a.b.c}}");
    expect(codes(made.chain("load", "t"))).toEqual([]);
    const wrong = load().node("t", "template_render").reads("load.x").template("{{a}}");
    expect(codes(wrong.chain("load", "t"))).toEqual(["unknown_field"]);
  });

  it("say that a template without an input stays as it is, where its input is null", () => {
    const made = graph().start("t").node("t", "template_render").template("Hi {{name}}{{}}");
    const found = only(made, "template_without_input");
    expect(found.message).toContain("`{{name}}` stays as it is");
    expect(found.fixes?.[0]).toMatchObject({ type: "set", key: "input_from", value: "trigger" });
    expect(codes(graph().start("r").node("r", "respond").template("{{name}}"))).toEqual([]);
  });

  it("check bare node ids and the steps of guards", () => {
    const made = graph({
      dialect: "skill",
      guards: [{ step: "secnd", field: "first.ok", equals: true, at: ["policy", "guards", 0] }],
    });
    const found = only(made.node("first").node("second"), "unknown_reference");
    expect(found.at).toEqual({ path: ["policy", "guards", 0, "step"], part: "value" });
    expect(found.message).toContain("did you mean `second`?");
  });

  it("take `trigger` for a node's id outside workflows", () => {
    expect(codes(graph({ dialect: "skill" }).node("a").reads("trigger.x"))).toEqual(["unknown_reference"]);
  });

  it("name an input of a skill that is nearly a declared one", () => {
    const input = { type: "string", required: false, description: null, at: [] };
    const skill = { dialect: "skill" as const, inputs: [{ ...input, name: "objective" }] };
    expect(codes(graph(skill).node("a").selects("objectve"))).toEqual(["unknown_input"]);
    expect(codes(graph(skill).node("a").selects("objective.x").selects("anything"))).toEqual([]);
    expect(codes(graph({ dialect: "skill" }).node("a").selects("objectve"))).toEqual([]);
  });
});

describe("effects", () => {
  const git = (extra: Partial<Graph> = {}) =>
    graph(extra)
      .start("run")
      .node("run", "shell_run", { fields: { command: "/usr/bin/git" } });

  it("without any policy are reported once, with a policy of what is named on offer", () => {
    const found = only(git().node("l", "read_file").chain("run", "l").edge("run", "l", "error"), "no_policy");
    expect(found.at).toEqual({ path: ["name"], part: "value" });
    expect(found.message).toContain("`run` (shell_run) and 1 more can act on the world");
    expect(found.fixes?.[0]).toMatchObject({
      type: "append",
      table: "policy",
      entries: { shell: { commands: ["/usr/bin/git"] }, fs: { read: [] } },
    });
  });

  it("need a policy only where there are some, and only in workflows", () => {
    expect(codes(git(covered))).toEqual([]);
    expect(codes(graph().start("a").node("a"))).toEqual([]);
    expect(codes(git({ dialect: "skill" }))).toEqual([]);
  });

  it("that the policy denies are reported with its reason", () => {
    const decide: CheckContext["decide"] = (effect) =>
      effect.target === "/usr/bin/git"
        ? { decision: "Deny", code: "policy", reason: "no allow list is configured" }
        : { decision: "Allow", code: "allow_all", reason: "" };
    const found = only(git(covered), "effect_denied", { decide });
    expect(found.message).toBe(
      "shell.run on `/usr/bin/git` of `run` would be denied (policy): no allow list is configured",
    );
    expect(found.at).toEqual({ path: ["nodes", 0, "command"], part: "value" });
    const other = graph(covered)
      .start("run")
      .node("run", "shell_run", { fields: { command: "/bin/true" } });
    expect(codes(other, { decide })).toEqual([]);
    expect(codes(git(covered), { decide: () => null })).toEqual([]);
    expect(codes(git(covered), { decide: () => ({ decision: "RequireApproval", code: "x", reason: "" }) })).toEqual([]);
  });
});

describe("files", () => {
  const child = (starts: readonly string[], kind = "any"): Graph => {
    const made = graph({ file: "child.toml" }).node("first", kind);
    for (const name of starts) made.start("first", name);
    return made.build();
  };
  const caller = (start?: string) =>
    graph({ file: "parent.toml" })
      .start("c")
      .node("c", "any", { fields: { workflow: "child.toml", ...(start === undefined ? {} : { start }) } })
      .names("child", "child.toml");
  const with_ = (facts: FileFacts): CheckContext => ({ files: () => facts });

  it("that do not exist are named", () => {
    const found = only(caller(), "missing_file", with_({ exists: false }));
    expect(found.message).toBe("the child document `child.toml` does not exist");
    expect(found.at).toEqual({ path: ["nodes", 0, "workflow"], part: "value" });
    expect(codes(caller(), { files: () => null })).toEqual([]);
    expect(codes(caller())).toEqual([]);
  });

  it("that cannot be used are named with the reason", () => {
    const found = only(caller(), "unusable_file", with_({ exists: true, problem: "it is no TOML", graph: null }));
    expect(found.message).toContain("cannot be used: it is no TOML");
  });

  it("must declare the start they are called at", () => {
    const found = only(caller("mian"), "unknown_child_start", with_({ exists: true, graph: child(["main", "other"]) }));
    expect(found.message).toBe("`child.toml` declares no start `mian`; did you mean `main`?");
    expect(found.at).toEqual({ path: ["nodes", 0, "start"], part: "value" });
    expect(codes(caller("main"), with_({ exists: true, graph: child(["main"]) }))).toEqual([]);
    expect(codes(caller(), with_({ exists: true, graph: child(["main"]) }))).toEqual([]);
    expect(codes(caller(), with_({ exists: true, graph: child([]) }))).toEqual(["child_without_start"]);
  });

  it("take the start of their own branch in parallel", () => {
    const fields = {
      branches: [
        { workflow: "child.toml", start: "main" },
        { workflow: "child.toml", start: "nope" },
      ],
    };
    const made = graph({ file: "parent.toml" }).start("p").node("p", "any", { fields });
    made
      .names("child", "child.toml", ["branches", 0, "workflow"])
      .names("child", "child.toml", ["branches", 1, "workflow"]);
    const found = only(made, "unknown_child_start", with_({ exists: true, graph: child(["main"]) }));
    expect(found.at).toEqual({ path: ["nodes", 0, "branches", 1, "start"], part: "value" });
  });

  it("cannot pause for approval as children", () => {
    const found = only(caller(), "child_pauses", with_({ exists: true, graph: child(["main"], "pause_for_approval") }));
    expect(found.related?.[0]).toMatchObject({ file: "child.toml", at: { path: ["nodes", 0, "id"] } });
  });

  it("that lead back to the document are named, however long the way", () => {
    const link = (file: string, to: string) => graph({ file }).start("n").node("n").names("child", to).build();
    const all = new Map(
      ["b.toml", "c.toml", "d.toml"].map((file, i) => [file, link(file, ["c.toml", "a.toml", "d.toml"][i] as string)]),
    );
    const root = link("a.toml", "b.toml");
    all.set("a.toml", root);
    const files: CheckContext["files"] = (_node, reference) => ({
      exists: true,
      graph: all.get(reference.text) ?? null,
    });
    const found = only(root, "child_cycle", { files });
    expect(found.message).toContain("`b.toml` leads back to this document through `c.toml`;");
    // A cycle among children that does not include the document is theirs to report.
    expect(codes(link("e.toml", "d.toml"), { files })).toEqual([]);
    expect(codes(link("a.toml", "a.toml"), { files })).toEqual(["child_cycle"]);
  });
});

describe("names", () => {
  it("of secrets that are not declared are mentioned", () => {
    const secret = { name: "API_TOKEN", source: "env", var: "T", at: [] } as const;
    const made = (text: string) =>
      graph({ secrets: [secret] })
        .start("h")
        .node("h", "http")
        .template(text, "headers", "secret");
    const found = only(made("Bearer {{secret:API_TOKN}}"), "undeclared_secret");
    expect(found.severity).toBe("information");
    expect(found.fixes?.[0]).toMatchObject({ text: "{{secret:API_TOKEN}}", at: { within: { from: 7, to: 26 } } });
    expect(codes(made("Bearer {{secret:API_TOKEN}}"))).toEqual([]);
  });

  it("of model backends must be configured; `default` comes from the command line", () => {
    const backend = {
      name: "claude",
      provider: "anthropic",
      model: "m",
      apiKeyEnv: null,
      baseUrl: null,
      maxTokens: null,
      at: [],
    } as const;
    const made = (name: string) =>
      graph({ backends: [backend] })
        .start("l")
        .node("l", "llm_infer", { fields: { backend: name } });
    expect(codes(made("claude"))).toEqual([]);
    expect(only(made("cluade"), "unknown_backend").message).toContain("did you mean `claude`?");
    expect(only(made("gpt-x"), "unknown_backend").message).toContain("configured: `claude`");
    expect(codes(made("gpt-x"), { backends: ["gpt-x"] })).toEqual([]);
    const twice = made("default")
      .node("m", "llm_infer", { fields: { backend: "default" } })
      .chain("l", "m");
    expect(only(twice, "default_backend").severity).toBe("information");
    expect(codes(made("default"), { backends: ["default"] })).toEqual([]);
  });

  it("of auth bindings must be defined", () => {
    const route = (auth: string | null) => ({
      method: "POST",
      path: "/x",
      start: "main",
      inputSchema: null,
      auth,
      rateLimit: null,
      idempotencyKey: null,
      idempotencyTtlSecs: 86400,
      at: ["http_routes", 0],
    });
    const made = (auth: string | null, tls = false) =>
      graph({
        operation: {
          ...noOperation,
          routes: [route(auth)],
          auth: object({ bearer: object({ ops: object(), default: object() }) }),
          server: tls ? object({ tls: object({ client_auth: object({ mode: "required" }) }) }) : null,
        },
      });
    for (const fine of [null, "", "none", "NONE", "bearer", "bearer:ops"]) expect(codes(made(fine))).toEqual([]);
    expect(codes(made("mtls", true))).toEqual([]);
    const found = only(made("bearer:opps"), "undefined_auth");
    expect(found.message).toBe(
      "the server refuses to start on the route `POST /x`: `bearer:opps` is not defined in `[auth.bearer]`; did you mean `ops`?",
    );
    for (const bad of ["basic", "hmac:x", "beerer", "mtls", "mtls:x"])
      expect(codes(made(bad, bad === "mtls:x"))).toEqual(["undefined_auth"]);
  });
});

describe("checkGraph", () => {
  it("leaves a warning out where an error stands already", () => {
    const made = graph().start("a").node("a").reads("x.y");
    const error: Diagnostic = {
      code: "reference",
      severity: "error",
      message: "",
      file: "test.toml",
      at: { path: ["nodes", 0, "input_from"], part: "value" },
    };
    expect(codes(made, { found: [error] })).toEqual([]);
    expect(codes(made, { found: [{ ...error, severity: "warning" }] })).toEqual(["unknown_reference"]);
  });

  it("runs only fast checks when asked", () => {
    const made = graph().start("a").node("a").reads("b.x").reads("nope", "c").node("b").chain("a", "b");
    expect(codes(made, { fastOnly: true })).toEqual(["unknown_reference"]);
    expect(codes(made)).toEqual(["unknown_reference", "never_runs_before"]);
  });

  it("says nothing of kinds it does not know", () => {
    const made = graph()
      .start("a")
      .node("a", "mystery")
      .node("b")
      .reads("a.what.ever")
      .chain("a", "b")
      .edge("a", "b", "x");
    expect(codes(made)).toEqual([]);
  });

  it("has every code in exactly one check, and every code documented on its page", () => {
    const listed = checks.flatMap((one) => one.codes);
    expect([...listed].sort()).toEqual(Object.keys(graphCodes).sort());
    expect(readFileSync("docs/diagnostics.md", "utf8")).toContain(diagnosticsPage().trimEnd());
    const page = diagnosticsPage([{ title: "Other", codes: { x_code: { severity: "error", text: "X." } } }]);
    for (const code of [...listed, "x_code"]) expect(page).toContain(`\n### ${code}\n`);
  });
});
