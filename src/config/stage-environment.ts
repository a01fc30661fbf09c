/**
 * The variables of pipeline stages (spec/pipeline.md §2): `COUNTERSIGN_…` wins over `BYTEOR_…`. Read once at start; a
 * bad value is a start-up error.
 */
import type { StageLists } from "../graph/posture.ts";
import { stageProgramProblem, stageUrlProblem } from "../graph/stage-key.ts";
import { badValue, lookup, type ConfigProblem, type Environment } from "./problem.ts";

/** Settings of stages. Times in milliseconds. */
export interface StageEnvironment {
  readonly lists: StageLists;
  /** For one whole POST; at least 1. */
  readonly timeoutMs: number;
  /** Tries after the first, 0 to 10. */
  readonly maxRetries: number;
  /** First wait before a retry; doubles. */
  readonly retryBaseMs: number;
  /** Where trusted keys are fetched; null unless all three variables are set. The key itself stays in its variable. */
  readonly api: { readonly baseUrl: string; readonly agentId: string; readonly apiKeyVariable: string } | null;
}

/** The settings, or all bad values at once. */
export type StageEnvironmentResult =
  | { readonly ok: true; readonly settings: StageEnvironment }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Timers hold 31 bits of milliseconds. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, "": 1000 };

/** A value as its grammar reads it, or one sentence for each thing wrong with it. */
type Parsed<T> = { readonly value: T } | { readonly refused: readonly string[] };

/** Reads the variables. */
export function readStageEnvironment(env: Environment): StageEnvironmentResult {
  const problems: ConfigProblem[] = [];
  const read = <T>(name: string, fallback: T, parse: (text: string) => Parsed<T>): T => {
    const found = lookup(env, `COUNTERSIGN_${name}`, `BYTEOR_${name}`);
    if (found === null) return fallback;
    const parsed = parse(found.value);
    if ("value" in parsed) return parsed.value;
    problems.push(...parsed.refused.map((message) => badValue(found.name, message)));
    return fallback;
  };
  const settings: StageEnvironment = {
    timeoutMs: read("HTTP_POST_TIMEOUT", 10_000, duration),
    lists: {
      httpPost: read<readonly string[] | null>("HTTP_POST_ALLOWLIST", null, (text) => items(text, urlProblem)),
      exec: read<readonly string[]>("EXEC_ALLOWLIST", [], (text) => items(text, programProblem)),
    },
    maxRetries: read("ACTION_MAX_RETRIES", 0, (text) => integer(text, 10)),
    retryBaseMs: read("ACTION_RETRY_BASE_MS", 200, (text) => integer(text, 30_000)),
    api: readApi(env, problems),
  };
  return problems.length === 0 ? { ok: true, settings } : { ok: false, problems };
}

function duration(text: string): Parsed<number> {
  const match = /^([0-9]+)(ms|s|m|)$/.exec(text);
  const ms = match === null ? NaN : Number(match[1]) * (units[match[2] as string] as number);
  if (ms >= 1 && ms <= MAX_TIMEOUT_MS) return { value: ms };
  const message = `expects a time such as \`250ms\`, \`10s\` or \`2m\` (a bare number is seconds), at most 24 days; got \`${text}\``;
  return { refused: [message] };
}

function integer(text: string, max: number): Parsed<number> {
  if (/^[0-9]+$/.test(text) && Number(text) <= max) return { value: Number(text) };
  return { refused: [`expects a whole number from 0 to ${max}; got \`${text}\``] };
}

/** A comma-separated list; white space around an item does not count, an empty text is an empty list. */
function items(text: string, problem: (item: string) => string | null): Parsed<readonly string[]> {
  if (text.trim() === "") return { value: [] };
  const list = text.split(",").map((item) => item.trim());
  const refused = list.flatMap((item) => {
    const wrong = item === "" ? "an item of the list is empty" : problem(item);
    return wrong === null ? [] : [wrong];
  });
  return refused.length > 0 ? { refused } : { value: list };
}

function urlProblem(item: string): string | null {
  const wrong = stageUrlProblem(item);
  if (wrong !== null) return `\`${item}\`: ${wrong.message}`;
  if (item.includes("*")) return `\`${item}\`: wildcards are not allowed; a URL stands for itself and what is below it`;
  return item.includes("?") ? `\`${item}\`: a listed URL may not have a query` : null;
}

function programProblem(item: string): string | null {
  const wrong = stageProgramProblem(item, []);
  return wrong === null ? null : `\`${item}\`: ${wrong}`;
}

const apiNames = ["API_BASE_URL", "AGENT_ID", "AGENT_API_KEY"] as const;

/** All three variables or none; a blank one counts as not set. */
function readApi(env: Environment, problems: ConfigProblem[]): StageEnvironment["api"] {
  const found = apiNames.map((name) => {
    const one = lookup(env, `COUNTERSIGN_${name}`, `BYTEOR_${name}`);
    return one === null || one.value.trim() === "" ? null : one;
  });
  const [base, agent, key] = found;
  if (found.every((one) => one === null)) return null;
  if (!base || !agent || !key) {
    apiNames.forEach((name, i) => {
      if (found[i] !== null) return;
      const where = `COUNTERSIGN_${name}`;
      const message = `${where}: is missing; set all of ${apiNames.map((one) => `COUNTERSIGN_${one}`).join(", ")} or none`;
      problems.push({ code: "config_incomplete", message, where });
    });
    return null;
  }
  const wrong = baseUrlProblem(base.value);
  if (wrong !== null) problems.push(badValue(base.name, wrong));
  return wrong === null ? { baseUrl: base.value, agentId: agent.value, apiKeyVariable: key.name } : null;
}

function baseUrlProblem(text: string): string | null {
  if (stageUrlProblem(text) !== null) return `expects an absolute https URL; got \`${text}\``;
  const url = new URL(text);
  const loopback = /^(?:localhost|127(?:\.[0-9]+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === "https:" || loopback ? null : "must be https, except on a loopback address";
}
