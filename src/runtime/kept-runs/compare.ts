/**
 * Two kept runs held against each other: what they did, in two texts that are equal where the runs were, and a summary.
 *
 * Invariants: a text depends on its run alone and holds no ids and no times but in its last section, so that equal
 * runs differ only there; visits stand in the order in which they were entered, children below their node.
 */
import path from "node:path";
import { parseJson } from "../../graph/json.ts";
import { toPrettyText } from "../../graph/value.ts";
import { fileOf, type Kept, type KeptPlace } from "./past.ts";
import { clean, count } from "./plain.ts";
import type { EffectView, FrameView, RunTree, VisitView } from "./run-tree.ts";
import { foldRun } from "./text.ts";
import { duration } from "./time.ts";

/** Longest value that is compared, in characters, and longest that is laid out in lines. */
const MAX_VALUE = 256 * 1024;
const MAX_PRETTY = 64 * 1024;

/** What came of a comparison. */
export interface RunComparison {
  readonly left: string;
  readonly right: string;
  /** Nothing differs but times. */
  readonly same: boolean;
  /** One sentence or two, without names. */
  readonly summary: string;
}

/** Compares two runs, of one document or of two. A damaged journal is compared as far as it can be read. */
export async function compareRuns(left: KeptPlace, right: KeptPlace): Promise<Kept<RunComparison>> {
  const a = await foldRun(left, MAX_VALUE);
  if (!a.ok) return a;
  const b = await foldRun(right, MAX_VALUE);
  if (!b.ok) return b;
  return { ok: true, value: compareTrees(a.value.tree, b.value.tree) };
}

/** One run in the form in which runs are compared. */
export async function walkText(place: KeptPlace): Promise<Kept<string>> {
  const folded = await foldRun(place, MAX_VALUE);
  return folded.ok ? { ok: true, value: textOf(folded.value.tree).text } : folded;
}

/** As {@link compareRuns}, of what has been read. */
export function compareTrees(a: RunTree, b: RunTree): RunComparison {
  const [left, right] = [textOf(a), textOf(b)];
  return {
    left: left.text,
    right: right.text,
    same: left.body === right.body,
    summary: summaryOf(a, b, left.body === right.body),
  };
}

function textOf(tree: RunTree): { readonly text: string; readonly body: string } {
  const { started, root } = tree;
  const lines: string[] = [];
  if (started !== null) {
    lines.push(`${clean(path.basename(fileOf(started.root)))} (${clean(started.workflow)})`);
    lines.push(`start        ${clean(started.start ?? "-")}`);
    lines.push(`environment  ${clean(started.environment)}`);
    lines.push(`for real     ${started.options.dryRun === "no" ? "yes" : `no, a dry run (${started.options.dryRun})`}`);
    value(lines, "", "input", valueText(started.input));
  }
  lines.push(`outcome      ${outcomeOf(tree)}`);
  const reason = tree.ended?.reason ?? root?.reason ?? null;
  if (reason !== null) lines.push(`reason       ${clean(reason)}`);
  value(lines, "", "value", root?.value ?? null);
  lines.push("");
  if (root !== null) frame(lines, root, "");
  const body = `${lines.join("\n")}\n`;
  const times = root === null ? [] : timesOf(root, "");
  const total = started === null ? 0 : Math.max(0, tree.lastAt - started.at);
  const section = [
    "",
    "times",
    `  the run  ${duration(total)}`,
    ...times.map(([name, ms]) => `  ${name}  ${duration(ms)}`),
  ];
  return { body, text: `${body}${section.join("\n")}\n` };
}

function outcomeOf({ ended, asks }: RunTree): string {
  if (ended !== null) return ended.outcome;
  const open = [...asks.values()].some(({ answer }) => answer === null);
  return open ? "paused" : "not ended";
}

function valueText(value: Parameters<typeof toPrettyText>[0]): string | null {
  return value === null ? null : toPrettyText(value);
}

/** A value in lines of its own, so that a change in it is a change of few lines. */
function value(lines: string[], indent: string, name: string, text: string | null): void {
  if (text === null || text === "null") return;
  const parsed = text.length > MAX_PRETTY ? null : parseJson(text);
  const shown = parsed?.ok === true ? toPrettyText(parsed.value) : text;
  const [first = "", ...more] = shown.split("\n").map(clean);
  lines.push(`${indent}${name.padEnd(12)} ${first}`, ...more.map((line) => `${indent}${line}`));
}

function frame(lines: string[], { visits }: FrameView, indent: string): void {
  for (const visit of visits) {
    const { node, visit: times, label, assumed, reason, output, editedBy } = visit;
    const again = times > 1 ? ` (visit ${times})` : "";
    const to = label === null ? "" : ` -> ${clean(label)}`;
    lines.push(`${indent}${clean(node)}${again}: ${states[visit.state]}${to}${assumed ? " (assumed)" : ""}`);
    const inner = `${indent}    `;
    for (const { attempt, message } of visit.failedAttempts)
      lines.push(`${inner}attempt ${attempt} failed: ${clean(message)}`);
    for (const effect of visit.effects) lines.push(...effectLines(effect, inner));
    for (const { subject, reason: why, answer } of visit.asks) {
      const said = answer === null ? "open" : answer.approved ? "approved" : "denied";
      lines.push(`${inner}asked (${subject}): ${said}${why === null ? "" : `: ${clean(why)}`}`);
    }
    for (const child of visit.frames) {
      lines.push(`${inner}child ${clean(path.basename(fileOf(child.document)))}: ${child.status ?? "open"}`);
      frame(lines, child, `${inner}    `);
    }
    if (reason !== null) lines.push(`${inner}${clean(reason)}`);
    if (editedBy !== null) lines.push(`${inner}output edited by hand`);
    value(lines, inner, "output", output);
  }
}

const states: Readonly<Record<VisitView["state"], string>> = {
  open: "not ended",
  continue: "done",
  terminate: "ended the run",
  fail: "failed the run",
  skip: "skipped",
  error: "failed",
  caught: "failed",
};

function effectLines({ kind, what, attempt, decision, code, end, started }: EffectView, indent: string): string[] {
  const again = attempt > 1 ? ` (attempt ${attempt})` : "";
  const lines = [`${indent}effect ${kind} ${clean(what)}${again}: ${decision} (${code})`];
  if (end === null) {
    if (started) lines.push(`${indent}    started; its end is not known`);
    return lines;
  }
  const by = end.by === "performer" || end.by === "engine" ? "" : ` (${end.by})`;
  value(lines, `${indent}    `, `${end.ok ? "ok" : "failed"}${by}`, end.text === "null" ? '""' : end.text);
  return lines;
}

/** How long each visit took, by its place. */
function timesOf({ visits }: FrameView, prefix: string): (readonly [string, number])[] {
  return visits.flatMap((visit): (readonly [string, number])[] => {
    const name = `${prefix}${clean(visit.node)}${visit.visit > 1 ? `#${visit.visit}` : ""}`;
    const inner = visit.frames.flatMap((child) => timesOf(child, `${name} / `));
    const took = visit.endedAt === null ? [] : [[name, Math.max(0, visit.endedAt - visit.enteredAt)] as const];
    return [...took, ...inner];
  });
}

/** What a visit came to, for counting. */
interface Place {
  readonly how: string;
  readonly output: string | null;
  readonly effects: string;
}

function placesOf(root: FrameView | null): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const walk = ({ frame: name, visits }: FrameView): void => {
    for (const visit of visits) {
      places.set(JSON.stringify([name, visit.node, visit.visit]), {
        how: `${states[visit.state]} ${visit.label ?? ""}`,
        output: visit.output,
        effects: visit.effects.flatMap((effect) => effectLines(effect, "")).join("\n"),
      });
      visit.frames.forEach(walk);
    }
  };
  if (root !== null) walk(root);
  return places;
}

function summaryOf(a: RunTree, b: RunTree, same: boolean): string {
  const [first, second] = [placesOf(a.root), placesOf(b.root)];
  const took = ({ started, lastAt }: RunTree): string =>
    duration(started === null ? 0 : Math.max(0, lastAt - started.at));
  const times = `They took ${took(a)} and ${took(b)}.`;
  if (same) return `The runs did the same: ${count(first.size, "visit")}, ${outcomeOf(a)}. ${times}`;
  const parts: string[] = [];
  const [before, after] = [outcomeOf(a), outcomeOf(b)];
  if (before !== after) parts.push(`the first ${before}, the second ${after}`);
  const only = (one: ReadonlyMap<string, Place>, other: ReadonlyMap<string, Place>): number =>
    [...one.keys()].filter((key) => !other.has(key)).length;
  const [onlyFirst, onlySecond] = [only(first, second), only(second, first)];
  if (onlyFirst > 0) parts.push(`${count(onlyFirst, "visit")} only in the first`);
  if (onlySecond > 0) parts.push(`${count(onlySecond, "visit")} only in the second`);
  const differing = (of: (place: Place) => string | null): number =>
    [...first].filter(([key, place]) => {
      const other = second.get(key);
      return other !== undefined && of(place) !== of(other);
    }).length;
  const tell = (n: number, one: string): void => {
    if (n > 0) parts.push(`${one} differ at ${count(n, "node")}`);
  };
  tell(
    differing(({ how }) => how),
    "ways out",
  );
  tell(
    differing(({ output }) => output),
    "values",
  );
  tell(
    differing(({ effects }) => effects),
    "effects",
  );
  if (parts.length === 0) parts.push("what they were given, or where, is not the same");
  return `The runs differ: ${parts.join("; ")}. ${times}`;
}
