/** Node values and journal events as text: short for people, exact for programs. Pure. */
import { valueFields, type JournalEvent } from "../../effects/events.ts";
import { toText, type Value } from "../../graph/value.ts";

export { briefText } from "../../graph/brief.ts";

/**
 * One journal event as one line of JSON: seq, at and type first, then its members in the journal's order. Node values
 * keep the exact text of their numbers (spec/workflow.md §1.4).
 */
export function eventLine(event: JournalEvent): string {
  const { seq, at, type, ...rest } = event;
  const values = valueFields[type] ?? [];
  let line = `{"seq":${seq},"at":${at},"type":${JSON.stringify(type)}`;
  for (const [key, member] of Object.entries(rest as Readonly<Record<string, unknown>>)) {
    if (member === undefined) continue;
    const text = values.includes(key) ? toText(member as Value) : JSON.stringify(member);
    line += `,${JSON.stringify(key)}:${text}`;
  }
  return `${line}}`;
}
