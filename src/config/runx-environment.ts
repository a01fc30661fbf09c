/**
 * The `RUNX_` variables that a run of a skill graph uses (spec/skill-graph.md §2.6, §3, §10; Decisions R17, R18).
 */
import { badValue, lookup, type ConfigProblem, type Environment } from "./problem.ts";

/** The hard limit of spec/skill-graph.md §2.6. */
export const MAX_FANOUT = 64;

/** Settings of skill graphs. */
export interface RunxEnvironment {
  /** Branches of a fan-out at once, 1 to {@link MAX_FANOUT}. */
  readonly maxFanout: number;
  /** `RUNX_RUN_ID`: the run's id as it is; null derives one. */
  readonly runId: string | null;
  /** RUNX_CWD, else INIT_CWD, else the working directory. */
  readonly cwd: string;
  /** RUNX_PROJECT_DIR; null: `.runx` below {@link cwd}. */
  readonly projectDir: string | null;
  /** Where receipts are kept: RUNX_RECEIPT_DIR, else `receipts` in the project's folder. */
  readonly receiptDir: string;
}

/** The settings, or all bad values at once. */
export type RunxEnvironmentResult =
  | { readonly ok: true; readonly settings: RunxEnvironment }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** The rule of spec/workflow.md Decision D15. */
export function isRunId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(text);
}

/** Reads the variables. `cwd` is the process's working directory. Blank variables count as not set. */
export function readRunxEnvironment(env: Environment, cwd: string): RunxEnvironmentResult {
  const problems: ConfigProblem[] = [];
  const text = (...names: readonly string[]): string | null => {
    for (const name of names) {
      const value = lookup(env, name)?.value.trim() ?? "";
      if (value !== "") return value;
    }
    return null;
  };
  const runId = text("RUNX_RUN_ID");
  if (runId !== null && !isRunId(runId)) {
    problems.push(badValue("RUNX_RUN_ID", "expects 1 to 128 letters, digits, `_` or `-`"));
  }
  const fanout = text("RUNX_MAX_FANOUT_CONCURRENCY") ?? "1";
  if (!/^[0-9]+$/.test(fanout) || Number(fanout) < 1) {
    problems.push(badValue("RUNX_MAX_FANOUT_CONCURRENCY", `expects a whole number from 1; got \`${fanout}\``));
  }
  if (problems.length > 0) return { ok: false, problems };
  const serial = text("RUNX_RUNTIME_DISABLE_INDEXES") !== null;
  const root = text("RUNX_CWD", "INIT_CWD") ?? cwd;
  const projectDir = text("RUNX_PROJECT_DIR");
  return {
    ok: true,
    settings: {
      maxFanout: serial ? 1 : Math.min(Number(fanout), MAX_FANOUT),
      runId,
      cwd: root,
      projectDir,
      receiptDir: text("RUNX_RECEIPT_DIR") ?? `${projectDir ?? `${root}/.runx`}/receipts`,
    },
  };
}
