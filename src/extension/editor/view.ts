/**
 * One view of a document on the canvas: follows the text, answers the page (spec/editor.md §2, §3).
 *
 * Invariants: the page holds no truth, so everything is sent anew when it says `ready`; what cannot be drawn leaves
 * the last drawing, greyed; a message that the protocol does not know is told to the log and changes nothing.
 */
import * as vscode from "vscode";
import {
  chained,
  elementAt,
  inspect,
  type CanvasState,
  type HeldDrawing,
  type OpenLive,
} from "../../runtime/canvas/index.ts";
import {
  fromPage,
  PROTOCOL_VERSION,
  type ElementChange,
  type PageIntent,
  type ToPage,
} from "../../protocol/webview.ts";
import { answerPage, type AnsweringView } from "./answers.ts";
import { DocumentEdits } from "./apply.ts";
import { brokenMessage } from "./broken.ts";
import { childMessage, type OpenChild } from "./children.ts";
import { coverageMessage } from "./coverage.ts";
import { DrawnDocument } from "./drawn.ts";
import { Findings } from "./findings.ts";
import { hasMixedLineEndings } from "./files.ts";
import { isGitDocument, type ComparedView } from "./head.ts";
import { initMessage } from "./init.ts";
import { perform } from "./intents.ts";
import { listenBeside, type ListeningView } from "./listening.ts";
import { PageDebug, type DebuggedView } from "./page-debug.ts";
import { exportPicture } from "./pictures.ts";
import type { ViewServices } from "./services.ts";
import { RUN_SCHEME } from "../kept-runs/manifest.ts";
import { words as keptRunWords } from "../kept-runs/words.ts";
import type { PageRuns } from "../run/hub.ts";

/** See the header. */
export class GraphView implements vscode.Disposable, ComparedView {
  readonly document: vscode.TextDocument;
  private readonly panel: vscode.WebviewPanel;
  private readonly open: OpenLive;
  private readonly services: ViewServices;
  private readonly edits: DocumentEdits;
  private readonly canvas: DrawnDocument;
  private readonly findings: Findings;
  private readonly runs: PageRuns;
  private readonly debug: PageDebug;
  private readonly listeners: vscode.Disposable[] = [];
  private ready = false;
  /** Its page is gone: what was under way has nobody to tell. */
  private closed = false;
  private selected: string | null = null;
  /** Elements by the keys that the page knows them by, where these are not their keys any more. */
  private renames: ReadonlyMap<string, string> = new Map();
  private notice: string | null = null;
  /** A version that only can be looked at. */
  private readonly readOnly: boolean;

  constructor(document: vscode.TextDocument, panel: vscode.WebviewPanel, open: OpenLive, services: ViewServices) {
    this.document = document;
    this.panel = panel;
    this.open = open;
    this.services = services;
    this.edits = new DocumentEdits(document);
    this.readOnly = vscode.workspace.fs.isWritableFileSystem(document.uri.scheme) === false;
    if (isGitDocument(document)) this.notice = "This is the graph of git's HEAD. It is only shown.";
    if (document.uri.scheme === RUN_SCHEME) this.notice = keptRunWords.onlyThen;
    this.canvas = new DrawnDocument(document, open, services, () => {
      this.tellingPage(this.refresh());
    });
    this.findings = new Findings(document, this.canvas);
    const lent = this.lent();
    this.runs = services.runs.hub.attach(document.uri.toString(), (message) => {
      this.send(message);
    });
    this.debug = new PageDebug(lent, services.debug);
    this.listeners.push(
      this.runs,
      this.debug,
      panel.webview.onDidReceiveMessage((message: unknown) => {
        this.receive(message);
      }),
      ...listenBeside(lent, services),
    );
    this.read();
  }

  /** What the view lends to those that listen and answer for it. */
  private lent(): ListeningView & AnsweringView & DebuggedView {
    const { document, canvas, edits, services } = this;
    return {
      ...{ document, canvas, edits, services },
      runs: () => this.runs,
      debug: () => this.debug,
      drawn: () => this.drawnNow,
      send: (message) => {
        this.send(message);
      },
      say: (message) => {
        this.say(message);
      },
      tellingPage: (work) => {
        this.tellingPage(work);
      },
      choose: (element) => {
        this.selected = element;
        this.sendInspected();
      },
      follow: (offset) => {
        this.follow(offset);
      },
      restart: async () => {
        if (this.ready) await this.welcome(PROTOCOL_VERSION);
      },
      sendMarks: () => {
        this.sendMarks();
      },
      sendCoverage: () => {
        this.sendCoverage();
      },
      decide: (drawn) => this.decide(drawn),
      refresh: () => this.refresh(),
      expand: (node, open) => this.expand(node, open),
      welcome: (protocol) => this.welcome(protocol),
      perform: (request, base, intent) => this.perform(request, base, intent),
      export: (format, dark, png) => this.export(format, dark, png),
    };
  }

  dispose(): void {
    this.closed = true;
    for (const listener of this.listeners) listener.dispose();
    this.canvas.dispose();
  }

  /** Reads the present text; what belongs to a node stays with it when it is renamed. */
  private read(): void {
    const renames = this.canvas.read();
    if (renames === null || renames.size === 0) return;
    this.renames = chained(this.renames, renames);
    if (this.selected !== null) this.selected = renames.get(this.selected) ?? this.selected;
    this.tellingPage(this.services.places.rename(this.document.uri, renames));
    for (const [to, child] of this.canvas.children.all()) this.sendChild(to, child);
  }

  private async refresh(): Promise<void> {
    this.read();
    if (!this.ready) return;
    if (this.canvas.broken !== null) {
      this.send(brokenMessage(this.document, this.canvas, this.canvas.broken));
    }
    const shown = await this.canvas.layOut();
    if (shown === null || this.canvas.broken !== null) return;
    const { version, drawing, layout } = shown;
    this.canvas.sent.sent(version);
    const renames = Object.fromEntries(this.renames);
    this.renames = new Map();
    const shownWith = { editable: !this.readOnly, renames, notice: this.notice };
    this.send({ type: "graph", version, drawing, layout, ...shownWith } as ToPage);
    this.sendMarks();
    this.sendCoverage();
    this.debug.redrawn();
    this.sendInspected();
    this.services.compare(this);
    await this.decide(shown.state);
  }

  /** What is drawn of the present text; null while that does not parse. */
  private get drawnNow(): CanvasState | null {
    return this.canvas.broken === null ? this.canvas.state : null;
  }

  /** What is drawn, for comparisons. */
  get drawn(): CanvasState | null {
    return this.canvas.state;
  }

  /** Marks what differs from another version of the document. */
  showChanges(changes: readonly ElementChange[]): void {
    if (this.ready) this.send({ type: "changes", changes: [...changes] });
  }

  private send(message: ToPage): void {
    if (!this.closed) void this.panel.webview.postMessage(message);
  }

  private receive(message: unknown): void {
    const parsed = fromPage.safeParse(message);
    if (!parsed.success) {
      this.services.log.error(`the graph editor's page said something unknown: ${parsed.error.message}`);
      return;
    }
    this.tellingPage(answerPage(this.lent(), parsed.data));
  }

  /** What goes wrong on the way is told to the log and the user; nothing waits for an answer in vain. */
  private tellingPage(work: Promise<void>): void {
    work.catch((problem: unknown) => {
      this.services.log.error(String(problem));
      this.say(problem instanceof Error ? problem.message : String(problem));
    });
  }

  /** A refusal in the page's status line. */
  private say(message: string): void {
    this.send({ type: "answered", request: 0, ok: false, message, select: null });
  }

  /** Draws a node's child inside it, or no more. */
  private async expand(node: string, open: boolean): Promise<void> {
    if (this.canvas.state === null) return;
    if (open) this.sendChild(node, await this.canvas.children.expand(this.canvas.state, node));
    else {
      this.canvas.children.close(node);
      this.sendChild(node, null);
    }
    await this.refresh();
  }

  private sendChild(node: string, child: OpenChild | null): void {
    this.send(childMessage(node, child));
  }

  /** Saves what the page shows. */
  async export(format: "svg" | "png", dark: boolean, png: string | null = null): Promise<void> {
    const problem = await exportPicture(this.document, this.canvas, { format, dark, png }, (message) => {
      this.send(message);
    });
    if (problem !== null) this.say(problem);
  }

  /** True for the view that has the focus. */
  get active(): boolean {
    return this.panel.active;
  }

  private async welcome(protocol: number): Promise<void> {
    if (protocol !== PROTOCOL_VERSION) {
      this.services.log.warn("the graph editor's page is of another version; it is loaded again");
      await vscode.commands.executeCommand("workbench.action.webview.reloadWebviewAction");
      return;
    }
    this.ready = true;
    this.canvas.version = -1;
    this.read();
    if (await hasMixedLineEndings(this.document.uri)) {
      this.notice =
        "The file mixes two kinds of line endings. The editor shows one kind and writes that one everywhere when it saves.";
    }
    this.send(initMessage(this.document, this.canvas.state?.graph.dialect ?? "workflow"));
    this.runs.ready();
    this.debug.restart();
    await this.refresh();
    await this.services.runs.recall(this.document.uri);
  }

  private async perform(request: number, base: number | HeldDrawing, intent: PageIntent): Promise<void> {
    if (this.readOnly) {
      this.say("this version of the document is only shown");
      return;
    }
    const { document, canvas, edits, open } = this;
    const read = (): void => {
      this.read();
    };
    const answer = await perform({ document, canvas, edits, open, read, places: this.services.places }, base, intent);
    if (answer.select !== null) this.selected = answer.select;
    this.send({ type: "answered", request, ...answer });
    if (answer.select !== null) this.sendInspected();
  }

  private sendCoverage(): void {
    if (this.ready) this.send(coverageMessage(this.services.coverage.of(this.document.uri), this.canvas.state));
  }

  private sendMarks(): void {
    if (this.ready) this.send(this.findings.message());
  }

  private async decide(drawn: CanvasState): Promise<void> {
    if (await this.findings.decide(drawn)) this.sendMarks();
  }

  private sendInspected(): void {
    if (this.canvas.state === null || !this.ready) return;
    const fields = inspect(this.canvas.state, this.selected);
    this.send({ type: "inspected", version: this.canvas.version, fields });
  }

  /** The text's cursor went somewhere: its element is selected here. */
  private follow(offset: number): void {
    if (this.canvas.state === null || this.canvas.broken !== null || !this.ready || this.panel.active) return;
    const element = elementAt(this.canvas.state, offset);
    if (element === this.selected) return;
    this.selected = element;
    this.send({ type: "selected", element });
    this.sendInspected();
  }
}
