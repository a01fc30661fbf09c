/**
 * The pipeline that can be made out of a `spec.kv` with problems: the stages whose lines can be read, and stubs for
 * those of which only the id is known.
 *
 * Invariant: nothing is said of what is missing or broken; that is what the front end's own problems say.
 */
import { isRange, type Diagnostic } from "../../graph/diagnostic.ts";
import type { Graph, Node } from "../../graph/model.ts";
import { pipelineGraph, stageNode, type PipelineOptions } from "./front-end.ts";
import { unreadNode } from "../live/unread.ts";
import { readLines } from "./lines.ts";
import type { PipelineSpec } from "./schema.ts";
import { stagePath, validatePipeline } from "./validate.ts";

/** A graph as far as it can be made out, and what is wrong with what can. */
export interface Recovered {
  readonly graph: Graph;
  readonly findings: readonly Diagnostic[];
}

/** Problems after which a line does not say what it means to. */
const unreadable: ReadonlySet<string> = new Set(
  "kv_no_equals kv_key kv_index kv_value kv_cr kv_encoding kv_integer kv_unknown_key".split(" "),
);
/** Findings about a line by itself. */
const ownFindings = /^(?:pipeline_(?:name|stage_id|ordering|shards|producer|scheduling)|dup_node_id|stage_key_.*)$/;
const stageLine = /^single_ring\.stages\.(0|[1-9][0-9]{0,9})(?:\.(.*))?$/;
const integer = /^(?:0|[1-9][0-9]{0,14})$/;

/** Recovers a pipeline; `problems` are the front end's. */
export function recoverPipeline(
  text: string,
  file: string,
  problems: readonly Diagnostic[],
  options: PipelineOptions,
): Recovered {
  const { entries } = readLines(text, file);
  const faulty = new Set(
    problems.flatMap(({ code, at }) => (unreadable.has(code) && isRange(at) ? [at.start.line] : [])),
  );
  const values = new Map<string, string>();
  const stages = new Map<number, Map<string, string>>();
  const broken = new Set<number>();
  for (const { key, value, line } of entries) {
    const [, number, part] = stageLine.exec(key) ?? [];
    if (faulty.has(line)) {
      if (number !== undefined) broken.add(Number(number));
      if (part !== "id") continue;
    }
    if (number === undefined) {
      if (!values.has(key)) values.set(key, value);
      continue;
    }
    const parts = stages.get(Number(number)) ?? new Map<string, string>();
    stages.set(Number(number), parts);
    if (part !== undefined && !parts.has(part)) parts.set(part, value);
  }
  for (const index of halfTyped(text, faulty)) broken.add(index);
  const { nodes, dependencies } = stageNodes(stages, broken, options);
  const get = (key: string): string => values.get(`single_ring.${key}`) ?? "";
  const shards = integer.test(get("shards")) ? Number(get("shards")) : 1;
  const spec: PipelineSpec = {
    name: values.get("name") ?? "",
    shards,
    ordering: get("ordering"),
    producer: get("producer"),
    scheduling: get("scheduling"),
    stages: nodes.map((node, i) => ({ id: node.id, stage: "", dependsOn: dependencies[i] ?? null })),
  };
  const graph = pipelineGraph(spec, nodes, file);
  const findings = validatePipeline(graph).filter(({ code, at }) => {
    if (isRange(at) || !ownFindings.test(code)) return false;
    const named = at.path[1] === "stages" || values.has(at.path.join("."));
    // Shards are judged by the ordering, so both must be there.
    return named && (code !== "pipeline_shards" || values.has("single_ring.ordering"));
  });
  return { graph, findings };
}

/** Stages that lines speak of whose key cannot be read to its end. */
function halfTyped(text: string, faulty: ReadonlySet<number>): number[] {
  if (faulty.size === 0) return [];
  return text.split("\n").flatMap((line, i) => {
    const number = faulty.has(i) ? /^single_ring\.stages\.(0|[1-9][0-9]{0,9})(?![0-9])/.exec(line)?.[1] : undefined;
    return number === undefined ? [] : [Number(number)];
  });
}

function stageNodes(
  stages: ReadonlyMap<number, ReadonlyMap<string, string>>,
  broken: ReadonlySet<number>,
  options: PipelineOptions,
): { nodes: Node[]; dependencies: (readonly number[] | null)[] } {
  const kind = options.kinds("stage");
  const nodes: Node[] = [];
  const dependencies: (readonly number[] | null)[] = [];
  /** Numbers of stages in the text -> positions in the graph. */
  const positions = new Map<number, number>();
  for (const [number, parts] of [...stages].sort(([a], [b]) => a - b)) {
    const id = parts.get("id");
    if (id === undefined || id === "") continue;
    const index = nodes.length;
    const key = parts.get("stage");
    const declared = dependsOn(parts);
    const known = (declared.list ?? []).flatMap((one) => positions.get(one) ?? []);
    const after = [...new Set(known)];
    const source = nodes[after[0] ?? -1]?.id ?? "trigger";
    const whole = key !== undefined && kind !== undefined && declared.whole && !broken.has(number);
    const at = stagePath(number);
    positions.set(number, index);
    dependencies.push(declared.list);
    nodes.push(whole ? stageNode(kind, { id, key, source, index, after, at }) : stub(id, index, after, at));
  }
  return { nodes, dependencies };
}

/** A stage's dependencies; not whole when some that are announced are not there. */
function dependsOn(parts: ReadonlyMap<string, string>): { list: readonly number[] | null; whole: boolean } {
  const list: number[] = [];
  for (let i = 0; ; i++) {
    const value = parts.get(`depends_on.${i}`);
    if (value === undefined || !integer.test(value)) break;
    list.push(Number(value));
  }
  const count = parts.get("depends_on.count");
  const items = [...parts.keys()].filter((part) => /^depends_on\.[0-9]+$/.test(part)).length;
  if (count === undefined) return { list: items === 0 ? null : list, whole: items === 0 };
  return { list, whole: count === String(list.length) && items === list.length };
}

/** A stage of which only the id and what it waits for are known. */
function stub(id: string, index: number, after: readonly number[], at: Node["at"]): Node {
  return { ...unreadNode(id, index, at), after };
}
