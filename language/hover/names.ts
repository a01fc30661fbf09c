/** Names that are declared somewhere: starts, secrets, servers, backends, groups, files, stage keys, policy entries, codes. */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { parseJson } from "../../src/graph/json.ts";
import type { FanoutGroup, Graph, SecretSource } from "../../src/graph/model.ts";
import { parseStageKey } from "../../src/graph/stage-key.ts";
import { isObject, member } from "../../src/graph/value.ts";
import { Outputs, schemaShape } from "../completion/outputs.ts";
import { shapeText } from "../completion/shapes.ts";
import { codes } from "../schema/codes.ts";
import { rootPath } from "../schema/names.ts";
import { declaredNames } from "../schema/where.ts";
import { code, cut, paragraphs } from "./markdown.ts";
import { nodeLine, type Around } from "./node.ts";

/** A start: how it is chosen, where it leads, and what begins there. */
export function startText(graph: Graph, name: string): string | null {
  const start = graph.starts.find((one) => one.name === name);
  if (start === undefined) return null;
  const { triggers, routes } = graph.operation;
  const begun = [
    ...routes.filter((route) => route.start === name).map(({ method, path }) => `${method} ${path}`),
    ...triggers.filter((trigger) => trigger.start === name).map(({ type }) => type),
  ];
  const entry = graph.nodes.find(({ id }) => id === start.entry);
  return paragraphs(
    `start **${name}** (${start.source})`,
    start.entry === null
      ? "enters the only node that no edge leads to"
      : `enters ${entry === undefined ? code(start.entry) : nodeLine(entry)}`,
    begun.length === 0 ? null : `begun by ${begun.map(code).join(", ")}`,
  );
}

/** A secret: where its value comes from, never the value. */
export function secretText(graph: Graph | null, live: LiveDocument, name: string): string {
  const secret = graph?.secrets.find((one) => one.name === name);
  if (secret !== undefined) return paragraphs(`secret **${name}**`, sourceText(secret));
  const declared = declaredNames(live, [...rootPath(live), "secrets"], "name").some((one) => one.name === name);
  return paragraphs(
    `secret **${name}**`,
    declared ? null : `Not declared; the environment variable ${code(name)} is used.`,
  );
}

function sourceText(secret: SecretSource): string {
  switch (secret.source) {
    case "env":
      return `from the environment variable ${code(secret.var)}`;
    case "file":
      return `from the file ${code(secret.path)}`;
    case "command":
      return `from the output of ${code(secret.argv[0] ?? "")}`;
    case "oauth2":
      return `a token from ${code(secret.tokenUrl)}`;
  }
}

/** An MCP server and what may be asked of it. */
export function serverText(graph: Graph, name: string): string | null {
  const server = graph.mcpServers.find((one) => one.name === name);
  if (server === undefined) return null;
  const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.map(code).join(", "));
  return paragraphs(
    `MCP server **${name}**: ${code(cut(server.command.join(" "), 120))}`,
    `Tools: ${list(server.allowTools)}  \nResources: ${list(server.allowResources)}`,
  );
}

/** A model backend. */
export function backendText(graph: Graph, name: string): string | null {
  const backend = graph.backends.find((one) => one.name === name);
  if (backend === undefined)
    return name === "default" ? "backend **default**: the one that the command line gives" : null;
  const { provider, model, apiKeyEnv, baseUrl } = backend;
  return paragraphs(
    `backend **${name}**: ${code(model)} of ${provider}${baseUrl === null ? "" : ` at ${code(baseUrl)}`}`,
    apiKeyEnv === null ? null : `key: the secret ${code(apiKeyEnv)}`,
  );
}

/** A fan-out group and its branches. */
export function groupText(graph: Graph, name: string): string | null {
  const group: FanoutGroup | undefined = graph.groups.find(({ id }) => id === name);
  const branches = graph.nodes.filter((node) => node.group === name);
  if (group === undefined && branches.length === 0) return null;
  const rules = {
    all: "all branches must succeed",
    any: "one branch must succeed",
    quorum: `${group?.minSuccess ?? "some"} branches must succeed`,
  };
  return paragraphs(
    `fan-out group **${name}**${group === undefined ? "" : `: ${rules[group.strategy]}; a failed branch ${group.onBranchFailure === "halt" ? "stops the graph" : "is counted"}`}`,
    branches.map((node) => `- ${nodeLine(node)}`).join("\n"),
  );
}

/** What a stage key would do. */
export function stageKeyText(key: string): string {
  const read = parseStageKey(key);
  if (!read.ok) return `⚠ ${read.problem.message}`;
  switch (read.key.family) {
    case "identity":
      return "Hands its input on, unchanged.";
    case "http_post":
      return `Sends its input as the body of a POST request to ${code(read.key.url)}.`;
    case "exec": {
      const { program, args } = read.key;
      const given = args.length === 0 ? "" : ` with ${args.map(code).join(" ")}`;
      return `Starts ${code(program)}${given}, without a shell, and writes its input to it. Off until an allow list names the program.`;
    }
  }
}

/** What a policy's pattern lets through. */
export function patternText(path: DocumentPath, pattern: string): string {
  const family = path.slice(-3, -1).join(".");
  const wild = pattern.includes("*");
  const how = !wild
    ? "Exactly this, and nothing else."
    : pattern === "*"
      ? "Everything."
      : pattern.endsWith("/**")
        ? `Everything below ${code(pattern.slice(0, -3))}, at any depth.`
        : pattern.endsWith("/*")
          ? `What is directly in ${code(pattern.slice(0, -2))}.`
          : pattern.endsWith("*")
            ? `Everything that begins with ${code(pattern.slice(0, -1))}.`
            : "A `*` stands for itself but at the end and at the front of a host.";
  return paragraphs(`${code(family)} allows ${code(pattern)}`, how);
}

/** A diagnostic code; null for a word that is none. */
export function codeText(name: string): string | null {
  const found = codes.get(name);
  return found === undefined ? null : paragraphs(`**${name}** (${found.severity}) — ${found.text}`, found.docs);
}

/** A child document or a skill: what it is, how it is entered, what it takes. */
export async function documentText(
  { session, document }: Around,
  graph: Graph | null,
  text: string,
): Promise<string | null> {
  const child = graph === null ? null : await new Outputs(session, document, graph).child(text);
  const [key] = session.workspace.files.resolve(text, document.key);
  const other =
    child ?? (key === undefined ? null : ((await session.workspace.document(key))?.live.graphs[0]?.graph ?? null));
  if (other === null) return null;
  const starts = other.starts.map(
    ({ name, entry }) => `- start ${code(name)}${entry === null ? "" : ` → ${code(entry)}`}`,
  );
  const inputs = (other.inputs ?? []).map(
    ({ name, type, required, description }) =>
      `- input ${code(name)}: ${type}${required ? ", required" : ""}${description === null ? "" : ` — ${description}`}`,
  );
  return paragraphs(
    `**${other.name}** — ${other.dialect} of ${other.nodes.length} ${other.nodes.length === 1 ? "node" : "nodes"}`,
    other.description,
    [...starts, ...inputs].join("\n"),
    code(other.file),
  );
}

/** A JSON Schema as a small type. */
export async function schemaText({ session, document }: Around, text: string): Promise<string | null> {
  for (const key of session.workspace.files.resolve(text, document.key)) {
    const content = await session.workspace.files.read(key);
    if (!content.ok) continue;
    const parsed = parseJson(new TextDecoder().decode(content.bytes));
    if (!parsed.ok) return "⚠ This file is not JSON.";
    const title = isObject(parsed.value) ? member(parsed.value, "title") : null;
    return paragraphs(
      `JSON Schema${typeof title === "string" ? ` **${title}**` : ""}`,
      `\`\`\`ts\n${shapeText(schemaShape(parsed.value, 0))}\n\`\`\``,
    );
  }
  return null;
}
