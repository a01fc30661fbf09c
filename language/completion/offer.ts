/**
 * What completion offers, before it is put into the protocol's words. Whoever offers says what, where and why; sorting,
 * filtering, limits and what the client can take are decided once, here.
 */
import {
  CompletionItemKind,
  InsertTextFormat,
  InsertTextMode,
  MarkupKind,
  type ClientCapabilities,
  type CompletionItem,
  type CompletionList,
} from "vscode-languageserver";
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { Slot, SlotEdit } from "./slot.ts";

/** Kinds of what is offered, by what clients draw beside it. */
export type OfferKind =
  | "field"
  | "table"
  | "word"
  | "kind"
  | "node"
  | "member"
  | "variable"
  | "file"
  | "folder"
  | "value"
  | "code"
  | "snippet";

/** One thing that may be put in at the cursor. */
export interface Offer {
  readonly label: string;
  readonly kind: OfferKind;
  readonly edit: SlotEdit;
  /** The edit's text has tab stops. */
  readonly snippet?: boolean;
  /** What typed text is compared with, when it is not the label. */
  readonly filter?: string;
  /** One line beside the label. */
  readonly detail?: string;
  /** Markdown; made when the item is shown, where the client can wait for it. */
  readonly doc?: string;
  /** Smaller stands first; what is equal keeps its order. */
  readonly rank?: number;
}

const kinds: Readonly<Record<OfferKind, CompletionItemKind>> = {
  field: CompletionItemKind.Field,
  table: CompletionItemKind.Struct,
  word: CompletionItemKind.EnumMember,
  kind: CompletionItemKind.Class,
  node: CompletionItemKind.Reference,
  member: CompletionItemKind.Property,
  variable: CompletionItemKind.Variable,
  file: CompletionItemKind.File,
  folder: CompletionItemKind.Folder,
  value: CompletionItemKind.Value,
  code: CompletionItemKind.Constant,
  snippet: CompletionItemKind.Snippet,
};

/** Most items of one answer; beyond, the client asks again as more is typed. */
export const MAX_ITEMS = 400;

/** Offers a text in place of a stretch of a slot. */
export function inSlot(
  slot: Slot,
  from: number,
  to: number,
  text: string,
  rest: Omit<Offer, "edit" | "label"> & { readonly label?: string },
): Offer {
  return { label: text, ...rest, edit: slot.write(from, to, text) };
}

/** The offers as the protocol has them. `cursor` is where they were asked for. */
export function completionList(
  offers: readonly Offer[],
  live: LiveDocument,
  cursor: number,
  client: ClientCapabilities,
): CompletionList {
  const { list, cut } = chosenOffers(offers, live, cursor);
  const can = client.textDocument?.completion?.completionItem;
  const markdown = can?.documentationFormat?.includes(MarkupKind.Markdown) === true;
  const items = list.flatMap((offer, index): CompletionItem[] => {
    if (offer.snippet === true && can?.snippetSupport !== true) return [];
    const { label, kind, edit, detail, doc } = offer;
    return [
      {
        label,
        kind: kinds[kind],
        textEdit: { range: live.lines.range(...edit.span), newText: edit.text },
        filterText: filterOf(offer),
        sortText: String(index).padStart(5, "0"),
        ...(detail === undefined ? {} : { detail }),
        ...(doc === undefined || doc === ""
          ? {}
          : { documentation: { kind: markdown ? MarkupKind.Markdown : MarkupKind.PlainText, value: doc } }),
        ...(offer.snippet === true
          ? { insertTextFormat: InsertTextFormat.Snippet, insertTextMode: InsertTextMode.adjustIndentation }
          : {}),
      },
    ];
  });
  return { isIncomplete: cut, items };
}

function filterOf({ label, filter, edit }: Offer): string {
  return edit.lead + (filter ?? label);
}

/** Without duplicates, in order, and not more than a list can hold. */
function chosenOffers(
  offers: readonly Offer[],
  live: LiveDocument,
  cursor: number,
): { readonly list: readonly Offer[]; readonly cut: boolean } {
  const seen = new Set<string>();
  const distinct = offers.filter((offer) => {
    const name = `${offer.label}\u0000${offer.edit.text}`;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
  const list = distinct
    .map((offer, index) => ({ offer, index }))
    .sort((a, b) => (a.offer.rank ?? 0) - (b.offer.rank ?? 0) || a.index - b.index)
    .map(({ offer }) => offer);
  if (list.length <= MAX_ITEMS) return { list, cut: false };
  const fitting = list.filter((offer) => {
    const typed = live.text.slice(offer.edit.span[0], Math.max(offer.edit.span[0], cursor));
    return fits(typed, filterOf(offer));
  });
  return { list: fitting.slice(0, MAX_ITEMS), cut: true };
}

/** True when the letters of `typed` come in `text` in this order, as clients compare them. */
function fits(typed: string, text: string): boolean {
  const wanted = typed.toLowerCase();
  const within = text.toLowerCase();
  let at = 0;
  for (const letter of wanted) {
    at = within.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
