/**
 * Bytes -> bundle or envelope, strictly. Pure; never throws for what the bytes hold. Reading judges nothing: what was
 * read is checked by `check.ts`.
 */
import { fromBase64 } from "../../graph/bytes.ts";
import { fromBase64Url } from "../../graph/base64url.ts";
import { canonicalText } from "../canonical.ts";
import type { Finding } from "../findings.ts";
import type { Receipt } from "../model.ts";
import { parseReceiptData } from "../parse.ts";
import { deeper, isRecord, type Check } from "../shape.ts";
import type { SuppliedReceipt } from "../tree.ts";
import { PAYLOAD_TYPE, type Envelope, type RunStatement } from "./attestation.ts";
import { BUNDLE_SCHEMA, MAX_BUNDLE_BYTES, type Bundle } from "./bundle.ts";
import { bundleForm, envelopeForm, statementForm } from "./forms.ts";

/** Nesting that is looked at; a bundle of ours has less than half. */
const MAX_DEPTH = 96;

/** What was read. */
export interface ReadExport {
  readonly kind: "bundle" | "envelope";
  readonly statement: RunStatement;
  readonly envelope: Envelope;
  /** The payload's bytes, which are signed. */
  readonly payload: Uint8Array;
  /** What the payload says: the statement itself where the file is an envelope. Plain data. */
  readonly signedStatement: unknown;
  /** null for an envelope. */
  readonly bundle: Bundle | null;
  readonly root: SuppliedReceipt;
  readonly others: readonly SuppliedReceipt[];
  readonly keys: readonly { readonly kid: string; readonly publicKey: Uint8Array }[];
  /** What is wrong with the text itself. */
  readonly findings: readonly Finding[];
}

/** `other`: the bytes are no export of ours, but perhaps something else. */
export type ExportRead =
  | { readonly ok: true; readonly value: ReadExport }
  | { readonly ok: false; readonly other: boolean; readonly message: string };

/** Reads an export. `file` is what findings name. */
export function readExport(bytes: Uint8Array, file: string | null): ExportRead {
  const data = jsonOf(bytes);
  if (!isRecord(data)) return { ok: false, other: true, message: "it is no JSON object" };
  if (bytes.length > MAX_BUNDLE_BYTES) return refused(`it has more than ${MAX_BUNDLE_BYTES} bytes`);
  const isBundle = data["schema"] === BUNDLE_SCHEMA;
  if (!isBundle && data["payloadType"] !== PAYLOAD_TYPE) {
    return { ok: false, other: true, message: "it is neither a bundle nor an envelope" };
  }
  if (deeper(data, MAX_DEPTH)) return refused(`it must not be nested deeper than ${MAX_DEPTH}`);
  const problem = shapeProblem(isBundle ? bundleForm : envelopeForm, data);
  if (problem !== null) return refused(problem);
  const bundle = isBundle && holds<Bundle>(data) ? data : null;
  const envelope = bundle?.envelope ?? (holds<Envelope>(data) ? data : null);
  if (envelope === null) return refused("it must be an object");
  const payload = fromBase64(envelope.payload);
  if (payload === undefined) return refused("envelope.payload must be padded base64");
  const signed = jsonOf(payload);
  if (bundle === null) {
    if (deeper(signed, MAX_DEPTH)) return refused("the payload is nested too deep");
    const wrong = shapeProblem(statementForm, signed);
    if (wrong !== null) return refused(`the payload: ${wrong}`);
  }
  const statement = bundle?.statement ?? (holds<RunStatement>(signed) ? signed : null);
  if (statement === null) return refused("the payload must be an object");
  const receipts: SuppliedReceipt[] = [];
  for (const [at, one] of statement.predicate.receipts.entries()) {
    const parsed = parseReceiptData(one, null);
    if (!parsed.ok) return refused(`statement.predicate.receipts[${at}]: ${parsed.finding.message}`);
    receipts.push({ receipt: parsed.receipt, file, findings: parsed.findings });
  }
  const root = receipts.at(-1);
  if (root === undefined) return refused("statement.predicate.receipts must not be empty");
  const keys: { kid: string; publicKey: Uint8Array }[] = [];
  for (const [at, { kid, x }] of statement.predicate.keys.entries()) {
    const publicKey = fromBase64Url(x);
    if (publicKey?.length !== 32) return refused(`statement.predicate.keys[${at}].x must be base64url of 32 bytes`);
    keys.push({ kid, publicKey });
  }
  const value: ReadExport = {
    kind: isBundle ? "bundle" : "envelope",
    statement,
    envelope,
    payload,
    signedStatement: signed,
    bundle,
    root,
    others: receipts.slice(0, -1),
    keys,
    findings: textFindings(bytes, data, payload, signed, root.receipt, file),
  };
  return { ok: true, value };
}

/** Another spelling of the same data could hide what people read; there is one only. */
function textFindings(
  bytes: Uint8Array,
  data: unknown,
  payload: Uint8Array,
  signed: unknown,
  root: Receipt,
  file: string | null,
): readonly Finding[] {
  const findings: Finding[] = [];
  const place = { receiptId: root.id, ...(file === null ? {} : { file }) };
  if (!same(bytes, `${canonicalText(data)}\n`)) {
    const message = "the file must be the canonical form of what it says and a line feed, byte for byte";
    findings.push({ code: "NoncanonicalBytes", path: "$", message, ...place });
  }
  if (signed === undefined || !same(payload, canonicalText(signed))) {
    const message = "the payload must be the canonical form of a statement, byte for byte";
    findings.push({ code: "NoncanonicalBytes", path: "envelope.payload", message, ...place });
  }
  return findings;
}

function same(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(text, "utf8").equals(bytes);
}

function shapeProblem(form: Check, data: unknown): string | null {
  const problem = form(data, "");
  if (problem === null) return null;
  return problem.path === "" ? `it ${problem.what}` : `${problem.path} ${problem.what}`;
}

/** Holds once a form has found nothing. */
function holds<T>(data: unknown): data is T {
  return isRecord(data);
}

/** undefined for what is no JSON in UTF-8. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    // Not text, or not JSON: both are told by the absence of data.
    return undefined;
  }
}

function refused(why: string): ExportRead {
  return { ok: false, other: false, message: `this is no export of receipts: ${why}` };
}
