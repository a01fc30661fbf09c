/**
 * Intents -> text edits of a `spec.kv` (spec/editor.md §2, spec/pipeline.md §3).
 *
 * A pipeline's edges are dependencies: they point backwards, carry no label, and are numbered stage by stage as they stand.
 */
import type { Node } from "../../../graph/model.ts";
import { isArray, type Value } from "../../../graph/value.ts";
import type { TextEdit } from "../../edits/edit.ts";
import { graphOf, movedIndex, nodeOf, notExpressible, requireFreeId } from "../../edits/graph-facts.ts";
import type { Intent, NewNode } from "../../edits/intent.ts";
import { Refusal } from "../../edits/refusal.ts";
import type { LiveDocument } from "../../live/live.ts";
import { readLines } from "../lines.ts";
import { readSpec } from "../schema.ts";
import { readStages, rewriteStages, type StagePlan, type StageText } from "./stage-lines.ts";

/** Edits that carry `intent` out, unfinished. Throws {@link Refusal}. */
export function planPipeline(document: LiveDocument, intent: Intent): TextEdit[] {
  switch (intent.type) {
    case "replace-text": {
      const element = document.source.element(intent.place.path);
      const isKey = intent.place.part === "key";
      const range = isKey ? element?.key : element?.value === null ? null : document.source.span(intent.place);
      if (range === null || range === undefined) throw new Refusal("edit_unknown", "there is no line for this place");
      return [{ range, text: line(intent.text) }];
    }
    case "set-field":
      if (intent.path.at(-1) !== "depends_on") return setValue(document, intent);
      break;
    case "add-start":
    case "remove-start":
      throw oneWayIn();
    case "remove-field":
      throw notExpressible("a pipeline's lines are all needed; set another value, or remove the stage");
    case "add-policy-entry":
      throw notExpressible("a pipeline declares no allow lists; its operator's policy does");
    case "move-input-to-context":
      throw notExpressible("a pipeline's stages have no inputs of their own");
    default:
  }
  const pipeline = readStages(document.text, document.file);
  return rewriteStages(pipeline, planStages(pipeline, document, intent));
}

/** The text is a `spec.kv`. */
export function pipelineReads(text: string): boolean {
  return readSpec(readLines(text, ""), "", true).ok;
}

/** A value that fits on its line. */
function line(text: string): string {
  if (/[\r\n\0]/.test(text) || text.startsWith(" ") || text.endsWith(" "))
    throw notExpressible("a value stands on one line, without blanks at its ends");
  return text;
}

/** `id`, `stage` (the graph's `key`) of a stage, or a root key such as `name` or `single_ring.shards`. */
function setValue(document: LiveDocument, intent: Extract<Intent, { type: "set-field" }>): TextEdit[] {
  const { value, node: ref, path } = intent;
  if (typeof value !== "string" && typeof value !== "bigint")
    throw notExpressible("a value is a string or a whole number");
  const graph = graphOf(document, intent);
  const node = ref === undefined ? null : nodeOf(graph, ref);
  if (node !== null && path[0] === "id")
    requireFreeId({ ...graph, nodes: graph.nodes.filter((one) => one !== node) }, String(value));
  const own = path.length === 1 && path[0] === "key" ? ["stage"] : path;
  const element = document.source.element([...(node?.at ?? []), ...own]);
  if (element === null || element.children.length > 0 || element.key === null)
    throw new Refusal("edit_unknown", `there is no line for \`${path.join(".")}\``);
  if (element.value !== null) return [{ range: element.value, text: line(String(value)) }];
  const equals = document.text[element.key[1]] === "=";
  return [
    {
      range: [element.key[1] + (equals ? 1 : 0), element.extent[1]],
      text: `${equals ? "" : "="}${line(String(value))}`,
    },
  ];
}

type Stages = readonly Omit<StagePlan, "moved">[];

function planStages(pipeline: StageText, document: LiveDocument, intent: Intent): readonly StagePlan[] {
  const graph = graphOf(document, intent);
  const old: Stages = pipeline.spec.stages.map((stage, i) => ({
    from: i,
    id: stage.id,
    stage: stage.stage,
    after: stage.dependsOn,
  }));
  const indexOf = (ref: Node["id"] | number): number => nodeOf(graph, ref).index;
  switch (intent.type) {
    case "add-node": {
      const after = intent.after === undefined ? old.length - 1 : indexOf(intent.after);
      requireFreeId(graph, intent.id);
      return insertStage(old, after + 1, newStage(intent, after < 0 ? [] : [after]));
    }
    case "duplicate-node": {
      const index = indexOf(intent.node);
      requireFreeId(graph, intent.id);
      const stage = old[index] as Stages[number];
      return insertStage(old, index + 1, { ...stage, from: null, id: line(intent.id) });
    }
    case "insert-on-edge": {
      const { from, to } = dependency(old, intent.index);
      requireFreeId(graph, intent.node.id);
      const made = insertStage(old, to, newStage(intent.node, [from]));
      return withDependencies(made, to + 1, (list) => [...list.filter((one) => one !== from), to]);
    }
    case "remove-node":
      return removeStage(old, indexOf(intent.node), intent.withEdges);
    case "remove": {
      if (intent.starts.length > 0) throw oneWayIn();
      const cut = intent.edges.map((index) => dependency(old, index));
      const left = old.map((one, i) => ({
        ...one,
        after: one.after?.filter((from) => !cut.some((way) => way.to === i && way.from === from)) ?? null,
      }));
      // From behind, so that the numbers of those before stay what they are.
      const gone = [...new Set(intent.nodes.map(indexOf))].sort((a, b) => b - a);
      return gone.reduce<Stages>((stages, at) => removeStage(stages, at, true), left);
    }
    case "reorder-node": {
      const node = nodeOf(graph, intent.node);
      return moveStage(old, node.index, movedIndex(graph, node, intent.steps));
    }
    case "add-edge": {
      if (intent.when !== undefined || intent.maxIterations !== undefined) throw unlabelled();
      return depend(old, indexOf(intent.from), indexOf(intent.to));
    }
    case "remove-edge": {
      const { from, to } = dependency(old, intent.index);
      return withDependencies(old, to, (list) => list.filter((one) => one !== from));
    }
    case "set-edge": {
      if (typeof intent.when === "string" || typeof intent.maxIterations === "number") throw unlabelled();
      const { from, to } = dependency(old, intent.index);
      if (intent.from === undefined && intent.to === undefined) return old;
      const cut = withDependencies(old, to, (list) => list.filter((one) => one !== from));
      const ends = [intent.from ?? from, intent.to ?? to].map(indexOf) as [number, number];
      return depend(cut, ...ends);
    }
    case "set-field":
      return withDependencies(old, indexOf(intent.node ?? -1), () =>
        positions(intent.value, indexOf(intent.node ?? -1)),
      );
    default:
      throw notExpressible("a pipeline has no way to say this");
  }
}

function oneWayIn(): Refusal {
  return notExpressible("a pipeline has one way in, which its file does not declare");
}

function unlabelled(): Refusal {
  return notExpressible("a pipeline's dependencies carry no label and are no loops");
}

function positions(value: Value, count: number): number[] {
  const list = isArray(value) ? value.map(Number) : [Number.NaN];
  if (list.some((one) => !Number.isInteger(one) || one < 0 || one >= count))
    throw notExpressible("dependencies are positions of earlier stages");
  return list;
}

function newStage(node: NewNode, after: readonly number[]): Omit<StagePlan, "moved"> {
  const key = node.fields.find(([name]) => name === "stage" || name === "key")?.[1] ?? "identity";
  if (typeof key !== "string") throw notExpressible("a stage's key is a string");
  return { from: null, id: line(node.id), stage: line(key), after };
}

/** Puts a stage at a position; its own dependencies are positions before the insertion, all before it. */
function insertStage(stages: Stages, at: number, stage: Stages[number]): Stages {
  const shifted = stages.map((one) => ({
    ...one,
    after: one.after?.map((index) => (index >= at ? index + 1 : index)) ?? null,
  }));
  return [...shifted.slice(0, at), stage, ...shifted.slice(at)];
}

function removeStage(stages: Stages, at: number, withEdges: boolean): Stages {
  const dependent = stages.find((one) => one.after?.includes(at) === true);
  if (!withEdges && dependent !== undefined)
    throw new Refusal("edit_conflict", `stage \`${dependent.id}\` depends on this one; remove its dependencies along`);
  if (stages.length === 1) throw new Refusal("edit_conflict", "a pipeline has at least one stage");
  return stages
    .filter((_, i) => i !== at)
    .map((one) => ({
      ...one,
      after: one.after?.filter((index) => index !== at).map((index) => (index > at ? index - 1 : index)) ?? null,
    }));
}

function moveStage(stages: Stages, from: number, to: number): readonly StagePlan[] {
  const order = stages.map((_, i) => i);
  order.splice(to, 0, ...order.splice(from, 1));
  const place = new Map(order.map((old, now) => [old, now]));
  return order.map((old, now) => {
    const stage = stages[old] as Stages[number];
    const after = stage.after?.map((index) => place.get(index) ?? index).sort((a, b) => a - b) ?? null;
    if (after?.some((index) => index >= now) === true)
      throw new Refusal("edit_conflict", `stage \`${stage.id}\` would stand before a stage that it depends on`);
    return { ...stage, after, moved: old === from && from !== to };
  });
}

/** The dependency of a number: they count stage by stage, as they stand. */
function dependency(stages: Stages, index: number): { readonly from: number; readonly to: number } {
  const all = stages.flatMap((stage, to) => (stage.after ?? []).map((from) => ({ from, to })));
  const found = all[index];
  if (found === undefined) throw new Refusal("edit_unknown", `there is no dependency #${index}`);
  return found;
}

function depend(stages: Stages, from: number, to: number): Stages {
  if (from >= to) throw new Refusal("edit_conflict", "a stage may depend on earlier stages only; move the stage first");
  if (stages[to]?.after?.includes(from) === true)
    throw new Refusal("edit_conflict", "the stage depends on that one already");
  return withDependencies(stages, to, (list) => [...list, from]);
}

function withDependencies(stages: Stages, at: number, change: (list: readonly number[]) => readonly number[]): Stages {
  return stages.map((stage, i) =>
    i === at ? { ...stage, after: [...new Set(change(stage.after ?? []))].sort((a, b) => a - b) } : stage,
  );
}
