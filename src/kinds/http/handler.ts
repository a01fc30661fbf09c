import { pure } from "../pure.ts";
import { notAvailable } from "../step/unavailable.ts";

/** Governed HTTP comes with spec/skill-graph.md §9. */
export const handler = pure((context) =>
  notAvailable(context, "is a governed HTTP call", "use a cli-tool step instead"),
);
