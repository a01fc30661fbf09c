/** Keys of `spec.kv`: whole lines, those that come next in the format's order first. */
import type { Span } from "../../src/dialects/live/source.ts";
import { rankOf } from "../../src/dialects/pipeline/schema.ts";
import { fieldAt } from "../schema/fields.ts";
import { fieldDoc } from "../schema/docs.ts";
import type { Cursor } from "./asked.ts";
import type { Offer } from "./offer.ts";

const topKeys = [
  "v",
  "model",
  "name",
  ...["shards", "ordering", "producer", "scheduling"].map((key) => `single_ring.${key}`),
];

/** Keys that are missing, for the line at the cursor. */
export function lineKeys({ live, point, offset }: Cursor): Offer[] {
  if (point.part === "value" || point.part === "comment") return [];
  const { text, source } = live;
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const rest = /^[a-z0-9_.]*/i.exec(text.slice(offset))?.[0] ?? "";
  const span: Span = [start, offset + rest.length];
  const named = text[span[1]] === "=";
  const typed = text.slice(...span);
  return wanted(live).flatMap((key, index): Offer[] => {
    const path = key.split(".").map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part));
    const element = source.element(path);
    if (element !== null && key !== typed && element.children.length === 0) return [];
    if (rankOf(key) === null) return [];
    const isCount = path.at(-1) === "count";
    const field = fieldAt(live, isCount ? path.slice(0, -1) : path);
    const detail = isCount ? "how many stages it waits for" : (field?.type ?? "");
    const doc = field === null ? "" : fieldDoc(field);
    const edit = { span, text: named ? key : `${key}=`, lead: "" };
    return [{ label: key, kind: "field", edit, detail, doc, rank: index }];
  });
}

/** Keys that a pipeline has or may get, in the format's order. */
function wanted({ source }: Cursor["live"]): string[] {
  const stages = source.element(["single_ring", "stages"])?.children.filter((one) => typeof one === "number") ?? [];
  const keys = [...topKeys];
  for (const index of [...stages, stages.length]) {
    const base = `single_ring.stages.${index}`;
    keys.push(`${base}.id`, `${base}.stage`, `${base}.depends_on.count`);
    const count = Number(source.element(["single_ring", "stages", index, "depends_on", "count"])?.text ?? "0");
    for (let i = 0; i < Math.min(count, index, 64); i++) keys.push(`${base}.depends_on.${i}`);
  }
  return keys;
}
