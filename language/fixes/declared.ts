/** Names that a workflow uses and does not declare: secrets, servers, model backends, bindings; and its policy's entries. */
import type { PolicyFamily } from "../../src/dialects/edits/intent.ts";
import type { LiteralEffect } from "../../src/graph/model.ts";
import { object, type Value } from "../../src/graph/value.ts";
import { viewOf } from "../schema/where.ts";
import { begins, set, type Family, type Offer } from "./about.ts";
import { rootTable } from "./graph-parts.ts";
import type { Change } from "./change.ts";

/** Most declared names that are offered instead. */
const MAX_NAMES = 4;

function append(title: string, table: string, entries: Readonly<Record<string, Value>>): Offer {
  return { title, change: { type: "repair", fix: { type: "append", title, table, entries } } };
}

/** A secret, from the variable that is used already. */
export const secret: Family = ({ node, finding }) => {
  // The sentence begins with the name; a node may use several.
  const name = node?.references.find(
    ({ role, text }) => role === "secret" && finding.message.startsWith(`the secret \`${text}\` `),
  )?.text;
  if (name === undefined) return [];
  return [append(`Declare the secret \`${name}\``, "secrets", { name, source: "env", var: name })];
};

const command = "/path/to/server";

/** An MCP server; its command is the author's to say. */
export const server: Family = (about) => {
  const name = about.live.source.element(about.path)?.text;
  if (typeof name !== "string" || name === "") return [];
  const offer = append(`Declare the MCP server \`${name}\``, "mcp_servers", { name, command: [command] });
  return [{ ...offer, placeholder: command }];
};

/** A node that must say which of several servers it uses. */
export const whichServer: Family = ({ graph, node }) => {
  if (graph === null || node === null) return [];
  const names = [...new Set(graph.mcpServers.map(({ name }) => name))];
  return names.slice(0, MAX_NAMES).map((name) => set(`Use the server \`${name}\``, node.at, "server", name));
};

/** A model backend; its provider and model are the author's to say. */
export const backend: Family = (about) => {
  const { live, path, finding } = about;
  const name = live.source.element(path)?.text;
  if (typeof name !== "string" || name === "" || finding.code === "default_backend") return [];
  const entries = { name, provider: "openai-compatible", model: "model", base_url: "https://models.example" };
  const title = `Declare the model backend \`${name}\``;
  const list = [...rootTable(about), "intelligence"];
  const isFirst = live.source.element([...list, "backends"]) === null;
  const offer = isFirst
    ? set(title, list, "backends", [object(entries)])
    : append(title, "intelligence.backends", entries);
  return [{ ...offer, placeholder: "https://models.example" }];
};

const bindings: Readonly<Record<string, string>> = {
  bearer: "tokens_env",
  basic: "credentials_env",
  hmac: "secret_env",
};

/** A binding that a route names. */
export const binding: Family = (about) => {
  const text = about.live.source.element(about.path)?.text ?? "";
  const [kind = "", name = "default"] = text.split(/:(.*)/s);
  const key = bindings[kind];
  if (key === undefined || !Object.hasOwn(bindings, kind) || name === "") return [];
  const variable = `${name}_${key.replace(/_env$/, "")}`.toUpperCase().replace(/[^A-Z0-9_]+/g, "_");
  const at = [...rootTable(about), "auth", kind];
  return [
    { ...set(`Define \`[auth.${kind}.${name}]\``, at, name, object({ [key]: variable })), placeholder: variable },
  ];
};

/** What the policy lacks for an effect that the document names. */
export const policyEntry: Family = (about) => {
  const { graph, graphIndex, node, finding } = about;
  // Operators and servers deny too, and no entry of the document's helps against them.
  if (graph?.dialect !== "workflow" || node === null || !finding.message.includes(" would be denied (policy): "))
    return [];
  const effect = viewOf(graph)
    .literalEffects(node)
    .find(({ at, family }) => finding.message.startsWith(family) && begins(about.path, at.path));
  if (effect?.target === null || effect?.target === undefined) return [];
  const declared = graph.mcpServers.find(({ name }) => name === effect.server);
  if (declared !== undefined && (effect.family === "mcp.tool" || effect.family === "mcp.resource")) {
    const isTool = effect.family === "mcp.tool";
    const key = isTool ? "allow_tools" : "allow_resources";
    const known = isTool ? declared.allowTools : declared.allowResources;
    return [
      set(`Allow \`${effect.target}\` on the server \`${declared.name}\``, declared.at, key, [...known, effect.target]),
    ];
  }
  const entries = entriesFor(effect, graph.policy?.http.methods ?? []);
  if (entries.length === 0) return [];
  const changes = entries.map(([family, entry]): Change => ({
    type: "intent",
    intent: { type: "add-policy-entry", family, entry, graph: graphIndex },
  }));
  const shown = entries.map(([family, entry]) => `\`${entry}\` to \`${family}\``).join(" and ");
  return [{ title: `Add ${shown} in \`[policy]\``, change: { type: "all", changes } }];
};

type Entry = readonly [family: PolicyFamily, entry: string];

function entriesFor({ family, target, method }: LiteralEffect, methods: readonly string[]): readonly Entry[] {
  if (target === null) return [];
  switch (family) {
    case "fs.read":
    case "fs.write":
      return [[family, target]];
    case "env.read":
      return [["env.read_keys", target]];
    case "shell.run":
      return [["shell.commands", target]];
    case "http.request": {
      const allowed = methods.length === 0 || methods.some((one) => one === "*" || one.toUpperCase() === method);
      const url: Entry = ["http.urls", target];
      return allowed || method === undefined ? [url] : [url, ["http.methods", method]];
    }
    case "mcp.tool":
      return [["mcp.tools", target]];
    case "mcp.resource":
      return [["mcp.resources", target]];
    case "model.call":
      return [];
  }
}
