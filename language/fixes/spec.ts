/** Lines of a `spec.kv`: into canonical form, or out. */
import { formatSpec } from "../../src/dialects/pipeline/canonical.ts";
import { lineEdits } from "../features/formatting.ts";
import { fieldAt } from "../schema/fields.ts";
import type { About, Family, Offer } from "./about.ts";

/** The whole file as `countersign fmt` writes it, where that needs no guess. */
export const canonical: Family = (about) => {
  const offer = formatted(about, about.live.text, "Write the file in its canonical form");
  return offer === null ? [] : [{ ...offer, preferred: true }];
};

/** A text in canonical form instead of the document's; null where it has none, or nothing would change. */
function formatted({ live }: About, wanted: string, title: string): Offer | null {
  const made = formatSpec(wanted, live.file);
  if (!made.ok) return null;
  const edits = lineEdits(live.text, made.text, live.lines).map(({ range, newText }) => ({
    range: [live.lines.offset(range.start), live.lines.offset(range.end)] as const,
    text: newText,
  }));
  return edits.length === 0 ? null : { title, change: { type: "text", edits } };
}

/** A line that must be there, with the only word or the least number that it takes. */
export const missingKey: Family = (about) => {
  const { live, finding } = about;
  const key = /^the key `([^`]+)` is missing$/.exec(finding.message)?.[1];
  if (key === undefined) return [];
  const path = key.split(".").map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part));
  const field = fieldAt(live, path);
  const value = field?.words[0] ?? (field?.form === "integer" ? "1" : (words[String(path.at(-1))] ?? null));
  if (value === null) return [];
  const text = live.text === "" || live.text.endsWith("\n") ? live.text : `${live.text}\n`;
  const offer = formatted(about, `${text}${key}=${value}\n`, `Add \`${key}=${value}\``);
  return offer === null ? [] : [{ ...offer, placeholder: value }];
};

const words: Readonly<Record<string, string>> = { name: "pipeline", id: "stage", stage: "identity" };

/** A stage that must say what it depends on: mostly the one before it. */
export const dependsOn: Family = ({ graph, node, graphIndex }) => {
  const before = node === null ? undefined : graph?.nodes[node.index - 1];
  if (node === null || before === undefined) return [];
  const intent = { type: "add-edge", from: before.id, to: node.id, graph: graphIndex } as const;
  return [{ title: `Let it depend on \`${before.id}\``, change: { type: "intent", intent } }];
};

/** A line that says nothing the profile knows, or says it again. */
export const removeLine: Family = ({ live, finding }): Offer[] => {
  const { text, lines } = live;
  const at = lines.offset(finding.at.start);
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", at);
  const range = [start, end < 0 ? text.length : end + 1] as const;
  return range[0] === range[1]
    ? []
    : [{ title: "Remove this line", change: { type: "text", edits: [{ range, text: "" }] } }];
};
