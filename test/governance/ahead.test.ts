import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideLiteral, type AheadSettings } from "../../src/governance/static/ahead.ts";
import { checkAllowLists, checkPolicy } from "../../src/governance/static/check.ts";
import { lexicalPath } from "../../src/governance/static/path-pattern.ts";
import { noOperation, type Graph, type LiteralEffect } from "../../src/graph/model.ts";
import { cwd, decide, dev, level, policy, prepared, scope, server } from "./support.ts";

const settings: AheadSettings = {
  posture: dev,
  lists: [],
  stages: { httpPost: null, exec: [] },
  nodeKind: "http_request",
  dryRun: false,
  replay: false,
  chosenByModel: false,
  real: (path) => lexicalPath(path, cwd),
  addressClass: (address) => (address.startsWith("127.") ? "loopback" : "public"),
};
const at = { path: [] };
const literal = (
  family: LiteralEffect["family"],
  target: string | null,
  more: Partial<LiteralEffect> = {},
): LiteralEffect => ({
  family,
  target,
  at,
  ...more,
});

describe("decisions ahead of time", () => {
  it("are those of the decider for the same target", async () => {
    const pattern = fc.constantFrom("*", "/a/**", "/b", "http://h/**", "http://127.0.0.1/**", "K*");
    const lists = fc.uniqueArray(pattern);
    const own = fc.option(
      fc.record({ read: lists, write: lists, env: lists, urls: lists, commands: lists }).map(policy),
    );
    const posture = fc.constantFrom(
      dev,
      { ...dev, sideEffects: "deny_all" } as const,
      {
        ...dev,
        sideEffects: "require_approval",
      } as const,
    );
    const effect = fc.constantFrom(
      [literal("fs.read", "/a/x"), prepared.read("/a/x"), "read_file"] as const,
      [literal("fs.write", "/b"), prepared.write("/b"), "write_file"] as const,
      [literal("env.read", "KEY"), prepared.env("KEY"), "read_env"] as const,
      [
        literal("http.request", "http://h/x", { method: "post" }),
        prepared.http("http://h/x", {}, "POST"),
        "http_request",
      ] as const,
      [
        literal("http.request", "http://127.0.0.1/"),
        prepared.http("http://127.0.0.1/", { address: "127.0.0.1", address_class: "loopback" }),
        "http_request",
      ] as const,
      [literal("shell.run", "/a/tool"), prepared.run("/a/tool"), "shell_run"] as const,
      [literal("model.call", "b"), prepared.model("b"), "llm_infer"] as const,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(own, { minLength: 1, maxLength: 2 }),
        posture,
        effect,
        fc.boolean(),
        async (owns, stance, one, dryRun) => {
          const scopes = owns.map((each) => scope(each));
          const [ahead, then, nodeKind] = one;
          const shown = decideLiteral(ahead, scopes, { ...settings, posture: stance, nodeKind, dryRun });
          expect(shown).toEqual(await decide(then, scopes, { posture: stance }, { dryRun }));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["open targets depend on the run", literal("fs.read", null), [scope(policy({ read: ["/a"] }))], {}, "depends"],
    ["open targets without [policy] depend on the run", literal("fs.read", null), [scope(null)], {}, "depends"],
    ["open targets of a shut family are denied", literal("fs.read", null), [scope(policy({}))], {}, "Deny"],
    [
      "open targets are denied by deny_all",
      literal("http.request", null),
      [scope(null)],
      { posture: { ...dev, sideEffects: "deny_all" } },
      "Deny",
    ],
    [
      "open reads are not denied by deny_all",
      literal("fs.read", null),
      [scope(null)],
      { posture: { ...dev, sideEffects: "deny_all" } },
      "depends",
    ],
    [
      "a program by name alone depends on PATH",
      literal("shell.run", "git"),
      [scope(policy({ commands: ["/usr/bin/git"] }))],
      {},
      "depends",
    ],
    ["a program by name alone is free where nobody asks", literal("shell.run", "git"), [scope(null)], {}, "Allow"],
    ["a stage's program must be listed", literal("shell.run", "tee"), [scope(null)], { nodeKind: "stage" }, "Deny"],
    ["an operator's list counts", literal("env.read", "K"), [scope(null)], { lists: [level({ envKeys: [] })] }, "Deny"],
    [
      "a declared server's list counts",
      literal("mcp.tool", "t", { server: "s" }),
      [scope(null, [server("s", [])])],
      {},
      "Deny",
    ],
    [
      "the only server is meant where none is named",
      literal("mcp.tool", "t", { server: null }),
      [scope(policy({}), [server("s", ["t"])])],
      {},
      "Allow",
    ],
    [
      "a resource is asked about by its URI",
      literal("mcp.resource", "r://x", { server: "s" }),
      [scope(null, [server("s", ["r://*"])])],
      {},
      "Allow",
    ],
  ] as const)("%s", (_name, effect, scopes, more, decision) => {
    expect(decideLiteral(effect, scopes, { ...settings, nodeKind: "n", ...more }).decision).toBe(decision);
  });
});

describe("checks of [policy]", () => {
  const graph = (own: Graph["policy"], nodesAt: readonly (string | number)[] | null = null): Graph => ({
    dialect: "workflow",
    name: "w",
    description: null,
    file: "w.toml",
    starts: [],
    nodes:
      nodesAt === null
        ? []
        : [
            {
              id: "a",
              index: 0,
              kind: "merge",
              label: null,
              fields: {},
              retry: null,
              onError: "stop",
              inDoubt: "pause",
              idempotencyKey: null,
              references: [],
              files: [],
              group: null,
              when: null,
              after: [],
              at: nodesAt,
            },
          ],
    edges: [],
    groups: [],
    guards: [],
    policy: own,
    budget: null,
    secrets: [],
    mcpServers: [],
    backends: [],
    operation: noOperation,
  });

  it("find nothing in honest patterns, and nothing without [policy]", () => {
    const own = policy({
      urls: ["*", "https://*.internal/**"],
      read: ["/a/**", "*", "/a*"],
      env: ["A_*"],
      tools: ["t*"],
    });
    expect(checkPolicy(graph(own))).toEqual([]);
    expect(checkPolicy(graph(null))).toEqual([]);
  });

  it("call a wildcard in the authority an error, at its place", () => {
    const found = checkPolicy(graph(policy({ urls: ["*", "http://127.0.0.1*"] }), ["workflows", 0, "nodes", 0]));
    expect(found).toMatchObject([
      {
        code: "policy_url_wildcard",
        severity: "error",
        at: { path: ["workflows", 0, "policy", "http", "urls", 1], part: "value" },
      },
    ]);
  });

  it("warn of patterns that match nothing or mean something else", () => {
    const found = checkPolicy(graph(policy({ urls: ["api.internal/**"], read: ["/a/*/b", "/a/*.md"], env: ["A*B"] })));
    expect(found.map((one) => [one.code, one.severity])).toEqual([
      ["policy_url_never", "warning"],
      ["policy_pattern_wildcard", "warning"],
      ["policy_pattern_wildcard", "warning"],
      ["policy_pattern_wildcard", "warning"],
    ]);
  });

  it("call operator patterns that cover nothing errors, at their place in countersign.toml", () => {
    expect(checkAllowLists(level({ httpUrls: ["*", "https://*.internal/**"] }))).toEqual([]);
    expect(checkAllowLists(level({}))).toEqual([]);
    expect(checkAllowLists(level({ httpUrls: ["*", "https://*", "api/**"] }))).toMatchObject([
      { code: "policy_url_wildcard", severity: "error", at: { path: ["allow", "http", "urls", 1] } },
      { code: "policy_url_never", severity: "error", at: { path: ["allow", "http", "urls", 2] } },
    ]);
  });
});
