/**
 * Which of the configurations of a window keep runs, and where (spec/editor.md §7). Knows nothing of VS Code.
 *
 * Invariants: each place is listed once, under the configuration that comes first; only a folder's own configuration
 * leaves its runs to the extension's storage.
 */

/** A configuration that was found; `of`: whatever its finder knows of it. */
export interface FoundConfiguration<T> {
  /** The state directory that it names; null: it names none, or cannot be read. */
  readonly named: string | null;
  /** It is that of a workspace folder itself, there or not, and none of a folder below. */
  readonly isOwn: boolean;
  readonly of: T;
}

/** Places of runs, as absolute paths, with their configurations, in the order in which they were found. */
export function placesOfRuns<T>(
  found: readonly FoundConfiguration<T>[],
  storage: string,
): ReadonlyMap<string, FoundConfiguration<T>> {
  const places = new Map<string, FoundConfiguration<T>>();
  for (const one of found) {
    // One below that names none, or cannot be read, keeps no runs of its own.
    const place = one.named ?? (one.isOwn ? storage : null);
    if (place !== null && !places.has(place)) places.set(place, one);
  }
  return places;
}
