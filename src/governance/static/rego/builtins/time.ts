/**
 * Time. "Now" is the instant of the decision, which is journalled, so a replay decides alike. Instants are
 * nanoseconds since 1970; zones are those of the IANA names that the platform knows, without the machine's own.
 */
import { integer, isList, isWhole, type RegoValue } from "../value.ts";
import { Halt, NEEDS_TIME } from "../limits.ts";
import type { BuiltinTable } from "./builtin.ts";

type Result = RegoValue | undefined;

const SECOND = 1_000_000_000n;
const MILLISECOND = 1_000_000n;
/** What 64 bits of nanoseconds reach, in both directions. */
const FURTHEST = 2n ** 63n;

interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
}

/** An instant and its zone, from nanoseconds or `[nanoseconds, zone, …]`. */
function instant(value: RegoValue | undefined): { readonly ns: bigint; readonly zone: string } | null {
  const [ns, zone = "UTC"] = isList(value) ? value : [value];
  if (ns === undefined || !isWhole(ns) || typeof zone !== "string" || zone === "Local") return null;
  const exact = BigInt(ns);
  if (exact >= FURTHEST || exact < -FURTHEST) return null;
  return { ns: exact, zone: zone === "" ? "UTC" : zone };
}

function floorDiv(a: bigint, b: bigint): bigint {
  const whole = a / b;
  return a % b !== 0n && a < 0n ? whole - 1n : whole;
}

const zones = new Map<string, Intl.DateTimeFormat | null>();
const MAX_ZONES = 64;

function zoneFormat(zone: string): Intl.DateTimeFormat | null {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  let made: Intl.DateTimeFormat | null = null;
  try {
    made = new Intl.DateTimeFormat("en-US-u-ca-iso8601-hc-h23", {
      timeZone: zone,
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    // No such zone: what is asked of it is undefined.
    made = null;
  }
  if (zones.size >= MAX_ZONES) zones.clear();
  zones.set(zone, made);
  return made;
}

/** The date and time of day in a zone; null for a zone nobody knows. */
function civil({ ns, zone }: { readonly ns: bigint; readonly zone: string }): Civil | null {
  const ms = Number(floorDiv(ns, MILLISECOND));
  if (zone === "UTC") return civilUtc(ms);
  const format = zoneFormat(zone);
  if (format === null) return null;
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const [year, month, day] = [of("year"), of("month"), of("day")];
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return { year, month, day, hour: of("hour"), minute: of("minute"), second: of("second"), weekday };
}

function civilUtc(ms: number): Civil {
  const date = new Date(ms);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
  };
}

function ofInstant(read: (found: Civil) => Result) {
  return ([value]: readonly RegoValue[]): Result => {
    const given = instant(value);
    const found = given === null ? null : civil(given);
    return found === null ? undefined : read(found);
  };
}

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const rfc3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

/** Nanoseconds of an RFC 3339 time; undefined for what is none. */
function parseRfc3339(text: RegoValue | undefined): Result {
  const found = typeof text === "string" ? rfc3339.exec(text) : null;
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const seen = civilUtc(date.getTime());
  const same = seen.month === month && seen.day === day && seen.hour === hour && seen.minute === minute;
  if (!same || seen.second !== second) return undefined;
  const [offsetHours, offsetMinutes] = [Number(found[9] ?? 0), Number(found[10] ?? 0)];
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const offset = BigInt((offsetHours * 60 + offsetMinutes) * 60 * (found[8] === "-" ? -1 : 1));
  const fraction = BigInt((found[7] ?? "").padEnd(9, "0"));
  const ns = BigInt(date.getTime()) * MILLISECOND - offset * SECOND + fraction;
  return ns >= FURTHEST || ns < -FURTHEST ? undefined : integer(ns);
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: MILLISECOND,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};

/** Nanoseconds of a duration such as `1h30m` or `-1.5s`. */
function parseDuration(text: RegoValue | undefined): Result {
  if (typeof text !== "string" || text.length > 64) return undefined;
  const found = /^([+-]?)((?:[0-9]{1,18}(?:\.[0-9]{0,18})?(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text);
  if (found === null) return undefined;
  let sum = 0n;
  for (const [, whole = "0", fraction = "", unit = "ns"] of (found[2] as string).matchAll(
    /([0-9]+)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const size = units[unit] ?? 1n;
    sum += BigInt(whole) * size + (fraction === "" ? 0n : (BigInt(fraction) * size) / 10n ** BigInt(fraction.length));
  }
  if (sum >= FURTHEST) return undefined;
  return integer(found[1] === "-" ? -sum : sum);
}

/** `time.format` without a layout: RFC 3339 with as many digits of a second as needed. */
function format(value: RegoValue | undefined): Result {
  if (isList(value) && value.length > 2) return undefined;
  const given = instant(value);
  const found = given === null ? null : civil(given);
  if (given === null || found === null) return undefined;
  const two = (n: number): string => String(n).padStart(2, "0");
  const fraction = given.ns - floorDiv(given.ns, SECOND) * SECOND;
  const shown = fraction === 0n ? "" : `.${String(fraction).padStart(9, "0").replace(/0+$/, "")}`;
  const date = `${String(found.year).padStart(4, "0")}-${two(found.month)}-${two(found.day)}`;
  const time = `${two(found.hour)}:${two(found.minute)}:${two(found.second)}${shown}`;
  const here = Date.UTC(found.year, found.month - 1, found.day, found.hour, found.minute, found.second);
  const minutes = Math.round((here - Number(floorDiv(given.ns, SECOND)) * 1000) / 60_000);
  if (given.zone === "UTC") return `${date}T${time}Z`;
  const size = Math.abs(minutes);
  return `${date}T${time}${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function addDate([value, years, months, days]: readonly RegoValue[]): Result {
  const given = instant(value);
  if (given === null || isList(value)) return undefined;
  if (typeof years !== "number" || typeof months !== "number" || typeof days !== "number") return undefined;
  if (![years, months, days].every((one) => Number.isInteger(one) && Math.abs(one) < 1_000_000)) return undefined;
  const ms = Number(floorDiv(given.ns, MILLISECOND));
  const rest = given.ns - BigInt(ms) * MILLISECOND;
  const date = new Date(ms);
  date.setUTCFullYear(date.getUTCFullYear() + years, date.getUTCMonth() + months, date.getUTCDate() + days);
  if (Number.isNaN(date.getTime())) return undefined;
  const ns = BigInt(date.getTime()) * MILLISECOND + rest;
  return ns >= FURTHEST || ns < -FURTHEST ? undefined : integer(ns);
}

/** Years, months, days, hours, minutes and seconds between two instants, whichever is first. */
function diff([a, b]: readonly RegoValue[]): Result {
  const [left, right] = [instant(a), instant(b)];
  if (left === null || right === null) return undefined;
  const [from, to] = left.ns > right.ns ? [right, left] : [left, right];
  const [x, y] = [civil(from), civil(to)];
  if (x === null || y === null) return undefined;
  const parts = [
    y.year - x.year,
    y.month - x.month,
    y.day - x.day,
    y.hour - x.hour,
    y.minute - x.minute,
    y.second - x.second,
  ];
  const monthDays = new Date(Date.UTC(x.year, x.month, 0)).getUTCDate();
  const sizes = [0, 12, monthDays, 24, 60, 60];
  for (let i = 5; i > 0; i--) {
    if ((parts[i] as number) >= 0) continue;
    parts[i] = (parts[i] as number) + (sizes[i] as number);
    parts[i - 1] = (parts[i - 1] as number) - 1;
  }
  return parts;
}

export const timeBuiltins: BuiltinTable = {
  "time.now_ns": [
    0,
    (_args, { now }) => {
      if (now === null) throw new Halt(NEEDS_TIME, "the policy asks what time it is");
      return integer(now);
    },
  ],
  "time.parse_rfc3339_ns": [1, ([text]) => parseRfc3339(text)],
  "time.parse_duration_ns": [1, ([text]) => parseDuration(text)],
  "time.format": [1, ([value]) => format(value)],
  "time.date": [1, ofInstant(({ year, month, day }) => [year, month, day])],
  "time.clock": [1, ofInstant(({ hour, minute, second }) => [hour, minute, second])],
  "time.weekday": [1, ofInstant(({ weekday }) => weekdays[weekday])],
  "time.add_date": [4, addDate],
  "time.diff": [2, diff],
};
