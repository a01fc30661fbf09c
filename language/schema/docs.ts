/** Fields for people, in Markdown. */
import type { FieldInfo } from "./fields.ts";

/** What a field is for, what it takes, and what counts without it. */
export function fieldDoc(field: FieldInfo): string {
  const facts = [field.type];
  if (field.required) facts.push("required");
  else if (field.fallback !== null) facts.push(`default \`${field.fallback}\``);
  if (field.role === "reference") facts.push("a reference that must lead to a value");
  if (field.role === "optional-reference") facts.push("a reference; null where it leads nowhere");
  if (field.role === "template") facts.push("a template with `{{path}}` markers");
  if (field.role === "secret-template") facts.push("may hold `{{secret:NAME}}`");
  return [field.doc, `_${facts.join(" · ")}_`].filter((part) => part !== "").join("\n\n");
}
