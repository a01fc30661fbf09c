/** The receipt page's line to its host, and what of the page outlives it: which receipt was looked at. */
import { z } from "zod";
import {
  RECEIPT_PROTOCOL,
  receiptFromPage,
  receiptToPage,
  type ReceiptFromPage,
  type ReceiptToPage,
} from "../../src/protocol/receipt.ts";
import { keepRaw, keptRaw, openLine } from "../line.ts";

const kept = z.object({ selected: z.string().nullable(), closed: z.array(z.string()) });

/** See the header. `closed`: receipts whose children are folded away. */
export type Kept = z.infer<typeof kept>;

/** The state of this page before it was hidden. */
export function keptState(): Kept {
  const parsed = kept.safeParse(keptRaw());
  return parsed.success ? parsed.data : { selected: null, closed: [] };
}

/** Remembers it. */
export function keep(state: Kept): void {
  keepRaw(state);
}

/** Says something to the host, and listens to it. */
export const { tell, listen } = openLine<ReceiptToPage, ReceiptFromPage>(
  { toPage: receiptToPage, fromPage: receiptFromPage },
  { ready: { type: "ready", protocol: RECEIPT_PROTOCOL }, problem: (message) => ({ type: "problem", message }) },
);
