/**
 * `countersign.toml`: what one file says (spec/editor.md §4, §7; spec/runtime.md §7).
 *
 * ```toml
 * state_dir = ".countersign"              # in a workspace: a folder below the file's own
 * environment = "staging"                 # dev | staging | prod
 * principal = "user:alice@example"        # user configuration only
 * side_effects = "require_approval"       # allow_all | require_approval | deny_all
 * replay = "dry_run_only"                 # execute | dry_run_only | disabled
 * [allow.fs]                              # a list that is not given says nothing; an empty one allows nothing
 * read = ["/data/**"]
 * write = ["out/**"]
 * [allow.env]
 * read_keys = ["APP_*"]
 * [allow.http]
 * urls = ["https://*.internal/**"]
 * methods = ["GET"]
 * [allow.shell]
 * commands = ["/usr/bin/git"]
 * [allow.mcp]
 * tools = ["read_*"]
 * resources = []
 * [allow.models]
 * backends = ["default"]
 * [keys]                                  # user configuration only (docs/keys.md)
 * trust = ["sha256:…", "release_keys.json"]
 * refresh_path = "/v1/signing-keys"
 * [approvals]                             # see approvals.ts
 * needed = 2
 * not_requester = true
 * expires = "24h"
 * approvers = ["user:bob@example"]
 * [diagnostics]                           # error | warning | information | off
 * policy_absent = "off"
 * ```
 *
 * Boundary: pure; files arrive as text. A file with any error counts for nothing: the caller must refuse to start.
 */
import { parse, TomlError } from "smol-toml";
import { z } from "zod";
import { approvalSettings, approvalsProblems, approvalsSchema, type ApprovalSettings } from "./approvals.ts";
import type { Diagnostic, DocumentPath, Place, Range, Severity } from "../graph/diagnostic.ts";
import {
  environments,
  replayPolicies,
  sideEffectPolicies,
  type AllowLists,
  type EnvironmentName,
  type ReplayPolicy,
  type SideEffectPolicy,
} from "../graph/posture.ts";
import { didYouMean, suggest } from "../graph/suggest.ts";

/** Whose file it is: the user's own, or one that came with a workspace and may only narrow. */
export type ConfigLevel = "user" | "workspace";

/** What a diagnostic's code is shown as. */
export type SeveritySetting = Severity | "off";

/** One file, checked. */
export interface ConfigFile {
  readonly file: string;
  readonly level: ConfigLevel;
  readonly stateDir: string | null;
  readonly environment: EnvironmentName | null;
  readonly principal: string | null;
  readonly sideEffects: SideEffectPolicy | null;
  readonly replay: ReplayPolicy | null;
  readonly allow: AllowLists;
  readonly keys: KeySettings;
  readonly approvals: ApprovalSettings;
  readonly severities: Readonly<Record<string, SeveritySetting>>;
}

/** Which keys the user trusts beside the trust store (spec/pipeline.md §6). Only the user's own file may say. */
export interface KeySettings {
  /** Fingerprints (`sha256:` and hex) and files of key sets; relative ones are below the file's folder. */
  readonly trust: readonly string[];
  /** Path below the control plane's address; null: the default. */
  readonly refreshPath: string | null;
}

/** A file, or everything that is wrong with it. */
export type ConfigFileResult =
  { readonly ok: true; readonly config: ConfigFile } | { readonly ok: false; readonly problems: readonly Diagnostic[] };

const list = z.array(z.string()).optional();

/** The file's own form; unknown keys are refused. */
export const configSchema = z.strictObject({
  state_dir: z.string().min(1).optional(),
  environment: z.enum(environments).optional(),
  principal: z.string().optional(),
  side_effects: z.enum(sideEffectPolicies).optional(),
  replay: z.enum(replayPolicies).optional(),
  allow: z
    .strictObject({
      fs: z.strictObject({ read: list, write: list }).optional(),
      env: z.strictObject({ read_keys: list }).optional(),
      http: z.strictObject({ urls: list, methods: list }).optional(),
      shell: z.strictObject({ commands: list }).optional(),
      mcp: z.strictObject({ tools: list, resources: list }).optional(),
      models: z.strictObject({ backends: list }).optional(),
    })
    .optional(),
  keys: z.strictObject({ trust: list, refresh_path: z.string().min(1).optional() }).optional(),
  approvals: approvalsSchema.optional(),
  diagnostics: z.record(z.string(), z.enum(["error", "warning", "information", "off"])).optional(),
});

/** Reads one file. */
export function parseConfigFile(text: string, file: string, level: ConfigLevel): ConfigFileResult {
  let data: unknown;
  try {
    data = parse(text, { integersAsBigInt: true });
  } catch (error) {
    if (error instanceof TomlError) return { ok: false, problems: [tomlProblem(error, file)] };
    throw error;
  }
  const dates = datePaths(data, []);
  if (dates.length > 0) {
    const message = (path: DocumentPath): string => `\`${path.join(".")}\` may not be a date or time`;
    return {
      ok: false,
      problems: dates.map((path) => problem(file, "config_value", message(path), { path, part: "value" })),
    };
  }
  const read = configSchema.safeParse(data);
  if (!read.success) return { ok: false, problems: read.error.issues.flatMap((issue) => issueProblems(issue, file)) };
  const problems = [
    ...principalProblems(read.data.principal, file, level),
    ...stateDirProblems(read.data.state_dir, file, level),
    ...keyProblems(read.data.keys, file, level),
    ...approvalProblems(read.data.approvals, file, level),
  ];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config: compile(read.data, file, level) };
}

/** Where dates stand: nothing in the file is one, and to the schema each would pass for an empty table. */
function datePaths(data: unknown, path: DocumentPath): DocumentPath[] {
  if (data instanceof Date) return [path];
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([key, item]) =>
    datePaths(item, [...path, Array.isArray(data) ? Number(key) : key]),
  );
}

function compile(data: z.output<typeof configSchema>, file: string, level: ConfigLevel): ConfigFile {
  const { allow } = data;
  return {
    file,
    level,
    stateDir: data.state_dir ?? null,
    environment: data.environment ?? null,
    principal: data.principal ?? null,
    sideEffects: data.side_effects ?? null,
    replay: data.replay ?? null,
    allow: {
      from: file,
      fsRead: allow?.fs?.read ?? null,
      fsWrite: allow?.fs?.write ?? null,
      envKeys: allow?.env?.read_keys ?? null,
      httpUrls: allow?.http?.urls ?? null,
      httpMethods: allow?.http?.methods ?? null,
      shellCommands: allow?.shell?.commands ?? null,
      mcpTools: allow?.mcp?.tools ?? null,
      mcpResources: allow?.mcp?.resources ?? null,
      modelBackends: allow?.models?.backends ?? null,
    },
    keys: { trust: data.keys?.trust ?? [], refreshPath: data.keys?.refresh_path ?? null },
    approvals: approvalSettings(data.approvals),
    severities: data.diagnostics ?? {},
  };
}

function problem(file: string, code: string, message: string, at: Place | Range): Diagnostic {
  return { code, severity: "error", message, file, at };
}

function tomlProblem(error: TomlError, file: string): Diagnostic {
  const start = { line: error.line - 1, character: Math.max(0, error.column - 1) };
  const message = (error.message.split("\n")[0] as string).replace(/^Invalid TOML document: /, "");
  return problem(file, "config_syntax", message, { start, end: start });
}

function issueProblems(issue: z.core.$ZodIssue, file: string): Diagnostic[] {
  const path = issue.path.filter((one) => typeof one !== "symbol");
  const name = path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const near = didYouMean(suggest(key, knownKeys(path)));
      const message = `unknown key \`${[...path, key].join(".")}\`${near}`;
      return problem(file, "config_unknown_key", message, { path: [...path, key], part: "key" });
    });
  }
  const wanted =
    issue.code === "invalid_value"
      ? `must be one of ${issue.values.map((value) => `\`${String(value)}\``).join(", ")}`
      : issue.code === "invalid_type"
        ? `must be ${typeNames[issue.expected] ?? issue.expected}`
        : "may not be empty";
  return [problem(file, "config_value", `\`${name}\` ${wanted}`, { path, part: "value" })];
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
  array: "a list of strings",
  object: "a table",
  record: "a table",
  bigint: "a whole number",
  boolean: "true or false",
};

/** The keys that the table at `path` has. */
function knownKeys(path: DocumentPath): string[] {
  let at: unknown = configSchema;
  for (const key of path) {
    while (at instanceof z.ZodOptional) at = at.def.innerType;
    at = at instanceof z.ZodObject ? (at.shape as Record<string, unknown>)[String(key)] : undefined;
  }
  while (at instanceof z.ZodOptional) at = at.def.innerType;
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function principalProblems(principal: string | undefined, file: string, level: ConfigLevel): Diagnostic[] {
  if (principal === undefined) return [];
  const at: Place = { path: ["principal"], part: "value" };
  if (level === "workspace") {
    const message = "a workspace cannot say who runs it: `principal` belongs in the user's own configuration";
    return [problem(file, "config_operator_only", message, { path: ["principal"], part: "key" })];
  }
  return isPrincipal(principal) ? [] : [problem(file, "config_value", principalRule("`principal`"), at)];
}

/** True for a name of 1 to 256 characters without white space or control characters. */
export function isPrincipal(text: string): boolean {
  return /^[^\s\p{Cc}]{1,256}$/u.test(text);
}

/** The sentence that goes with {@link isPrincipal}. */
export function principalRule(what: string): string {
  return `${what} must be 1 to 256 characters without white space, as in \`user:alice@example\``;
}

function stateDirProblems(stateDir: string | undefined, file: string, level: ConfigLevel): Diagnostic[] {
  if (stateDir === undefined || level === "user" || staysBelow(stateDir)) return [];
  const message = `\`state_dir\` of a workspace must be a folder below the one that holds the file; got \`${stateDir}\``;
  return [problem(file, "config_state_dir", message, { path: ["state_dir"], part: "value" })];
}

function keyProblems(keys: z.output<typeof configSchema>["keys"], file: string, level: ConfigLevel): Diagnostic[] {
  if (keys === undefined) return [];
  if (level === "workspace") {
    const message = "a workspace cannot say whose keys count: `keys` belongs in the user's own configuration";
    return [problem(file, "config_operator_only", message, { path: ["keys"], part: "key" })];
  }
  const problems = (keys.trust ?? []).flatMap((entry, index) =>
    entry !== "" && (!entry.startsWith("sha256:") || /^sha256:[0-9a-f]{64}$/.test(entry))
      ? []
      : [
          problem(file, "config_value", "a fingerprint is `sha256:` and 64 lower-case hex digits; else name a file", {
            path: ["keys", "trust", index],
            part: "value",
          }),
        ],
  );
  const path = keys.refresh_path;
  if (path !== undefined && !/^\/[A-Za-z0-9._~/-]{0,255}$/.test(path)) {
    const message = "`keys.refresh_path` must be a path such as `/v1/signing-keys`, without a query";
    problems.push(problem(file, "config_value", message, { path: ["keys", "refresh_path"], part: "value" }));
  }
  return problems;
}

function approvalProblems(
  approvals: z.output<typeof configSchema>["approvals"],
  file: string,
  level: ConfigLevel,
): Diagnostic[] {
  if (approvals === undefined) return [];
  return approvalsProblems(approvals, level, isPrincipal).map(({ key, code, message }) =>
    problem(file, code, message, { path: ["approvals", key], part: code === "config_value" ? "value" : "key" }),
  );
}

/** True for a relative path that never leaves its folder. */
function staysBelow(path: string): boolean {
  if (/^(?:[/\\~]|[A-Za-z]:)/.test(path) || path.includes("\0")) return false;
  let depth = 0;
  for (const piece of path.split(/[/\\]/)) {
    if (piece === "" || piece === ".") continue;
    depth += piece === ".." ? -1 : 1;
    if (depth < 0) return false;
  }
  return depth > 0;
}
