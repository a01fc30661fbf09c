/**
 * Effect shell.run (spec/workflow.md §8.5, spec/skill-graph.md §3.6): a program without a shell.
 *
 * Preparation finds the program, its real path and its digest; performing digests it again and refuses another
 * one. Result: {program, exit_code, signal, stdout, stderr, truncated, timed_out, duration_ms}.
 */
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { EffectResult, PreparedEffect, ProcessEffect } from "../../effects/effect.ts";
import type { EffectScope, Performer } from "../../effects/seam.ts";
import { toolFailure, type Failure } from "../../graph/failure.ts";
import { compareKeys, object } from "../../graph/value.ts";
import { abortFailure } from "./abort.ts";
import { sha256 } from "./digest.ts";
import { variable, type Environment } from "./env.ts";
import { errorText } from "./errno.ts";
import { findSandbox, planSandbox, withLimits, withSandbox, type Command } from "./launch.ts";
import { resolveRealPath } from "./paths.ts";
import { findProgram, ProgramDigests } from "./program.ts";
import { run, type RunEnd, type RunResult } from "./run.ts";
import { Swapped } from "./walk.ts";

/** Options of {@link processPerformer}. */
export interface ProcessOptions {
  /** The operator's environment, for `inheritEnv`. */
  readonly env: Environment;
  /** Where the run was started. */
  readonly cwd: string;
  /** Kept between effects; a fresh one by default. */
  readonly digests?: ProgramDigests;
  /** Where bubblewrap may be; /usr/bin and /bin by default. */
  readonly sandboxPrograms?: readonly string[];
}

/** Performs shell.run. */
export function processPerformer(options: ProcessOptions): Performer {
  const digests = options.digests ?? new ProgramDigests();
  return {
    prepare: async (effect, scope) => {
      try {
        return await prepareProcess(effect as ProcessEffect, scope, options, digests);
      } catch (error) {
        // A circle of links in the working folder or in a sandbox's paths.
        const { program } = effect as ProcessEffect;
        return toolFailure(scope.nodeKind, `spawn ${program}: ${errorText(error)}`);
      }
    },
    perform: (prepared, scope, signal) => performProcess(prepared, scope, signal, options, digests),
  };
}

/** The child's whole environment: what is inherited by name, then what the effect sets. */
export function childEnvironment(effect: ProcessEffect, operator: Environment): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of effect.inheritEnv) {
    const value = variable(operator, name);
    if (value !== undefined) env[name] = value;
  }
  // Ascending, so that a program that prints its environment prints the same everywhere.
  return Object.fromEntries(Object.entries({ ...env, ...effect.env }).sort(([a], [b]) => compareKeys(a, b)));
}

async function prepareProcess(
  effect: ProcessEffect,
  scope: EffectScope,
  options: ProcessOptions,
  digests: ProgramDigests,
): Promise<PreparedEffect | Failure> {
  const cwd = resolve(options.cwd, effect.cwd ?? "");
  const env = childEnvironment(effect, options.env);
  const path = variable(env, "PATH");
  const { program, lookup } = effect;
  const found = await findProgram({ nodeKind: scope.nodeKind, program, lookup, path, cwd }, digests);
  if (!found.ok) return toolFailure(scope.nodeKind, found.problem);
  const { realPath, argv0, sha256: digest } = found.program;
  const set = Object.entries(effect.env).sort(([a], [b]) => compareKeys(a, b));
  const realCwd = await resolveRealPath(cwd, options.cwd);
  const { sandbox, limits, inputsFile } = effect;
  const plan = sandbox === undefined ? null : await planSandbox(sandbox, realCwd);
  return {
    effect,
    target: realPath,
    description: {
      kind: effect.kind,
      program: realPath,
      path: program,
      real_path: realPath,
      program_sha256: digest,
      argv0,
      args: effect.args,
      cwd: realCwd,
      env_names: set.map(([name]) => name),
      env_digest: sha256(JSON.stringify(set)),
      inherit_env: [...effect.inheritEnv].sort(),
      stdin_digest: effect.stdin === null ? null : sha256(effect.stdin),
      stdin_bytes: effect.stdin === null ? 0 : Buffer.byteLength(effect.stdin),
      timeout_ms: effect.timeoutMs,
      inputs_file: inputsFile === undefined ? null : [inputsFile.variable, sha256(inputsFile.content)],
      sandbox: sandbox?.profile ?? null,
      sandbox_network: plan?.network ?? null,
      sandbox_writable: plan?.writable ?? null,
      limits: limits === undefined ? null : Object.entries(limits).map(([name, value]) => [name, String(value)]),
    },
  };
}

async function performProcess(
  prepared: PreparedEffect,
  scope: EffectScope,
  signal: AbortSignal,
  options: ProcessOptions,
  digests: ProgramDigests,
): Promise<EffectResult> {
  const effect = prepared.effect as ProcessEffect;
  const result = await runPrepared(prepared, options, digests, signal);
  if (result.ok) return { ok: true, value: endValue(String(prepared.description["real_path"]), result.end) };
  if (result.aborted) return { ok: false, failure: abortFailure(signal) };
  if (result.sandbox === true) return { ok: false, failure: { class: "capability", message: result.problem } };
  return { ok: false, failure: toolFailure(scope.nodeKind, `spawn ${effect.program}: ${result.problem}`) };
}

/** Starts what {@link processPerformer} prepared, if it is still the same program, and waits for its end. */
export async function runPrepared(
  prepared: PreparedEffect,
  options: ProcessOptions,
  digests: ProgramDigests,
  signal: AbortSignal,
): Promise<RunResult & { readonly sandbox?: boolean }> {
  const effect = prepared.effect as ProcessEffect;
  const { cwd } = prepared.description;
  if (signal.aborted) return { ok: false, problem: "aborted", aborted: true };
  const env = childEnvironment(effect, options.env);
  let folder: string | null = null;
  try {
    if (effect.inputsFile !== undefined) {
      const { variable: name, content } = effect.inputsFile;
      folder = await mkdtemp(join(tmpdir(), "countersign-"));
      env[name] = join(folder, "inputs.json");
      await writeFile(env[name], content, { mode: 0o600, flag: "wx" });
    }
    const command = await commandOf(prepared, options, digests);
    if ("problem" in command) return { ok: false, aborted: false, ...command };
    return await run(
      {
        realPath: command.file,
        argv0: command.argv0,
        args: command.args,
        env,
        cwd: String(cwd),
        stdin: effect.stdin,
        timeoutMs: effect.timeoutMs,
        graceMs: effect.graceMs,
        maxOutputBytes: effect.maxOutputBytes,
      },
      signal,
    );
  } catch (error) {
    return { ok: false, problem: error instanceof Swapped ? error.message : errorText(error), aborted: false };
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

/** The command to start, checked once more; rejects with system errors. */
async function commandOf(
  prepared: PreparedEffect,
  options: ProcessOptions,
  digests: ProgramDigests,
): Promise<Command | { readonly problem: string; readonly sandbox?: boolean }> {
  const effect = prepared.effect as ProcessEffect;
  const { real_path: realPath, argv0, program_sha256: digest, cwd } = prepared.description;
  if (typeof realPath !== "string" || typeof argv0 !== "string" || typeof cwd !== "string") {
    return { problem: "the effect was not prepared" };
  }
  // The system reports a missing folder as if the program were missing.
  const isFolder = await stat(cwd).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder) return { problem: `the working folder \`${cwd}\` is not a folder` };
  // What was decided about and approved names this folder, and a sandbox opens these: a link in their place is another.
  const { sandbox_writable: opened } = prepared.description;
  for (const folder of [cwd, ...(Array.isArray(opened) ? opened.map(String) : [])]) {
    if ((await resolveRealPath(folder, cwd)) !== folder)
      return { problem: `\`${folder}\` became a link after it was checked` };
  }
  let command: Command = { file: realPath, argv0, args: effect.args };
  if (effect.sandbox !== undefined) {
    const found = await findSandbox(options.sandboxPrograms);
    if ("problem" in found) {
      const { profile } = effect.sandbox;
      const problem = `sandbox profile '${profile}' is declared but cannot be enforced on this host: ${found.problem}`;
      return { problem, sandbox: true };
    }
    const { sandbox_network: network, sandbox_writable: writable } = prepared.description;
    const paths = Array.isArray(writable) ? writable.map(String) : [];
    command = withSandbox(command, { network: network === true, writable: paths }, found.path, cwd);
  }
  if (effect.limits !== undefined) command = await withLimits(command, effect.limits);
  // Last of all, so that little can happen between the look and the start. Behind a sandbox or limits the program is
  // started by the name it was found by, which must still lead to it.
  if ((await resolveRealPath(argv0, cwd)) !== realPath || (await digests.of(realPath)) !== digest) {
    return { problem: "the program changed after it was checked" };
  }
  return command;
}

function endValue(program: string, end: RunEnd) {
  return object({
    program,
    exit_code: BigInt(end.exitCode),
    signal: end.signal === null ? null : BigInt(end.signal),
    stdout: end.stdout.toString("utf8"),
    stderr: end.stderr.toString("utf8"),
    truncated: end.truncated,
    timed_out: end.timedOut,
    duration_ms: BigInt(end.durationMs),
  });
}
