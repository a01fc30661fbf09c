/** Why a file cannot be shown as a receipt, in a sentence that says what the file is instead. Pure. */
import { BUNDLE_SCHEMA } from "../../receipts/export/bundle.ts";
import { PAYLOAD_TYPE, PREDICATE_TYPE } from "../../receipts/export/attestation.ts";
import { RECEIPT_SCHEMA } from "../../receipts/model.ts";
import { isRecord } from "../../receipts/shape.ts";
import { fromBase64 } from "../../graph/bytes.ts";
import { shown } from "./shown.ts";

/** What a file is, when it is no receipt. */
export interface Unreadable {
  readonly sentence: string;
  readonly details: readonly string[];
}

/** Characters in which a word of the file is looked for. */
const MAX_WORD = 120;

/** See the header. `message`: what the strict reader said. */
export function whyUnreadable(bytes: Uint8Array, message: string): Unreadable {
  const said = [shown(message)];
  if (bytes.length === 0) return { sentence: "The file is empty.", details: [] };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { sentence: "The file is not text in UTF-8, so it is no receipt.", details: said };
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return notJson(text, said);
  }
  if (!isRecord(data)) return { sentence: "This is JSON, but no receipt: it holds no object.", details: said };
  return newer(data) ?? ours(data, said);
}

function notJson(text: string, details: readonly string[]): Unreadable {
  const trimmed = text.trim();
  if (trimmed === "") return { sentence: "The file holds nothing but blanks.", details };
  // Trimming takes the mark away as well.
  if (text.startsWith("\ufeff"))
    return { sentence: "The file begins with a byte order mark, which no receipt has.", details };
  if (!trimmed.startsWith("{")) return { sentence: "This is no JSON, so it is no receipt.", details };
  if (!trimmed.endsWith("}"))
    return {
      sentence: "The file is cut: it ends in the middle of its JSON. Get it again from where it came.",
      details,
    };
  return { sentence: "The file begins like a receipt, but is no valid JSON: something in it was damaged.", details };
}

/** What was written by a version that is newer than this one. */
function newer(data: Readonly<Record<string, unknown>>): Unreadable | null {
  const named: readonly (readonly [unknown, string])[] = [
    [data["schema"], RECEIPT_SCHEMA],
    [data["schema"], BUNDLE_SCHEMA],
    [predicateOf(data), PREDICATE_TYPE],
  ];
  for (const [found, known] of named) {
    const family = known.slice(0, known.lastIndexOf("v") + 1);
    if (typeof found !== "string" || !found.startsWith(family) || found === known) continue;
    const version = found.slice(family.length);
    if (!/^\d{1,6}$/.test(version)) continue;
    const sentence = `This was written by another version of the format (${found}); this program reads ${known}. Open it with a newer Countersign.`;
    return { sentence, details: [] };
  }
  return null;
}

function predicateOf(data: Readonly<Record<string, unknown>>): unknown {
  const { payload, payloadType } = data;
  if (payloadType !== PAYLOAD_TYPE || typeof payload !== "string") return null;
  const bytes = fromBase64(payload);
  if (bytes === undefined) return null;
  try {
    const statement: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(statement) ? statement["predicateType"] : null;
  } catch {
    // What the payload holds is no statement; the reader says so.
    return null;
  }
}

function ours(data: Readonly<Record<string, unknown>>, details: readonly string[]): Unreadable {
  if (data["schema"] === RECEIPT_SCHEMA)
    return { sentence: "This says that it is a receipt, but it is not well formed.", details };
  if (data["schema"] === BUNDLE_SCHEMA)
    return { sentence: "This says that it is a bundle of receipts, but it is not well formed.", details };
  if (data["payloadType"] === PAYLOAD_TYPE)
    return { sentence: "This is an attestation, but not one of a run's receipts.", details };
  const { payloadType, schema } = data;
  if (typeof payloadType === "string")
    return { sentence: `This is an envelope of another kind (${shown(payloadType, MAX_WORD)}).`, details };
  if (typeof schema === "string")
    return { sentence: `This is JSON of another kind (${shown(schema, MAX_WORD)}), and no receipt.`, details };
  return { sentence: "This is JSON, but no receipt, bundle or attestation.", details };
}
