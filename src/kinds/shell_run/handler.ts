import type { z } from "zod";
import { attempt, type Handler, type NodeContext } from "../../effects/handler.ts";
import { NodeFailure } from "../../graph/failure.ts";
import { isArray, object, typeName } from "../../graph/value.ts";
import { fails, optionalOrUnknown, problemOf } from "../inputs.ts";
import { resultFlag, resultInteger, resultMember, resultText } from "../results.ts";
import type { definition } from "./definition.ts";
import { commandProblem, DEFAULT_TIMEOUT_SECS, processEffect } from "./process.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/**
 * Effect `shell.run` (spec/workflow.md §8.5: absolute path, real path and policy, arguments, dry run). Its result is
 * `{program, exit_code, signal, stdout, stderr, truncated, timed_out, duration_ms}`.
 */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  const wrong = commandProblem(fields.command);
  if (wrong !== null) return fails(context, wrong);
  const { args, problem } = programArguments(context, fields.args_from);
  const failed = problem === null ? undefined : problemOf(context, problem);
  const effect = processEffect(fields.command, args ?? [], fields.timeout_secs ?? DEFAULT_TIMEOUT_SECS);
  const reply = yield* attempt(effect, failed === undefined ? {} : { problem: failed });
  if (reply.type === "failed") throw new NodeFailure(reply.failure);
  if (failed !== undefined) throw new NodeFailure(failed);
  if (reply.type === "dry") {
    const program = reply.description["program"];
    const command = typeof program === "string" ? program : fields.command;
    return { outcome: "continue", output: object({ command, args, dry_run: true }), partial: true };
  }
  const ended = reply.value;
  const exitCode = resultInteger(ended, "exit_code");
  const signal = resultMember(ended, "signal");
  const output = object({
    command: resultText(ended, "program"),
    args,
    exit_code: exitCode,
    signal,
    stdout: resultText(ended, "stdout"),
    stderr: resultText(ended, "stderr"),
    truncated: resultFlag(ended, "truncated"),
    timed_out: resultFlag(ended, "timed_out"),
    duration_ms: resultInteger(ended, "duration_ms"),
  });
  return { outcome: "continue", output, ...(exitCode !== 0n || signal !== null ? { label: "error" } : {}) };
};

/** The arguments at `reference`; undefined while a dry run does not know them. */
function programArguments(
  context: NodeContext,
  reference: string | undefined,
): { readonly args: readonly string[] | undefined; readonly problem: string | null } {
  const value = optionalOrUnknown(context, reference);
  if (value === undefined) return { args: undefined, problem: null };
  if (value === null) return { args: [], problem: null };
  if (!isArray(value)) {
    const problem = `args_from \`${reference}\` must resolve to an array of strings; got ${typeName(value)}`;
    return { args: [], problem };
  }
  const odd = value.find((item) => typeof item !== "string");
  if (odd !== undefined) return { args: [], problem: `args element must be a string; got ${typeName(odd)}` };
  return { args: value as readonly string[], problem: null };
}
