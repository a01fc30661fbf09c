/** How the tests run a document: everything is allowed, nothing is configured. */
import type { ExecuteSettings } from "../../src/runtime/execute.ts";
import type { Value } from "../../src/graph/value.ts";

/** Settings for a run kept in `stateDir`. */
export function runSettings(given: {
  readonly cwd: string;
  readonly runId: string;
  readonly stateDir: string | null;
  readonly input: Value;
}): ExecuteSettings {
  return {
    cwd: given.cwd,
    env: { PATH: process.env["PATH"], HOME: given.cwd },
    governance: {
      posture: { environment: "dev", sideEffects: "allow_all", replay: "dry_run_only" },
      lists: [],
      stages: { httpPost: null, exec: [] },
    },
    stageDefaults: { timeoutMs: 10_000, maxRetries: 0, retryBaseMs: 200 },
    workspace: given.cwd,
    transports: { intelUnix: null, intelHttp: null, bearer: null },
    mcpStdio: null,
    timeoutMs: 120_000,
    rehearsal: null,
    dryRun: false,
    runId: given.runId,
    stateDir: given.stateDir,
    start: null,
    triggerKind: "manual",
    input: given.input,
    options: {
      dryRun: "no",
      replay: false,
      assume: {},
      canPause: given.stateDir !== null,
      timeoutMs: 120_000,
      maxFanout: 4,
    },
    principal: "user:test@local",
  };
}
