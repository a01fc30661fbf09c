/** What is made of kept runs for later or for others: replays, tests, snapshots and incident bundles. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { operatorOf } from "../../runtime/editor-run/place.ts";
import { exportBundle, fileOf, replayKept, snapshotText, type Kept } from "../../runtime/kept-runs/index.ts";
import type { KeptRun } from "../../runtime/kept-runs/list.ts";
import type { Operator } from "../../runtime/operator.ts";
import { placeOf } from "../run/place.ts";
import { RunActions } from "./actions.ts";
import { nameOf } from "./rows.ts";
import { words } from "./words.ts";

/** Another feature's command, which asks for the test's name and writes it. */
const SAVE_AS_TEST = "countersign.saveRunAsTest";

/** See the header. */
export class RunHandingOn extends RunActions {
  /** Walks the run again without doing anything, and shows where it goes another way today. */
  async replay(run: KeptRun): Promise<void> {
    if (!vscode.workspace.isTrusted) return this.warn(words.untrusted);
    const operator = await this.operatorFor(run);
    if (!operator.ok) return this.refuse(words.cannotReplay, operator.problem);
    const place = await this.placeOf(run);
    const name = nameOf(run.summary);
    const stop = new AbortController();
    const options = { location: vscode.ProgressLocation.Notification, title: words.replaying(name), cancellable: true };
    const replayed = await vscode.window.withProgress(options, (_progress, token) => {
      token.onCancellationRequested(() => {
        stop.abort({ how: "cancel", by: "the window", reason: null });
      });
      return replayKept(place, operator.value, { signal: stop.signal });
    });
    if (!replayed.ok) return this.refuse(words.cannotReplay, replayed.problem, run);
    const { same, sentence, interrupted, recorded, replayed: now } = replayed.value;
    const said = words.replayed(name, sentence);
    this.services.log.info(said);
    if (same || interrupted) {
      void vscode.window.showInformationMessage(said);
      return;
    }
    const { texts } = this.services;
    const [left, right] = [texts.hold(recorded, `${name} recorded.txt`), texts.hold(now, `${name} replayed.txt`)];
    await vscode.commands.executeCommand("vscode.diff", left, right, words.recordedAndReplayed(name));
    this.warn(said);
  }

  /** Makes a test of the run. */
  async saveAsTest({ stateDir, summary }: KeptRun): Promise<void> {
    const known = await vscode.commands.getCommands(true);
    if (!known.includes(SAVE_AS_TEST)) return this.warn(words.noSaveAsTest);
    await vscode.commands.executeCommand(SAVE_AS_TEST, { stateDir, runId: summary.id });
  }

  /** Writes how the run stands. */
  async exportSnapshot(run: KeptRun): Promise<void> {
    const text = await snapshotText(await this.placeOf(run));
    if (!text.ok) return this.refuse(words.cannotExport, text.problem, run);
    const file = await this.askWhere(run, words.snapshotTitle, "snapshot", { JSON: ["json"] });
    if (file === null) return;
    try {
      await writeFile(file, text.value);
    } catch (problem) {
      const message = problem instanceof Error ? problem.message : String(problem);
      return this.refuse(words.cannotExport, { code: "output.file", message });
    }
    this.written(file, []);
  }

  /** Writes everything about the run for somebody else; unsigned, which is said. */
  async exportBundle(run: KeptRun): Promise<void> {
    const operator = await this.operatorFor(run);
    if (!operator.ok) return this.refuse(words.cannotExport, operator.problem);
    const file = await this.askWhere(run, words.bundleTitle, "incident", { "Incident bundle": ["tar.gz"] });
    if (file === null) return;
    const written = await exportBundle(await this.placeOf(run), file, operator.value, process.env);
    if (!written.ok) return this.refuse(words.cannotExport, written.problem, run);
    this.written(file, [words.holdsValues, ...written.value.notes]);
  }

  /** The operator for the run's document, wherever it is kept. The environment is the run's own. */
  private async operatorFor({ stateDir, summary }: KeptRun): Promise<Kept<Operator>> {
    const file = summary.root === null ? path.join(stateDir, "countersign.toml") : fileOf(summary.root);
    const read = await operatorOf({ ...placeOf(vscode.Uri.file(file)), environment: null });
    if (read.ok) return { ok: true, value: read.operator };
    const message = read.problems.map((one) => one.message).join("; ");
    return { ok: false, problem: { code: read.problems[0]?.code ?? "config", message } };
  }

  private async askWhere(
    run: KeptRun,
    title: string,
    what: string,
    filters: Readonly<Record<string, string[]>>,
  ): Promise<string | null> {
    const [extension = ""] = Object.values(filters).flat();
    const { cwd } = await this.placeOf(run);
    const defaultUri = vscode.Uri.file(path.join(cwd, `${what}-${run.summary.id}.${extension}`));
    const chosen = await vscode.window.showSaveDialog({ defaultUri, filters: { ...filters }, title });
    if (chosen === undefined) return null;
    // A dialog may take `.tar.gz` for two endings, or leave one out that was not typed.
    return chosen.fsPath.endsWith(`.${extension}`) ? chosen.fsPath : `${chosen.fsPath}.${extension}`;
  }

  private written(file: string, notes: readonly string[]): void {
    for (const note of notes) this.services.log.info(`${path.basename(file)}: ${note}`);
    const sentences = notes.map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1).replace(/\.$/, "")}.`);
    void vscode.window.showInformationMessage([`${words.exported(file)}.`, ...sentences].join(" "));
  }
}
