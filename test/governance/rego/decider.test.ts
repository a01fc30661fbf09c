import { describe, expect, it } from "vitest";
import type { PolicyScope } from "../../../src/effects/decision.ts";
import { policyDigest } from "../../../src/governance/decider.ts";
import { decideLiteral } from "../../../src/governance/static/ahead.ts";
import { policyCode } from "../../../src/governance/static/rego-code.ts";
import { compileRego } from "../../../src/governance/static/rego/policy.ts";
import type { DocumentPolicy, LiteralEffect } from "../../../src/graph/model.ts";
import { fromPlain } from "../../../src/graph/value.ts";
import { decide, digest, open, policy, prepared, scope } from "../support.ts";

const everything = { read: ["*"], write: ["*"], urls: ["*"], commands: ["*"], env: ["*"], tools: ["*"] };
const code = (rules: string): PolicyScope => scope(policy({ ...everything, rego: `package agent\n${rules}` }));

describe("policy code among the decisions", () => {
  it.each([
    ["true allows", "allow if true", "Allow", "not_side_effecting", ""],
    [
      "false denies",
      "allow := false",
      "Deny",
      "policy",
      "rego.allow returned false: `data.agent.allow` of w.toml is false",
    ],
    ["nothing denies", "allow if false", "Deny", "policy", "`data.agent.allow` of w.toml is undefined"],
    ["anything else denies", 'allow := "true"', "Deny", "policy", "of w.toml is no boolean"],
    [
      "a contradiction denies",
      "allow := true\nallow := false",
      "Deny",
      "policy_error",
      "rego eval error: `data.agent.allow` gets two",
    ],
    [
      "a limit denies",
      "allow if count(numbers.range(1, 10000000)) > 0",
      "Deny",
      "policy_error",
      "more than 1000000 steps",
    ],
    [
      "code that does not compile denies",
      "allow if foo()",
      "Deny",
      "policy_error",
      "policy load failed: policy.rego:2:10",
    ],
  ])("%s", async (_name, rules, decision, named, reason) => {
    const made = await decide(prepared.read("/p"), [code(rules)]);
    expect(made).toMatchObject({ decision, code: named });
    expect(made.reason).toContain(reason);
    if (decision === "Deny") expect(made.reason).toMatch(/^read_file denied on \/p: rego/);
  });

  it("is not asked where a list denies already", async () => {
    const own = scope(policy({ rego: "package agent\nallow := true" }));
    expect((await decide(prepared.read("/p"), [own])).reason).toContain("no `fs_read` allowlist patterns");
  });

  it("is asked in every scope, and any of them denies", async () => {
    const [yes, no] = [code("allow := true"), code("allow := false")];
    expect((await decide(prepared.read("/p"), [yes, yes])).decision).toBe("Allow");
    expect((await decide(prepared.read("/p"), [yes, no])).decision).toBe("Deny");
    expect((await decide(prepared.read("/p"), [no, yes])).decision).toBe("Deny");
    expect((await decide(prepared.read("/p"), [no, scope(null)])).decision).toBe("Deny");
  });

  it.each([
    ["a read by its real path", prepared.read("/a/../p", "/p"), '{"path": "/p", "written": "/a/../p"}', "fs.read"],
    ["a variable", prepared.env("K"), '{"key": "K"}', "env.read"],
    ["a request", prepared.http("https://h/x", {}, "post"), '{"method": "POST", "url": "https://h/x"}', "http.request"],
    ["a program", prepared.run("/b", "/bin/b", ["x"]), '{"command": "/bin/b", "args": ["x"]}', "shell.run"],
    ["a tool", prepared.tool("t", "s"), '{"server": "s", "tool": "t", "args": null}', "mcp.tool"],
    ["a model", prepared.model("m"), '{"backend": "m"}', "model.call"],
  ])("gets %s", async (_name, effect, args, tool) => {
    const rules = `allow if input == {"tool": "${tool}", "args": ${args}}`;
    expect(await decide(effect, [code(rules)])).toMatchObject({ decision: "Allow" });
    expect((await decide(effect, [code("allow := false")])).code).toBe("policy");
  });

  it("is asked about stages too", async () => {
    const stages = { httpPost: null, exec: [] };
    const made = await decide(
      prepared.http("https://h/", {}, "POST"),
      [code("allow := false")],
      { stages },
      { nodeKind: "stage" },
    );
    expect(made.code).toBe("policy");
  });

  it("has the journalled instant for its time", async () => {
    const own = code("allow if time.now_ns() == 5000000");
    expect((await decide(prepared.read("/p"), [own], {}, { at: 5 })).decision).toBe("Allow");
    expect((await decide(prepared.read("/p"), [own], {}, { at: 6 })).decision).toBe("Deny");
  });

  it("has the document's data and query", async () => {
    const base = policy({ ...everything, rego: "package x\nok if data.region == input.args.key" });
    const own: DocumentPolicy = {
      ...base,
      rego: {
        inline: "package x\nok if data.region == input.args.key",
        file: null,
        data: fromPlain({ region: "eu" }),
        query: "data.x.ok",
      },
    };
    expect((await decide(prepared.env("eu"), [scope(own)])).decision).toBe("Allow");
    expect((await decide(prepared.env("us"), [scope(own)])).decision).toBe("Deny");
  });

  it("that stands in a file and was not loaded denies", async () => {
    const own = policy(everything);
    const file: DocumentPolicy = {
      ...own,
      rego: { inline: null, file: "p.rego", data: null, query: "data.agent.allow" },
    };
    expect((await decide(prepared.read("/p"), [scope(file)])).reason).toContain("is not loaded");
    const none: DocumentPolicy = { ...own, rego: { inline: null, file: null, data: null, query: "data.agent.allow" } };
    expect((await decide(prepared.read("/p"), [scope(none)])).decision).toBe("Allow");
  });

  it("is in the digest of policies by its text and by its file's content", () => {
    const base = { ...open, digest };
    const of = (own: PolicyScope, content?: string): string => {
      const compiled = compileRego([{ file: "p", text: "package agent\nallow := true" }]);
      const codes = () => (content === undefined ? undefined : policyCode(compiled, "q", content));
      return policyDigest({ ...base, scopes: [own], codes });
    };
    const file = scope({ ...policy({}), rego: { inline: null, file: "p.rego", data: null, query: "q" } });
    expect(of(code("allow := true"))).not.toBe(of(code("allow := false")));
    expect(of(file, "sha256:1")).not.toBe(of(file, "sha256:2"));
    expect(of(file, "sha256:1")).toBe(of(file, "sha256:1"));
  });
});

describe("policy code ahead of time", () => {
  const ahead = (rules: string, effect: Partial<Pick<LiteralEffect, "family" | "target">>): string => {
    const literal: LiteralEffect = {
      family: "fs.read",
      at: { path: [] },
      ...effect,
      target: effect.target === undefined ? "/p" : effect.target,
    };
    const settings = {
      ...open,
      nodeKind: "read_file",
      dryRun: false,
      replay: false,
      chosenByModel: false,
      real: (path: string) => path,
      addressClass: () => "public",
    };
    return decideLiteral(literal, [code(rules)], settings).decision;
  };

  it("answers where the document fixes everything", () => {
    expect(ahead('allow if input.args.path == "/p"', {})).toBe("Allow");
    expect(ahead('allow if input.args.path == "/q"', {})).toBe("Deny");
    expect(ahead("allow := false", { family: "env.read", target: "K" })).toBe("Deny");
  });

  it("depends where code asks for the time, and where only a run has the arguments", () => {
    expect(ahead("allow if time.now_ns() > 0", {})).toBe("depends");
    expect(ahead("allow := true", { family: "shell.run", target: "/bin/true" })).toBe("depends");
    expect(ahead("allow := true", { target: null })).toBe("depends");
  });
});
