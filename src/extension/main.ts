/**
 * The extension's entry: commands, the language client, and whatever else documents of ours ask for, each loaded when
 * it is first needed (spec/editor.md §7).
 *
 * Invariant: activation loads no parser, no engine and no client; it listens.
 */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { Approvals } from "./approvals/register.ts";
import { DebugFollowing } from "./debug/following.ts";
import { DebugKeys } from "./debug/keys.ts";
import { registerDebugging } from "./debug/register.ts";
import type { PlacesStore } from "./editor/places.ts";
import { GraphDocuments } from "./graph-documents.ts";
import { KeyStore } from "./keys/store.ts";
import { registerKeptRuns } from "./kept-runs/register.ts";
import { commands, EDITOR_TYPE } from "./manifest.ts";
import { lensCommands } from "../protocol/language.ts";
import { registerLearning } from "./learn/register.ts";
import { registerModelTools } from "./model-tools/register.ts";
import { registerReceipts } from "./receipts/register.ts";
import { Stores } from "./stores.ts";
import { Tests } from "./tests/register.ts";
import { documentOf, RunsHolder, type CommandTarget } from "./run/holder.ts";

/** Commands of code lenses that are carried out here. */
const carriedOut = Object.values(lensCommands);

/** The runs of this window, which outlive everything else in it by a moment. */
let runs: RunsHolder | null = null;

/** Called by VS Code on the first activation event. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Countersign", { log: true });
  const graphs = new GraphDocuments();
  const stores = new Stores(context, log);
  const server = new ServerHolder(context, log);
  const keys = new KeyStore(context.secrets, context.globalState);
  const paused = (runId: string, sentence: string): void => void approvals.paused(runId, sentence);
  const holder = new RunsHolder({ context, log, showGraph, keys, paused }, activeDocument);
  const approvals = new Approvals({ context, log, stores, keys, runs: holder, showGraph });
  const following = new DebugFollowing(holder.hub);
  const tests = new Tests({ log, stores, activeDocument });
  runs = holder;
  context.subscriptions.push(
    log,
    holder,
    graphs,
    server,
    stores,
    approvals,
    tests,
    registerKeptRuns({ log, stores, runs: holder, showGraph, activeDocument }),
    registerReceipts(context, stores, log),
    registerModelTools(context, stores),
    registerLearning(context),
    new DebugKeys(graphs, activeDocument),
    following,
    registerDebugging(context, activeDocument, following, keys),
    graphs.onSeen(() => void server.start()),
    vscode.workspace.onDidChangeConfiguration((changed) => {
      if (!changed.affectsConfiguration("countersign.files.associations")) return;
      graphs.lookAgain();
      void server.restartIfRunning();
    }),
    vscode.commands.registerCommand(commands.restartServer.id, () => server.restart()),
    vscode.commands.registerCommand(commands.showLog.id, () => {
      log.show();
    }),
  );
  graphs.start();
  registerEditorLazily(context, log, server, holder, { debug: following, coverage: tests.marks });
  registerOpening(context);
  registerExport(context);
}

/** Called by VS Code when the window closes: runs stop at their next safe point (spec/editor.md §7). */
export async function deactivate(): Promise<void> {
  await runs?.close();
}

/** Pictures of the canvas that has the focus. */
function registerExport(context: vscode.ExtensionContext): void {
  const exported = (format: "svg" | "png") => async (): Promise<void> => {
    const { activeView } = await import("./editor/active.ts");
    const { Dark, HighContrast } = vscode.ColorThemeKind;
    const { kind } = vscode.window.activeColorTheme;
    const view = activeView();
    if (view === null) void vscode.window.showInformationMessage("Open a graph on the canvas first.");
    else await view.export(format, kind === Dark || kind === HighContrast);
  };
  context.subscriptions.push(
    vscode.commands.registerCommand(commands.exportSvg.id, exported("svg")),
    vscode.commands.registerCommand(commands.exportPng.id, exported("png")),
  );
}

/** The custom editor's code is loaded when the first graph is opened in it. */
function registerEditorLazily(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  server: ServerHolder,
  holder: RunsHolder,
  shown: { readonly debug: DebugFollowing; readonly coverage: Tests["marks"] },
): void {
  let places: PlacesStore | null = null;
  const provider: vscode.CustomTextEditorProvider = {
    resolveCustomTextEditor: async (document, panel, token) => {
      const [{ createGraphEditor }, { PlacesStore }] = await Promise.all([
        import("./editor/provider.ts"),
        import("./editor/places.ts"),
      ]);
      if (places === null) {
        places = new PlacesStore(context.workspaceState);
        context.subscriptions.push(places);
      }
      const editor = createGraphEditor({
        ...{ context, log, places, runs: holder, ...shown },
        server: () => server.start(),
      });
      await editor.resolveCustomTextEditor(document, panel, token);
    },
  };
  const options = { supportsMultipleEditorsPerDocument: true, webviewOptions: { retainContextWhenHidden: false } };
  context.subscriptions.push(vscode.window.registerCustomEditorProvider(EDITOR_TYPE, provider, options));
}

/** Opening as graph and as text. */
function registerOpening(context: vscode.ExtensionContext): void {
  const openAs = async (given: CommandTarget | undefined, type: string, column: vscode.ViewColumn): Promise<void> => {
    const target = documentOf(given) ?? activeDocument();
    if (target === null) {
      void vscode.window.showInformationMessage("Open a graph document first: a workflow, a skill graph or a spec.kv.");
      return;
    }
    await vscode.commands.executeCommand("vscode.openWith", target, type, column);
  };
  const { Active, Beside } = vscode.ViewColumn;
  context.subscriptions.push(
    vscode.commands.registerCommand(commands.openGraph.id, (uri?: CommandTarget) => openAs(uri, EDITOR_TYPE, Active)),
    vscode.commands.registerCommand(commands.openGraphToSide.id, (uri?: CommandTarget) =>
      openAs(uri, EDITOR_TYPE, Beside),
    ),
    vscode.commands.registerCommand(commands.openHead.id, async (uri?: CommandTarget) => {
      const target = documentOf(uri) ?? activeDocument();
      const { headOf } = await import("./editor/head.ts");
      const head = target === null ? "Open a graph document first." : await headOf(target);
      if (typeof head === "string") void vscode.window.showInformationMessage(head);
      else await vscode.commands.executeCommand("vscode.openWith", head, EDITOR_TYPE, Beside);
    }),
    vscode.commands.registerCommand(commands.newGraph.id, async () => (await import("./new-graph.ts")).newGraph()),
    vscode.commands.registerCommand(commands.openText.id, (uri?: CommandTarget) => openAs(uri, "default", Active)),
  );
}

/** A document's graph in the active group, or where it is open already. */
async function showGraph(document: vscode.Uri): Promise<void> {
  const open = vscode.window.tabGroups.all.find((group) =>
    group.tabs.some(
      ({ input }) =>
        input instanceof vscode.TabInputCustom &&
        input.viewType === EDITOR_TYPE &&
        input.uri.toString() === document.toString(),
    ),
  );
  const column = open?.viewColumn ?? vscode.ViewColumn.Active;
  await vscode.commands.executeCommand("vscode.openWith", document, EDITOR_TYPE, column);
}

/** The document of the active tab, text or canvas. */
function activeDocument(): vscode.Uri | null {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) return input.uri;
  return vscode.window.activeTextEditor?.document.uri ?? null;
}

/** The one language client, started when it is first asked for. */
class ServerHolder implements vscode.Disposable {
  private client: Promise<LanguageClient | null> | null = null;
  private readonly context: vscode.ExtensionContext;
  private readonly log: vscode.LogOutputChannel;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.context = context;
    this.log = log;
  }

  /** The running client; null when it could not be started, which the user has been told. */
  start(): Promise<LanguageClient | null> {
    this.client ??= this.launch();
    return this.client;
  }

  /** What files are is settled when the server starts. */
  async restartIfRunning(): Promise<void> {
    if (this.client !== null) await this.restart();
  }

  async restart(): Promise<void> {
    const client = await this.client;
    this.client = null;
    await client?.stop();
    await this.start();
  }

  private async launch(): Promise<LanguageClient | null> {
    try {
      const { startLanguageClient } = await import("./language-client.ts");
      return await startLanguageClient(this.context, this.log, carriedOut);
    } catch (problem) {
      this.log.error(String(problem));
      const again = "Try Again";
      const said = "The language server of Countersign could not be started; its log says why.";
      void vscode.window.showErrorMessage(said, again, "Show Log").then((answer) => {
        if (answer === again) void this.restart();
        else if (answer !== undefined) this.log.show();
      });
      return null;
    }
  }

  dispose(): void {
    void this.client?.then((client) => client?.stop());
  }
}
