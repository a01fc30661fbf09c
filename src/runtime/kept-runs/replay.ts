/** A kept run replayed in a dry run: what `countersign replay` does with it, in sentences and two texts to compare. */
import { journalProblemSentence } from "../../connect/journal/problem.ts";
import { findRun } from "../../connect/journal/runs.ts";
import type { Control } from "../../engine/runner.ts";
import { readRecording, replayDry } from "../ops/replay.ts";
import { runOnDisk } from "../ops/run-source.ts";
import type { Operator } from "../operator.ts";
import { runFolder } from "../runs.ts";
import { refused, type Kept, type KeptPlace } from "./past.ts";
import { clean, count } from "./plain.ts";

/** How a replay came out. */
export interface ReplayResult {
  readonly same: boolean;
  /** Somebody stopped it. */
  readonly interrupted: boolean;
  /** One sentence or more. */
  readonly sentence: string;
  /** What the record says and what the replay did, at the places where they differ; equal when they do not. */
  readonly recorded: string;
  readonly replayed: string;
}

/** Replays it. Nothing is performed, resolved or started. */
export async function replayKept(
  { stateDir, runId, cwd }: KeptPlace,
  operator: Pick<Operator, "governance" | "stages">,
  control?: Control,
): Promise<Kept<ReplayResult>> {
  const found = await findRun(stateDir, runId);
  if (!found.ok) return refused(found.problem.code, journalProblemSentence(found.problem));
  if (found.value.held) return refused("journal.owned", "the run is under way; replay it when it has ended");
  const folder = runFolder(stateDir, runId);
  const source = folder.ok ? runOnDisk(folder.value) : refused(folder.problem.code, folder.problem.message);
  if (!source.ok) return source;
  const recording = await readRecording(source.value, cwd);
  if (!recording.ok) return recording;
  const replayed = await replayDry(recording.value, { operator, cwd, ...(control === undefined ? {} : { control }) });
  if (!replayed.ok) return replayed;
  const { walk } = recording.value;
  const { value } = replayed;
  const same = value.differenceCount === 0 && !value.interrupted;
  const effects = count(value.actions.length + value.actionsLeftOut, "effect");
  const notes = [
    ...(value.byPlace > 0 ? [`${count(value.byPlace, "effect")} with masked secrets recognised by their place`] : []),
    ...(value.unrecorded > 0 ? [`${count(value.unrecorded, "effect")} not in the record`] : []),
  ];
  const result = value.interrupted
    ? "it was stopped before its end"
    : same
      ? "it goes the same way today"
      : `it goes another way today: ${count(value.differenceCount, "difference")}`;
  const told = `${count(walk.visits.size, "visit")}, ${effects}, none performed`;
  const more = value.differenceCount - value.differences.length;
  const text = (side: "recorded" | "replayed"): string =>
    [
      `outcome  ${(side === "recorded" ? walk.outcome : value.outcome) ?? "open"}`,
      ...value.differences.flatMap((one) => [
        "",
        `${titles[one.kind]} ${one.where === "" ? "of the run" : `at ${clean(one.where)}`}`,
        `    ${clean(one[side] ?? "nothing")}`,
      ]),
      ...(more > 0 ? ["", `… and ${count(more, "more difference")}`] : []),
      "",
    ].join("\n");
  return {
    ok: true,
    value: {
      same,
      interrupted: value.interrupted,
      sentence: `${result} (${[told, ...notes].join("; ")}).`,
      recorded: text("recorded"),
      replayed: text("replayed"),
    },
  };
}

const titles = {
  outcome: "outcome",
  path: "visit",
  label: "way out",
  output: "output",
  failure: "end",
  decision: "decision",
  effect: "effect",
} as const;
