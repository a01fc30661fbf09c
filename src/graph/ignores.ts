/**
 * `# countersign: ignore CODE`: warnings that an author has seen and wants (spec/editor.md §4). The comment stands on
 * the line of the finding, or on a line of its own above it; several codes are separated by commas or blanks.
 *
 * Boundary: pure; text and located findings. Errors are never silenced: the engine refuses them whatever a comment says.
 */
import type { CodeInfo } from "./codes.ts";
import type { LocatedDiagnostic, Range } from "./diagnostic.ts";

/** Reported where a comment silences nothing. */
export const UNUSED_IGNORE = "unused_ignore";

/** Its documentation. */
export const ignoreCodes = {
  [UNUSED_IGNORE]: {
    severity: "information",
    text: "A `# countersign: ignore CODE` silences nothing.",
    docs: `The comment stands on the line of the finding, or on a line of its own above it. Only warnings and information can be
silenced: errors are what the engine refuses, whatever a comment says.`,
    example: `# countersign: ignore may_be_null, no_policy\ninput_from = "draft.text"`,
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;

interface Ignore {
  readonly code: string;
  readonly at: Range;
  /** The line that it speaks of. */
  readonly line: number;
  used: boolean;
}

const comment = /#[ \t]*countersign:[ \t]*ignore\b[ \t]*([A-Za-z0-9_ \t,]*)$/;

/** What is left of `diagnostics` of this text, and a finding for each code that silenced nothing. */
export function withoutIgnored(
  diagnostics: readonly LocatedDiagnostic[],
  text: string,
  file: string,
): LocatedDiagnostic[] {
  const ignores = readIgnores(text);
  if (ignores.length === 0) return [...diagnostics];
  const kept = diagnostics.filter((diagnostic) => {
    if (diagnostic.severity === "error" || diagnostic.file !== file) return true;
    const hit = ignores.filter((one) => one.code === diagnostic.code && one.line === diagnostic.at.start.line);
    for (const one of hit) one.used = true;
    return hit.length === 0;
  });
  for (const { code, at, used } of ignores) {
    if (used) continue;
    const message = `nothing here is reported as \`${code}\`, so this comment silences nothing`;
    kept.push({ code: UNUSED_IGNORE, severity: "information", message, file, at });
  }
  return kept;
}

function readIgnores(text: string): Ignore[] {
  if (!text.includes("countersign:")) return [];
  const lines = text.split(/\r?\n/);
  const found: Ignore[] = [];
  lines.forEach((content, line) => {
    const match = comment.exec(content);
    if (match === null) return;
    const alone = content.slice(0, match.index).trim() === "";
    const about = alone ? nextLine(lines, line) : line;
    const list = match[1] as string;
    const from = match.index + match[0].length - list.length;
    for (const word of list.matchAll(/[A-Za-z0-9_]+/g)) {
      const start = { line, character: from + word.index };
      const end = { line, character: start.character + word[0].length };
      found.push({ code: word[0], at: { start, end }, line: about, used: false });
    }
  });
  return found;
}

/** The first line below that is neither blank nor a comment. */
function nextLine(lines: readonly string[], line: number): number {
  for (let i = line + 1; i < lines.length; i++) if (!/^[ \t]*(?:#|$)/.test(lines[i] as string)) return i;
  return line;
}
