/**
 * Which errors of the YAML library an author should see: one broken line makes it find fault with much of what
 * follows, and only the first of these is worth saying. Pure; the first error of a text always stays.
 */
import type { YAMLError } from "yaml";

/** Errors that mean a plain scalar holds `: `, or that what is below a line was taken for more of it. */
export const nestedMapping: ReadonlySet<string> = new Set(["BLOCK_AS_IMPLICIT_KEY", "MULTILINE_IMPLICIT_KEY"]);

/** The errors that are worth saying, in order. */
export interface Causes {
  readonly errors: readonly YAMLError[];
  /** The library has lost its place in the text: what it says of the rest depends on all that stands there. */
  readonly isLost: boolean;
  /** Stretches, in order, that were read as something else than what they are. */
  readonly spoiled: readonly (readonly [from: number, to: number])[];
}

/** Errors without those that only follow from another: in what a broken line holds, or behind a lost place. */
export function causes(errors: readonly YAMLError[], text: string): Causes {
  const kept: YAMLError[] = [];
  const spoiled: [number, number][] = [];
  /** The end of the last of them. */
  let end = -1;
  let isLost = false;
  for (const error of errors) {
    const [from] = error.pos;
    const outOfStep = error.message.includes(" token in YAML stream: ");
    const follows = from < end || (isLost && outOfStep);
    isLost ||= outOfStep;
    if (follows) continue;
    kept.push(error);
    if (!nestedMapping.has(error.code)) continue;
    end = Math.max(end, blockEnd(text, from));
    spoiled.push([from, end]);
  }
  return { errors: kept, isLost, spoiled };
}

/** Where the line of an offset and what is further in below it end; a dash counts to its item's column. */
function blockEnd(text: string, offset: number): number {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const column = /^[ \t]*(?:-[ \t]+)*/.exec(text.slice(start, offset + 1))?.[0].length ?? 0;
  let at = next(text, offset);
  while (at < text.length) {
    const after = next(text, at);
    const blanks = /^[ \t]*/.exec(text.slice(at, after))?.[0].length ?? 0;
    const isBlank = /^[\r\n#]?$/.test(text.slice(at + blanks, Math.min(at + blanks + 1, after)));
    if (!isBlank && blanks <= column) break;
    at = after;
  }
  return at;
}

function next(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  return newline < 0 ? text.length : newline + 1;
}
