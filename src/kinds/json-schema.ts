/**
 * Users' JSON Schemas: drafts 6, 7, 2019-09 and 2020-12 (draft 7 when `$schema` is not given).
 *
 * Boundary: pure, but it compiles schemas to code, which a webview's content security policy forbids; only handlers
 * and the host import it. No schema is fetched: a `$ref` must stay within its file.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import draft6 from "ajv/dist/refs/json-schema-draft-06.json" with { type: "json" };
import formats from "ajv-formats";
import { jsonProblemText, parseJson } from "../graph/json.ts";
import { displayText, isObject, member, toPlain, type Value } from "../graph/value.ts";

/** What became of checking a value: it fits, it does not and why, or the schema itself cannot be used. */
export type SchemaVerdict =
  | { readonly status: "valid" }
  | { readonly status: "invalid"; readonly errors: readonly string[] }
  | { readonly status: "not_json"; readonly message: string }
  | { readonly status: "not_schema"; readonly message: string };

type Compiled =
  | { readonly status: "compiled"; readonly validate: ValidateFunction }
  | Extract<SchemaVerdict, { status: "not_json" | "not_schema" }>;

/** Compiled schemas by text: a memo of a pure function, since a map asks for the same schema again and again. */
const compiled = new Map<string, Compiled>();
const MEMO_SIZE = 32;

/** Checks `value` against the JSON Schema in `schemaText`. Integers beyond 2^53 are compared as doubles. */
export function checkSchema(schemaText: string, value: Value): SchemaVerdict {
  const schema = compile(schemaText);
  if (schema.status !== "compiled") return schema;
  const { validate } = schema;
  if (validate(toPlain(value)) === true) return { status: "valid" };
  return { status: "invalid", errors: (validate.errors ?? []).map(errorText) };
}

function compile(text: string): Compiled {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const made = compileNew(text);
  const oldest = compiled.keys().next();
  if (compiled.size >= MEMO_SIZE && oldest.done !== true) compiled.delete(oldest.value);
  compiled.set(text, made);
  return made;
}

function compileNew(text: string): Compiled {
  const read = parseJson(text);
  if (!read.ok) return { status: "not_json", message: jsonProblemText(read.problem) };
  const schema = read.value;
  if (typeof schema !== "boolean" && !isObject(schema)) {
    return { status: "not_schema", message: "a schema is an object or a boolean" };
  }
  const validator = validatorFor(isObject(schema) ? member(schema, "$schema") : undefined);
  if (typeof validator === "string") return { status: "not_schema", message: validator };
  try {
    return { status: "compiled", validate: validator.compile(toPlain(schema) as object | boolean) };
  } catch (problem) {
    if (!(problem instanceof Error)) throw problem;
    return { status: "not_schema", message: problem.message };
  }
}

/** The validator of a draft, or why there is none. */
function validatorFor(draft: Value | undefined): Ajv | string {
  const options = { strict: false, allErrors: true, validateSchema: true, logger: false } as const;
  const name = draft === undefined ? "draft-07" : displayText(draft);
  let validator: Ajv;
  if (name.includes("2020-12")) validator = new Ajv2020(options);
  else if (name.includes("2019-09")) validator = new Ajv2019(options);
  else if (name.includes("draft-07")) validator = new Ajv(options);
  else if (name.includes("draft-06")) validator = new Ajv(options).addMetaSchema(draft6);
  else return `\`$schema\` names \`${name}\`; supported are the drafts 6, 7, 2019-09 and 2020-12`;
  formats(validator);
  return validator;
}

/** `/items/0/name must be string`, with `$` for the whole value. */
function errorText(error: ErrorObject): string {
  const at = error.instancePath === "" ? "$" : error.instancePath;
  const params = error.params as Readonly<Record<string, unknown>>;
  const extra = params["additionalProperty"] ?? params["unevaluatedProperty"];
  const named = typeof extra === "string" ? ` (\`${extra}\`)` : "";
  const values = params["allowedValues"];
  const allowed = Array.isArray(values) ? ` (${values.map((one) => JSON.stringify(one)).join(", ")})` : "";
  return `${at} ${error.message ?? `does not fit \`${error.keyword}\``}${named}${allowed}`;
}
