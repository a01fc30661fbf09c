/**
 * What a readable `spec.kv` may say (spec/pipeline.md §2, §3): orderings, stage keys, dependencies.
 *
 * Boundary: pure functions of the Graph; places are paths. The ring's settings and the dependencies as written stand
 * in `graph.operation.server` (see {@link ringValue}).
 */
import type { Diagnostic, DocumentPath, Place } from "../../graph/diagnostic.ts";
import type { Graph, Node } from "../../graph/model.ts";
import { didYouMean, suggest } from "../../graph/suggest.ts";
import { parseStageKey, stageFamilies } from "../../graph/stage-key.ts";
import { isArray, isObject, member, object, toText, type ObjectValue, type Value } from "../../graph/value.ts";
import type { PipelineSpec } from "./schema.ts";

/** The most stages of profile `byteor-v1`; more is a warning, not a limit of ours. */
export const PROFILE_STAGES = 4;

/** The part of a spec that a scheduler needs and that has no place of its own in a Graph. */
export function ringValue(spec: PipelineSpec): ObjectValue {
  return object({
    single_ring: object({
      shards: BigInt(spec.shards),
      ordering: spec.ordering,
      producer: spec.producer,
      scheduling: spec.scheduling,
      depends_on: spec.stages.map((stage) => stage.dependsOn?.map((index) => BigInt(index)) ?? null),
    }),
  });
}

/** The path of stage `index`. */
export function stagePath(index: number): DocumentPath {
  return ["single_ring", "stages", index];
}

/** Every rule of spec/pipeline.md §2 and §3 that the graph breaks, as errors. */
export function validatePipeline(graph: Graph): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const report = (code: string, message: string, at: Place): void => {
    found.push({ code, severity: "error", message, file: graph.file, at });
  };
  const server = graph.operation.server;
  const ring = isObject(server) ? member(server, "single_ring") : undefined;
  if (isObject(ring)) checkRing(graph, ring, report);
  checkIds(graph, report);
  for (const node of graph.nodes) checkKey(node, report);
  if (isObject(ring)) checkDependencies(graph, ring, report);
  return found;
}

type Report = (code: string, message: string, at: Place) => void;

function checkRing(graph: Graph, ring: ObjectValue, report: Report): void {
  const at = (key: string): Place => ({ path: ["single_ring", key], part: "value" });
  if (graph.name === "") report("pipeline_name", "`name` may not be empty", { path: ["name"], part: "value" });
  const ordering = text(member(ring, "ordering"));
  const shards = member(ring, "shards");
  if (ordering !== "strict" && ordering !== "per_key") {
    const near = didYouMean(suggest(ordering, ["strict", "per_key"]));
    report(
      "pipeline_ordering",
      `ordering must be \`strict\` or \`per_key\`; got \`${ordering}\`${near}`,
      at("ordering"),
    );
  }
  if (shards === 0n) report("pipeline_shards", "shards must be at least 1", at("shards"));
  else if (ordering === "strict" && shards !== 1n) {
    const message = `ordering \`strict\` needs shards = 1; got ${toText(shards ?? null)}: use \`per_key\` for several shards`;
    report("pipeline_shards", message, at("shards"));
  }
  for (const [key, only] of [
    ["producer", "single"],
    ["scheduling", "dedicated"],
  ] as const) {
    const value = text(member(ring, key));
    if (value !== only) report(`pipeline_${key}`, `${key} must be \`${only}\`; got \`${value}\``, at(key));
  }
}

function text(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

function checkIds(graph: Graph, report: Report): void {
  const seen = new Set<string>();
  for (const node of graph.nodes) {
    const at: Place = { path: [...node.at, "id"], part: "value" };
    if (!/^[A-Za-z0-9_-]{1,128}$/.test(node.id)) {
      const message = `the stage id \`${node.id}\` must be 1 to 128 letters, digits, \`_\` or \`-\``;
      report("pipeline_stage_id", message, at);
    } else if (node.id === "trigger") {
      report("pipeline_stage_id", "`trigger` names the pipeline's input and cannot be a stage id", at);
    }
    if (seen.has(node.id)) report("dup_node_id", `node id \`${node.id}\` is declared more than once`, at);
    seen.add(node.id);
  }
}

function checkKey(node: Node, report: Report): void {
  const key = node.fields.key;
  if (typeof key !== "string") return;
  const parsed = parseStageKey(key);
  if (parsed.ok) return;
  const { code, message, from, to } = parsed.problem;
  const near = code === "stage_key_family" ? didYouMean(suggest(key, stageFamilies)) : "";
  report(code, `stage \`${node.id}\`: ${message}${near}`, {
    path: [...node.at, "stage"],
    part: "value",
    within: { from, to },
  });
}

function checkDependencies(graph: Graph, ring: ObjectValue, report: Report): void {
  const declared = member(ring, "depends_on");
  if (!isArray(declared)) return;
  for (const node of graph.nodes) {
    const list = declared[node.index];
    if (!isArray(list)) {
      if (node.index === 0 || node.fields.key === "identity") continue;
      const message = `stage \`${node.id}\` must say what it depends on (\`depends_on.count\`, 0 for nothing)`;
      report("pipeline_depends_on_missing", message, { path: node.at });
      continue;
    }
    checkList(node, list, report);
  }
}

function checkList(node: Node, list: readonly Value[], report: Report): void {
  let before = -1n;
  list.forEach((item, i) => {
    if (typeof item !== "bigint") return;
    const at: Place = { path: [...node.at, "depends_on", i], part: "value" };
    if (item >= BigInt(node.index)) {
      const message = `stage \`${node.id}\` (${node.index}) may depend on earlier stages only; got ${item}`;
      report("pipeline_depends_on", message, at);
    } else if (item === before) {
      report("pipeline_depends_on", `stage \`${node.id}\` depends on stage ${item} twice`, at);
    } else if (item < before) {
      const message = `the dependencies of stage \`${node.id}\` must be in ascending order: ${item} stands after ${before}`;
      report("pipeline_depends_on", message, at);
    }
    before = item > before ? item : before;
  });
}
