/**
 * Changes of a YAML text (see `SyntaxEditor`), for block and flow collections. The text is never written anew from its
 * values: only ranges of it are replaced.
 */
import type { DocumentPath, Place } from "../../../graph/diagnostic.ts";
import type { Value } from "../../../graph/value.ts";
import { insertBracketed } from "../../edits/bracketed.ts";
import { insertAt, type TextEdit } from "../../edits/edit.ts";
import type { Fields } from "../../edits/intent.ts";
import { isBlank, lineStart, nextLine, removeLines } from "../../edits/lines.ts";
import { Refusal } from "../../edits/refusal.ts";
import { checkSize, remembering, type SyntaxEditor } from "../../edits/syntax.ts";
import type { SourceElement, SourceTree, Span } from "../../live/source.ts";
import { YamlLayout } from "./yaml-layout.ts";
import { removeYaml } from "./yaml-remove.ts";
import { quotesOf, renderFlow, renderItem, renderKey, renderString } from "./yaml-render.ts";
import { lineBehind, setYaml } from "./yaml-set.ts";

/** Edits one YAML text, or the front matter of a SKILL.md. */
export class YamlEditor implements SyntaxEditor {
  private readonly text: string;
  private readonly source: SourceTree;
  private readonly layout: YamlLayout;

  constructor(text: string, source: SourceTree) {
    this.text = text;
    this.source = remembering(source);
    this.layout = new YamlLayout(text, this.source);
  }

  set(path: DocumentPath, value: Value, order: readonly string[] = []): TextEdit[] {
    checkSize(value);
    return setYaml(this.layout, path, value, order);
  }

  remove(paths: readonly DocumentPath[]): TextEdit[] {
    return removeYaml(this.layout, paths);
  }

  insert(list: DocumentPath, fields: Fields, after: number | null): TextEdit[] {
    for (const [, value] of fields) checkSize(value);
    const item: Value = Object.fromEntries(fields);
    const element = this.source.element(list);
    if (element === null || element.value === null) return this.set(list, [item]);
    this.layout.requireNoAnchor(list);
    return this.insertValues(element, [item], after ?? element.children.length - 1);
  }

  append(list: DocumentPath, values: readonly Value[]): TextEdit[] {
    values.forEach(checkSize);
    const element = this.source.element(list);
    if (element === null || element.value === null) return this.set(list, values);
    this.layout.requireNoAnchor(list);
    return this.insertValues(element, values, element.children.length - 1);
  }

  move(list: DocumentPath, from: number, to: number): TextEdit[] {
    const element = this.listAt(list);
    if (from === to) return [];
    if (this.layout.isFlow(element)) {
      const { items } = this.layout.flow(element);
      const order = items.map((_, i) => i);
      order.splice(to, 0, ...order.splice(from, 1));
      return order.flatMap((origin, place) => {
        const [span, moved] = [items[place], items[origin]];
        return span === undefined || moved === undefined ? [] : [{ range: span, text: this.text.slice(...moved) }];
      });
    }
    const { eol } = this.layout.style;
    const span = this.construct(element, from);
    const target = this.construct(element, to);
    const moved = this.text.slice(...span);
    const block = moved.endsWith("\n") ? moved : moved + eol;
    const [own, other] = [from, to].map((index) => this.layout.element([...list, index])) as [
      SourceElement,
      SourceElement,
    ];
    const keeps = this.layout.keepsBlanks(own);
    const blank = keeps || this.layout.keepsBlanks(other) ? "" : eol.repeat(this.layout.blankLines(element));
    if (
      keeps &&
      to > from &&
      isBlank(this.text, target[1], nextLine(this.text, target[1])) &&
      target[1] < this.text.length
    )
      throw new Refusal(
        "edit_unsafe",
        "the step has a block string that keeps the blank lines behind it; move it in the text",
      );
    const edits = removeLines(this.text, [span], from === 0 ? new Set([span[0]]) : undefined);
    if (to < from) return [...edits, insertAt(target[0], block + blank)];
    return [...edits, insertAt(target[1], (this.text[target[1] - 1] === "\n" ? "" : eol) + blank + block)];
  }

  duplicate(list: DocumentPath, index: number, key: string, value: string): TextEdit[] {
    const element = this.listAt(list);
    const own = this.layout.element([...list, index, key]).value;
    if (own === null) throw new Refusal("edit_unsafe", `\`${key}\` has no value`);
    const { style } = this.layout;
    const renamed = renderString(value, style, quotesOf(this.text.slice(...own)));
    const copy = ([from, to]: Span): string => this.text.slice(from, own[0]) + renamed + this.text.slice(own[1], to);
    if (this.layout.isFlow(element)) {
      const flow = this.layout.flow(element);
      return insertBracketed(this.text, flow, index, [copy(flow.items[index] as Span)], "", style.step);
    }
    const item = this.layout.element([...list, index]);
    if (/(?:^|\s)&\S/.test(this.text.slice(...item.extent)))
      throw new Refusal("edit_unsafe", "the step has an anchor, which cannot stand twice; edit the text");
    const block = copy(this.layout.linesOf(item)).replace(/\r?\n$/, "");
    return [lineBehind(this.layout, item, block, this.layout.blankLines(element))];
  }

  replaceText(place: Place, text: string): TextEdit[] {
    checkSize(text);
    const element = this.layout.element(place.path);
    const { style } = this.layout;
    if (place.part === "key") {
      if (element.key === null) throw new Refusal("edit_unknown", "there is no key at this place");
      return [{ range: element.key, text: renderKey(text, style) }];
    }
    const { within } = place;
    if (within === undefined || element.value === null || element.form !== "string" || element.text === null)
      return this.set(place.path, text);
    const quotes = quotesOf(this.text.slice(...element.value));
    const whole = element.text.slice(0, within.from) + text + element.text.slice(within.to);
    const isPart = within.from > 0 || within.to < element.text.length;
    const fits = /^[\w.-]*$/.test(text) || (quotes !== "plain" && /^[ !#-&(-\[\]-~]*$/.test(text));
    // Line breaks of a block, and blanks at the ends of a plain text, are not where the value has them.
    const gone = element.text.slice(within.from, within.to);
    const onItsLine = !gone.includes("\n") && (within.to < element.text.length || !element.text.endsWith("\n"));
    const stands = onItsLine && (quotes !== "plain" || whole === whole.trim());
    if (fits && stands && (isPart || quotes !== "plain")) return [{ range: this.source.span(place), text }];
    return this.set(place.path, whole);
  }

  private listAt(list: DocumentPath): SourceElement {
    const element = this.layout.element(list);
    this.layout.requireNoAnchor(list);
    if (element.form === "list") return element;
    throw new Refusal("edit_conflict", `\`${list.join(".")}\` is no list`);
  }

  private construct(list: SourceElement, index: number): Span {
    const children = this.layout.children(list);
    const child = children[index];
    if (child === undefined) throw new Refusal("edit_unknown", `there is no item #${index}`);
    return this.layout.constructOf(child, children[index - 1] ?? null);
  }

  private insertValues(list: SourceElement, values: readonly Value[], after: number): TextEdit[] {
    if (list.form !== "list") throw new Refusal("edit_conflict", `\`${list.path.join(".")}\` is no list`);
    const { text, layout } = this;
    const { style } = layout;
    if (layout.isFlow(list)) {
      const flow = layout.flow(list);
      // `steps: []` becomes a block, because a step is hard to read on one line.
      const [first] = values;
      const isEmpty = flow.items.length === 0 && list.key !== null && typeof first === "object" && first !== null;
      if (isEmpty && layout.closes(flow.close + 1) && layout.beginsLine(list)) {
        const { eol, flush, step } = style;
        const indent = " ".repeat(list.extent[0] - lineStart(text, list.extent[0])) + (flush ? "" : step);
        const lines = values.map((one) => indent + renderItem(one, indent, style)).join(eol);
        return [{ range: [layout.colonEnd(list), flow.close + 1], text: "" }, lineBehind(layout, list, lines)];
      }
      const made = values.map((one) => renderFlow(one, style));
      const pad = text[flow.open + 1] === " " ? " " : "";
      return insertBracketed(text, flow, after, made, pad, style.step);
    }
    const children = layout.children(list);
    const sibling = children[Math.max(0, after)];
    if (sibling === undefined || sibling.header === null)
      throw new Refusal("edit_unsafe", "the items of the list could not be made out");
    const [, to] = layout.linesOf(sibling);
    if (to > text.length) return [];
    const indent = layout.indentIn(list);
    const dashEnd = sibling.header[1];
    const content = sibling.value?.[0] ?? dashEnd + 1;
    const between = text.slice(dashEnd, content);
    const gap = /^ +$/.test(between) ? between : " ";
    const asFlow = sibling.form === "table" && layout.isFlow(sibling);
    const lines = values.map(
      (one) => indent + (asFlow ? `-${gap}${renderFlow(one, style)}` : renderItem(one, indent, style, gap)),
    );
    const blank = layout.blankLines(list);
    const block = lines.join(style.eol.repeat(blank + 1));
    if (after >= 0) return [lineBehind(layout, sibling, block, blank)];
    return [insertAt(this.construct(list, 0)[0], block + style.eol.repeat(blank + 1))];
  }
}
