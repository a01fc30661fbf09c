/** The window's runs, whose code, the engine with it, is loaded when the first one is asked for. */
import * as vscode from "vscode";
import { lensCommands } from "../../protocol/language.ts";
import { RunHub } from "./hub.ts";
import type { Runs, RunServices, RunWish } from "./runs.ts";

/** What the argument of a command may be: that of a lens, a document, or nothing. */
export type CommandTarget =
  vscode.Uri | { readonly uri: string; readonly start?: string | null; readonly input?: string };

/** See the header. */
export class RunsHolder implements vscode.Disposable {
  readonly hub = new RunHub();
  private readonly services: RunServices;
  private readonly registered: vscode.Disposable[];
  private loaded: Promise<Runs> | null = null;

  constructor(services: Omit<RunServices, "hub">, activeDocument: () => vscode.Uri | null) {
    this.services = { ...services, hub: this.hub };
    const command = (id: string, dry: boolean): vscode.Disposable =>
      vscode.commands.registerCommand(id, async (target?: CommandTarget) => {
        const wish = wishOf(target, dry, activeDocument);
        if (wish !== null) return (await this.runs()).start(wish);
        void vscode.window.showInformationMessage(
          "Open a graph document first: a workflow, a skill graph or a spec.kv.",
        );
        return null;
      });
    this.registered = [command(lensCommands.run, false), command(lensCommands.dryRun, true)];
  }

  /** Starts a run for a page of the document; what goes wrong is told to the user. */
  async start(wish: RunWish): Promise<void> {
    await (await this.runs()).start(wish);
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
    for (const one of this.registered) one.dispose();
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
