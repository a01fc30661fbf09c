/**
 * What somebody does to a document. Places are shares of the text's length, so that a list of actions can be played
 * again with some of them left out.
 */
import type { Corpus } from "./corpus.ts";
import { between, pick } from "./random.ts";

/** One thing that is done. `at: null` means where the cursor is. */
export type Action =
  | { readonly do: "type"; readonly at: number | null; readonly text: string }
  | { readonly do: "erase"; readonly at: number | null; readonly count: number }
  | { readonly do: "paste"; readonly at: number; readonly text: string; readonly instead: number }
  | { readonly do: "cut lines"; readonly at: number; readonly count: number }
  | { readonly do: "move line"; readonly at: number; readonly to: number }
  | { readonly do: "repeat"; readonly at: number; readonly length: number; readonly times: number }
  | { readonly do: "undo"; readonly count: number }
  | { readonly do: "line endings"; readonly ending: string }
  | { readonly do: "restore" }
  | {
      readonly do: "ask";
      readonly which: number;
      readonly at: number;
      readonly name: string;
      /** Whether the answer is waited for before anything else is done, and edits in it are made. */
      readonly then: "wait" | "go on" | "apply";
    }
  | { readonly do: "settle" };

const scraps: readonly string[] = [
  ...[
    '"',
    "'",
    '"""',
    "'''",
    "[",
    "]",
    "{",
    "}",
    "[[",
    "]]",
    "[[nodes]]\n",
    "[[edges]]\n",
    "=",
    ":",
    "- ",
    "\n",
    "\n\n",
  ],
  ...[
    "\t",
    "\r\n",
    "\r",
    "#",
    "&a ",
    "*a",
    "<<: *a\n",
    "? ",
    "|\n",
    ">\n",
    "---\n",
    "...\n",
    "{{",
    "}}",
    "{{a.b}}",
    "..",
  ],
  ...[
    "__proto__",
    "constructor",
    "trigger",
    "1e999",
    "-0",
    "0x",
    "nan",
    "inf",
    "true",
    "null",
    "~",
    "\u2028",
    "\u0085",
  ],
  ...[
    "😀",
    "é",
    "e\u0301",
    "日本",
    "\ufeff",
    "\u0000",
    "  ",
    "\\",
    "\\u",
    "${",
    "=x\n",
    "v=1\n",
    "stage=",
    "steps:\n  - ",
  ],
  ...["# countersign: ignore no_policy\n", "id: ", 'id = "', 'type = "', "when = ", "context:\n", 'input_from = "'],
];
const names: readonly string[] = ["fresh", "new_name", "a.b", "", "ü", "trigger", '"', "with space", "x".repeat(80)];

/** So many random actions on a document of the corpus. */
export function randomActions(random: () => number, { lines, files, documents }: Corpus, count: number): Action[] {
  const at = (): number => random();
  const line = (): string => pick(random, lines);
  const some: readonly (readonly [weight: number, make: () => Action])[] = [
    [18, () => ({ do: "type", at: at(), text: line().slice(0, between(random, 1, 24)) })],
    [10, () => ({ do: "type", at: null, text: line().slice(0, between(random, 1, 24)) })],
    [14, () => ({ do: "type", at: at(), text: pick(random, scraps) })],
    [6, () => ({ do: "type", at: null, text: pick(random, scraps) })],
    [8, () => ({ do: "erase", at: at(), count: between(random, 1, 16) })],
    [8, () => ({ do: "erase", at: null, count: between(random, 1, 16) })],
    [6, () => ({ do: "paste", at: at(), text: `${line()}\n${line()}\n`, instead: between(random, 0, 40) })],
    [4, () => ({ do: "paste", at: at(), text: pick(random, scraps), instead: between(random, 0, 200) })],
    [1, () => ({ do: "paste", at: at(), text: files.get(pick(random, documents)) ?? "", instead: 0 })],
    [5, () => ({ do: "cut lines", at: at(), count: between(random, 1, 6) })],
    [3, () => ({ do: "move line", at: at(), to: at() })],
    [1, () => ({ do: "repeat", at: at(), length: between(random, 1, 400), times: between(random, 2, 20) })],
    [14, () => ({ do: "undo", count: between(random, 1, 12) })],
    [1, () => ({ do: "line endings", ending: pick(random, ["\n", "\r\n", "\r"]) })],
    [3, () => ({ do: "restore" })],
    [
      36,
      () => ({
        do: "ask",
        which: random(),
        at: at(),
        name: pick(random, names),
        then: pick(random, ["wait", "wait", "go on", "apply"]),
      }),
    ],
    [5, () => ({ do: "settle" })],
  ];
  const total = some.reduce((sum, [weight]) => sum + weight, 0);
  return Array.from({ length: count }, () => {
    let left = random() * total;
    for (const [weight, make] of some) {
      left -= weight;
      if (left < 0) return make();
    }
    return { do: "settle" };
  });
}
