/** Keys for elements that are known by names which need not be unique, or there at all. */

/** One key for each name: the name itself, with a running number behind it where that key is taken. */
export function keyedByName(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  return names.map((name) => {
    if (name !== "" && !seen.has(name)) {
      seen.add(name);
      return name;
    }
    let count = counts.get(name) ?? (name === "" ? 0 : 1);
    let key: string;
    do key = `${name === "" ? "(no name)" : name} #${++count}`;
    while (taken.has(key));
    counts.set(name, count);
    return key;
  });
}
