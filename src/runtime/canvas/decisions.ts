/** What policy would say to each node of a drawing, ahead of time, in the environment that is chosen (DESIGN.md idea 5). */
import { scopeOf } from "../../governance/static/ahead.ts";
import { environments, type EnvironmentName } from "../../graph/posture.ts";
import type { NodeDecision } from "../../protocol/webview.ts";
import { decideAhead, literalEffects } from "../ahead.ts";
import { operatorOf, workingDirectory, type EditorPlace } from "../editor-run/place.ts";
import type { CanvasState } from "./state.ts";

/** From what lets an effect happen to what forbids it; `depends` hangs on data that only a run has. */
const weights = { Allow: 0, depends: 1, DryRunOnly: 2, RequireApproval: 3, Deny: 4 } as const;

/**
 * The strictest decision over each node's literal effects, as a run from this place would get it; nodes without effects
 * have none. Never rejects.
 */
export async function decisionsOf(state: CanvasState, place: EditorPlace): Promise<NodeDecision[]> {
  const operator = await operatorOf(place);
  if (!operator.ok) return [];
  const { graph, drawing } = state;
  const decide = await decideAhead(
    [graph],
    operator.operator.governance("run", graph.dialect),
    workingDirectory(place),
  );
  return drawing.nodes.flatMap((drawn) => {
    const node = graph.nodes[drawn.index];
    if (node === undefined || node.kind === "") return [];
    const decided = literalEffects(node).map((effect) => decide(effect, node.kind, [scopeOf(graph)]));
    const [first, ...rest] = decided;
    if (first === undefined) return [];
    const worst = rest.reduce((a, b) => (weights[b.decision] > weights[a.decision] ? b : a), first);
    return [{ node: drawn.key, decision: worst.decision, reason: worst.reason }];
  });
}

/** A setting's text as an environment; null for none. */
export function environmentNamed(name: string): EnvironmentName | null {
  return environments.find((one) => one === name) ?? null;
}
