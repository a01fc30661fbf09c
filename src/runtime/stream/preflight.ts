/** What a stream's stages would get, before the first record is read (spec/runtime.md §8: approval is checked at start). */
import type { Bundle } from "../../dialects/bundle.ts";
import type { GovernanceSettings } from "../../governance/decider.ts";
import { scopeOf } from "../../governance/static/ahead.ts";
import { decideAhead, literalEffects } from "../ahead.ts";
import { rootGraph } from "../graphs.ts";
import { loadPolicyCode } from "../policy-code.ts";

/** A stage that would stop the first record. */
export interface PreflightRefusal {
  readonly node: string;
  /** True when an approval would help. */
  readonly needsApproval: boolean;
  readonly code: string;
  readonly reason: string;
}

/** The first stage, in the document's order, that is denied or lacks an approval; null when all may act. */
export async function preflight(
  bundle: Bundle,
  governance: GovernanceSettings,
  cwd: string,
): Promise<PreflightRefusal | null> {
  const graph = rootGraph(bundle);
  const decide = await decideAhead([graph], governance, cwd, loadPolicyCode(bundle).codes);
  for (const node of graph.nodes) {
    for (const effect of literalEffects(node)) {
      const decided = decide(effect, node.kind, [scopeOf(graph)]);
      if (decided.decision !== "Deny" && decided.decision !== "RequireApproval") continue;
      const { code, reason } = decided;
      return { node: node.id, needsApproval: decided.decision === "RequireApproval", code, reason };
    }
  }
  return null;
}
