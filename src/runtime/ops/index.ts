/** The operations, for the programs above the composition root. */
export { isArchiveName, writeBundle } from "./bundle-write.ts";
export { openBundle, runInBundle, type OpenedBundle } from "./bundle-run.ts";
export { thisProcess } from "./environment.ts";
export { incidentOfDocument, incidentOfRun, type Incident, type IncidentSettings } from "./incident.ts";
export type { FindKey, ManifestAuthenticity } from "./manifest.ts";
export type { OpsProblem, OpsResult } from "./problem.ts";
export { readRecording, replayDry, type Recording, type Replayed } from "./replay.ts";
export { replayAudit } from "./replay-audit.ts";
export type { Difference } from "./replay-compare.ts";
export { runOnDisk, type RunSource } from "./run-source.ts";
export type { Snapshot } from "./snapshot.ts";
export { takeSnapshot } from "./take-snapshot.ts";
