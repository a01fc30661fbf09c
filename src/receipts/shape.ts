/**
 * A strict reader of plain JSON data: checks are values that say what is wrong, and where, in one sentence. Closed
 * objects, no coercion; the first problem ends the reading.
 */

/** Where data is not what it must be. `path` is the field, empty for the whole. */
export interface ShapeProblem {
  readonly path: string;
  readonly what: string;
}

/** null when the value is right. */
export type Check = (value: unknown, path: string) => ShapeProblem | null;

/** A member of an object; an optional one may be absent, but then not null. */
export interface Member {
  readonly check: Check;
  readonly optional: boolean;
}

export const required = (check: Check): Member => ({ check, optional: false });
export const optional = (check: Check): Member => ({ check, optional: true });

/** A text of at least one character. */
export const text: Check = (value, path) =>
  typeof value !== "string"
    ? { path, what: "must be a string" }
    : value === ""
      ? { path, what: "must not be empty" }
      : null;

/** Any text, also an empty one. */
export const anyText: Check = (value, path) => (typeof value === "string" ? null : { path, what: "must be a string" });

export const truth: Check = (value, path) =>
  typeof value === "boolean" ? null : { path, what: "must be true or false" };

/** Exactly this text. */
export function literal(wanted: string): Check {
  return (value, path) => (value === wanted ? null : { path, what: `must be ${JSON.stringify(wanted)}` });
}

/** One of a list of words. */
export function word(words: readonly string[]): Check {
  const known = new Set(words);
  return (value, path) => {
    if (typeof value === "string" && known.has(value)) return null;
    return { path, what: `must be one of ${words.slice(0, 12).join(", ")}${words.length > 12 ? ", …" : ""}` };
  };
}

const timeForm = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?Z$/;

/** RFC 3339 in UTC with an upper-case `T` and `Z`; a time that exists. */
export const time: Check = (value, path) => {
  const parts = typeof value === "string" ? timeForm.exec(value) : null;
  if (parts !== null) {
    const [, year, month, day, hour, minute, second] = parts.map(Number);
    if (isDay(year ?? 0, month ?? 0, day ?? 0) && (hour ?? 24) < 24 && (minute ?? 60) < 60 && (second ?? 60) < 60) {
      return null;
    }
  }
  return { path, what: "must be a UTC time such as 2026-01-31T12:00:00Z" };
};

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(year: number, month: number, day: number): boolean {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day > 0 && day <= (monthDays[month - 1] ?? 0) + (leap ? 1 : 0);
}

export function nullable(check: Check): Check {
  return (value, path) => (value === null ? null : check(value, path));
}

/** A list of at most `most` items. */
export function list(check: Check, most = 100_000): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return { path, what: "must be a list" };
    if (value.length > most) return { path, what: `must not have more than ${most} items` };
    for (let at = 0; at < value.length; at++) {
      const problem = check(value[at], `${path}[${at}]`);
      if (problem !== null) return problem;
    }
    return null;
  };
}

/** An object with exactly these members. */
export function closed(members: Readonly<Record<string, Member>>): Check {
  const known = new Map(Object.entries(members));
  return (value, path) => {
    if (!isRecord(value)) return { path, what: "must be an object" };
    for (const key of Object.keys(value)) {
      if (!known.has(key)) return { path: join(path, shownKey(key)), what: "is not a field of this format" };
    }
    for (const [key, { check, optional: mayMiss }] of known) {
      if (!Object.hasOwn(value, key)) {
        if (mayMiss) continue;
        return { path: join(path, key), what: "is missing" };
      }
      const problem = check(value[key], join(path, key));
      if (problem !== null) return problem;
    }
    return null;
  };
}

/** Nesting that is looked into where the format leaves an object's members open. */
const MAX_OPEN_DEPTH = 32;

/** An object whose members somebody else defines. */
export const open: Check = (value, path) => {
  if (!isRecord(value)) return { path, what: "must be an object" };
  return deeper(value, MAX_OPEN_DEPTH) ? { path, what: `must not be nested deeper than ${MAX_OPEN_DEPTH}` } : null;
};

/** True when plain data is nested deeper than `limit` lists and objects. */
export function deeper(value: unknown, limit: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (limit < 1) return true;
  return Object.values(value).some((item) => deeper(item, limit - 1));
}

/** A JSON object, not a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** A key from outside, short and without control characters. */
function shownKey(key: string): string {
  const short = key.length > 40 ? `${key.slice(0, 40)}…` : key;
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(short);
}
