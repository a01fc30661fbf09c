/**
 * `doctor` (spec/pipeline.md §7): is this machine, and this place on it, ready for runs? Every check says what was
 * asked for, what is so, and what to do. Nothing is repaired, nobody is asked over the network, nothing stays behind.
 */
import { hostChecks } from "./doctor-host.ts";
import { configurationChecks } from "./doctor-configuration.ts";
import { stateChecks } from "./doctor-state.ts";

/**
 * - `applied`: as requested;
 * - `degraded`: works, with less than was requested;
 * - `failed`: does not work; the doctor fails;
 * - `skipped`: nothing was requested, or it cannot be looked at here.
 */
export type CheckStatus = "applied" | "degraded" | "failed" | "skipped";

/** One check. */
export interface DoctorCheck {
  readonly id: string;
  readonly title: string;
  /** What was asked for, or what is needed. */
  readonly requested: string;
  readonly status: CheckStatus;
  readonly detail: string;
  /** What to do; null where there is nothing to do. */
  readonly remedy: string | null;
}

/** The report. */
export interface DoctorReport {
  readonly v: 1;
  readonly ok: boolean;
  readonly checks: readonly DoctorCheck[];
}

/** What the doctor looks at. */
export interface DoctorSettings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--state-dir`; undefined where the configuration names it. */
  readonly stateDir: string | undefined;
  readonly environment: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Hears each check as it is done. */
  readonly onCheck?: (check: DoctorCheck) => void;
  readonly signal?: AbortSignal;
}

/** Makes all checks, in their order. */
export async function examine(settings: DoctorSettings): Promise<DoctorReport> {
  const checks: DoctorCheck[] = [];
  const note = (check: DoctorCheck): void => {
    checks.push(check);
    settings.onCheck?.(check);
  };
  const parts = [hostChecks, configurationChecks, stateChecks];
  for (const part of parts) {
    for await (const check of part(settings)) {
      if (settings.signal?.aborted === true) break;
      note(check);
    }
  }
  const stopped = settings.signal?.aborted === true;
  if (stopped)
    note({
      id: "doctor",
      title: "Examination",
      requested: "all checks",
      status: "failed",
      detail: "it was stopped before its end",
      remedy: "run it again",
    });
  return { v: 1, ok: checks.every(({ status }) => status !== "failed"), checks };
}

/** What a system call answered, as words. */
export function causeOf(problem: unknown): string {
  const code = problem instanceof Error && "code" in problem ? String(problem.code) : null;
  if (code !== null) return code;
  return problem instanceof Error ? problem.message : String(problem);
}
