/**
 * "Did you mean": the nearest of a set of names (DESIGN.md "Diagnostics").
 *
 * Boundary: pure text. Invariant: a suggestion is always one of the candidates, never the name itself, and the
 * same question always has the same answer (ties go to the candidate that comes first).
 */

/** Longer names are not compared: nobody mistypes them, and the cost is quadratic. */
const MAX_LENGTH = 128;

/** Work that one question may cost, in table cells; candidates beyond it are not looked at. */
const MAX_CELLS = 2_000_000;

/**
 * The candidate an author most likely meant by `name`, or null when none is near. Near means a third of the
 * longer name's length in edits (insert, delete, replace, swap of neighbours; at least 1, at most 3), or equal but
 * for case and `_`, `-` and blanks.
 */
export function suggest(name: string, candidates: Iterable<string>): string | null {
  if (name === "" || name.length > MAX_LENGTH) return null;
  const plain = folded(name);
  let best: string | null = null;
  let bestDistance = Infinity;
  let cells = 0;
  for (const candidate of candidates) {
    if (candidate === name || candidate === "" || candidate.length > MAX_LENGTH) continue;
    if (plain !== "" && folded(candidate) === plain) {
      if (bestDistance > 0) [best, bestDistance] = [candidate, 0];
      continue;
    }
    const limit = Math.min(allowed(name, candidate), bestDistance - 1);
    if (limit < 1 || Math.abs(name.length - candidate.length) > limit) continue;
    cells += name.length * candidate.length;
    if (cells > MAX_CELLS) break;
    const distance = editDistance(name, candidate);
    if (distance <= limit) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `; did you mean …?`, or nothing, to be put behind a sentence. */
export function didYouMean(suggestion: string | null): string {
  return suggestion === null ? "" : `; did you mean \`${suggestion}\`?`;
}

/**
 * Damerau–Levenshtein distance (optimal string alignment): the least number of inserted, deleted, replaced or
 * swapped neighbouring UTF-16 units that turns `a` into `b`.
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let least = Math.min(
        (above[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (above[j - 1] as number) + (same ? 0 : 1),
      );
      const swapped =
        i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (swapped) least = Math.min(least, (before[j - 2] as number) + 1);
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length] as number;
}

function allowed(a: string, b: string): number {
  return Math.min(3, Math.max(1, Math.floor(Math.max(a.length, b.length) / 3)));
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[_\-\s]/g, "");
}
