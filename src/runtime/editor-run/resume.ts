/**
 * A run that was cut, shown as far as it came, and taken up again (spec/editor.md §7).
 *
 * Invariants: what it goes on with are the documents that it pinned, whatever they say now; nothing is answered for
 * anybody: what asks for an answer pauses.
 */
import type { JournalEvent } from "../../effects/events.ts";
import type { Interruption } from "../../engine/runner.ts";
import type { RunEnd, RunStep } from "../../protocol/run.ts";
import { readRecorded, resume, type RecordedRun } from "../execute.ts";
import { rootGraph } from "../graphs.ts";
import { readTransports } from "../operator.ts";
import { operatorOf, workingDirectory, type EditorPlace } from "./place.ts";
import { ended, operatorPart, receiptsIn, refused, type EditorRunProblem, type Started } from "./run.ts";
import { StepMaker } from "./steps.ts";

/** Which run is meant. */
export interface ResumeRequest {
  readonly place: EditorPlace;
  readonly runId: string;
  /** Where runs are kept when no configuration says it; absolute. */
  readonly storage: string;
  /** Gets every step, those of before the cut first. Must not throw. */
  onStep(step: RunStep, runId: string): void;
}

/** Tells the steps of a run that was cut, and that it stopped. Null when it was told, else why not. */
export async function recallRun(request: ResumeRequest): Promise<EditorRunProblem | null> {
  const read = await operatorOf(request.place);
  if (!read.ok) return { code: "config", message: read.problems[0]?.message ?? "", findings: [], unsaved: [] };
  const recalled = await recall(request, read.operator.stateDir ?? request.storage);
  if (!recalled.ok) return recalled.problem;
  const { steps, last } = recalled;
  const cut: RunEnd = { status: "stopped", reason: null, last, waitsFor: [], assumed: [], wouldPause: [], preview: "" };
  steps.finish({ ...cut, value: null });
  return null;
}

/** Takes a run up again. Resolves as soon as it is under way. */
export async function resumeEditorRun(request: ResumeRequest): Promise<Started> {
  const { place, runId } = request;
  const read = await operatorOf(place);
  if (!read.ok) return refused(read.problems[0]?.code ?? "config", read.problems.map((one) => one.message).join("; "));
  const { operator } = read;
  const stateDir = operator.stateDir ?? request.storage;
  const recalled = await recall(request, stateDir);
  if (!recalled.ok) return recalled;
  const { steps, recorded } = recalled;
  const graph = rootGraph(recorded.bundle);
  const started = recorded.state.started ?? undefined;
  const dry = started?.options.dryRun !== "no";
  const cwd = workingDirectory(place);
  const transports = await readTransports(operator.settings, place.env, cwd);
  if ("code" in transports) return refused(transports.code, transports.message);
  const interruption = new AbortController();
  const interrupt = (how: Interruption["how"], by: string): void => {
    if (!interruption.signal.aborted) interruption.abort({ how, by, reason: null } satisfies Interruption);
  };
  const executed = resume({
    ...{ cwd, env: place.env, transports, rehearsal: null, dryRun: dry },
    ...operatorPart(operator, graph, started),
    receipts: receiptsIn(stateDir, place.env, operator),
    ...{ runId, stateDir, takeOver: false, changed: null },
    control: { signal: interruption.signal },
    answers: () => Promise.resolve([]),
    onEvent: (event) => {
      steps.add(event);
    },
  });
  const run = {
    ...{ runId, graph, start: started?.start ?? null, stateDir, dry },
    done: executed.then((one) => ended(one, steps, stateDir)),
    cancel: () => {
      interrupt("cancel", operator.principal);
    },
    stop: () => {
      interrupt("stop", "the window");
    },
  };
  return { ok: true, run };
}

type Recalled =
  | {
      readonly ok: true;
      readonly steps: StepMaker;
      readonly recorded: RecordedRun;
      /** The node that it had entered last. */
      readonly last: string | null;
    }
  | { readonly ok: false; readonly problem: EditorRunProblem };

/** Reads a run back and tells its steps. */
async function recall(request: ResumeRequest, stateDir: string): Promise<Recalled> {
  const { place, runId } = request;
  const events: JournalEvent[] = [];
  const recorded = await readRecorded(stateDir, runId, workingDirectory(place), (event) => {
    events.push(event);
  });
  if (!recorded.ok) return refused(recorded.problem.code, recorded.problem.message);
  const steps = new StepMaker(recorded.run.bundle, (step) => {
    request.onStep(step, runId);
  });
  let last: string | null = null;
  for (const event of events) {
    if (event.type === "node.entered") last = event.node;
    steps.add(event);
  }
  return { ok: true, steps, recorded: recorded.run, last };
}
