import { pure } from "../pure.ts";
import { notAvailable } from "../step/unavailable.ts";

/** Tool catalogs come with spec/skill-graph.md §9. */
export const handler = pure((context) => {
  const tool = String(context.node.fields["tool"]);
  return notAvailable(context, `calls the catalog tool '${tool}'`, "use a cli-tool step or a skill instead");
});
