/** Bundles and envelopes from files, for whoever verifies or exports them. Reads only; judges nothing. */
import { readFileSync, statSync } from "node:fs";
import { systemCode } from "../connect/journal/problem.ts";
import { MAX_BUNDLE_BYTES } from "../receipts/export/bundle.ts";
import { readExport } from "../receipts/export/read.ts";
import { MAX_RECEIPT_BYTES } from "../receipts/parse.ts";
import type { VerifiableResult } from "./receipts.ts";

/** Reads a bundle or an envelope; null: the file is neither, perhaps a receipt. */
export function readExportFile(file: string): Promise<VerifiableResult | null> {
  return Promise.resolve(readNow(file));
}

function readNow(file: string): VerifiableResult | null {
  let bytes: Uint8Array;
  try {
    const { size } = statSync(file);
    if (size > MAX_BUNDLE_BYTES) {
      const message = `${file} has more than ${MAX_BUNDLE_BYTES} bytes, which no receipt or bundle has`;
      return { ok: false, problem: { code: "receipts.too_large", message } };
    }
    bytes = readFileSync(file);
  } catch (error) {
    // Whoever reads it as a receipt tells why it cannot be read.
    if (systemCode(error) === null) throw error;
    return null;
  }
  const read = readExport(bytes, file);
  const empty = { from: file, wanted: null, single: null, keyHints: [] };
  if (!read.ok) {
    // Only what is large enough to be nothing else is worth a sentence of its own.
    if (read.other && bytes.length <= MAX_RECEIPT_BYTES) return null;
    const finding = { code: "ReceiptParseError", path: "$", message: read.message } as const;
    return { ok: true, value: { ...empty, receipts: [], unreadable: [{ file, id: null, finding }] } };
  }
  const { root, others } = read.value;
  return { ok: true, value: { ...empty, receipts: [...others, root], unreadable: [], exported: read.value } };
}
