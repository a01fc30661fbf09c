/**
 * `countersign verify PATH|ID`: are receipts whole, and whose are they? Offline (spec/skill-graph.md §6.5, R9, R10).
 *
 * Exit code 0: everything agrees and every key is pinned; 1: something does not, or a key is not pinned; 2: there is
 * nothing to verify, or the configuration cannot be used.
 */
import { pinsOf } from "../../runtime/keys.ts";
import {
  fingerprintOf,
  receiptPlace,
  verifierKeys,
  type TreeReport,
  type TreeVerdict,
  type Verdict,
  type Verifiable,
} from "../../runtime/receipts.ts";
import { readExportFile } from "../../runtime/export-file.ts";
import { readVerifiable } from "../../runtime/verifiable.ts";
import { verifySingle, verifyTrees } from "../../runtime/verify.ts";
import { operatorAt } from "../operator.ts";
import { textOption } from "../options.ts";
import { clean, count, productStyle } from "../render/text.ts";
import type { Style, Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options of `verify`. */
export interface VerifyCommandOptions {
  /** With the receipts that belong to it. */
  readonly tree?: unknown;
  readonly json?: unknown;
  readonly receiptDir?: unknown;
  readonly stateDir?: unknown;
  /** Fingerprints to believe. */
  readonly trustRoot?: readonly string[];
  readonly allowLocalDevelopmentSignatures?: unknown;
}

/** Verifies what is named; without a name, the receipt directory. */
export async function verifyCommand(
  terminal: Terminal,
  named: string | undefined,
  options: VerifyCommandOptions,
): Promise<number> {
  const stateDir = textOption("--state-dir", options.stateDir);
  const operator = await operatorAt(terminal, terminal.cwd, stateDir === undefined ? {} : { stateDir });
  const flag = textOption("--receipt-dir", options.receiptDir) ?? null;
  const directory = receiptPlace(flag, terminal.env, operator, "skill", terminal.cwd)?.directory ?? null;
  const target = {
    named: named ?? directory ?? ".",
    cwd: terminal.cwd,
    directory,
    tree: options.tree === true,
    readInput: () => terminal.readInput(),
  };
  const read = await readVerifiable(target, [readExportFile]);
  if (!read.ok) throw new UsageError(read.problem.code, read.problem.message);
  const keys = await verifierKeys(
    terminal.env,
    pinsOf(operator.user),
    trustRoots(options),
    read.value.keyHints,
    read.value.exported?.keys,
  );
  if (!keys.ok) throw new UsageError(keys.problem.code, keys.problem.message);
  const how = { keys: keys.keys, allowPseudo: options.allowLocalDevelopmentSignatures === true };
  const verdict = options.tree === true ? null : verifySingle(read.value, how);
  const result = verdict ?? verifyTrees(read.value, how);
  if (options.json === true) terminal.out(`${JSON.stringify(result, null, 2)}\n`);
  else if ("trees" in result) tellTrees(terminal, result, read.value);
  else tellOne(terminal, result, read.value);
  return result.valid ? 0 : 1;
}

/** The fingerprints that were given, in full; throws UsageError for what is none. */
export function trustRoots(options: Pick<VerifyCommandOptions, "trustRoot">): readonly string[] {
  return (options.trustRoot ?? []).map((given) => {
    const print = fingerprintOf(given);
    if (print !== null) return print;
    throw new UsageError(
      "trust_root",
      `--trust-root takes a key's fingerprint, sha256: and 64 hex digits; got "${clean(given)}"`,
    );
  });
}

function tellOne(terminal: Terminal, verdict: Verdict, { from }: Verifiable): void {
  const style = productStyle(terminal);
  const lines = [
    `receipt       ${verdict.receipt_id ?? `none in ${clean(from)}`}`,
    ...results(verdict.integrity.valid, verdict.authenticity, style),
    ...verdict.findings.map((found) => findingLine(found, style)),
    style.dim(`lineage       not looked at; --tree verifies the receipts that belong to it too`),
  ];
  terminal.out(`${lines.join("\n")}\n`);
}

/** Findings of one tree that are shown; the rest is counted. */
const SHOWN = 20;

function tellTrees(terminal: Terminal, report: TreeReport, { from }: Verifiable): void {
  const style = productStyle(terminal);
  const lines: string[] = [];
  for (const tree of report.trees) lines.push(...treeLines(tree, style), "");
  for (const { file, message } of report.unreadable_files)
    lines.push(`${style.red("unreadable")} ${clean(file)}: ${clean(message)}`);
  if (report.trees.length === 0) lines.push(`no receipts in ${clean(from)}`);
  terminal.out(`${lines.join("\n").trimEnd()}\n`);
}

function treeLines(tree: TreeVerdict, style: Style): readonly string[] {
  const shown = tree.findings.slice(0, SHOWN).map((found) => findingLine(found, style));
  const more = tree.findings.length - shown.length;
  return [
    `tree          ${tree.root_receipt_id} (${count(tree.receipt_count, "receipt")})`,
    ...results(tree.integrity.valid, tree.authenticity, style),
    ...shown,
    ...(more > 0 ? [`  … and ${more} more; --json gives them all`] : []),
  ];
}

function results(integrity: boolean, authenticity: Verdict["authenticity"], style: Style): readonly string[] {
  const yes = style.green("valid");
  const no = style.red("INVALID");
  const status = authenticity.valid ? style.green("trusted") : style.red(authenticity.status);
  return [
    `integrity     ${integrity ? `${yes}: every digest, link and signature agrees` : no}`,
    `authenticity  ${status}`,
    ...authenticity.fingerprints.map((print) => `signed by     ${clean(print)}`),
  ];
}

function findingLine(found: Verdict["findings"][number], style: Style): string {
  const where = [found.file, found.receipt_id].filter((part) => part !== undefined).map(clean);
  const place = `${where.join(" ")}${where.length > 0 ? " " : ""}${clean(found.path)}`;
  return `  ${style.yellow(found.code)} ${place}: ${clean(found.message)}`;
}
