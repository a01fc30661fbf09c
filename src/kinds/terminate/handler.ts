import { pure } from "../pure.ts";

/** spec/workflow.md §5.6. */
export const handler = pure(() => ({ outcome: "terminate" }));
