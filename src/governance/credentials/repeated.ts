/**
 * Repeated members of JSON objects, which parsers settle in different ways: what one reader sees as trusted another
 * would not. Pure, linear in the text's length.
 */

/** The first name that stands twice in one object of a valid JSON text; null when none does. */
export function repeatedMember(text: string): string | null {
  /** The names of each open object; null for an open list. */
  const open: (Set<string> | null)[] = [];
  const token = /"(?:[^"\\]+|\\.)*"(\s*:)?|[{}[\]]/gsu;
  for (const [found, colon] of text.matchAll(token)) {
    if (found === "{") open.push(new Set());
    else if (found === "[") open.push(null);
    else if (found === "}" || found === "]") open.pop();
    else if (colon !== undefined) {
      const name = JSON.parse(found.slice(0, -colon.length)) as string;
      const names = open.at(-1);
      if (names?.has(name) === true) return name;
      names?.add(name);
    }
  }
  return null;
}
