import { describe, expect, it } from "vitest";
import { readRunxEnvironment } from "../../src/config/runx-environment.ts";
import { readSettings, resolvePrincipal, settingNames, type Flags, type Settings } from "../../src/config/settings.ts";
import type { Environment } from "../../src/config/problem.ts";

function settings(flags: Flags, env: Environment): Settings {
  const read = readSettings(flags, env);
  if (!read.ok) throw new Error(read.problems.map((one) => one.message).join("; "));
  return read.settings;
}
function problems(flags: Flags, env: Environment) {
  const read = readSettings(flags, env);
  return read.ok ? [] : read.problems;
}

describe("settings of spec/workflow.md §17.1", () => {
  it("have the documented defaults", () => {
    const made = settings({}, {});
    const set = Object.entries(made).filter(([, value]) => value !== null && value !== false);
    expect(Object.fromEntries(set)).toEqual({
      bind: "127.0.0.1:8080",
      timeoutSecs: 120,
      drainTimeoutSecs: 30,
      dryRun: "no",
      maxReplans: 2,
    });
  });

  const texts = [
    "config",
    "input",
    "start",
    "bind",
    "intelUnix",
    "intelHttp",
    "mcpStdio",
    "record",
    "stateDir",
    "resume",
  ] as const;
  const more = [
    "signingKeyFile",
    "reloadFile",
    "instruction",
    "goal",
    "instructions",
    "planOut",
    "promote",
    "logLevel",
    "logTarget",
  ] as const;
  it.each([...texts, ...more])("take the text %s from the flag, COUNTERSIGN_ and AGENTD_, in this order", (key) => {
    const name = settingNames[key].env as string;
    const agentd = { [`AGENTD_${name}`]: "agentd" };
    const ours = { ...agentd, [`COUNTERSIGN_${name}`]: "ours" };
    expect(settings({}, agentd)[key]).toBe("agentd");
    expect(settings({}, ours)[key]).toBe("ours");
    expect(settings({ [key]: "flag" }, ours)[key]).toBe("flag");
    const unset = settings({}, { ...agentd, [`COUNTERSIGN_${name}`]: "" })[key];
    expect(unset).toBe(key === "bind" ? "127.0.0.1:8080" : null);
  });

  const switches = [
    "validateOnly",
    "checkpointEachNode",
    "signingRequired",
    "planOnly",
    "autoApprove",
    "quiet",
  ] as const;
  it.each(switches)("take the switch %s", (key) => {
    const name = settingNames[key].env as string;
    for (const word of ["1", "true", "TRUE", "True"])
      expect(settings({}, { [`AGENTD_${name}`]: word })[key]).toBe(true);
    for (const word of ["0", "", "yes", "tRUE", "on"])
      expect(settings({}, { [`AGENTD_${name}`]: word })[key]).toBe(false);
    expect(settings({}, { [`AGENTD_${name}`]: "1", [`COUNTERSIGN_${name}`]: "0" })[key]).toBe(false);
    expect(settings({ [key]: true }, {})[key]).toBe(true);
    expect(settings({ [key]: false }, { [`AGENTD_${name}`]: "1" })[key]).toBe(false);
  });

  it("use the reference's names where they differ from the flag's", () => {
    const env = { AGENTD_HTTP_BIND: "0.0.0.0:1", AGENTD_LOG: "debug", AGENTD_GOAL_BACKEND: "openai:x" };
    expect(settings({}, env)).toMatchObject({ bind: "0.0.0.0:1", logLevel: "debug", goalBackend: "openai:x" });
  });

  it.each<[Flags, Environment, number]>([
    [{ timeoutSecs: "5" }, {}, 5],
    [{ timeoutSecs: "0" }, {}, 1],
    [{}, { AGENTD_TIMEOUT_SECS: "7" }, 7],
    [{}, { AGENTD_TIMEOUT_SECS: "0" }, 120],
    [{}, { AGENTD_TIMEOUT_SECS: "soon" }, 120],
    [{}, { AGENTD_TIMEOUT_SECS: "-1" }, 120],
    [{}, { COUNTERSIGN_TIMEOUT_SECS: "8", AGENTD_TIMEOUT_SECS: "7" }, 8],
  ])("read the time limit of %j and %j as %i", (flags, env, expected) => {
    expect(settings(flags, env).timeoutSecs).toBe(expected);
  });

  it("read replans: a flag's 0 is one attempt, a variable's the default", () => {
    expect(settings({ maxReplans: "0" }, {}).maxReplans).toBe(0);
    expect(settings({}, { AGENTD_MAX_REPLANS: "0" }).maxReplans).toBe(2);
    expect(settings({}, { AGENTD_MAX_REPLANS: "5" }).maxReplans).toBe(5);
    expect(settings({ drainTimeoutSecs: "0" }, {}).drainTimeoutSecs).toBe(0);
  });

  it.each<[Flags, Environment, string]>([
    [{ dryRun: true }, {}, "stub"],
    [{ dryRun: "reads" }, {}, "reads"],
    [{}, { AGENTD_DRY_RUN: "1" }, "stub"],
    [{}, { COUNTERSIGN_DRY_RUN: "reads" }, "reads"],
    [{}, { COUNTERSIGN_DRY_RUN: "0", AGENTD_DRY_RUN: "1" }, "no"],
    [{ dryRun: false }, { AGENTD_DRY_RUN: "1" }, "no"],
  ])("read dry runs of %j and %j as %s", (flags, env, expected) => {
    expect(settings(flags, env).dryRun).toBe(expected);
  });

  it("name the bearer token's place and never hold the token", () => {
    const env = { AGENTD_INTEL_HTTP_BEARER: "hush" };
    expect(settings({}, env).intelHttpBearer).toEqual({ variable: "AGENTD_INTEL_HTTP_BEARER" });
    expect(settings({ intelHttpBearer: "/f" }, env).intelHttpBearer).toEqual({ file: "/f" });
    expect(JSON.stringify(settings({}, env))).not.toContain("hush");
  });

  it.each<[Flags, Environment, string, string]>([
    [{ timeoutSecs: "soon" }, {}, "--timeout-secs", "expects an integer; got `soon`"],
    [{ maxReplans: "x" }, {}, "--max-replans", "expects an integer; got `x`"],
    [{ mode: "twice" }, {}, "--mode", "expects one of `once`, `serve`; got `twice`"],
    [{}, { AGENTD_MODE: "twice" }, "AGENTD_MODE", "expects one of"],
    [{}, { COUNTERSIGN_LOG_FORMAT: "xml" }, "COUNTERSIGN_LOG_FORMAT", "expects one of"],
    [{ environment: "production" }, {}, "--environment", "expects one of `dev`, `staging`, `prod`"],
    [{}, { COUNTERSIGN_ENVIRONMENT: "Prod" }, "COUNTERSIGN_ENVIRONMENT", "expects one of"],
    [{ resume: "../x" }, {}, "--resume", "letters, digits"],
    [{ principal: "a b" }, {}, "--principal", "without white space"],
    [{ config: true }, {}, "--config", "requires a value"],
    [{ dryRun: "maybe" }, {}, "--dry-run", "expects no value or `reads`"],
    [{}, { COUNTERSIGN_SIDE_EFFECTS: "yes" }, "COUNTERSIGN_SIDE_EFFECTS", "`deny_all`"],
  ])("refuse %j with %j, naming %s", (flags, env, where, message) => {
    const [problem, ...others] = problems(flags, env);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "config_value", where });
    expect(problem?.message).toContain(where);
    expect(problem?.message).toContain(message);
  });

  it("read no AGENTD_ variable for what the reference does not have", () => {
    expect(settings({}, { AGENTD_ENVIRONMENT: "prod", AGENTD_PRINCIPAL: "x" })).toMatchObject({
      environment: null,
      principal: null,
    });
  });
});

describe("the principal", () => {
  it("is the flag's, else the user's own, else the operating system's", () => {
    const given = settings({ principal: "user:a@b" }, { COUNTERSIGN_PRINCIPAL: "user:c" });
    expect(resolvePrincipal(given, { principal: "user:d" }, "e", "f")).toBe("user:a@b");
    expect(resolvePrincipal({ principal: null }, { principal: "user:d" }, "e", "f")).toBe("user:d");
    expect(resolvePrincipal({ principal: null }, null, "DOM\\e f", "h\n")).toBe("user:DOM\\e_f@h_");
  });
});

describe("RUNX_ variables", () => {
  const read = (env: Environment) => readRunxEnvironment(env, "/cwd");

  it("have defaults below the working directory", () => {
    expect(read({})).toEqual({
      ok: true,
      settings: { maxFanout: 1, runId: null, cwd: "/cwd", projectDir: null, receiptDir: "/cwd/.runx/receipts" },
    });
  });

  it.each<[Environment, object]>([
    [{ RUNX_MAX_FANOUT_CONCURRENCY: "8" }, { maxFanout: 8 }],
    [{ RUNX_MAX_FANOUT_CONCURRENCY: "65" }, { maxFanout: 64 }],
    [{ RUNX_MAX_FANOUT_CONCURRENCY: "8", RUNX_RUNTIME_DISABLE_INDEXES: "1" }, { maxFanout: 1 }],
    [{ RUNX_RUN_ID: "rx_1" }, { runId: "rx_1" }],
    [{ INIT_CWD: "/i" }, { cwd: "/i", receiptDir: "/i/.runx/receipts" }],
    [{ RUNX_CWD: "/r", INIT_CWD: "/i" }, { cwd: "/r" }],
    [{ RUNX_PROJECT_DIR: "/p" }, { projectDir: "/p", receiptDir: "/p/receipts" }],
    [{ RUNX_RECEIPT_DIR: "/q", RUNX_PROJECT_DIR: "/p" }, { receiptDir: "/q" }],
  ])("%j gives %j", (env, expected) => {
    expect(read(env)).toMatchObject({ ok: true, settings: expected });
  });

  it.each<[Environment, string]>([
    [{ RUNX_MAX_FANOUT_CONCURRENCY: "0" }, "RUNX_MAX_FANOUT_CONCURRENCY"],
    [{ RUNX_MAX_FANOUT_CONCURRENCY: "many" }, "RUNX_MAX_FANOUT_CONCURRENCY"],
    [{ RUNX_RUN_ID: "../x" }, "RUNX_RUN_ID"],
  ])("%j is refused", (env, where) => {
    expect(read(env)).toMatchObject({ ok: false, problems: [{ where }] });
  });
});
