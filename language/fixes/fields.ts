/** Fields: those that a table must have and lacks, with a value of the right type to write over; those that it may not have. */
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { object, type Value } from "../../src/graph/value.ts";
import { fieldAt, type FieldInfo } from "../schema/fields.ts";
import { freeName, idsOf, remove, set, type About, type Family, type Offer } from "./about.ts";

/** A required field, found by the name that the sentence gives. */
export const missingField: Family = (about) => {
  const { live, path, finding } = about;
  const key = /^missing field `([^`]+)`$/.exec(finding.message)?.[1];
  return key === undefined || live.source.element([...path, key]) !== null ? [] : pinned(about, path, key);
};

/** A required key of a skill or its graph: the place is the key that should be there. */
export const requiredKey: Family = (about) => {
  const key = about.path.at(-1);
  const table = about.path.slice(0, -1);
  if (about.finding.place?.part === "value") return requiredBeside(about, table);
  if (typeof key !== "string" || about.live.source.element([...table, key]) !== null) return [];
  return pinned(about, table, key);
};

/** `mode: fanout` without a group. */
function requiredBeside(about: About, table: DocumentPath): readonly Offer[] {
  return about.path.at(-1) === "mode" ? pinned(about, table, "fanout_group") : [];
}

function pinned(about: About, table: DocumentPath, key: string): readonly Offer[] {
  const field = fieldAt(about.live, [...table, key]);
  const value = field === null ? key : placeholder(about, field);
  const shown = typeof value === "string" ? value : null;
  return [{ ...set(`Add \`${key}\``, table, key, value), ...(shown === null ? {} : { placeholder: shown }) }];
}

/** A value of the field's type that the author will recognise as one to be replaced. */
function placeholder({ graph, node }: About, { form, words, fallback, names, name }: FieldInfo): Value {
  if (name === "id" && graph !== null) return missingId(graph) ?? freeName("node", idsOf(graph));
  if (names === "kind") return "merge";
  if (names === "reference") return previous(graph, node) ?? (graph?.dialect === "workflow" ? "trigger" : name);
  if (names === "node") return graph?.nodes.find(({ id }) => id !== "")?.id ?? name;
  if (names === "start") return graph?.starts[0]?.name ?? name;
  if (names === "http-method") return "GET";
  switch (form) {
    case "string":
      return words[0] ?? (/(?:^|_)url$/.test(name) ? "https://service.example" : name);
    case "boolean":
      return fallback === "true";
    case "integer":
      return BigInt(fallback !== null && /^\d+$/.test(fallback) ? fallback : "1");
    case "number":
      return fallback === null ? 1 : Number(fallback);
    case "list":
    case "tables":
      return [];
    case "table":
    case "map":
      return object({});
    case "any":
      return name;
  }
}

/** An id that edges name and no node has: it is likely this one's. */
function missingId({ nodes, edges }: NonNullable<About["graph"]>): string | null {
  const ids = new Set(nodes.map(({ id }) => id));
  return edges.flatMap(({ from, to }) => [from, to]).find((id) => id !== "" && !ids.has(id)) ?? null;
}

function previous(graph: About["graph"], node: About["node"]): string | null {
  const id = graph === null || node === null ? undefined : graph.nodes[node.index - 1]?.id;
  return id === undefined || id === "" ? null : id;
}

/** A key that may not stand here; sometimes a whole item. */
export const removeKey: Family = ({ live, path, finding }) => {
  if (finding.fixes?.some(({ type }) => type === "remove") === true) return [];
  const name = path.at(-1);
  if (name === undefined || live.source.element(path) === null) return [];
  const text = live.source.element(path)?.text;
  const what = typeof name === "string" ? name : text;
  return [remove(`Remove \`${what ?? "this item"}\``, path)];
};

/** A number outside of its range: the nearest one within it. */
export const inRange: Family = ({ live, path, finding }) => {
  const bounds = ranges[finding.code];
  const given = Number(live.source.element(path)?.text ?? NaN);
  const key = path.at(-1);
  if (bounds === undefined || typeof key !== "string" || !Number.isFinite(given)) return [];
  const near = Math.min(Math.max(given, bounds[0]), bounds[1]);
  return [set(`Change to ${near}`, path.slice(0, -1), key, BigInt(near))];
};

const ranges: Readonly<Record<string, readonly [least: number, most: number]>> = {
  agent_loop_steps_out_of_range: [1, 64],
  respond_status_out_of_range: [100, 599],
  map_zero_max_items: [1, 1],
  map_zero_concurrency: [1, 1],
};

/** What an agent loop lacks. */
export const loopParts: Family = ({ node, finding }) => {
  if (node === null) return [];
  if (finding.code === "agent_loop_missing_instructions") {
    const text = "Say what the agent shall do.";
    return [{ ...set("Add `instructions`", node.at, "instructions", text), placeholder: text }];
  }
  return [set("Let it use `read_file`", node.at, "tools", ["read_file"])];
};

/** A number or truth value where a text is meant. */
export const asText: Family = ({ live, path }) => {
  const element = live.source.element(path);
  const key = path.at(-1);
  const scalar = element?.form === "number" || element?.form === "boolean";
  if (!scalar || element.text === null || typeof key !== "string" || fieldAt(live, path)?.form !== "string") return [];
  return [set(`Write it as the text "${element.text}"`, path.slice(0, -1), key, element.text)];
};
