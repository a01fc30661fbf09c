/** Stage keys: the families, and what the keys of other stages already name. */
import type { Asked } from "./asked.ts";
import { inSlot, type Offer } from "./offer.ts";

const families: readonly { readonly text: string; readonly detail: string }[] = [
  { text: "identity", detail: "hands its input on" },
  { text: "http_post:", detail: "sends its input: http_post:URL" },
  { text: "http_post:https://", detail: "sends its input over TLS" },
  { text: "exec:", detail: "starts a program: exec:PROGRAM|ARG|…" },
];

/** Beginnings of a key. Nothing once a family is written. */
export function stageKeys({ slot }: Asked): Offer[] {
  const typed = slot.text.slice(0, slot.offset);
  return families
    .filter(({ text }) => text.startsWith(typed) || text.startsWith(typed.split(":", 1)[0] ?? ""))
    .filter(({ text }) => !typed.includes(":") || (text.startsWith(typed) && text !== typed))
    .map(({ text, detail }) => inSlot(slot, 0, slot.text.length, text, { kind: "word", detail }));
}
