/** Runs a command-line tool as a step or as a skill (spec/skill-graph.md §3.5, §3.6). */
import type { z } from "zod";
import { attempt, type Handler, type NodeContext, type Request, type Response } from "../../effects/handler.ts";
import type { ProcessEffect, ProcessSandbox } from "../../effects/effect.ts";
import { NodeFailure, type Failure } from "../../graph/failure.ts";
import { object, toText, type ObjectValue, type Value } from "../../graph/value.ts";
import { resultFlag, resultInteger, resultText } from "../results.ts";
import { attempts } from "../step/frames.ts";
import { stepInputs } from "../step/inputs.ts";
import { stepOutputs } from "../step/outputs.ts";
import { below, folderOf, inheritedVariables, inputEnvironment, renderArgs } from "../step/process.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** Bytes of stdout and of stderr above which a tool fails. */
const MAX_OUTPUT = 1_048_576;
const DEFAULT_TIMEOUT_SECONDS = 60;
const limits = {
  openFiles: 256,
  fileBytes: 512 * 1024 * 1024,
  cpuSeconds: 60,
  addressSpaceBytes: 4 * 1024 * 1024 * 1024,
} as const;

type Tried = { readonly failure: Failure | null; readonly output: Value; readonly partial: boolean };

/** Effect `shell.run`; its result holds `stdout`, `stderr`, `exit_code`, `truncated` and `timed_out`. */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  const sandbox = sandboxOf(context, fields);
  const { inputs } = stepInputs(context);
  const effect = yield* processOf(context, fields, inputs, sandbox);
  // The skill's own retry counts here only at the root; below it the step that opened the frame applies it.
  const retry = context.depth === 0 && context.node.retry === null ? fields.skill_retry : undefined;
  const tried = yield* attempts(retry, () => once(fields, effect));
  if (tried.failure !== null) throw new NodeFailure(tried.failure);
  return { outcome: "continue", output: tried.output, ...(tried.partial ? { partial: true } : {}) };
};

function* once(fields: Fields, effect: ProcessEffect): Generator<Request, Tried, Response> {
  const reply = yield* attempt(effect);
  if (reply.type === "failed") return { failure: reply.failure, output: null, partial: false };
  if (reply.type === "dry") {
    const output = object({ command: effect.program, args: [...effect.args], dry_run: true });
    return { failure: null, output, partial: true };
  }
  const failure = failureOf(reply.value, effect);
  if (failure !== null) return { failure, output: null, partial: false };
  const stdout = resultText(reply.value, "stdout");
  const stderr = resultText(reply.value, "stderr");
  const { outputs, artifacts } = fields;
  return { failure: null, output: stepOutputs({ stdout, stderr, outputs, artifacts }), partial: false };
}

/** Why a finished process is a failed step; null for a success. */
function failureOf(result: Value, effect: ProcessEffect): Failure | null {
  if (resultFlag(result, "timed_out")) {
    return {
      class: "timeout",
      message: `cli-tool '${effect.program}' did not end within ${effect.timeoutMs / 1000} s`,
    };
  }
  if (resultFlag(result, "truncated")) {
    const message = `runx cli-tool output exceeded ${MAX_OUTPUT} byte capture limit; stdout/stderr omitted`;
    return { class: "tool", message };
  }
  if (resultInteger(result, "exit_code") === 0n) return null;
  const said = resultText(result, "stderr").trim();
  return { class: "tool", message: said === "" ? "step failed with no error output" : said };
}

function* processOf(
  context: NodeContext,
  fields: Fields,
  inputs: ObjectValue,
  sandbox: ProcessSandbox | null,
): Generator<Request, ProcessEffect, Response> {
  const { env, file } = inputEnvironment(inputs);
  if (context.workspace !== undefined) env["RUNX_CWD"] = context.workspace;
  const inherited = [...new Set([...inheritedVariables, ...(fields.sandbox?.env_allowlist ?? [])])];
  return {
    kind: "shell.run",
    program: programOf(context, fields),
    args: yield* renderArgs(context, fields.args ?? [], inputs, env, inherited),
    stdin: fields.input_mode === "stdin" ? toText(inputs) : null,
    env,
    inheritEnv: inherited,
    cwd: workingFolder(context, fields),
    timeoutMs: (fields.timeout_seconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
    maxOutputBytes: MAX_OUTPUT,
    lookup: true,
    graceMs: 100,
    limits,
    ...(file === null ? {} : { inputsFile: { variable: "RUNX_INPUTS_PATH", content: file } }),
    ...(sandbox === null ? {} : { sandbox }),
  };
}

/** A bare name is looked up in PATH; `./tool` and `bin/tool` are below the document's folder. */
function programOf(context: NodeContext, fields: Fields): string {
  return /[/\\]/.test(fields.command) ? below(documentFolder(context), fields.command) : fields.command;
}

function workingFolder(context: NodeContext, fields: Fields): string | null {
  if (fields.sandbox?.cwd_policy === "workspace") return context.workspace ?? null;
  const folder = documentFolder(context);
  return fields.cwd === undefined ? folder : below(folder, fields.cwd);
}

/** By the document's key and not the name it was given, so that a resumed run asks for the very same process. */
function documentFolder(context: NodeContext): string {
  return folderOf(context.document ?? context.graph.file);
}

/** The declared sandbox, if it can be enforced; null when none is declared (R15). */
function sandboxOf(context: NodeContext, fields: Fields): ProcessSandbox | null {
  const declared = fields.sandbox;
  if (declared === undefined) return null;
  if (declared.profile === "unrestricted-local-dev") {
    refuse("unrestricted-local-dev sandbox requires explicit caller approval");
  }
  if (context.enforcesSandbox !== true) {
    refuse(`sandbox profile '${declared.profile}' is declared but cannot be enforced on this host`);
  }
  return {
    profile: declared.profile,
    network: declared.network ?? declared.profile === "network",
    writablePaths: declared.writable_paths ?? [],
  };
}

function refuse(message: string): never {
  throw new NodeFailure({ class: "capability", message });
}
