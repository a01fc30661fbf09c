/** Where two pieces of plain JSON data differ, field by field. Pure; bounded by the number of differences. */
import { isRecord } from "../shape.ts";

/** One difference. `shown` and `signed` are undefined where there is nothing. */
export interface Difference {
  /** `acts[0].summary`, behind the path that the comparison began with. */
  readonly path: string;
  readonly shown: unknown;
  readonly signed: unknown;
}

/** The first `most` fields in which what is shown is not what was signed. */
export function differencesOf(shown: unknown, signed: unknown, path: string, most: number): readonly Difference[] {
  const found: Difference[] = [];
  const walk = (one: unknown, other: unknown, at: string): void => {
    if (found.length >= most || one === other) return;
    if (isRecord(one) && isRecord(other)) {
      for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
        const name = /^[A-Za-z0-9_]+$/.test(key) ? key : JSON.stringify(key);
        walk(one[key], other[key], at === "" ? name : `${at}.${name}`);
      }
    } else if (Array.isArray(one) && Array.isArray(other)) {
      for (let i = 0; i < Math.max(one.length, other.length) && found.length < most; i++) {
        walk(one[i], other[i], `${at}[${i}]`);
      }
    } else {
      found.push({ path: at, shown: one, signed: other });
    }
  };
  walk(shown, signed, path);
  return found;
}

/** A value in a few characters. */
export function spoken(value: unknown): string {
  if (value === undefined) return "absent";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** What a difference is called. */
export function differenceWords({ shown, signed }: Difference): string {
  return `it was signed as ${spoken(signed)} and is ${spoken(shown)} here`;
}
