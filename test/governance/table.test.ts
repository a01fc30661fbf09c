import { describe, expect, it } from "vitest";
import type { DecisionRequest } from "../../src/effects/decision.ts";
import type { PreparedEffect } from "../../src/effects/effect.ts";
import { createDecider, type DeciderOptions } from "../../src/governance/decider.ts";
import type { Posture } from "../../src/graph/posture.ts";
import { decide, dev, level, open, policy, prepared, scope } from "./support.ts";

const post = prepared.http("https://api.internal/orders", {}, "POST");
const prod: Posture = { environment: "prod", sideEffects: "require_approval", replay: "dry_run_only" };

describe("the decision table of spec/pipeline.md §4", () => {
  type Row = [
    name: string,
    effect: PreparedEffect,
    settings: Partial<DeciderOptions>,
    request: Partial<DecisionRequest>,
    expected: string,
  ];
  const rows: Row[] = [
    [
      "1: a stage's malformed URL",
      prepared.http("https://u@h/", {}, "POST"),
      {},
      { nodeKind: "stage" },
      "Deny allowlist",
    ],
    [
      "1: a stage's malformed argument",
      prepared.run("/bin/x", "/bin/x", ["a|b"]),
      { stages: { httpPost: null, exec: ["/bin/x"] } },
      { nodeKind: "stage" },
      "Deny allowlist",
    ],
    ["1: a stage's URL without a list", post, {}, { nodeKind: "stage" }, "Allow allow_all"],
    [
      "1: a stage's URL and an empty list",
      post,
      { stages: { httpPost: [], exec: [] } },
      { nodeKind: "stage" },
      "Deny allowlist",
    ],
    [
      "1: a stage's URL on the list",
      post,
      { stages: { httpPost: ["https://api.internal/orders"], exec: [] } },
      { nodeKind: "stage" },
      "Allow allow_all",
    ],
    ["1: a stage's program without a list", prepared.run("tee"), {}, { nodeKind: "stage" }, "Deny allowlist"],
    [
      "1: a stage's program on the list",
      prepared.run("tee"),
      { stages: { httpPost: null, exec: ["tee"] } },
      { nodeKind: "stage" },
      "Allow allow_all",
    ],
    [
      "1: a stage's program beside the list",
      prepared.run("/bin/tee"),
      { stages: { httpPost: null, exec: ["tee"] } },
      { nodeKind: "stage" },
      "Deny allowlist",
    ],
    [
      "1: the stages' lists do not govern other nodes",
      post,
      { stages: { httpPost: [], exec: [] } },
      {},
      "Allow allow_all",
    ],
    ["1: an operator's list", post, { lists: [level({ httpUrls: ["https://other/**"] })] }, {}, "Deny allowlist"],
    [
      "1: an operator's list of reads comes before row 3",
      prepared.read("/p"),
      { lists: [level({ fsRead: [] })] },
      {},
      "Deny allowlist",
    ],
    [
      "1 before 4",
      post,
      { lists: [level({ httpUrls: [] })], posture: { ...dev, sideEffects: "deny_all" } },
      {},
      "Deny allowlist",
    ],
    ["1 in a dry run", post, { lists: [level({ httpUrls: [] })] }, { dryRun: true }, "Deny allowlist"],
    [
      "3: a read",
      prepared.read("/p"),
      { posture: { ...prod, sideEffects: "deny_all" } },
      {},
      "Allow not_side_effecting",
    ],
    ["3: a model call", prepared.model("b"), { posture: prod }, {}, "Allow not_side_effecting"],
    ["3: a read in a dry run", prepared.read("/p"), {}, { dryRun: true }, "Allow not_side_effecting"],
    ["4: deny_all", post, { posture: { ...dev, sideEffects: "deny_all" } }, {}, "Deny deny_all"],
    ["4 before 6", post, { posture: { ...dev, sideEffects: "deny_all" } }, { dryRun: true }, "Deny deny_all"],
    ["5: replay disabled", post, { posture: { ...dev, replay: "disabled" } }, { replay: true }, "Deny replay_disabled"],
    [
      "5 before 6",
      post,
      { posture: { ...dev, replay: "disabled" } },
      { replay: true, dryRun: true },
      "Deny replay_disabled",
    ],
    ["5 only for replays", post, { posture: { ...dev, replay: "disabled" } }, {}, "Allow allow_all"],
    ["6: a dry run", post, {}, { dryRun: true }, "DryRunOnly dry_run"],
    ["6 before 7", post, { posture: prod }, { dryRun: true }, "DryRunOnly dry_run"],
    ["6: a replay", post, {}, { replay: true }, "DryRunOnly replay_dry_run"],
    ["6: a dry replay", post, {}, { replay: true, dryRun: true }, "DryRunOnly dry_run"],
    [
      "6 not for replays that may execute",
      post,
      { posture: { ...dev, replay: "execute" } },
      { replay: true },
      "Allow allow_all",
    ],
    ["7: approval required", post, { posture: prod }, {}, "RequireApproval approval_missing"],
    ["7: a process", prepared.run("/bin/x"), { posture: prod }, {}, "RequireApproval approval_missing"],
    ["7: a tool", prepared.tool("t", "s"), { posture: prod }, {}, "RequireApproval approval_missing"],
    [
      "7: a replay that may execute",
      post,
      { posture: { ...prod, replay: "execute" } },
      { replay: true },
      "RequireApproval approval_missing",
    ],
    ["8: otherwise", post, {}, {}, "Allow allow_all"],
    ["8: a file", prepared.write("/p"), {}, {}, "Allow allow_all"],
    ["a model's choice without [policy]", post, {}, { chosenByModel: true }, "RequireApproval approval_missing"],
    [
      "a model's read without [policy]",
      prepared.read("/p"),
      {},
      { chosenByModel: true },
      "RequireApproval approval_missing",
    ],
    ["a model's choice in a dry run", post, {}, { chosenByModel: true, dryRun: true }, "DryRunOnly dry_run"],
    [
      "a model's read in a dry run",
      prepared.read("/p"),
      {},
      { chosenByModel: true, dryRun: true },
      "DryRunOnly dry_run",
    ],
    [
      "a model's choice under deny_all",
      post,
      { posture: { ...dev, sideEffects: "deny_all" } },
      { chosenByModel: true },
      "Deny deny_all",
    ],
  ];
  it.each(rows)("row %s", async (_name, effect, settings, request, expected) => {
    const made = await decide(effect, [scope(null)], settings, request);
    expect(`${made.decision} ${made.code}`).toBe(expected);
    expect(made.reason).not.toBe("");
  });

  it("2 stands between 1 and 3, in dry runs too", async () => {
    const scopes = [scope(policy({}))];
    expect(await decide(prepared.read("/p"), scopes)).toMatchObject({ decision: "Deny", code: "policy" });
    expect(await decide(prepared.read("/p"), scopes, {}, { dryRun: true })).toMatchObject({ code: "policy" });
    expect(await decide(prepared.read("/p"), scopes, { lists: [level({ fsRead: [] })] })).toMatchObject({
      code: "allowlist",
    });
    expect(await decide(post, scopes, { posture: { ...dev, sideEffects: "deny_all" } })).toMatchObject({
      code: "policy",
    });
  });

  it("lets a model choose freely only where the document that runs it has a [policy]", async () => {
    const own = scope(policy({ urls: ["https://api.internal/**"] }));
    expect((await decide(post, [own], {}, { chosenByModel: true })).code).toBe("allow_all");
    expect((await decide(post, [own, scope(null)], {}, { chosenByModel: true })).code).toBe("approval_missing");
    expect((await decide(post, [scope(null), own], {}, { chosenByModel: true })).code).toBe("allow_all");
  });

  it("governs stages by document policy as well", async () => {
    const made = await decide(post, [scope(policy({ urls: [] }))], {}, { nodeKind: "stage" });
    expect(made.code).toBe("policy");
  });
});

describe("operator lists", () => {
  it.each([
    ["reads", prepared.read("/a/b"), { fsRead: ["/a/**"] }, { fsRead: ["/b/**"] }],
    ["writes", prepared.write("/a/b"), { fsWrite: ["/a/**"] }, { fsWrite: [] }],
    ["folders", prepared.mkdir("/a/b"), { fsWrite: ["/a/**"] }, { fsWrite: [] }],
    ["variables", prepared.env("A_B"), { envKeys: ["A_*"] }, { envKeys: ["B"] }],
    ["URLs", post, { httpUrls: ["https://*.internal/**"] }, { httpUrls: ["http://api.internal/**"] }],
    ["methods", post, { httpMethods: ["post"] }, { httpMethods: ["GET"] }],
    ["programs", prepared.run("/bin/x"), { shellCommands: ["/bin/*"] }, { shellCommands: ["/bin/y"] }],
    ["tools", prepared.tool("t", "s"), { mcpTools: ["t"] }, { mcpTools: [] }],
    ["resources", prepared.resource("r://x", "s"), { mcpResources: ["r://*"] }, { mcpResources: [] }],
    ["models", prepared.model("b"), { modelBackends: ["b"] }, { modelBackends: ["c"] }],
  ])("govern %s, and every level must allow", async (_name, effect, good, bad) => {
    const none = [scope(null)];
    expect((await decide(effect, none, { lists: [level(good)] })).decision).toBe("Allow");
    expect((await decide(effect, none, { lists: [level(bad)] })).code).toBe("allowlist");
    expect((await decide(effect, none, { lists: [level(good), level(bad)] })).code).toBe("allowlist");
    expect((await decide(effect, none, { lists: [level(bad), level(good)] })).code).toBe("allowlist");
  });
});

describe("real paths of patterns", () => {
  it("are found once, when the decider is made, and hold to its end", async () => {
    let target = "/data/safe";
    const own = scope(policy({ read: ["/link/**"] }));
    const realPrefix = (path: string) => (path === "/link" ? target : path);
    const decider = createDecider({ ...open, scopes: [own], realPrefix });
    target = "/etc";
    const ask = (real: string) =>
      decider.decide({
        prepared: prepared.read("/link/x", real),
        activation: { frame: "", node: "n", visit: 1, attempt: 1 },
        nodeKind: "read_file",
        scopes: [own],
        dryRun: false,
        replay: false,
        chosenByModel: false,
        at: 0,
      });
    expect((await ask("/data/safe/x")).decision).toBe("Allow");
    expect((await ask("/etc/x")).decision).toBe("Deny");
  });

  it("deny when they cannot be found", async () => {
    const realPrefix = () => Promise.reject(new Error("too many levels of symbolic links"));
    const made = await decide(prepared.read("/a/x"), [scope(policy({ read: ["/a/**"] }))], { realPrefix });
    expect(made).toMatchObject({ decision: "Deny", code: "policy_error" });
    expect(made.reason).toContain("too many levels");
  });
});

describe("the policy digest", () => {
  const of = (settings: Partial<DeciderOptions>) => createDecider({ ...open, ...settings }).policyDigest;

  it("changes with every policy, list and posture, and not with file names or order", () => {
    const a = scope(policy({ read: ["/a"] }));
    const b = scope(policy({ read: ["/b"] }));
    const all = [
      of({}),
      of({ scopes: [a] }),
      of({ scopes: [b] }),
      of({ scopes: [a, b] }),
      of({ lists: [level({ fsRead: [] })] }),
      of({ lists: [level({ fsRead: ["*"] })] }),
      of({ stages: { httpPost: [], exec: [] } }),
      of({ posture: prod }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(of({ scopes: [b, a, a] })).toBe(of({ scopes: [a, b] }));
    expect(of({ scopes: [{ ...a, file: "elsewhere.toml" }] })).toBe(of({ scopes: [a] }));
    expect(all[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it("goes with the environment's name", () => {
    expect(createDecider({ ...open, posture: prod }).environment).toBe("prod");
  });
});
