/**
 * The view of receipts: each run's receipt, and below it those of its graphs and steps, with a verdict that comes when
 * the row is seen. Verifying goes one tree after the other and lets others work in between.
 */
import * as vscode from "vscode";
import { relativeTime } from "../../runtime/kept-runs/time.ts";
import { documentOfRun, shown, standingWords, type ListedReceipt } from "../../runtime/receipt-view/index.ts";
import { NO_RECEIPTS_KEY, receiptCommands, RECEIPTS_FILTERED } from "./manifest.ts";
import { childrenOf, nameOf, passes, standingIcons, type ShownTree } from "./rows.ts";
import type { ReceiptServices } from "./services.ts";
import { words } from "./words.ts";

/** Runs that are shown before somebody asks for more. */
const PAGE = 50;
/** Runs whose documents are kept. */
const MAX_DOCUMENTS = 2000;

/** A row. `item` is what VS Code draws. */
export interface Row {
  item: vscode.TreeItem;
  /** null: a row that says something of the list. */
  readonly shown: ShownTree | null;
  /** The receipt of the row; null for the run's own. */
  readonly receipt: ListedReceipt | null;
  readonly file: string | null;
}

/** See the header. */
export class ReceiptTree {
  private readonly services: ReceiptServices;
  private readonly changed: (row: Row | undefined) => void;
  private readonly documents = new Map<string, string | null>();
  private filter = "";
  private pages = 1;
  /** Counts the lists; what was asked for an older one is given up. */
  private turn = 0;

  constructor(services: ReceiptServices, changed: (row: Row | undefined) => void) {
    this.services = services;
    this.changed = changed;
  }

  /** What the filter is. */
  get filterText(): string {
    return this.filter;
  }

  /** Shows what passes; an empty text shows everything. */
  async setFilter(text: string): Promise<void> {
    this.filter = text.trim();
    this.pages = 1;
    await vscode.commands.executeCommand("setContext", RECEIPTS_FILTERED, this.filter !== "");
    this.changed(undefined);
  }

  /** Shows more runs. */
  more(): void {
    this.pages++;
    this.changed(undefined);
  }

  /** Rows below a row; null: the first ones. */
  async children(row: Row | null): Promise<Row[]> {
    if (row !== null) return row.shown === null ? [] : this.below(row.shown, row);
    const turn = ++this.turn;
    const { services } = this;
    const trust = await services.trust();
    const directories = await services.directories();
    const lists = await Promise.all(
      directories.map(async (one) => ({ ...one, list: await services.index(one.directory).list() })),
    );
    const filled = lists.filter(({ list }) => list.trees.length > 0);
    const several = new Set(filled.map(({ label }) => label)).size > 1;
    const rows: Row[] = [];
    const all: ShownTree[] = [];
    let older = 0;
    for (const { list, directory, stateDir, label } of lists) {
      if (list.problem !== null) rows.push(this.note("warning", words.problem(shown(list.problem)), ""));
      for (const { file, finding } of list.unreadable) rows.push(this.unreadable(file, shown(finding.message)));
      for (const tree of list.trees) {
        const verdict = services.verdicts.known(directory, tree, trust);
        all.push({ directory, stateDir, store: several ? label : null, tree, document: null, verdict });
      }
      older += list.left;
    }
    all.sort((a, b) => (a.tree.root.receipt.created_at < b.tree.root.receipt.created_at ? 1 : -1));
    const page = this.filter === "" ? all.slice(0, this.pages * PAGE) : all;
    const named: ShownTree[] = [];
    for (const one of page) named.push({ ...one, document: await this.documentOf(one) });
    const passing = named.filter((one) => passes(one, this.filter, verdictWords(one)));
    const seen = passing.slice(0, this.pages * PAGE).map((one) => this.treeRow(one));
    const left = (this.filter === "" ? all.length : passing.length) - seen.length;
    if (this.filter !== "") rows.length = 0;
    const end = left > 0 ? [this.moreRow(left)] : [];
    if (older > 0) end.push(this.note("history", words.older(older), words.olderHint));
    this.verify(seen, turn);
    const found = [...rows, ...seen, ...end];
    // What an empty view says is said only once it has looked.
    void vscode.commands.executeCommand("setContext", NO_RECEIPTS_KEY, found.length === 0);
    return found;
  }

  /** Asks for the verdicts of rows, in their order. */
  private verify(rows: readonly Row[], turn: number): void {
    const { services } = this;
    for (const row of rows) {
      const one = row.shown;
      if (one === null || one.verdict !== null) continue;
      services
        .trust()
        .then((trust) => services.verdicts.ask(one.directory, one.tree, trust, () => turn !== this.turn))
        .then((verdict) => {
          if (verdict === null || turn !== this.turn) return;
          Object.assign(row, { shown: { ...one, verdict } });
          row.item = this.treeItem({ ...one, verdict }, row.item.collapsibleState);
          this.changed(row);
        })
        .catch((problem: unknown) => {
          services.log.error(`${one.tree.root.file}: ${String(problem)}`);
        });
    }
  }

  private async documentOf({ stateDir, tree }: ShownTree): Promise<string | null> {
    const { runId } = tree.root;
    if (runId === null) return null;
    const key = `${stateDir}\n${runId}`;
    const known = this.documents.get(key);
    if (known !== undefined) return known;
    const document = await documentOfRun(stateDir, runId);
    this.documents.set(key, document);
    for (const oldest of [...this.documents.keys()].slice(0, -MAX_DOCUMENTS)) this.documents.delete(oldest);
    return document;
  }

  private below(of: ShownTree, row: Row): Row[] {
    const id = row.receipt?.receipt.id ?? of.tree.root.receipt.id;
    return childrenOf(of, id).map((receipt) => this.receiptRow(of, receipt));
  }

  private treeRow(one: ShownTree): Row {
    const { None, Collapsed } = vscode.TreeItemCollapsibleState;
    const state = childrenOf(one, one.tree.root.receipt.id).length > 0 ? Collapsed : None;
    return { item: this.treeItem(one, state), shown: one, receipt: null, file: one.tree.root.file };
  }

  private treeItem(one: ShownTree, state: vscode.TreeItemCollapsibleState | undefined): vscode.TreeItem {
    const { tree, verdict, store, document } = one;
    const { root, others } = tree;
    const name = shown(nameOf(one), 100);
    const item = new vscode.TreeItem(name, state);
    const why = verdict?.why ?? null;
    const when = relativeTime(Date.parse(root.receipt.created_at), Date.now());
    const how = root.disposition.replace("_", " ");
    item.description = [verdictWords(one), how, when, ...(store === null ? [] : [shown(store, 40)])].join(" · ");
    item.id = `${one.directory}\n${root.named}`;
    item.tooltip = [
      shown(root.summary, 300),
      `${verdictWords(one)}${why === null ? "" : `: ${why}`}`,
      `${words.receipts(others.length + 1)}, ${root.receipt.created_at}`,
      shown(root.actor, 120),
      ...(document === null ? [] : [shown(document, 300)]),
      shown(root.receipt.id),
    ].join("\n");
    item.iconPath = iconOf(verdict === null ? null : standingIcons[verdict.standing]);
    item.contextValue = "receipt file";
    item.accessibilityInformation = { label: `${name}, ${item.description}` };
    return opening(item, { item, shown: one, receipt: null, file: root.file });
  }

  private receiptRow(of: ShownTree, receipt: ListedReceipt): Row {
    const { None, Collapsed } = vscode.TreeItemCollapsibleState;
    const state = childrenOf(of, receipt.receipt.id).length > 0 ? Collapsed : None;
    const label = shown(receipt.label, 120);
    const item = new vscode.TreeItem(label, state);
    const wrong = of.verdict?.wrong.get(receipt.receipt.id) ?? 0;
    const how = receipt.disposition.replace("_", " ");
    item.description = [how, ...(wrong > 0 ? [words.wrongHere(wrong)] : [])].join(" · ");
    item.id = `${of.directory}\n${of.tree.root.named}\n${receipt.named}`;
    item.tooltip = [shown(receipt.summary, 300), shown(receipt.receipt.id)].join("\n");
    const plain = receipt.kind === "graph" ? "type-hierarchy-sub" : "symbol-event";
    item.iconPath = wrong > 0 ? iconOf(standingIcons.broken) : new vscode.ThemeIcon(plain);
    item.contextValue = "receipt file";
    item.accessibilityInformation = { label: `${label}, ${item.description}` };
    const row: Row = { item, shown: of, receipt, file: receipt.file };
    opening(item, row);
    return row;
  }

  private unreadable(file: string, why: string): Row {
    const uri = vscode.Uri.file(file);
    const name = shown(uri.path.split("/").at(-1) ?? "", 40);
    const item = new vscode.TreeItem(name);
    item.description = words.unreadable;
    item.tooltip = `${shown(file, 300)}\n${why}`;
    item.iconPath = iconOf(standingIcons.broken);
    item.contextValue = "file";
    item.id = `unreadable\n${file}`;
    item.accessibilityInformation = { label: `${name}, ${words.unreadable}: ${why}` };
    const row: Row = { item, shown: null, receipt: null, file };
    opening(item, row);
    return row;
  }

  private moreRow(left: number): Row {
    const item = new vscode.TreeItem(words.showMore(left));
    item.iconPath = new vscode.ThemeIcon("ellipsis");
    item.command = { command: receiptCommands.more.id, title: receiptCommands.more.title };
    return { item, shown: null, receipt: null, file: null };
  }

  private note(icon: string, text: string, hint: string): Row {
    const item = new vscode.TreeItem(text);
    item.iconPath = new vscode.ThemeIcon(icon);
    item.tooltip = hint;
    return { item, shown: null, receipt: null, file: null };
  }
}

function verdictWords({ verdict }: ShownTree): string {
  return verdict === null ? words.checking : standingWords[verdict.standing];
}

function iconOf(icon: readonly [string, string | null] | null): vscode.ThemeIcon {
  if (icon === null) return new vscode.ThemeIcon("circle-outline");
  const [name, colour] = icon;
  return colour === null ? new vscode.ThemeIcon(name) : new vscode.ThemeIcon(name, new vscode.ThemeColor(colour));
}

function opening(item: vscode.TreeItem, row: Row): vscode.TreeItem {
  item.command = { command: receiptCommands.open.id, title: receiptCommands.open.title, arguments: [row] };
  return item;
}
