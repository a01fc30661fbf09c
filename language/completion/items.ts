/** Items of lists of tables: steps by what they do, other items with the fields that they must have. */
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Span } from "../../src/dialects/live/source.ts";
import { kindDefinition } from "../../src/kinds/definitions.generated.ts";
import { fieldAt, fieldsAt } from "../schema/fields.ts";
import { commasAt, endsLine, isLevel, parted } from "./around.ts";
import type { Cursor } from "./asked.ts";
import type { Offer } from "./offer.ts";
import { syntaxOf } from "./slot.ts";
import { requiredFields, Stops } from "./snippets.ts";

/** What a new step may do: the lines below its id. */
const targets: readonly { readonly label: string; readonly kind: string; readonly lines: readonly string[] }[] = [
  { label: "skill", kind: "skill", lines: ["skill: ${2:../skill}"] },
  { label: "run cli-tool", kind: "cli-tool", lines: ["run:", "  type: cli-tool", "  command: $2"] },
  { label: "run agent-task", kind: "agent-task", lines: ["run:", "  type: agent-task", "  agent: $2", "  task: $3"] },
  {
    label: "run approval",
    kind: "approval",
    lines: ["run:", "  type: approval", "inputs:", "  gate_id: $2", "  reason: $3"],
  },
  { label: "run stage", kind: "stage", lines: ["run:", "  type: stage", "  key: ${2:identity}"] },
  { label: "tool", kind: "tool", lines: ["tool: $2"] },
  { label: "http", kind: "http", lines: ["http:", "  url: $2"] },
];

/** Offers for a new item at the cursor: on a line of its own in a YAML list, behind a dash, or between brackets. */
export function itemOffers(cursor: Cursor): Offer[] {
  return [...bracketed(cursor), ...ownLine(cursor)];
}

/** A table between the brackets of a list of tables. */
function bracketed({ live, point, offset }: Cursor): Offer[] {
  const list = live.source.element(point.path);
  if (point.part !== "space" || list?.form !== "list" || list.value === null) return [];
  const isInside = live.text[list.value[0]] === "[" && offset > list.value[0];
  if (!isInside || fieldAt(live, point.path)?.form !== "tables") return [];
  const around = commasAt(live, list, offset);
  if (around === null) return [];
  const room = { syntax: syntaxOf(live), inline: true, indent: "" } as const;
  const fields = fieldsAt(live, [...point.path, list.children.length]);
  const stops = new Stops();
  const inner = requiredFields(fields, room, stops).join(", ") || stops.next();
  const text = parted(around, `{ ${inner} }`);
  const detail = `an item of ${String(point.path.at(-1))}`;
  return [
    {
      label: "{ … }",
      filter: "{",
      kind: "snippet",
      snippet: true,
      edit: { span: [offset, offset], text, lead: "" },
      detail,
    },
  ];
}

function ownLine(cursor: Cursor): Offer[] {
  const place = itemPlace(cursor);
  if (place === null) return [];
  const { item, dash, span, indent } = place;
  const lead = dash ? "- " : "";
  const below = `\n${indent}${dash ? "  " : ""}`;
  if (item.at(-2) === "steps") {
    return targets.map(({ label, kind, lines }) => {
      const definition = kindDefinition(kind);
      return {
        label: `${lead}${label}`,
        filter: `${lead}id ${label}`,
        kind: "snippet",
        snippet: true,
        edit: { span, text: [`${lead}id: $1`, ...lines].join(below), lead: "" },
        detail: definition?.summary ?? "",
        doc: definition?.docs ?? "",
        rank: 2,
      };
    });
  }
  const fields = fieldsAt(cursor.live, item);
  if (fields.length === 0 || !dash) return [];
  const room = { syntax: "yaml", inline: false, indent: `${indent}  ` } as const;
  const lines = requiredFields(fields, room, new Stops());
  const text = `- ${lines.length === 0 ? "$1" : lines.join(below)}`;
  const name = String(item.at(-2));
  return [
    {
      label: `- ${fields[0]?.name ?? name}`,
      kind: "snippet",
      snippet: true,
      edit: { span, text, lead: "" },
      detail: `an item of ${name}`,
    },
  ];
}

interface ItemPlace {
  /** Path of the new item. */
  readonly item: DocumentPath;
  /** The dash has still to be written. */
  readonly dash: boolean;
  readonly span: Span;
  readonly indent: string;
}

function itemPlace({ live, point, offset }: Cursor): ItemPlace | null {
  if (syntaxOf(live) !== "yaml") return null;
  const { text, source } = live;
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const before = text.slice(start, offset);
  if (!endsLine(text, offset)) return null;
  const span: Span = [offset, offset];
  const blanks = /^[ \t]*/.exec(before)?.[0].length ?? 0;
  if (/^[ \t]*-[ \t]+$/.test(before)) {
    const own = point.table ?? point.path;
    if (typeof own.at(-1) !== "number" || (source.element(own)?.children.length ?? 0) > 0) return null;
    return { item: own, dash: false, span, indent: " ".repeat(before.length - blanks) };
  }
  if (point.part !== "space" || !/^[ \t]*$/.test(before)) return null;
  const list = [point.table, point.path].find((path) => path !== null && isList(live, path));
  if (list === null || list === undefined) return null;
  if (!isLevel(live, list, offset)) return null;
  const count = source.element(list)?.children.length ?? 0;
  return { item: [...list, count], dash: true, span, indent: "" };
}

function isList(live: Cursor["live"], path: DocumentPath): boolean {
  const form = live.source.element(path)?.form;
  if (form !== "list" && form !== "missing") return false;
  return path.length > 0 && fieldAt(live, path)?.form === "tables";
}
