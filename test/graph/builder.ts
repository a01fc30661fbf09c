/** Graphs made by hand, and a small table of kinds, for tests of the checks. */
import { collectMarkers } from "./markers.ts";
import type {
  DocumentPolicy,
  Edge,
  FileReference,
  Graph,
  KindFacts,
  KindTable,
  Node,
  NodeReference,
  Ports,
} from "../../src/graph/model.ts";
import { edgeKeys, noOperation } from "../../src/graph/model.ts";
import { anyShape, type Shape } from "../../src/graph/shape.ts";

type NodeParts = Partial<Omit<Node, "index" | "at">>;

/** A graph under construction; every method gives the builder back. */
export class GraphBuilder {
  private readonly nodes: Node[] = [];
  private readonly edges: Omit<Edge, "index" | "key">[] = [];
  private readonly starts: Graph["starts"][number][] = [];
  private readonly extra: Partial<Graph>;
  private readonly root: (string | number)[];

  constructor(extra: Partial<Graph> = {}, root: (string | number)[] = []) {
    this.extra = extra;
    this.root = root;
  }

  node(id: string, kind = "any", parts: NodeParts = {}): this {
    const index = this.nodes.length;
    const at = [...this.root, this.extra.dialect === "skill" ? "steps" : "nodes", index];
    this.nodes.push({
      id,
      index,
      kind,
      label: null,
      fields: {},
      retry: null,
      onError: "stop",
      inDoubt: "pause",
      idempotencyKey: null,
      references: [],
      files: [],
      group: null,
      when: null,
      after: [],
      at,
      ...parts,
    });
    return this;
  }

  /** Gives the last node a field that is a reference. */
  reads(text: string, key = "input_from", optional = false): this {
    const last = this.nodes.pop() as Node;
    const reference: NodeReference = {
      role: "context",
      text,
      at: { path: [...last.at, key], part: "value" },
      optional,
    };
    this.nodes.push({
      ...last,
      fields: { ...last.fields, [key]: text },
      references: [...last.references, reference],
    });
    return this;
  }

  /** Gives the last node a field that is a template over its input. */
  template(text: string, key = "template", role: "input" | "secret" = "input"): this {
    const last = this.nodes.pop() as Node;
    const found = collectMarkers(text, [...last.at, key], role);
    this.nodes.push({ ...last, fields: { ...last.fields, [key]: text }, references: [...last.references, ...found] });
    return this;
  }

  /** Gives the last node a path relative to its input. */
  selects(text: string): this {
    const last = this.nodes.pop() as Node;
    const at = { path: [...last.at, "path"], part: "value" as const };
    this.nodes.push({ ...last, references: [...last.references, { role: "input", text, at, optional: true }] });
    return this;
  }

  /** Gives the last node a file. */
  names(role: FileReference["role"], text: string, path: (string | number)[] = ["workflow"]): this {
    const last = this.nodes.pop() as Node;
    this.nodes.push({
      ...last,
      files: [...last.files, { role, text, at: { path: [...last.at, ...path], part: "value" } }],
    });
    return this;
  }

  edge(from: string, to: string, when: string | null = null, maxIterations: number | null = null): this {
    this.edges.push({ from, to, when, maxIterations, at: [...this.root, "edges", this.edges.length] });
    return this;
  }

  /** Edges in a row. */
  chain(...ids: string[]): this {
    for (let i = 1; i < ids.length; i++) this.edge(ids[i - 1] as string, ids[i] as string);
    return this;
  }

  start(entry: string | null, name = "main"): this {
    this.starts.push({ name, source: "manual", entry, at: [...this.root, "start_nodes", this.starts.length] });
    return this;
  }

  build(): Graph {
    const keys = edgeKeys(this.edges);
    return {
      dialect: "workflow",
      name: "test",
      description: null,
      file: "test.toml",
      starts: this.starts,
      nodes: this.nodes,
      edges: this.edges.map((edge, index) => ({ ...edge, index, key: keys[index] as string })),
      groups: [],
      guards: [],
      policy: null,
      budget: null,
      secrets: [],
      mcpServers: [],
      backends: [],
      operation: noOperation,
      ...this.extra,
    };
  }
}

/** A new graph. */
export function graph(extra: Partial<Graph> = {}, root: (string | number)[] = []): GraphBuilder {
  return new GraphBuilder(extra, root);
}

/** A policy that denies everything but these URLs. */
export function policy(urls: readonly string[] = []): DocumentPolicy {
  return {
    fs: { read: [], write: [], delete: [], list: [] },
    env: { readKeys: [] },
    http: { urls, methods: [] },
    shell: { commands: [] },
    mcp: { servers: [], tools: [], resources: [] },
    rego: null,
  };
}

const plain: Ports = { plain: true, labels: [], open: false };
const string: Shape = { type: "string" };
const integer: Shape = { type: "integer" };
const object = (members: Record<string, Shape>, open = false): Shape => ({ type: "object", members, open });

function facts(ports: Ports, output: Shape, effects: KindFacts["literalEffects"] = () => []): KindFacts {
  return {
    ports: (node) => (node.onError === "branch" ? { ...ports, labels: [...ports.labels, "error"] } : ports),
    output: () => output,
    literalEffects: effects,
  };
}

const table: Readonly<Record<string, KindFacts>> = {
  any: facts(plain, anyShape),
  read_file: facts(plain, object({ path: string, content: string, bytes: integer }), (node) => [
    { family: "fs.read", target: null, at: { path: [...node.at, "path_from"], part: "value" } },
  ]),
  shell_run: facts(
    { ...plain, labels: ["error"] },
    object({ stdout: string, timed_out: { type: "boolean" } }),
    (node) => [
      {
        family: "shell.run",
        target: String(node.fields["command"]),
        at: { path: [...node.at, "command"], part: "value" },
      },
    ],
  ),
  split: facts(
    { ...plain, labels: ["error"] },
    object({ ok: { type: "boolean" }, results: { type: "array", items: object({ result: anyShape }) } }),
  ),
  http: facts({ ...plain, labels: ["error"] }, object({ status: integer, headers: object({}, true), body: string })),
  agent_loop: facts({ ...plain, labels: ["exhausted"] }, anyShape),
  template_render: facts(plain, object({ rendered: string })),
  llm_infer: facts(plain, object({ content: string })),
  condition: facts({ plain: false, labels: ["true", "false"], open: false }, object({ value: anyShape })),
  switch: facts({ plain: false, labels: [], open: true }, object({ value: anyShape })),
  pause_for_approval: facts({ ...plain, labels: ["denied"] }, { type: "null" }),
  terminate: facts({ plain: false, labels: [], open: false }, { type: "null" }),
  fail: facts({ plain: false, labels: [], open: false }, { type: "null" }),
};

/** The kinds above. */
export const kinds: KindTable = (kind) => table[kind];
