import { pure } from "../pure.ts";
import { AGENT_TASK, notAvailable } from "../step/unavailable.ts";

/** Agents come with spec/skill-graph.md §8. */
export const handler = pure((context) =>
  notAvailable(context, AGENT_TASK, "use a cli-tool step, a skill or an approval instead"),
);
