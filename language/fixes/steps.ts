/** Steps of skill graphs: what they read, what they run, the groups they are in. */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { Span } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { Node } from "../../src/graph/model.ts";
import { object } from "../../src/graph/value.ts";
import { suggest } from "../../src/graph/suggest.ts";
import { isInline } from "../completion/keys.ts";
import { freeName, idsOf, remove, replace, set, type About, type Family, type Offer } from "./about.ts";

/** Reads a step that is not there, or comes later: the nearest earlier one, or a new step before. */
export const contextStep: Family = (about) => {
  const { graph, graphIndex, node, live, path } = about;
  const text = live.source.element(path)?.text;
  if (graph === null || node === null || typeof text !== "string") return [];
  const head = text.split(".", 1)[0] ?? "";
  const earlier = readable(graph.nodes, node);
  const offers: Offer[] = [];
  const dotted = head !== "" && head.length < text.length - 1 && text[head.length] === ".";
  const near = suggest(head, earlier);
  if (near !== null && dotted) {
    const within = { from: 0, to: head.length };
    offers.push({ ...replace(`Change to \`${near}\``, path, near, { within }), preferred: true });
  }
  const first = graph.nodes.findIndex((one) => one === node || (node.group !== null && one.group === node.group));
  const before = graph.nodes[first - 1];
  if (dotted && before !== undefined && /^[A-Za-z][\w-]*$/.test(head) && !idsOf(graph).includes(head)) {
    const intent = { type: "add-node", id: head, kind: "agent-task", fields: [], after: before.index } as const;
    offers.push({
      title: `Add a step \`${head}\` (agent-task) before this one`,
      change: { type: "intent", intent: { ...intent, graph: graphIndex } },
    });
  }
  return offers;
};

/** Ids of steps that a step may read. */
function readable(nodes: readonly Node[], node: Node): string[] {
  return nodes
    .slice(0, node.index)
    .filter(({ id, group }) => id !== "" && (group === null || group !== node.group))
    .map(({ id }) => id);
}

/** An input that looks like an output. */
export const moveInput: Family = ({ graphIndex, node, path }) => {
  const key = path.at(-1);
  if (node === null || typeof key !== "string" || path.length !== node.at.length + 2 || path.at(-2) !== "inputs")
    return [];
  const intent = { type: "move-input-to-context", node: node.index, key, graph: graphIndex } as const;
  return [{ title: `Move \`${key}\` to \`context\``, preferred: true, change: { type: "intent", intent } }];
};

/** A second step of one id. */
export const duplicateStep: Family = ({ graph, node, live, path }) => {
  const id = live.source.element(path)?.text;
  if (graph === null || typeof id !== "string") return [];
  const free = freeName(id, idsOf(graph));
  const gone = node === null || node.at.at(-2) !== "steps" ? [] : [remove("Remove this step", node.at)];
  return [replace(`Rename this step to \`${free}\``, path, free), ...gone];
};

/** A step that runs nothing. */
export const target: Family = ({ live, path }) => {
  const step = live.source.element(path);
  if (step === null || path.at(-2) !== "steps" || step.children.some((key) => runs.has(String(key)))) return [];
  return [set("Run an agent task", path, "run", object({ type: "agent-task" }))];
};

const runs: ReadonlySet<string> = new Set(["skill", "tool", "run", "http", "source"]);

/** A guard or gate of a step that is not there. */
export const guard: Family = (about) => {
  const { path } = about;
  const at = path.slice(0, -1);
  const near = stepNamed(about);
  const gone = remove("Remove this guard", at);
  return near === null ? [gone] : [{ ...replace(`Change to \`${near}\``, path, near), preferred: true }, gone];
};

function stepNamed({ graph, live, path }: About): string | null {
  const name = live.source.element(path)?.text;
  return graph === null || typeof name !== "string" ? null : suggest(name, idsOf(graph));
}

/** A condition with both comparisons, or none. */
export const condition: Family = ({ live, path }) => {
  const keys = live.source.element(path)?.children ?? [];
  const both = ["equals", "not_equals"].filter((key) => keys.includes(key));
  if (both.length === 2) return both.map((key) => remove(`Remove \`${key}\``, [...path, key]));
  return both.length === 0 && keys.length > 0 ? [set("Compare with `equals: true`", path, "equals", true)] : [];
};

/** A group that is declared and not used, or used and not declared. */
export const group: Family = ({ live, path, finding }) => {
  const name = path.at(-1);
  if (finding.place?.part === "key" && typeof name === "string") {
    const only = live.source.element(path.slice(0, -1))?.children.length === 1;
    return [remove(`Remove the group \`${name}\``, only ? path.slice(0, -2) : path)];
  }
  const text = live.source.element(path)?.text;
  const steps = path.lastIndexOf("steps");
  if (name !== "fanout_group" || typeof text !== "string" || text === "" || steps < 0) return [];
  const groups = [...path.slice(0, steps), "fanout", "groups"];
  if (live.source.element([...groups, text]) !== null) return [];
  const title = `Declare the group \`${text}\``;
  return [set(title, groups, text, object({ strategy: "all" }))];
};

/** A change of the world that is repeated. */
export const mutation: Family = ({ live, path }) => {
  const found = path.at(-1) === "retry" ? live.source.element(path) : null;
  return found === null ? [] : [remove("Do not repeat it: remove `retry`", path)];
};

/** A source that is no command. */
export const noCommand: Family = ({ live, path }) => {
  const table = path.slice(0, -1);
  const keys = ["command", "args"].filter((key) => live.source.element([...table, key]) !== null);
  const title = `Remove ${keys.map((key) => `\`${key}\``).join(" and ")}`;
  if (keys.length === 0) return [];
  const changes = keys.map((key) => remove(title, [...table, key]).change);
  const end = keys.length === 2 ? endBehind(live, table, keys) : null;
  return [
    { title, change: end === null ? { type: "all", changes } : { type: "text", edits: [{ range: end, text: "" }] } },
  ];
};

/** The end of a table in braces from behind its last other key on; null when these keys do not stand there together. */
function endBehind(live: LiveDocument, path: DocumentPath, keys: readonly string[]): Span | null {
  const table = live.source.element(path);
  if (!isInline(table, live.text)) return null;
  const names = table?.children ?? [];
  const [before, ...last] = names.slice(-keys.length - 1).map(String);
  if (before === undefined || last.length !== keys.length || !last.every((key) => keys.includes(key))) return null;
  const from = live.source.element([...path, before])?.extent[1];
  const to = live.source.element([...path, last.at(-1) ?? ""])?.extent[1];
  if (from === undefined || to === undefined || live.text.slice(from, to).includes("#")) return null;
  return [from, to];
}
