import type { z } from "zod";
import type { HttpEffect } from "../../effects/effect.ts";
import {
  attempt,
  perform,
  stageDefaults,
  wait,
  type Handler,
  type NodeContext,
  type Request,
  type Response,
} from "../../effects/handler.ts";
import { valueBytes } from "../../graph/bytes.ts";
import { failure, NodeFailure } from "../../graph/failure.ts";
import { parseStageKey, type StageKey } from "../../graph/stage-key.ts";
import { displayText, type Value } from "../../graph/value.ts";
import { fails, required } from "../inputs.ts";
import { resultFlag, resultInteger, resultMember, resultText } from "../results.ts";
import { DEFAULT_TIMEOUT_SECS, MAX_OUTPUT_BYTES, processEffect } from "../shell_run/process.ts";
import type { definition } from "./definition.ts";
import { backoff, retryableFailure, retryableStatus } from "./retry.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** spec/pipeline.md §2: the output is the input, whatever the stage does with its bytes. */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  const read = parseStageKey(fields.key);
  if (!read.ok) throw new NodeFailure(failure("policy", `malformed stage key: ${read.problem.message}`));
  const input = fields.input_from === undefined ? context.input : required(context, fields.input_from);
  if (read.key.family === "http_post") yield* post(context, read.key.url, valueBytes(input));
  if (read.key.family === "exec") yield* execute(context, read.key, valueBytes(input));
  return { outcome: "continue", output: input };
};

/** Tries until a 2xx, a final refusal, or the last allowed try. */
function* post(context: NodeContext, url: string, body: Uint8Array): Generator<Request, void, Response> {
  const settings = context.stageDefaults ?? stageDefaults;
  const effect: HttpEffect = {
    kind: "http.request",
    method: "POST",
    url,
    headers: [["Content-Type", "application/octet-stream"]],
    body,
    timeoutMs: settings.timeoutMs,
    maxReplyBytes: MAX_OUTPUT_BYTES,
  };
  for (let tries = 1; ; tries++) {
    const reply = yield* attempt(effect);
    if (reply.type === "dry") return;
    let headers: Value = null;
    if (reply.type === "failed") {
      if (!retryableFailure(reply.failure) || tries > settings.maxRetries) throw new NodeFailure(reply.failure);
    } else {
      const status = resultInteger(reply.value, "status");
      if (status >= 200n && status <= 299n) return;
      headers = resultMember(reply.value, "headers");
      if (!retryableStatus(status) || tries > settings.maxRetries) refused(context, url, status, tries);
    }
    const { ms, jitter } = backoff(settings, tries, headers);
    yield* wait(ms, jitter);
  }
}

function refused(context: NodeContext, url: string, status: bigint, tries: number): never {
  const often = tries === 1 ? "" : ` after ${tries} attempts`;
  return fails(context, `POST ${url}: the server answered ${status}${often}`);
}

function* execute(
  context: NodeContext,
  key: Extract<StageKey, { family: "exec" }>,
  stdin: Uint8Array,
): Generator<Request, void, Response> {
  const { program, args } = key;
  const ended = yield* perform({ ...processEffect(program, args, DEFAULT_TIMEOUT_SECS), stdin, lookup: true });
  if (ended === undefined) return;
  if (resultFlag(ended, "timed_out")) fails(context, `exec ${program}: killed after ${DEFAULT_TIMEOUT_SECS} s`);
  const signal = resultMember(ended, "signal");
  if (signal !== null) fails(context, `exec ${program}: ended by signal ${displayText(signal)}`);
  const exitCode = resultInteger(ended, "exit_code");
  if (exitCode !== 0n)
    fails(context, `exec ${program}: exit code ${exitCode}${complaint(resultText(ended, "stderr"))}`);
}

/** The last line of what the program said on stderr, shortened. */
function complaint(stderr: string): string {
  const line = stderr.trimEnd().split("\n").at(-1)?.trim() ?? "";
  if (line === "") return "";
  return `: ${line.length > 200 ? `${line.slice(0, 200)}…` : line}`;
}
