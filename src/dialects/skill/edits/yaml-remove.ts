/**
 * Taking keys and items out of a YAML document. A collection that loses all it has becomes `{}` or `[]`, so that it stays
 * a collection.
 */
import { removeBracketed } from "../../edits/bracketed.ts";
import { deleteAt, insertAt, type TextEdit } from "../../edits/edit.ts";
import { isBlank, lineEnd, lineStart, removeLines } from "../../edits/lines.ts";
import { Refusal } from "../../edits/refusal.ts";
import type { DocumentPath } from "../../../graph/diagnostic.ts";
import type { SourceElement, Span } from "../../live/source.ts";
import type { YamlLayout } from "./yaml-layout.ts";

/** Edits that take everything at `paths` out. */
export function removeYaml(layout: YamlLayout, paths: readonly DocumentPath[]): TextEdit[] {
  const holders = new Map<string, { readonly holder: SourceElement; readonly gone: Set<number> }>();
  for (const path of paths) {
    layout.requireNoAnchor(path.slice(0, -1));
    layout.element(path);
    const holder = layout.element(path.slice(0, -1));
    const index = holder.children.indexOf(path.at(-1) as string | number);
    const key = JSON.stringify(holder.path);
    const known = holders.get(key) ?? { holder, gone: new Set<number>() };
    holders.set(key, known);
    known.gone.add(index);
  }
  const lines: Span[] = [];
  const opening = new Set<number>();
  const edits: TextEdit[] = [];
  for (const { holder, gone } of holders.values()) {
    if (layout.isFlow(holder)) edits.push(...removeBracketed(layout.text, layout.flow(holder), gone));
    else if (gone.size === holder.children.length) edits.push(...removeAll(layout, holder));
    else {
      const spans = removeSome(layout, holder, gone, edits);
      lines.push(...spans);
      const first = layout.children(holder)[0];
      for (const [from, to] of spans)
        if (first !== undefined && first.extent[0] >= from && first.extent[0] < to) opening.add(from);
    }
  }
  return [...edits, ...removeLines(layout.text, lines, opening)];
}

function removeAll(layout: YamlLayout, holder: SourceElement): TextEdit[] {
  const made = holder.form === "list" ? "[]" : "{}";
  const { value, key, header } = holder;
  const children = layout.children(holder);
  const first = children[0];
  if (holder.path.length === 0 || value === null || first === undefined)
    throw new Refusal("edit_unsafe", "nothing would be left of the document");
  if (!layout.beginsLine(first)) return [{ range: value, text: made }];
  const at = key === null ? header?.[1] : layout.colonEnd(holder);
  if (at === undefined) throw new Refusal("edit_unsafe", "the place of the change could not be made out");
  const spans = children.map((child, i) => layout.constructOf(child, children[i - 1] ?? null));
  // Comments between a key and the first thing below it stay: they are not directly above it, or belong to the key.
  const from = Math.max(
    spans[0]?.[0] ?? 0,
    Math.min(lineEnd(layout.text, at) + 1, lineStart(layout.text, first.extent[0])),
  );
  const to = spans.at(-1)?.[1] ?? from;
  return [insertAt(at, ` ${made}`), deleteAt([Math.min(from, to), to])];
}

/** The whole lines to be removed; what stands behind a dash goes to `edits`. */
function removeSome(layout: YamlLayout, holder: SourceElement, gone: ReadonlySet<number>, edits: TextEdit[]): Span[] {
  const { text } = layout;
  const children = layout.children(holder);
  const lines: Span[] = [];
  const first = children[0] as SourceElement;
  let done = -1;
  if (gone.has(0) && !layout.beginsLine(first)) {
    // The first key stands behind its item's dash: the next one that stays takes its place.
    const next = children.findIndex((_, i) => !gone.has(i));
    const stays = children[next] as SourceElement;
    const last = children[next - 1] as SourceElement;
    done = next - 1;
    if (isBlank(text, last.extent[1], stays.extent[0])) edits.push(deleteAt([first.extent[0], stays.extent[0]]));
    else {
      let from = first.extent[0];
      while (text[from - 1] === " ") from--;
      edits.push(deleteAt([from, lineEnd(text, last.extent[1])]));
    }
  }
  for (const index of gone) {
    const child = children[index];
    if (child === undefined || index <= done) continue;
    lines.push(layout.constructOf(child, children[index - 1] ?? null));
  }
  return lines;
}
