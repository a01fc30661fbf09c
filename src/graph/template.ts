/**
 * The one template engine (spec/workflow.md §4.4, Decision D8): `{{path}}` relative to an input value, unknown
 * markers shown again, inserted text never scanned again.
 */
import { select } from "./reference.ts";
import { displayText, type Value } from "./value.ts";

/** A piece of a template: literal text, or a marker with its trimmed key and its place (UTF-16 offsets). */
export type TemplatePart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "marker"; readonly key: string; readonly from: number; readonly to: number };

/** Splits a template. An unclosed `{{` is literal text to the end. */
export function templateParts(template: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let from = 0;
  for (;;) {
    const open = template.indexOf("{{", from);
    const close = open < 0 ? -1 : template.indexOf("}}", open + 2);
    if (close < 0) {
      if (from < template.length) parts.push({ type: "text", text: template.slice(from) });
      return parts;
    }
    if (open > from) parts.push({ type: "text", text: template.slice(from, open) });
    parts.push({ type: "marker", key: trimmed(template.slice(open + 2, close)), from: open, to: close + 2 });
    from = close + 2;
  }
}

const outerSpace = /^\p{White_Space}+|\p{White_Space}+$/gu;

/** Without outer Unicode white space, which is not quite what `trim` takes away (U+0085 is, U+FEFF is not). */
function trimmed(key: string): string {
  return /^\p{White_Space}|\p{White_Space}$/u.test(key) ? key.replace(outerSpace, "") : key;
}

/** Renders a template over `input`. A marker without a value is written again as `{{key}}`. */
export function renderTemplate(template: string, input: Value): string {
  let out = "";
  for (const part of templateParts(template)) {
    if (part.type === "text") {
      out += part.text;
      continue;
    }
    const value = select(input, part.key);
    out += value === undefined ? `{{${part.key}}}` : displayText(value);
  }
  return out;
}
