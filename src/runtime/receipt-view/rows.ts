/** Lines of what receipts say: made one by one, each at the field that it stands for. Pure. */
import type { ReceiptRow, ReceiptSection, Tone } from "../../protocol/receipt.ts";
import type { Disposition } from "../../receipts/model.ts";
import { shown } from "./shown.ts";

/** Rows of one section that are shown. */
export const MAX_ROWS = 300;

/** A line of plain words. */
export function plain(path: string, label: string, text: string, tone: Tone = "plain"): ReceiptRow {
  return { path, label, text: shown(text), tone, code: false, copy: false, wrong: [] };
}

/** A digest, an id or a name that can be copied. */
export function code(path: string, label: string, text: string, tone: Tone = "plain"): ReceiptRow {
  return { path, label, text: shown(text), tone, code: true, copy: text !== "", wrong: [] };
}

/** Rows under a title; what is too much is counted. */
export function section(
  key: string,
  title: string,
  rows: readonly ReceiptRow[],
  empty: string,
  omitted = 0,
): ReceiptSection {
  const kept = rows.slice(0, MAX_ROWS);
  return { key, title, rows: kept, empty, more: rows.length - kept.length + omitted };
}

/** How a disposition is meant. */
export function toneOf(disposition: Disposition): Tone {
  if (disposition === "closed") return "good";
  return disposition === "superseded" || disposition === "deferred" ? "wait" : "bad";
}
