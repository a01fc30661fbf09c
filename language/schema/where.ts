/** Which graph and which node a path of a document is in, and what they are known to give. */
import type { LiveDocument, LiveGraph } from "../../src/dialects/live/live.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { View } from "../../src/graph/checks/check.ts";
import type { Graph, Node } from "../../src/graph/model.ts";
import { kindTable } from "../../src/kinds/definitions.generated.ts";
import { perObject } from "../../src/graph/memo.ts";
import { rootPath } from "./names.ts";

/** The graph that a path belongs to: of an X.yaml that of its runner. Null where there is none. */
export function graphAt(live: LiveDocument, path: DocumentPath): LiveGraph | null {
  const [first] = live.graphs;
  if (first === undefined) return null;
  if (live.what.document !== "skill" || live.what.form !== "manifest") return first;
  const runner = path[0] === "runners" ? path[1] : undefined;
  return live.graphs.find((one) => one.runner === runner) ?? null;
}

const byPath = perObject((live: LiveDocument) => {
  const nodes = new Map<string, { readonly graph: Graph; readonly node: Node }>();
  for (const { graph } of live.graphs)
    for (const node of graph.nodes) nodes.set(JSON.stringify(node.at), { graph, node });
  return nodes;
});

/** The node in whose construct a path is; null elsewhere. The one node of a plain skill is the skill's own source. */
export function nodeAt(live: LiveDocument, path: DocumentPath): { readonly graph: Graph; readonly node: Node } | null {
  const nodes = byPath(live);
  for (let length = path.length; length > 0; length--) {
    const found = nodes.get(JSON.stringify(path.slice(0, length)));
    if (found !== undefined) return found;
  }
  return null;
}

/** A graph with its indexes, made once. */
export const viewOf = perObject((graph: Graph) => new View(graph, kindTable));

/** The id that a node has in the text, also where the graph has no such node. */
export function idAt(live: LiveDocument, nodePath: DocumentPath): string | null {
  return live.source.element([...nodePath, "id"])?.text ?? null;
}

/** The path of the node that `path` is in, by the form of the document alone; null outside of nodes. */
export function nodePathOf(live: LiveDocument, path: DocumentPath): DocumentPath | null {
  const known = nodeAt(live, path)?.node.at;
  if (known !== undefined) return known;
  const lists = live.what.document === "graph" && live.what.dialect === "workflow" ? "nodes" : "steps";
  const base = lists === "nodes" ? rootPath(live).length : -1;
  const index = path.findIndex(
    (key, i) => key === lists && typeof path[i + 1] === "number" && (base < 0 || i === base),
  );
  return index < 0 ? null : path.slice(0, index + 2);
}

/** Names in a list of tables, e.g. of `[[secrets]]`, with the place of each. */
export function declaredNames(
  live: LiveDocument,
  list: DocumentPath,
  key: string,
): readonly { readonly name: string; readonly at: DocumentPath }[] {
  const items = live.source.element(list)?.children ?? [];
  return items.flatMap((item) => {
    const at = [...list, item];
    const name = live.source.element([...at, key])?.text;
    return name === null || name === undefined || name === "" ? [] : [{ name, at }];
  });
}
