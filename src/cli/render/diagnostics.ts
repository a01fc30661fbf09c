/**
 * Findings as a compiler shows them: `file:line:column severity code message`, the line with what is meant
 * underlined, the places that explain it, and what could be done. Pure but for {@link printDiagnostics}.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Diagnostic, Range, Severity } from "../../graph/diagnostic.ts";
import type { CheckedDiagnostic } from "../../runtime/check.ts";
import { locate } from "../../runtime/documents.ts";
import { styleFor, type Style, type Terminal } from "../terminal.ts";
import { charWidth, clean, count, cut, width } from "./text.ts";

/** How findings are shown. */
export interface DiagnosticsLook {
  readonly style: Style;
  /** Columns; infinite for what is not a terminal. */
  readonly width: number;
  /** The text of a file, null when it is not at hand. */
  readonly textOf: (file: string) => string | null;
}

/** Columns of source text that are shown of a line that nobody limits. */
const MAX_SOURCE = 160;
/** Columns that a tab takes in a shown line. */
const TAB = "    ";

/** One finding, every line with its line feed. */
export function diagnosticText(diagnostic: CheckedDiagnostic, look: DiagnosticsLook): string {
  const { style } = look;
  const { file, at, severity, code, message, related } = diagnostic;
  const number = String(at.start.line + 1);
  const gutter = " ".repeat(number.length);
  const lines = [
    `${style.bold(place(file, at))} ${paint(style, severity)(severity)} ${style.dim(code)} ${style.bold(clean(message))}`,
  ];
  const source = sourceLine(look.textOf(file), at, look.width - number.length - 4);
  if (source !== null) {
    const bar = style.dim("|");
    lines.push(`${gutter} ${bar}`);
    lines.push(`${style.dim(number)} ${bar} ${source.text}`.trimEnd());
    lines.push(`${gutter} ${bar} ${source.before}${paint(style, severity)("^".repeat(source.carets))}`);
  }
  for (const one of related) lines.push(`${gutter} ${style.dim("=")} ${place(one.file, one.at)} ${clean(one.message)}`);
  for (const fix of diagnostic.fixes ?? []) {
    // The sentence has named a replacement already.
    if (fix.type !== "replace") lines.push(`${gutter} ${style.dim("=")} ${style.cyan("help")} ${clean(fix.title)}`);
  }
  return `${lines.join("\n")}\n`;
}

function place(file: string, at: Range): string {
  return `${clean(file)}:${at.start.line + 1}:${at.start.character + 1}`;
}

/** The colour of a severity. */
function paint(style: Style, severity: Severity): (text: string) => string {
  if (severity === "error") return style.red;
  return severity === "warning" ? style.yellow : style.cyan;
}

interface SourceLine {
  readonly text: string;
  /** Blanks below what stands before the range. */
  readonly before: string;
  readonly carets: number;
}

/** The line a range begins on, as far as it fits around the range. */
function sourceLine(text: string | null, at: Range, columns: number): SourceLine | null {
  const line = text === null ? null : lineAt(text, at.start.line);
  if (line === null) return null;
  const from = Math.min(at.start.character, line.length);
  const to = at.end.line > at.start.line ? line.length : Math.min(Math.max(at.end.character, from), line.length);
  const room = Math.max(16, Math.min(columns, MAX_SOURCE));
  // Far to the right only a window of the line is shown; a third of it before the range.
  const lead = shown(line.slice(Math.max(0, from - room), from));
  const before = lead.width <= room / 2 && from <= room ? lead.text : `…${tail(lead.text, Math.floor(room / 3))}`;
  const rest = shown(line.slice(from, from + room));
  const visible = cut(before + rest.text + (line.length > from + room ? "…" : ""), room);
  const meant = shown(line.slice(from, Math.min(to, from + room))).width;
  const carets = Math.max(1, Math.min(meant, room - width(before)));
  return { text: visible, before: " ".repeat(width(before)), carets };
}

/** A stretch of source as it is printed: tabs as blanks, control characters as pictures. */
function shown(source: string): { readonly text: string; readonly width: number } {
  const text = clean(source.replaceAll("\t", TAB));
  return { text, width: width(text) };
}

/** The end of a text, at most `columns` columns of it. */
function tail(text: string, columns: number): string {
  const characters = [...text];
  let used = 0;
  let from = characters.length;
  while (from > 0 && used + charWidth(characters[from - 1] as string) <= columns)
    used += charWidth(characters[--from] as string);
  return characters.slice(from).join("");
}

/** Line `index` without its line feed; null behind the end. */
function lineAt(text: string, index: number): string | null {
  const from = lineStarts(text)[index];
  if (from === undefined) return null;
  const end = text.indexOf("\n", from);
  const line = text.slice(from, end < 0 ? text.length : end);
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** Where the lines of the text that was asked about last begin: findings of one file come one after the other. */
let known: { readonly text: string; readonly starts: readonly number[] } = { text: "", starts: [0] };

function lineStarts(text: string): readonly number[] {
  if (known.text === text) return known.starts;
  const starts = [0];
  for (let feed = text.indexOf("\n"); feed >= 0; feed = text.indexOf("\n", feed + 1)) starts.push(feed + 1);
  known = { text, starts };
  return starts;
}

/** `1 error, 2 warnings`, nothing that there is none of; empty for none at all. */
export function tally(severities: readonly Severity[]): string {
  const of = (severity: Severity): number => severities.filter((one) => one === severity).length;
  const parts = [
    of("error") > 0 ? count(of("error"), "error") : "",
    of("warning") > 0 ? count(of("warning"), "warning") : "",
    of("information") > 0 ? count(of("information"), "note") : "",
  ];
  return parts.filter((one) => one !== "").join(", ");
}

/** Shows findings that keep a command from its work, on standard error; `file` is the document as it was named. */
export async function printDiagnostics(
  terminal: Terminal,
  diagnostics: readonly Diagnostic[],
  file: string,
): Promise<void> {
  const text = await textOf(path.resolve(terminal.cwd, file));
  const look: DiagnosticsLook = {
    style: styleFor(terminal),
    width: terminal.interactive.output ? terminal.width : Number.POSITIVE_INFINITY,
    textOf: (name) => (name === file ? text : null),
  };
  for (const one of locate(diagnostics, look.textOf)) {
    const related = (one.related ?? []).flatMap(({ at, ...rest }) => ("start" in at ? [{ ...rest, at }] : []));
    terminal.err(diagnosticText({ ...one, related }, look));
  }
  terminal.err(`${clean(file)}: ${tally(diagnostics.map((one) => one.severity))}\n`);
}

/** The file's text for showing lines; a file that has gone since has none. */
async function textOf(file: string): Promise<string | null> {
  return readFile(file, "utf8").catch(() => null);
}
