/**
 * `act` of a skill's source (spec/skill-graph.md §3.4, Decision R11): closed, and each key is text. The steps that it
 * names are steps of the skill's graph, and its effect is what a deterministic step did, never what a model says of it
 * (seed page, "act").
 */
import { actKeys, type ActKey, type DeclaredAct } from "../../graph/act.ts";
import type { Fix, Place } from "../../graph/diagnostic.ts";
import type { Graph, Node } from "../../graph/model.ts";
import { didYouMean, suggest } from "../../graph/suggest.ts";
import { absent, at, type Cursor, type Reader } from "./reader.ts";

/** Reads an act; null where there is none. */
export function readAct(reader: Reader, cursor: Cursor): DeclaredAct | null {
  if (absent(cursor) || reader.object(cursor) === undefined) return null;
  reader.closed(cursor, actKeys, (key) => `source.act is malformed: unknown field \`${key}\``);
  const fields: Partial<Record<ActKey, string>> = {};
  for (const key of actKeys) {
    const text = reader.string({ ...at(cursor, key), label: `source.act.${key}` });
    if (text !== undefined) fields[key] = text;
  }
  return { fields, at: cursor.path };
}

/** The graph with the act that was read at `cursor`; the steps that the act names are checked. */
export function withAct(reader: Reader, cursor: Cursor, act: DeclaredAct | null, graph: Graph): Graph {
  if (act === null) return graph;
  const steps = new Map(stepsOf(graph).map((node) => [node.id, node]));
  for (const key of ["reason_step", "effect_step"] as const) {
    const named = act.fields[key];
    if (named === undefined) continue;
    const place: Place = { path: at(cursor, key).path, part: "value" };
    const step = steps.get(named);
    if (step === undefined) {
      const near = suggest(named, steps.keys());
      const why =
        steps.size === 0 ? "the skill is no graph of steps" : `there is no step '${named}'${didYouMean(near)}`;
      const fixes: Fix[] =
        near === null ? [] : [{ type: "replace", title: `Change to \`${near}\``, at: place, text: near }];
      reader.error("act", `source.act.${key}: ${why}`, place, fixes);
    } else if (key === "effect_step" && step.kind === "agent-task") {
      const message = `source.act.effect_step: step '${named}' is an agent's; an effect is read from a deterministic step's own result`;
      reader.error("act", message, place);
    }
  }
  return { ...graph, act };
}

/** Steps of a graph; a skill that is one tool or agent has none. */
function stepsOf({ nodes }: Graph): readonly Node[] {
  return nodes[0]?.at.at(-2) === "steps" ? nodes : [];
}
