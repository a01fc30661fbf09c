/** Small parts of resolving: constants, closures' slots, and what is said of functions that do not exist. */
import type { Term } from "./ast.ts";
import type { Node } from "./ir.ts";
import { dottedName } from "./parse-term.ts";
import { objectOf, setOf, type Entry, type RegoValue } from "./value.ts";

/** Functions of the reference that are left out on purpose, by what they would need. */
const leftOut: readonly (readonly [RegExp, string])[] = [
  [
    /^(http\.send|net\.lookup_ip_addr|opa\.runtime|providers\..*|rego\.metadata\..*)$/,
    "policy code has no access to the world",
  ],
  [/^(rand\.intn|uuid\..*)$/, "a decision must not hang on chance"],
  [/^(any|all|re_match|set_diff|cast_.*|net\.cidr_overlap)$/, "it is no part of Rego v1"],
];

/** The one function that takes any number of arguments and holds whatever they are. */
export const PRINT = "print";

/** Why a name cannot be called. */
export function unknownFunction(name: string): string {
  const why = leftOut.find(([pattern]) => pattern.test(name))?.[1];
  return why === undefined
    ? `\`${name}\` is neither a function of the policy nor a built-in of this evaluator`
    : `\`${name}\` is not supported: ${why}`;
}

/** The slots that were there before a closure's own. */
export function before(uses: ReadonlySet<number>, from: number): ReadonlySet<number> {
  return new Set([...uses].filter((slot) => slot < from));
}

/** A term of constants is a constant. */
export function folded(node: Node & { type: "array" | "set" | "object" }): Node {
  if (node.type === "object") {
    const entries: Entry[] = [];
    for (const [key, value] of node.entries) {
      if (key.type !== "const" || value.type !== "const") return node;
      entries.push([key.value, value.value]);
    }
    const made = objectOf(entries);
    return made.size === entries.length ? { type: "const", value: made } : node;
  }
  const items: RegoValue[] = [];
  for (const item of node.items) {
    if (item.type !== "const") return node;
    items.push(item.value);
  }
  return { type: "const", value: node.type === "array" ? items : setOf(items) };
}

/** The parts of a fixed reference, for queries; null for anything else. */
export function fixedReference(term: Term): readonly string[] | null {
  return dottedName(term);
}
