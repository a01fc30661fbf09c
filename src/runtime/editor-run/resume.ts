/**
 * A run that was cut or waits, shown as far as it came, and taken up again (spec/editor.md §7).
 *
 * Invariants: what it goes on with are the documents that it pinned, whatever they say now, in the environment in which
 * it began, whatever the editor is set to; nothing is answered for anybody: what asks for an answer pauses.
 */
import type { JournalEvent } from "../../effects/events.ts";
import type { Interruption } from "../../engine/runner.ts";
import type { RunEnd, RunStep } from "../../protocol/run.ts";
import type { RunState } from "../../engine/state.ts";
import { readRecorded, resume, type Answer, type RecordedRun, type StartProblem } from "../execute.ts";
import { rootGraph } from "../graphs.ts";
import { readTransports } from "../operator.ts";
import { operatorOf, workingDirectory, type EditorPlace } from "./place.ts";
import { ended, operatorPart, refused, type EditorRunProblem, type Started } from "./run.ts";
import { approvalsAt, receiptsIn, type EditorKeys } from "./signing.ts";
import { StepMaker } from "./steps.ts";

/** Which run is meant. */
export interface ResumeRequest {
  readonly place: EditorPlace;
  readonly runId: string;
  /** Where runs are kept when no configuration says it; absolute. */
  readonly storage: string;
  /** The directory in which the run is known to be; the run is refused when its document keeps runs elsewhere. */
  readonly stateDir?: string;
  /** What it goes on with; absent: with nothing but what has been signed for it. */
  readonly answer?: EditorAnswer;
  readonly keys?: EditorKeys;
  /** Gets every step, those of before the cut first. Must not throw. */
  onStep(step: RunStep, runId: string): void;
}

/** One request of the run that has been answered. */
export interface EditorAnswer {
  readonly id: string;
  /** The answer itself where nobody signed; null: a credential is in the run's folder. */
  readonly unsigned: Answer | null;
}

/** Tells the steps of a run that was cut or waits, and that it stopped. Null when it was told, else why not. */
export async function recallRun(request: ResumeRequest): Promise<EditorRunProblem | null> {
  const read = await operatorOf(request.place);
  if (!read.ok) return { code: "config", message: read.problems[0]?.message ?? "", findings: [], unsaved: [] };
  const recalled = await recall(request, read.operator.stateDir ?? request.storage);
  if (!recalled.ok) return recalled.problem;
  const { steps, last, waits, recorded } = recalled;
  const asked = waits ? [...recorded.state.asked.values()] : [];
  const waitsFor = asked.map(({ request: { id, reason } }) => ({ id, reason }));
  const status = waits ? "paused" : "stopped";
  const end: RunEnd = { status, reason: null, last, waitsFor, assumed: [], wouldPause: [], preview: "" };
  steps.finish({ ...end, value: null });
  return null;
}

/** Takes a run up again. Resolves as soon as it is under way. */
export async function resumeEditorRun(request: ResumeRequest): Promise<Started> {
  const { place, runId } = request;
  const read = await operatorOf({ ...place, environment: null });
  if (!read.ok) return refused(read.problems[0]?.code ?? "config", read.problems.map((one) => one.message).join("; "));
  const { operator } = read;
  const stateDir = operator.stateDir ?? request.storage;
  if (request.stateDir !== undefined && request.stateDir !== stateDir)
    return refused("state_dir", `it is kept in ${request.stateDir}, and runs of this document are kept in ${stateDir}`);
  const recalled = await recall(request, stateDir);
  if (!recalled.ok) return recalled;
  const { steps, recorded } = recalled;
  const graph = rootGraph(recorded.bundle);
  const started = recorded.state.started ?? undefined;
  const dry = started?.options.dryRun !== "no";
  const cwd = workingDirectory(place);
  const transports = await readTransports(operator.settings, place.env, cwd);
  if ("code" in transports) return refused(transports.code, transports.message);
  const part = operatorPart(operator, graph, started);
  const auditIn = dry ? null : stateDir;
  const found = await approvalsAt(place, operator, part.governance.posture.environment, auditIn);
  if (!found.ok) return refused(found.code, found.message);
  const { keys = null, answer = null } = request;
  const interruption = new AbortController();
  const interrupt = (how: Interruption["how"], by: string): void => {
    if (!interruption.signal.aborted) interruption.abort({ how, by, reason: null } satisfies Interruption);
  };
  const executed = resume({
    ...{ cwd, env: place.env, transports, rehearsal: null, dryRun: dry },
    ...part,
    ...{ approvals: found.approvals, onUnaudited: found.onUnaudited },
    receipts: receiptsIn(stateDir, place.env, operator, keys),
    ...{ runId, stateDir, takeOver: false, changed: null },
    control: { signal: interruption.signal },
    answers: (open) => Promise.resolve(answersTo(open, answer)),
    onEvent: (event) => {
      steps.add(event);
    },
  });
  const run = {
    ...{ runId, graph, start: started?.start ?? null, stateDir, dry },
    done: executed.then((one) => ended(one, steps, stateDir, found.notices)),
    cancel: () => {
      interrupt("cancel", operator.principal);
    },
    stop: () => {
      interrupt("stop", "the window");
    },
  };
  return { ok: true, run };
}

/** What nobody signed an answer to stays open; that the answered request is still among it is told. */
function answersTo(open: RunState, answer: EditorAnswer | null): readonly Answer[] | StartProblem {
  if (answer === null || !open.asked.has(answer.id)) return [];
  if (answer.unsigned !== null) return [answer.unsigned];
  return { exit: 2, code: "approval.waiting", message: `\`${answer.id}\` is not answered yet` };
}

type Recalled =
  | {
      readonly ok: true;
      readonly steps: StepMaker;
      readonly recorded: RecordedRun;
      /** The node that it had entered last. */
      readonly last: string | null;
      /** It paused, and waits for answers. */
      readonly waits: boolean;
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
  let waits = false;
  for (const event of events) {
    if (event.type === "node.entered") last = event.node;
    if (event.type === "run.paused") waits = true;
    if (event.type === "run.resumed") waits = false;
    steps.add(event);
  }
  return { ok: true, steps, recorded: recorded.run, last, waits };
}
