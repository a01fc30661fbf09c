/**
 * Reads checked values out of a document and collects what is wrong with it (spec/skill-graph.md §1, "Error classes").
 *
 * A cursor is a value with its place and the label that messages show for it: array positions are dotted numbers. A
 * null counts as absent. Reading goes on after a problem, so that one look finds all of them.
 */
import type { Diagnostic, DocumentPath, Fix, Place } from "../../graph/diagnostic.ts";
import { didYouMean, suggest } from "../../graph/suggest.ts";
import { isArray, isObject, member, type ObjectValue, type Value } from "../../graph/value.ts";
import type { ShortCode } from "./codes.ts";

/** A value of a document, and where it stands. */
export interface Cursor {
  readonly value: Value | undefined;
  readonly label: string;
  readonly path: DocumentPath;
}

/** The member `key` of an object at `cursor`. */
export function at(cursor: Cursor, key: string | number): Cursor {
  const { value } = cursor;
  const inner = isArray(value) ? value[Number(key)] : isObject(value) ? member(value, String(key)) : undefined;
  return {
    value: inner,
    label: cursor.label === "" ? String(key) : `${cursor.label}.${key}`,
    path: [...cursor.path, key],
  };
}

/** True when the value is missing or null. */
export function absent(cursor: Cursor): boolean {
  return cursor.value === undefined || cursor.value === null;
}

/** True when the object at `cursor` has the key at all, also with null. */
export function declares(cursor: Cursor, key: string): boolean {
  return isObject(cursor.value) && member(cursor.value, key) !== undefined;
}

export class Reader {
  readonly findings: Diagnostic[] = [];
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** Records an error at a place. */
  error(code: ShortCode, message: string, place: Place, fixes?: readonly Fix[]): void {
    this.findings.push({
      code: `skill_${code}`,
      severity: "error",
      message,
      file: this.file,
      at: place,
      ...(fixes === undefined || fixes.length === 0 ? {} : { fixes }),
    });
  }

  private wrong(cursor: Cursor, what: string): undefined {
    this.error("type", `${cursor.label} ${what}`, { path: cursor.path, part: "value" });
    return undefined;
  }

  /** Records that something required is not there; the place is the nearest thing that is. */
  missing(cursor: Cursor): undefined {
    this.error("required", `${cursor.label} is required.`, { path: cursor.path, part: "construct" });
    return undefined;
  }

  string(cursor: Cursor): string | undefined {
    if (absent(cursor)) return undefined;
    return typeof cursor.value === "string" ? cursor.value : this.wrong(cursor, "must be a string.");
  }

  /** As {@link string}; a text of blanks only is refused. */
  text(cursor: Cursor): string | undefined {
    const found = this.string(cursor);
    return found !== undefined && found.trim() === "" ? this.wrong(cursor, "must not be empty.") : found;
  }

  requiredString(cursor: Cursor): string | undefined {
    if (absent(cursor) || cursor.value === "") return this.missing(cursor);
    return this.string(cursor);
  }

  boolean(cursor: Cursor): boolean | undefined {
    if (absent(cursor)) return undefined;
    return typeof cursor.value === "boolean" ? cursor.value : this.wrong(cursor, "must be a boolean.");
  }

  object(cursor: Cursor): ObjectValue | undefined {
    if (absent(cursor)) return undefined;
    return isObject(cursor.value) ? cursor.value : this.wrong(cursor, "must be an object.");
  }

  requiredObject(cursor: Cursor): ObjectValue | undefined {
    return absent(cursor) ? this.missing(cursor) : this.object(cursor);
  }

  array(cursor: Cursor): readonly Cursor[] | undefined {
    if (absent(cursor)) return undefined;
    if (!isArray(cursor.value)) return this.wrong(cursor, "must be an array.");
    return cursor.value.map((_, i) => at(cursor, i));
  }

  strings(cursor: Cursor): readonly string[] | undefined {
    if (absent(cursor)) return undefined;
    const { value } = cursor;
    if (!isArray(value) || value.some((one) => typeof one !== "string")) {
      return this.wrong(cursor, "must be an array of strings.");
    }
    return value as readonly string[];
  }

  /** An object whose values are strings. */
  stringMap(cursor: Cursor): Readonly<Record<string, string>> | undefined {
    const found = this.object(cursor);
    if (found === undefined) return undefined;
    const made = Object.create(null) as Record<string, string>;
    for (const key of Object.keys(found)) {
      const value = found[key];
      if (typeof value === "string") made[key] = value;
      else this.wrong(at(cursor, key), "must be a string.");
    }
    return made;
  }

  /** A whole number of at least `least`, at most 2^53. */
  integer(cursor: Cursor, least: 0 | 1): bigint | undefined {
    if (absent(cursor)) return undefined;
    const { value } = cursor;
    const whole = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof whole === "bigint" && whole >= BigInt(least) && whole <= BigInt(Number.MAX_SAFE_INTEGER)) return whole;
    return this.wrong(cursor, `must be a ${least === 1 ? "positive" : "non-negative"} integer.`);
  }

  /** One of a few words; `what` is the rest of the message behind the label. */
  word<Word extends string>(cursor: Cursor, words: readonly Word[], what: string): Word | undefined {
    if (absent(cursor)) return undefined;
    const found = words.find((one) => one === cursor.value);
    if (found !== undefined) return found;
    this.error("value", `${cursor.label} ${what}`, { path: cursor.path, part: "value" });
    return undefined;
  }

  /** Refuses keys that are not known (R3). `describe` gives the message; by default "…is not supported". */
  closed(cursor: Cursor, known: readonly string[], describe?: (key: string, label: string) => string): void {
    if (!isObject(cursor.value)) return;
    for (const key of Object.keys(cursor.value)) {
      if (known.includes(key)) continue;
      const inner = at(cursor, key);
      const near = suggest(key, known);
      const message =
        describe?.(key, inner.label) ?? `${inner.label} is not supported${near === null ? "." : didYouMean(near)}`;
      const place: Place = { path: inner.path, part: "key" };
      const fixes: Fix[] =
        near === null ? [] : [{ type: "replace", title: `Change to \`${near}\``, at: place, text: near }];
      this.error("unknown_key", message, place, fixes);
    }
  }
}
