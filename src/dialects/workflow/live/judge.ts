/**
 * What smol-toml says to a text that was cut into sections: accepted or not, its values, and everything that is
 * wrong with its syntax.
 *
 * Invariant: the answer is smol-toml's. It is asked for the whole text only where its answers for the sections do not
 * settle the matter.
 */
import type { Diagnostic } from "../../../graph/diagnostic.ts";
import type { TextLines } from "../../live/text-lines.ts";
import { workflowCodes } from "../codes.ts";
import { parseToml, symbolAt, type TomlTable } from "../toml.ts";
import { mergeAgain, mergeSections, valuesOf, type CutToml } from "./merge.ts";
import { cutSections, type Sections, type SyntaxFault } from "./sections.ts";

/** More syntax errors than an author will read at once. */
const MAX_FAULTS = 200;

/** A text, read as TOML. */
export interface TomlText extends CutToml {
  /** The root table; of a text that is not accepted, what could be read. */
  readonly table: TomlTable;
  readonly accepted: boolean;
  /** What is wrong, in the order of the text; empty when it is accepted. Offsets are of the text. */
  readonly faults: readonly SyntaxFault[];
}

/** Reads a text. `before`: a similar one. */
export function judge(text: string, before: CutToml | null): TomlText {
  const sections = cutSections(text, false, before?.sections ?? null);
  const merged = mergeAgain(sections, before);
  const first = sections.list.findIndex((section) => section.faults.length > 0);
  if (first < 0 && !merged.doubt) {
    return { sections, merged, table: valuesOf(merged, sections.list), accepted: true, faults: [] };
  }
  // Everything before the first broken section is right.
  const from = merged.doubt || first < 0 ? 0 : (sections.starts[first] as number);
  const rest = parseToml(from === 0 ? text : text.slice(from));
  if (!rest.ok) {
    const faults = allFaults(sections, { message: rest.message, offset: from + rest.offset });
    return { sections, merged, table: valuesOf(merged, sections.list), accepted: false, faults };
  }
  if (first < 0) return { sections, merged, table: rest.table, accepted: true, faults: [] };
  // A string was taken to end at a header that is part of it.
  const strict = cutSections(text, true, before?.sections ?? null);
  const whole = parseToml(text);
  const table = whole.ok ? whole.table : rest.table;
  return { sections: strict, merged: mergeSections(strict), table, accepted: true, faults: [] };
}

/** The faults of all sections, and the one that smol-toml meets first in the whole text. */
function allFaults({ list, starts }: Sections, whole: SyntaxFault): SyntaxFault[] {
  const faults: SyntaxFault[] = [whole];
  list.forEach((section, i) => {
    for (const { message, offset } of section.faults) {
      const at = (starts[i] as number) + offset;
      if (faults.length > MAX_FAULTS || (at === whole.offset && message === whole.message)) continue;
      faults.push({ message, offset: at });
    }
  });
  return faults.sort((a, b) => a.offset - b.offset);
}

/** The faults as findings. */
export function syntaxFindings(
  text: string,
  file: string,
  lines: TextLines,
  faults: readonly SyntaxFault[],
): Diagnostic[] {
  const { severity } = workflowCodes.toml_syntax;
  const findings = faults.map(({ message, offset }): Diagnostic => {
    return { code: "toml_syntax", severity, message, file, at: symbolAt(lines, text, offset) };
  });
  if (findings.length <= MAX_FAULTS) return findings;
  const message = `only the first ${MAX_FAULTS} syntax errors are listed`;
  const at = findings[findings.length - 1]?.at ?? lines.range(0, 0);
  return [...findings.slice(0, -1), { code: "too_many_problems", severity, message, file, at }];
}
