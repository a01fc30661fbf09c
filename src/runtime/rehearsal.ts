/** What a dry run answers before its placeholders, from the words of a command line (spec/runtime.md §5). */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { readRun } from "../connect/journal/reader.ts";
import { journalProblemText } from "../connect/journal/problem.ts";
import type { JournalEvent } from "../effects/events.ts";
import type { Rehearsal } from "../effects/seam.ts";
import { rootGraph, type Bundle } from "../dialects/bundle.ts";
import { FixtureMocks, mockNames } from "../fixtures/mocks.ts";
import type { Fixture } from "../fixtures/model.ts";
import { parseFixture } from "../fixtures/parse.ts";
import {
  rehearsalFromFixture,
  rehearsalFromRun,
  rehearsalsInOrder,
  rehearsalWithAnswers,
} from "../fixtures/rehearsal.ts";
import { sha256 } from "./documents.ts";
import { prepareUnseen } from "./unseen.ts";
import type { WorldSettings } from "./world.ts";

/** A fixture's file or folder, and an earlier run; null for none. */
export interface RehearsalSources {
  readonly mocks: string | null;
  /** The fixture's answers count as well: whoever debugs it goes the way that it goes. Default: they do not. */
  readonly answers?: boolean;
  readonly fromRun: string | null;
  readonly stateDir: string | null;
  readonly cwd: string;
  /** The unsaved text of a file that an editor holds. */
  readonly opened?: (file: string) => string | null;
}

/** What a dry run is given to rehearse with. */
export type Rehearsing = Pick<WorldSettings, "rehearsal" | "wrapPerformer" | "mockBackends" | "mockServers">;

/** No mocks and no earlier run. */
const placeholdersOnly: Rehearsing = { rehearsal: null };

/** Mocks first, then what the run recorded; or why one of them cannot be used (exit code 2). */
export async function rehearsalFor(
  given: RehearsalSources,
  bundle: Bundle,
): Promise<Rehearsing | { readonly code: string; readonly message: string }> {
  const fixture = given.mocks === null ? null : await readFixture(path.resolve(given.cwd, given.mocks), given.opened);
  if (fixture !== null && "code" in fixture) return fixture;
  const recorded = given.fromRun === null ? null : await runRehearsal(given.fromRun, given.stateDir);
  if (recorded !== null && "code" in recorded) return recorded;
  if (fixture === null) return recorded === null ? placeholdersOnly : { rehearsal: recorded };
  const graphs = [...bundle.entries.values()].flatMap((entry) => (entry.graph === null ? [] : [entry.graph]));
  const names = mockNames(rootGraph(bundle), graphs);
  const mocks = new FixtureMocks(fixture, sha256, (effect) => prepareUnseen(effect, given.cwd));
  return {
    rehearsal: rehearsalsInOrder([
      given.answers === true ? rehearsalWithAnswers(fixture) : rehearsalFromFixture(fixture),
      ...(recorded === null ? [] : [recorded]),
    ]),
    wrapPerformer: (performer) => mocks.wrap(performer),
    mockBackends: names.backends,
    mockServers: names.servers,
  };
}

async function readFixture(
  file: string,
  opened: RehearsalSources["opened"],
): Promise<Fixture | { readonly code: string; readonly message: string }> {
  const fixture = file.endsWith(".toml") ? file : path.join(file, "fixture.toml");
  let text: string;
  try {
    text = opened?.(fixture) ?? (await readFile(fixture, "utf8"));
  } catch (problem) {
    return {
      code: "fixture.read",
      message: `--mocks ${fixture}: cannot be read (${(problem as NodeJS.ErrnoException).code ?? String(problem)})`,
    };
  }
  const parsed = parseFixture(text, fixture);
  if (parsed.fixture !== null) return parsed.fixture;
  return {
    code: "fixture.parse",
    message: `--mocks ${fixture}: ${parsed.diagnostics[0]?.message ?? "it is not a fixture"}`,
  };
}

async function runRehearsal(
  runId: string,
  stateDir: string | null,
): Promise<Rehearsal | { readonly code: string; readonly message: string }> {
  if (stateDir === null) return { code: "state_dir", message: "--from-run needs --state-dir (where the run is kept)" };
  const events: JournalEvent[] = [];
  const read = await readRun(stateDir, runId, { onEvent: (event) => events.push(event) });
  if (!read.ok) return { code: read.problem.code, message: journalProblemText(read.problem) };
  return rehearsalFromRun(sha256, events);
}
