/** Source text with tab stops: fields and whole tables as an author would write them. */
import type { FieldInfo } from "../schema/fields.ts";
import { keyText, type Syntax } from "./slot.ts";

/** Numbers tab stops. */
export class Stops {
  private last = 0;

  next(preset = ""): string {
    this.last++;
    return preset === "" ? `$${this.last}` : `\${${this.last}:${escaped(preset)}}`;
  }

  choice(words: readonly string[]): string {
    this.last++;
    return `\${${this.last}|${words.map((word) => word.replace(/[\\,|]/g, "\\$&")).join(",")}|}`;
  }
}

/** Text that holds no tab stops, inside a snippet. */
export function escaped(text: string): string {
  return text.replace(/[\\$}]/g, "\\$&");
}

/** Where a field is written: below a header or key, or between braces. */
export interface Room {
  readonly syntax: Syntax;
  readonly inline: boolean;
  /** Blanks that lines after the first need beyond the indentation of the line itself. */
  readonly indent: string;
}

/** A whole field with a stop for its value. */
export function fieldSnippet(field: FieldInfo, room: Room, stops: Stops): string {
  const key = escaped(keyText(field.name, room.syntax));
  return room.syntax === "toml"
    ? `${key} = ${tomlValue(field, room, stops)}`
    : `${key}:${yamlValue(field, room, stops)}`;
}

function tomlValue({ form, words, fallback }: FieldInfo, { inline }: Room, stops: Stops): string {
  switch (form) {
    case "string":
      return words.length > 0 ? `"${stops.choice(words)}"` : `"${stops.next()}"`;
    case "boolean":
      return stops.choice(fallback === "true" ? ["false", "true"] : ["true", "false"]);
    case "integer":
    case "number":
      return stops.next(fallback ?? "1");
    case "list":
      return `[${stops.next()}]`;
    case "tables":
      return inline ? `[{ ${stops.next()} }]` : `[\n  { ${stops.next()} },\n]`;
    case "table":
    case "map":
      return `{ ${stops.next()} }`;
    case "any":
      return stops.next();
  }
}

function yamlValue({ form, words, fallback }: FieldInfo, { inline, indent }: Room, stops: Stops): string {
  switch (form) {
    case "string":
      return ` ${words.length > 0 ? stops.choice(words) : stops.next()}`;
    case "boolean":
      return ` ${stops.choice(fallback === "true" ? ["false", "true"] : ["true", "false"])}`;
    case "list":
      return inline ? ` [${stops.next()}]` : `\n${indent}  - ${stops.next()}`;
    case "tables":
      return inline ? ` [{ ${stops.next()} }]` : `\n${indent}  - ${stops.next()}`;
    case "table":
    case "map":
      return inline ? ` { ${stops.next()} }` : `\n${indent}  ${stops.next()}`;
    default:
      return ` ${stops.next()}`;
  }
}

/** The fields that a new table must have, one after the other. */
export function requiredFields(fields: readonly FieldInfo[], room: Room, stops: Stops): string[] {
  return fields.filter(({ required }) => required).map((field) => fieldSnippet(field, room, stops));
}
