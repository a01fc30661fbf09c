/** Diagnostic codes: keys of `[diagnostics]`, and words of `# countersign: ignore`. */
import { codes } from "../schema/codes.ts";
import type { Cursor } from "./asked.ts";
import type { Offer } from "./offer.ts";

const begun = /#[ \t]*countersign:[ \t]*ignore[ \t]+([A-Za-z0-9_ \t,]*)$/;
const word = /#[ \t]*(countersign:?[ \t]*[a-z]*)$/;

/** What may stand in a comment: the word that makes it ours, and codes of warnings behind it. */
export function inComment({ live, offset }: Cursor): Offer[] {
  const { text } = live;
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const before = text.slice(start, offset);
  const list = begun.exec(before);
  if (list === null) {
    const half = word.exec(before)?.[1];
    if (half === undefined || !"countersign: ignore".startsWith(half)) return [];
    const edit = { span: [offset - half.length, offset] as const, text: "countersign: ignore ", lead: "" };
    return [{ label: "countersign: ignore", kind: "snippet", detail: "silence a warning here", edit }];
  }
  const named = (list[1] as string).split(/[ \t,]+/);
  const half = named.pop() ?? "";
  const end = offset + (/^[A-Za-z0-9_]*/.exec(text.slice(offset, offset + 80))?.[0].length ?? 0);
  return [...codes].flatMap(([code, info]): Offer[] => {
    if (info.severity === "error" || named.includes(code)) return [];
    const edit = { span: [offset - half.length, end] as const, text: code, lead: "" };
    return [{ label: code, kind: "code", detail: info.text, doc: info.docs, edit }];
  });
}
