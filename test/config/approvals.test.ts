/** `[approvals]` of a countersign.toml: what it may say, and that a workspace only narrows. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExpiry, resolveApprovalRules, type ApprovalSettings } from "../../src/config/approvals.ts";
import { parseConfigFile, type ConfigLevel } from "../../src/config/file.ts";
import { defaultApprovalRules } from "../../src/graph/posture.ts";

const trusted = `sha256:${"0a".repeat(32)}`;

function read(table: string, level: ConfigLevel = "user") {
  return parseConfigFile(`[approvals]\n${table}\n`, "/r/countersign.toml", level);
}

describe("[approvals]", () => {
  it("says everything that its documentation shows", () => {
    const table = `needed = 2\nnot_requester = true\nexpires = "24h"\napprovers = ["user:bob@example"]\ntrust = ["${trusted}"]`;
    const result = read(table);
    expect(result.ok && result.config.approvals).toEqual({
      needed: 2,
      notRequester: true,
      expiresMs: 24 * 3_600_000,
      approvers: ["user:bob@example"],
      trust: [trusted],
    });
  });

  it.each([
    ["needed = 0", "needed"],
    ["needed = 17", "needed"],
    ["needed = -1", "needed"],
    ["needed = 9223372036854775807", "needed"],
    ['expires = ""', "expires"],
    ['expires = "0s"', "expires"],
    ['expires = "31d"', "expires"],
    ['expires = "24 h"', "expires"],
    ['expires = "1.5h"', "expires"],
    ['approvers = [""]', "approvers"],
    ['approvers = ["user:bob@example", "user:b b"]', "approvers"],
    ['trust = ["sha256:00"]', "trust"],
    [`trust = ["${trusted.toUpperCase()}"]`, "trust"],
  ])("refuses %s with its code at its value", (table, key) => {
    const result = read(table);
    const problems = result.ok ? [] : result.problems;
    expect(problems).toMatchObject([
      { code: "config_value", file: "/r/countersign.toml", at: { path: ["approvals", key], part: "value" } },
    ]);
    expect(problems[0]?.message).toContain(`approvals.${key}`);
  });

  it.each<[string, string, (string | number)[]]>([
    ['needed = "2"', "config_value", ["needed"]],
    ["needed = 1.5", "config_value", ["needed"]],
    ["not_requester = 1", "config_value", ["not_requester"]],
    ["expires = 24", "config_value", ["expires"]],
    ['approvers = "user:bob@example"', "config_value", ["approvers"]],
    ["trust = [1]", "config_value", ["trust", 0]],
    ["need = 2", "config_unknown_key", ["need"]],
  ])("refuses %s with %s, which is no such setting or of another type, at its place", (table, code, key) => {
    const result = read(table);
    expect(result.ok ? [] : result.problems).toMatchObject([
      { code, severity: "error", file: "/r/countersign.toml", at: { path: ["approvals", ...key] } },
    ]);
  });

  it("lets no workspace vouch for its own approvals", () => {
    const result = read(`trust = ["${trusted}"]`, "workspace");
    expect(result.ok ? [] : result.problems).toMatchObject([
      { code: "config_operator_only", file: "/r/countersign.toml", at: { path: ["approvals", "trust"], part: "key" } },
    ]);
  });
});

describe("a time to answer", () => {
  it.each([
    ["1s", 1000],
    ["90m", 90 * 60_000],
    ["24h", 86_400_000],
    ["30d", 30 * 86_400_000],
  ])("%s is %d ms", (text, ms) => expect(parseExpiry(text)).toBe(ms));

  it("is nothing, or more than nothing and at most 30 days", () => {
    const text = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.constantFrom("s", "m", "h", "d", "w", "")).map(([n, unit]) => `${n}${unit}`),
    );
    fc.assert(
      fc.property(text, (given) => {
        const ms = parseExpiry(given);
        expect(ms === null || (Number.isInteger(ms) && ms > 0 && ms <= 30 * 86_400_000)).toBe(true);
      }),
    );
  });
});

describe("the rules in force", () => {
  const names = ["user:alice@test", "user:bob@test", "user:carol@test"];
  const file: fc.Arbitrary<ApprovalSettings> = fc.record({
    needed: fc.option(fc.integer({ min: 1, max: 16 })),
    notRequester: fc.option(fc.boolean()),
    expiresMs: fc.option(fc.integer({ min: 1000, max: 30 * 86_400_000 })),
    approvers: fc.option(fc.uniqueArray(fc.constantFrom(...names))),
    trust: fc.constant([]),
  });

  it("are the defaults where no file speaks", () => {
    expect(resolveApprovalRules([null, null])).toEqual(defaultApprovalRules);
  });

  it("are never widened by another file, whatever stands in it and in whichever order", () => {
    fc.assert(
      fc.property(fc.option(file), file, (user, workspace) => {
        const before = resolveApprovalRules([user]);
        const after = resolveApprovalRules([user, workspace]);
        expect(after.needed).toBeGreaterThanOrEqual(before.needed);
        expect(before.notRequester && !after.notRequester).toBe(false);
        if (before.expiresMs !== null) expect(after.expiresMs).toBeLessThanOrEqual(before.expiresMs);
        if (before.approvers !== null)
          for (const one of after.approvers ?? names) expect(before.approvers).toContain(one);
        const turned = resolveApprovalRules([workspace, user]);
        expect({ ...turned, approvers: turned.approvers?.toSorted() }).toEqual({
          ...after,
          approvers: after.approvers?.toSorted(),
        });
      }),
    );
  });
});
