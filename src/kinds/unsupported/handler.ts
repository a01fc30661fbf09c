import { NodeFailure } from "../../graph/failure.ts";
import { pure } from "../pure.ts";
import { subjectOf } from "../step/unavailable.ts";

/** Names the type that does not run (spec/skill-graph.md §2.2, Decision R16). */
export const handler = pure((context) => {
  const type = String(context.node.fields["type"]);
  const message = `${subjectOf(context)} uses unsupported run type '${type}'`;
  throw new NodeFailure({ class: "capability", message });
});
