/** A report as Markdown, to be pasted into a change request. Pure; all text is escaped. */
import type { Cell, Report, Table } from "./report.ts";
import { codeSpan, markdown, visible } from "./text.ts";

/** The whole report. `drawing`: the graph for forges that draw Mermaid; null draws none. */
export function markdownReport(report: Report, drawing: string | null): string {
  const { verdict } = report;
  const parts = [
    `# ${markdown(report.title)}`,
    markdown(report.lead),
    `> **${verdict.good ? "" : "⚠ "}${markdown(verdict.words)}**\n${verdict.lines.map((line) => `>\n> ${markdown(line)}`).join("\n")}`,
    facts(report),
    ...(drawing === null ? [] : ["## Graph", fenced(drawing.trimEnd(), "mermaid")]),
    ...report.tables.flatMap(tableText),
    ...(report.disclosed.length === 0
      ? []
      : [
          "## Disclosed values",
          ...report.disclosed.map(({ label, value }) => `${markdown(label)}:\n\n${fenced(visible(value), "json")}`),
        ]),
    "## What this does not prove",
    report.limits.map((line) => `- ${markdown(line)}`).join("\n"),
    `This report is for reading. What can be checked is the bundle: ${codeSpan(report.command)}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function facts(report: Report): string {
  const rows = report.facts.map(([label, cell]) => `| ${markdown(label)} | ${cellText(cell)} |`);
  return ["| | |", "| --- | --- |", ...rows].join("\n");
}

function tableText({ title, columns, rows, empty, more }: Table): readonly string[] {
  if (rows.length === 0) return [`## ${markdown(title)}`, markdown(empty)];
  const lines = [
    `| ${columns.map(markdown).join(" | ")} |`,
    `| ${columns.map(() => "---").join(" | ")} |`,
    ...rows.map((row) => `| ${row.map(cellText).join(" | ")} |`),
  ];
  return [`## ${markdown(title)}`, lines.join("\n"), ...(more > 0 ? [`… and ${more} more.`] : [])];
}

function cellText({ text, tone }: Cell): string {
  if (text === "") return " ";
  return tone === "code" ? codeSpan(text) : tone === "bad" ? `**${markdown(text)}**` : markdown(text);
}

/** A fence longer than any in the text. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
