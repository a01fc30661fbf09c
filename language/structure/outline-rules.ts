/**
 * What the parts of our documents are called: one row for each list and table of the sheets that an outline names
 * (spec/workflow.md §2, §9.2, §11 to §13; spec/skill-graph.md §2, §3; spec/pipeline.md §3).
 */

/** What a part is. */
export type Part =
  | "document"
  | "start"
  | "node"
  | "step"
  | "edge"
  | "edges"
  | "trigger"
  | "route"
  | "secret"
  | "server"
  | "backend"
  | "group"
  | "guard"
  | "runner"
  | "input"
  | "case"
  | "table"
  | "list"
  | "value";

/** How the items of a list are named. `read` gives the text of a scalar below the item, empty when there is none. */
export interface ItemRule {
  readonly part: Part;
  readonly name: (read: (key: string) => string) => string;
  /** The key whose value is the name. */
  readonly focus: string;
  /** Keys whose texts say what it is; for nodes the kind comes from the graph where it is known. */
  readonly detail: readonly string[];
  readonly children?: "none";
}

const by =
  (key: string) =>
  (read: (key: string) => string): string =>
    read(key);

/** Items by the name of their list. */
export const itemRules: Readonly<Record<string, ItemRule>> = {
  workflows: { part: "document", name: by("name"), focus: "name", detail: ["description"] },
  start_nodes: { part: "start", name: by("name"), focus: "name", detail: ["source", "entry_node"], children: "none" },
  nodes: { part: "node", name: by("id"), focus: "id", detail: ["type"] },
  edges: {
    part: "edge",
    name: (read) => (read("from") + read("to") === "" ? "" : `${read("from")} → ${read("to")}`),
    focus: "from",
    detail: ["when"],
    children: "none",
  },
  triggers: { part: "trigger", name: by("type"), focus: "type", detail: ["start_node"], children: "none" },
  http_routes: {
    part: "route",
    name: (read) => `${read("method")} ${read("path")}`.trim(),
    focus: "path",
    detail: ["start_node"],
    children: "none",
  },
  secrets: { part: "secret", name: by("name"), focus: "name", detail: ["source"], children: "none" },
  mcp_servers: { part: "server", name: by("name"), focus: "name", detail: [] },
  backends: { part: "backend", name: by("name"), focus: "name", detail: ["provider", "model"], children: "none" },
  steps: { part: "step", name: by("id"), focus: "id", detail: ["skill", "tool", "run.type"] },
  stages: { part: "node", name: by("id"), focus: "id", detail: ["stage"] },
  guards: { part: "guard", name: by("step"), focus: "step", detail: ["field"], children: "none" },
  threshold_gates: { part: "guard", name: by("step"), focus: "step", detail: ["field", "action"], children: "none" },
  conflict_gates: { part: "guard", name: by("field"), focus: "field", detail: ["action"], children: "none" },
  cases: { part: "case", name: by("name"), focus: "name", detail: ["runner"] },
};

/** Named entries by the key of the table they are in. */
export const entryRules: Readonly<Record<string, { readonly part: Part; readonly detail: readonly string[] }>> = {
  groups: { part: "group", detail: ["strategy"] },
  runners: { part: "runner", detail: ["type", "source.type"] },
  inputs: { part: "input", detail: ["type"] },
};

/** A text on one line, short enough for a list. */
export function shortened(text: string, most = 60): string {
  const line = text
    .slice(0, 4 * most)
    .replace(/\s+/g, " ")
    .trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
