/**
 * "Save this run as a test" (spec/editor.md §6): a kept run becomes a fixture that passes.
 *
 * The fixture is tried before it is written, with the very documents of the run and nothing but its own answers; what
 * does not come out the same a second time is not expected, and that is said. A run that cannot be told again is refused
 * with the reason. No secret's value is written: see `src/fixtures/saved.ts`, and the last look below.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { splitSealed } from "../connect/secrets/markers.ts";
import type { Bundle } from "../dialects/bundle.ts";
import type { Control } from "../engine/runner.ts";
import { FIXTURE_NAME } from "../fixtures/discover.ts";
import { Recording, type RecordedEnd } from "../fixtures/recording.ts";
import type { FixtureFailure } from "../fixtures/result.ts";
import { saveRun, type SavedDraft, type SaveOptions } from "../fixtures/saved.ts";
import { loadPinned, sha256 } from "./documents.ts";
import { runFixture, type FixtureRunSettings } from "./fixture-run.ts";
import { declaredSecrets, findLeak } from "./ops/leak-check.ts";
import { refuse, type OpsResult } from "./ops/problem.ts";
import { readEvents, readPinned, runOnDisk } from "./ops/run-source.ts";

/** What is to be saved, and where. */
export interface SaveTestRequest extends Pick<FixtureRunSettings, "cwd" | "env" | "place"> {
  /** The run's folder; absolute. */
  readonly run: string;
  /** The folder of the fixture, made where it is missing; null: `fixtures/NAME` beside the document. Absolute. */
  readonly folder: string | null;
  readonly control?: Control;
}

/** A fixture that was written. */
export interface SavedTest {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  /** What it leaves out, and what else one should know. Sentences. */
  readonly notes: readonly string[];
}

/** Longest text of a fixture; in bytes. */
const MAX_BYTES = 4 * 1024 * 1024;
/** How often what does not come out the same is taken out, and the rest tried again. */
const MAX_ROUNDS = 4;

/** Makes the fixture, tries it, and writes it. Nothing that is there is written over. */
export async function saveRunAsTest(request: SaveTestRequest): Promise<OpsResult<SavedTest>> {
  const read = await readRecorded(request);
  if (!read.ok) return read;
  const { recording, end, bundle } = read.value;
  const root = (recording.started?.root ?? "").replace(/#[^/\\]*$/, "");
  const runId = recording.started?.runId ?? "";
  const folder = request.folder ?? path.join(path.dirname(root), "fixtures", runId);
  const file = path.join(folder, FIXTURE_NAME);
  const relative = path
    .relative(folder, recording.started?.root ?? "")
    .split(path.sep)
    .join("/");
  const made = await firstThatHolds(request, { recording, end, bundle, file, document: relative });
  if (!made.ok) return made;
  const { text, leftOut, variables } = made.value;
  if (Buffer.byteLength(text) > MAX_BYTES)
    return refuse("test.large", `a test of run ${runId} would be larger than ${MAX_BYTES / 1024 / 1024} MiB`, 2);
  const graphs = [...bundle.entries.values()].flatMap(({ graph }) => (graph === null ? [] : [graph]));
  const leak = findLeak(new Map([[FIXTURE_NAME, Buffer.from(text)]]), request.env, declaredSecrets(graphs));
  if (leak !== null)
    return refuse("test.secret", `the value of \`${leak.variable}\` would stand in the test; nothing was written`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, text, { flag: "wx" });
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code ?? String(problem);
    const why = code === "EEXIST" ? "is there already; name another folder" : `cannot be written (${code})`;
    return refuse("test.write", `${file} ${why}`, 2);
  }
  const changed = (await digestOf(root)) === recording.digest ? [] : ["The document has changed since this run."];
  const needs = variables.map((name) => `It needs the variable ${name} when it is run.`);
  return { ok: true, value: { file, text, notes: [...leftOut, ...needs, ...changed] } };
}

interface Recorded {
  readonly recording: Recording;
  readonly end: RecordedEnd;
  readonly bundle: Bundle;
}

async function readRecorded({ run, cwd }: SaveTestRequest): Promise<OpsResult<Recorded>> {
  const source = runOnDisk(run);
  if (!source.ok) return source;
  const recording = new Recording();
  const resumed: { documents: Parameters<typeof readPinned>[1] | null } = { documents: null };
  const read = await readEvents(source.value, (event) => {
    if (event.type === "run.resumed") resumed.documents = event.documents;
    recording.add(event);
  });
  if (!read.ok) return read;
  const result = recording.result();
  if (!result.ok) return refuse("test.run", `run ${source.value.runId} cannot become a test: ${result.why}`, 2);
  const { started, end } = result;
  const pinned = await readPinned(source.value, resumed.documents ?? started.documents);
  if (!pinned.ok) return pinned;
  const bundle = await loadPinned(started.root, pinned.value, started.cwd ?? cwd);
  if (!bundle.ok) return refuse("test.document", `the documents of the run cannot be used: ${bundle.message}`);
  return { ok: true, value: { recording, end, bundle: bundle.bundle } };
}

interface Candidate extends Recorded {
  readonly file: string;
  readonly document: string;
}

/** The most readable draft that passes: queues before answers by node, stand-ins before variables. */
async function firstThatHolds(request: SaveTestRequest, about: Candidate): Promise<OpsResult<SavedDraft>> {
  let first: FixtureFailure | null = null;
  for (const [queues, standIns] of [
    [true, true],
    [false, true],
    [false, false],
  ] as const) {
    const without = new Set<string>();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const options: SaveOptions = { document: about.document, unsealed, queues, standIns, without };
      const draft = saveRun(about.recording, about.end, options);
      if (draft === null) break;
      const failures = await tried(request, about, draft);
      if (failures.length === 0) return { ok: true, value: draft };
      const kept = failures.find((one) => droppable(one) === null);
      first ??= kept ?? null;
      if (kept !== undefined) break;
      for (const one of failures) without.add(droppable(one) ?? "");
    }
  }
  const runId = about.recording.started?.runId ?? "";
  const why = first === null ? "its outputs come out otherwise each time" : first.message;
  return refuse(
    "test.differs",
    `run ${runId} cannot become a test; told again from its journal it goes another way: ${why}`,
  );
}

async function tried(
  request: SaveTestRequest,
  about: Candidate,
  draft: SavedDraft,
): Promise<readonly FixtureFailure[]> {
  const { cwd, env, place, control } = request;
  const result = await runFixture(about.file, {
    ...{ cwd, env },
    ...(place === undefined ? {} : { place }),
    ...(control === undefined ? {} : { control }),
    trial: { text: draft.text, bundle: about.bundle },
  });
  return result.failures;
}

/** What a draft can do without; null for what a test stands and falls with. */
function droppable({ path: at }: FixtureFailure): string | null {
  if (at === null || at[0] !== "expected") return null;
  if (at[1] === "outputs" && typeof at[2] === "string") return at[2];
  if (at[1] === "reason_contains") return "reason_contains";
  return at[1] === "http_response" && at[2] === "body" ? "http_response.body" : null;
}

/** A journalled text with the names of its secrets where their markers are. */
function unsealed(text: string): ReturnType<SaveOptions["unsealed"]> {
  if (!text.includes("{secret:")) return { text, secrets: [] };
  const secrets: string[] = [];
  const parts = splitSealed(text).map((part) => {
    if (typeof part === "string") return part;
    secrets.push(part.name);
    return `<secret ${part.name}>`;
  });
  return { text: parts.join(""), secrets };
}

async function digestOf(file: string): Promise<string | null> {
  try {
    return sha256(await readFile(file));
  } catch (problem) {
    // A document that is gone has changed, too.
    if ((problem as NodeJS.ErrnoException).code === undefined) throw problem;
    return null;
  }
}
