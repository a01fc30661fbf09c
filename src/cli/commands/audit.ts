/**
 * `countersign audit`: what a state directory recorded beside its runs, and whether that record is whole (docs/audit.md).
 *
 * `verify` exits with 0 when the log agrees with itself and a trusted key has signed it, 1 when it does not, 2 when
 * there is nothing to read. `list` exits with 0, 1 when the log is broken, 2 likewise.
 */
import {
  auditTrust,
  auditTypes,
  auditTypesOf,
  readAudit,
  type Audited,
  type AuditLine,
  type AuditType,
  type AuditVerdict,
} from "../../runtime/audit.ts";
import { pinsOf, type VerifierKeys } from "../../runtime/keys.ts";
import { fingerprintOf } from "../../runtime/receipts.ts";
import { operatorAt, stateDirOf } from "../operator.ts";
import { textOption, wholeOption } from "../options.ts";
import { auditRows, lineJson, verdictJson, verdictText } from "../render/audit.ts";
import { clean, count, productStyle, productWidth } from "../render/text.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options as commander gives them. */
export type AuditOptions = Readonly<Record<string, unknown>>;

/** Checks the log and says how far it is signed. */
export async function auditVerifyCommand(terminal: Terminal, options: AuditOptions = {}): Promise<number> {
  const contains = texts("--contains", options["contains"]).map((one) => {
    const hash = one.toLowerCase().replace(/^sha256:/, "");
    if (!/^[0-9a-f]{64}$/.test(hash))
      throw new UsageError("option", "--contains takes the hash of a line: 64 hex digits");
    return hash;
  });
  const { verdict } = await read(terminal, options, { contains });
  if (options["json"] === true) terminal.out(`${JSON.stringify(verdictJson(verdict), null, 2)}\n`);
  else terminal.out(verdictText(verdict, productStyle(terminal)));
  for (const { code, message } of verdict.findings) terminal.err(`countersign: ${clean(message)} [${code}]\n`);
  return verdict.integrity && verdict.authenticity ? 0 : 1;
}

/** How many entries are listed when nothing is said, and the most that can be asked for. */
const LISTED = 50;
const MAX_LISTED = 10_000;

/** Lists the newest entries, oldest first. */
export async function auditListCommand(terminal: Terminal, options: AuditOptions = {}): Promise<number> {
  const limit = Math.min(wholeOption("--limit", options["limit"], LISTED), MAX_LISTED);
  const wanted = typesOption(options["type"]);
  const lines: AuditLine[] = [];
  let more = 0;
  const { verdict } = await read(terminal, options, {
    onLine: (line) => {
      if (wanted !== null && !wanted.includes(line.entry.type)) return;
      lines.push(line);
      if (lines.length <= limit) return;
      lines.shift();
      more++;
    },
  });
  if (options["json"] === true) terminal.out(`${JSON.stringify(lines.map(lineJson), null, 2)}\n`);
  else if (lines.length > 0) {
    terminal.out(`${auditRows(lines, productStyle(terminal), productWidth(terminal)).join("\n")}\n`);
  }
  if (more > 0) terminal.err(`${count(more, "earlier entry", "earlier entries")}; --limit shows more\n`);
  const { problem } = verdict.report;
  if (problem === null) return 0;
  terminal.err(`countersign: ${clean(problem.message)} [${problem.code}]\n`);
  return 1;
}

async function read(
  terminal: Terminal,
  options: AuditOptions,
  question: Parameters<typeof readAudit>[2],
): Promise<{ readonly verdict: AuditVerdict }> {
  const stateDir = await stateDirOf(terminal, textOption("--state-dir", options["stateDir"]));
  const { user } = await operatorAt(terminal, terminal.cwd, {});
  const roots = texts("--trust-root", options["trustRoot"]).map((one) => {
    const print = fingerprintOf(one);
    if (print === null) throw new UsageError("option", "--trust-root takes a fingerprint: sha256: and 64 hex digits");
    return print;
  });
  const trust = must<VerifierKeys>(await auditTrust(terminal.env, pinsOf(user), roots));
  const verdict: Audited<AuditVerdict> = await readAudit(stateDir, trust, question);
  return { verdict: must(verdict) };
}

function must<T>(
  outcome:
    | { readonly ok: true; readonly value: T }
    | {
        readonly ok: false;
        readonly problem: { readonly code: string; readonly message: string; readonly file?: string };
      },
): T {
  if (outcome.ok) return outcome.value;
  const { code, message, file } = outcome.problem;
  throw new UsageError(code, file === undefined || message.includes(file) ? message : `${message} (${file})`);
}

function typesOption(value: unknown): readonly AuditType[] | null {
  const words = textOption("--type", value)?.split(",");
  if (words === undefined) return null;
  const wrong = words.find((word) => auditTypesOf([word.trim()]).length === 0);
  if (wrong === undefined) return auditTypesOf(words.map((word) => word.trim()));
  throw new UsageError(
    "option",
    `--type takes ${auditTypes.join(", ")}, or what stands before the dot; got \`${wrong}\``,
  );
}

function texts(flag: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map((one) => textOption(flag, one) ?? "");
}
