/** The front end as tests use it, with all kinds. */
import { createWorkflowFrontEnd } from "../../../src/dialects/workflow/front-end.ts";
import { isRange, type Diagnostic, type Range } from "../../../src/graph/diagnostic.ts";
import type { Graph } from "../../../src/graph/model.ts";
import { definitions } from "../../../src/kinds/definitions.generated.ts";

export const frontEnd = createWorkflowFrontEnd({ kinds: definitions });

/** Parses and expects success. */
export function graphOf(text: string): Graph {
  const { graph, diagnostics } = frontEnd.parse(text, "test.toml");
  if (graph === null) throw new Error(`did not parse: ${JSON.stringify(diagnostics)}`);
  return graph;
}

/** All diagnostics: those of reading, else those of validation. */
export function diagnosticsOf(text: string): readonly Diagnostic[] {
  const { graph, diagnostics } = frontEnd.parse(text, "test.toml");
  return graph === null ? diagnostics : [...diagnostics, ...frontEnd.validate(graph)];
}

/** Codes and messages, one a line. */
export function linesOf(text: string): string[] {
  return diagnosticsOf(text).map((one) => `${one.code}: ${one.message}`);
}

/** What a range covers, read with the line rules of editors. */
export function slice(text: string, { start, end }: Range): string {
  return text.slice(offset(text, start), offset(text, end));
}

/** The offset of a position; throws when it lies outside the text. */
export function offset(text: string, position: Range["start"]): number {
  const lines = text.split(/\r\n|\r|\n/);
  const line = lines[position.line];
  if (line === undefined || position.character > line.length) throw new Error(`outside: ${JSON.stringify(position)}`);
  let at = 0;
  for (let i = 0; i < position.line; i++) {
    at += (lines[i] as string).length;
    at += text.startsWith("\r\n", at) ? 2 : 1;
  }
  return at + position.character;
}

/** What each diagnostic of a text points at. */
export function coveredBy(text: string): { code: string; text: string }[] {
  const locator = frontEnd.locator(text);
  return diagnosticsOf(text).map((one) => ({
    code: one.code,
    text: slice(text, isRange(one.at) ? one.at : locator.range(one.at)),
  }));
}
