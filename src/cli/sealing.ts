/**
 * Receipts of a finished run, told to a person on standard error. A run whose receipts could not be made keeps its
 * outcome; its exit code becomes 2 where it would have been 0, and the next start in the state directory tries again.
 * Where only a key is missing and nobody asked for receipts, that is a notice and the exit code stays.
 */
import type { Dialect } from "../graph/model.ts";
import type { Operator } from "../runtime/operator.ts";
import { receiptPlace, receiptSettings } from "../runtime/receipts.ts";
import type { ReceiptSettings, SealReport } from "../runtime/seal.ts";
import { textOption } from "./options.ts";
import { cleanLines } from "./render/text.ts";
import type { Terminal } from "./terminal.ts";

/** How a run of this dialect is sealed; null: nowhere, as neither a state directory nor a receipt directory is set. */
export function receiptsFor(
  terminal: Terminal,
  operator: Operator,
  dialect: Dialect,
  given: unknown,
): ReceiptSettings | null {
  const flag = textOption("--receipt-dir", given) ?? null;
  const place = receiptPlace(flag, terminal.env, operator, dialect, terminal.cwd);
  return place === null ? null : receiptSettings(place, terminal.env, operator.principal);
}

/** Says what was sealed; true when receipts of this run could not be made although they should have been. */
export function tellSealing(
  terminal: Terminal,
  reports: readonly SealReport[],
  about: {
    readonly runId: string;
    readonly quiet: boolean;
    /** Somebody named the directory of receipts, so that they are expected there. */
    readonly named: boolean;
  },
): boolean {
  let unsealed = false;
  let keyless = false;
  for (const report of reports) {
    const own = report.runId === about.runId;
    if (report.status === "failed" && report.problem.code === "keys.missing" && !about.named) {
      // The same for every run: one line is enough.
      const { code, message } = report.problem;
      if (!keyless && !about.quiet) terminal.err(`note: no receipts are made: ${cleanLines(message)} [${code}]\n`);
      keyless = true;
    } else if (report.status === "failed") {
      const { code, message } = report.problem;
      const whose = own ? "the run has no receipts" : `run ${report.runId} has no receipts yet`;
      terminal.err(`countersign: ${whose}: ${cleanLines(message)} [${code}]\n`);
      if (own) unsealed = true;
    } else if (report.status === "sealed" && !about.quiet) {
      const what = `${report.receipts} ${report.receipts === 1 ? "receipt" : "receipts"}`;
      const whose = own ? "" : ` of run ${report.runId}${report.abandoned ? ", which was cut" : ""}`;
      terminal.err(`sealed ${what}${whose}: countersign verify ${report.id} --receipt-dir ${report.directory}\n`);
    }
  }
  return unsealed;
}
