/** The window's runs, whose code, the engine with it, is loaded when the first one is asked for. */
import * as vscode from "vscode";
import { lensCommands } from "../../protocol/language.ts";
import { approvalCommands } from "../approvals/manifest.ts";
import { commands } from "../manifest.ts";
import { RunHub } from "./hub.ts";
import type { EditorAnswer } from "../../runtime/editor-run/index.ts";
import type { Runs, RunServices, RunWish, WaitingRun } from "./runs.ts";

/** How often, and after how many milliseconds, a run is looked at again that another window may be letting go of. */
const MAX_LOOKS = 10;
const BETWEEN_LOOKS = 1_500;

/** What the argument of a command may be: that of a lens, a document, or nothing. */
export type CommandTarget =
  vscode.Uri | { readonly uri: string; readonly start?: string | null; readonly input?: string };

/** See the header. */
export class RunsHolder implements vscode.Disposable {
  readonly hub = new RunHub();
  private readonly services: RunServices;
  private readonly registered: vscode.Disposable[];
  private readonly changed = new vscode.EventEmitter<void>();
  private loaded: Promise<Runs> | null = null;
  /** Runs of this window have begun, gone on or ended. */
  readonly onDidChange = this.changed.event;

  constructor(services: Omit<RunServices, "hub" | "changed">, activeDocument: () => vscode.Uri | null) {
    const changed = (): void => {
      this.changed.fire();
    };
    this.services = { ...services, hub: this.hub, changed };
    const command = (id: string, dry: boolean): vscode.Disposable =>
      vscode.commands.registerCommand(id, async (target?: CommandTarget) => {
        const wish = wishOf(target, dry, activeDocument);
        if (wish !== null) return (await this.runs()).start(wish);
        void vscode.window.showInformationMessage(
          "Open a graph document first: a workflow, a skill graph or a spec.kv.",
        );
        return null;
      });
    const resume = vscode.commands.registerCommand(commands.resumeRun.id, async (target?: CommandTarget) => {
      const document = documentOf(target) ?? activeDocument();
      if (document !== null) return (await this.runs()).resume(document, null);
      void vscode.window.showInformationMessage("Open the document whose run is to go on first.");
      return null;
    });
    this.registered = [command(lensCommands.run, false), command(lensCommands.dryRun, true), resume];
  }

  /** Starts a run for a page of the document; what goes wrong is told to the user. */
  async start(wish: RunWish): Promise<void> {
    await (await this.runs()).start(wish);
  }

  /** Takes a run of a document up again that was cut. */
  async resume(document: vscode.Uri, runId: string): Promise<void> {
    if (await this.reviewed(runId)) return;
    await (await this.runs()).resume(document, runId);
  }

  /** Goes on with a run whose request was answered; null as soon as it does, else why not. */
  async answered(
    run: WaitingRun,
    answer: EditorAnswer,
  ): Promise<{ readonly code: string; readonly message: string } | null> {
    return (await this.runs()).answered(run, answer);
  }

  /** Takes up a kept run; its steps show on the pages of `shownOn`. */
  async resumeKept(run: WaitingRun, shownOn: vscode.Uri): Promise<void> {
    if (await this.reviewed(run.runId)) return;
    await (await this.runs()).resumeKept(run, shownOn);
  }

  /** What a run waits for is answered on the page of its request, which goes on with it. True when that was opened. */
  private async reviewed(runId: string): Promise<boolean> {
    if (!this.hub.waits(runId)) return false;
    await vscode.commands.executeCommand(approvalCommands.review.id, { runId });
    return true;
  }

  /** Runs of this window that are under way. */
  async own(): Promise<ReadonlySet<string>> {
    return (await this.loaded)?.own ?? new Set();
  }

  /** Shows the latest run of a document when it was cut or waits for an answer. The engine is loaded only when there is one. */
  async recall(document: vscode.Uri): Promise<void> {
    if (document.scheme !== "file" || this.hub.shows(document.toString())) return;
    const [{ placeOf }, { unfinishedRuns }] = await Promise.all([
      import("./place.ts"),
      import("../../runtime/editor-run/unfinished.ts"),
    ]);
    const storage = this.services.context.globalStorageUri.fsPath;
    for (let look = 0; look < MAX_LOOKS && !this.hub.shows(document.toString()); look++) {
      const { runs, waiting, underWay } = await unfinishedRuns(placeOf(document), storage);
      const cut = runs.find((one) => one.latest) ?? waiting;
      if (cut !== null) return (await this.runs()).recall(document, cut.runId);
      if (!underWay) return;
      // The window that was closed is still letting go of it.
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS).unref());
    }
  }

  /** Ends a run for good. */
  async cancel(runId: string): Promise<void> {
    (await this.loaded)?.cancel(runId);
  }

  /** Stops all runs at their next safe point. */
  async close(): Promise<void> {
    await (await this.loaded)?.close();
  }

  dispose(): void {
    for (const one of [this.changed, ...this.registered]) one.dispose();
  }

  private runs(): Promise<Runs> {
    this.loaded ??= import("./runs.ts").then(({ Runs }) => new Runs(this.services));
    return this.loaded;
  }
}

function wishOf(
  target: CommandTarget | undefined,
  dry: boolean,
  activeDocument: () => vscode.Uri | null,
): RunWish | null {
  const document = documentOf(target) ?? activeDocument();
  if (document === null) return null;
  if (target === undefined || target instanceof vscode.Uri) return { document, dry, start: null, input: null };
  const { start = null, input } = target;
  return { document, dry, start, input: input === undefined ? null : { type: "text", text: input } };
}

/** The document that a command was given; null when it was given none. */
export function documentOf(target: CommandTarget | undefined): vscode.Uri | null {
  if (target === undefined || target instanceof vscode.Uri) return target ?? null;
  return typeof target.uri === "string" ? vscode.Uri.parse(target.uri) : null;
}
