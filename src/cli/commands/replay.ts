/**
 * `countersign replay BUNDLE|RUN`: walk a recorded run again with its recorded results, and say where it goes another
 * way today (spec/pipeline.md §7). Exit code 0 when it goes the same way, 1 when it does not; 2 for usage, 5 when the
 * bundle or the journal is refused. With `--execute` the run is done again for real: exit codes of `run`.
 */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Flags } from "../../config/settings.ts";
import {
  openBundle,
  readRecording,
  replayAudit,
  replayDry,
  runInBundle,
  runOnDisk,
  type ManifestAuthenticity,
  type OpsResult,
  type Recording,
  type Replayed,
  type RunSource,
} from "../../runtime/ops/index.ts";
import type { Operator } from "../../runtime/operator.ts";
import { keptRun } from "../kept-run.ts";
import { trustedKeys } from "../manifest-keys.ts";
import { operatorAt } from "../operator.ts";
import { textOption } from "../options.ts";
import { writeOutput } from "../outputs.ts";
import { authenticityText, refuseOps } from "../render/ops.ts";
import { clean, count, cut, productStyle, productWidth } from "../render/text.ts";
import type { Style, Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";
import { executeReplay } from "./replay-execute.ts";
import { interruptible } from "../interrupt.ts";

/** Options of `replay`. */
export interface ReplayOptions {
  readonly stateDir?: unknown;
  readonly environment?: unknown;
  readonly replayPolicy?: unknown;
  readonly execute?: unknown;
  /** The credential of `--execute`. */
  readonly approval?: unknown;
  readonly approvalKeySet?: unknown;
  readonly json?: unknown;
  /** A file that gets the replay audit. */
  readonly out?: unknown;
}

/** What is replayed, and what is known of who made it. */
interface Opened {
  readonly source: RunSource;
  readonly place: string;
  readonly manifest: { readonly digest: string; readonly authenticity: ManifestAuthenticity } | null;
}

/** Replays on standard output. */
export async function replayCommand(terminal: Terminal, named: string, options: ReplayOptions = {}): Promise<number> {
  const flags = flagsOf(options);
  const operator = await operatorAt(terminal, terminal.cwd, flags);
  const opened = await openTarget(terminal, named, operator, options);
  if (!opened.ok) return refuseOps(terminal, opened.problem);
  const { source, place, manifest } = opened.value;
  const recording = await readRecording(source, terminal.cwd);
  if (!recording.ok) return refuseOps(terminal, recording.problem);
  if (manifest !== null && options.json !== true)
    terminal.err(`manifest: every file agrees; ${authenticityText(manifest.authenticity)}\n`);
  const control = interruptible(terminal, false);
  const replayed = await replayDry(recording.value, { operator, cwd: terminal.cwd, control });
  control.release();
  if (!replayed.ok) return refuseOps(terminal, replayed.problem);
  const audit = replayAudit({
    recording: recording.value,
    replayed: replayed.value,
    operator,
    place,
    manifest,
    now: Date.now(),
  });
  const text = `${JSON.stringify(audit, null, 2)}\n`;
  const out = textOption("--out", options.out);
  const unwritten = out === undefined ? null : await writeOutput(terminal, "--out", out, text);
  if (unwritten !== null) throw new UsageError("output.file", unwritten);
  if (options.execute === true) {
    // What goes another way already when nothing is performed is not to be performed.
    if (!same(replayed.value)) {
      terminal.err(replayText(terminal, recording.value, replayed.value));
      terminal.err(
        "countersign: the dry replay goes another way than the record; nothing was executed [replay.differs]\n",
      );
      return 1;
    }
    return executeReplay(terminal, recording.value, operator, {
      approval: textOption("--approval", options.approval) ?? null,
      keySet: textOption("--approval-key-set", options.approvalKeySet) ?? null,
    });
  }
  terminal.out(options.json === true ? text : replayText(terminal, recording.value, replayed.value));
  return same(replayed.value) ? 0 : 1;
}

function flagsOf({ stateDir, environment, replayPolicy, approvalKeySet }: ReplayOptions): Flags {
  const given = {
    stateDir: textOption("--state-dir", stateDir),
    environment: textOption("--environment", environment),
    replay: textOption("--replay-policy", replayPolicy),
    approvalKeySet: textOption("--approval-key-set", approvalKeySet),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function same({ differenceCount, interrupted }: Replayed): boolean {
  return differenceCount === 0 && !interrupted;
}

/** A bundle where there is a file or a folder with a manifest; otherwise a kept run. */
async function openTarget(
  terminal: Terminal,
  named: string,
  operator: Operator,
  options: ReplayOptions,
): Promise<OpsResult<Opened>> {
  const place = path.resolve(terminal.cwd, named);
  if (!(await isBundle(place, named))) {
    const run = await keptRun(terminal, named, textOption("--state-dir", options.stateDir));
    const source = runOnDisk(run.folder);
    return source.ok ? { ok: true, value: { source: source.value, place: run.folder, manifest: null } } : source;
  }
  const { posture } = operator.governance("replay", "workflow");
  const keySet = textOption("--approval-key-set", options.approvalKeySet) ?? null;
  const bundle = await openBundle(place, await trustedKeys(terminal, operator, posture.environment, keySet));
  if (!bundle.ok) return bundle;
  const source = runInBundle(bundle.value);
  if (!source.ok) return source;
  const { manifestDigest, authenticity } = bundle.value;
  return { ok: true, value: { source: source.value, place, manifest: { digest: manifestDigest, authenticity } } };
}

async function isBundle(place: string, named: string): Promise<boolean> {
  const info = await stat(place).catch(() => null);
  if (info === null) return /\.(?:tar\.gz|tgz)$/i.test(named);
  if (!info.isDirectory()) return true;
  // A run's own folder holds its first segment; anything else that is named is meant as a bundle, and checked as one.
  return readFile(path.join(place, "journal.1.jsonl")).then(
    () => false,
    () => true,
  );
}

function replayText(terminal: Terminal, recording: Recording, replayed: Replayed): string {
  const style = productStyle(terminal);
  const columns = productWidth(terminal);
  const { walk, source } = recording;
  const lines = [
    `${style.bold(clean(recording.started.workflow))}  ${style.dim(source.runId)}`,
    `recorded ${walk.outcome ?? "open"}, replayed ${replayed.outcome}: ${count(walk.visits.size, "visit")}, ${count(replayed.actions.length + replayed.actionsLeftOut, "effect")}, none performed`,
  ];
  if (replayed.byPlace > 0)
    lines.push(`${count(replayed.byPlace, "effect")} with masked secrets recognised by their place`);
  if (replayed.unrecorded > 0) lines.push(style.yellow(`${count(replayed.unrecorded, "effect")} not in the record`));
  if (replayed.interrupted) lines.push(style.yellow("stopped before its end"));
  if (same(replayed)) lines.push(style.green("no difference"));
  else lines.push(style.red(count(replayed.differenceCount, "difference")));
  for (const one of replayed.differences) lines.push(...differenceLines(one, style, columns));
  const more = replayed.differenceCount - replayed.differences.length;
  if (more > 0) lines.push(`  … and ${more} more`);
  return `${lines.join("\n")}\n`;
}

function differenceLines(one: Replayed["differences"][number], style: Style, columns: number): string[] {
  const where = one.where === "" ? "the run" : clean(one.where);
  return [
    `  ${style.bold(one.kind)} ${where}`,
    cut(`    recorded ${one.recorded === null ? "nothing" : clean(one.recorded)}`, columns),
    cut(`    replayed ${one.replayed === null ? "nothing" : clean(one.replayed)}`, columns),
  ];
}
