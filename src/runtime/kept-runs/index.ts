/** Kept runs, for whoever shows them. */
export { compareRuns, walkText, type RunComparison } from "./compare.ts";
export { exportBundle, snapshotText } from "./export.ts";
export { fileOf, pinnedText, tellPastRun, type Kept, type KeptPlace, type KeptProblem, type PastRun } from "./past.ts";
export { replayKept, type ReplayResult } from "./replay.ts";
export { inspectionText } from "./text.ts";
