/**
 * Kills runs and resumes them, and holds what the outside saw against what is declared.
 */
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import type { Ownership } from "../../src/connect/journal/owner.ts";
import { deleteRun } from "../../src/connect/journal/prune.ts";
import { readRun } from "../../src/connect/journal/reader.ts";
import { activationKey } from "../../src/effects/effect.ts";
import type { JournalEvent, Outcome } from "../../src/effects/events.ts";
import { outcomeOf } from "../../src/engine/outcome.ts";
import { prettyEnvelope, outcomeEnvelope } from "../../src/engine/report.ts";
import { apply, initialState } from "../../src/engine/state.ts";
import { toText } from "../../src/graph/value.ts";
import { loadDocument } from "../../src/runtime/documents.ts";
import { execute, resume, type Executed } from "../../src/runtime/execute.ts";
import { approveAll, denyDoubts } from "./answers.ts";
import type { Order, Report } from "./program.ts";
import type { Recorder } from "./recorder.ts";
import { writeReference, type Reference, type ReferenceName } from "./references.ts";
import { runSettings } from "./settings.ts";

/** Bundles `program.ts` into `folder`, so that each process starts fast. */
export async function buildProgram(
  folder: string,
  source: string = path.join(import.meta.dirname, "program.ts"),
): Promise<string> {
  const outfile = path.join(folder, "program.mjs");
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: "error",
  });
  return outfile;
}

/** How a process ended: its signal, or what it reported. */
export type Ended = { readonly killed: true } | { readonly killed: false; readonly report: Report };

/** Starts the program; `onStart` gets its pid. */
export function runProgram(
  program: string,
  order: Order,
  onStart: (pid: number) => void = () => undefined,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, JSON.stringify(order)], { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (data: Buffer) => (out += data.toString("utf8")));
    child.stderr.on("data", (data: Buffer) => (err += data.toString("utf8")));
    child.once("error", reject);
    child.once("spawn", () => onStart(child.pid as number));
    child.once("close", (code, signal) => {
      if (signal === "SIGKILL") resolve({ killed: true });
      else if (code === 0) resolve({ killed: false, report: JSON.parse(out) as Report });
      else reject(new Error(`the program ended with ${signal ?? code}: ${err}`));
    });
  });
}

/** One run of a reference in a folder of its own. */
export class Case {
  readonly folder: string;
  readonly stateDir: string;
  readonly runId = "reference";
  private readonly name: string;
  private readonly recorder: Recorder;
  private reference: Reference | null = null;

  constructor(root: string, name: string, recorder: Recorder) {
    this.name = name;
    this.folder = path.join(root, name);
    this.stateDir = path.join(this.folder, "state");
    this.recorder = recorder;
  }

  /** Writes the documents. */
  async prepare(reference: ReferenceName): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    this.reference = await writeReference(reference, this.folder, this.recorder.url(this.name));
  }

  /** What the documents declare. */
  get declared(): Reference {
    if (this.reference === null) throw new TypeError("prepare first");
    return this.reference;
  }

  order(killAt: number, mode: Order["mode"] = "run"): Order {
    const { folder: cwd, stateDir, runId } = this;
    return { mode, file: this.declared.file, cwd, stateDir, runId, input: toText(this.declared.input), killAt };
  }

  /** Goes on until the run has ended; a run that had not begun is begun again. */
  async finish(doubts: "approve" | "deny" = "approve", ownership?: Ownership): Promise<Outcome> {
    for (let round = 0; round < 12; round++) {
      const executed = await this.goOn(doubts, ownership);
      if (executed === null) return this.recordedOutcome();
      if (!executed.ok) throw new Error(`${executed.problem.code}: ${executed.problem.message}`);
      const { outcome, result } = executed.run;
      if (result.journalFailure !== null) throw new Error(result.journalFailure.message);
      if (outcome.status !== "paused") return outcome;
    }
    throw new Error("the run pauses again and again");
  }

  /** One execute or resume; null when the run has ended already. */
  private async goOn(doubts: "approve" | "deny", ownership?: Ownership): Promise<Executed | null> {
    const { stateDir, runId, folder: cwd } = this;
    const settings = runSettings({ cwd, runId, stateDir, input: this.declared.input });
    const answers = doubts === "approve" ? approveAll : denyDoubts;
    const resumed = await resume({
      ...settings,
      stateDir,
      takeOver: ownership !== undefined,
      changed: null,
      answers,
      ...(ownership === undefined ? {} : { journalOwnership: ownership }),
    });
    if (resumed.ok) return resumed;
    switch (resumed.problem.code) {
      case "journal.finished":
        return null;
      case "journal.missing":
      case "run.not_begun": {
        if (Object.keys(await this.seen()).length > 0) throw new Error("a run that had not begun did something");
        const deleted = await deleteRun(stateDir, runId, { force: true });
        if (!deleted.ok && deleted.problem.code !== "journal.missing") throw new Error(deleted.problem.message);
        const loaded = await loadDocument(this.declared.file, cwd);
        if (!loaded.ok) throw new Error(loaded.message);
        return execute(loaded.bundle, settings);
      }
      default:
        return resumed;
    }
  }

  /** The run's events so far; empty for a run that was not begun. */
  async events(): Promise<JournalEvent[]> {
    const events: JournalEvent[] = [];
    const read = await readRun(this.stateDir, this.runId, { onEvent: (event) => events.push(event) });
    if (read.ok || read.problem.code === "journal.missing") return events;
    throw new Error(`${read.problem.code}: ${read.problem.message}`);
  }

  private async recordedOutcome(): Promise<Outcome> {
    const state = initialState();
    for (const event of await this.events()) apply(state, event);
    return outcomeOf(state, state.deadlinePassed ? "timed_out" : "done");
  }

  /** How often the outside saw each key. */
  async seen(): Promise<Record<string, number>> {
    const keys = this.recorder.requests(this.name).map((one) => one.key);
    const log = await readFile(path.join(this.folder, "out/log"), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    keys.push(...log.split("\n").filter((line) => line !== ""));
    const counts: Record<string, number> = {};
    for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
    return counts;
  }

  /** Every idempotency key that was sent with one request key. */
  keysOf(key: string): ReadonlySet<string | null> {
    return new Set(
      this.recorder
        .requests(this.name)
        .filter((one) => one.key === key)
        .map((one) => one.idempotencyKey),
    );
  }

  /** The files that the run left, by name, without the log; and the outcome, both without this case's own names. */
  async result(outcome: Outcome): Promise<string> {
    const files = (await readdir(path.join(this.folder, "out"))).filter((name) => name !== "log").sort();
    const contents = await Promise.all(files.map((name) => readFile(path.join(this.folder, "out", name), "utf8")));
    const text = JSON.stringify({
      outcome: prettyEnvelope(outcomeEnvelope(outcome)),
      files: files.map((name, i) => [name, contents[i]]),
    });
    return text.replaceAll(this.folder, "FOLDER").replaceAll(this.recorder.url(this.name), "URL");
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What is wrong with what the outside saw; null when it is as declared. `kills`: how often the run was killed. */
export function undeclared(
  reference: Reference,
  seen: Readonly<Record<string, number>>,
  events: readonly JournalEvent[],
  kills: number,
  completed: boolean,
): string | null {
  const repeats = approvedRepeats(events);
  for (const key of Object.keys(seen)) if (reference.effects[key] === undefined) return `${key} was not declared`;
  for (const [key, { times, safe }] of Object.entries(reference.effects)) {
    const count = seen[key] ?? 0;
    const most = times + (safe ? kills : repeats);
    if (count > most) return `${key} happened ${count} times, at most ${most} are declared`;
    if (completed && count < times) return `${key} happened ${count} times, ${times} are declared`;
  }
  const all = Object.values(reference.effects).reduce((sum, { safe }) => sum + (safe ? kills : 0), repeats);
  const extra = Object.entries(seen).reduce(
    (sum, [key, n]) => sum + Math.max(0, n - (reference.effects[key]?.times ?? 0)),
    0,
  );
  return extra > all ? `${extra} repeats, ${all} are declared` : null;
}

/** Effects in doubt that a person let be repeated. */
function approvedRepeats(events: readonly JournalEvent[]): number {
  const doubts = new Set<string>();
  let count = 0;
  for (const event of events) {
    if (event.type === "approval.requested" && event.subject === "doubt") doubts.add(event.id);
    if (event.type === "approval.answered" && event.approved && doubts.has(event.id)) count++;
  }
  return count;
}

/** What is wrong with a whole journal: an effect started again although its end was known; null when nothing is. */
export function startedAgain(events: readonly JournalEvent[]): string | null {
  const known = new Set<string>();
  for (const event of events) {
    if (event.type !== "effect.started" && event.type !== "effect.ended") continue;
    const key = `${activationKey(event.act)} ${event.index}`;
    if (event.type === "effect.ended" && !event.doubt) known.add(key);
    if (event.type === "effect.started" && known.has(key)) return `${key} was started again after its end`;
  }
  return null;
}

/** What a run asked about that nobody knows the end of. */
export function doubtsIn(events: readonly JournalEvent[]): number {
  return events.filter((event) => event.type === "approval.requested" && event.subject === "doubt").length;
}

/** At most `most` of the numbers 1 to `count`, spread evenly, first and last among them. */
export function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i + 1);
  return Array.from({ length: most }, (_, i) => 1 + Math.round((i * (count - 1)) / (most - 1)));
}

/** Works through a list with so many at once. */
export async function eachOf<T>(list: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < list.length; i = next++) await work(list[i] as T);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
