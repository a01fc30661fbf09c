/**
 * A small form for a typed answer, from its JSON Schema: flat objects and single values get fields, everything else is
 * typed as JSON. The host checks the answer against the schema; nothing here decides whether it fits. Pure.
 */

/** One thing to fill in. */
export interface AnswerField {
  readonly name: string;
  readonly title: string;
  readonly type: "text" | "number" | "yesno" | "choice" | "json";
  readonly required: boolean;
  readonly description: string;
  /** JSON texts of what can be chosen. */
  readonly choices: readonly string[];
}

/** The form of an answer: the members of an object, or one value. */
export interface AnswerForm {
  readonly type: "object" | "value";
  readonly fields: readonly AnswerField[];
}

type Schema = Readonly<Record<string, unknown>>;

/** Most fields of a form. */
const MAX_FIELDS = 40;

/** The form for a schema's text. */
export function formOf(schemaText: string): AnswerForm {
  const schema = parsed(schemaText);
  const members = schema === null ? null : record(schema["properties"]);
  if (schema?.["type"] === "object" && members !== null && plainObject(schema, members)) {
    const required = Array.isArray(schema["required"]) ? schema["required"] : [];
    const fields = Object.entries(members).map(([name, one]) => field(name, one, required.includes(name)));
    return { type: "object", fields };
  }
  return { type: "value", fields: [field("", schema ?? {}, true)] };
}

/** Only an object that says all of its members has a form of fields. */
function plainObject(schema: Schema, members: Schema): boolean {
  const count = Object.keys(members).length;
  return count > 0 && count <= MAX_FIELDS && ["$ref", "allOf", "anyOf", "oneOf", "if"].every((key) => !(key in schema));
}

function field(name: string, schema: unknown, required: boolean): AnswerField {
  const one = record(schema) ?? {};
  const choices = Array.isArray(one["enum"]) ? one["enum"].map((choice) => JSON.stringify(choice)) : [];
  const text = (key: string): string => (typeof one[key] === "string" ? one[key] : "");
  const types: Readonly<Record<string, AnswerField["type"]>> = {
    ...{ string: "text", number: "number", integer: "number", boolean: "yesno" },
  };
  const type = choices.length > 0 ? "choice" : (types[text("type")] ?? "json");
  return {
    name,
    title: text("title") === "" ? name : text("title"),
    type,
    required,
    description: text("description"),
    choices,
  };
}

function parsed(text: string): Schema | null {
  try {
    return record(JSON.parse(text));
  } catch {
    return null;
  }
}

function record(value: unknown): Schema | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : null;
}

/** The JSON text of one field as it was filled in; null when it is left empty, or is not JSON where it must be. */
export function fieldText(one: AnswerField, filled: string | undefined): string | null {
  const text = filled ?? "";
  switch (one.type) {
    case "text":
      return text === "" && !one.required ? null : JSON.stringify(text);
    case "yesno":
      return text === "true" ? "true" : "false";
    case "number":
      return /^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(text) ? text.trim() : null;
    case "choice":
      return one.choices.includes(text) ? text : null;
    case "json":
      return isJson(text) ? text.trim() : null;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The JSON text of the whole answer; null while something that is needed is missing. */
export function answerText(form: AnswerForm, filled: ReadonlyMap<string, string>): string | null {
  if (form.type === "value") {
    const [only] = form.fields;
    return only === undefined ? null : fieldText(only, filled.get(only.name));
  }
  const members: string[] = [];
  for (const one of form.fields) {
    const typed = filled.get(one.name) ?? "";
    const text = fieldText(one, typed);
    if (text === null && (one.required || typed.trim() !== "")) return null;
    if (text !== null) members.push(`${JSON.stringify(one.name)}:${text}`);
  }
  return `{${members.join(",")}}`;
}
