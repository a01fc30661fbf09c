/**
 * A report as one HTML file: no script, nothing fetched, legible in light and dark and on paper. Pure.
 *
 * Invariants: all text is escaped; the content security policy allows the one style sheet by its hash and pictures that
 * stand in the file, and nothing else. Pictures are shown as images, so nothing in them can act.
 */
import { createHash } from "node:crypto";
import { toBase64 } from "../../graph/bytes.ts";
import { reportStyle } from "./html-style.ts";
import type { Cell, Report, Table } from "./report.ts";
import { html } from "./text.ts";

/** The graph drawn for both themes. */
export interface Pictures {
  readonly light: string;
  readonly dark: string;
  /** What a screen reader is told. */
  readonly alt: string;
}

/** Cells of at most so many characters stay on one line; a table that is too wide scrolls. */
const SHORT = 28;

/** The whole file. */
export function htmlReport(report: Report, pictures: Pictures | null): string {
  const style = createHash("sha256").update(reportStyle).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${style}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const { verdict } = report;
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${html(report.title)}</title>`,
    `<style>${reportStyle}</style>`,
    "</head>",
    "<body>",
    "<main>",
    `<header><h1>${html(report.title)}</h1><p class="lead">${html(report.lead)}</p></header>`,
    `<section class="verdict ${verdictTone(report)}" aria-label="Verdict"><h2>${html(verdict.words)}</h2><ul>${verdict.lines.map((line) => `<li>${html(line)}</li>`).join("")}</ul></section>`,
    ...(pictures === null ? [] : [picture(pictures)]),
    `<section><h2>The run</h2><dl>${report.facts.map(([label, cell]) => `<div><dt>${html(label)}</dt><dd>${cellText(cell)}</dd></div>`).join("")}</dl></section>`,
    ...report.tables.map(tableText),
    ...(report.disclosed.length === 0 ? [] : [disclosed(report)]),
    `<section><h2>What this does not prove</h2><ul>${report.limits.map((line) => `<li>${html(line)}</li>`).join("")}</ul></section>`,
    `<footer><p>This report is for reading. What can be checked is the bundle:</p><p><code>${html(report.command)}</code></p></footer>`,
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

function verdictTone({ verdict }: Report): string {
  if (!verdict.good) return "bad";
  return verdict.words.startsWith("Verified") ? "good" : "wait";
}

function picture({ light, dark, alt }: Pictures): string {
  const source = (svg: string): string => `data:image/svg+xml;base64,${toBase64(new TextEncoder().encode(svg))}`;
  return `<figure><picture><source media="screen and (prefers-color-scheme: dark)" srcset="${source(dark)}"><img src="${source(light)}" alt="${html(alt)}"></picture><figcaption>The graph as it was pinned when the run started.</figcaption></figure>`;
}

function tableText({ title, columns, rows, empty, more }: Table): string {
  if (rows.length === 0) return `<section><h2>${html(title)}</h2><p class="none">${html(empty)}</p></section>`;
  const head = columns.map((name) => `<th scope="col">${html(name)}</th>`).join("");
  const body = rows
    .map(
      (row) =>
        `<tr>${row.map((cell) => `<td${cell.text.length <= SHORT ? ' class="short"' : ""}>${cellText(cell)}</td>`).join("")}</tr>`,
    )
    .join("\n");
  const rest = more > 0 ? `<p class="none">… and ${more} more.</p>` : "";
  return `<section><h2>${html(title)}</h2><div class="scroll" tabindex="0" role="region" aria-label="${html(title)}"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${rest}</section>`;
}

function disclosed(report: Report): string {
  const items = report.disclosed.map(
    ({ label, value }) => `<h3>${html(label)}</h3><pre tabindex="0">${html(value)}</pre>`,
  );
  return `<section><h2>Disclosed values</h2>${items.join("")}</section>`;
}

function cellText({ text, tone }: Cell): string {
  if (text === "") return "";
  if (tone === "code") return `<code>${html(text)}</code>`;
  return tone === "plain" ? html(text) : `<span class="tag ${tone}">${html(text)}</span>`;
}
