/**
 * The stages of a `spec.kv` as blocks of lines that can be renumbered, taken out, moved and added
 * (spec/pipeline.md §3: stages and dependencies are numbered, and the lines have one order).
 *
 * Invariant: lines that say the same as before stay as they are; of a line that is renumbered only the number changes.
 */
import { deleteAt, insertAt, type TextEdit } from "../../edits/edit.ts";
import { lineEnding } from "../../edits/lines.ts";
import { Refusal } from "../../edits/refusal.ts";
import { readLines, type KvEntry } from "../lines.ts";
import { readSpec, type PipelineSpec } from "../schema.ts";

/** A stage as it shall be. `from`: its position before; null for a new one. `after`: positions in the new order. */
export interface StagePlan {
  readonly from: number | null;
  readonly id: string;
  readonly stage: string;
  readonly after: readonly number[] | null;
  /** Its lines are cut out and stand elsewhere: other stages keep theirs. */
  readonly moved?: boolean;
}

/** A pipeline that can be changed stage by stage. */
export interface StageText {
  readonly text: string;
  readonly spec: PipelineSpec;
  readonly entries: readonly KvEntry[];
}

/** Reads a text, comments and blank lines allowed; refuses one whose stages cannot be told apart. */
export function readStages(text: string, file: string): StageText {
  const lines = readLines(text, file);
  const read = readSpec({ ...lines, problems: [] }, file, true);
  if (read.ok && !lines.unreadable) return { text, spec: read.spec, entries: lines.entries };
  const why = read.ok ? "a line could not be read" : (read.problems[0]?.message ?? "a line is wrong");
  throw new Refusal("edit_unsafe", `the pipeline has an error, so its stages are not renumbered: ${why}`);
}

interface Line {
  /** The line before, without its line break; null for a new one. */
  readonly source: number | null;
  readonly text: string;
}

/** Edits that make `stages` of the stages of a text. */
export function rewriteStages(pipeline: StageText, stages: readonly StagePlan[]): TextEdit[] {
  const starts = lineStartsOf(pipeline.text);
  const raw = starts.map((start, i) => contentOf(pipeline.text, start, starts[i + 1] ?? pipeline.text.length));
  const entryAt = new Map(pipeline.entries.map((entry) => [entry.line, entry]));
  const blocks = blocksOf(pipeline, raw.length);
  const first = blocks[0]?.[0] ?? raw.length;
  const last = blocks.at(-1)?.[1] ?? raw.length;
  const kept = (from: number, to: number): Line[] => raw.slice(from, to).map((text, i) => ({ source: from + i, text }));
  const made = stages.flatMap((stage, index) => {
    const block = stage.from === null ? undefined : blocks[stage.from];
    if (block === undefined) return newLines(index, stage);
    const lines = changedLines(raw, block, entryAt, index, stage);
    return stage.moved === true ? lines.map(({ text }) => ({ source: null, text })) : lines;
  });
  return lineEdits(pipeline.text, starts, raw, [...kept(0, first), ...made, ...kept(last, raw.length)]);
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  if (starts.at(-1) === text.length) starts.pop();
  return starts;
}

function contentOf(text: string, from: number, to: number): string {
  return text.slice(from, to).replace(/\r?\n$/, "");
}

/** The lines of each stage: from behind the stage before it to its own last line, comments above included. */
function blocksOf({ entries }: StageText, lineCount: number): [number, number][] {
  const blocks: [number, number][] = [];
  let end = 0;
  for (const { key, line } of entries) {
    const index = /^single_ring\.stages\.([0-9]+)\./.exec(key)?.[1];
    if (index === undefined) end = line + 1;
    else {
      const block = (blocks[Number(index)] ??= [Math.min(end, lineCount), line + 1]);
      block[1] = line + 1;
      end = line + 1;
    }
  }
  return blocks;
}

function stageLines(index: number, { id, stage, after }: StagePlan): { key: string; value: string }[] {
  const base = `single_ring.stages.${index}`;
  const lines = [
    { key: `${base}.id`, value: id },
    { key: `${base}.stage`, value: stage },
  ];
  if (after === null) return lines;
  lines.push({ key: `${base}.depends_on.count`, value: String(after.length) });
  after.forEach((one, i) => lines.push({ key: `${base}.depends_on.${i}`, value: String(one) }));
  return lines;
}

function newLines(index: number, stage: StagePlan): Line[] {
  return stageLines(index, stage).map(({ key, value }) => ({ source: null, text: `${key}=${value}` }));
}

/** A stage's lines with its new number and dependencies; comments between them stay where they are. */
function changedLines(
  raw: readonly string[],
  [from, to]: readonly [number, number],
  entryAt: ReadonlyMap<number, KvEntry>,
  index: number,
  stage: StagePlan,
): Line[] {
  const wanted = stageLines(index, stage);
  const bare = (key: string): string => key.replace(/^single_ring\.stages\.[0-9]+\./, "");
  const made: Line[] = [];
  for (let line = from; line < to; line++) {
    const entry = entryAt.get(line);
    if (entry === undefined) {
      made.push({ source: line, text: raw[line] ?? "" });
      continue;
    }
    const next = wanted[0];
    if (next === undefined || bare(next.key) !== bare(entry.key)) continue;
    wanted.shift();
    made.push({ source: line, text: `${next.key}=${next.value}` });
  }
  return [...made, ...wanted.map(({ key, value }) => ({ source: null, text: `${key}=${value}` }))];
}

/** Edits that turn the old lines into the new ones; sources that are kept come in ascending order. */
function lineEdits(
  text: string,
  starts: readonly number[],
  raw: readonly string[],
  lines: readonly Line[],
): TextEdit[] {
  const eol = lineEnding(text);
  const kept = new Set(lines.map(({ source }) => source));
  const edits = starts
    .map((start, i) => ({ i, range: [start, starts[i + 1] ?? text.length] as const }))
    .filter(({ i }) => !kept.has(i))
    .map(({ range }) => deleteAt(range));
  let at = 0;
  for (const line of lines) {
    if (line.source === null) {
      const open = at > 0 && text[at - 1] !== "\n";
      edits.push(insertAt(at, open ? eol + line.text : line.text + eol));
      continue;
    }
    const start = starts[line.source] ?? text.length;
    const before = raw[line.source] ?? "";
    const [split, now] = [before.indexOf("=") + 1, line.text.indexOf("=") + 1];
    // The number in the key and the one behind `=` are changes of their own.
    edits.push(...within(start, before.slice(0, split), line.text.slice(0, now)));
    edits.push(...within(start + split, before.slice(split), line.text.slice(now)));
    at = starts[line.source + 1] ?? text.length;
  }
  return edits;
}

/** The part of a stretch of a line that changes. */
function within(start: number, before: string, now: string): TextEdit[] {
  if (before === now) return [];
  let from = 0;
  while (from < before.length && before[from] === now[from]) from++;
  let back = 0;
  while (back < Math.min(before.length, now.length) - from && before.at(-1 - back) === now.at(-1 - back)) back++;
  const range = [start + from, start + before.length - back] as const;
  return [{ range, text: now.slice(from, now.length - back) }];
}
