/**
 * Findings as SARIF 2.1.0 (OASIS standard "Static Analysis Results Interchange Format"), for code scanning. Pure.
 */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { graphCodes } from "../../graph/codes.ts";
import type { Range, Severity } from "../../graph/diagnostic.ts";
import type { CheckReport, CheckedDiagnostic } from "../../runtime/check.ts";
import { VERSION } from "../../runtime/version.ts";

const levels: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  error: "error",
  warning: "warning",
  information: "note",
};

/** The log of one run of `validate`, indented, ending in a line feed. */
export function sarifLog(reports: readonly CheckReport[]): string {
  const found = reports.flatMap((report) => report.diagnostics);
  const ids = [...new Set(found.map((one) => one.code))].sort();
  const unread = reports.filter((report) => report.status === "unreadable");
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "countersign", version: VERSION, rules: ids.map((id) => rule(id)) } },
        columnKind: "utf16CodeUnits",
        artifacts: [...new Set(reports.map((report) => report.file))].map((file) => ({ location: { uri: uri(file) } })),
        invocations: [{ executionSuccessful: unread.length === 0 }],
        results: found.map((one) => result(one, ids.indexOf(one.code))),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function rule(id: string): object {
  const info = Object.hasOwn(graphCodes, id) ? graphCodes[id as keyof typeof graphCodes] : undefined;
  if (info === undefined) return { id };
  return {
    id,
    shortDescription: { text: info.text },
    help: { text: info.docs, markdown: info.docs },
    defaultConfiguration: { level: levels[info.severity] },
  };
}

function result(diagnostic: CheckedDiagnostic, ruleIndex: number): object {
  const { code, severity, message, file, at, related } = diagnostic;
  return {
    ruleId: code,
    ruleIndex,
    level: levels[severity],
    message: { text: message },
    locations: [location(file, at)],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((one, id) => ({
            id,
            ...location(one.file, one.at),
            message: { text: one.message },
          })),
        }),
  };
}

function location(file: string, { start, end }: Range): object {
  const region = {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
  return { physicalLocation: { artifactLocation: { uri: uri(file) }, region } };
}

/** A relative path stays relative, so that a log means the same in another checkout. */
function uri(file: string): string {
  if (path.isAbsolute(file)) return pathToFileURL(file).href;
  const parts = path.normalize(file).split(path.sep);
  return parts.map((part) => encodeURIComponent(part)).join("/");
}
