/**
 * The tables that servers and schedulers use: triggers, HTTP routes, auth, server, logging, signing
 * (spec/workflow.md §2.3, §2.4, §13, §17.4, §18.2).
 */
import type { z } from "zod";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import type { HttpRoute, Operation, Trigger } from "../../graph/model.ts";
import type { Value } from "../../graph/value.ts";
import type { Problems } from "./problems.ts";
import { readEach, readTable } from "./read-table.ts";
import { auth, httpRoute, logging, server, signing, triggers } from "./tables.ts";
import { isTable, type TomlTable } from "./toml.ts";

/** Reads them from a document's table at `base`. */
export function readOperation(table: TomlTable, base: DocumentPath, problems: Problems): Operation {
  const value = (key: string, schema: z.ZodObject): Value => {
    const raw = table[key];
    if (raw === undefined || readTable(schema, raw, [...base, key], problems) === null) return null;
    return raw as Value;
  };
  return {
    triggers: readEach(table["triggers"], [...base, "triggers"], problems, (raw, at) =>
      readTrigger(raw, at(), problems),
    ),
    routes: readEach(table["http_routes"], [...base, "http_routes"], problems, (raw, at) =>
      readRoute(raw, at(), problems),
    ),
    auth: value("auth", auth),
    server: value("server", server),
    logging: value("logging", logging),
    signing: value("signing", signing),
  };
}

const triggerTypes = Object.keys(triggers);

function readTrigger(raw: unknown, at: DocumentPath, problems: Problems): Trigger | null {
  if (!isTable(raw)) {
    problems.wrongType(at, "a table", raw);
    return null;
  }
  const { type, ...rest } = raw;
  switch (type) {
    case "cron": {
      const fields = readTable(triggers.cron, rest, at, problems);
      if (fields === null) return null;
      return { type, schedule: fields.schedule, timezone: fields.timezone ?? null, start: fields.start_node, at };
    }
    case "interval": {
      const fields = readTable(triggers.interval, rest, at, problems);
      return fields && { type, every: fields.every, start: fields.start_node, at };
    }
    case "fs_watch": {
      const fields = readTable(triggers.fs_watch, rest, at, problems);
      if (fields === null) return null;
      const { path, recursive, events, debounce_ms: debounceMs, start_node: start } = fields;
      return { type, path, recursive, events, debounceMs, start, at };
    }
    case "internal.event": {
      const fields = readTable(triggers[type], rest, at, problems);
      return fields && { type, name: fields.name, start: fields.start_node, at };
    }
    case "mcp.resource.updated":
    case "mcp.resource.created": {
      const fields = readTable(triggers[type], rest, at, problems);
      return fields && { type, server: fields.server, resource: fields.resource, start: fields.start_node, at };
    }
    default:
      if (type === undefined) problems.missing(at, "type");
      else problems.badWord("unknown_trigger", [...at, "type"], type, triggerTypes, "trigger type");
      return null;
  }
}

function readRoute(raw: unknown, at: DocumentPath, problems: Problems): HttpRoute | null {
  let table = raw;
  let remap: ((path: DocumentPath) => DocumentPath) | undefined;
  if (isTable(raw) && Array.isArray(raw["rate_limit"])) {
    const limits: readonly unknown[] = raw["rate_limit"];
    if (limits.length !== 1) {
      const message = `\`rate_limit\` takes one table; found ${limits.length}`;
      problems.add("wrong_type", { path: [...at, "rate_limit"], part: "key" }, message);
    }
    table = { ...raw, rate_limit: limits[0] };
    remap = ([key, ...below]) => (key === "rate_limit" ? [key, 0, ...below] : key === undefined ? [] : [key, ...below]);
  }
  const fields = readTable(httpRoute, table, at, problems, remap);
  if (fields === null) return null;
  const limit = fields.rate_limit;
  return {
    method: fields.method,
    path: fields.path,
    start: fields.start_node,
    inputSchema: fields.input_schema ?? null,
    auth: fields.auth ?? null,
    rateLimit: limit === undefined ? null : { capacity: limit.capacity, perSecond: limit.per_second },
    idempotencyKey: fields.idempotency_key ?? null,
    idempotencyTtlSecs: fields.idempotency_ttl_secs,
    at,
  };
}
