import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConfigFile } from "../../src/config/file.ts";
import {
  applySeverities,
  defaultEnvironment,
  resolveLists,
  resolvePosture,
  resolveSeverities,
  resolveStateDir,
  type OperatorPosture,
} from "../../src/config/merge.ts";
import { parseConfigFile } from "../../src/config/file.ts";
import type { Diagnostic } from "../../src/graph/diagnostic.ts";
import { environments, replayPolicies, sideEffectPolicies } from "../../src/graph/posture.ts";

function config(text: string, file = "/r/countersign.toml"): ConfigFile {
  const read = parseConfigFile(text, file, "workspace");
  if (!read.ok) throw new Error(read.problems.map((one) => one.message).join("; "));
  return read.config;
}
const nothing: OperatorPosture = { environment: null, sideEffects: null, replay: null };

describe("the posture in force", () => {
  it.each([
    ["run", "workflow", "dev"],
    ["run", "skill", "dev"],
    ["run", "pipeline", "prod"],
    ["resume", "workflow", "dev"],
    ["serve", "workflow", "prod"],
    ["serve", "pipeline", "prod"],
    ["describe", "pipeline", "dev"],
  ] as const)("of %s on a %s is %s by default", (command, dialect, environment) => {
    expect(defaultEnvironment(command, dialect)).toBe(environment);
    expect(resolvePosture(nothing, null, command, dialect)).toEqual({
      environment,
      sideEffects: environment === "dev" ? "allow_all" : "require_approval",
      replay: "dry_run_only",
    });
  });

  it("is the operator's where the operator speaks", () => {
    const operator = { environment: "prod", sideEffects: "allow_all", replay: "execute" } as const;
    expect(resolvePosture(operator, null, "run", "workflow")).toEqual(operator);
    expect(resolvePosture({ ...nothing, environment: "dev" }, null, "run", "pipeline").sideEffects).toBe("allow_all");
  });

  it("rises with a workspace that names a stricter environment, and what that one asks for", () => {
    const file = config('environment = "staging"');
    expect(resolvePosture(nothing, file, "run", "workflow")).toMatchObject({
      environment: "staging",
      sideEffects: "require_approval",
    });
    const operator = { ...nothing, environment: "dev", sideEffects: "allow_all" } as const;
    expect(resolvePosture(operator, file, "run", "workflow").sideEffects).toBe("require_approval");
    expect(resolvePosture({ ...nothing, environment: "prod" }, file, "run", "workflow").environment).toBe("prod");
  });

  const optional = <T extends string>(values: readonly T[]) => fc.option(fc.constantFrom(...values));
  const operators = fc.record({
    environment: optional(environments),
    sideEffects: optional(sideEffectPolicies),
    replay: optional(replayPolicies),
  });

  it("is never weaker with a workspace file than without one", () => {
    fc.assert(
      fc.property(operators, operators, fc.constantFrom("run", "serve"), (operator, said, command) => {
        const file: ConfigFile = { ...config(""), ...said };
        const without = resolvePosture(operator, null, command, "workflow");
        const within = resolvePosture(operator, file, command, "workflow");
        const rank = (posture: typeof without) => [
          environments.indexOf(posture.environment),
          sideEffectPolicies.indexOf(posture.sideEffects),
          replayPolicies.indexOf(posture.replay),
        ];
        rank(within).forEach((value, i) => {
          expect(value).toBeGreaterThanOrEqual(rank(without)[i] as number);
        });
        // And what the file asks for is in force.
        expect(rank(within)[0]).toBeGreaterThanOrEqual(
          said.environment === null ? 0 : environments.indexOf(said.environment),
        );
        expect(rank(within)[1]).toBeGreaterThanOrEqual(
          said.sideEffects === null ? 0 : sideEffectPolicies.indexOf(said.sideEffects),
        );
        expect(rank(within)[2]).toBeGreaterThanOrEqual(said.replay === null ? 0 : replayPolicies.indexOf(said.replay));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("lists of several files", () => {
  it("stay one level per file that has any, so that each can only take away", () => {
    const user = config("[allow.env]\nread_keys = ['A', 'B']", "/home/config.toml");
    const workspace = config("[allow.env]\nread_keys = ['B', 'C']");
    expect(resolveLists([user, null, config(""), workspace]).map((one) => [one.from, one.envKeys])).toEqual([
      ["/home/config.toml", ["A", "B"]],
      ["/r/countersign.toml", ["B", "C"]],
    ]);
  });
});

describe("severities", () => {
  const finding = (code: string, severity: Diagnostic["severity"]): Diagnostic => ({
    code,
    severity,
    message: "m",
    file: "f",
    at: { path: [] },
  });

  it("change warnings, hide them, and leave errors alone", () => {
    const table = { a: "error", b: "off", c: "off" } as const;
    const shown = applySeverities(
      [finding("a", "warning"), finding("b", "warning"), finding("c", "error"), finding("d", "warning")],
      table,
    );
    expect(shown.map((one) => [one.code, one.severity])).toEqual([
      ["a", "error"],
      ["c", "error"],
      ["d", "warning"],
    ]);
    expect(applySeverities([finding("constructor", "warning")], {})).toHaveLength(1);
  });

  it("come from all files, the last one's word last", () => {
    const user = config('[diagnostics]\na = "off"\nb = "off"');
    expect(resolveSeverities([user, null, config('[diagnostics]\na = "error"')])).toEqual({ a: "error", b: "off" });
  });
});

describe("the state folder", () => {
  it("is the flag's, else the workspace's, else the user's", () => {
    const workspace = config('state_dir = "runs"');
    const user = config('state_dir = "mine"', "/home/config.toml");
    expect(resolveStateDir("x", workspace, user)).toEqual({ path: "x", from: null });
    expect(resolveStateDir(null, workspace, user)).toEqual({ path: "runs", from: "/r/countersign.toml" });
    expect(resolveStateDir(null, config(""), user)).toEqual({ path: "mine", from: "/home/config.toml" });
    expect(resolveStateDir(null, null, null)).toBeNull();
  });
});
