/**
 * Replay (spec/pipeline.md §7, seed page: replay begins in dry-run mode): a recorded run is walked again with the
 * recorded results and answers, and what comes out is held against the record. Nothing is performed, resolved or
 * started, so also a stranger's bundle can be replayed.
 *
 * Governance is asked anew about every effect, as recorded, under today's rules and the replay policy (rows 5 and 6 of
 * spec/pipeline.md §4).
 */
import { randomBytes } from "node:crypto";
import { MemoryJournal } from "../../connect/journal/memory.ts";
import type { Bundle } from "../../dialects/bundle.ts";
import { activationKey, effectClasses } from "../../effects/effect.ts";
import { JOURNAL_VERSION, type JournalEvent, type PinnedDocument, type RunEvent } from "../../effects/events.ts";
import type { Decider, Decision, DecisionRequest } from "../../effects/decision.ts";
import { resumeRun, startRun, type Control, type RunInput, type RunResult } from "../../engine/runner.ts";
import type { GovernanceSettings } from "../../governance/decider.ts";
import { valueBytes } from "../../graph/bytes.ts";
import type { Value } from "../../graph/value.ts";
import { loadPinned, sha256 } from "../documents.ts";
import type { Operator } from "../operator.ts";
import { openWorld, type WorldSettings } from "../world.ts";
import type { Beginning } from "./bundle-run.ts";
import { refuse, type OpsResult } from "./problem.ts";
import { RecordedRun, replayClock } from "./recorded.ts";
import { compareWalks, WalkFold, type Difference } from "./replay-compare.ts";
import { readEvents, readPinned, type RunSource } from "./run-source.ts";

/** What a run recorded, ready to be replayed. */
export interface Recording {
  readonly source: RunSource;
  readonly started: Extract<JournalEvent, { type: "run.started" }>;
  readonly bundle: Bundle;
  readonly recorded: RecordedRun;
  readonly walk: WalkFold;
  /** Journal findings that did not stop the reader. */
  readonly findings: readonly string[];
}

/** Reads a run for replay. Every line of its journal and every document is checked against its digest. */
export async function readRecording(source: RunSource, cwd: string): Promise<OpsResult<Recording>> {
  const seen: Beginning = { started: null, resumed: null };
  const walk = new WalkFold();
  const recorded = new RecordedRun(sha256, cwd);
  const read = await readEvents(source, (event) => {
    if (event.type === "run.started") seen.started = event;
    if (event.type === "run.resumed") seen.resumed = event;
    walk.add(event);
    recorded.add(event);
  });
  if (!read.ok) return read;
  const { started, resumed } = seen;
  if (started === null) return refuse("bundle.no_run", `run "${source.runId}" has no first event`, 2);
  if (started.options.stream !== undefined)
    return refuse(
      "replay.stream",
      "a long-running run keeps its records by digest only; there is nothing to replay",
      2,
    );
  const pinned = await readPinned(source, resumed?.documents ?? started.documents);
  if (!pinned.ok) return pinned;
  const bundle = await loadPinned(started.root, pinned.value, started.cwd ?? cwd);
  if (!bundle.ok) return refuse("replay.document", `the documents of the run cannot be used: ${bundle.message}`);
  const findings = read.value.findings.map(({ code }) => code);
  return { ok: true, value: { source, started, bundle: bundle.bundle, recorded, walk, findings } };
}

/** What a replay is made with. */
export interface ReplaySettings {
  readonly operator: Pick<Operator, "governance" | "stages">;
  readonly cwd: string;
  readonly control?: Control;
  /** Hears the replay's events. Must not throw. */
  readonly onEvent?: (event: JournalEvent) => void;
}

/** One effect as the replay audit has it. */
export interface ReplayAction {
  readonly action: string;
  readonly role: string;
  readonly stage: string;
  readonly target: string;
  readonly decision: string;
}

/** How a replay came out. */
export interface Replayed {
  readonly outcome: string;
  readonly actions: readonly ReplayAction[];
  readonly actionsLeftOut: number;
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
  /** Effects that the replay asked for and the record does not hold, and those recognised by their place only. */
  readonly unrecorded: number;
  readonly byPlace: number;
  /** Somebody stopped the replay. */
  readonly interrupted: boolean;
}

/** The rules under which a recorded run is replayed: those of its environment, as they are today. */
export function replayGovernance(recording: Recording, operator: Pick<Operator, "governance">): GovernanceSettings {
  const { started } = recording;
  const graph = recording.bundle.entries.get(recording.bundle.root)?.graph;
  return operator.governance("replay", graph?.dialect ?? "workflow", started);
}

/** Walks the recording again, performing nothing. */
export async function replayDry(recording: Recording, settings: ReplaySettings): Promise<OpsResult<Replayed>> {
  const { started, bundle, recorded } = recording;
  const opened = await openWorld(bundle, worldOf(recording, settings), randomBytes(32));
  if (!opened.ok) return { ok: false, problem: opened.problem };
  const { world } = opened;
  const walk = new WalkFold();
  try {
    const journal = new MemoryJournal({
      retain: false,
      listener: (event) => {
        walk.add(event);
        settings.onEvent?.(event);
      },
    });
    const asked = new AskedDecisions();
    const input = seamOf(world.runInput(bundle, journal, settings.control), recorded, asked);
    const documents = [...bundle.entries.values()].map(({ key, digest, role }): PinnedDocument => ({
      key,
      digest,
      role,
    }));
    const place = { documents, graphDigest: bundle.digest, deadline: Number.POSITIVE_INFINITY };
    let result = await startRun(input, {
      ...withoutPlace(started),
      ...place,
      version: JOURNAL_VERSION,
      runId: `replay-${started.runId}`.slice(0, 128),
      policyDigest: world.policyDigest,
      environment: input.seam.decider.environment,
      options: { ...started.options, replay: true, canPause: true },
    });
    // People are not asked again: what they answered is in the record.
    for (let answers = answersOf(result, recorded); answers.length > 0; answers = answersOf(result, recorded)) {
      const resumed = { type: "run.resumed", principal: started.principal, changed: false, ...place } as const;
      result = await resumeRun(input, result.state, [resumed, ...answers]);
    }
    const { differences, total } = compareWalks(recording.walk, walk, asked.live);
    const { actions, leftOut } = asked;
    return {
      ok: true,
      value: {
        outcome: result.outcome.status,
        actions,
        actionsLeftOut: leftOut,
        differences,
        differenceCount: total,
        unrecorded: recorded.unrecorded.length,
        byPlace: recorded.byPlace.length,
        interrupted: result.interrupted,
      },
    };
  } finally {
    await world.close();
  }
}

/** The recorded answers to what the replay waits for. */
function answersOf(result: RunResult, recorded: RecordedRun): RunEvent[] {
  if (result.outcome.status !== "paused") return [];
  return [...result.state.asked.keys()].flatMap((id) => {
    const answer = recorded.answer(id);
    return answer === null ? [] : [{ type: "approval.answered" as const, id, ...answer }];
  });
}

/** Nobody's servers, models or secrets are needed where nothing is performed. */
function worldOf(recording: Recording, settings: ReplaySettings): WorldSettings {
  const { started, bundle, recorded } = recording;
  const graphs = [...bundle.entries.values()].flatMap(({ graph }) => (graph === null ? [] : [graph]));
  const cwd = started.cwd ?? settings.cwd;
  return {
    cwd,
    env: {},
    governance: replayGovernance(recording, settings.operator),
    stageDefaults: settings.operator.stages,
    workspace: started.workspace ?? cwd,
    transports: { intelUnix: null, intelHttp: null, bearer: null },
    mcpStdio: null,
    timeoutMs: null,
    rehearsal: recorded.rehearsal,
    wrapPerformer: () => recorded.performer,
    dryRun: true,
    mockBackends: [...graphs.flatMap(({ backends }) => backends.map(({ name }) => name)), "default"],
    mockServers: graphs.flatMap(({ mcpServers }) => mcpServers.map(({ name }) => name)),
  };
}

/**
 * The world with the record in its place. Every effect is decided as in a dry run of a replay, and what is not denied is
 * answered from the record, whatever the policies would let happen.
 */
function seamOf(input: RunInput, recorded: RecordedRun, asked: AskedDecisions): RunInput {
  const { decider } = input.seam;
  const asking: Decider = {
    environment: decider.environment,
    policyDigest: decider.policyDigest,
    decide: async (request) => {
      const dry = await decider.decide({ ...request, dryRun: true, replay: true });
      const live = await decider.decide({ ...request, dryRun: false, replay: false });
      asked.note(request, dry, live);
      return dry.decision === "Deny" ? dry : { ...dry, decision: "DryRunOnly" };
    },
  };
  const { performer, rehearsal } = recorded;
  return {
    ...input,
    seam: { ...input.seam, decider: asking, performer, rehearsal, clock: replayClock, resources: null },
  };
}

/** A recorded first event as the beginning of another run. */
function withoutPlace(started: Recording["started"]): Omit<Recording["started"], "seq" | "at" | "type" | "requester"> {
  const { seq: _seq, at: _at, type: _type, requester: _requester, ...rest } = started;
  return rest;
}

/** Actions that an audit lists; those beyond are counted. */
const MAX_ACTIONS = 10_000;

/** Collects what governance says of a replay's effects. */
class AskedDecisions {
  readonly actions: ReplayAction[] = [];
  leftOut = 0;
  /** What each effect would get for real, by activation in the order of its effects. */
  readonly live = new Map<string, string[]>();

  note({ prepared, activation }: DecisionRequest, dry: Decision, live: Decision): void {
    const act = activationKey(activation);
    const list = this.live.get(act) ?? [];
    list.push(`${live.decision} (${live.code})`);
    this.live.set(act, list);
    if (this.actions.length >= MAX_ACTIONS) {
      this.leftOut++;
      return;
    }
    this.actions.push({
      action: prepared.effect.kind,
      role: effectClasses[prepared.effect.kind],
      stage: act,
      target: prepared.target,
      decision: dry.decision,
    });
  }
}

/** The input of a recording, by digest: the very bytes of a pipeline's record, else the value's text. */
export function inputFacts(input: Value): { readonly sha256: string; readonly bytes: number } {
  const bytes = valueBytes(input);
  return { sha256: sha256(bytes).slice("sha256:".length), bytes: bytes.length };
}
