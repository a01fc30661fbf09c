import { NodeFailure } from "../../graph/failure.ts";
import { pure } from "../pure.ts";

/** Names the type that does not run (spec/skill-graph.md §2.2, Decision R16). */
export const handler = pure((context) => {
  const { id, at, fields } = context.node;
  const type = String(fields["type"]);
  const message =
    at.at(-2) === "steps"
      ? `graph step '${id}' uses unsupported run type '${type}'`
      : `skill '${context.graph.name}' has the source type '${type}', which is not supported yet`;
  throw new NodeFailure({ class: "capability", message });
});
