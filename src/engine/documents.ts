/**
 * What the engine needs of a run's documents: graphs by key, the rules that walk them, the policies an effect must
 * pass, and how a frame's references resolve. Pure reads of an immutable bundle.
 */
import type { Bundle } from "../dialects/bundle.ts";
import type { WalkRules } from "../dialects/document.ts";
import { rulesFor } from "../dialects/rules.ts";
import type { PolicyScope } from "../effects/decision.ts";
import type { Lookup, Pinned } from "../effects/handler.ts";
import type { Graph, Node } from "../graph/model.ts";
import { splitReference, walk as walkValue } from "../graph/reference.ts";
import type { FrameState, RunState } from "./state.ts";

/** A bundle, indexed for the engine. */
export interface Documents {
  readonly bundle: Bundle;
  graph(document: string): Graph;
  node(document: string, id: string): Node | undefined;
  rules(document: string): WalkRules;
  child(document: string, reference: string): Pinned;
  file(document: string, reference: string): string | null;
}

/** Indexes a bundle. */
export function documents(bundle: Bundle): Documents {
  const nodes = new Map<string, ReadonlyMap<string, Node>>();
  // Most runs ask for the same document again and again.
  let lastKey: string | null = null;
  let lastGraph: Graph | null = null;
  const graph = (document: string): Graph => {
    if (document === lastKey && lastGraph !== null) return lastGraph;
    const found = bundle.entries.get(document)?.graph;
    if (found === undefined || found === null) throw new TypeError(`\`${document}\` is not a graph of this run`);
    lastKey = document;
    lastGraph = found;
    return found;
  };
  return {
    bundle,
    graph,
    node(document, id) {
      let byId = nodes.get(document);
      if (byId === undefined) {
        byId = new Map(graph(document).nodes.map((node) => [node.id, node]));
        nodes.set(document, byId);
      }
      return byId.get(id);
    },
    rules: (document) => rulesFor(graph(document).dialect),
    child(document, reference) {
      const key = bundle.links.get(document)?.get(reference);
      if (key === undefined)
        return { ok: false, problem: "read", message: `\`${reference}\` was not loaded with the run` };
      if (typeof key !== "string") return { ok: false, problem: key.problem, message: key.message };
      return { ok: true, key, graph: graph(key) };
    },
    file(document, reference) {
      const key = bundle.links.get(document)?.get(reference);
      const entry = typeof key === "string" ? bundle.entries.get(key) : undefined;
      return entry === undefined ? null : new TextDecoder().decode(entry.bytes);
    },
  };
}

/** The policies around a frame, outermost first; all of them are asked (runtime.md §2, "Narrowing"). */
export function policyScopes(docs: Documents, state: RunState, frame: FrameState): PolicyScope[] {
  const scopes: PolicyScope[] = [];
  for (let at: FrameState | undefined = frame; at !== undefined; at = parentFrame(state, at)) {
    const graph = docs.graph(at.document);
    scopes.push({ file: graph.file, policy: graph.policy, mcpServers: graph.mcpServers });
  }
  return scopes.reverse();
}

/** The frame that opened `frame`; undefined for the root. */
export function parentFrame(state: RunState, frame: FrameState): FrameState | undefined {
  return frame.parent === null ? undefined : state.frames.get(frame.parent.act.frame);
}

/** Resolves a reference in a frame's context (spec/workflow.md §4.3; unknowns: spec/runtime.md §5). */
export function lookup(rules: WalkRules, frame: FrameState, reference: string): Lookup {
  const { head, rest } = splitReference(reference);
  const ended = frame.ended.get(head);
  if (ended !== undefined && ended.outcome !== "skip" && ended.failure === null) {
    const value = walkValue(ended.output, rest);
    if (value !== undefined) return { state: "found", value };
    return { state: ended.partial ? "unknown" : "missing" };
  }
  if (head !== "trigger") return { state: "missing" };
  const value = walkValue(rules.trigger(frame), rest);
  return value === undefined ? { state: "missing" } : { state: "found", value };
}
