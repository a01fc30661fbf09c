/** One row of the tables of codes: a document that has a finding at its marks, and a repaired one that has it no more. */

/** See the header. Texts are written in the language of marks (`../marks.ts`). */
export interface Row {
  readonly code: string;
  /** The document's name. */
  readonly file: string;
  /** The finding's range is marked. */
  readonly bad: string;
  readonly good: string;
  /** Other files, by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** A row whose documents differ in one place: `from` of the good one is `to` in the bad one. */
export function change(
  code: string,
  file: string,
  good: string,
  from: string,
  to: string,
  files: Readonly<Record<string, string>> = {},
): Row {
  const bad = good.replace(from, () => to);
  if (bad === good) throw new TypeError(`${code}: nothing changes`);
  return { code, file, bad, good, files };
}
