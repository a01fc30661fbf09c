/** What may be put in at a cursor: the one place that decides who is asked. */
import type { SourceElement, SourcePoint } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { fieldAt } from "../schema/fields.ts";
import type { Named } from "../schema/names.ts";
import { rootPath } from "../schema/names.ts";
import type { Asked, Cursor } from "./asked.ts";
import { inComment } from "./codes.ts";
import { declaredOffers } from "./declared.ts";
import { paths } from "./files.ts";
import { headerOffers } from "./headers.ts";
import { itemOffers } from "./items.ts";
import { keyOffers } from "./keys.ts";
import { kindOffers, typeOffers } from "./kinds.ts";
import { edgeLabels } from "./labels.ts";
import { nodeIds, stageIndexes } from "./nodes.ts";
import type { Offer } from "./offer.ts";
import { lineKeys } from "./pipeline-keys.ts";
import { inputBindings, references } from "./references.ts";
import { slotAt, syntaxOf } from "./slot.ts";
import { stageKeys } from "./stages.ts";
import { childStarts, ownStarts } from "./starts.ts";
import { secretMarkers, templateMarkers } from "./templates.ts";
import { fieldWords, namedWords } from "./words.ts";

/** Everything that may stand at the cursor. */
export async function offersAt(cursor: Cursor): Promise<readonly Offer[]> {
  const { live, point } = cursor;
  if (point.part === "comment") return inComment(cursor);
  const kv = syntaxOf(live) === "kv";
  const offers: Offer[] = [];
  const value = valuePath(cursor, point);
  if (value !== null) offers.push(...(await valueOffers(asked(cursor, value))));
  if (kv) return [...offers, ...lineKeys(cursor)];
  if (point.part !== "value" || point.table !== null) {
    const items = itemOffers(cursor);
    // A whole step says more than its field of that name.
    const whole = new Set(items.map(({ label }) => label));
    const keys = (await keyOffers(cursor)).filter(({ label }) => !whole.has(label));
    offers.push(...keys, ...headerOffers(cursor), ...items);
  }
  return offers;
}

function asked(cursor: Cursor, path: DocumentPath): Asked {
  const { live, point, offset } = cursor;
  return { ...cursor, path, field: fieldAt(live, path), slot: slotAt(live, point, path, offset) };
}

/** The path of the value that is or may be written at the cursor; null where none is. */
function valuePath({ live, offset }: Cursor, point: SourcePoint): DocumentPath | null {
  const element = live.source.element(point.path);
  if (point.part === "value") return isBeside(element, point, offset) ? null : point.path;
  if (point.part !== "space") return null;
  // Room for one more item of a list in brackets, or behind the dash of one in a block.
  if (element?.form === "list" && element.value !== null && /^\[/.test(live.text.slice(...element.value)))
    return [...point.path, itemsBefore(live, element.children, point.path, offset)];
  const start = live.text.lastIndexOf("\n", offset - 1) + 1;
  if (
    syntaxOf(live) === "yaml" &&
    typeof point.path.at(-1) === "number" &&
    /^[ \t]*(?:-[ \t]+)+$/.test(live.text.slice(start, offset))
  )
    return point.path;
  return null;
}

/** Between a key and its value, or at the end of one in brackets: there is a value already, and not here. */
function isBeside(element: SourceElement | null, { replace }: SourcePoint, offset: number): boolean {
  if (element === null || replace[0] < replace[1]) return false;
  if (element.children.length > 0) return true;
  return element.value !== null && (offset < element.value[0] || offset > element.value[1]);
}

/** Where in a list a new item at the cursor would stand; it counts as behind all others. */
function itemsBefore(
  { source }: Cursor["live"],
  items: readonly (string | number)[],
  list: DocumentPath,
  offset: number,
): number {
  const last = source.element([...list, items.length - 1]);
  return last !== null && last.extent[0] > offset ? 0 : items.length;
}

async function valueOffers(ask: Asked): Promise<readonly Offer[]> {
  const { field, live, path } = ask;
  if (field === null) return inTree(ask);
  if (field.role === "template" || path.at(-2) === "args") {
    const markers = await templateMarkers(ask);
    if (markers.length > 0) return markers;
  }
  if (field.role === "secret-template") return secretMarkers(ask);
  if (field.names !== null) return namedOffers(ask, field.names);
  if (field.words.length > 0) {
    const isType = path.at(-1) === "type" && live.what.document !== "config" && syntaxOf(live) === "yaml";
    return isType ? typeOffers(ask) : fieldWords(ask);
  }
  return inTree(ask);
}

/** Values of which no schema speaks: the inputs of a step, at any depth. */
function inTree(ask: Asked): readonly Offer[] {
  const { live, path } = ask;
  const skill = live.what.document === "skill" || (live.what.document === "graph" && live.what.dialect === "skill");
  const at = path.lastIndexOf("inputs");
  return skill && at > 1 && path[at - 2] === "steps" ? inputBindings(ask) : [];
}

async function namedOffers(ask: Asked, names: Named): Promise<readonly Offer[]> {
  switch (names) {
    case "kind":
      return kindOffers(ask);
    case "node":
      return nodeIds(ask);
    case "stage-index":
      return ask.path.at(-1) === "count" ? [] : stageIndexes(ask);
    case "label":
      return edgeLabels(ask);
    case "start":
      return ownStarts(ask);
    case "child-start":
      return childStarts(ask);
    case "reference":
      return references(ask);
    case "binding":
      return inputBindings(ask);
    case "stage-key":
      return stageKeys(ask);
    default:
      return namedWords(ask, names) ?? (await declaredOffers(ask, names)) ?? (await paths(ask, names)) ?? [];
  }
}

/** True when the cursor is in a part of a document that nobody reads: beside a wrapped workflow. */
export function isIgnored({ live, point }: Cursor): boolean {
  const root = rootPath(live);
  return root.length > 0 && point.path.length > 0 && point.path[0] !== root[0];
}
