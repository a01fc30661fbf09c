/**
 * What a skill runs: `source` of a SKILL.md, a runner of an X.yaml, `run` of a step (spec/skill-graph.md §2.2, §3.3 to
 * §3.5). Each becomes the kind of a node and its fields.
 */
import { reservedOutputs } from "../../kinds/step/fields.ts";
import type { ObjectValue, Value } from "../../graph/value.ts";
import { absent, at, declares, type Cursor, type Reader } from "./reader.ts";

/** A node's kind and its fields before the kind's schema has seen them. */
export interface NodeFields {
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Source types that can be read (§3.3). */
export const sourceTypes: readonly string[] = [
  "cli-tool",
  "mcp",
  "catalog",
  "a2a",
  "agent",
  "agent-task",
  "harness-hook",
  "graph",
  "http",
  "external-adapter",
  "thread-outbox-provider",
];

const outputTypes = ["string", "number", "integer", "boolean", "array", "object", "null"] as const;
const outputTypeText = `must be ${outputTypes.slice(0, -1).join(", ")}, or ${outputTypes.at(-1)}.`;

/** Only the members that are there. */
export function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** `outputs`: name -> type name or `{type, description, required, wrap_as, enum}`. */
export function readOutputs(reader: Reader, cursor: Cursor): ObjectValue | undefined {
  const found = reader.object(cursor);
  for (const name of Object.keys(found ?? {})) {
    const one = at(cursor, name);
    refuseReserved(reader, one, name, "key");
    if (typeof one.value === "string") reader.word(one, outputTypes, outputTypeText);
    else if (reader.requiredObject(one) !== undefined) reader.word(at(one, "type"), outputTypes, outputTypeText);
  }
  return found;
}

/** `artifacts`: `wrap_as`, `named_emits`, `packet`; a step's are closed, a skill's may hold more. */
export function readArtifacts(reader: Reader, cursor: Cursor, closed: boolean): Record<string, unknown> | undefined {
  if (reader.object(cursor) === undefined) return undefined;
  if (closed) reader.closed(cursor, ["wrap_as", "named_emits", "packet"]);
  const whole = at(cursor, "wrap_as");
  const named = at(cursor, "named_emits");
  const wrapAs = reader.text(whole);
  const emits = reader.stringMap(named);
  if (wrapAs !== undefined) refuseReserved(reader, whole, wrapAs, "value");
  for (const [field, name] of Object.entries(emits ?? {})) refuseReserved(reader, at(named, field), name, "value");
  return present({ wrap_as: wrapAs, named_emits: emits, packet: reader.text(at(cursor, "packet")) });
}

function refuseReserved(reader: Reader, cursor: Cursor, name: string, part: "key" | "value"): void {
  if (reservedOutputs.includes(name)) {
    reader.error("reserved_name", `${cursor.label} name "${name}" is reserved.`, { path: cursor.path, part });
  }
}

/** `retry`: attempts and wait. */
export function readRetry(reader: Reader, cursor: Cursor): { max_attempts: bigint; backoff_ms?: bigint } | undefined {
  if (reader.object(cursor) === undefined) return undefined;
  reader.closed(cursor, ["max_attempts", "backoff_ms"]);
  const most = reader.integer(at(cursor, "max_attempts"), 1) ?? 1n;
  const backoff = reader.integer(at(cursor, "backoff_ms"), 0);
  return { max_attempts: most, ...(backoff === undefined ? {} : { backoff_ms: backoff }) };
}

/**
 * The source of a skill. `cursor` is labelled `source` and may be a flat runner; `graph` is not read here. `runx`
 * holds the skill's defaults.
 */
export function readSource(reader: Reader, cursor: Cursor, runx: Cursor): NodeFields {
  const type = reader.requiredString(at(cursor, "type"));
  if (type === undefined) return unsupported("", cursor);
  if (!sourceTypes.includes(type)) {
    const place = { path: at(cursor, "type").path, part: "value" } as const;
    reader.error("source_type", `source.type ${type} is not a supported source type.`, place);
    return unsupported(type, cursor);
  }
  if ((type === "agent-task" || type === "harness-hook") && (declares(cursor, "command") || declares(cursor, "args"))) {
    const key = declares(cursor, "command") ? "command" : "args";
    const message = `${type} sources must not declare source.command or source.args.`;
    reader.error("source_command", message, { path: at(cursor, key).path, part: "key" });
  }
  switch (type) {
    case "cli-tool":
      return readTool(reader, cursor, runx);
    case "agent":
    case "agent-task": {
      const must = type === "agent-task";
      return {
        kind: "agent-task",
        fields: {
          agent: must ? reader.requiredString(at(cursor, "agent")) : reader.string(at(cursor, "agent")),
          task: must ? reader.requiredString(at(cursor, "task")) : reader.string(at(cursor, "task")),
          outputs: readOutputs(reader, at(cursor, "outputs")),
        },
      };
    }
    case "http":
      return readHttp(reader, absent(at(cursor, "http")) ? cursor : { ...at(cursor, "http"), label: "source" });
    default:
      requireKeys(reader, cursor, type);
      return unsupported(type, cursor);
  }
}

function readTool(reader: Reader, cursor: Cursor, runx: Cursor): NodeFields {
  const own = at(cursor, "sandbox");
  const seconds = at(cursor, "timeout_seconds");
  return {
    kind: "cli-tool",
    fields: {
      command: reader.requiredString(at(cursor, "command")),
      args: reader.strings(at(cursor, "args")),
      cwd: reader.string(at(cursor, "cwd")),
      outputs: readOutputs(reader, at(cursor, "outputs")),
      timeout_seconds: reader.integer(seconds, 0),
      input_mode: reader.word(at(cursor, "input_mode"), ["args", "stdin", "none"], "must be args, stdin, or none."),
      sandbox: readSandbox(reader, absent(own) ? at(runx, "sandbox") : own),
    },
  };
}

/** What the types that only parse must have (§3.3). */
function requireKeys(reader: Reader, cursor: Cursor, type: string): void {
  const needs: Readonly<Record<string, readonly string[]>> = {
    a2a: ["agent_card_url", "task"],
    mcp: ["tool"],
    catalog: ["catalog_ref"],
    "harness-hook": ["hook"],
  };
  const server = at(cursor, "server");
  if (type === "mcp" && reader.requiredObject(server) !== undefined) reader.requiredString(at(server, "command"));
  for (const key of needs[type] ?? []) reader.requiredString(at(cursor, key));
}

/** A type that can be read and not run. */
export function unsupported(type: string, cursor: Cursor): NodeFields {
  const value: Value | undefined = cursor.value;
  return { kind: "unsupported", fields: { type, declared: value === null ? undefined : value } };
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** `url`, `method`, `headers`, `allow_private_network` (§9, R8, R12). */
export function readHttp(reader: Reader, cursor: Cursor): NodeFields {
  const method = at(cursor, "method");
  const verb = reader.string(method);
  if (verb !== undefined && !methods.includes(verb.toUpperCase())) {
    const message = `${method.label} ${verb} is not supported; use GET, POST, PUT, PATCH, or DELETE.`;
    reader.error("value", message, { path: method.path, part: "value" });
  }
  const url = at(cursor, "url");
  const address = reader.requiredString(url);
  if (address?.includes("${secret:") === true) {
    const message = `${url.label} must not hold \${secret:…}; secrets are substituted in headers only.`;
    reader.error("secret_place", message, { path: url.path, part: "value" });
  }
  return {
    kind: "http",
    fields: {
      url: address,
      method: verb,
      headers: reader.stringMap(at(cursor, "headers")),
      allow_private_network: reader.boolean(at(cursor, "allow_private_network")),
      outputs: readOutputs(reader, at(cursor, "outputs")),
    },
  };
}

const profiles = ["readonly", "workspace-write", "network", "unrestricted-local-dev"] as const;
const policies = ["skill-directory", "workspace", "custom"] as const;

/** Variables that no tool may be given (§3.5). */
export function isReservedVariable(name: string): boolean {
  if (/^RUNX_RECEIPT_SIGN_/.test(name)) return true;
  const words = /SECRET|TOKEN|PASSWORD|API_KEY|PRIVATE_KEY|ACCESS_KEY|SIGNING_KEY|CREDENTIAL|SEED/;
  return name.startsWith("RUNX_") && words.test(name);
}

/** `sandbox` (§3.5); its messages are labelled `sandbox` wherever it stands. */
export function readSandbox(reader: Reader, place: Cursor): Record<string, unknown> | undefined {
  const cursor = { ...place, label: "sandbox" };
  if (reader.object(cursor) === undefined) return undefined;
  const profile = at(cursor, "profile");
  if (absent(profile)) reader.missing(profile);
  const word = reader.word(profile, profiles, "must be readonly, workspace-write, network, or unrestricted-local-dev.");
  const allow = at(cursor, "env_allowlist");
  const variables = reader.strings(allow);
  variables?.forEach((name, i) => {
    if (!isReservedVariable(name)) return;
    const message = `sandbox.env_allowlist cannot include reserved runx environment variable ${name}.`;
    reader.error("reserved_variable", message, { path: at(allow, i).path, part: "value" });
  });
  const network = at(cursor, "network");
  const writable = at(cursor, "writable_paths");
  const [net, paths] = [reader.boolean(network), reader.strings(writable)];
  if (word === "readonly" && net === true) {
    reader.error("sandbox", "readonly sandbox cannot declare network access", { path: network.path, part: "value" });
  }
  if (word === "readonly" && (paths?.length ?? 0) > 0) {
    reader.error("sandbox", "readonly sandbox cannot declare writable paths", { path: writable.path, part: "value" });
  }
  return present({
    profile: word,
    cwd_policy: reader.word(at(cursor, "cwd_policy"), policies, "must be skill-directory, workspace, or custom."),
    env_allowlist: variables,
    network: net,
    writable_paths: paths,
    require_enforcement: reader.boolean(at(cursor, "require_enforcement")),
  });
}
