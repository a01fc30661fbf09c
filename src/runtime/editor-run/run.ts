/**
 * Runs and dry runs for an editor, by the engine of this process (spec/editor.md §5, §7).
 *
 * Invariants: what runs is a snapshot, loaded once; a live run takes no unsaved text; every step is masked before it
 * is told; a run that is stopped can be resumed, one that is cancelled has ended. Whether the workspace is trusted is
 * for the caller to ask before it gets here.
 */
import { loadBundle } from "../../dialects/load.ts";
import type { Interruption } from "../../engine/runner.ts";
import type { LocatedDiagnostic } from "../../graph/diagnostic.ts";
import type { Graph } from "../../graph/model.ts";
import type { RunEnd, RunStep } from "../../protocol/run.ts";
import { systemClock } from "../clock.ts";
import { loading, locate } from "../documents.ts";
import { execute, newRunId, type ExecuteResult, type Executed, type ExecuteSettings } from "../execute.ts";
import { rootGraph, type Bundle } from "../graphs.ts";
import { readTransports, type Operator, type StartedPosture } from "../operator.ts";
import { rehearsalFor } from "../rehearsal.ts";
import { journalProblemText, pruneRuns } from "../runs.ts";
import { defaultStart, fanoutFor, timeoutFor, unavailableSetting, unverified, wantsSignature } from "../starting.ts";
import { failedEnd, stoppedEnd, toldEnd, type ToldEnd } from "./end.ts";
import { givenInput, type InputAnswer } from "./input.ts";
import { openedFiles, operatorOf, workingDirectory, type EditorPlace } from "./place.ts";
import { approvalsAt, receiptsIn, type EditorKeys } from "./signing.ts";
import { StepMaker } from "./steps.ts";

/** Why a run did not begin: a code, a sentence, and where it can be put right. */
export interface EditorRunProblem {
  readonly code: string;
  readonly message: string;
  /** Findings of the documents; the first one is what `message` says. */
  readonly findings: readonly LocatedDiagnostic[];
  /** Files with unsaved changes, for which a live run was refused. */
  readonly unsaved: readonly string[];
}

/** A document that can be run. */
export interface LoadedForRun {
  readonly bundle: Bundle;
  readonly graph: Graph;
}

type Loaded =
  { readonly ok: true; readonly loaded: LoadedForRun } | { readonly ok: false; readonly problem: EditorRunProblem };

/** What is to be run. */
export interface EditorRunRequest {
  readonly place: EditorPlace;
  readonly dry: boolean;
  /** Whether a dry run reads what it would only read for real; default yes. */
  readonly dryReads?: boolean;
  /** Branches that a dry run takes where a condition is unknown: node -> label; default none. */
  readonly assume?: Readonly<Record<string, string>>;
  /** The start that is meant; null for the document's own choice. */
  readonly start: string | null;
  readonly input: InputAnswer;
  /** Where runs are kept when no configuration says it; absolute. */
  readonly storage: string;
  /** The editor's keys; absent: a start in staging or prod is refused, receipts are signed by the user's local key. */
  readonly keys?: EditorKeys;
  /** Gets every step as it happens, the first ones perhaps before the start has resolved. Must not throw. */
  onStep(step: RunStep, runId: string): void;
}

/** How a run came out; `notes` are about what is not the run's own, such as old runs that could not be removed. */
export type EditorRunEnd =
  | { readonly ok: true; readonly end: RunEnd; readonly notes: readonly string[] }
  | { readonly ok: false; readonly problem: EditorRunProblem };

/** A run under way. */
export interface EditorRun {
  readonly runId: string;
  readonly graph: Graph;
  readonly start: string | null;
  readonly dry: boolean;
  /** The state directory in which it is kept. */
  readonly stateDir: string;
  /** Never rejects for what documents, effects or disks do. */
  readonly done: Promise<EditorRunEnd>;
  /** Ends it for good. */
  cancel(): void;
  /** Ends it at the next safe point, so that it can be resumed. */
  stop(): void;
}

/** A run that has begun, or why it did not. */
export type Started =
  { readonly ok: true; readonly run: EditorRun } | { readonly ok: false; readonly problem: EditorRunProblem };

/** Loads a document as the editor shows it, or as it is on disk for a live run, which refuses unsaved changes. */
export async function loadForRun(place: EditorPlace, dry: boolean): Promise<Loaded> {
  const result = await loadBundle(place.file, { ...loading, files: openedFiles(place) });
  if (!result.ok) {
    const texts = new Map<string, string>();
    for (const { file } of result.diagnostics) {
      const [key = file] = openedFiles(place).resolve(file, null);
      const content = await openedFiles(place).read(key);
      if (content.ok) texts.set(file, new TextDecoder().decode(content.bytes));
    }
    const errors = result.diagnostics.filter((one) => one.severity === "error");
    const findings = locate(errors, (file) => texts.get(file) ?? null);
    const [first] = findings;
    return refused(first?.code ?? result.problem, first?.message ?? result.message, { findings });
  }
  const { bundle } = result;
  if (!dry) {
    const files = new Set([...bundle.entries.keys()].map((key) => key.replace(/#[^/\\]*$/, "")));
    const unsaved = [...files].filter((file) => place.opened(file) !== null);
    if (unsaved.length > 0)
      return refused("unsaved", "a run takes what is on disk, and there are unsaved changes", { unsaved });
  }
  const graph = rootGraph(bundle);
  if (wantsSignature(graph)) return refused("signing.unavailable", unverified);
  return { ok: true, loaded: { bundle, graph } };
}

/** Starts a run or a dry run. Resolves as soon as it is under way. */
export async function startEditorRun(request: EditorRunRequest): Promise<Started> {
  const { place } = request;
  const loading = await loadForRun(place, request.dry);
  if (!loading.ok) return loading;
  const { bundle, graph } = loading.loaded;
  const read = await operatorOf(place);
  if (!read.ok) return refused(read.problems[0]?.code ?? "config", read.problems.map((one) => one.message).join("; "));
  const { operator } = read;
  const { settings } = operator;
  const unavailable = unavailableSetting(settings);
  if (unavailable !== null) return refused("not_available", unavailable);
  const input = await givenInput(request.input, graph, place);
  if (!input.ok) return refused("input", input.message);
  const chosen = defaultStart(graph);
  const start = request.start ?? input.start ?? settings.start ?? (chosen.ok ? chosen.start : null);
  if (start === null && !chosen.ok) return refused("start", "this document has several starts; choose one of them");
  // Variables that ask for dry runs hold here as they do on the command line.
  const dryRun = request.dry ? (request.dryReads === false ? "stub" : "reads") : settings.dryRun;
  const cwd = workingDirectory(place);
  const stateDir = operator.stateDir ?? request.storage;
  const mocks = dryRun === "no" ? null : input.mocks;
  const rehearsing = await rehearsalFor({ mocks, fromRun: null, stateDir, cwd, opened: place.opened }, bundle);
  if ("code" in rehearsing) return refused(rehearsing.code, rehearsing.message);
  const transports = await readTransports(settings, place.env, cwd);
  if ("code" in transports) return refused(transports.code, transports.message);
  const part = operatorPart(operator, graph);
  const auditIn = dryRun === "no" ? stateDir : null;
  const found = await approvalsAt(place, operator, part.governance.posture.environment, auditIn);
  if (!found.ok) return refused(found.code, found.message);
  const { keys = null } = request;
  const runId = newRunId();
  const interruption = new AbortController();
  const steps = new StepMaker(bundle, (step) => {
    request.onStep(step, runId);
  });
  const begin = (): Promise<Executed> =>
    execute(bundle, {
      ...{ cwd, env: place.env, transports, ...rehearsing },
      ...part,
      ...{ approvals: found.approvals, onUnaudited: found.onUnaudited },
      ...(keys === null
        ? {}
        : { signer: () => keys.start(operator.principal, (kid) => found.approvals.keys.keys.has(kid)) }),
      receipts: receiptsIn(stateDir, place.env, operator, keys),
      dryRun: dryRun !== "no",
      ...{ runId, stateDir, start, triggerKind: input.kind, input: input.value },
      options: {
        ...{ dryRun, replay: false, assume: request.assume ?? {}, canPause: true },
        timeoutMs: timeoutFor(graph, settings.timeoutSecs),
        maxFanout: fanoutFor(graph, operator.runx.maxFanout),
      },
      control: { signal: interruption.signal },
      onEvent: (event) => {
        steps.add(event);
      },
    });
  const interrupt = (how: Interruption["how"], by: string): void => {
    if (!interruption.signal.aborted) interruption.abort({ how, by, reason: null } satisfies Interruption);
  };
  const run: EditorRun = {
    ...{ runId, graph, start, stateDir, dry: dryRun !== "no" },
    done: begin().then((executed) => ended(executed, steps, stateDir, found.notices)),
    cancel: () => {
      interrupt("cancel", operator.principal);
    },
    stop: () => {
      interrupt("stop", "the window");
    },
  };
  return { ok: true, run };
}

/** What the operator says of every run of this graph. `started`: the posture that a run which goes on began in. */
export function operatorPart(
  operator: Operator,
  graph: Graph,
  started?: StartedPosture,
): Pick<ExecuteSettings, "governance" | "stageDefaults" | "workspace" | "mcpStdio" | "timeoutMs" | "principal"> {
  return {
    governance: operator.governance("run", graph.dialect, started),
    stageDefaults: operator.stages,
    workspace: operator.runx.cwd,
    mcpStdio: operator.settings.mcpStdio,
    timeoutMs: operator.settings.timeoutSecs * 1000,
    principal: operator.principal,
  };
}

/** How it came out, told as the last step as well. `notices`: what is to be said of how it began. */
export async function ended(
  executed: Executed,
  steps: StepMaker,
  stateDir: string,
  notices: readonly string[],
): Promise<EditorRunEnd> {
  if (!executed.ok) return refused(executed.problem.code, executed.problem.message);
  const { end, value } = endOf(executed.run);
  steps.finish({ ...end, value });
  return { ok: true, end, notes: [...notices, ...unsealedNotes(executed.run), ...(await prune(stateDir))] };
}

/** Runs whose receipts could not be made, as sentences. */
export function unsealedNotes({ receipts }: Pick<ExecuteResult, "receipts">): readonly string[] {
  return receipts.flatMap((report) =>
    report.status === "failed" ? [`run ${report.runId} has no receipts: ${report.problem.message}`] : [],
  );
}

/** The outcome in the words of views; its texts are masked. */
function endOf(run: ExecuteResult): ToldEnd {
  const { outcome, result } = run;
  const mask = (text: string): string => run.mask(text);
  const { journalFailure } = result;
  if (journalFailure !== null) return failedEnd(mask(journalFailure.message), outcome.lastNode);
  return result.interrupted ? stoppedEnd(outcome.lastNode) : toldEnd(outcome, result.state.asked, mask);
}

/** Removes runs that are old (spec/editor.md §7); what cannot be removed is told and changes nothing. */
async function prune(stateDir: string): Promise<readonly string[]> {
  const pruned = await pruneRuns(stateDir, { now: systemClock.now() });
  const problems = pruned.ok ? pruned.value.problems : [pruned.problem];
  return problems.map((one) => journalProblemText(one));
}

/** A run that did not begin. */
export function refused(
  code: string,
  message: string,
  more: Partial<Pick<EditorRunProblem, "findings" | "unsaved">> = {},
): { readonly ok: false; readonly problem: EditorRunProblem } {
  return { ok: false, problem: { code, message, findings: [], unsaved: [], ...more } };
}
