/**
 * Runs and dry runs of a window (spec/editor.md §5, §7): asks, starts them in this process, shows how they go and how
 * they came out. Several may go on at once.
 *
 * Invariants: nothing is run in a workspace that is not trusted, whatever the command came from; a live run takes only
 * what is saved; runs that are under way when the window closes stop at the next safe point and can be resumed.
 */
import path from "node:path";
import * as vscode from "vscode";
import type { RunEnd, RunStep } from "../../protocol/run.ts";
import {
  inputQuestion,
  loadForRun,
  recallRun,
  resumeEditorRun,
  startEditorRun,
  type EditorAnswer,
  type EditorKeys,
  type EditorRun,
  type EditorRunProblem,
  type InputAnswer,
  type LoadedForRun,
  type Started,
} from "../../runtime/editor-run/index.ts";
import { unfinishedRuns } from "../../runtime/editor-run/unfinished.ts";
import { askInput } from "./ask.ts";
import { chooseRun } from "./choose-run.ts";
import { chooseStart } from "./choose-start.ts";
import type { RunHub } from "./hub.ts";
import { LastInputs } from "./last-inputs.ts";
import { learned } from "../learn/learned.ts";
import { placeOf, runnerOf } from "./place.ts";
import { showProgress } from "./progress.ts";
import { endSentence, words } from "./words.ts";

/** Longest wait for runs to stop when the window closes, in milliseconds; VS Code gives an extension little more. */
const PATIENCE = 3_000;

/** What the service is given. */
export interface RunServices {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly hub: RunHub;
  /** The editor's keys, which sign starts and receipts. */
  readonly keys: EditorKeys;
  /** A run waits for an answer; `sentence` says so. Whoever shows requests tells it, once for each of them. */
  paused(runId: string, sentence: string): void;
  /** Opens a document's graph, or brings it to the front. */
  showGraph(document: vscode.Uri): Promise<void>;
  /** Runs of this window have begun, gone on or ended. */
  changed(): void;
}

/** What is asked for. */
export interface RunWish {
  readonly document: vscode.Uri;
  readonly dry: boolean;
  /** Null: the document's own choice, or asked for. */
  readonly start: string | null;
  /** Null: asked for. */
  readonly input: InputAnswer | null;
}

/** A run that waits for an answer, as its request names it. */
export interface WaitingRun {
  readonly document: vscode.Uri;
  /** The runner of an X.yaml; null for other documents. */
  readonly runner: string | null;
  readonly runId: string;
  /** Where it is kept. */
  readonly stateDir: string;
}

/** Begins a run that tells its steps. */
type Begin = (onStep: (step: RunStep, runId: string) => void) => Promise<Started>;

/** See the header. */
export class Runs {
  private readonly services: RunServices;
  private readonly last: LastInputs;
  private readonly underWay = new Map<string, EditorRun>();

  constructor(services: RunServices) {
    this.services = services;
    this.last = new LastInputs(services.context.workspaceState);
  }

  /** Asks what is not said and runs. Resolves when the run has ended, with its end; null when there was none. */
  async start(wish: RunWish): Promise<RunEnd | null> {
    const { document, dry } = wish;
    const name = path.posix.basename(document.path);
    if (!vscode.workspace.isTrusted) return this.untrusted();
    if (document.scheme !== "file") return this.warn(words.notAFile);
    const loaded = await this.load(wish);
    if (loaded === null) return null;
    const start = await chooseStart(document, wish.start, loaded.graph);
    if (start === undefined) return null;
    const place = placeOf(wish.document, wish.start);
    const about = { document, start, dry, last: this.last };
    const input = wish.input ?? (await askInput(await inputQuestion(loaded.graph, start, place), about));
    if (input === undefined) return null;
    return this.run({ ...wish, start, input }, name);
  }

  /** Ends a run for good. */
  cancel(runId: string): void {
    this.underWay.get(runId)?.cancel();
  }

  /** Stops everything that is under way, so that it can be resumed. */
  async close(): Promise<void> {
    const runs = [...this.underWay.values()];
    for (const run of runs) run.stop();
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE).unref());
    await Promise.race([Promise.allSettled(runs.map((run) => run.done)), patience]);
  }

  /** Takes a run up again that was cut; null: the one that is chosen of those of the document. */
  async resume(document: vscode.Uri, named: string | null): Promise<RunEnd | null> {
    if (!vscode.workspace.isTrusted) return this.untrusted();
    if (document.scheme !== "file") return this.warn(words.notAFile);
    const name = path.posix.basename(document.path);
    const storage = this.services.context.globalStorageUri.fsPath;
    const { runs: found } = await unfinishedRuns(placeOf(document), storage);
    const runId = named ?? (await chooseRun(found, name));
    if (runId === undefined) return null;
    if (runId === null || !found.some((one) => one.runId === runId)) {
      void vscode.window.showInformationMessage(words.nothingToResume(name));
      return null;
    }
    const place = placeOf(document);
    const refusal = (problem: EditorRunProblem): null => {
      // What was told of it so far is that of a run that was cut.
      void recallRun({ place, runId, storage, onStep: this.teller(document) });
      return this.problem(words.resumeRefused(name, problem.message), problem);
    };
    const { keys } = this.services;
    const begin: Begin = (onStep) => resumeEditorRun({ place, runId, storage, keys, onStep });
    return this.follow({ document, dry: false }, name, begin, refusal);
  }

  /** Goes on with a run whose request was answered. Null as soon as it does, else why not, with the run as it waits. */
  answered(run: WaitingRun, answer: EditorAnswer): Promise<Pick<EditorRunProblem, "code" | "message"> | null> {
    const { document, runner, runId, stateDir } = run;
    const refuse = (code: string, message: string) => Promise.resolve({ code, message });
    if (!vscode.workspace.isTrusted) return refuse("untrusted", words.untrusted);
    if (this.underWay.has(runId)) return refuse("under_way", words.underWay);
    const { context, keys } = this.services;
    const storage = context.globalStorageUri.fsPath;
    const place = placeOf(document, runner);
    const begin: Begin = (onStep) => resumeEditorRun({ place, runId, stateDir, storage, keys, answer, onStep });
    return new Promise((resolve, reject) => {
      const refusal = (problem: EditorRunProblem): null => {
        void recallRun({ place, runId, storage, onStep: this.teller(document) });
        resolve(problem);
        return null;
      };
      const goesOn = (): void => {
        resolve(null);
      };
      const name = path.posix.basename(document.path);
      this.follow({ document, dry: false }, name, begin, refusal, goesOn).then(goesOn, reject);
    });
  }

  /**
   * Takes up a kept run, whatever became of its document. `shownOn`: the document whose pages show it, that or the text
   * that the run pinned.
   */
  async resumeKept({ document, runner, runId, stateDir }: WaitingRun, shownOn: vscode.Uri): Promise<RunEnd | null> {
    if (!vscode.workspace.isTrusted) return this.untrusted();
    const name = path.posix.basename(document.path);
    if (this.underWay.has(runId)) return this.warn(`${words.resumeRefused(name, words.underWay)}.`);
    const { context, keys } = this.services;
    const request = { place: placeOf(document, runner), runId, storage: context.globalStorageUri.fsPath, stateDir };
    const refusal = (problem: EditorRunProblem): null => {
      void recallRun({ ...request, onStep: this.teller(shownOn) });
      return this.problem(words.resumeRefused(name, problem.message), problem);
    };
    const begin: Begin = (onStep) => resumeEditorRun({ ...request, keys, onStep });
    return this.follow({ document: shownOn, dry: false }, name, begin, refusal);
  }

  /** Runs of this window that are under way. */
  get own(): ReadonlySet<string> {
    return new Set(this.underWay.keys());
  }

  /** Shows the document's latest run when it was cut or waits, unless its pages show one already. */
  async recall(document: vscode.Uri, runId: string): Promise<void> {
    const { hub, log, context } = this.services;
    if (hub.shows(document.toString()) || this.underWay.has(runId)) return;
    const request = { place: placeOf(document), runId, storage: context.globalStorageUri.fsPath };
    const problem = await recallRun({ ...request, onStep: this.teller(document) });
    if (problem !== null) log.warn(`${runId}: ${problem.message} [${problem.code}]`);
  }

  /** Tells the document's pages of a run, which they show from its first step on. */
  private teller(document: vscode.Uri): (step: RunStep, runId: string) => void {
    let tell: ((step: RunStep) => void) | null = null;
    return (step, runId) => {
      tell ??= this.services.hub.begin(document.toString(), runId);
      tell(step);
    };
  }

  private run(wish: RunWish & { readonly input: InputAnswer }, name: string): Promise<RunEnd | null> {
    const { document, dry, start, input } = wish;
    const begin: Begin = (onStep) =>
      startEditorRun({
        ...{ place: placeOf(document, start), dry, input, storage: this.services.context.globalStorageUri.fsPath },
        start: runnerOf(document, start) === null ? start : null,
        keys: this.services.keys,
        onStep,
      });
    return this.follow(wish, name, begin, (problem) =>
      this.problem(words.refused(dry, name, problem.message), problem),
    );
  }

  /** A run from its beginning, or from where it is taken up, to its end. */
  private async follow(
    about: Pick<RunWish, "document" | "dry">,
    name: string,
    begin: Begin,
    refusal: (problem: EditorRunProblem) => null,
    goesOn?: () => void,
  ): Promise<RunEnd | null> {
    const { document, dry } = about;
    const { log } = this.services;
    const tell = this.teller(document);
    const progress = showProgress(words.running(dry, name), () => run?.cancel());
    let run: EditorRun | null = null;
    const started = await begin((step, runId) => {
      tell(step, runId);
      progress.step(step);
      // What happened before the run was taken up again is told before it is under way.
      if (run !== null) goesOn?.();
    });
    if (!started.ok) {
      progress.end();
      return refusal(started.problem);
    }
    run = started.run;
    const { runId, stateDir } = run;
    const began = Date.now();
    this.underWay.set(runId, run);
    this.services.changed();
    log.info(`${words.running(dry, name)}: ${runId}, kept in ${stateDir}`);
    try {
      const ended = await run.done;
      if (!ended.ok) return refusal(ended.problem);
      for (const note of ended.notes) log.warn(note);
      this.tellEnd(about, name, run, ended.end, Date.now() - began);
      return ended.end;
    } finally {
      this.underWay.delete(runId);
      progress.end();
      this.services.changed();
    }
  }

  /** The documents as they are to be run; what keeps them from it has been told. */
  private async load(wish: RunWish): Promise<LoadedForRun | null> {
    const name = path.posix.basename(wish.document.path);
    const first = await loadForRun(placeOf(wish.document, wish.start), wish.dry);
    if (first.ok) return first.loaded;
    const { unsaved } = first.problem;
    if (unsaved.length === 0) {
      return this.problem(words.refused(wish.dry, name, first.problem.message), first.problem);
    }
    const answer = await vscode.window.showWarningMessage(words.unsaved(unsaved.length), words.saveAndRun);
    if (answer !== words.saveAndRun) return null;
    for (const document of vscode.workspace.textDocuments) {
      if (!document.isDirty || !unsaved.includes(document.uri.fsPath)) continue;
      if (!(await document.save())) {
        this.warn(words.notSaved);
        return null;
      }
    }
    return this.load(wish);
  }

  private tellEnd(
    { document, dry }: Pick<RunWish, "document" | "dry">,
    name: string,
    run: EditorRun,
    end: RunEnd,
    ms: number,
  ): void {
    const { log, hub } = this.services;
    const sentence = endSentence(dry, name, end, ms);
    const bad = end.status === "failed" || end.status === "timed_out";
    if (dry && end.status !== "cancelled" && end.status !== "stopped") learned("dryRun");
    if (bad) log.error(sentence);
    else log.info(sentence);
    for (const { id, reason } of end.waitsFor) log.info(`  waits for \`${id}\`${reason === null ? "" : `: ${reason}`}`);
    if (end.status === "paused" || end.status === "stopped")
      log.info(`  go on with: countersign resume ${run.runId} --state-dir ${JSON.stringify(run.stateDir)}`);
    if (end.status === "paused") {
      this.services.paused(run.runId, sentence);
      return;
    }
    const show = bad ? vscode.window.showErrorMessage : vscode.window.showInformationMessage;
    const go = end.status === "stopped" && !dry ? [words.resume] : [];
    void show(sentence, ...go, words.showOnCanvas, words.showLog).then(async (answer) => {
      if (answer === words.resume) await this.resume(document, run.runId);
      if (answer === words.showLog) log.show();
      if (answer !== words.showOnCanvas) return;
      hub.show(run.runId);
      await this.services.showGraph(document);
    });
  }

  private problem(refused: string, { findings, code }: EditorRunProblem): null {
    const { log } = this.services;
    const more = findings.length > 1 ? words.more(findings.length - 1) : "";
    const sentence = `${refused}${more} [${code}]`;
    log.error(sentence);
    for (const one of findings) log.error(`  ${one.file}:${one.at.start.line + 1}: ${one.message} [${one.code}]`);
    const [first] = findings;
    const buttons = first === undefined ? [words.showLog] : [words.showProblem, words.showLog];
    void vscode.window.showErrorMessage(sentence, ...buttons).then(async (answer) => {
      if (answer === words.showLog) log.show();
      if (answer !== words.showProblem || first === undefined) return;
      const { line, character } = first.at.start;
      const selection = new vscode.Range(line, character, line, character);
      const file = first.file.replace(/#[^/\\]*$/, "");
      await vscode.window.showTextDocument(vscode.Uri.file(file), { selection });
    });
    return null;
  }

  private untrusted(): null {
    void vscode.window.showWarningMessage(words.untrusted, words.manageTrust).then((answer) => {
      if (answer !== undefined) void vscode.commands.executeCommand("workbench.trust.manage");
    });
    return null;
  }

  private warn(message: string): null {
    void vscode.window.showWarningMessage(message);
    return null;
  }
}
