/**
 * Looks through any answer of the protocol for places, and holds each against the text that it speaks of: lines and
 * columns must exist, ranges must not run backwards, edits must not overlap.
 */
import type { Position, Range } from "vscode-languageserver/node";
import { TextLines } from "../../../src/dialects/live/text-lines.ts";

/** The text of a document by its address; null for one that is not there. */
export type TextOf = (uri: string) => string | null;

const outside = (at: string, what: string): string => `${at}: ${what}`;

/** What is wrong with the places in an answer about `uri`; null when nothing is. */
export function wrongPlace(answer: unknown, uri: string, textOf: TextOf, method: string): string | null {
  if (/semanticTokens/.test(method)) return wrongTokens(answer, textOf(uri) ?? "");
  return new Walk(textOf).value(answer, uri, method);
}

class Walk {
  private readonly textOf: TextOf;
  private readonly lines = new Map<string, readonly string[]>();

  constructor(textOf: TextOf) {
    this.textOf = textOf;
  }

  value(value: unknown, uri: string, at: string): string | null {
    if (Array.isArray(value)) return this.list(value, uri, at);
    if (!isObject(value)) return null;
    if (isPosition(value)) return this.position(value, uri, at);
    if (isRange(value)) return this.range(value, uri, at);
    if (typeof value["startLine"] === "number") return this.folding(value, uri, at);
    const own = this.about(value, uri);
    for (const [key, inner] of Object.entries(value)) {
      // What only the server reads again, and arguments of commands.
      if (key === "data" || key === "arguments") continue;
      const target = key.startsWith("target") && typeof value["targetUri"] === "string" ? value["targetUri"] : own;
      const about = key === "originSelectionRange" ? uri : target;
      const wrong = key === "changes" ? this.changes(inner, at) : this.value(inner, about, `${at}.${key}`);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  /** Whose text the ranges of an object speak of. */
  private about(value: Readonly<Record<string, unknown>>, uri: string): string {
    if (typeof value["uri"] === "string") return value["uri"];
    const { textDocument, from } = value;
    if (isObject(textDocument) && typeof textDocument["uri"] === "string") return textDocument["uri"];
    // The ranges of an incoming call stand in the document of the caller.
    if (isObject(from) && typeof from["uri"] === "string") return from["uri"];
    return uri;
  }

  private list(values: readonly unknown[], uri: string, at: string): string | null {
    for (const [i, one] of values.entries()) {
      const wrong = this.value(one, uri, `${at}[${i}]`);
      if (wrong !== null) return wrong;
    }
    const edits = values.flatMap((one) =>
      isObject(one) && typeof one["newText"] === "string" && isRange(one["range"]) ? [one["range"]] : [],
    );
    edits.sort((a, b) => compare(a.start, b.start));
    for (const [i, edit] of edits.entries()) {
      const next = edits[i + 1];
      if (next !== undefined && compare(next.start, edit.end) < 0) return outside(at, "edits overlap");
    }
    return null;
  }

  private changes(changes: unknown, at: string): string | null {
    if (!isObject(changes)) return null;
    for (const [uri, edits] of Object.entries(changes)) {
      const wrong = this.value(edits, uri, `${at}.changes`);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  private position({ line, character }: Position, uri: string, at: string): string | null {
    const lines = this.linesOf(uri);
    // Of what cannot be read, only the beginning is known.
    if (lines === null) return line === 0 && character === 0 ? null : outside(at, `${uri} is not there`);
    const content = lines[line];
    const shown = `${line}:${character}`;
    if (content === undefined) return outside(at, `${shown} is not among the ${lines.length} lines`);
    if (character < 0 || character > content.length)
      return outside(
        at,
        `${shown} is not among the ${content.length} columns of ${JSON.stringify(content.slice(0, 80))}`,
      );
    return null;
  }

  private range({ start, end }: Range, uri: string, at: string): string | null {
    if (compare(end, start) < 0) return outside(at, "a range runs backwards");
    return this.position(start, uri, `${at}.start`) ?? this.position(end, uri, `${at}.end`);
  }

  private folding(fold: Readonly<Record<string, unknown>>, uri: string, at: string): string | null {
    const start = { line: Number(fold["startLine"]), character: Number(fold["startCharacter"] ?? 0) };
    const end = { line: Number(fold["endLine"]), character: Number(fold["endCharacter"] ?? 0) };
    if (end.line < start.line) return outside(at, "a fold runs backwards");
    return this.position(start, uri, at) ?? this.position(end, uri, at);
  }

  private linesOf(uri: string): readonly string[] | null {
    const known = this.lines.get(uri);
    if (known !== undefined) return known;
    const text = this.textOf(uri);
    if (text === null) return null;
    const lines = text.split(/\r\n?|\n/);
    this.lines.set(uri, lines);
    return lines;
  }
}

/** Tokens in the relative form of the protocol: within their lines, in order, not overlapping. */
function wrongTokens(answer: unknown, text: string): string | null {
  const data = isObject(answer) ? answer["data"] : null;
  if (!Array.isArray(data)) return null;
  const lines = new TextLines(text);
  let [line, character, end] = [0, 0, 0];
  for (let i = 0; i + 4 < data.length; i += 5) {
    const [down, right, length] = [Number(data[i]), Number(data[i + 1]), Number(data[i + 2])];
    if (down > 0) end = 0;
    line += down;
    character = down > 0 ? right : character + right;
    const width = lines.lineEnd(line) - lines.offset({ line, character: 0 });
    const shown = `token ${i / 5} at ${line}:${character}, ${length} long`;
    if (!(down >= 0 && right >= 0 && length > 0)) return `${shown}, has no sense`;
    if (lines.position(text.length).line < line || character + length > width)
      return `${shown}, is outside of its line`;
    if (character < end) return `${shown}, overlaps the one before`;
    end = character + length;
  }
  return null;
}

function compare(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPosition(value: unknown): value is Position {
  return isObject(value) && typeof value["line"] === "number" && typeof value["character"] === "number";
}

function isRange(value: unknown): value is Range {
  return isObject(value) && isPosition(value["start"]) && isPosition(value["end"]);
}
