import { pure } from "../pure.ts";
import { HTTP_CALL, notAvailable } from "../step/unavailable.ts";

/** Governed HTTP comes with spec/skill-graph.md §9. */
export const handler = pure((context) => notAvailable(context, HTTP_CALL, "use a cli-tool step instead"));
