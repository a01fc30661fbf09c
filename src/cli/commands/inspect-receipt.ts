/** `countersign inspect RECEIPT`: one receipt, by its file or its whole id. Exit code 0, also for one that is not valid. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { pinsOf } from "../../runtime/keys.ts";
import {
  isSha256,
  readById,
  readReceiptAt,
  receiptPlace,
  verifierKeys,
  type ParsedReceipt,
} from "../../runtime/receipts.ts";
import { verifySingle } from "../../runtime/verify.ts";
import { operatorAt } from "../operator.ts";
import { textOption } from "../options.ts";
import { receiptLines } from "../render/receipt.ts";
import { clean, productStyle } from "../render/text.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options that a receipt's inspection takes. */
export interface InspectReceiptOptions {
  readonly json?: unknown;
  readonly stateDir?: unknown;
  readonly receiptDir?: unknown;
}

/** Shows the receipt that is named; null when the word names none. */
export async function inspectReceipt(
  terminal: Terminal,
  named: string,
  options: InspectReceiptOptions,
): Promise<number | null> {
  const stateDir = textOption("--state-dir", options.stateDir);
  const operator = await operatorAt(terminal, terminal.cwd, stateDir === undefined ? {} : { stateDir });
  const file = isSha256(named) ? fileOfId(terminal, operator, named, options) : path.resolve(terminal.cwd, named);
  if (!(await isFile(file))) return null;
  const read = readReceiptAt(file);
  if (!read.ok) return null;
  const { single, keyHints } = read.value;
  if (single === null || !single.ok) return isSha256(named) ? refuse(file, single) : null;
  const keys = await verifierKeys(terminal.env, pinsOf(operator.user), [], keyHints);
  if (!keys.ok) throw new UsageError(keys.problem.code, keys.problem.message);
  const verdict = verifySingle(read.value, { keys: keys.keys, allowPseudo: false });
  if (verdict === null) return null;
  if (options.json === true) terminal.out(`${JSON.stringify(single.receipt, null, 2)}\n`);
  else terminal.out(`${receiptLines(single.receipt, verdict, productStyle(terminal)).join("\n")}\n`);
  return 0;
}

/** The file of a receipt in the store. */
function fileOfId(
  terminal: Terminal,
  operator: Awaited<ReturnType<typeof operatorAt>>,
  id: string,
  options: InspectReceiptOptions,
): string {
  const flag = textOption("--receipt-dir", options.receiptDir) ?? null;
  const directory = receiptPlace(flag, terminal.env, operator, "skill", terminal.cwd)?.directory ?? "";
  const found = readById(directory, id);
  if (found !== null && found.file !== null) return found.file;
  throw new UsageError("receipts.missing", `there is no receipt ${id} in ${clean(directory)}`);
}

function refuse(file: string, single: ParsedReceipt | null): never {
  const why = single === null || single.ok ? "it is no receipt" : single.finding.message;
  throw new UsageError("receipts.parse", `${clean(file)}: ${clean(why)}`);
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    // What cannot be looked at is no receipt here; the search for a run tells why.
    return false;
  }
}
