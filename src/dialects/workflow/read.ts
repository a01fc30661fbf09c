/**
 * A TOML document -> Graph: the bare and the wrapped form and every table of spec/workflow.md §2.
 *
 * Reading goes on after a problem, so that several are reported at once; a document with any error gives no graph.
 */
import type { DocumentPath } from "../../graph/diagnostic.ts";
import {
  edgeKeys,
  type Budget,
  type DocumentPolicy,
  type Edge,
  type Graph,
  type McpServer,
} from "../../graph/model.ts";
import type { ModelBackend, Node, Start } from "../../graph/model.ts";
import type { Value } from "../../graph/value.ts";
import type { ParsedDocument } from "../document.ts";
import type { NodeReader } from "./nodes.ts";
import { readOperation } from "./operation.ts";
import { Problems } from "./problems.ts";
import { readEach, readOptional, readTable, readTables } from "./read-table.ts";
import { readSecret } from "./secrets.ts";
import * as tables from "./tables.ts";
import { checkValues, isTable, type TomlTable } from "./toml.ts";

/** Reads the entries of which a document may have very many; null after a problem. */
export interface EntryReaders {
  /** All nodes of the list at a path. */
  nodes(raw: unknown, at: DocumentPath, problems: Problems): readonly Node[];
  start(raw: unknown, index: number, at: DocumentPath, problems: Problems): Start | null;
  /** All edges of the list at a path. */
  edges(raw: unknown, at: DocumentPath, problems: Problems): readonly Edge[];
  /** Tables of entries in which {@link checkValues} has found nothing before. */
  readonly clean: WeakSet<object> | null;
}

/** Reads a document's root table. */
export function readDocument(root: TomlTable, file: string, nodes: NodeReader): ParsedDocument {
  const problems = new Problems(file);
  const readers: EntryReaders = {
    nodes: (raw, at) => readEach(raw, at, problems, (item, path, i) => nodes.read(item, i, path(), problems)),
    edges: (raw, at) => withKeys(readEach(raw, at, problems, (item, path, i) => readEdge(item, i, path(), problems))),
    start: readStart,
    clean: null,
  };
  const graph = readRoot(root, problems, readers);
  return { graph: problems.failed ? null : graph, diagnostics: problems.list };
}

/**
 * What can be made of a document's root table, also after problems; null when it is not clear which table the
 * workflow is.
 */
export function readRoot(root: TomlTable, problems: Problems, readers: EntryReaders): Graph | null {
  if (Object.hasOwn(root, "workflows")) return readWrapped(root, problems, readers);
  return readWorkflow(root, [], problems, readers);
}

/** Where the tables of a workflow are: below the root, or below its `[[workflows]]` entry. */
export function basePath(root: TomlTable): DocumentPath {
  return Object.hasOwn(root, "workflows") ? ["workflows", 0] : [];
}

/**
 * §2.1: exactly one `[[workflows]]` entry; other root keys have no effect. A document with an entry that is not
 * valid is read as a bare one, which `workflows` is no field of; here the entry's own problems come first.
 */
function readWrapped(root: TomlTable, problems: Problems, readers: EntryReaders): Graph | null {
  const entries = root["workflows"];
  const at = { path: ["workflows"], part: "key" } as const;
  if (!Array.isArray(entries)) {
    problems.wrongType(["workflows"], "an array of one table, written [[workflows]]", entries);
    return null;
  }
  if (entries.length !== 1) {
    const message = `workflow \`<root>\`: expected exactly one [[workflows]] entry; found ${entries.length}`;
    problems.add("workflow_count", at, message);
    return null;
  }
  const entry: unknown = entries[0];
  if (!isTable(entry)) {
    problems.wrongType(["workflows", 0], "a table", entry);
    return null;
  }
  const graph = readWorkflow(entry, ["workflows", 0], problems, readers);
  const first = problems.list[0];
  if (first !== undefined) {
    const why = `its [[workflows]] entry is not valid: ${first.message}`;
    problems.add("wrapped_invalid", at, `unknown field \`workflows\`; this is no wrapped document because ${why}`);
    return graph;
  }
  for (const key of Object.keys(root)) {
    if (key === "workflows") continue;
    const message = `\`${key}\` has no effect beside [[workflows]]`;
    problems.add("ignored_key", { path: [key], part: "key" }, message, [
      { type: "remove", title: `Remove \`${key}\``, at: { path: [key], part: "construct" } },
    ]);
  }
  return graph;
}

const knownRootKeys: ReadonlySet<string> = new Set(tables.rootKeys);

/** The workflow of the table at `base`. What it gives after a problem is not to be used. */
function readWorkflow(table: TomlTable, base: DocumentPath, problems: Problems, readers: EntryReaders): Graph {
  checkValues(table, base, problems, readers.clean);
  for (const key of Object.keys(table)) {
    if (!knownRootKeys.has(key) && key !== "__proto__") problems.unknownKey([...base, key], tables.rootKeys);
  }
  const at = (key: string): DocumentPath => [...base, key];
  const name = rootString(table, "name", base, problems);
  if (name === undefined) problems.missing(base, "name");
  const description = rootString(table, "description", base, problems);
  const starts = readEach(table["start_nodes"], at("start_nodes"), problems, (raw, path, index) =>
    readers.start(raw, index, path(), problems),
  );
  const operation = readOperation(table, base, problems);
  const nodes = readers.nodes(table["nodes"], at("nodes"), problems);
  const edges = readers.edges(table["edges"], at("edges"), problems);
  const policy = readOptional(tables.policy, table["policy"], at("policy"), problems);
  const budget = readOptional(tables.budget, table["budget"], at("budget"), problems);
  const servers = readTables(tables.mcpServer, table["mcp_servers"], at("mcp_servers"), problems, toServer);
  const backends = readBackends(table["intelligence"], at("intelligence"), problems);
  const secrets = readEach(table["secrets"], at("secrets"), problems, (raw, path) => readSecret(raw, path(), problems));
  return {
    dialect: "workflow",
    name: name ?? "",
    description: description ?? null,
    file: problems.file,
    starts,
    nodes,
    edges,
    groups: [],
    guards: [],
    policy: policy === null ? null : toPolicy(policy),
    budget: budget === null ? null : toBudget(budget),
    secrets,
    mcpServers: servers,
    backends,
    operation,
  };
}

function rootString(table: TomlTable, key: string, base: DocumentPath, problems: Problems): string | undefined {
  const value = table[key];
  if (value === undefined || typeof value === "string") return value;
  problems.wrongType([...base, key], "a string", value);
  return "";
}

/** One `[[start_nodes]]` entry; null after a problem. */
export function readStart(raw: unknown, _index: number, at: DocumentPath, problems: Problems): Start | null {
  const fields = readTable(tables.startNode, raw, at, problems);
  return fields && { name: fields.name, source: fields.source, entry: fields.entry_node ?? null, at };
}

/** Gives edges their keys, which depend on all of them. */
export function withKeys(edges: readonly Edge[]): readonly Edge[] {
  const keys = edgeKeys(edges);
  return edges.map((edge, i) => ({ ...edge, key: keys[i] as string }));
}

/**
 * One `[[edges]]` entry, without its key, which depends on the others; null after a problem. Most edges of a document
 * have nothing but two ends; they need no schema to be read.
 */
export function readEdge(raw: unknown, index: number, at: DocumentPath, problems: Problems): Edge | null {
  if (isTable(raw)) {
    const { from, to } = raw;
    if (typeof from === "string" && typeof to === "string" && hasOnlyEnds(raw))
      return { from, to, when: null, maxIterations: null, index, at, key: "" };
  }
  const fields = readTable(tables.edge, raw, at, problems);
  if (fields === null) return null;
  const { from, to, when, max_iterations: limit } = fields;
  return { from, to, when: when ?? null, maxIterations: limit ?? null, index, at, key: "" };
}

function hasOnlyEnds(table: TomlTable): boolean {
  for (const key in table) if (key !== "from" && key !== "to") return false;
  return true;
}

type Fields<S extends { readonly _zod: { readonly output: unknown } }> = S["_zod"]["output"];

function toServer(fields: Fields<typeof tables.mcpServer>, at: DocumentPath): McpServer {
  return {
    name: fields.name,
    command: fields.command,
    allowTools: fields.allow_tools,
    allowResources: fields.allow_resources,
    env: fields.env,
    at,
  };
}

function readBackends(raw: unknown, path: DocumentPath, problems: Problems): ModelBackend[] {
  const table = readOptional(tables.intelligence, raw, path, problems);
  return readTables(tables.modelBackend, table?.backends, [...path, "backends"], problems, (fields, at) => ({
    name: fields.name,
    provider: fields.provider,
    model: fields.model,
    apiKeyEnv: fields.api_key_env ?? null,
    baseUrl: fields.base_url ?? null,
    maxTokens: fields.max_tokens ?? null,
    at,
  }));
}

/** §7.1: a list that is not given is empty, which denies its family. */
function toPolicy(fields: Fields<typeof tables.policy>): DocumentPolicy {
  const { fs, env, http, shell, mcp, rego } = fields;
  return {
    fs: { read: fs?.read ?? [], write: fs?.write ?? [], delete: fs?.delete ?? [], list: fs?.list ?? [] },
    env: { readKeys: env?.read_keys ?? [] },
    http: { urls: http?.urls ?? [], methods: http?.methods ?? [] },
    shell: { commands: shell?.commands ?? [] },
    mcp: { servers: mcp?.servers ?? [], tools: mcp?.tools ?? [], resources: mcp?.resources ?? [] },
    rego:
      rego === undefined
        ? null
        : {
            inline: rego.inline ?? null,
            file: rego.file ?? null,
            // Checked by checkValues: TOML values of a document are node values.
            data: (rego.data ?? null) as Value,
            query: rego.query,
          },
  };
}

function toBudget(fields: Fields<typeof tables.budget>): Budget {
  return {
    maxMemoryMb: fields.max_memory_mb ?? null,
    maxCpuSecs: fields.max_cpu_secs ?? null,
    maxRunTimeSecs: fields.max_run_time_secs ?? null,
    maxFsWriteMb: fields.max_fs_write_mb ?? null,
    maxLlmTokens: fields.max_llm_tokens ?? null,
  };
}
