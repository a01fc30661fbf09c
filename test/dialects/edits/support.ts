/** Opening documents and carrying intents out, for the tests of text edits. */
import { definitions } from "../../../src/kinds/definitions.generated.ts";
import { applyEdits, type TextEdit } from "../../../src/dialects/edits/edit.ts";
import type { Intent } from "../../../src/dialects/edits/intent.ts";
import { planEdits } from "../../../src/dialects/edits/plan.ts";
import type { LiveDocument } from "../../../src/dialects/live/live.ts";
import { createOpenLive } from "../../../src/dialects/live/open.ts";

const openLive = createOpenLive({ kinds: definitions });

/** A document that must be ours. */
export function open(text: string, file: string): LiveDocument {
  const document = openLive(text, file);
  if (document === null) throw new Error(`${file} is no document of ours`);
  return document;
}

/** The text after an intent; its code in brackets when it is refused. */
export function edited(text: string, file: string, ...intents: readonly Intent[]): string {
  return intents.reduce((before, intent) => {
    const plan = planEdits(open(before, file), intent);
    return plan.ok ? applyEdits(before, plan.edits) : `[${plan.code}] ${plan.message}`;
  }, text);
}

/** Parts of a text that edits may change, apart from white space and commas. */
export type Spans = readonly (readonly [from: number, to: number])[];

/** What edits take out of a text beside white space, commas, and what `allowed` and `comments` cover. */
export function takenElsewhere(text: string, edits: readonly TextEdit[], allowed: Spans, comments: RegExp): string {
  const spans = [
    ...allowed,
    ...[...text.matchAll(comments)].map((one) => [one.index, one.index + one[0].length] as const),
  ];
  let taken = "";
  for (const { range } of edits) {
    for (let at = range[0]; at < range[1]; at++) {
      if (!/[\s,]/.test(text[at] as string) && !spans.some(([from, to]) => from <= at && at < to)) taken += text[at];
    }
  }
  return taken;
}
