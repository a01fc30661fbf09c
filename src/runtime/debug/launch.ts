/**
 * Debugging sessions over the real engine: documents as the editor shows them, mocks, and a run in memory (dry) or in
 * its state directory (live) (spec/editor.md §5, §7).
 *
 * Invariants: a session runs a snapshot; a dry session performs allowed reads and nothing else; a fork goes on from the
 * very events of the run before it, unmasked in memory and nowhere else.
 */
import path from "node:path";
import { unmasked } from "../../connect/journal/masking.ts";
import { MemoryJournal } from "../../connect/journal/memory.ts";
import type { DebugHost, Launched, LaunchProblem, LaunchRequest } from "../../debug/host.ts";
import type { RunBegin, SessionEnd } from "../../debug/session-types.ts";
import type { JournalEvent, Outcome, RunEvent } from "../../effects/events.ts";
import type { Graph } from "../../graph/model.ts";
import { resumeRun, startRun } from "../../engine/runner.ts";
import { apply, initialState } from "../../engine/state.ts";
import { systemClock } from "../clock.ts";
import { loadForRun, operatorPart, unsealedNotes } from "../editor-run/run.ts";
import { givenInput, type InputAnswer } from "../editor-run/input.ts";
import { operatorOf, workingDirectory, type EditorPlace } from "../editor-run/place.ts";
import { approvalsAt, receiptsIn, type EditorKeys } from "../editor-run/signing.ts";
import {
  execute,
  keyFor,
  newRunId,
  openRunWorld,
  startedEvent,
  type ExecuteSettings,
  type RunWorld,
} from "../execute.ts";
import { assumptionProblem, type Bundle } from "../graphs.ts";
import { readTransports, type Operator } from "../operator.ts";
import { receiptPlace, receiptSettings } from "../receipts.ts";
import { rehearsalFor } from "../rehearsal.ts";
import type { ReceiptSettings } from "../seal.ts";
import { defaultStart, fanoutFor, timeoutFor, unavailableSetting } from "../starting.ts";
import { RunPlaces } from "./places.ts";

/** What an editor or a command line knows beside the launch request. */
export interface DebugPlace extends Omit<EditorPlace, "file"> {
  /** Where live runs are kept when no configuration says it; absolute. null: then they are not kept, and cannot pause. */
  readonly storage: string | null;
  /** The keys of whoever debugs, which sign live starts in staging and prod, and receipts; absent: no such start is. */
  readonly keys?: EditorKeys;
  /** Why nothing may be run here, e.g. because the workspace is not trusted; null: it may. */
  readonly refusal: () => string | null;
  /** The text of a file as an editor shows it at this moment; null when none does. Lines of breakpoints are its lines. */
  readonly present?: (file: string) => string | null;
}

/** The host of debug adapters. */
export function debugHost(place: DebugPlace): DebugHost {
  return { launch: (request) => launch(place, request) };
}

type Launching = { readonly ok: true; readonly launched: Launched } | LaunchProblem;

async function launch(from: DebugPlace, request: LaunchRequest): Promise<Launching> {
  const refusal = from.refusal();
  if (refusal !== null) return refused("untrusted", refusal);
  const file = path.resolve(from.workspaceFolder ?? ".", request.program);
  const place: EditorPlace = { ...from, file };
  const loaded = await loadForRun(place, !request.live);
  if (!loaded.ok) return refused(loaded.problem.code, loaded.problem.message);
  const { bundle, graph } = loaded.loaded;
  const read = await operatorOf(place);
  if (!read.ok) return refused(read.problems[0]?.code ?? "config", read.problems.map((one) => one.message).join("; "));
  const { operator } = read;
  const { settings } = operator;
  const unavailable = unavailableSetting(settings);
  if (unavailable !== null) return refused("not_available", unavailable);
  // Variables that ask for dry runs hold here as they do everywhere.
  const dry = !request.live || settings.dryRun !== "no";
  const assumed = assumeRefusal(bundle, request.assume, dry);
  if (assumed !== null) return refused("assume", assumed);
  const cwd = workingDirectory(place);
  const input = await givenInput(answerOf(request, cwd), graph, place);
  if (!input.ok) return refused("input", input.message);
  const chosen = defaultStart(graph);
  const start = request.start ?? input.start ?? settings.start ?? (chosen.ok ? chosen.start : null);
  if (start === null && !chosen.ok) return refused("start", chosen.message);
  const stateDir = operator.stateDir ?? from.storage;
  const mocks = dry ? input.mocks : null;
  const rehearsing = await rehearsalFor(
    { mocks, answers: true, fromRun: null, stateDir, cwd, opened: place.opened },
    bundle,
  );
  if ("code" in rehearsing) return refused(rehearsing.code, rehearsing.message);
  const transports = await readTransports(settings, place.env, cwd);
  if ("code" in transports) return refused(transports.code, transports.message);
  const part = operatorPart(operator, graph);
  const found = await approvalsAt(place, operator, part.governance.posture.environment, dry ? null : stateDir);
  if (!found.ok) return refused(found.code, found.message);
  const { approvals, notices, onUnaudited } = found;
  const { keys = null } = from;
  const made: Omit<ExecuteSettings, "control" | "onEvent"> = {
    ...{ cwd, env: place.env, transports, ...rehearsing },
    ...part,
    ...{ approvals, onUnaudited },
    ...(keys === null ? {} : { signer: () => keys.start(operator.principal, (kid) => approvals.keys.keys.has(kid)) }),
    receipts: dry
      ? null
      : stateDir === null
        ? receiptsUnkept(place, operator, graph)
        : receiptsIn(stateDir, place.env, operator, keys),
    dryRun: dry,
    ...{ runId: newRunId(), stateDir: dry ? null : stateDir, start, triggerKind: input.kind, input: input.value },
    options: {
      ...{
        dryRun: dry ? ("reads" as const) : ("no" as const),
        replay: false,
        assume: dry ? { ...input.assume, ...request.assume } : {},
        canPause: dry || stateDir !== null,
      },
      timeoutMs: timeoutFor(graph, settings.timeoutSecs),
      maxFanout: fanoutFor(graph, operator.runx.maxFanout),
    },
  };
  const places = new RunPlaces(bundle, from.present);
  const runs = dry ? new DryRuns(bundle, made) : null;
  return {
    ok: true,
    launched: {
      ...{ bundle, dry, principal: operator.principal },
      begin: (begin) => (runs === null ? live(bundle, made, begin, notices) : runs.begin(begin)),
      moved: (to) => runs?.moved(to),
      where: (one) => places.where(one),
      breakable: (name, line) => places.breakable(name, line),
      breakables: (name, first, last) => places.breakables(name, first, last),
      close: async () => runs?.close(),
    },
  };
}

/** Relative paths of a launch configuration begin where those of the run do. */
function answerOf({ input, inputFile, fixture }: LaunchRequest, cwd: string): InputAnswer {
  if (fixture !== null) return { type: "fixture", file: path.resolve(cwd, fixture) };
  if (inputFile !== null) return { type: "file", file: path.resolve(cwd, inputFile) };
  if (input === null) return { type: "none" };
  return { type: "text", text: typeof input === "string" ? input : JSON.stringify(input) };
}

/** Receipts of a live run that is not kept: where a variable says, and for skill graphs in their project. */
function receiptsUnkept(place: EditorPlace, operator: Operator, { dialect }: Graph): ReceiptSettings | null {
  const found = receiptPlace(null, place.env, operator, dialect, workingDirectory(place));
  return found === null ? null : receiptSettings(found, place.env, operator.principal);
}

/** Why branches cannot be assumed as the configuration says; null when they can. */
function assumeRefusal(bundle: Bundle, assume: LaunchRequest["assume"], dry: boolean): string | null {
  const [first] = Object.entries(assume);
  if (first !== undefined && !dry) return "`assume` chooses branches of a dry run, and this is none";
  for (const [node, label] of Object.entries(assume)) {
    const why = assumptionProblem(bundle, node, label);
    if (why !== null) return `\`assume\`, ${node}: ${why}`;
  }
  return null;
}

function refused(code: string, message: string): LaunchProblem {
  return { ok: false, code, message };
}

/** A live run is the same as any other, held at the same seam. `notices`: what is to be said of how it began. */
async function live(
  bundle: Bundle,
  settings: Omit<ExecuteSettings, "control" | "onEvent">,
  { control, clock, onEvent }: RunBegin,
  notices: readonly string[],
): Promise<SessionEnd> {
  const executed = await execute(bundle, { ...settings, control, onEvent, clock });
  if (!executed.ok) return { ok: false, code: executed.problem.code, message: executed.problem.message };
  const { outcome, result } = executed.run;
  const mask = (text: string): string => executed.run.mask(text);
  const notes = [...notices, ...unsealedNotes(executed.run)];
  return { ok: true, outcome: masked(outcome, mask), interrupted: result.interrupted, notes };
}

/** An outcome as it may be shown: a secret may stand in the reason of a failure. */
function masked(outcome: Outcome, mask: (text: string) => string): Outcome {
  if (outcome.status === "failed") return { ...outcome, reason: mask(outcome.reason) };
  if (outcome.status !== "paused" || outcome.reason === null) return outcome;
  return { ...outcome, reason: mask(outcome.reason) };
}

/** A dry run and its forks: one world, journals in memory. */
class DryRuns {
  private readonly bundle: Bundle;
  private readonly settings: Omit<ExecuteSettings, "control" | "onEvent">;
  private world: RunWorld | null = null;
  private last: MemoryJournal | null = null;

  constructor(bundle: Bundle, settings: Omit<ExecuteSettings, "control" | "onEvent">) {
    this.bundle = bundle;
    this.settings = settings;
  }

  async begin({ control, clock, onEvent, prefix }: RunBegin): Promise<SessionEnd> {
    const { bundle, settings } = this;
    if (this.world === null) {
      const key = await keyFor(settings);
      if (!key.ok) return { ok: false, code: key.problem.code, message: key.problem.message };
      const opened = await openRunWorld(bundle, settings, key.value);
      if (!opened.ok) return { ok: false, code: opened.problem.code, message: opened.problem.message };
      this.world = opened.world;
    }
    const { world } = this;
    const earlier = prefix === null ? [] : (this.last?.events.filter((event) => event.seq <= prefix.seq) ?? []);
    const journal = new MemoryJournal({ masking: world.mask.journal, listener: onEvent, earlier });
    this.last = journal;
    const made = world.runInput(bundle, journal, control);
    const input = { ...made, seam: { ...made.seam, clock: clock(systemClock) } };
    const result =
      prefix === null
        ? await startRun(input, startedEvent(bundle, settings, world))
        : await resumeRun(input, stateAfter(earlier), [
            forkOf(settings.runId, prefix.seq),
            ...prefix.then.map((event) => withSecrets(event, world)),
          ]);
    const outcome = masked(result.outcome, (text) => world.mask.mask(text));
    return { ok: true, outcome, interrupted: result.interrupted };
  }

  /** The cursor stands elsewhere. The run's clock stands still meanwhile. */
  moved(to: number): void {
    const { last } = this;
    last?.append({ type: "cursor.moved", to }, last.events.at(-1)?.at ?? 0);
  }

  async close(): Promise<void> {
    await this.world?.close();
    this.world = null;
  }
}

/** What a person has set goes back into the run with the secrets beside it, which they see as markers only. */
function withSecrets(event: RunEvent, { mask }: Pick<RunWorld, "mask">): RunEvent {
  const plain = unmasked(event, mask.journal);
  return plain.ok ? plain.event : event;
}

/** The first event of a fork (spec/runtime.md §6). A journal in memory is not hashed, so it has no head to cite. */
function forkOf(parent: string, fromSeq: number): RunEvent {
  return { type: "run.forked", parent, fromSeq, head: "" };
}

function stateAfter(events: readonly JournalEvent[]): ReturnType<typeof initialState> {
  const state = initialState();
  for (const event of events) apply(state, event);
  return state;
}
