/** Texts. Positions and lengths count characters, not UTF-16 units. */
import { isList, isNumber, isWhole, jsonText, numberText, RegoObject, RegoSet, type RegoValue } from "../value.ts";
import type { Budget } from "../limits.ts";
import type { Builtin, BuiltinTable, BuiltinWorld } from "./builtin.ts";

type Result = RegoValue | undefined;

/** The texts of an array or a set; null when something else is among them. */
export function textsOf(value: RegoValue | undefined): readonly string[] | null {
  const items = isList(value) ? value : value instanceof RegoSet ? value.sorted() : null;
  return items?.every((item) => typeof item === "string") === true ? items : null;
}

/** A function of texts, with its work counted. */
function ofTexts(count: number, run: (texts: readonly string[], budget: Budget) => Result): Builtin["run"] {
  return (args, { budget }) => {
    let size = 0;
    for (let i = 0; i < count; i++) {
      const arg = args[i];
      if (typeof arg !== "string") return undefined;
      size += arg.length;
    }
    budget.work(1 + size / 16);
    return run(args as readonly string[], budget);
  };
}

function built(text: string, budget: Budget): string {
  budget.grow(text.length);
  return text;
}

function indexOf(text: string, search: string): number {
  if (search === "") return -1;
  const at = text.indexOf(search);
  return at < 0 ? -1 : [...text.slice(0, at)].length;
}

function replaceAll(text: string, from: string, to: string, budget: Budget): string {
  const places = from === "" ? [...text].length + 1 : text.split(from).length - 1;
  budget.grow(text.length + places * to.length);
  if (from === "") return to + [...text].map((char) => char + to).join("");
  return text.replaceAll(from, () => to);
}

function split(text: string, separator: string, budget: Budget): readonly string[] {
  const parts = separator === "" ? [...text] : text.split(separator);
  budget.grow(parts.length + text.length);
  return parts;
}

function trimWith(left: boolean, right: boolean) {
  return ([text = "", set = ""]: readonly string[], budget: Budget): Result => {
    const cut = new Set(set);
    const chars = [...text];
    let from = 0;
    let to = chars.length;
    while (left && from < to && cut.has(chars[from] as string)) from++;
    while (right && to > from && cut.has(chars[to - 1] as string)) to--;
    return built(chars.slice(from, to).join(""), budget);
  };
}

const ascii = /^[\0-\x7f]*$/;

/** Character by character, as the reference does: no character becomes several, and none hangs on its neighbours. */
function lowerCase(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  // The one character whose small form JavaScript writes as two is a plain `i` in the reference.
  return Array.from(text, (char) => (char === "\u0130" ? "i" : char.toLowerCase())).join("");
}

/** As {@link lowerCase}; a character without a capital of its own (`ß`) stays. */
function upperCase(text: string): string {
  if (ascii.test(text)) return text.toUpperCase();
  return Array.from(text, (char) => {
    const made = char.toUpperCase();
    return made.length > char.length ? char : made;
  }).join("");
}

function substring([text, offset, length]: readonly RegoValue[], { budget }: BuiltinWorld): Result {
  if (typeof text !== "string" || typeof offset !== "number" || typeof length !== "number") return undefined;
  if (offset < 0 || !isWhole(offset) || !isWhole(length)) return undefined;
  const chars = [...text];
  return built(chars.slice(offset, length < 0 ? undefined : offset + length).join(""), budget);
}

function formatInt([value, base]: readonly RegoValue[], { budget }: BuiltinWorld): Result {
  if (!isNumber(value) || (base !== 2 && base !== 8 && base !== 10 && base !== 16)) return undefined;
  return built((typeof value === "number" ? BigInt(Math.trunc(value)) : value).toString(base), budget);
}

/** Every place of `search`, overlapping ones too. */
function indexOfAll([text = "", search = ""]: readonly string[], budget: Budget): Result {
  if (search === "") return undefined;
  const found: number[] = [];
  let counted = 0;
  let before = 0;
  for (let at = text.indexOf(search); at >= 0; at = text.indexOf(search, at + 1)) {
    counted += [...text.slice(before, at)].length;
    before = at;
    budget.grow(1);
    found.push(counted);
  }
  return found;
}

function anyMatch(matches: (text: string, part: string) => boolean): Builtin["run"] {
  return ([texts, parts], { budget }) => {
    const left = typeof texts === "string" ? [texts] : textsOf(texts);
    const right = typeof parts === "string" ? [parts] : textsOf(parts);
    if (left === null || right === null) return undefined;
    budget.work(left.length * right.length);
    return left.some((text) => right.some((part) => matches(text, part)));
  };
}

function replaceMany([patterns, text]: readonly RegoValue[], { budget }: BuiltinWorld): Result {
  if (!(patterns instanceof RegoObject) || typeof text !== "string") return undefined;
  const pairs = patterns.sorted().filter(([from]) => from !== "");
  if (!pairs.every(([from, to]) => typeof from === "string" && typeof to === "string")) return undefined;
  let made = "";
  for (let at = 0; at < text.length;) {
    budget.work(1 + pairs.length);
    const hit = pairs.find(([from]) => text.startsWith(from as string, at));
    const [from, to] = (hit ?? [text.charAt(at), text.charAt(at)]) as readonly [string, string];
    budget.grow(to.length);
    made += to;
    at += from.length;
  }
  return made;
}

/**
 * `%s %v %d %x %X %o %b %c %q %t %f %e %g %%`, with flags, width, precision and the number of an argument (`%[1]d`). What
 * does not fit is written out as Go does (`%!d(string=a)`): a message that is wrong must not make its rule undefined.
 */
function sprintf([format, values]: readonly RegoValue[], { budget }: BuiltinWorld): Result {
  if (typeof format !== "string" || !isList(values)) return undefined;
  let at = 0;
  let made = "";
  let rest = 0;
  for (const found of format.matchAll(/%([-+ 0#]*)([0-9]{0,4})(?:\.([0-9]{0,3}))?(?:\[([1-9][0-9]{0,2})\])?(.?)/gsu)) {
    made += format.slice(rest, found.index);
    rest = found.index + found[0].length;
    const [, flags = "", width = "", precision, nth, verb = ""] = found;
    if (verb === "") {
      made += "%!(NOVERB)";
      continue;
    }
    if (nth !== undefined) at = Number(nth) - 1;
    const value = verb === "%" ? undefined : values[at++];
    const text =
      verb === "%"
        ? "%"
        : (formatted(verb, flags, precision, value) ?? `%!${verb}(${value === undefined ? "" : typed(value)})`);
    const padding = Math.max(0, Number(width) - [...text].length);
    budget.grow(text.length + padding + 1);
    if (flags.includes("-")) made += text + " ".repeat(padding);
    else if (flags.includes("0") && /^[+-]?[0-9]/.test(text)) {
      const sign = /^[+-]/.exec(text)?.[0] ?? "";
      made += sign + "0".repeat(padding) + text.slice(sign.length);
    } else made += " ".repeat(padding) + text;
  }
  return built(made + format.slice(rest), budget);
}

function formatted(
  verb: string,
  flags: string,
  precision: string | undefined,
  value: RegoValue | undefined,
): string | null {
  if (value === undefined) return `%!${verb}(MISSING)`;
  const plus = (text: string): string => (flags.includes("+") && !text.startsWith("-") ? `+${text}` : text);
  const cut = (text: string): string =>
    precision === undefined ? text : [...text].slice(0, Number(precision)).join("");
  switch (verb) {
    case "s":
    case "v":
      return cut(shown(value));
    case "q":
      return jsonText(typeof value === "string" ? value : shown(value));
    case "t":
      return typeof value === "boolean" ? String(value) : null;
    case "d":
      return isWhole(value) ? plus(numberText(value)) : null;
    case "x":
    case "X":
    case "o":
    case "b":
    case "c":
      return integral(verb, value);
    case "f":
    case "F":
      return isNumber(value) ? plus(Number(value).toFixed(Number(precision ?? 6))) : null;
    case "e":
    case "E": {
      if (!isNumber(value)) return null;
      const text = Number(value)
        .toExponential(Number(precision ?? 6))
        .replace(/e([+-])([0-9])$/, "e$10$2");
      return plus(verb === "E" ? text.toUpperCase() : text);
    }
    case "g":
      return isNumber(value) ? plus(numberText(value)) : null;
    default:
      return null;
  }
}

/** A value with the type that Go's messages give it. */
function typed(value: RegoValue): string {
  if (typeof value === "number") return `${Number.isInteger(value) ? "int" : "float64"}=${numberText(value)}`;
  if (typeof value === "bigint") return `${value < 2n ** 63n && value >= -(2n ** 63n) ? "int" : "big.Int"}=${value}`;
  return `string=${shown(value)}`;
}

function integral(verb: string, value: RegoValue): string | null {
  if (typeof value === "string" && (verb === "x" || verb === "X")) {
    const hex = [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return verb === "x" ? hex : hex.toUpperCase();
  }
  if (!isWhole(value)) return null;
  if (verb === "c") return value >= 0 && value <= 0x10ffff ? String.fromCodePoint(Number(value)) : null;
  const text = BigInt(value).toString(verb === "o" ? 8 : verb === "b" ? 2 : 16);
  return verb === "X" ? text.toUpperCase() : text;
}

/** A value as `%v` and `print` show it: a text without quotes, anything else as Rego writes it. */
function shown(value: RegoValue): string {
  if (typeof value === "string") return value;
  if (isNumber(value)) return numberText(value);
  if (isList(value)) return `[${value.map(inside).join(", ")}]`;
  if (value instanceof RegoSet) return value.size === 0 ? "set()" : `{${value.sorted().map(inside).join(", ")}}`;
  if (value instanceof RegoObject) {
    return `{${value
      .sorted()
      .map(([key, item]) => `${inside(key)}: ${inside(item)}`)
      .join(", ")}}`;
  }
  return String(value);
}

function inside(value: RegoValue): string {
  return typeof value === "string" ? JSON.stringify(value) : shown(value);
}

const space = "\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
const leading = new RegExp(`^[${space}]+`);
const isSpace = new RegExp(`[${space}]`);

/** From the end by hand: an anchored pattern would look again from every run of spaces. */
function trimEnd(text: string): string {
  let to = text.length;
  while (to > 0 && isSpace.test(text.charAt(to - 1))) to--;
  return text.slice(0, to);
}

export const stringBuiltins: BuiltinTable = {
  concat: [
    2,
    ([separator, parts], { budget }) => {
      const texts = textsOf(parts);
      if (typeof separator !== "string" || texts === null) return undefined;
      budget.grow(texts.reduce((size, one) => size + one.length + separator.length, 0));
      return texts.join(separator);
    },
  ],
  contains: [2, ofTexts(2, ([text = "", part = ""]) => text.includes(part))],
  startswith: [2, ofTexts(2, ([text = "", part = ""]) => text.startsWith(part))],
  endswith: [2, ofTexts(2, ([text = "", part = ""]) => text.endsWith(part))],
  lower: [1, ofTexts(1, ([text = ""], budget) => built(lowerCase(text), budget))],
  upper: [1, ofTexts(1, ([text = ""], budget) => built(upperCase(text), budget))],
  indexof: [2, ofTexts(2, ([text = "", part = ""]) => (part === "" ? undefined : indexOf(text, part)))],
  indexof_n: [2, ofTexts(2, indexOfAll)],
  replace: [3, ofTexts(3, ([text = "", from = "", to = ""], budget) => replaceAll(text, from, to, budget))],
  split: [2, ofTexts(2, ([text = "", separator = ""], budget) => split(text, separator, budget))],
  trim: [2, ofTexts(2, trimWith(true, true))],
  trim_left: [2, ofTexts(2, trimWith(true, false))],
  trim_right: [2, ofTexts(2, trimWith(false, true))],
  trim_prefix: [2, ofTexts(2, ([text = "", part = ""]) => (text.startsWith(part) ? text.slice(part.length) : text))],
  trim_suffix: [
    2,
    ofTexts(2, ([text = "", part = ""]) => (text.endsWith(part) ? text.slice(0, text.length - part.length) : text)),
  ],
  trim_space: [1, ofTexts(1, ([text = ""], budget) => built(trimEnd(text.replace(leading, "")), budget))],
  substring: [3, substring],
  format_int: [2, formatInt],
  sprintf: [2, sprintf],
  "strings.reverse": [1, ofTexts(1, ([text = ""], budget) => built([...text].reverse().join(""), budget))],
  "strings.count": [
    2,
    ofTexts(2, ([text = "", part = ""]) => (part === "" ? [...text].length + 1 : text.split(part).length - 1)),
  ],
  "strings.any_prefix_match": [2, anyMatch((text, part) => text.startsWith(part))],
  "strings.any_suffix_match": [2, anyMatch((text, part) => text.endsWith(part))],
  "strings.replace_n": [2, replaceMany],
  print: [1, () => true],
};

/** The number of characters of a text. */
export function lengthOf(text: string): number {
  return [...text].length;
}
