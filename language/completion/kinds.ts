/**
 * Kinds of nodes: with their docs, in the order of their groups, and while the table is new with a snippet of all that a node
 * of the kind must have.
 */
import type { AnyKind, KindGroup } from "../../src/kinds/define.ts";
import { kindDefinition } from "../../src/kinds/definitions.generated.ts";
import { fieldsAt, type FieldInfo } from "../schema/fields.ts";
import { bare, formOf, typeOf, wordsOf } from "../schema/walk.ts";
import { workflowKinds } from "../schema/workflow.ts";
import type { Asked } from "./asked.ts";
import { isInline } from "./keys.ts";
import { inSlot, type Offer } from "./offer.ts";
import { quoted, syntaxOf } from "./slot.ts";
import { requiredFields, Stops } from "./snippets.ts";
import { z } from "zod";

const order: readonly KindGroup[] = ["input", "transform", "intelligence", "action", "composition", "control", "step"];

/** Kinds for the `type` of a node. */
export function kindOffers(asked: Asked): Offer[] {
  const { live, path } = asked;
  const table = path.slice(0, -1);
  const present = (live.source.element(table)?.children ?? []).map(String);
  const known = new Set(fieldsAt(live, table).map(({ name }) => name));
  return workflowKinds.map((kind) => kindOffer(asked, kind, missingFields(kind, present, known)));
}

/** Types of a step's `run`, of a skill's source: words that have a kind behind them. */
export function typeOffers(asked: Asked): Offer[] {
  return (asked.field?.words ?? []).flatMap((word) => {
    const kind = kindDefinition(word === "agent" ? "agent-task" : word);
    const { slot } = asked;
    if (kind === undefined) return inSlot(slot, 0, slot.text.length, word, { kind: "word" });
    return { ...kindOffer(asked, kind, []), label: word, edit: slot.write(0, slot.text.length, word) };
  });
}

function kindOffer(asked: Asked, kind: AnyKind, missing: readonly FieldInfo[]): Offer {
  const { slot } = asked;
  const base = {
    label: kind.kind,
    kind: "kind",
    detail: `${kind.group} · ${kind.summary}`,
    doc: `${kind.docs}\n\n\`\`\`toml\n${kind.example}\n\`\`\``.replace("```toml\n- ", "```yaml\n- "),
    rank: order.indexOf(kind.group),
  } as const;
  const syntax = syntaxOf(asked.live);
  if (missing.length > 0 && asked.session.client.textDocument?.completion?.completionItem?.snippetSupport === true) {
    const inline = isInline(asked.live.source.element(asked.path.slice(0, -1)), asked.live.text);
    const lines = requiredFields(missing, { syntax, inline, indent: "" }, new Stops());
    const edit = slot.replaceWhole([quoted(kind.kind, syntax), ...lines].join(inline ? ", " : "\n"));
    if (edit !== null && (inline || isAlone(asked))) return { ...base, edit, snippet: true };
  }
  return { ...base, edit: slot.write(0, slot.text.length, kind.kind) };
}

/** Nothing stands behind the value on its line. */
function isAlone({ live, point, offset }: Asked): boolean {
  const end = live.text.indexOf("\n", Math.max(offset, point.replace[1]));
  return live.text.slice(point.replace[1], end < 0 ? undefined : end).trim() === "";
}

/**
 * The fields that a node of a kind must have, when the table has none of the kind's fields yet. `known` are the fields that
 * it may have as it is.
 */
function missingFields(kind: AnyKind, present: readonly string[], known: ReadonlySet<string>): readonly FieldInfo[] {
  const shape: Readonly<Record<string, z.ZodType>> = kind.fields.shape;
  if (present.some((name) => Object.hasOwn(shape, name) || !known.has(name))) return [];
  const own = Object.entries(shape);
  return own.flatMap(([name, schema]): FieldInfo[] => {
    const { schema: inner, optional, doc, role, fallback } = bare(schema);
    if (optional || inner instanceof z.ZodUnknown) return [];
    return [
      {
        name,
        doc,
        type: typeOf(inner),
        form: formOf(inner),
        required: true,
        fallback,
        words: wordsOf(inner),
        role,
        names: null,
      },
    ];
  });
}
