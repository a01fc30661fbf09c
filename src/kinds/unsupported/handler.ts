import { NodeFailure } from "../../graph/failure.ts";
import { pure } from "../pure.ts";
import { subjectOf, unsupportedType } from "../step/unavailable.ts";

/** Names the type that does not run (spec/skill-graph.md §2.2, Decision R16). */
export const handler = pure((context) => {
  const message = `${subjectOf(context)} ${unsupportedType(context.node.fields)}`;
  throw new NodeFailure({ class: "capability", message });
});
