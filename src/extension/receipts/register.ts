/**
 * Registers what the extension does with receipts. What verifies and reads them is loaded when the view is first seen, a
 * receipt is opened, or a command is given.
 */
import * as vscode from "vscode";
import type { Stores } from "../stores.ts";
import type { ReceiptEditor } from "./editor.ts";
import { RECEIPT_EDITOR, RECEIPT_FILE_EDITOR, receiptCommands, RECEIPTS_VIEW } from "./manifest.ts";
import type { ReceiptServices } from "./services.ts";
import { fileOf, type Given } from "./target.ts";
import type { ReceiptTree, Row } from "./tree.ts";
import { words } from "./words.ts";

/** What is loaded together. */
interface Loaded {
  readonly services: ReceiptServices;
  readonly tree: ReceiptTree;
  readonly editor: ReceiptEditor;
}

/** See the header. */
export function registerReceipts(
  context: vscode.ExtensionContext,
  stores: Stores,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const changed = new vscode.EventEmitter<Row | undefined>();
  const disposables: vscode.Disposable[] = [changed];
  let loading: Promise<Loaded> | null = null;
  const load = (): Promise<Loaded> => {
    loading ??= (async () => {
      const [{ ReceiptServices }, { ReceiptTree }, { ReceiptEditor }] = await Promise.all([
        import("./services.ts"),
        import("./tree.ts"),
        import("./editor.ts"),
      ]);
      const services = new ReceiptServices(context, stores, log);
      const tell = services.onDidChange(() => {
        changed.fire(undefined);
      });
      disposables.push(services, tell);
      const tree = new ReceiptTree(services, (row) => {
        changed.fire(row);
      });
      return { services, tree, editor: new ReceiptEditor(services) };
    })();
    return loading;
  };
  const view = vscode.window.createTreeView<Row>(RECEIPTS_VIEW, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: (row) => row.item,
      getChildren: async (row) => (await load()).tree.children(row ?? null),
    },
  });
  const provider: vscode.CustomReadonlyEditorProvider = {
    openCustomDocument: async (uri) => (await load()).editor.openCustomDocument(uri),
    resolveCustomEditor: async (document, panel) => {
      (await load()).editor.resolveCustomEditor(document, panel);
    },
  };
  const options = { supportsMultipleEditorsPerDocument: true, webviewOptions: { retainContextWhenHidden: false } };
  const command = (id: string, act: (given: Given) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(id, act);
  /** The row that a key in the view means. */
  const chosen = (given: Given): Given => given ?? view.selection[0];
  disposables.push(
    view,
    vscode.window.registerCustomEditorProvider(RECEIPT_EDITOR, provider, options),
    vscode.window.registerCustomEditorProvider(RECEIPT_FILE_EDITOR, provider, options),
    command(receiptCommands.verify.id, async (given) => {
      const [{ services, editor }, { verifyFile }] = await Promise.all([load(), import("./verify.ts")]);
      await verifyFile(services, editor, fileOf(given));
    }),
    command(receiptCommands.export.id, async (given) => {
      const target = given !== undefined && "item" in given && given.shown !== null ? given : fileOf(given);
      if (target === null) {
        void vscode.window.showInformationMessage(words.noTarget);
        return;
      }
      const [{ services }, { exportReceipts }] = await Promise.all([load(), import("./export.ts")]);
      await exportReceipts(services, target);
    }),
    command(receiptCommands.open.id, async (given) => {
      const file = fileOf(chosen(given));
      if (file !== null) await (await import("./verify.ts")).openReceipt(file);
    }),
    command(receiptCommands.openText.id, async (given) => {
      const file = fileOf(given);
      if (file !== null) await vscode.commands.executeCommand("vscode.openWith", file, "default");
    }),
    command(receiptCommands.copyId.id, async (given) => {
      const row = chosen(given);
      if (row === undefined || !("item" in row) || row.shown === null) return;
      const { receipt } = row.receipt ?? row.shown.tree.root;
      await vscode.env.clipboard.writeText(receipt.id);
    }),
    command(receiptCommands.filter.id, async () => {
      const { tree } = await load();
      const text = await vscode.window.showInputBox({
        title: words.filterTitle,
        prompt: words.filterPrompt,
        value: tree.filterText,
      });
      if (text === undefined) return;
      await tree.setFilter(text);
      tellFilter(view, tree.filterText);
    }),
    command(receiptCommands.clearFilter.id, async () => {
      await (await load()).tree.setFilter("");
      tellFilter(view, "");
    }),
    command(receiptCommands.refresh.id, async () => {
      (await load()).services.refresh();
    }),
    command(receiptCommands.more.id, async () => {
      (await load()).tree.more();
    }),
  );
  return {
    dispose: () => {
      for (const one of disposables) one.dispose();
    },
  };
}

function tellFilter(view: vscode.TreeView<Row>, text: string): void {
  view.description = text === "" ? "" : words.filtered(text);
}
