/**
 * Secrets in events (spec/runtime.md §3, "Secrets"): every text of what is journalled goes through the masking
 * seam; a resume turns the markers back into the secrets it has read again.
 */
import type { JournalEvent, RunEvent } from "../../effects/events.ts";
import { isArray, object, type MutableObject, type ObjectValue, type Value } from "../../graph/value.ts";
import { mapMembers, type Change } from "./fields.ts";
import { eventForm } from "./forms.ts";

/** Replaces secrets by markers and markers by secrets. Filled by `src/connect/secrets`. */
export interface Masking {
  mask(text: string): string;
  /** The text with its markers resolved, or why one cannot be (`secret_changed`). */
  unmask(text: string): { readonly text: string } | { readonly problem: string };
}

/** The event with every text changed; the very same event when nothing changed. */
export function mapTexts<E extends RunEvent | JournalEvent>(event: E, change: Change): E {
  const form = eventForm(event.type);
  if (form === undefined) return event;
  if (form.texts.length === 0 && form.values.length === 0) return event;
  let made = mapMembers(form.texts, event, change);
  for (const key of form.values) {
    const from = made as unknown as Readonly<Record<string, Value>>;
    const value = from[key] as Value;
    const other = mapValue(value, change);
    if (other !== value) made = { ...made, [key]: other };
  }
  return made;
}

/** The event as it may be journalled and shown. */
export function masked<E extends RunEvent | JournalEvent>(event: E, masking: Masking | null): E {
  return masking === null ? event : mapTexts(event, (text) => masking.mask(text));
}

/** The event with its secrets, or the first problem. */
export function unmasked<E extends RunEvent | JournalEvent>(
  event: E,
  masking: Masking,
): { readonly ok: true; readonly event: E } | { readonly ok: false; readonly problem: string } {
  let problem: string | null = null;
  const made = mapTexts(event, (text) => {
    const found = masking.unmask(text);
    if ("text" in found) return found.text;
    problem ??= found.problem;
    return text;
  });
  return problem === null ? { ok: true, event: made } : { ok: false, problem };
}

/** A node value with every string changed, keys too (of two keys that become one the later stays). */
function mapValue(value: Value, change: Change): Value {
  if (typeof value === "string") return change(value);
  if (value === null || typeof value !== "object") return value;
  if (isArray(value)) {
    let changed = false;
    const items = value.map((item) => {
      const other = mapValue(item, change);
      changed ||= other !== item;
      return other;
    });
    return changed ? items : value;
  }
  return mapObject(value, change);
}

/** As {@link mapValue}. Most objects hold no secret, so a copy is only made from the first change on. */
function mapObject(value: ObjectValue, change: Change): Value {
  const keys = Object.keys(value);
  let made: MutableObject | null = null;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const item = value[key] as Value;
    const otherKey = change(key);
    const other = mapValue(item, change);
    if (made === null) {
      if (otherKey === key && other === item) continue;
      made = object();
      for (const before of keys.slice(0, i)) made[before] = value[before] as Value;
    }
    made[otherKey] = other;
  }
  return made ?? value;
}

/** Every text of an event that masking looks at; where a resume finds the markers of the secrets it must read again. */
export function textsOf(event: RunEvent | JournalEvent): readonly string[] {
  const texts: string[] = [];
  mapTexts(event, (text) => {
    texts.push(text);
    return text;
  });
  return texts;
}
