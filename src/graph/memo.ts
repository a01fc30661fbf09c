/** What is derived from something immutable is derived once: remembered for as long as that thing lives. */

/** The same function, which remembers its answers by the identity of what it was asked about. */
export function perObject<K extends object, V>(derive: (from: K) => V): (from: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (from) => {
    const found = known.get(from);
    if (found !== undefined) return found.value;
    const value = derive(from);
    known.set(from, { value });
    return value;
  };
}
