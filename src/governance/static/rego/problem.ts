/**
 * What is wrong with policy code: stable codes, and the place by line and column.
 */

/** Codes of {@link RegoProblem}, and what each means. */
export const regoCodes = {
  "rego.syntax": "The text is not Rego.",
  "rego.unsupported": "Rego that this evaluator does not know: it is refused, not passed over.",
  "rego.unsafe": "A variable that nothing gives a value.",
  "rego.declared": "A variable declared twice, used above its declaration, or never used.",
  "rego.recursion": "A rule that needs its own value.",
  "rego.unknown_function": "A function that is neither a rule nor a built-in.",
  "rego.arity": "A call with the wrong number of arguments.",
  "rego.rule_conflict": "Rules of one name that cannot stand together.",
  "rego.data_conflict": "Data at the place of a package or rule.",
  "rego.import": "An import that leads nowhere.",
  "rego.too_large": "The text is larger or nested deeper than policy code may be.",
  "rego.query": "The query is no expression, or names nothing that the policy defines.",
} as const satisfies Readonly<Record<string, string>>;

export type RegoCode = keyof typeof regoCodes;

/** A place in a module: line and column from 1 (UTF-16), and offsets. */
export interface RegoPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** UTF-16 offsets into the text. */
  readonly from: number;
  readonly to: number;
}

/** One finding; every one refuses the policy. */
export interface RegoProblem {
  readonly code: RegoCode;
  readonly message: string;
  readonly place: RegoPlace;
}

/** Most findings that one compilation reports. */
export const MAX_PROBLEMS = 20;

/** Gathers findings of a compilation. */
export class Problems {
  readonly found: RegoProblem[] = [];
  private readonly seen = new Set<string>();

  add(code: RegoCode, message: string, place: RegoPlace): void {
    const key = `${place.file}\0${place.from}\0${message}`;
    if (this.found.length >= MAX_PROBLEMS || this.seen.has(key)) return;
    this.seen.add(key);
    this.found.push({ code, message, place });
  }
}

/** `file:line:column: message`, as load errors print it. */
export function problemText({ message, place }: RegoProblem): string {
  return `${place.file}:${place.line}:${place.column}: ${message}`;
}
