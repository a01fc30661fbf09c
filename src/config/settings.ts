/**
 * Settings of the command line and their variables (spec/workflow.md §17.1, Decision D26; spec/editor.md §7).
 *
 * A flag wins over its variable; `COUNTERSIGN_X` wins over `AGENTD_X`, even when it is empty, which unsets it.
 * Boundary: pure; what the settings mean is their users' business.
 */
import {
  environments,
  replayPolicies,
  sideEffectPolicies,
  type EnvironmentName,
  type ReplayPolicy,
  type SideEffectPolicy,
} from "../graph/posture.ts";
import { isPrincipal, principalRule } from "./file.ts";
import { badValue, lookup, type ConfigProblem, type Environment } from "./problem.ts";
import { isRunId } from "./runx-environment.ts";

/** Everything that a flag or a variable can set. Null: not given. */
export interface Settings {
  readonly config: string | null;
  readonly input: string | null;
  readonly start: string | null;
  readonly mode: "once" | "serve" | null;
  readonly bind: string;
  /** Whole run, in seconds; at least 1. */
  readonly timeoutSecs: number;
  readonly drainTimeoutSecs: number;
  readonly intelUnix: string | null;
  readonly intelHttp: string | null;
  /** A file that holds the bearer token, or the variable that does; the token itself is never a setting. */
  readonly intelHttpBearer: { readonly file: string } | { readonly variable: string } | null;
  readonly mcpStdio: string | null;
  readonly dryRun: "no" | "stub" | "reads";
  readonly validateOnly: boolean;
  readonly record: string | null;
  readonly stateDir: string | null;
  readonly resume: string | null;
  readonly checkpointEachNode: boolean;
  readonly signingRequired: boolean;
  readonly signingKeyFile: string | null;
  readonly reloadFile: string | null;
  readonly instruction: string | null;
  readonly goal: string | null;
  readonly goalBackend: string | null;
  readonly instructions: string | null;
  readonly planOnly: boolean;
  readonly autoApprove: boolean;
  readonly planOut: string | null;
  readonly promote: string | null;
  /** 0 is one attempt. */
  readonly maxReplans: number;
  readonly logLevel: string | null;
  readonly logFormat: "text" | "json" | null;
  readonly logTarget: string | null;
  readonly quiet: boolean;
  readonly environment: EnvironmentName | null;
  readonly principal: string | null;
  readonly sideEffects: SideEffectPolicy | null;
  readonly replay: ReplayPolicy | null;
  /** A file of trusted keys, in place of the one beside the document (spec/pipeline.md §5). */
  readonly approvalKeySet: string | null;
}

/** A setting's flag and the end of its variables' names; null for what has only one of the two. */
interface Names {
  readonly flag: string | null;
  readonly env: string | null;
  /** False for settings that the reference does not have: no `AGENTD_` variable. */
  readonly reference: boolean;
}

const of = (flag: string | null, env: string | null, reference = true): Names => ({ flag, env, reference });

/** The names of every setting: `--<flag>`, `COUNTERSIGN_<env>` and, for compatibility, `AGENTD_<env>`. */
export const settingNames: Readonly<Record<keyof Settings, Names>> = {
  config: of("config", "CONFIG"),
  input: of("input", "INPUT"),
  start: of("start", "START"),
  mode: of("mode", "MODE"),
  bind: of("bind", "HTTP_BIND"),
  timeoutSecs: of("timeout-secs", "TIMEOUT_SECS"),
  drainTimeoutSecs: of("drain-timeout-secs", "DRAIN_TIMEOUT_SECS"),
  intelUnix: of("intel-unix", "INTEL_UNIX"),
  intelHttp: of("intel-http", "INTEL_HTTP"),
  intelHttpBearer: of("intel-http-bearer-file", "INTEL_HTTP_BEARER_FILE"),
  mcpStdio: of("mcp-stdio", "MCP_STDIO"),
  dryRun: of("dry-run", "DRY_RUN"),
  validateOnly: of("validate-only", "VALIDATE_ONLY"),
  record: of("record", "RECORD"),
  stateDir: of("state-dir", "STATE_DIR"),
  resume: of("resume", "RESUME"),
  checkpointEachNode: of("checkpoint-each-node", "CHECKPOINT_EACH_NODE"),
  signingRequired: of("signing-required", "SIGNING_REQUIRED"),
  signingKeyFile: of("signing-key-file", "SIGNING_KEY_FILE"),
  reloadFile: of("reload-file", "RELOAD_FILE"),
  instruction: of("instruction", "INSTRUCTION"),
  goal: of("goal", "GOAL"),
  goalBackend: of(null, "GOAL_BACKEND"),
  instructions: of("instructions", "INSTRUCTIONS"),
  planOnly: of("plan-only", "PLAN_ONLY"),
  autoApprove: of("auto-approve", "AUTO_APPROVE"),
  planOut: of("plan-out", "PLAN_OUT"),
  promote: of("promote", "PROMOTE"),
  maxReplans: of("max-replans", "MAX_REPLANS"),
  logLevel: of("log-level", "LOG"),
  logFormat: of("log-format", "LOG_FORMAT"),
  logTarget: of("log-target", "LOG_TARGET"),
  quiet: of("quiet", "QUIET"),
  environment: of("environment", "ENVIRONMENT", false),
  principal: of("principal", "PRINCIPAL", false),
  sideEffects: of("side-effects", "SIDE_EFFECTS", false),
  replay: of("replay-policy", "REPLAY_POLICY", false),
  approvalKeySet: of("approval-key-set", "APPROVAL_KEY_SET", false),
};

/** Flags as the command line gives them: text, or true for a flag without a value. */
export type Flags = Readonly<Partial<Record<keyof Settings, string | boolean>>>;

/** The settings, or all bad values at once. */
export type SettingsResult =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Reads flags and variables. */
export function readSettings(flags: Flags, env: Environment): SettingsResult {
  const source = new Source(flags, env);
  const settings: Settings = {
    config: source.text("config"),
    input: source.text("input"),
    start: source.text("start"),
    mode: source.choice("mode", ["once", "serve"]),
    bind: source.text("bind") ?? "127.0.0.1:8080",
    timeoutSecs: source.seconds("timeoutSecs", 120, 1),
    drainTimeoutSecs: source.seconds("drainTimeoutSecs", 30, 0),
    intelUnix: source.text("intelUnix"),
    intelHttp: source.text("intelHttp"),
    intelHttpBearer: source.bearer(),
    mcpStdio: source.text("mcpStdio"),
    dryRun: source.dryRun(),
    validateOnly: source.on("validateOnly"),
    record: source.text("record"),
    stateDir: source.text("stateDir"),
    resume: source.checked("resume", isRunId, "expects 1 to 128 letters, digits, `_` or `-`"),
    checkpointEachNode: source.on("checkpointEachNode"),
    signingRequired: source.on("signingRequired"),
    signingKeyFile: source.text("signingKeyFile"),
    reloadFile: source.text("reloadFile"),
    instruction: source.text("instruction"),
    goal: source.text("goal"),
    goalBackend: source.text("goalBackend"),
    instructions: source.text("instructions"),
    planOnly: source.on("planOnly"),
    autoApprove: source.on("autoApprove"),
    planOut: source.text("planOut"),
    promote: source.text("promote"),
    maxReplans: source.replans(),
    logLevel: source.text("logLevel"),
    logFormat: source.logFormat(),
    logTarget: source.text("logTarget"),
    quiet: source.on("quiet"),
    environment: source.choice("environment", environments),
    principal: source.checked("principal", isPrincipal, principalRule("it")),
    sideEffects: source.choice("sideEffects", sideEffectPolicies),
    replay: source.choice("replay", replayPolicies),
    approvalKeySet: source.text("approvalKeySet"),
  };
  return source.problems.length === 0 ? { ok: true, settings } : { ok: false, problems: source.problems };
}

/** What a setting was given as, and by what. */
interface Given {
  readonly value: string | boolean;
  readonly where: string;
  readonly byFlag: boolean;
}

/** The reference's own spelling of true. */
const truths = ["1", "true", "TRUE", "True"];

class Source {
  readonly problems: ConfigProblem[] = [];
  private readonly flags: Flags;
  private readonly env: Environment;

  constructor(flags: Flags, env: Environment) {
    this.flags = flags;
    this.env = env;
  }

  text(key: keyof Settings): string | null {
    const given = this.given(key);
    if (given === null || given.value === "") return null;
    if (typeof given.value === "string") return given.value;
    this.problems.push(badValue(given.where, "requires a value"));
    return null;
  }

  on(key: keyof Settings): boolean {
    const given = this.given(key);
    if (given === null) return false;
    return typeof given.value === "boolean" ? given.value : truths.includes(given.value);
  }

  choice<T extends string>(key: keyof Settings, values: readonly T[]): T | null {
    const text = this.text(key);
    if (text === null) return null;
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    const message = `expects one of ${values.map((value) => `\`${value}\``).join(", ")}; got \`${text}\``;
    this.refuse(key, message);
    return null;
  }

  checked(key: keyof Settings, test: (text: string) => boolean, rule: string): string | null {
    const text = this.text(key);
    if (text === null || test(text)) return text;
    this.refuse(key, rule);
    return null;
  }

  /** A flag must be an integer and is raised to `least`; a variable that is none, or below it, is the default. */
  seconds(key: keyof Settings, fallback: number, least: number): number {
    const given = this.given(key);
    if (given === null || given.value === "") return fallback;
    const value = wholeNumber(given.value);
    if (!given.byFlag) return value === null || value < least ? fallback : value;
    if (value === null) this.refuse(key, `expects an integer; got \`${String(given.value)}\``);
    return Math.max(least, value ?? fallback);
  }

  replans(): number {
    const given = this.given("maxReplans");
    if (given === null || given.value === "") return 2;
    const value = wholeNumber(given.value);
    if (given.byFlag) {
      if (value === null) this.refuse("maxReplans", `expects an integer; got \`${String(given.value)}\``);
      return value ?? 2;
    }
    return value === null || value === 0 ? 2 : value;
  }

  dryRun(): "no" | "stub" | "reads" {
    const given = this.given("dryRun");
    if (given === null || given.value === false || given.value === "") return "no";
    if (given.value === "reads") return "reads";
    if (given.value === true || given.value === "stub" || truths.includes(String(given.value))) return "stub";
    // A variable that is not true is false, as the reference has it; a flag's value must mean something.
    if (given.byFlag) this.refuse("dryRun", `expects no value or \`reads\`; got \`${String(given.value)}\``);
    return "no";
  }

  logFormat(): "text" | "json" | null {
    const format = this.choice("logFormat", ["text", "json", "pretty"]);
    return format === "pretty" ? "text" : format;
  }

  bearer(): Settings["intelHttpBearer"] {
    const file = this.text("intelHttpBearer");
    if (file !== null) return { file };
    const direct = lookup(this.env, "COUNTERSIGN_INTEL_HTTP_BEARER", "AGENTD_INTEL_HTTP_BEARER");
    return direct === null || direct.value.trim() === "" ? null : { variable: direct.name };
  }

  private given(key: keyof Settings): Given | null {
    const names = settingNames[key];
    const flag = this.flags[key];
    if (flag !== undefined && names.flag !== null) return { value: flag, where: `--${names.flag}`, byFlag: true };
    if (names.env === null) return null;
    const found = names.reference
      ? lookup(this.env, `COUNTERSIGN_${names.env}`, `AGENTD_${names.env}`)
      : lookup(this.env, `COUNTERSIGN_${names.env}`);
    return found === null ? null : { value: found.value, where: found.name, byFlag: false };
  }

  private refuse(key: keyof Settings, message: string): void {
    this.problems.push(badValue(this.given(key)?.where ?? key, message));
  }
}

function wholeNumber(value: string | boolean): number | null {
  if (typeof value !== "string" || !/^[0-9]+$/.test(value)) return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
}

/** The principal of a run (spec/editor.md §7): flag or variable, user configuration, else `user:<os user>@<host>`. */
export function resolvePrincipal(
  settings: Pick<Settings, "principal">,
  user: { readonly principal: string | null } | null,
  osUser: string,
  host: string,
): string {
  const derived = `user:${osUser}@${host}`.replace(/[\s\p{Cc}]+/gu, "_").slice(0, 256);
  return settings.principal ?? user?.principal ?? derived;
}
