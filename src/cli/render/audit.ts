/** The audit log as people and programs read it. */
import type { AuditLine, AuditVerdict } from "../../runtime/audit.ts";
import type { Style } from "../terminal.ts";
import { clean, count, cut, table } from "./text.ts";
import { localTime } from "../../runtime/kept-runs/time.ts";

/** A verdict in a few lines: how far the log is whole and signed, and by whom. */
export function verdictText({ report, signers }: AuditVerdict, style: Style): string {
  const { lines, signedUpTo, problem, torn, cuts, head } = report;
  const out: string[] = [];
  const place = problem?.line === undefined ? "" : ` at line ${problem.line}`;
  if (problem === null) out.push(`${style.green("whole")}: ${count(lines, "line")}`);
  else out.push(`${style.red("broken")}${place}: ${clean(problem.message.replace(/^line [0-9]+: /, ""))}`);
  out.push(`signed up to line ${signedUpTo}`);
  for (const { kid, fingerprint, principal, trusted, signatures, lastAt } of signers) {
    const mark = trusted ? style.green("trusted") : style.red("not trusted");
    const often = count(signatures, "signature");
    out.push(`  ${clean(kid)}  ${fingerprint}  ${clean(principal)}  ${often}, last ${localTime(lastAt)}  ${mark}`);
  }
  const tail = lines - signedUpTo;
  if (tail > 0) {
    const which = tail === 1 ? `line ${lines}` : `lines ${signedUpTo + 1} to ${lines}`;
    out.push(`${style.yellow("unsigned tail")}: ${which}; the next seal signs it`);
  }
  for (const one of cuts) {
    out.push(`${style.yellow("cut")}: an unfinished line of ${count(one.bytes, "byte")} above line ${one.line}`);
  }
  if (torn > 0) {
    out.push(`${style.yellow("torn")}: ${count(torn, "byte")} of an unfinished last line; the next writer cuts them`);
  }
  if (head !== null) out.push(`head: ${head}`);
  return `${out.join("\n")}\n`;
}

/** A verdict for programs. */
export function verdictJson({ report, signers, integrity, authenticity, findings }: AuditVerdict): object {
  return {
    ok: integrity && authenticity,
    integrity,
    authenticity,
    lines: report.lines,
    head: report.head,
    signed_up_to: report.signedUpTo,
    unsigned_lines: report.lines - report.signedUpTo,
    signers: signers.map(({ kid, fingerprint, principal, trusted, signatures, lastLine, lastAt }) => ({
      kid,
      fingerprint,
      principal,
      trusted,
      signatures,
      last_line: lastLine,
      last_at: timeText(lastAt),
    })),
    cuts: report.cuts,
    torn_bytes: report.torn,
    broken: report.problem === null ? null : { line: report.problem.line ?? null, reason: report.problem.message },
    findings,
  };
}

/** An entry for programs. */
export function lineJson({ seq, at, entry }: AuditLine): object {
  return { line: seq, at: timeText(at), ...entry };
}

/** Entries as a table. */
export function auditRows(lines: readonly AuditLine[], style: Style, columns: number): string[] {
  const rows = lines.map(({ seq, at, entry }) => [
    { text: String(seq), paint: style.dim },
    { text: localTime(at), paint: style.dim },
    { text: entry.type, paint: entry.type.endsWith(".refused") ? style.red : style.cyan },
    { text: cut(clean(summary(entry)), 200) },
  ]);
  return table(rows, columns);
}

function summary(entry: AuditLine["entry"]): string {
  switch (entry.type) {
    case "run.refused":
      return `${entry.document ?? "?"}: ${entry.message} [${entry.code}]`;
    case "run.sealed":
      return `${entry.run} ${entry.outcome}, ${entry.events} events, head ${entry.head.slice(0, 16)}`;
    case "key.made":
    case "key.trusted":
    case "key.revoked":
      return `${entry.kid} ${entry.fingerprint} of ${entry.principal}, by ${entry.by}`;
    case "keys.refresh_failed":
      return `${entry.from}: ${entry.message}`;
    case "credential.accepted":
    case "credential.used":
    case "credential.refused": {
      const what = `${entry.principal ?? "?"} for ${entry.capability ?? "?"}${entry.run === null ? "" : ` in ${entry.run}`}`;
      return entry.type === "credential.refused" ? `${what}: ${entry.message} [${entry.code}]` : what;
    }
    case "log.cut":
      return `an unfinished line of ${count(entry.bytes, "byte")} was cut`;
    case "log.signed":
      return `by ${entry.kid}, ${entry.principal}`;
  }
}

/** RFC 3339; a time outside of what dates hold stays a number. */
function timeText(at: number): string | number {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : at;
}
