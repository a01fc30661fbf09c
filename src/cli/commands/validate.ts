/**
 * `countersign validate FILE…`: is it right, and where is it wrong? Exit code 0: accepted; 2: some file cannot be read
 * or does not parse; 5: some file is refused by the checks, or has warnings under `--deny-warnings`.
 */
import path from "node:path";
import type { Range } from "../../graph/diagnostic.ts";
import { byPlace, checkFile, type CheckReport, type CheckedDiagnostic } from "../../runtime/check.ts";
import { documentAt } from "../../runtime/root.ts";
import { diagnosticText, tally } from "../render/diagnostics.ts";
import { sarifLog } from "../render/sarif.ts";
import { clean, count, cut, productStyle, productWidth } from "../render/text.ts";
import type { Style, Terminal } from "../terminal.ts";
import { operatorAt } from "../operator.ts";
import { oneOf } from "../options.ts";

/** Options of `validate`. */
export interface ValidateOptions {
  /** `text` (default), `json` or `sarif`. */
  readonly format?: unknown;
  /** Warnings refuse a document too. */
  readonly denyWarnings?: unknown;
}

/** Checks documents and prints what was found on standard output. */
export async function validateCommand(
  terminal: Terminal,
  named: readonly string[],
  options: ValidateOptions = {},
): Promise<number> {
  const format = oneOf("--format", options.format ?? "text", ["text", "json", "sarif"]);
  const deny = options.denyWarnings === true;
  const reports: CheckReport[] = [];
  const files = await Promise.all(named.map((file) => documentAt(file, terminal.cwd)));
  for (const file of files) {
    const folder = path.dirname(path.resolve(terminal.cwd, file));
    const operator = await operatorAt(terminal, folder, {});
    reports.push(await checkFile(file, terminal.cwd, { operator }));
  }
  if (format === "sarif") terminal.out(sarifLog(reports));
  else if (format === "json") {
    const bodies = reports.map((report) => jsonReport(report, deny));
    const several = bodies.map((body, i) => ({ file: files[i], ...body }));
    terminal.out(`${JSON.stringify(bodies.length === 1 ? bodies[0] : several, null, 2)}\n`);
  } else printText(terminal, reports, deny);
  if (reports.some(({ status }) => status === "unreadable" || status === "unparsable")) return 2;
  return reports.every((report) => isAccepted(report, deny)) ? 0 : 5;
}

function isAccepted(report: CheckReport, deny: boolean): boolean {
  if (report.status !== "accepted") return false;
  return !deny || report.diagnostics.every((one) => one.severity === "information");
}

function printText(terminal: Terminal, reports: readonly CheckReport[], deny: boolean): void {
  const style = productStyle(terminal);
  for (const report of reports) {
    const look = { style, width: productWidth(terminal), textOf: (file: string) => report.texts.get(file) ?? null };
    for (const one of inOrder(report.diagnostics)) terminal.out(`${diagnosticText(one, look)}\n`);
    terminal.out(`${summary(report, deny, style)}\n`);
  }
}

/** Errors first, each kind in the order of the text. */
function inOrder(diagnostics: readonly CheckedDiagnostic[]): CheckedDiagnostic[] {
  const rank = ({ severity }: CheckedDiagnostic): number => (severity === "error" ? 0 : 1);
  return [...diagnostics].sort((a, b) => rank(a) - rank(b) || (rank(a) === 0 ? byPlace(a, b) : 0));
}

/** Columns of a document's name that are shown. */
const MAX_NAME = 200;

/** `release-gate: valid, 7 nodes, 1 warning`. */
function summary(report: CheckReport, deny: boolean, style: Style): string {
  const name = cut(clean(report.name ?? report.file), MAX_NAME);
  const found = tally(report.diagnostics.map((one) => one.severity));
  const parts = [
    ...(report.dialect === null || report.dialect === "config" ? [] : [count(report.nodes, "node")]),
    ...(found === "" ? [] : [found]),
  ];
  const tail = parts.length === 0 ? "" : `, ${parts.join(", ")}`;
  switch (report.status) {
    case "unreadable":
      return `${name}: ${style.red("cannot be read")}`;
    case "unparsable":
      return `${name}: ${style.red("does not parse")}${found === "" ? "" : `, ${found}`}`;
    case "refused":
      return `${name}: ${style.red("invalid")}${tail}`;
    case "accepted":
      return isAccepted(report, deny)
        ? `${name}: ${style.green("valid")}${tail}`
        : `${name}: ${style.red("refused")}${tail} (--deny-warnings)`;
  }
}

interface JsonIssue {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly range: Range;
  readonly related?: readonly { readonly message: string; readonly file: string; readonly range: Range }[];
}

function jsonReport(report: CheckReport, deny: boolean): object {
  const parsed = report.status === "accepted" || report.status === "refused";
  return {
    ok: isAccepted(report, deny),
    workflow: parsed ? report.name : null,
    issues: report.diagnostics.map(jsonIssue),
  };
}

function jsonIssue(diagnostic: CheckedDiagnostic): JsonIssue {
  const { code, severity, message, at, related } = diagnostic;
  return {
    code,
    severity,
    message,
    range: at,
    ...(related.length === 0 ? {} : { related: related.map(({ at: range, ...rest }) => ({ ...rest, range })) }),
  };
}
