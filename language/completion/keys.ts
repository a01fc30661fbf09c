/**
 * Keys: fields of the table at the cursor that are not there yet, required ones first, with docs and a snippet of their
 * value; and keys of maps that name something.
 */
import type { SourceElement, Span } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Graph } from "../../src/graph/model.ts";
import { codes } from "../schema/codes.ts";
import { fieldsAt, type FieldInfo } from "../schema/fields.ts";
import { fieldDoc } from "../schema/docs.ts";
import { keysNamedAt } from "../schema/names.ts";
import { reservedDoc } from "../schema/skill-graph.ts";
import { nodeAt, viewOf } from "../schema/where.ts";
import { alone, commasAt, parted, roomAt, type Around } from "./around.ts";
import { subjectOf, type Cursor } from "./asked.ts";
import { nodeDetail } from "./nodes.ts";
import type { Offer } from "./offer.ts";
import { Outputs } from "./outputs.ts";
import { membersAt } from "./shapes.ts";
import { keyText, syntaxOf, type SlotEdit } from "./slot.ts";
import { fieldSnippet, Stops, type Room } from "./snippets.ts";

/** A place where a key may be written. */
export interface KeyPlace {
  readonly table: DocumentPath;
  readonly span: Span;
  /** The sign between key and value is there already, so only the name is written. */
  readonly named: boolean;
  /** What parts a new key from what stands before it, and from what stands behind. */
  readonly around: Around;
  readonly room: Room;
  /** Keys that the table has, without the one that is typed. */
  readonly present: ReadonlySet<string>;
}

/** Where a key may be written at the cursor; null where none can. */
export function keyPlace({ live, point, offset }: Cursor): KeyPlace | null {
  const { table, part } = point;
  if (table === null || part === "header" || part === "comment") return null;
  const { text, source } = live;
  const span: Span = part === "space" ? [offset, offset] : point.replace;
  if (text.slice(...span).includes("\n")) return null;
  const syntax = syntaxOf(live);
  const element = source.element(table);
  const own = part === "key" ? point.path.at(-1) : undefined;
  const start = text.lastIndexOf("\n", span[0] - 1) + 1;
  const blanks = /^[ \t]*/.exec(text.slice(start, span[0]))?.[0].length ?? 0;
  const inline = isInline(element, text);
  const around =
    part !== "space"
      ? alone
      : inline && element !== null
        ? commasAt(live, element, offset)
        : roomAt(live, table, offset);
  if (around === null) return null;
  return {
    table,
    span,
    named: part === "key" && /^[ \t]*[=:]/.test(text.slice(span[1], span[1] + 40)),
    around,
    room: { syntax, inline, indent: " ".repeat(Math.max(0, span[0] - start - blanks)) },
    present: new Set((element?.children ?? []).filter((key) => key !== own).map(String)),
  };
}

/** True for a table between braces. */
export function isInline(element: SourceElement | null, text: string): boolean {
  return element?.value !== null && element?.value !== undefined && text[element.value[0]] === "{";
}

/** What may be written as a key at the cursor. */
export async function keyOffers(cursor: Cursor): Promise<Offer[]> {
  const place = keyPlace(cursor);
  if (place === null) return [];
  const fields = fieldsAt(cursor.live, place.table);
  const offers = fields
    .filter(({ name, doc }) => doc !== reservedDoc && !place.present.has(name))
    .map((field) => fieldOffer(field, place, cursor));
  return [...offers.filter((one) => one !== null), ...(await mapKeys(cursor, place))];
}

function fieldOffer(field: FieldInfo, place: KeyPlace, { live }: Cursor): Offer | null {
  const { room, named, span, around } = place;
  const isTable = field.form === "table" || field.form === "tables" || field.form === "map";
  const atRoot =
    room.syntax === "toml" &&
    isTable &&
    !room.inline &&
    live.source.element(place.table)?.value === null &&
    isRoot(place);
  // In TOML the tables of a document are written as headers, which are offered beside.
  if (atRoot) return null;
  const snippet = !named;
  const text = named ? keyText(field.name, room.syntax) : parted(around, fieldSnippet(field, room, new Stops()));
  return {
    label: field.name,
    kind: isTable ? "table" : "field",
    edit: { span, text, lead: quoteAt(live.text, span) },
    snippet,
    detail: field.required ? `${field.type} (required)` : field.type,
    doc: fieldDoc(field),
    rank: field.required ? 0 : 1,
  };
}

/** The quote that a key is begun with. */
function quoteAt(text: string, [from, to]: Span): string {
  return from < to && /["']/.test(text[from] ?? "") ? (text[from] ?? "") : "";
}

function isRoot({ table }: KeyPlace): boolean {
  return table.length === 0 || (table.length === 2 && table[0] === "workflows");
}

/** Keys of maps that name something that is known. */
async function mapKeys(cursor: Cursor, place: KeyPlace): Promise<Offer[]> {
  const { live } = cursor;
  const { table, span, room, named, around, present } = place;
  const sign = room.syntax === "toml" ? " = " : ": ";
  const edit = (name: string): SlotEdit => {
    const text = parted(around, `${keyText(name, room.syntax)}${named ? "" : sign}`);
    return { span, text, lead: quoteAt(live.text, span) };
  };
  const names = keysNamedAt(live, table);
  const free = (name: string): boolean => !present.has(name);
  if (names === "code") {
    return [...codes]
      .filter(([code, { severity }]) => free(code) && severity !== "error")
      .map(([code, { text, docs }]) => ({ label: code, kind: "code", edit: edit(code), detail: text, doc: docs }));
  }
  const subject = await subjectOf(cursor, table);
  if (subject === null) return [];
  if (names === "group") {
    const groups = new Set(subject.graph.nodes.flatMap(({ group }) => group ?? []));
    return [...groups].filter(free).map((name) => ({
      label: name,
      kind: "variable",
      edit: named ? edit(name) : { ...edit(name), text: `${keyText(name, "yaml")}:\n${room.indent}  ` },
    }));
  }
  if (names === "node")
    return subject.graph.nodes
      .filter(({ id }) => id !== "" && free(id))
      .map((node) => ({ label: node.id, kind: "node", edit: edit(node.id), detail: nodeDetail(node) }));
  if (names === "reference")
    return outputPaths(subject.graph)
      .filter(free)
      .map((name) => ({ label: name, kind: "member", edit: edit(name) }));
  return skillInputs(cursor, place, edit);
}

/** Most paths that are offered as keys. */
const MAX_PATHS = 2_000;

/** `node.member` for everything that is known of outputs. */
function outputPaths(graph: Graph): string[] {
  const found: string[] = [];
  for (const node of graph.nodes) {
    if (found.length > MAX_PATHS) break;
    for (const { name } of membersAt(viewOf(graph).output(node), [])) found.push(`${node.id}.${name}`);
  }
  return found;
}

/** `inputs` and `context` of a step that runs a skill: what the skill declares. */
async function skillInputs(
  cursor: Cursor,
  { table, present }: KeyPlace,
  edit: (name: string) => SlotEdit,
): Promise<Offer[]> {
  const last = table.at(-1);
  if (last !== "inputs" && last !== "context") return [];
  const found = nodeAt(cursor.live, table);
  const file = found?.node.files.find(({ role }) => role === "skill");
  if (found === null || file === undefined || table.length !== found.node.at.length + 1) return [];
  const child = await new Outputs(cursor.session, cursor.document, found.graph).child(file.text);
  const other = cursor.live.source.element([...table.slice(0, -1), last === "inputs" ? "context" : "inputs"]);
  const given = new Set((other?.children ?? []).map(String));
  return (child?.inputs ?? []).flatMap(({ name, type, required, description }): Offer[] =>
    present.has(name) || given.has(name)
      ? []
      : [
          {
            label: name,
            kind: "field",
            edit: edit(name),
            detail: required ? `${type} (required)` : type,
            ...(description === null ? {} : { doc: description }),
            rank: required ? 0 : 1,
          },
        ],
  );
}
