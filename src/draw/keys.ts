/** Keys for elements that are known by names which need not be unique, or there at all. */

/** Names that every object has a member for; nothing that keeps something by key may meet one. */
const inherited: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** One key for each name: the name itself, with a running number behind it where that key is taken or inherited. */
export function keyedByName(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  return names.map((name) => {
    const usable = name !== "" && !inherited.has(name);
    if (usable && !seen.has(name)) {
      seen.add(name);
      return name;
    }
    let count = counts.get(name) ?? (usable ? 1 : 0);
    let key: string;
    do key = `${name === "" ? "(no name)" : name} #${++count}`;
    while (taken.has(key));
    counts.set(name, count);
    return key;
  });
}
