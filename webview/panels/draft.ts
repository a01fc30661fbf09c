/** What a person types in a field, and the JSON text that it stands for. Pure. */
import type { FormField } from "./form.ts";

/** The value as a person edits it. */
export function textOf({ written, type }: FormField): string {
  if (written === null || written === "null") return "";
  if (type === "text" || type === "multiline" || type === "choice") {
    const parsed: unknown = JSON.parse(written);
    return typeof parsed === "string" ? parsed : written;
  }
  return written;
}

/** The draft as JSON text; an emptied optional field is removed. */
export function jsonOf(field: FormField, draft: string): string | null {
  if (draft === "" && !field.required) return null;
  return field.type === "text" || field.type === "multiline" || field.type === "choice"
    ? JSON.stringify(draft)
    : draft.trim();
}

/** Why a draft cannot be committed; null when it can. */
export function problemOf(field: FormField, draft: string): string | null {
  if (draft === "") return null;
  if (field.type === "integer" && !/^-?[0-9]+$/.test(draft.trim())) return "a whole number is expected";
  if (field.type === "number" && !/^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(draft.trim()))
    return "a number is expected";
  if (field.type !== "json") return null;
  try {
    JSON.parse(draft);
    return null;
  } catch {
    return "this is not JSON yet";
  }
}

/** The draft with an offer: in its last marker that is not closed yet, or instead of it all where there are no markers. */
export function withOffer(field: FormField, draft: string, insert: string): string {
  if (field.role?.endsWith("template") !== true) return insert;
  return draft.replace(/\{\{[^{}]*$/, () => `{{${insert}}}`);
}
