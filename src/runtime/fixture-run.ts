/**
 * Running one fixture (spec/workflow.md §19.1 with Decision D14): its document is loaded and checked like any other,
 * policy, budget and the operator's lists hold, files, environment and programs are real, and models, MCP servers and
 * HTTP are the fixture's mocks.
 *
 * A run is kept in memory. Only where the fixture answers approvals it is kept in a temporary folder, since an
 * answered run is resumed like any other; the folder is removed afterwards.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { rootGraph, type Bundle } from "../dialects/bundle.ts";
import { loadBundle, type LoadResult } from "../dialects/load.ts";
import type { JournalEvent } from "../effects/events.ts";
import type { FileSource } from "../effects/seam.ts";
import type { Control } from "../engine/runner.ts";
import { compare } from "../fixtures/compare.ts";
import { FixtureMocks, mockNames } from "../fixtures/mocks.ts";
import type { Fixture } from "../fixtures/model.ts";
import { Observed } from "../fixtures/observe.ts";
import { parseFixture } from "../fixtures/parse.ts";
import { rehearsalFromFixture } from "../fixtures/rehearsal.ts";
import type { FixtureFailure, FixtureResult } from "../fixtures/result.ts";
import { bytesValue, isBytesValue, valueBytes } from "../graph/bytes.ts";
import type { Diagnostic, Place } from "../graph/diagnostic.ts";
import type { Graph } from "../graph/model.ts";
import { object, type Value } from "../graph/value.ts";
import { loading, locate, sha256 } from "./documents.ts";
import { openedFiles, operatorOf, type EditorPlace } from "./editor-run/place.ts";
import { execute, newRunId, resume, type Answer, type Executed, type ExecuteSettings } from "./execute.ts";
import { localFiles } from "./files.ts";
import { readOperator, type Operator, type OperatorResult } from "./operator.ts";
import { prepareUnseen } from "./unseen.ts";

/** What a fixture is run with. */
export interface FixtureRunSettings {
  /** Relative paths of the fixture, of its files and of its programs are below it. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly control?: Control;
  /** Gets every event of the run, with secrets masked. Must not throw. */
  readonly onEvent?: (event: JournalEvent) => void;
  /** Gets the documents of the run before it starts. */
  readonly onLoaded?: (bundle: Bundle) => void;
  /** An editor around the fixture, whose unsaved texts and settings hold; its file is not looked at. */
  readonly place?: Omit<EditorPlace, "file" | "env">;
  /** A text and documents that are tried before they are written anywhere: nothing is read. */
  readonly trial?: { readonly text: string; readonly bundle: Bundle };
}

/** Most times that a run is resumed with answers, so that a graph which asks for ever ends. */
const MAX_RESUMES = 1000;

/** Runs a fixture by the path of its file. Never throws for what a fixture or a document says. */
export async function runFixture(file: string, settings: FixtureRunSettings): Promise<FixtureResult> {
  const began = performance.now();
  const run = new FixtureRun(file, settings);
  const ended = await run.run();
  return { file, notes: [], ...ended, durationMs: performance.now() - began };
}

type Ended = Pick<FixtureResult, "result" | "failures" | "status"> & Partial<Pick<FixtureResult, "notes">>;

class FixtureRun {
  private readonly file: string;
  private readonly settings: FixtureRunSettings;
  private readonly files: FileSource;
  /** Texts by the path that diagnostics name. */
  private readonly texts = new Map<string, string>();

  constructor(file: string, settings: FixtureRunSettings) {
    this.file = file;
    this.settings = settings;
    const { cwd, env, place } = settings;
    this.files = place === undefined ? localFiles(cwd) : openedFiles({ ...place, env, file: path.resolve(cwd, file) });
  }

  async run(): Promise<Ended> {
    const { cwd } = this.settings;
    const folder = path.dirname(path.resolve(cwd, this.file));
    const source = await this.readText(this.file);
    if (typeof source !== "string") return this.refused(`the fixture cannot be read: ${source.problem}`);
    const { fixture, diagnostics } = parseFixture(source, this.file);
    if (fixture === null) return this.unusable(diagnostics);
    const document = shownPath(cwd, path.resolve(folder, fixture.document ?? "workflow.toml"));
    const loaded = await this.load(document);
    if (!loaded.ok) {
      if (loaded.diagnostics.length === 0) return this.noDocument(fixture, loaded.message);
      await this.readText(document);
      return this.unusable(loaded.diagnostics);
    }
    const graph = rootGraph(loaded.bundle);
    if (graph.dialect === "workflow" && fixture.start === null) {
      const at: Place = { path: ["document"], part: "key" };
      return this.unusable([this.problem("missing_field", "missing field `start`; a workflow has named starts", at)]);
    }
    const read = await this.operator(folder);
    if (!read.ok) return this.refused(read.problems.map((one) => one.message).join("; "));
    this.settings.onLoaded?.(loaded.bundle);
    return this.execute(fixture, loaded.bundle, read.operator);
  }

  private load(document: string): Promise<LoadResult> {
    const { trial } = this.settings;
    if (trial !== undefined) return Promise.resolve({ ok: true, bundle: trial.bundle });
    return loadBundle(document, { ...loading, files: this.files });
  }

  private operator(folder: string): Promise<OperatorResult> {
    const { cwd, env, place } = this.settings;
    if (place === undefined) return readOperator({ flags: {}, env, cwd, folder });
    return operatorOf({ ...place, env, file: path.join(folder, path.basename(this.file)) });
  }

  private async execute(fixture: Fixture, bundle: Bundle, operator: Operator): Promise<Ended> {
    const graph = rootGraph(bundle);
    const { cwd } = this.settings;
    const mocks = new FixtureMocks(fixture, sha256, (effect) => prepareUnseen(effect, cwd));
    const observed = new Observed();
    const kept = fixture.answers.size > 0 ? await mkdtemp(path.join(tmpdir(), "countersign-test-")) : null;
    try {
      const settings = this.executeSettings({ fixture, bundle, operator, graph, mocks, observed, stateDir: kept });
      let executed = await execute(bundle, settings);
      const notes = notesOf(fixture, bundle);
      if (kept !== null) executed = await answered(executed, fixture, { ...settings, stateDir: kept }, notes);
      if (!executed.ok) return await this.refused(executed.problem.message, executed.problem.code);
      const { run } = executed;
      if (run.outcome.status === "paused") observed.pause(run.result.state.at);
      const facts = { outcome: run.outcome, observed, unmocked: mocks.unmocked };
      const mismatches = compare(fixture.expected, facts, (text) => run.mask(text));
      const failures = mismatches.map((one) => ({
        ...this.failureAt(this.problem(null, one.message, one.place)),
        expected: one.expected,
        actual: one.actual,
        path: one.place.path,
      }));
      const result = failures.length === 0 ? "pass" : "fail";
      return { result, failures, status: run.outcome.status, notes };
    } finally {
      if (kept !== null) await rm(kept, { recursive: true, force: true });
    }
  }

  private executeSettings(given: {
    readonly fixture: Fixture;
    readonly bundle: Bundle;
    readonly operator: Operator;
    readonly graph: Graph;
    readonly mocks: FixtureMocks;
    readonly observed: Observed;
    readonly stateDir: string | null;
  }): ExecuteSettings {
    const { fixture, bundle, operator, graph, mocks, observed, stateDir } = given;
    const { cwd, env, control, onEvent } = this.settings;
    const graphs = [...bundle.entries.values()].flatMap((entry) => (entry.graph === null ? [] : [entry.graph]));
    const names = mockNames(graph, graphs);
    const timeoutMs = timeoutOf(fixture, graph);
    return {
      cwd,
      env,
      governance: operator.governance("test", graph.dialect),
      stageDefaults: operator.stages,
      workspace: operator.runx.cwd,
      transports: { intelUnix: null, intelHttp: null, bearer: null },
      mcpStdio: null,
      timeoutMs,
      rehearsal: fixture.dryRun ? rehearsalFromFixture(fixture) : null,
      wrapPerformer: (performer) => mocks.wrap(performer),
      mockBackends: names.backends,
      mockServers: names.servers,
      dryRun: fixture.dryRun,
      runId: newRunId(),
      stateDir,
      start: fixture.start ?? graph.starts[0]?.name ?? null,
      triggerKind: fixture.trigger.kind,
      input: inputOf(fixture, graph),
      options: {
        dryRun: fixture.dryRun ? "stub" : "no",
        replay: false,
        assume: Object.fromEntries(fixture.assume),
        // A run that nobody answers stops here and is compared; nothing needs to be kept of it.
        canPause: true,
        timeoutMs,
        maxFanout: graph.dialect === "pipeline" ? 64 : operator.runx.maxFanout,
      },
      principal: operator.principal,
      ...(control === undefined ? {} : { control }),
      onEvent: (event) => {
        observed.add(event);
        onEvent?.(event);
      },
    };
  }

  /** The text of a file, remembered for places in it. */
  private async readText(file: string): Promise<string | { readonly problem: string }> {
    const { cwd, trial } = this.settings;
    const content: Awaited<ReturnType<FileSource["read"]>> =
      trial === undefined
        ? await this.files.read(path.resolve(cwd, file))
        : { ok: true, bytes: new TextEncoder().encode(trial.text) };
    if (!content.ok) return { problem: content.reason === "missing" ? "there is no such file" : content.message };
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(content.bytes);
      this.texts.set(file, text);
      return text;
    } catch {
      return { problem: "it is not UTF-8 text" };
    }
  }

  private problem(code: string | null, message: string, at: Place): Diagnostic {
    return { code: code ?? "", severity: "error", message, file: this.file, at };
  }

  private noDocument(fixture: Fixture, message: string): Promise<Ended> {
    const { document } = fixture;
    if (document !== null)
      return this.unusable([this.problem("read", `the document cannot be read: ${message}`, { path: ["document"] })]);
    return this.refused(
      `there is no workflow.toml beside the fixture (name another document with \`document\`): ${message}`,
      "read",
    );
  }

  /** A problem of the fixture as a whole. */
  private refused(message: string, code: string | null = null): Promise<Ended> {
    const shown = code === null ? message : `[${code}] ${message}`;
    const place = { file: this.file, at: null, path: null };
    const failure: FixtureFailure = { message: shown, ...place, code, expected: null, actual: null };
    return Promise.resolve({ result: "load_error", failures: [failure], status: null });
  }

  private unusable(diagnostics: readonly Diagnostic[]): Promise<Ended> {
    const errors = diagnostics.filter((one) => one.severity === "error");
    const failures = errors.map((one) => ({ ...this.failureAt(one), message: `[${one.code}] ${one.message}` }));
    return Promise.resolve({ result: "load_error", failures, status: null });
  }

  private failureAt(diagnostic: Diagnostic): FixtureFailure {
    const [located] = locate([diagnostic], (file) => this.texts.get(file) ?? null);
    const { code, message, file } = diagnostic;
    const at = located !== undefined && this.texts.has(file) ? located.at.start : null;
    return { message, file, at, code: code === "" ? null : code, expected: null, actual: null, path: null };
  }
}

/**
 * Goes on with a paused run as long as the fixture has answers for what it asks. A request is answered once: one that
 * comes back under the same id needs more than an answer (a signed approval), so the run stays paused and a note says
 * why.
 */
async function answered(
  first: Executed,
  fixture: Fixture,
  settings: ExecuteSettings & { readonly stateDir: string },
  notes: string[],
): Promise<Executed> {
  const said = new Set<string>();
  const unused = new Set(fixture.answers.keys());
  let executed = first;
  for (let round = 0; round < MAX_RESUMES; round++) {
    if (!executed.ok || executed.run.outcome.status !== "paused") break;
    const answers: Answer[] = [];
    for (const [id, { act, request }] of executed.run.result.state.asked) {
      const node = act.frame === "" ? act.node : `${act.frame}/${act.node}`;
      const key = fixture.answers.has(id) ? id : node;
      const given = fixture.answers.get(key);
      if (given === undefined) continue;
      unused.delete(key);
      const { approved, answer } = given;
      const unsigned = `\`${id}\` was ${approved ? "approved" : "denied"} by the fixture, but the operator's posture needs a signed approval, which a fixture cannot give`;
      const ends = request.subject === "effect" || request.subject === "doubt";
      const signed = approved
        ? request.subject === "effect" || request.terms?.signed === true
        : !ends && request.terms?.signed === true;
      if (!signed && !said.has(id)) answers.push({ id, approved, reason: null, answer });
      else if (!notes.includes(unsigned)) notes.push(unsigned);
    }
    if (answers.length === 0) break;
    for (const { id } of answers) said.add(id);
    executed = await resume({ ...settings, takeOver: false, changed: null, answers: () => Promise.resolve(answers) });
  }
  for (const key of unused) notes.push(`nothing asked for the answer to \`${key}\``);
  return executed;
}

/** `[budget] max_run_time_secs` shortens a fixture's time like any other run's; 0 means none. */
function timeoutOf(fixture: Fixture, graph: Graph): number {
  const cap = graph.budget?.maxRunTimeSecs ?? 0;
  return cap > 0 ? Math.min(cap * 1000, fixture.timeoutMs) : fixture.timeoutMs;
}

/** The payload of a fixture. A pipeline takes bytes: those of a text, or of anything else as JSON. */
export function inputOf(fixture: Fixture, graph: Graph): Value {
  const { payload } = fixture.trigger;
  if (graph.dialect !== "pipeline") return payload ?? object();
  if (payload === null) return bytesValue(new Uint8Array());
  return isBytesValue(payload) ? payload : bytesValue(valueBytes(payload));
}

function notesOf(fixture: Fixture, bundle: Bundle): string[] {
  const { digest } = fixture;
  if (digest === null || bundle.entries.get(bundle.root)?.digest === digest) return [];
  return ["the document has changed since this fixture was saved"];
}

function shownPath(cwd: string, absolute: string): string {
  const relative = path.relative(cwd, absolute);
  return relative.startsWith("..") ? absolute : relative;
}
