import { pure } from "../pure.ts";
import { notAvailable, toolCall } from "../step/unavailable.ts";

/** Tool catalogs come with spec/skill-graph.md §9. */
export const handler = pure((context) => {
  return notAvailable(context, toolCall(context.node.fields), "use a cli-tool step or a skill instead");
});
