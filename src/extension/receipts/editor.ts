/**
 * The editor of receipt files: read only, verified whenever the file, its neighbours or the trusted keys change. Nothing
 * of the file reaches the page but texts (src/protocol/receipt.ts).
 */
import path from "node:path";
import * as vscode from "vscode";
import { RECEIPT_PROTOCOL, receiptFromPage, type ReceiptFromPage, type ReceiptToPage } from "../../protocol/receipt.ts";
import { readReceiptFile, ShownFile } from "../../runtime/receipt-view/index.ts";
import { pageFolder, pageHtml } from "../page.ts";
import { receiptCommands } from "./manifest.ts";
import { watch, type ReceiptServices } from "./services.ts";
import { words } from "./words.ts";

/** How long changes of the file are gathered, in milliseconds. */
const GATHER_MS = 100;

/** A file that is open in the editor. */
interface ReceiptDocument extends vscode.CustomDocument {
  readonly uri: vscode.Uri;
}

/** Opens files; each panel is a {@link ReceiptPanel}. */
export class ReceiptEditor implements vscode.CustomReadonlyEditorProvider<ReceiptDocument> {
  private readonly services: ReceiptServices;
  private readonly panels = new Set<ReceiptPanel>();

  constructor(services: ReceiptServices) {
    this.services = services;
  }

  openCustomDocument(uri: vscode.Uri): ReceiptDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: ReceiptDocument, panel: vscode.WebviewPanel): void {
    const { extensionUri } = this.services;
    panel.webview.options = { enableScripts: true, localResourceRoots: [pageFolder(extensionUri)] };
    const one = new ReceiptPanel(uri, panel, this.services);
    this.panels.add(one);
    panel.onDidDispose(() => {
      this.panels.delete(one);
      one.dispose();
    });
    panel.webview.html = pageHtml(panel.webview, extensionUri, "receipt", "Receipt");
  }

  /** Brings a place of an open file into view. */
  reveal(uri: vscode.Uri): void {
    for (const panel of this.panels) if (panel.file === uri.toString()) panel.followWish();
  }
}

/** One view of one file. */
class ReceiptPanel implements vscode.Disposable {
  readonly file: string;
  private readonly uri: vscode.Uri;
  private readonly panel: vscode.WebviewPanel;
  private readonly services: ReceiptServices;
  private readonly disposables: vscode.Disposable[] = [];
  private shown: ShownFile | null = null;
  private selected: string | null = null;
  private ready = false;
  private reading = false;
  private again = false;
  private closed = false;
  private gathering: NodeJS.Timeout | null = null;

  constructor(uri: vscode.Uri, panel: vscode.WebviewPanel, services: ReceiptServices) {
    this.uri = uri;
    this.file = uri.toString();
    this.panel = panel;
    this.services = services;
    const changed = (): void => {
      this.gathering ??= setTimeout(() => {
        this.gathering = null;
        void this.read();
      }, GATHER_MS);
    };
    this.disposables.push(
      panel.webview.onDidReceiveMessage((message: unknown) => {
        this.hear(message);
      }),
      services.onDidChange(changed),
    );
    if (uri.scheme === "file") this.disposables.push(watch(path.dirname(uri.fsPath), "*.json", changed));
    void this.read();
  }

  dispose(): void {
    this.closed = true;
    if (this.gathering !== null) clearTimeout(this.gathering);
    for (const one of this.disposables) one.dispose();
  }

  /** Shows the place that somebody wished to see of this file. */
  followWish(): void {
    const wish = this.services.wishes.get(this.file);
    if (wish === undefined || !this.ready || this.shown === null) return;
    this.services.wishes.delete(this.file);
    this.send({ type: "reveal", ...wish });
  }

  /** Reads and verifies; what changes meanwhile is read once more. */
  private async read(): Promise<void> {
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    try {
      do {
        this.again = false;
        this.shown = await this.readOnce();
        if (this.closed) return;
        this.show();
      } while (this.again);
    } catch (problem) {
      this.services.log.error(`${this.uri.path}: ${String(problem)}`);
      const failed = { type: "unreadable", file: this.uri.fsPath, sentence: words.failed, details: [] } as const;
      this.shown = new ShownFile(failed, null);
      if (!this.closed) this.show();
    } finally {
      this.reading = false;
    }
  }

  private async readOnce(): Promise<ShownFile> {
    const { services, uri } = this;
    const trust = await services.trust();
    const file = uri.fsPath;
    if (uri.scheme !== "file")
      return new ShownFile({ type: "unreadable", file, sentence: words.notAFile, details: [] }, trust);
    return new ShownFile(await readReceiptFile(file, trust, services.index(path.dirname(file))), trust);
  }

  private show(): void {
    const { shown } = this;
    if (shown === null || !this.ready) return;
    const { view } = shown;
    const main = view.type === "receipts" ? view.main : "";
    const selected = this.selected !== null && shown.has(this.selected) ? this.selected : main;
    this.send({ type: "show", view, detail: shown.detail(selected) });
    this.followWish();
  }

  private hear(message: unknown): void {
    const parsed = receiptFromPage.safeParse(message);
    if (parsed.success) {
      this.answer(parsed.data).catch((problem: unknown) => {
        this.services.log.error(String(problem));
      });
    } else this.services.log.warn(`a message of the receipt page was not understood: ${parsed.error.message}`);
  }

  private async answer(said: ReceiptFromPage): Promise<void> {
    switch (said.type) {
      case "ready":
        if (said.protocol !== RECEIPT_PROTOCOL) {
          this.panel.webview.html = pageHtml(this.panel.webview, this.services.extensionUri, "receipt", "Receipt");
          return;
        }
        this.ready = true;
        return this.show();
      case "select": {
        const detail = this.shown?.detail(said.receipt) ?? null;
        if (detail === null) return;
        this.selected = said.receipt;
        return this.send({ type: "detail", detail });
      }
      case "copy":
        await vscode.env.clipboard.writeText(said.text);
        return this.send({ type: "said", text: words.copied });
      case "openText":
        await vscode.commands.executeCommand("vscode.openWith", this.uri, "default");
        return;
      case "open": {
        const file = this.shown?.fileOf(said.receipt) ?? null;
        if (file === null) return this.send({ type: "said", text: words.gone });
        await vscode.commands.executeCommand(receiptCommands.open.id, vscode.Uri.file(file));
        return;
      }
      case "export":
        await vscode.commands.executeCommand(receiptCommands.export.id, this.uri);
        return;
      case "problem":
        this.services.log.warn(said.message);
    }
  }

  private send(message: ReceiptToPage): void {
    void this.panel.webview.postMessage(message);
  }
}
