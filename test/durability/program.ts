/**
 * The process that is killed: runs a document, or resumes a run and approves whatever is asked, and dies at kill point
 * `at`. Its one argument is a {@link Order} as JSON; what it prints at the end is a {@link Report}.
 *
 * With `stopAt` it stops itself (SIGSTOP) at that point instead, and goes on when it is told to (SIGCONT).
 */
import { nodeFiles } from "../../src/connect/journal/file.ts";
import { parseJson } from "../../src/graph/json.ts";
import { loadDocument } from "../../src/runtime/documents.ts";
import { execute, resume } from "../../src/runtime/execute.ts";
import { killingPoint, pointedFiles, pointedPerformer, type Point } from "./kill-points.ts";
import { approveAll } from "./answers.ts";
import { runSettings } from "./settings.ts";

/** What the process is to do. */
export interface Order {
  readonly mode: "run" | "resume";
  readonly file: string;
  readonly cwd: string;
  readonly stateDir: string;
  readonly runId: string;
  /** JSON text of the payload. */
  readonly input: string;
  /** Dies at this point; 0 never. */
  readonly killAt: number;
  /** Stops at the n-th point of this name. */
  readonly stopAt?: { readonly what: string; readonly count: number };
}

/** What it did, when it was let live. */
export interface Report {
  readonly points: number;
  readonly outcome: string;
  readonly reason: string | null;
}

const order = JSON.parse(process.argv[2] ?? "") as Order;
const killing = killingPoint(order.killAt);
let passed = 0;
const point: Point = (what) => {
  void killing.point(what);
  const { stopAt } = order;
  if (stopAt?.what === what && ++passed === stopAt.count) process.kill(process.pid, "SIGSTOP");
};
const input = parseJson(order.input);
if (!input.ok) throw new Error("the payload is not JSON");
const settings = {
  ...runSettings({ cwd: order.cwd, runId: order.runId, stateDir: order.stateDir, input: input.value }),
  stateDir: order.stateDir,
  journalFiles: pointedFiles(nodeFiles, point),
  wrapPerformer: (performer: Parameters<typeof pointedPerformer>[0]) => pointedPerformer(performer, point),
};
const loaded = await loadDocument(order.file, order.cwd);
if (!loaded.ok) throw new Error(loaded.message);
const executed =
  order.mode === "run"
    ? await execute(loaded.bundle, settings)
    : await resume({ ...settings, takeOver: false, changed: null, answers: approveAll });
if (!executed.ok) throw new Error(`${executed.problem.code}: ${executed.problem.message}`);
const { outcome } = executed.run;
const report: Report = {
  points: killing.count(),
  outcome: outcome.status,
  reason: outcome.status === "failed" ? outcome.reason : null,
};
process.stdout.write(JSON.stringify(report));
