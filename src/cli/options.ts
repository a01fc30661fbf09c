/** Option values as commander gives them (`unknown`), checked by the command that takes them. */
import { didYouMean, suggest } from "../graph/suggest.ts";
import { UsageError } from "./usage.ts";

/** One of a few words. */
export function oneOf<T extends string>(flag: string, value: unknown, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const given = typeof value === "string" ? value : JSON.stringify(value);
  throw new UsageError(
    "option",
    `${flag} takes ${words.join(", ")}; got \`${given}\`${didYouMean(suggest(given, words))}`,
  );
}

/** A text, or undefined where the option was not given. */
export function textOption(flag: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw new UsageError("option", `${flag} takes a value`);
}

/** A whole number of at least 0. */
export function wholeOption(flag: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new UsageError("option", `${flag} takes a whole number; got \`${JSON.stringify(value)}\``);
}

/** For options that may be repeated: the values so far and one more. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
