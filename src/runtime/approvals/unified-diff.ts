/**
 * The difference of two texts, line by line, in the unified form that people know. Pure.
 *
 * Invariant: bounded. Texts that differ in more than {@link MAX_EDITS} places are shown as wholly replaced, which is
 * true and takes no time to find out.
 */

/** Most inserted and removed lines that are looked for one by one. */
const MAX_EDITS = 1000;
/** Unchanged lines around a change. */
const CONTEXT = 3;

type Edit = { readonly mark: " " | "-" | "+"; readonly line: string };

/** Lines of a unified difference, without the two lines of names; none when the texts are equal. */
export function unifiedDiff(before: string, after: string): readonly string[] {
  if (before === after) return [];
  const edits = difference(linesOf(before), linesOf(after));
  return hunks(edits);
}

/** A last line without its line feed is another line than one with it. */
function linesOf(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  else lines[lines.length - 1] += "\n\\ No newline at end of file";
  return lines;
}

function difference(a: readonly string[], b: readonly string[]): Edit[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const kept = (line: string): Edit => ({ mark: " ", line });
  return [
    ...a.slice(0, start).map(kept),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(kept),
  ];
}

/** The shortest edit (Myers, "An O(ND) Difference Algorithm", 1986), or everything replaced where it is too long. */
function middle(a: readonly string[], b: readonly string[]): Edit[] {
  const rounds: Map<number, number>[] = [];
  let ends = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= Math.min(MAX_EDITS, a.length + b.length); d++) {
    rounds.push(new Map(ends));
    const next = new Map(ends);
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (next.get(k - 1) ?? -1) < (next.get(k + 1) ?? -1));
      let x = down ? (next.get(k + 1) ?? 0) : (next.get(k - 1) ?? 0) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      next.set(k, x);
      if (x >= a.length && y >= b.length) return backwards(a, b, rounds);
    }
    ends = next;
  }
  return [...a.map((line): Edit => ({ mark: "-", line })), ...b.map((line): Edit => ({ mark: "+", line }))];
}

/** Walks the rounds back from the end and gives the edits in order. */
function backwards(a: readonly string[], b: readonly string[], rounds: readonly Map<number, number>[]): Edit[] {
  const edits: Edit[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = rounds.length - 1; d >= 0; d--) {
    const ends = rounds[d] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -d || (k !== d && (ends.get(k - 1) ?? -1) < (ends.get(k + 1) ?? -1));
    const from = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : (ends.get(from) ?? 0);
    const fromY = d === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY) {
      edits.push({ mark: " ", line: a[--x] ?? "" });
      y--;
    }
    if (d === 0) break;
    if (down) edits.push({ mark: "+", line: b[--y] ?? "" });
    else edits.push({ mark: "-", line: a[--x] ?? "" });
  }
  return edits.reverse();
}

function hunks(edits: readonly Edit[]): string[] {
  const out: string[] = [];
  let oldLine = 1;
  let newLine = 1;
  let at = 0;
  while (at < edits.length) {
    const first = edits.findIndex((edit, i) => i >= at && edit.mark !== " ");
    if (first < 0) break;
    const from = Math.max(at, first - CONTEXT);
    oldLine += from - at;
    newLine += from - at;
    let to = first;
    for (let i = first; i < edits.length && i - to <= 2 * CONTEXT; i++) if (edits[i]?.mark !== " ") to = i;
    to = Math.min(edits.length, to + 1 + CONTEXT);
    const hunk = edits.slice(from, to);
    const removed = hunk.filter(({ mark }) => mark !== "+").length;
    const added = hunk.filter(({ mark }) => mark !== "-").length;
    out.push(`@@ -${range(oldLine, removed)} +${range(newLine, added)} @@`);
    for (const { mark, line } of hunk) out.push(...`${mark}${line}`.split("\n"));
    oldLine += removed;
    newLine += added;
    at = to;
  }
  return out;
}

function range(start: number, count: number): string {
  if (count === 0) return `${start - 1},0`;
  return count === 1 ? String(start) : `${start},${count}`;
}
