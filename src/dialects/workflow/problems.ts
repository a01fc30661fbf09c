/**
 * Problems of one document while it is read, and the words for what a schema refused.
 *
 * Invariant: every problem has a place; reading goes on after a problem, so an author sees several at once.
 */
import type { z } from "zod";
import type { Diagnostic, DocumentPath, Fix, Place } from "../../graph/diagnostic.ts";
import { didYouMean, suggest } from "../../graph/suggest.ts";
import { workflowCodes, type WorkflowCode } from "./codes.ts";
import { shapeAt } from "./schema-shape.ts";
import { tomlTypeName } from "./toml.ts";

/** More problems than an author will read at once; reading stops there. */
const MAX_PROBLEMS = 200;

/** What zod reports. */
type Issue = z.core.$ZodIssue;

/** The problems found so far. */
export class Problems {
  readonly file: string;
  readonly list: Diagnostic[] = [];

  constructor(file: string) {
    this.file = file;
  }

  /** True when some problem is an error. */
  get failed(): boolean {
    return this.list.some((problem) => problem.severity === "error");
  }

  /** True when there are so many problems that reading on serves nobody. */
  get full(): boolean {
    return this.list.length >= MAX_PROBLEMS;
  }

  add(code: WorkflowCode, at: Place, message: string, fixes: readonly Fix[] = []): void {
    if (this.list.length > MAX_PROBLEMS) return;
    const { file } = this;
    if (this.list.length === MAX_PROBLEMS) {
      const more = `only the first ${MAX_PROBLEMS} problems are listed`;
      this.list.push({ code: "too_many_problems", severity: "error", message: more, file, at });
      return;
    }
    const { severity } = workflowCodes[code];
    this.list.push({ code, severity, message, file, at, ...(fixes.length > 0 ? { fixes } : {}) });
  }

  /** A field whose name the table does not know. `known` are the names it does. */
  unknownKey(path: DocumentPath, known: readonly string[], message?: string): void {
    const key = String(path[path.length - 1]);
    const at: Place = { path, part: "key" };
    const near = suggest(key, known);
    const fixes: Fix[] = [];
    if (near !== null) fixes.push({ type: "replace", title: `Change to \`${near}\``, at, text: near });
    fixes.push({ type: "remove", title: `Remove \`${key}\``, at: { path, part: "construct" } });
    const expected = known.length === 0 ? "no fields are allowed here" : `expected one of ${listed(known)}`;
    this.add("unknown_key", at, message ?? `unknown field \`${key}\`, ${expected}${didYouMean(near)}`, fixes);
  }

  /** A word that is none of the few a field takes. */
  badWord(code: WorkflowCode, path: DocumentPath, word: unknown, words: readonly string[], what: string): void {
    const at: Place = { path, part: "value" };
    const near = typeof word === "string" ? suggest(word, words) : null;
    const fixes: Fix[] = near === null ? [] : [{ type: "replace", title: `Change to \`${near}\``, at, text: near }];
    const given = typeof word === "string" ? `unknown ${what} \`${word}\`` : `${what} is ${tomlTypeName(word)}`;
    this.add(code, at, `${given}, expected one of ${listed(words)}${didYouMean(near)}`, fixes);
  }

  /** A field that must be there. It is reported at the name of the table that lacks it. */
  missing(table: DocumentPath, key: string): void {
    this.add("missing_field", { path: table, part: "key" }, `missing field \`${key}\``);
  }

  wrongType(path: DocumentPath, expected: string, raw: unknown): void {
    const message = `${nameOf(path)} must be ${expected}; it is ${tomlTypeName(raw)}`;
    this.add("wrong_type", { path, part: "value" }, message);
  }

  /** Everything a schema refused of `raw`, the value at `base`. `remap` moves paths of values that were moved. */
  addIssues(
    schema: z.ZodType,
    raw: unknown,
    base: DocumentPath,
    issues: readonly Issue[],
    remap?: (path: DocumentPath) => DocumentPath,
  ): void {
    for (const issue of issues) {
      const inner = issue.path as DocumentPath;
      const place = (path: DocumentPath): DocumentPath => [...base, ...(remap === undefined ? path : remap(path))];
      this.addIssue(schema, issue, inner, valueAt(raw, inner), place);
    }
  }

  private addIssue(
    schema: z.ZodType,
    issue: Issue,
    inner: DocumentPath,
    value: unknown,
    place: (path: DocumentPath) => DocumentPath,
  ): void {
    if (issue.code === "unrecognized_keys") {
      const known = Object.keys(shapeAt(schema, inner) ?? {});
      for (const key of issue.keys) this.unknownKey(place([...inner, key]), known);
      return;
    }
    if (value === undefined) return this.missing(place(inner.slice(0, -1)), String(inner[inner.length - 1]));
    const path = place(inner);
    switch (issue.code) {
      case "invalid_type":
        return this.wrongType(path, expectedNames[issue.expected] ?? `a value of type ${issue.expected}`, value);
      case "invalid_union":
        return this.wrongType(path, unionName(issue), value);
      case "invalid_value":
        return this.badWord("invalid_value", path, value, issue.values.map(String), nameOf(path));
      case "too_small":
        return this.outOfRange(path, `at least ${issue.minimum}`, value);
      case "too_big":
        return this.outOfRange(path, `at most ${issue.maximum}`, value);
      default:
        this.add("wrong_type", { path, part: "value" }, `${nameOf(path)}: ${issue.message}`);
    }
  }

  private outOfRange(path: DocumentPath, bound: string, value: unknown): void {
    const given = typeof value === "bigint" || typeof value === "number" ? `; it is ${value}` : "";
    this.add("out_of_range", { path, part: "value" }, `${nameOf(path)} must be ${bound}${given}`);
  }
}

/** Names in back-ticks, with commas. */
export function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

const expectedNames: Readonly<Record<string, string>> = {
  string: "a string",
  bigint: "an integer",
  int: "an integer",
  number: "a number",
  boolean: "true or false",
  array: "an array",
  object: "a table",
  record: "a table",
};

/** `real` is the only union in schemas of this dialect that takes no table. */
function unionName(issue: Extract<Issue, { code: "invalid_union" }>): string {
  const expected = issue.errors.flatMap((branch) => branch.map((one) => ("expected" in one ? one.expected : "")));
  return expected.includes("number") ? "a number" : "of another type";
}

/** The innermost name of a path: an index is shown with the name before it. */
function nameOf(path: DocumentPath): string {
  let at = path.length - 1;
  while (at > 0 && typeof path[at] === "number") at--;
  const name = path[at] === undefined ? "the document" : String(path[at]);
  return `\`${name}${path
    .slice(at + 1)
    .map((index) => `[${index}]`)
    .join("")}\``;
}

function valueAt(raw: unknown, path: DocumentPath): unknown {
  let value = raw;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value;
}
