import { pure } from "../pure.ts";

/** spec/workflow.md §8.4. */
export const handler = pure(() => ({ outcome: "continue", output: null }));
