/** Findings put where they belong: at the row of their field, else at a row of their own. Pure. */
import type { Finding } from "../../receipts/findings.ts";
import type { ReceiptRow, ReceiptSection } from "../../protocol/receipt.ts";
import { MAX_ROWS, section } from "./rows.ts";
import { shown, shownData } from "./shown.ts";

/** A finding at one receipt: the path is the receipt's own. */
export interface PlacedFinding {
  readonly code: string;
  readonly path: string;
  readonly message: string;
}

/** The path of a tree's finding within its receipt: a tree names its others `children[3].` in front. */
export function ownPath({ code, path }: Pick<Finding, "code" | "path">): string {
  const own = path.replace(/^children\[\d+\]\.?/, "");
  if (own !== path && code === "OrphanChildReceipt") return "lineage.parent";
  return own === "" ? "$" : own;
}

/** True where `path` is `field` or a part of it. */
function within(path: string, field: string): boolean {
  if (!path.startsWith(field)) return false;
  const next = path[field.length];
  return next === undefined || next === "." || next === "[";
}

/**
 * Sections with their findings. A finding stands at the innermost row that holds its field; else at the first row of the
 * field's parts; else in a section in front of all others, with what the field holds.
 */
export function marked(
  given: readonly ReceiptSection[],
  findings: readonly PlacedFinding[],
  data: unknown,
): ReceiptSection[] {
  const wrong = new Map<string, { code: string; message: string }[]>();
  const apart: ReceiptRow[] = [];
  const rows = given.flatMap((one) => one.rows);
  for (const { code, path, message } of findings.slice(0, MAX_ROWS)) {
    const said = { code, message: shown(message, 1000) };
    const inside = rows.filter((row) => within(path, row.path)).sort((a, b) => b.path.length - a.path.length);
    const row = inside[0] ?? rows.find((one) => within(one.path, path));
    if (row === undefined || path === "$") {
      const same = apart.find((one) => one.path === path);
      if (same !== undefined) same.wrong.push(said);
      else apart.push(apartRow(path, said, data));
    } else wrong.set(row.path, [...(wrong.get(row.path) ?? []), said]);
  }
  const sections: ReceiptSection[] = given.map((one) => ({
    ...one,
    rows: one.rows.map((row) => ({ ...row, wrong: wrong.get(row.path) ?? [] })),
  }));
  if (apart.length > 0) sections.unshift(section("apart", "What else is wrong", apart, ""));
  return sections;
}

function apartRow(path: string, said: { code: string; message: string }, data: unknown): ReceiptRow {
  const label = path === "$" ? "The whole text" : shown(path, 120);
  const text = path === "$" ? "" : shownData(valueAt(data, path));
  return { path, label, text, tone: "plain", code: true, copy: false, wrong: [said] };
}

/** What stands at a path; undefined for nothing. */
function valueAt(data: unknown, path: string): unknown {
  let at = data;
  for (const [, key, index] of path.matchAll(/([A-Za-z0-9_]+)|\[(\d+)\]/g)) {
    const name = key ?? index ?? "";
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at;
}
