/** Words of a declared act that mean nothing: they are taken for another without a sound (spec/skill-graph.md §6.6). */
import { actWords, type ActKey } from "../act.ts";
import type { Fix, Place } from "../diagnostic.ts";
import { didYouMean } from "../suggest.ts";
import { named, type Check } from "./check.ts";

/** Literals of an act that are none of the words which their key takes. */
export const acts: Check = {
  codes: ["act_word"],
  speed: "fast",
  run: (view, _context, report) => {
    const { act } = view.graph;
    if (act === undefined) return;
    for (const [key, { words, other }] of Object.entries(actWords) as [ActKey, Words][]) {
      // Read as receipts read it: without blanks around it, in any case.
      const word = act.fields[key]?.trim().toLowerCase() ?? "";
      if (word === "" || words.includes(word)) continue;
      const near = view.near(word, words);
      const at: Place = { path: [...act.at, key], part: "value" };
      const fixes: Fix[] = near === null ? [] : [{ type: "replace", title: `Change to \`${near}\``, at, text: near }];
      const hint = near === null ? `; the words are ${named(words)}` : didYouMean(near);
      report("act_word", at, `\`${key}\` knows no word \`${word}\`, which then counts as \`${other}\`${hint}`, {
        fixes,
      });
    }
  },
};

interface Words {
  readonly words: readonly string[];
  readonly other: string;
}
