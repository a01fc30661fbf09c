/**
 * What an intent does to a document's values, in memory: the answer that text edits are compared with. It knows nothing
 * of texts.
 */
import type { Intent, NewNode } from "../../../src/dialects/edits/intent.ts";

/** A table under construction. */
export type Table = { [key: string]: unknown };

/** Compact text of a value that is the same for equal values only; keys in any order. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === "bigint") return `${one}n`;
    if (typeof one !== "object" || one === null || Array.isArray(one)) return one;
    return Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const listOf = (table: Table, key: string): Table[] => (table[key] ??= []) as Table[];
const made = (node: NewNode): Table => ({ id: node.id, type: node.kind, ...Object.fromEntries(node.fields) });

/** Changes the workflow `base` as `intent` says. */
export function applyToTable(base: Table, intent: Intent): void {
  const nodes = listOf(base, "nodes");
  const edges = listOf(base, "edges");
  const starts = listOf(base, "start_nodes");
  const at = (ref: number | string): number =>
    typeof ref === "number" ? ref : nodes.findIndex((node) => node["id"] === ref);
  switch (intent.type) {
    case "add-node":
      nodes.splice(intent.after === undefined ? nodes.length : at(intent.after) + 1, 0, made(intent));
      break;
    case "remove-node": {
      const [gone] = nodes.splice(at(intent.node), 1);
      if (!intent.withEdges) break;
      base["edges"] = edges.filter((edge) => edge["from"] !== gone?.["id"] && edge["to"] !== gone?.["id"]);
      for (const start of starts) if (start["entry_node"] === gone?.["id"]) delete start["entry_node"];
      break;
    }
    case "remove": {
      const ids = new Set(intent.nodes.map((index) => nodes[index]?.["id"]));
      base["nodes"] = nodes.filter((_, index) => !intent.nodes.includes(index));
      base["edges"] = edges.filter(
        (edge, index) => !intent.edges.includes(index) && !ids.has(edge["from"]) && !ids.has(edge["to"]),
      );
      for (const start of starts) if (ids.has(start["entry_node"])) delete start["entry_node"];
      base["start_nodes"] = starts.filter((_, index) => !intent.starts.includes(index));
      break;
    }
    case "duplicate-node": {
      const index = at(intent.node);
      nodes.splice(index + 1, 0, { ...structuredClone(nodes[index]), id: intent.id });
      break;
    }
    case "reorder-node": {
      const index = at(intent.node);
      nodes.splice(index + intent.steps, 0, ...nodes.splice(index, 1));
      break;
    }
    case "add-edge":
      edges.push({
        from: intent.from,
        to: intent.to,
        ...(intent.when === undefined ? {} : { when: intent.when }),
        ...(intent.maxIterations === undefined ? {} : { max_iterations: BigInt(intent.maxIterations) }),
      });
      break;
    case "remove-edge":
      edges.splice(intent.index, 1);
      break;
    case "set-edge": {
      const edge = edges[intent.index] as Table;
      if (intent.when === null) delete edge["when"];
      else if (intent.when !== undefined) edge["when"] = intent.when;
      if (intent.maxIterations === null) delete edge["max_iterations"];
      else if (intent.maxIterations !== undefined) edge["max_iterations"] = BigInt(intent.maxIterations);
      break;
    }
    case "add-start":
      starts.push({ name: intent.name, source: intent.source, entry_node: intent.entry });
      break;
    case "remove-start":
      base["start_nodes"] = starts.filter((start) => start["name"] !== intent.name);
      break;
    case "set-field":
    case "remove-field": {
      let table = intent.node === undefined ? base : (nodes[at(intent.node)] as Table);
      for (const key of intent.path.slice(0, -1)) table = (table[key] ??= {}) as Table;
      const last = String(intent.path.at(-1));
      if (intent.type === "set-field") table[last] = intent.value;
      else delete table[last];
      break;
    }
    case "add-item": {
      let table = intent.node === undefined ? base : (nodes[at(intent.node)] as Table);
      for (const key of intent.path.slice(0, -1)) table = (table[key] ??= {}) as Table;
      const list = (table[String(intent.path.at(-1))] ??= []) as unknown[];
      list.push(intent.value);
      break;
    }
    case "add-policy-entry": {
      const [family, key] = intent.family.split(".") as [string, string];
      const policy = (base["policy"] ??= {}) as Table;
      const inner = (policy[family] ??= {}) as Table;
      const list = (inner[key] ??= []) as unknown[];
      if (!list.includes(intent.entry)) list.push(intent.entry);
      break;
    }
    case "insert-on-edge": {
      const edge = edges[intent.index] as Table;
      nodes.splice(nodes.findIndex((node) => node["id"] === edge["from"]) + 1, 0, made(intent.node));
      edges.splice(intent.index + 1, 0, { from: intent.node.id, to: edge["to"] });
      edge["to"] = intent.node.id;
      break;
    }
    case "move-input-to-context":
    case "replace-text":
      throw new Error("not for workflows");
  }
}

/** Lists that are empty and lists that are not there mean the same. */
export function withoutEmptyLists(base: Table): void {
  for (const key of ["nodes", "edges", "start_nodes"]) {
    const list = base[key];
    if (Array.isArray(list) && list.length === 0) delete base[key];
  }
}
