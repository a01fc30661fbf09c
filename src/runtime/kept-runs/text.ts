/** A kept run as a text that somebody opens in an editor: what `countersign inspect --full` shows, without colours. */
import { findRun } from "../../connect/journal/runs.ts";
import { pinnedKinds, readRunFolder, runFolder } from "../runs.ts";
import { journalProblemSentence } from "../../connect/journal/problem.ts";
import { writeInspection } from "./inspection.ts";
import { refused, type Kept, type KeptPlace } from "./past.ts";
import { RunTree } from "./run-tree.ts";
import { plainPaint } from "./status.ts";

/** Longest value in the text, in characters. */
const MAX_VALUE = 4_000;

/** A run's folded journal, and what is wrong with it. */
export interface FoldedRun {
  readonly tree: RunTree;
  readonly folder: string;
  /** Why nothing more could be read, and what else was found, as sentences. */
  readonly notes: readonly string[];
}

/** Folds a run's journal as far as it can be read. Refused when there is nothing of it at all. */
export async function foldRun({ stateDir, runId }: KeptPlace, longest: number): Promise<Kept<FoldedRun>> {
  const folder = runFolder(stateDir, runId);
  if (!folder.ok) return refused(folder.problem.code, folder.problem.message);
  const found = await findRun(stateDir, runId);
  if (!found.ok) return refused(found.problem.code, journalProblemSentence(found.problem));
  const tree = new RunTree(longest);
  const read = await readRunFolder(folder.value, (event) => {
    tree.add(event);
  });
  const problems = read.ok ? read.value.findings : [read.problem];
  const [first] = problems;
  if (tree.started === null)
    return first === undefined
      ? refused("run.not_begun", "the run was cut before its first event was kept; nothing was done")
      : refused(first.code, journalProblemSentence(first));
  return { ok: true, value: { tree, folder: folder.value, notes: problems.map(journalProblemSentence) } };
}

/** The text. `now`: milliseconds since 1970. */
export async function inspectionText(place: KeptPlace, now: number): Promise<Kept<string>> {
  const folded = await foldRun(place, MAX_VALUE);
  if (!folded.ok) return folded;
  const { tree, folder, notes } = folded.value;
  const kinds = await pinnedKinds(folder, tree.resumed.at(-1)?.documents ?? tree.started?.documents ?? []);
  const found = await findRun(place.stateDir, place.runId);
  const lines = notes.map((note) => `Note: ${note}`);
  if (lines.length > 0) lines.push("");
  writeInspection(
    tree,
    {
      style: plainPaint,
      width: Number.POSITIVE_INFINITY,
      full: true,
      now,
      status: found.ok ? found.value.status : (tree.ended?.outcome ?? "open"),
      kindOf: (document, node) => kinds.get(document)?.get(node) ?? "",
      answerWith: `countersign resume ${place.runId} --state-dir ${JSON.stringify(place.stateDir)}`,
    },
    (line) => lines.push(line),
  );
  return { ok: true, value: `${lines.join("\n")}\n` };
}
