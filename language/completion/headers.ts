/**
 * Headers of TOML tables, whole: `[[nodes]]`, `[policy.fs]`, with the fields that the new table must have. In a wrapped
 * document they begin with `workflows`; below a node also the headers of its own tables.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { Span } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { fieldsAt, type FieldInfo } from "../schema/fields.ts";
import { rootPath } from "../schema/names.ts";
import { endsLine } from "./around.ts";
import type { Cursor } from "./asked.ts";
import type { Offer } from "./offer.ts";
import { keyText, syntaxOf } from "./slot.ts";
import { requiredFields, Stops } from "./snippets.ts";

const begun = /^[ \t]*(\[{0,2}[^\]\n#="'{},]*)$/;
/** Deepest header that is offered, in names below the document's root. */
const MAX_DEPTH = 3;

/** A header that may be written. */
interface Header {
  readonly names: readonly string[];
  readonly list: boolean;
  readonly doc: string;
  /** The table that it opens, for its fields. */
  readonly table: DocumentPath;
}

/** Headers at the cursor, where only a header or a key can stand. */
export function headerOffers(cursor: Cursor): Offer[] {
  const { live, point, offset } = cursor;
  if (syntaxOf(live) !== "toml" || point.part === "value" || point.part === "comment") return [];
  const span = headerSpan(live.text, offset);
  if (span === null || !betweenTables(cursor)) return [];
  // Behind a header that is there, only its name is being changed.
  const isNew = restOfTable(live.text, span[1]);
  // Before keys of another table nothing is offered unasked: a header there would take them.
  if (span[0] === span[1] && !(isNew && endsLine(live.text, offset))) return [];
  return headers(cursor).map((header) => {
    const [open, close] = header.list ? ["[[", "]]"] : ["[", "]"];
    const name = `${open}${header.names.map((one) => keyText(one, "toml")).join(".")}${close}`;
    const fields = isNew
      ? requiredFields(fieldsAt(live, header.table), { syntax: "toml", inline: false, indent: "" }, new Stops())
      : [];
    const base = { label: name, kind: "table", doc: header.doc, rank: 2 } as const;
    if (fields.length === 0) return { ...base, edit: { span, text: isNew ? `${name}\n` : name, lead: "" } };
    return {
      ...base,
      edit: { span, text: [name.replaceAll("$", "\\$"), ...fields].join("\n"), lead: "" },
      snippet: true,
    };
  });
}

/** The half header or word on the cursor's line; null when something else stands there. */
function headerSpan(text: string, offset: number): Span | null {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const half = begun.exec(text.slice(start, offset))?.[1];
  if (half === undefined) return null;
  const rest = /^[^\]\n#=]*\]{0,2}/.exec(text.slice(offset, offset + 200))?.[0] ?? "";
  const behind = half.startsWith("[") ? rest : "";
  const after = /^[^\n]*/.exec(text.slice(offset + behind.length))?.[0].trim() ?? "";
  return after === "" || after.startsWith("#") ? [offset - half.length, offset + behind.length] : null;
}

/** A cursor in brackets of a value is not between tables. */
function betweenTables({ live, point, offset }: Cursor): boolean {
  const element = live.source.element(point.table ?? point.path);
  const value = element?.value ?? null;
  if (element === null || value === null || element.path.length === 0) return true;
  const isOpen = offset > value[1] && /^\[(?:[^]*[^\]])?$|^\{(?:[^]*[^}])?$/.test(live.text.slice(...value));
  return !isOpen && (offset < value[0] || offset > value[1]);
}

/** True when no key stands between the cursor and the next header, so that the table is new. */
function restOfTable(text: string, offset: number): boolean {
  const next = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*(\S?)/.exec(
    text.slice(text.indexOf("\n", offset) + 1 || text.length),
  )?.[1];
  return next === "" || next === "[" || next === undefined;
}

function headers({ live, point }: Cursor): Header[] {
  const root = rootPath(live);
  const names = root.length === 0 ? [] : ["workflows"];
  const found: Header[] = below(live, root, names, 1);
  const table = point.table ?? point.path;
  // The header that wraps the document has no other name.
  if (root.length > 0 && point.part === "header" && table.length === root.length) return [];
  // A table inside an entry of a list: `[nodes.retry]` below `[[nodes]]`.
  const entry = table.findIndex((key, i) => i >= root.length && typeof key === "number");
  const isOwn = point.part === "header" && entry === table.length - 1;
  if (entry >= 0 && !isOwn) {
    const own = table.slice(0, entry + 1);
    found.unshift(...below(live, own, [...names, ...own.slice(root.length, -1).map(String)], 1));
  }
  if (live.what.document === "graph" && live.source.element([])?.children.length === 0)
    found.push({ names: ["workflows"], list: true, doc: "The wrapped form of a document.", table: ["workflows", 0] });
  return found;
}

/** Headers of the tables below one. */
function below(live: LiveDocument, path: DocumentPath, names: readonly string[], depth: number): Header[] {
  return fieldsAt(live, path).flatMap((field) =>
    ofField(live, field, [...path, field.name], [...names, field.name], depth),
  );
}

function ofField(
  live: LiveDocument,
  field: FieldInfo,
  path: DocumentPath,
  names: readonly string[],
  depth: number,
): Header[] {
  const element = live.source.element(path);
  const isInline = element?.value !== null && element?.value !== undefined;
  if (isInline) return [];
  const { doc } = field;
  if (field.form === "tables") {
    const count = element?.children.length ?? 0;
    return [{ names, list: true, doc, table: [...path, count] }];
  }
  if (field.form === "map")
    return element?.header === null || element === null ? [{ names, list: false, doc, table: path }] : [];
  if (field.form !== "table") return [];
  const own: Header[] = element === null || element.header === null ? [{ names, list: false, doc, table: path }] : [];
  return depth < MAX_DEPTH ? [...own, ...below(live, path, names, depth + 1)] : own;
}
