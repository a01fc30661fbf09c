/**
 * `[[secrets]]` entries, whose messages spec/workflow.md §12 gives word for word: their point is that nobody puts
 * secret material into a document.
 */
import { z } from "zod";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import type { SecretSource } from "../../graph/model.ts";
import { didYouMean, suggest } from "../../graph/suggest.ts";
import { text, unsigned } from "../../kinds/define.ts";
import type { Problems } from "./problems.ts";
import { isTable } from "./toml.ts";

/** Fields of an entry by its `source`, beside `name` and `source`. */
export const secretSources = {
  env: z.strictObject({ var: text("The environment variable.") }),
  file: z.strictObject({
    path: text("The file."),
    trim: z.boolean().meta({ description: "Cut white space at the end." }).default(true),
  }),
  command: z.strictObject({ argv: z.array(z.string()).meta({ description: "Program and arguments." }) }),
  oauth2: z.strictObject({
    token_url: text("The token endpoint."),
    client_id_env: text("The secret that holds the client id."),
    client_secret_env: text("The secret that holds the client secret."),
    scopes: z.array(z.string()).default([]),
    extra_params: z.record(z.string(), z.string()).default({}),
    auth_style: z.enum(["body", "basic"]).default("body"),
    skew_secs: unsigned("u64", "Seconds before its end at which a token counts as used up.").default(60),
  }),
} as const;

const sourceNames = Object.keys(secretSources);

/** Reads one entry; null after a problem. */
export function readSecret(raw: unknown, at: DocumentPath, problems: Problems): SecretSource | null {
  if (!isTable(raw)) {
    problems.wrongType(at, "a table", raw);
    return null;
  }
  const { name, source, ...rest } = raw;
  if (typeof name !== "string") {
    const place = name === undefined ? ({ path: at, part: "key" } as const) : valueOf(at, "name");
    problems.add("invalid_secret", place, "[[secrets]] entry needs a string `name`");
    return null;
  }
  if (typeof source !== "string") {
    const place = source === undefined ? ({ path: at, part: "key" } as const) : valueOf(at, "source");
    const needs = 'needs `source = "env" | "file" | "command" | "oauth2"`';
    problems.add("invalid_secret", place, `secret \`${name}\`: ${needs}`);
    return null;
  }
  switch (source) {
    case "env": {
      const fields = readFields(secretSources.env, rest, name, source, at, problems);
      return fields && { name, source, var: fields.var, at };
    }
    case "file": {
      const fields = readFields(secretSources.file, rest, name, source, at, problems);
      return fields && { name, source, path: fields.path, trim: fields.trim, at };
    }
    case "command": {
      const fields = readFields(secretSources.command, rest, name, source, at, problems);
      return fields && { name, source, argv: fields.argv, at };
    }
    case "oauth2": {
      const fields = readFields(secretSources.oauth2, rest, name, source, at, problems);
      if (fields === null) return null;
      return {
        name,
        source,
        tokenUrl: fields.token_url,
        clientIdEnv: fields.client_id_env,
        clientSecretEnv: fields.client_secret_env,
        scopes: fields.scopes,
        extraParams: fields.extra_params,
        authStyle: fields.auth_style,
        skewSecs: fields.skew_secs,
        at,
      };
    }
    default: {
      const near = didYouMean(suggest(source, sourceNames));
      const message = `secret \`${name}\`: unknown source \`${source}\` (expected env / file / command / oauth2)${near}`;
      problems.add("invalid_secret", valueOf(at, "source"), message);
      return null;
    }
  }
}

const valueOf = (at: DocumentPath, key: string) => ({ path: [...at, key], part: "value" as const });

function readFields<S extends z.ZodObject>(
  schema: S,
  rest: Readonly<Record<string, unknown>>,
  name: string,
  source: string,
  at: DocumentPath,
  problems: Problems,
): z.output<S> | null {
  const allowed = Object.keys(schema.shape);
  const known: Record<string, unknown> = {};
  let refused = false;
  for (const [key, value] of Object.entries(rest)) {
    if (allowed.includes(key)) {
      known[key] = value;
      continue;
    }
    refused = true;
    const why = `unknown field \`${key}\` for source \`${source}\``;
    const rule = "secret material never goes in the workflow file";
    const message = `secret \`${name}\`: ${why} — ${rule}; allowed: ${allowed.join(", ")}`;
    problems.unknownKey([...at, key], allowed, message);
  }
  const result = schema.safeParse(known);
  if (!result.success) problems.addIssues(schema, known, at, result.error.issues);
  return result.success && !refused ? result.data : null;
}
