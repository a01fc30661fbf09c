/**
 * Approvals in the editor: what waits in the state directories of the window, its badge, its pages, and one notification
 * for each request that arrives (spec/editor.md §7).
 *
 * Invariants: nothing here answers, signs or trusts; a request is told once, and never when it was there at the start;
 * the engine is loaded when the first request is looked at.
 */
import * as vscode from "vscode";
import type { ApprovalSource, RequestRef } from "../../runtime/approvals/source.ts";
import { registerKeys } from "../keys/register.ts";
import type { KeyStore } from "../keys/store.ts";
import type { RunsHolder } from "../run/holder.ts";
import type { Stores } from "../stores.ts";
import { APPROVAL_PAGE, approvalCommands, HISTORY_VIEW, PENDING_VIEW } from "./manifest.ts";
import { keyOf, Requests, waiting, type Placed } from "./model.ts";
import type { ApprovalPanel } from "./panel.ts";
import { HistoryTree, PendingTree } from "./tree.ts";
import { words } from "./words.ts";

/** How often the badge is counted anew, since requests expire by themselves; milliseconds. */
const COUNT_MS = 60_000;

/** What approvals are given. */
export interface ApprovalServices {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly stores: Stores;
  readonly keys: KeyStore;
  readonly runs: RunsHolder;
  showGraph(document: vscode.Uri): Promise<void>;
}

/** See the header. */
export class Approvals implements vscode.Disposable {
  private readonly services: ApprovalServices;
  private readonly requests: Requests;
  private readonly pending: PendingTree;
  private readonly history: HistoryTree;
  private readonly view: vscode.TreeView<unknown>;
  private readonly historyView: vscode.TreeView<unknown>;
  private readonly panels = new Map<string, ApprovalPanel>();
  private readonly sources = new Map<string, ApprovalSource>();
  private readonly registered: vscode.Disposable;

  constructor(services: ApprovalServices) {
    const { stores, keys } = services;
    this.services = services;
    this.requests = new Requests(
      () => this.allSources(),
      (arrived) => {
        this.read(arrived);
      },
    );
    this.pending = new PendingTree(this.requests);
    this.history = new HistoryTree(this.requests);
    this.view = vscode.window.createTreeView(PENDING_VIEW, { treeDataProvider: this.pending });
    this.historyView = vscode.window.createTreeView(HISTORY_VIEW, { treeDataProvider: this.history });
    const counting = setInterval(() => {
      this.count();
    }, COUNT_MS);
    this.registered = vscode.Disposable.from(
      ...[this.pending, this.history, this.view, this.historyView],
      { dispose: () => clearInterval(counting) },
      registerKeys(keys, () => this.principal()),
      keys.onDidChange(() => void this.refreshPages()),
      stores.onDidChange(() => void this.refresh()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.refresh()),
      vscode.commands.registerCommand(approvalCommands.refresh.id, () => this.refresh()),
      vscode.commands.registerCommand(approvalCommands.review.id, (row?: unknown) => this.review(row)),
      vscode.window.registerWebviewPanelSerializer(APPROVAL_PAGE, {
        deserializeWebviewPanel: (panel, state) => this.restore(panel, state),
      }),
    );
    // Not while the extension is being activated: what waits is read when there is time.
    setImmediate(() => void this.refresh());
  }

  /** A run of this window waits. What it asks is told as any other request; where none is found, the sentence is. */
  async paused(runId: string, sentence: string): Promise<void> {
    await this.refresh();
    const asked = this.requests.snapshot.pending?.some(({ request }) => request.ref.runId === runId) ?? false;
    if (!asked) void vscode.window.showWarningMessage(sentence);
  }

  dispose(): void {
    // Pages stay: a next window shows them again.
    this.registered.dispose();
  }

  private async refresh(): Promise<void> {
    try {
      await this.requests.refresh();
    } catch (problem) {
      this.services.log.error(String(problem));
    }
    await this.refreshPages();
  }

  private async refreshPages(): Promise<void> {
    await Promise.all([...this.panels.values()].map((panel) => panel.refresh()));
  }

  private async allSources(): Promise<readonly ApprovalSource[]> {
    const [stores, { LocalApprovals }] = await Promise.all([
      this.services.stores.all(),
      import("../../runtime/approvals/local-source.ts"),
    ]);
    return stores.map(({ stateDir }) => {
      const source = this.sources.get(stateDir) ?? new LocalApprovals(stateDir);
      this.sources.set(stateDir, source);
      return source;
    });
  }

  /** After every reading. */
  private read(arrived: readonly Placed[]): void {
    this.count();
    this.pending.refresh();
    if (this.historyView.visible) this.history.refresh();
    const unseen = arrived.filter(({ source, request }) => !this.panels.has(keyOf(source, request.ref)));
    const [first, ...more] = unseen;
    if (first === undefined) return;
    void (more.length === 0 ? this.tell(first) : this.tellMany(unseen.length));
  }

  private count(): void {
    const count = waiting(this.requests.snapshot.pending ?? [], Date.now());
    this.view.badge = count === 0 ? undefined : { value: count, tooltip: words.badge(count) };
  }

  private async tell(placed: Placed): Promise<void> {
    const { runId } = placed.request.ref;
    const { hub } = this.services.runs;
    const document = hub.documentOf(runId);
    const canvas = document === null ? [] : [words.showOnCanvas];
    const said = words.arrived(placed.request);
    const answer = await vscode.window.showInformationMessage(said, words.review, ...canvas, words.later);
    if (answer === words.review) await this.open(placed.source, placed.request.ref);
    if (answer !== words.showOnCanvas || document === null) return;
    hub.show(runId);
    await this.services.showGraph(vscode.Uri.parse(document));
  }

  private async tellMany(count: number): Promise<void> {
    const said = words.arrivedMany(count);
    const answer = await vscode.window.showInformationMessage(said, words.review, words.later);
    if (answer === words.review) await vscode.commands.executeCommand(`${PENDING_VIEW}.focus`);
  }

  /** Opens the request of a row, or of the run that is named; without one, what has waited longest. */
  private async review(row: unknown): Promise<void> {
    const known = this.placedIn(row);
    if (known !== null) return this.open(known.source, known.request.ref);
    const runId = runIn(row);
    await this.requests.refresh();
    const oldest = [...(this.requests.snapshot.pending ?? [])]
      .filter(({ request }) => runId === null || request.ref.runId === runId)
      .sort((a, b) => a.request.ref.askedAt - b.request.ref.askedAt)[0];
    if (oldest === undefined) void vscode.window.showInformationMessage(words.nothingWaits);
    else await this.open(oldest.source, oldest.request.ref);
  }

  /** The request of one of our rows; anything else is no row. */
  private placedIn(row: unknown): Placed | null {
    if (typeof row !== "object" || row === null || !("source" in row) || !("request" in row)) return null;
    const { source } = row as Placed;
    return this.sources.get(source.id) === source ? (row as Placed) : null;
  }

  private async open(source: ApprovalSource, ref: RequestRef): Promise<void> {
    const known = this.panels.get(keyOf(source, ref));
    if (known !== undefined) {
      known.panel.reveal();
      return;
    }
    const { newPanel } = await import("./panel.ts");
    await this.fill(newPanel(), source, ref);
  }

  private async fill(panel: vscode.WebviewPanel, source: ApprovalSource, ref: RequestRef): Promise<void> {
    const { ApprovalPanel } = await import("./panel.ts");
    const { context, log, keys } = this.services;
    const made = new ApprovalPanel(panel, source, ref, {
      ...{ context, log, keys },
      answered: (run, answer) => this.services.runs.answered(run, answer),
      showGraph: (document) => this.services.showGraph(document),
      principal: () => this.principal(),
      changed: () => void this.refresh(),
    });
    const key = keyOf(source, ref);
    this.panels.set(key, made);
    panel.onDidDispose(() => this.panels.delete(key));
  }

  /** A page that was open when its window was closed. */
  private async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const kept = keptIn(state);
    const source = (await this.allSources()).find(({ id }) => id === kept?.source);
    if (kept === null || source === undefined) panel.dispose();
    else await this.fill(panel, source, kept.ref);
  }

  /** Who sits here, as runs of the first place are started. */
  private async principal(): Promise<string> {
    const [{ operatorOf }, [store]] = await Promise.all([
      import("../../runtime/editor-run/place.ts"),
      this.services.stores.all(),
    ]);
    const read = store === undefined ? null : await operatorOf(store.place);
    return read?.ok === true ? read.operator.principal : "";
  }
}

/** What of a page outlives its window: which request it shows. */
function keptIn(state: unknown): { readonly source: string; readonly ref: RequestRef } | null {
  if (typeof state !== "object" || state === null) return null;
  const { source, runId, id, askedAt } = state as Readonly<Record<string, unknown>>;
  if (typeof source !== "string" || typeof runId !== "string" || typeof id !== "string") return null;
  return typeof askedAt === "number" ? { source, ref: { runId, id, askedAt } } : null;
}

/** The run that an argument of the command names. */
function runIn(argument: unknown): string | null {
  if (typeof argument !== "object" || argument === null || !("runId" in argument)) return null;
  return typeof argument.runId === "string" ? argument.runId : null;
}
