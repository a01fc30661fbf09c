/**
 * The reference's command line without a verb (spec/workflow.md §17.1, Decision D26): `countersign --config wf.toml
 * --start main` is turned into the words of a verb. Pure.
 */
import type { Environment } from "../config/problem.ts";
import { referenceFlags } from "./flags.ts";
import { UsageError } from "./usage.ts";

/** Words for the verbs' own command line; null when `argv` already begins with a verb or asks for help. */
export function withVerb(argv: readonly string[], env: Environment): readonly string[] | null {
  const first = argv[0];
  const variable = (name: string): string | undefined => env[`COUNTERSIGN_${name}`] ?? env[`AGENTD_${name}`];
  if (first === undefined) return variable("CONFIG") === undefined ? null : split([], variable);
  if (!first.startsWith("-") || ["-h", "--help", "-V", "--version"].includes(first)) return null;
  return split(argv, variable);
}

interface Words {
  config: string | undefined;
  resume: string | undefined;
  validateOnly: boolean;
  list: boolean;
  incomplete: boolean;
  readonly rest: string[];
}

function split(argv: readonly string[], variable: (name: string) => string | undefined): readonly string[] {
  const words = read(argv);
  const config = words.config ?? variable("CONFIG");
  const resume = words.resume ?? variable("RESUME");
  const on = ["1", "true", "TRUE", "True"].includes(variable("VALIDATE_ONLY") ?? "");
  if (words.list) return ["runs", "--status", "paused,interrupted", ...words.rest];
  if (config === undefined && resume === undefined && !words.incomplete) {
    throw new UsageError("config", "no workflow given; pass --config FILE, or use a verb: countersign run FILE");
  }
  if (config !== undefined && (words.validateOnly || on)) return ["validate", config, "--format", "json"];
  if (words.incomplete)
    return ["resume", "--incomplete", ...words.rest, ...(config === undefined ? [] : ["--file", config])];
  // Resuming approves, as it does in the reference.
  if (resume !== undefined)
    return ["resume", resume, "--approve", ...words.rest, ...(config === undefined ? [] : ["--file", config])];
  return ["run", config as string, ...words.rest];
}

function read(argv: readonly string[]): Words {
  const known = referenceFlags();
  const words: Words = {
    config: undefined,
    resume: undefined,
    validateOnly: false,
    list: false,
    incomplete: false,
    rest: [],
  };
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const name = equals > 0 ? word.slice(0, equals) : word;
    const takesValue = known.get(name);
    if (takesValue === undefined) throw new UsageError("argument", `unknown argument \`${word}\``);
    const value = equals > 0 ? word.slice(equals + 1) : takesValue ? argv[++i] : undefined;
    if (takesValue && value === undefined) throw new UsageError("argument", `${name} requires a value`);
    switch (name) {
      case "--config":
      case "-c":
        words.config = value;
        break;
      case "--resume":
        words.resume = value;
        break;
      case "--validate-only":
        words.validateOnly = true;
        break;
      case "--resume-incomplete":
        words.incomplete = true;
        break;
      case "--list-checkpoints":
        words.list = true;
        break;
      default:
        words.rest.push(value === undefined ? name : name.startsWith("--") ? `${name}=${value}` : `${name}${value}`);
    }
  }
  return words;
}
