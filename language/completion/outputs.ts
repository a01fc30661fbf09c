/**
 * What is known of values ahead of time, with the help of other files: a node's output (that of a nested skill through the
 * workspace's links), the trigger's payload, and the input that templates of a node are relative to.
 */
import type { Bundle } from "../../src/dialects/bundle.ts";
import type { Graph, Node, Start, Trigger } from "../../src/graph/model.ts";
import { splitReference } from "../../src/graph/reference.ts";
import { anyShape, walkShape, type Shape } from "../../src/graph/shape.ts";
import { parseJson } from "../../src/graph/json.ts";
import { isArray, isObject, member, type Value } from "../../src/graph/value.ts";
import type { Session } from "../feature.ts";
import { viewOf } from "../schema/where.ts";
import type { Snapshot } from "../workspace.ts";

const string: Shape = { type: "string" };
const integer: Shape = { type: "integer" };

/** Everything that completion and hover ask of values around one graph. */
export class Outputs {
  readonly graph: Graph;
  private readonly session: Session;
  private readonly document: Snapshot;
  private bundle: Promise<Bundle | null> | null = null;

  constructor(session: Session, document: Snapshot, graph: Graph) {
    this.session = session;
    this.document = document;
    this.graph = graph;
  }

  /** What the graph leads to; loaded at most once. */
  links(): Promise<Bundle | null> {
    return (this.bundle ??= this.session.links.load(this.document, this.graph));
  }

  /** The graph of a file that a node names; null when it cannot be used. */
  async child(text: string): Promise<Graph | null> {
    const bundle = await this.links();
    const link = bundle?.links.get(bundle.root)?.get(text);
    return typeof link === "string" ? (bundle?.entries.get(link)?.graph ?? null) : null;
  }

  /** A node's output. */
  async output(node: Node): Promise<Shape> {
    const own = viewOf(this.graph).output(node);
    const file = node.files.find(({ role }) => role === "skill");
    if (file === undefined) return own;
    const child = await this.child(file.text);
    if (child === null) return own;
    return joined(own, skillShape(child));
  }

  /** What `trigger` holds in runs that begin at these starts. */
  async trigger(starts: readonly Start[]): Promise<Shape> {
    const names = new Set(starts.map(({ name }) => name));
    const { triggers, routes } = this.graph.operation;
    const payloads = triggers.filter(({ start }) => names.has(start)).map(triggerShape);
    for (const route of routes) {
      if (!names.has(route.start)) continue;
      const schema = route.inputSchema === null ? null : await this.schema(route.inputSchema);
      const payload = schema === null ? anyShape : schemaShape(schema, 0);
      payloads.push(joined(payload, { type: "object", members: { principal: string }, open: true }));
    }
    const kind: Shape = { type: "string", doc: "`manual`, `http` or `event`, or the payload's own" };
    return payloads.reduce((all, one) => joined(all, one), { type: "object", members: { kind }, open: true });
  }

  /** The value at a context reference; `any` where nothing is known. */
  async at(reference: string): Promise<Shape> {
    const { head, rest } = splitReference(reference);
    const view = viewOf(this.graph);
    const index = view.byId.get(head);
    if (head === "trigger" && this.graph.dialect === "workflow")
      return stepTo(await this.trigger(this.graph.starts), rest);
    return index === undefined ? anyShape : stepTo(await this.output(view.node(index)), rest);
  }

  private async schema(text: string): Promise<Value | null> {
    const [key] = this.session.workspace.files.resolve(text, this.document.key);
    const content = key === undefined ? null : await this.session.workspace.files.read(key);
    if (content === null || !content.ok) return null;
    const parsed = parseJson(new TextDecoder().decode(content.bytes));
    return parsed.ok ? parsed.value : null;
  }
}

function stepTo(shape: Shape, segments: readonly string[]): Shape {
  const found = walkShape(shape, segments);
  return found.type === "shape" ? found.shape : anyShape;
}

/** What scheduled triggers give (spec/workflow.md §14). */
function triggerShape(trigger: Trigger): Shape {
  const fired = { fired_at_unix_ms: integer, tick: integer };
  switch (trigger.type) {
    case "cron":
      return { type: "object", members: { schedule: string, ...fired } };
    case "interval":
      return { type: "object", members: { every_ms: integer, ...fired } };
    case "fs_watch":
      return { type: "object", members: { path: string, event: string, ...fired } };
    default:
      return anyShape;
  }
}

/** What a skill leaves (spec/skill-graph.md §2.10): a graph its result, a single node its output. */
function skillShape(child: Graph): Shape {
  const [only] = child.nodes;
  if (child.nodes.length === 1 && only !== undefined && child.edges.length === 0 && !only.at.includes("steps"))
    return viewOf(child).output(only);
  const outputs = Object.fromEntries(child.nodes.map((node) => [node.id, viewOf(child).output(node)]));
  const result = {
    graph: string,
    graph_status: string,
    steps: { type: "array", items: anyShape } as Shape,
    step_outputs: { type: "object", members: outputs } as Shape,
  };
  return { type: "object", members: result, open: true };
}

/** Members of both; what both have is what the second says, unless it says nothing. */
function joined(a: Shape, b: Shape): Shape {
  if (b.type !== "object") return a;
  if (a.type !== "object") return b;
  const members: Record<string, Shape> = { ...a.members };
  for (const [name, shape] of Object.entries(b.members))
    if (members[name] === undefined || shape.type !== "any") members[name] = shape;
  return { type: "object", members, open: true };
}

/** Deepest nesting of a schema that is followed. */
const MAX_DEPTH = 8;

/** What a JSON Schema says of its values, as far as `type`, `properties` and `items` tell. */
export function schemaShape(schema: Value, depth: number): Shape {
  if (!isObject(schema) || depth > MAX_DEPTH) return anyShape;
  const type = member(schema, "type");
  const description = member(schema, "description");
  const doc = typeof description === "string" ? { doc: description } : {};
  if (isArray(type)) return { type: "union", of: type.map((one) => named(one, schema, depth, doc)), ...doc };
  return named(type ?? (member(schema, "properties") === undefined ? null : "object"), schema, depth, doc);
}

function named(type: Value, schema: Value, depth: number, doc: { readonly doc?: string }): Shape {
  if (!isObject(schema)) return anyShape;
  switch (type) {
    case "string":
    case "integer":
    case "number":
    case "boolean":
    case "null":
      return { type, ...doc };
    case "array":
      return { type, items: schemaShape(member(schema, "items") ?? null, depth + 1), ...doc };
    case "object": {
      const properties = member(schema, "properties");
      if (!isObject(properties)) return anyShape;
      const members = Object.fromEntries(
        Object.keys(properties).map((name) => [name, schemaShape(member(properties, name) ?? null, depth + 1)]),
      );
      return { type, members, open: member(schema, "additionalProperties") !== false, ...doc };
    }
    default:
      return { type: "any", ...doc };
  }
}
