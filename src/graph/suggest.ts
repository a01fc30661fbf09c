/**
 * "Did you mean": the nearest of a set of names (DESIGN.md "Diagnostics").
 *
 * Boundary: pure text. Invariant: a suggestion is always one of the candidates, never the name itself, and the
 * same question always has the same answer (ties go to the candidate that comes first).
 */

/** Longer names are not compared: nobody mistypes them, and the cost is quadratic. */
const MAX_LENGTH = 128;

/**
 * The candidate an author most likely meant by `name`, or null when none is near. Near means a third of the
 * longer name's length in edits (insert, delete, replace, swap of neighbours; at least 1, at most 3, never all of it),
 * or equal but
 * for case and `_`, `-` and blanks.
 */
export function suggest(name: string, candidates: Iterable<string>): string | null {
  if (name === "" || name.length > MAX_LENGTH) return null;
  const plain = folded(name);
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    if (candidate === name || candidate === "" || candidate.length > MAX_LENGTH) continue;
    if (plain !== "" && folded(candidate) === plain) {
      if (bestDistance > 0) [best, bestDistance] = [candidate, 0];
      continue;
    }
    const limit = Math.min(allowed(name, candidate), bestDistance - 1);
    if (limit < 1 || Math.abs(name.length - candidate.length) > limit) continue;
    const distance = editDistance(name, candidate, limit);
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
 * swapped neighbouring UTF-16 units that turns `a` into `b`. Above `limit` the answer is only some number above it.
 */
export function editDistance(a: string, b: string, limit = Infinity): number {
  let [before, above, row] = [new Int32Array(b.length + 1), new Int32Array(b.length + 1), new Int32Array(b.length + 1)];
  for (let j = 0; j <= b.length; j++) above[j] = j;
  for (let i = 1; i <= a.length; i++) {
    const unit = a.charCodeAt(i - 1);
    const earlier = i > 1 ? a.charCodeAt(i - 2) : -1;
    let least = i;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const other = b.charCodeAt(j - 1);
      let cell = Math.min(above[j] as number, row[j - 1] as number) + 1;
      cell = Math.min(cell, (above[j - 1] as number) + (unit === other ? 0 : 1));
      if (j > 1 && earlier === other && unit === b.charCodeAt(j - 2)) {
        cell = Math.min(cell, (before[j - 2] as number) + 1);
      }
      row[j] = cell;
      if (cell < least) least = cell;
    }
    // A swap may still use the row before this one, which costs at least one more.
    if (least > limit + 1) return least;
    [before, above, row] = [above, row, before];
  }
  return above[b.length] as number;
}

function allowed(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  return Math.min(3, longer - 1, Math.max(1, Math.floor(longer / 3)));
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[_\-\s]/g, "");
}
