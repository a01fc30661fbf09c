/**
 * The page of one request (spec/editor.md §7): shows it as it is now, and takes the answer of whoever reads it.
 *
 * Invariants: the page holds no key and no truth; its answer echoes the digest that it was shown, and a native question
 * whose default is not Approve stands before every signature.
 */
import path from "node:path";
import * as vscode from "vscode";
import {
  APPROVAL_PROTOCOL,
  fromApproval,
  toApproval,
  type FromApproval,
  type ToApproval,
} from "../../protocol/approval.ts";
import { standingAt, type Standing } from "../../runtime/approvals/editor-standing.ts";
import type { ApprovalSource, RequestRef, ShownRequest } from "../../runtime/approvals/source.ts";
import { documentFile, type EditorAnswer } from "../../runtime/editor-run/index.ts";
import { exportKeys, makeKey } from "../keys/register.ts";
import type { KeyStore } from "../keys/store.ts";
import { learned } from "../learn/learned.ts";
import { pageFolder, pageHtml } from "../page.ts";
import { placeOf } from "../run/place.ts";
import type { WaitingRun } from "../run/runs.ts";
import { giveAnswer, goOn, type AnsweringHost, type Confirmation } from "./answering.ts";
import { APPROVAL_PAGE } from "./manifest.ts";
import { resumeCommand, viewOf } from "./view.ts";
import { words } from "./words.ts";

/** What pages are given. */
export interface PanelServices {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly keys: KeyStore;
  /** Goes on with a run; null as soon as it does, else why not. */
  answered(run: WaitingRun, answer: EditorAnswer): Promise<{ readonly code: string; readonly message: string } | null>;
  /** Shows the run's document on the canvas. */
  showGraph(document: vscode.Uri): Promise<void>;
  /** Who sits here. */
  principal(): Promise<string>;
  /** Requests may be others now. */
  changed(): void;
}

/** The page's panel, new. */
export function newPanel(): vscode.WebviewPanel {
  const options = { enableScripts: true, retainContextWhenHidden: false };
  return vscode.window.createWebviewPanel(APPROVAL_PAGE, words.view, vscode.ViewColumn.Active, options);
}

/** See the header. */
export class ApprovalPanel {
  readonly panel: vscode.WebviewPanel;
  private readonly source: ApprovalSource;
  private readonly ref: RequestRef;
  private readonly services: PanelServices;
  private ready = false;
  private busy = false;

  constructor(panel: vscode.WebviewPanel, source: ApprovalSource, ref: RequestRef, services: PanelServices) {
    this.panel = panel;
    this.source = source;
    this.ref = ref;
    this.services = services;
    const { webview } = panel;
    const { extensionUri } = services.context;
    webview.options = { enableScripts: true, localResourceRoots: [pageFolder(extensionUri)] };
    webview.onDidReceiveMessage((message: unknown) => {
      const parsed = fromApproval.safeParse(message);
      if (!parsed.success) services.log.error(`the approval page: ${parsed.error.message}`);
      else void this.hear(parsed.data).catch((problem: unknown) => this.failed(problem));
    });
    webview.html = pageHtml(webview, extensionUri, "approval", words.view);
  }

  /** Shows the request as it is now. */
  async refresh(): Promise<void> {
    if (!this.ready || this.busy) return;
    await this.show();
  }

  private async show(): Promise<void> {
    const read = await this.source.show(this.ref);
    if (!read.ok) {
      this.send({ type: "missing", message: read.problem.message });
      return;
    }
    const shown = read.value;
    this.panel.title = words.pageTitle(shown.open.pending.place, shown.answer !== null);
    const standing = await this.standing(shown);
    const document = fileOf(shown);
    const view = viewOf(shown, {
      ...{ standing, keys: this.services.keys.list(), elsewhere: await this.elsewhere(shown, standing) },
      documentName: vscode.workspace.asRelativePath(document, false),
      stateDir: this.source.id,
      now: Date.now(),
    });
    const { runId, id, askedAt } = this.ref;
    this.send({ type: "show", view, keep: { source: this.source.id, runId, id, askedAt } });
  }

  private standing(shown: ShownRequest): Promise<Standing> {
    const { environment } = shown.open.pending;
    return standingAt({
      ...{ place: placeOf(fileOf(shown), runnerIn(shown)), environment, stateDir: this.source.id },
      storage: this.services.context.globalStorageUri.fsPath,
      keys: this.services.keys.list(),
    });
  }

  private async elsewhere(shown: ShownRequest, known?: Standing): Promise<string | null> {
    const document = fileOf(shown);
    const here =
      vscode.workspace.getWorkspaceFolder(document) !== undefined ||
      vscode.workspace.textDocuments.some(({ uri }) => uri.toString() === document.toString());
    if (!here) return words.elsewhere;
    return (known ?? (await this.standing(shown))).elsewhere;
  }

  private async hear(message: FromApproval): Promise<void> {
    const { keys, services } = { keys: this.services.keys, services: this.services };
    switch (message.type) {
      case "ready":
        if (message.protocol !== APPROVAL_PROTOCOL) {
          const { webview } = this.panel;
          webview.html = pageHtml(webview, services.context.extensionUri, "approval", words.view);
          return;
        }
        this.ready = true;
        return this.show();
      case "problem":
        services.log.error(`the approval page: ${message.message}`);
        return;
      case "answer":
        return this.work(async () => {
          const said = await giveAnswer(this.source, this.ref, message, this.host());
          if (message.approved && said.tone === "good") learned("approve");
          return said;
        });
      case "goOn":
        return this.work(() => goOn(this.source, this.ref, this.host()));
      case "makeKey":
        await makeKey(keys, () => services.principal());
        return this.show();
      case "exportKey":
        return exportKeys(keys.list().filter(({ kid }) => kid === message.kid));
      case "copy":
        return this.copy(message.what, message.kid);
      case "openDocument": {
        const shown = await this.source.show(this.ref);
        if (shown.ok)
          await vscode.window.showTextDocument(fileOf(shown.value), { viewColumn: vscode.ViewColumn.Beside });
        return;
      }
      case "openGraph": {
        const shown = await this.source.show(this.ref);
        if (shown.ok) await services.showGraph(fileOf(shown.value));
        return;
      }
    }
  }

  /** One answer at a time; the request is shown as it is afterwards. */
  private async work(answer: () => Promise<ToApproval>): Promise<void> {
    if (this.busy) return;
    if (!vscode.workspace.isTrusted) {
      this.send({ type: "said", tone: "bad", message: words.untrusted, next: null });
      return;
    }
    this.busy = true;
    this.send({ type: "busy", busy: true });
    try {
      const said = await answer();
      await this.show();
      this.send(said);
    } finally {
      this.busy = false;
      this.send({ type: "busy", busy: false });
      this.services.changed();
    }
  }

  private host(): AnsweringHost {
    const { keys } = this.services;
    return {
      confirm,
      signer: (kid) => keys.signer(kid),
      elsewhere: (shown) => this.elsewhere(shown),
      goOn: async (shown, answer) => {
        const run = {
          document: fileOf(shown),
          runner: runnerIn(shown),
          runId: this.ref.runId,
          stateDir: this.source.id,
        };
        return this.services.answered(run, answer);
      },
      fingerprint: (kid) => keys.list().find((key) => key.kid === kid)?.fingerprint ?? "",
      now: () => Date.now(),
    };
  }

  private async copy(what: Extract<FromApproval, { type: "copy" }>["what"], kid: string): Promise<void> {
    const key = this.services.keys.list().find((one) => one.kid === kid);
    const { publicKeySet } = await import("../../runtime/approvals/editor-keys.ts");
    const shown = await this.source.show(this.ref);
    const texts = {
      fingerprint: key?.fingerprint ?? "",
      trust: key === undefined ? "" : publicKeySet([key]),
      resume: resumeCommand(this.ref.runId, this.source.id),
      digest: shown.ok ? shown.value.digest : "",
    };
    await vscode.env.clipboard.writeText(texts[what]);
    const names = {
      fingerprint: "the fingerprint",
      trust: "the public key set",
      resume: "the command",
      digest: "the digest",
    };
    this.send({ type: "said", tone: "plain", message: words.copied(names[what]), next: null });
  }

  private send(message: ToApproval): void {
    void this.panel.webview.postMessage(toApproval.parse(message));
  }

  private failed(problem: unknown): void {
    this.services.log.error(String(problem));
    const why = problem instanceof Error ? problem.message : String(problem);
    this.send({ type: "said", tone: "bad", message: words.refused(why), next: null });
  }
}

/** Asks with a native dialog. The first button is its default, so it is not the one that agrees. */
async function confirm({ question, detail, agree }: Confirmation): Promise<boolean> {
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, words.modal.back, agree);
  return answer === agree;
}

function fileOf(shown: ShownRequest): vscode.Uri {
  return vscode.Uri.file(path.resolve(documentFile(shown.open.pending.document)));
}

function runnerIn(shown: ShownRequest): string | null {
  return /#([^/\\]*)$/.exec(shown.open.pending.document)?.[1] ?? null;
}
