/**
 * The process that is killed while it resumes an approved gate: dies at kill point `killAt`. Its one argument is an
 * order of `program.ts` as JSON; what it prints at the end is a report of the same.
 */
import { nodeFiles } from "../../src/connect/journal/file.ts";
import { resume } from "../../src/runtime/execute.ts";
import { gateSettings } from "./approved.ts";
import { killingPoint, pointedFiles, pointedPerformer } from "./kill-points.ts";
import type { Order, Report } from "./program.ts";

const { cwd, runId, stateDir, killAt } = JSON.parse(process.argv[2] ?? "") as Order;
const killing = killingPoint(killAt);
const { point } = killing;
const executed = await resume({
  ...gateSettings({ cwd, runId, stateDir, input: null }),
  journalFiles: pointedFiles(nodeFiles, point),
  wrapPerformer: (performer) => pointedPerformer(performer, point),
  takeOver: false,
  changed: null,
  answers: () => Promise.resolve([]),
});
if (!executed.ok) throw new Error(`${executed.problem.code}: ${executed.problem.message}`);
const { outcome } = executed.run;
const report: Report = {
  points: killing.count(),
  outcome: outcome.status,
  reason: outcome.status === "failed" ? outcome.reason : null,
};
process.stdout.write(JSON.stringify(report));
