/**
 * What is done with kept runs: shown on the canvas and as text, compared, resumed, cancelled, deleted.
 *
 * Invariants: every action reads the run again, so one that was deleted or has gone on meanwhile is told and not acted
 * upon; nothing is resumed in a workspace that is not trusted; nothing is deleted without a question.
 */
import path from "node:path";
import * as vscode from "vscode";
import type { RunStep } from "../../protocol/run.ts";
import {
  compareRuns,
  fileOf,
  inspectionText,
  tellPastRun,
  type KeptPlace,
  type PastRun,
} from "../../runtime/kept-runs/index.ts";
import type { KeptRun } from "../../runtime/kept-runs/list.ts";
import { deleteRun, findRun, type JournalProblem, type RunSummary } from "../../runtime/runs.ts";
import type { RunsHolder } from "../run/holder.ts";
import type { Stores } from "../stores.ts";
import { nameOf, startedText } from "./rows.ts";
import { pinnedUri, runnerIn, textUri, type RunTexts } from "./texts.ts";
import { words } from "./words.ts";

/** What actions are given. */
export interface ActionServices {
  readonly log: vscode.LogOutputChannel;
  readonly stores: Stores;
  readonly runs: RunsHolder;
  readonly texts: RunTexts;
  /** Opens a document's graph, or brings it to the front. */
  readonly showGraph: (document: vscode.Uri) => Promise<void>;
}

/** See the header. */
export class RunActions {
  protected readonly services: ActionServices;

  constructor(services: ActionServices) {
    this.services = services;
  }

  /** Shows the run's steps on the canvas of its document: the present one if it is still the same, else that of then. */
  async open(run: KeptRun): Promise<void> {
    const { runs, showGraph } = this.services;
    const { id } = run.summary;
    const live = (await runs.own()).has(id) && runs.hub.show(id) ? runs.hub.documentOf(id) : null;
    if (live !== null) return showGraph(vscode.Uri.parse(live));
    const place = await this.placeOf(run);
    const steps: RunStep[] = [];
    const past = await tellPastRun(place, (step) => steps.push(step));
    if (!past.ok) return this.refuse(words.cannotShow, past.problem, run);
    const target = targetOf(place, past.value);
    const tell = runs.hub.begin(target.toString(), id);
    for (const step of steps) tell(step);
    await showGraph(target);
    this.tellDocuments(nameOf(run.summary), past.value);
  }

  /** Opens the document of a run in the editor that is its default; that of then where it is gone. */
  async openDocument(run: KeptRun): Promise<void> {
    const { root } = run.summary;
    if (root === null) return;
    const file = vscode.Uri.file(fileOf(root));
    if (await isFile(file)) {
      await vscode.commands.executeCommand("vscode.open", file);
      return;
    }
    const answer = await vscode.window.showWarningMessage(words.noDocumentFile(file.fsPath), words.showPinned);
    if (answer === undefined) return;
    await vscode.commands.executeCommand("vscode.open", pinnedUri(await this.placeOf(run), root));
  }

  /** Opens what `countersign inspect` shows. */
  async showText(run: KeptRun): Promise<void> {
    const place = await this.placeOf(run);
    const text = await inspectionText(place, Date.now());
    if (!text.ok) return this.refuse(words.cannotRead, text.problem, run, false);
    const uri = textUri({ what: "text", ...place }, `Run of ${nameOf(run.summary)}.txt`);
    await vscode.window.showTextDocument(uri, { preview: true });
  }

  /** Opens two runs side by side, the older one on the left, and says how they differ. */
  async compare(one: KeptRun, other: KeptRun): Promise<void> {
    const [left, right] = (one.summary.startedAt ?? 0) <= (other.summary.startedAt ?? 0) ? [one, other] : [other, one];
    const [a, b] = [await this.placeOf(left), await this.placeOf(right)];
    const compared = await compareRuns(a, b);
    if (!compared.ok) return this.refuse(words.cannotCompare, compared.problem);
    const titleOf = ({ summary }: KeptRun): string => `${nameOf(summary)} ${startedText(summary) ?? summary.id}`;
    const uriOf = (place: KeptPlace, run: KeptRun): vscode.Uri =>
      textUri({ what: "walk", ...place }, `${titleOf(run)}.txt`);
    const title = words.comparison(titleOf(left), titleOf(right));
    await vscode.commands.executeCommand("vscode.diff", uriOf(a, left), uriOf(b, right), title);
    void vscode.window.showInformationMessage(compared.value.summary);
  }

  /** Takes a run up again that was cut or waits. */
  async resume(run: KeptRun): Promise<void> {
    if (!vscode.workspace.isTrusted) return this.warn(words.untrusted);
    const place = await this.placeOf(run);
    const past = await tellPastRun(place, () => undefined);
    if (!past.ok) return this.refuse(words.cannotResume, past.problem, run);
    const { root } = past.value;
    const document = vscode.Uri.file(fileOf(root));
    const runner = runnerIn(root);
    const shownOn = targetOf(place, past.value);
    const { runId, stateDir } = place;
    await this.services.runs.resumeKept({ document, runner, runId, stateDir }, shownOn);
  }

  /** Ends a run of this window for good; of another one, says where that can be done. */
  async cancel(run: KeptRun): Promise<void> {
    const { id } = run.summary;
    if ((await this.services.runs.own()).has(id)) return this.services.runs.cancel(id);
    const now = await this.now(run);
    if (now === null) return;
    if (!now.held && now.status !== "unknown") return this.warn(words.notRunning);
    this.warn(words.notElsewhere(now.owner?.pid ?? 0, now.owner?.host ?? "?"));
  }

  /** Deletes runs, after a question. */
  async delete(runs: readonly KeptRun[]): Promise<void> {
    const own = await this.services.runs.own();
    const found = [];
    for (const run of runs) {
      const summary = await this.now(run);
      if (summary === null) continue;
      if (own.has(summary.id) || summary.held) return this.warn(words.notWhileRunning);
      if (summary.status === "unknown")
        return this.warn(words.notElsewhere(summary.owner?.pid ?? 0, summary.owner?.host ?? "?"));
      found.push({ stateDir: run.stateDir, summary });
    }
    const [first] = found;
    if (first === undefined) return;
    const question =
      found.length === 1
        ? words.deleteOne(nameOf(first.summary), startedText(first.summary))
        : words.deleteMany(found.length);
    const special = [
      found.some(({ summary }) => summary.status === "paused") ? words.deleteWaiting : "",
      found.some(({ summary }) => summary.status === "unreadable") ? words.deleteUnread : "",
    ];
    const detail = `${special.join("")}${words.deleteDetail}`;
    const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, words.delete);
    if (answer !== words.delete) return;
    for (const { stateDir, summary } of found) {
      const gone = await deleteRun(stateDir, summary.id, { force: true });
      if (gone.ok) this.services.runs.hub.forget(summary.id);
      else this.refuseJournal(words.cannotDelete, gone.problem);
    }
    this.services.stores.tell();
  }

  /** Where the run's relative paths begin: the folder whose runs these are, else that of its document. */
  async placeOf({ stateDir, summary }: KeptRun): Promise<KeptPlace> {
    const store = (await this.services.stores.all()).find((one) => one.stateDir === stateDir);
    const beside = summary.root === null ? stateDir : path.dirname(summary.root);
    return { stateDir, runId: summary.id, cwd: store?.folder?.uri.fsPath ?? beside };
  }

  /** How the run stands now; null when it is gone or cannot be looked at, which has been told. */
  private async now({ stateDir, summary }: KeptRun): Promise<RunSummary | null> {
    const found = await findRun(stateDir, summary.id);
    if (found.ok) return found.value;
    this.refuseJournal(words.cannotRead, found.problem);
    return null;
  }

  /** Says why something is not done; of a run that is gone, that it is, and the view is told. */
  protected refuse(
    what: string,
    problem: { readonly code: string; readonly message: string },
    run?: KeptRun,
    offersText = true,
  ): void {
    this.services.log.error(`${what}: ${problem.message} [${problem.code}]`);
    // A folder without a journal is there, and says so in the view.
    if (problem.code === "journal.missing" && run?.summary.status !== "unreadable") {
      this.services.stores.tell();
      this.warn(words.gone);
      return;
    }
    const buttons = run === undefined || run.summary.startedAt === null || !offersText ? [] : [words.showText];
    const said = `${words.refused(what, problem.message)} [${problem.code}]`;
    void vscode.window.showErrorMessage(said, ...buttons).then(async (answer) => {
      if (answer === words.showText && run !== undefined) await this.showText(run);
    });
  }

  private refuseJournal(what: string, { code, message }: JournalProblem): void {
    this.refuse(what, { code, message });
  }

  protected warn(message: string): void {
    void vscode.window.showWarningMessage(message);
  }

  private tellDocuments(name: string, past: PastRun): void {
    const [root, ...others] = past.documents;
    if (past.status === "running" || past.status === "unknown")
      void vscode.window.showInformationMessage(words.stillRunning(name));
    if (root === undefined) return;
    if (root.state === "same") {
      const changed = [
        ...new Set(others.flatMap(({ file, state }) => (state === "same" ? [] : [path.basename(file)]))),
      ];
      if (changed.length > 0) void vscode.window.showInformationMessage(words.childrenChanged(name, changed));
      return;
    }
    const buttons = root.state === "changed" ? [words.openNow] : [];
    const said = root.state === "changed" ? words.changed(name) : words.goneDocument(name);
    void vscode.window.showInformationMessage(said, ...buttons).then(async (answer) => {
      if (answer === words.openNow) await this.services.showGraph(vscode.Uri.file(root.file));
    });
  }
}

/** The document on whose pages a run is shown. */
function targetOf(place: KeptPlace, { root, documents }: PastRun): vscode.Uri {
  const file = fileOf(root);
  const same = documents.find((one) => one.file === file)?.state === "same";
  return same ? vscode.Uri.file(file) : pinnedUri(place, root);
}

async function isFile(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
