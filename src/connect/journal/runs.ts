/**
 * The runs of a state directory (spec/editor.md §7) and how each one stands.
 *
 * A run's state is a light fold: its first event, and its last ones read from the end until they say how the run
 * stands. Lines are not checked against the chain here; reading or resuming a run does that.
 */
import type { Activation } from "../../effects/effect.ts";
import type { ApprovalRequest, JournalEvent } from "../../effects/events.ts";
import { decodeLine } from "./codec.ts";
import { nodeFiles, type JournalFiles, type ReadFile } from "./file.ts";
import { isRunId, runFolder, runsFolder } from "./layout.ts";
import { processOwnership, type Owner, type Ownership } from "./owner.ts";
import { ioProblem, refused, systemCode, type Checked, type JournalProblem } from "./problem.ts";
import { forEachLine, missing } from "./reader.ts";
import { findSegments, type Segment } from "./segment.ts";
import { decodedBackward, isReleased } from "./tail.ts";

/**
 * - `running`: a living process writes it;
 * - `paused`: it waits for answers;
 * - `interrupted`: it was cut and can be resumed;
 * - `unknown`: its owner cannot be judged from here;
 * - `unreadable`: see `problem`.
 */
export type RunStatus =
  "running" | "paused" | "interrupted" | "completed" | "failed" | "timed_out" | "unknown" | "unreadable";

/** A request that a paused run waits for. All but the id is null when the request itself was not found. */
export interface OpenRequest {
  readonly id: string;
  readonly subject: ApprovalRequest["subject"] | null;
  readonly reason: string | null;
  readonly act: Activation | null;
}

/** One run as a list shows it. Times are milliseconds since 1970, null when nothing tells. */
export interface RunSummary {
  readonly id: string;
  readonly status: RunStatus;
  readonly workflow: string | null;
  readonly dialect: string | null;
  /** The document it was started from. */
  readonly root: string | null;
  readonly dryRun: boolean;
  /** The start and the environment that it began in. */
  readonly start: string | null;
  readonly environment: string | null;
  readonly principal: string | null;
  readonly startedAt: number | null;
  readonly updatedAt: number | null;
  /** Why a run that has ended came out as it did; null when there is nothing to say. */
  readonly reason: string | null;
  /** Somebody ended it: its status is `failed`. */
  readonly cancelled: boolean;
  /** Open requests of a paused run, in their order. */
  readonly requests: readonly OpenRequest[];
  readonly epoch: number;
  readonly owner: Owner | null;
  /** A living process on this machine has the journal open. */
  readonly held: boolean;
  readonly problem: JournalProblem | null;
}

/** What looking at runs takes. */
export interface RunsOptions {
  readonly files?: JournalFiles;
  readonly ownership?: Ownership;
}

/** All runs, newest start first; runs without a start last, by id. No state directory: no runs. */
export async function listRuns(stateDir: string, options: RunsOptions = {}): Promise<Checked<readonly RunSummary[]>> {
  const files = options.files ?? nodeFiles;
  let names: readonly string[];
  try {
    names = await files.names(runsFolder(stateDir));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { ok: true, value: [] };
    return refused(ioProblem(error, "list the runs", runsFolder(stateDir)));
  }
  const runs: RunSummary[] = [];
  for (const name of names.filter(isRunId)) {
    const found = await findRun(stateDir, name, options);
    if (found.ok) runs.push(found.value);
    else if (found.problem.code !== "journal.missing") return found;
  }
  return { ok: true, value: runs.sort(newestFirst) };
}

function newestFirst(a: RunSummary, b: RunSummary): number {
  return (b.startedAt ?? -1) - (a.startedAt ?? -1) || (a.id < b.id ? -1 : 1);
}

/** One run. A folder that cannot be read as a run is a summary with status `unreadable`. */
export async function findRun(
  stateDir: string,
  runId: string,
  options: RunsOptions = {},
): Promise<Checked<RunSummary>> {
  const folder = runFolder(stateDir, runId);
  if (!folder.ok) return folder;
  const files = options.files ?? nodeFiles;
  try {
    if (!(await files.exists(folder.value))) return refused(missing(stateDir, runId));
    const found = await findSegments(files, folder.value, runId);
    if (!found.ok) return { ok: true, value: unreadable(runId, found.problem) };
    return {
      ok: true,
      value: await summarize(files, options.ownership ?? processOwnership, runId, found.value.segments),
    };
  } catch (error) {
    if (systemCode(error) === "ENOENT" && !(await files.exists(folder.value))) return refused(missing(stateDir, runId));
    return { ok: true, value: unreadable(runId, ioProblem(error, "read the run", folder.value)) };
  }
}

function unreadable(id: string, problem: JournalProblem): RunSummary {
  const nothing = { workflow: null, dialect: null, root: null, start: null, environment: null, principal: null };
  return {
    id,
    status: "unreadable",
    ...nothing,
    startedAt: null,
    updatedAt: null,
    dryRun: false,
    reason: null,
    cancelled: false,
    requests: [],
    epoch: 0,
    owner: null,
    held: false,
    problem,
  };
}

async function summarize(
  files: JournalFiles,
  ownership: Ownership,
  id: string,
  segments: readonly Segment[],
): Promise<RunSummary> {
  const last = segments[segments.length - 1] as Segment;
  const { owner } = last.header;
  const started = await firstStart(files, segments[0] as Segment);
  const standing = await howItStands(files, segments);
  const work = await whoWorks(files, ownership, last);
  return {
    id,
    status: standing.status ?? work,
    workflow: started?.workflow ?? null,
    dialect: started?.dialect ?? null,
    root: started?.root ?? null,
    dryRun: started !== null && started.options.dryRun !== "no",
    start: started?.start ?? null,
    environment: started?.environment ?? null,
    principal: started?.principal ?? null,
    startedAt: started?.at ?? null,
    updatedAt: standing.updatedAt,
    reason: standing.reason,
    cancelled: standing.cancelled,
    requests: standing.requests,
    epoch: last.epoch,
    owner,
    held: work === "running",
    problem: null,
  };
}

type Started = Extract<JournalEvent, { type: "run.started" }>;

/** `run.started`, which stands in a run's first segment right behind what a fork wrote; null when it is not there. */
async function firstStart(files: JournalFiles, segment: Segment): Promise<Started | null> {
  const file: ReadFile = await files.openRead(segment.path);
  let started: Started | null = null;
  try {
    await forEachLine(file, 0, segment.end ?? (await file.size()), (bytes) => {
      const line = decodeLine(bytes.toString("utf8"));
      if (line.type === "header") return true;
      if (line.type !== "event") return false;
      if (line.event.type === "run.started") started = line.event;
      return line.event.type === "run.forked";
    });
  } finally {
    await file.close();
  }
  return started;
}

/** The status of a run that has neither ended nor paused: does anybody work on it? */
async function whoWorks(
  files: JournalFiles,
  ownership: Ownership,
  last: Segment,
): Promise<"running" | "interrupted" | "unknown"> {
  if (await isReleased(files, last.path)) return "interrupted";
  const states = { live: "running", dead: "interrupted", elsewhere: "unknown" } as const;
  return states[await ownership.judge(last.header.owner)];
}

interface Standing {
  /** null: the run is open. */
  readonly status: "paused" | "completed" | "failed" | "timed_out" | null;
  readonly updatedAt: number | null;
  readonly reason: string | null;
  readonly cancelled: boolean;
  readonly requests: readonly OpenRequest[];
}

/** So many events before its end a cancelled run is looked through for who cancelled it. */
const MAX_BEHIND = 200;

/** Events that leave a run where it was. */
const neutral = new Set<JournalEvent["type"]>(["segment.opened", "approval.answered", "cursor.moved", "value.edited"]);

/** Reads from the end until an event tells; for a paused run, until its open requests are found. */
async function howItStands(files: JournalFiles, segments: readonly Segment[]): Promise<Standing> {
  let updatedAt: number | null = null;
  let waiting: Map<string, OpenRequest> | null = null;
  const answered = new Set<string>();
  const asked = new Set<string>();
  let over: Ended | null = null;
  let behind = 0;
  for await (const event of eventsBackward(files, segments)) {
    updatedAt ??= event.at;
    if (over !== null) {
      // Between the two stands what was under way and ended with it.
      if (event.type === "run.cancelled" || ++behind > MAX_BEHIND)
        return { ...endedAs(over, updatedAt), cancelled: event.type === "run.cancelled" };
    } else if (waiting !== null) {
      if (event.type === "approval.requested" && waiting.has(event.id) && !asked.has(event.id)) {
        asked.add(event.id);
        waiting.set(event.id, { id: event.id, subject: event.subject, reason: event.reason, act: event.act });
      }
      if (asked.size === waiting.size) break;
    } else if (event.type === "approval.answered") {
      answered.add(event.id);
    } else if (event.type === "run.ended" && event.outcome !== "paused") {
      if (event.reason?.startsWith("cancelled by ") !== true) return endedAs(event, updatedAt);
      over = event;
    } else if (event.type === "run.paused") {
      const open = event.requests.filter((id) => !answered.has(id));
      waiting = new Map(open.map((id) => [id, { id, subject: null, reason: null, act: null }]));
      if (open.length === 0) break;
    } else if (!neutral.has(event.type) && event.type !== "run.ended") {
      return open(updatedAt);
    }
  }
  if (over !== null) return endedAs(over, updatedAt);
  return waiting === null ? open(updatedAt) : { ...open(updatedAt), status: "paused", requests: [...waiting.values()] };
}

type Ended = Extract<JournalEvent, { type: "run.ended" }>;

function endedAs({ outcome, reason }: Ended, updatedAt: number | null): Standing {
  return { ...open(updatedAt), status: outcome, reason };
}

function open(updatedAt: number | null): Standing {
  return { status: null, updatedAt, requests: [], reason: null, cancelled: false };
}

async function* eventsBackward(files: JournalFiles, segments: readonly Segment[]): AsyncGenerator<JournalEvent> {
  for (const { path, end } of [...segments].reverse()) {
    for await (const line of decodedBackward(files, path, end)) if (line.type === "event") yield line.event;
  }
}
