/** Regular expressions and globs. All run on the machine of regex/program.ts, in linear time. */
import { isList, type RegoValue } from "../value.ts";
import type { Budget } from "../limits.ts";
import type { Match, Program } from "../regex/program.ts";
import type { BuiltinTable, BuiltinWorld } from "./builtin.ts";
import { textsOf } from "./strings.ts";

type Result = RegoValue | undefined;

/** A text as characters, for the machine. */
function points(text: string, budget: Budget): readonly number[] {
  budget.grow(text.length);
  return Array.from(text, (char) => char.codePointAt(0) as number);
}

function part(text: readonly number[], from: number | undefined, to: number | undefined, budget: Budget): string {
  if (from === undefined || to === undefined || from < 0 || to < 0) return "";
  budget.grow(to - from);
  let made = "";
  for (let i = from; i < to; i++) made += String.fromCodePoint(text[i] as number);
  return made;
}

/** The matches of a text that do not overlap, at most `limit`; as Go finds them. */
function matches(program: Program, text: readonly number[], limit: number, budget: Budget): readonly Match[] {
  const found: Match[] = [];
  let last = -1;
  for (let at = 0; at <= text.length && found.length < limit;) {
    const match = program.find(text, at, budget);
    if (match === null) break;
    const [from = 0, to = 0] = match;
    // An empty match right after another one is none.
    if (to > from || from !== last) {
      budget.grow(match.length);
      found.push(match);
    }
    last = to;
    at = to > from ? to : to + 1;
  }
  return found;
}

function prepared(
  pattern: RegoValue | undefined,
  text: RegoValue | undefined,
  { budget, matchers }: BuiltinWorld,
): { readonly program: Program; readonly text: readonly number[] } | null {
  if (typeof pattern !== "string" || typeof text !== "string") return null;
  const program = matchers.regex(pattern, budget);
  return program === null ? null : { program, text: points(text, budget) };
}

function limitOf(count: RegoValue | undefined): number | null {
  if (typeof count !== "number" || !Number.isInteger(count)) return null;
  return count < 0 ? Infinity : count;
}

/** `$1`, `$name`, their forms in braces and `$$` of a replacement, as Go expands them; what names no group is empty. */
function expanded(
  template: string,
  match: Match,
  { program: { names }, text }: { readonly program: Program; readonly text: readonly number[] },
  budget: Budget,
): string {
  return template.replace(
    /\$(?:(\$)|\{([0-9A-Za-z_]+)\}|([0-9A-Za-z_]+))/g,
    (_all, dollar?: string, braced?: string, bare?: string) => {
      if (dollar !== undefined) return "$";
      const name = braced ?? bare ?? "";
      const group = /^(?:0|[1-9][0-9]{0,2})$/.test(name) ? Number(name) : names.get(name);
      return group === undefined ? "" : part(text, match[group * 2], match[group * 2 + 1], budget);
    },
  );
}

function replace([text, pattern, template]: readonly RegoValue[], world: BuiltinWorld): Result {
  const ready = prepared(pattern, text, world);
  if (ready === null || typeof template !== "string") return undefined;
  const { budget } = world;
  let made = "";
  let rest = 0;
  for (const match of matches(ready.program, ready.text, Infinity, budget)) {
    const [from = 0, to = 0] = match;
    const put = expanded(template, match, ready, budget);
    budget.grow(put.length);
    made += part(ready.text, rest, from, budget) + put;
    rest = to;
  }
  return made + part(ready.text, rest, ready.text.length, budget);
}

function split([pattern, text]: readonly RegoValue[], world: BuiltinWorld): Result {
  const ready = prepared(pattern, text, world);
  if (ready === null) return undefined;
  const { budget } = world;
  const made: string[] = [];
  let rest = 0;
  for (const [from = 0, to = 0] of matches(ready.program, ready.text, Infinity, budget)) {
    // An empty match at the beginning or end splits nothing off.
    if (to === from && (from === 0 || from === ready.text.length)) continue;
    made.push(part(ready.text, rest, from, budget));
    rest = to;
  }
  made.push(part(ready.text, rest, ready.text.length, budget));
  return made;
}

function globMatch([pattern, delimiters, text]: readonly RegoValue[], { budget, matchers }: BuiltinWorld): Result {
  if (typeof pattern !== "string" || typeof text !== "string") return undefined;
  const given = delimiters === null ? [] : isList(delimiters) && delimiters.length === 0 ? ["."] : textsOf(delimiters);
  if (given === null || !given.every((one) => [...one].length === 1)) return undefined;
  const program = matchers.glob(pattern, given, budget);
  return program === null ? undefined : program.find(points(text, budget), 0, budget) !== null;
}

export const patternBuiltins: BuiltinTable = {
  "regex.match": [
    2,
    ([pattern, text], world) => {
      const ready = prepared(pattern, text, world);
      return ready === null ? undefined : ready.program.find(ready.text, 0, world.budget) !== null;
    },
  ],
  "regex.is_valid": [
    1,
    ([pattern], { budget, matchers }) => typeof pattern === "string" && matchers.regex(pattern, budget) !== null,
  ],
  "regex.find_n": [
    3,
    ([pattern, text, count], world) => {
      const ready = prepared(pattern, text, world);
      const limit = limitOf(count);
      if (ready === null || limit === null) return undefined;
      return matches(ready.program, ready.text, limit, world.budget).map(([from, to]) =>
        part(ready.text, from, to, world.budget),
      );
    },
  ],
  "regex.find_all_string_submatch_n": [
    3,
    ([pattern, text, count], world) => {
      const ready = prepared(pattern, text, world);
      const limit = limitOf(count);
      if (ready === null || limit === null) return undefined;
      const { groups } = ready.program;
      return matches(ready.program, ready.text, limit, world.budget).map((match) =>
        Array.from({ length: groups + 1 }, (_none, i) =>
          part(ready.text, match[i * 2], match[i * 2 + 1], world.budget),
        ),
      );
    },
  ],
  "regex.replace": [3, replace],
  "regex.split": [2, split],
  "glob.match": [3, globMatch],
  "glob.quote_meta": [
    1,
    ([text], { budget }) => {
      if (typeof text !== "string") return undefined;
      budget.grow(text.length * 2);
      return text.replace(/[*?\\[\]{}]/g, (char) => `\\${char}`);
    },
  ],
};
