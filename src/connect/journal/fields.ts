/**
 * Forms of an event's fields: how one is written, what counts as one when read, and which of its strings are
 * text that may hold a secret. One table of forms (events' in `forms.ts`) serves writing, checking and masking.
 *
 * Boundary: pure. Numbers are JavaScript numbers here; node values are written and read by the codec itself.
 */

/** Replaces text; must give the same text for the same text. */
export type Change = (text: string) => string;

/** How values of one type stand in a line. Functions are properties, so that the compiler compares them strictly. */
export interface Form<T> {
  /** JSON text. Throws TypeError for what has none (NaN, infinities). */
  readonly write: (value: T) => string;
  /** True when `data`, as JSON.parse gives it, is a `T`. */
  readonly is: (data: unknown) => boolean;
  /** The value with every text changed; the very same value when nothing changed. */
  readonly map: (value: T, change: Change) => T;
  /** The member may be absent. */
  readonly optional?: boolean;
  /** Holds objects with arbitrary keys. */
  readonly open?: boolean;
}

const same = <T>(value: T): T => value;
const isString = (data: unknown): data is string => typeof data === "string";

/** A JSON string; half surrogate pairs are escaped, so that they come back. Most text needs no escape, and no call. */
function quoted(value: string): string {
  return needsEscape.test(value) ? JSON.stringify(value) : `"${value}"`;
}

const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Text that may hold anything, secrets included. */
export const text: Form<string> = { write: quoted, is: isString, map: (value, change) => change(value) };

/** A name from the document or a digest: never masked, since what is masked could no longer be matched. */
export const name: Form<string> = { write: quoted, is: isString, map: same };

/** A finite number. Whole wherever the event's type says so. */
export const number: Form<number> = {
  write: (value) => {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON text`);
    return Object.is(value, -0) ? "-0" : String(value);
  },
  is: (data) => typeof data === "number" && Number.isFinite(data),
  map: same,
};

export const boolean: Form<boolean> = {
  write: (value) => (value ? "true" : "false"),
  is: (data) => typeof data === "boolean",
  map: same,
};

/** One of these words. */
export function oneOf<const W extends string>(...words: readonly W[]): Form<W> {
  const known = new Set<unknown>(words);
  return { write: (value) => `"${value}"`, is: (data) => known.has(data), map: same };
}

/** `form` or null. */
export function nullable<T>(form: Form<T>): Form<T | null> {
  return {
    write: (value) => (value === null ? "null" : form.write(value)),
    is: (data) => data === null || form.is(data),
    map: form.map === same ? same : (value, change) => (value === null ? null : form.map(value, change)),
    open: form.open === true,
  };
}

/** `form`, or the member is not there. */
export function optional<T>(form: Form<T>): Form<T> {
  return { ...form, optional: true };
}

/** An array. */
export function list<T>(form: Form<T>): Form<readonly T[]> {
  return {
    write: (value) => `[${value.map((item) => form.write(item)).join(",")}]`,
    is: (data) => Array.isArray(data) && data.every((item) => form.is(item)),
    map: (value, change) => {
      let changed = false;
      const made = value.map((item) => {
        const other = form.map(item, change);
        changed ||= other !== item;
        return other;
      });
      return changed ? made : value;
    },
    open: form.open === true,
  };
}

/** An object whose keys are data. Keys are changed too; two that become one keep the later member. */
export function record<T>(form: Form<T>): Form<Readonly<Record<string, T>>> {
  return {
    write: (value) =>
      `{${Object.keys(value)
        .map((key) => `${quoted(key)}:${form.write(value[key] as T)}`)
        .join(",")}}`,
    is: (data) => isPlainObject(data) && Object.values(data).every((item) => form.is(item)),
    map: (value, change) => {
      const unchanged = (key: string): boolean =>
        change(key) === key && form.map(value[key] as T, change) === value[key];
      const keys = Object.keys(value);
      if (keys.every(unchanged)) return value;
      return Object.fromEntries(keys.map((key) => [change(key), form.map(value[key] as T, change)]));
    },
    open: true,
  };
}

/** The form of every member of `T`; the compiler sees to it that none is missing. */
export type Members<T> = { readonly [K in keyof T]-?: Form<Exclude<T[K], undefined>> };

/** A member in its place: what is written before it, and its form. */
export interface Member {
  readonly key: string;
  /** `,"key":`. */
  readonly lead: string;
  readonly form: Form<unknown>;
}

/** The members of a table, in the table's order. */
export function membersOf<T>(table: Members<T>): readonly Member[] {
  const entries: [string, unknown][] = Object.entries(table);
  return entries.map(([key, form]) => ({ key, lead: `,${JSON.stringify(key)}:`, form: form as Form<unknown> }));
}

/** `,"key":value` for each member that is there. */
export function writeMembers(members: readonly Member[], value: Readonly<Record<string, unknown>>): string {
  let out = "";
  for (const member of members) {
    const item = value[member.key];
    if (item !== undefined) out += member.lead + member.form.write(item);
    else if (member.form.optional !== true) throw new TypeError(`member \`${member.key}\` is missing`);
  }
  return out;
}

/**
 * The key of the first member of `data` that is missing, has another form, or that nobody knows; null when all is
 * well. `others` are keys that belong to somebody else.
 */
export function unfit(
  members: readonly Member[],
  data: Readonly<Record<string, unknown>>,
  others: readonly string[] = [],
): string | null {
  let count = 0;
  for (const { key, form } of members) {
    if (!Object.hasOwn(data, key)) {
      if (form.optional === true) continue;
      return key;
    }
    if (!form.is(data[key])) return key;
    count++;
  }
  for (const key of others) if (Object.hasOwn(data, key)) count++;
  const keys = Object.keys(data);
  if (keys.length === count) return null;
  return keys.find((key) => !others.includes(key) && members.every((member) => member.key !== key)) ?? null;
}

/** False when changing texts cannot change the member, so that nobody needs to look at it. */
export function holdsText({ form }: Member): boolean {
  return form.map !== same;
}

/** The object with the text of its members changed; the very same object when nothing changed. */
export function mapMembers<T extends object>(members: readonly Member[], value: T, change: Change): T {
  const from = value as Readonly<Record<string, unknown>>;
  let made: Record<string, unknown> | null = null;
  for (const { key, form } of members) {
    const item = from[key];
    if (item === undefined) continue;
    const other = form.map(item, change);
    if (other === item) continue;
    made ??= { ...from };
    made[key] = other;
  }
  return (made ?? value) as T;
}

/** An object with exactly these members. */
export function shape<T extends object>(table: Members<T>): Form<T> {
  const members = membersOf(table);
  return {
    write: (value) => `{${writeMembers(members, value as Readonly<Record<string, unknown>>).slice(1)}}`,
    is: (data) => isPlainObject(data) && unfit(members, data) === null,
    map: members.some(holdsText) ? (value, change) => mapMembers(members, value, change) : same,
    open: members.some((member) => member.form.open === true),
  };
}

/** A JSON object as JSON.parse gives it. */
export function isPlainObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}
