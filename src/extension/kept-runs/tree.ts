/**
 * The view of runs: groups, rows, how many of them, and when they are looked at again.
 *
 * Invariants: nothing is looked at while the view is hidden; what has not changed is not drawn again; a run keeps its
 * place in memory (and so its selection) for as long as it is kept; before it has looked, the view shows that it looks.
 */
import * as vscode from "vscode";
import type { KeptRun, RunList } from "../../runtime/kept-runs/list.ts";
import type { RunsHolder } from "../run/holder.ts";
import type { Stores } from "../stores.ts";
import { filterText, isFiltering, noFilter, passes, type RunFilter } from "./filter.ts";
import { FILTERED_KEY, NO_RUNS_KEY, runCommands, RUNS_VIEW } from "./manifest.ts";
import { groupOf, rowOf, type Grouped, type Row, type RowLook } from "./rows.ts";
import { groups, words, type Group } from "./words.ts";

/** Rows of a group that are shown at first, and that come with each "Show more". */
const PAGE = 50;
/** Shortest time between two looks, in milliseconds. */
const PAUSE = 400;

/** What the view shows. */
export type Element =
  | { readonly type: "group"; readonly group: Group }
  | { readonly type: "run"; readonly group: Group; readonly row: Row }
  | { readonly type: "more"; readonly group: Group; readonly left: number };

/** See the header. */
export class RunsTree implements vscode.TreeDataProvider<Element>, vscode.Disposable {
  readonly view: vscode.TreeView<Element>;
  private readonly stores: Stores;
  private readonly runs: RunsHolder;
  private readonly log: vscode.LogOutputChannel;
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly listeners: vscode.Disposable[];
  private readonly limits = new Map<Group, number>();
  private list: RunList | null = null;
  private known: readonly KeptRun[] = [];
  private look: RowLook = { now: 0, own: new Set(), labelOf: () => null };
  private grouped: readonly Grouped[] = [];
  private filtering: RunFilter = noFilter;
  private drawn = "";
  private stale = true;
  private looking: Promise<void> | null = null;
  /** It has looked once. */
  private looked = false;
  /** Those who wait for the first rows. */
  private waiting: (() => void)[] = [];
  /** What VS Code was told of {@link NO_RUNS_KEY}. */
  private toldNone = false;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(stores: Stores, runs: RunsHolder, log: vscode.LogOutputChannel) {
    this.stores = stores;
    this.runs = runs;
    this.log = log;
    this.view = vscode.window.createTreeView(RUNS_VIEW, { treeDataProvider: this, canSelectMany: true });
    const anew = (): void => {
      this.refresh();
    };
    this.listeners = [
      this.view,
      this.changed,
      stores.onDidChange(anew),
      runs.onDidChange(anew),
      this.view.onDidChangeVisibility(({ visible }) => {
        if (visible && this.stale) this.refresh();
      }),
    ];
  }

  /** All runs that are known, newest first, whatever the filter. */
  get all(): readonly KeptRun[] {
    return this.known;
  }

  get filter(): RunFilter {
    return this.filtering;
  }

  /** Shows only what passes. */
  async setFilter(filter: RunFilter): Promise<void> {
    this.filtering = filter;
    this.limits.clear();
    await vscode.commands.executeCommand("setContext", FILTERED_KEY, isFiltering(filter));
    this.draw(0);
  }

  /** Shows more rows of a group. */
  more(group: Group): void {
    this.limits.set(group, (this.limits.get(group) ?? PAGE) + 2 * PAGE);
    this.draw(0);
  }

  /** Something may have changed: it is looked at as soon as somebody can see it. */
  refresh(): void {
    this.stale = true;
    if (!this.view.visible || this.looking !== null) return;
    this.looking = this.lookAgain().finally(() => {
      this.looking = null;
      if (this.stale) this.refresh();
    });
  }

  /** Looks now, whether or not the view can be seen, and gives what there is. */
  async current(): Promise<readonly KeptRun[]> {
    await this.looking;
    await this.lookOnce();
    return this.known;
  }

  getTreeItem(element: Element): vscode.TreeItem {
    switch (element.type) {
      case "group": {
        const item = new vscode.TreeItem(groups[element.group], vscode.TreeItemCollapsibleState.Expanded);
        item.id = element.group;
        item.description = String(this.grouped.find(({ group }) => group === element.group)?.runs.length ?? 0);
        item.contextValue = "group";
        return item;
      }
      case "more": {
        const item = new vscode.TreeItem(words.more(Math.min(element.left, 2 * PAGE)));
        item.id = `${element.group} more`;
        item.description = words.moreOf(element.left);
        item.iconPath = new vscode.ThemeIcon("ellipsis");
        item.command = { command: runCommands.more.id, title: runCommands.more.title, arguments: [element.group] };
        return item;
      }
      case "run":
        return runItem(element);
    }
  }

  getChildren(element?: Element): Element[] | Promise<Element[]> {
    if (element !== undefined) return element.type === "group" ? this.rowsOf(element.group) : [];
    if (this.stale) this.refresh();
    const groups = (): Element[] => this.grouped.map(({ group }) => ({ type: "group", group }));
    if (this.looked || this.looking === null || this.grouped.length > 0) return groups();
    return new Promise((resolve) => {
      this.waiting.push(() => {
        resolve(groups());
      });
    });
  }

  private rowsOf(group: Group): Element[] {
    const runs = this.grouped.find((one) => one.group === group)?.runs ?? [];
    const limit = this.limits.get(group) ?? PAGE;
    const rows = runs.slice(0, limit).map((run): Element => ({ type: "run", group, row: rowOf(run, this.look) }));
    const left = runs.length - limit;
    return left > 0 ? [...rows, { type: "more", group, left }] : rows;
  }

  getParent(element: Element): Element | null {
    return element.type === "group" ? null : { type: "group", group: element.group };
  }

  dispose(): void {
    for (const one of this.listeners) one.dispose();
  }

  private async lookAgain(): Promise<void> {
    try {
      await this.lookOnce();
    } catch (problem) {
      this.log.error(String(problem));
      this.view.message = problem instanceof Error ? problem.message : String(problem);
      this.hasLooked();
    }
    // A run that writes its journal changes it many times a second.
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }

  private async lookOnce(): Promise<void> {
    this.stale = false;
    if (this.list === null) {
      const { RunList } = await import("../../runtime/kept-runs/list.ts");
      this.list ??= new RunList();
    }
    const stores = await this.stores.all();
    const labels = new Map(stores.map(({ stateDir, label }) => [stateDir, label]));
    for await (const { runs, pending, problems } of this.list.list([...labels.keys()])) {
      this.known = runs;
      const several = new Set(runs.map(({ stateDir }) => stateDir)).size > 1;
      const labelOf = (stateDir: string): string | null => (several ? (labels.get(stateDir) ?? null) : null);
      this.look = { now: Date.now(), own: await this.runs.own(), labelOf };
      this.view.message = problems.join("\n");
      this.draw(pending);
    }
    this.hasLooked();
    this.tellNone();
  }

  private hasLooked(): void {
    this.looked = true;
    this.show();
  }

  /** Gives those who wait what there is. */
  private show(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const one of waiting) one();
  }

  /** What the view says when it is empty is said only once that is known. */
  private tellNone(): void {
    const none = this.looked && this.known.length === 0;
    if (none === this.toldNone) return;
    this.toldNone = none;
    void vscode.commands.executeCommand("setContext", NO_RUNS_KEY, none);
  }

  /** Groups what is known and tells the view, where that is something else than what it shows. */
  private draw(pending: number): void {
    const shown = this.known.filter(({ summary }) => passes(summary, this.filtering));
    const byGroup = new Map((Object.keys(groups) as Group[]).map((group) => [group, [] as KeptRun[]]));
    for (const run of shown) byGroup.get(groupOf(run.summary))?.push(run);
    this.grouped = [...byGroup].flatMap(([group, runs]) => (runs.length === 0 ? [] : [{ group, runs }]));
    const filtered = isFiltering(this.filtering);
    const count = filtered ? words.some(shown.length, this.known.length) : words.shown(this.known.length);
    const parts = [filterText(this.filtering), this.known.length === 0 ? "" : count];
    if (pending > 0) parts.push(words.looking(pending));
    this.view.description = parts.filter((part) => part !== "").join(" · ");
    const now = JSON.stringify(this.grouped.map(({ group }) => [group, this.rowsOf(group).map(shownOf)]));
    if (now === this.drawn) return;
    this.drawn = now;
    if (this.known.length > 0) this.tellNone();
    if (this.grouped.length > 0) this.show();
    this.changed.fire(undefined);
  }
}

/** What somebody sees of an element. */
function shownOf(element: Element): unknown {
  if (element.type !== "run") return element;
  const { key, label, description, icon, can } = element.row;
  return [key, label, description, icon, can];
}

function runItem({ row }: Extract<Element, { type: "run" }>): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label);
  item.id = row.key;
  item.description = row.description;
  item.tooltip = row.details.join("\n");
  item.iconPath = new vscode.ThemeIcon(row.icon, row.color === null ? undefined : new vscode.ThemeColor(row.color));
  item.contextValue = row.can.join(" ");
  item.accessibilityInformation = { label: `${row.label}, ${row.description.replaceAll(" · ", ", ")}` };
  const { id, title } = row.can.includes("readable") ? runCommands.open : runCommands.showText;
  item.command = { command: id, title, arguments: [{ type: "run", group: row.group, row } satisfies Element] };
  return item;
}
