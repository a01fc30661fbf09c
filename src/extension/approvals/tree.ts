/** The two views of approvals as trees: what waits, and what came to its end. Labels are short, visible texts of runs. */
import * as vscode from "vscode";
import { relativeTime } from "../../runtime/kept-runs/time.ts";
import type { EndedRequest } from "../../runtime/approvals/source.ts";
import { approvalCommands, NONE_ENDED_KEY, NONE_WAITS_KEY } from "./manifest.ts";
import type { Placed, Requests } from "./model.ts";
import { label, words } from "./words.ts";

/** Names the request behind a row to the command that opens it. */
export type Row = Placed | { readonly problem: string };

/** A view whose rows are read when they are looked at. */
abstract class RequestTree<T extends Row> implements vscode.TreeDataProvider<T>, vscode.Disposable {
  protected readonly requests: Requests;
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(requests: Requests) {
    this.requests = requests;
  }

  /** There may be other rows. */
  refresh(): void {
    this.changed.fire(undefined);
  }

  /** What an empty view says is said only once it has looked. */
  protected tellNone(key: string, rows: readonly unknown[]): void {
    void vscode.commands.executeCommand("setContext", key, rows.length === 0);
  }

  abstract getTreeItem(row: T): vscode.TreeItem;
  abstract getChildren(row?: T): Promise<T[]>;

  dispose(): void {
    this.changed.dispose();
  }
}

/** What waits. */
export class PendingTree extends RequestTree<Row> {
  async getChildren(row?: Row): Promise<Row[]> {
    if (row !== undefined) return [];
    const { pending, problems } = this.requests.snapshot;
    if (pending === null) await this.requests.refresh();
    const { snapshot } = this.requests;
    const rows = [
      ...(snapshot.pending ?? []),
      ...(pending === null ? snapshot.problems : problems).map((problem) => ({ problem })),
    ];
    this.tellNone(NONE_WAITS_KEY, rows);
    return rows;
  }

  getTreeItem(row: Row): vscode.TreeItem {
    if ("problem" in row) {
      const item = new vscode.TreeItem(words.unreadable(label(row.problem)));
      item.iconPath = new vscode.ThemeIcon("warning");
      return item;
    }
    const { request } = row;
    const { asks, workflow, environment, place, reason, requester, needed, have, expiresAt, ref } = request;
    const item = new vscode.TreeItem(label(asks));
    const now = Date.now();
    const expired = expiresAt !== null && now >= expiresAt;
    const until = expiresAt === null ? [] : [expired ? words.expired : `expires ${relativeTime(expiresAt, now)}`];
    const count = needed > 1 || have > 0 ? [words.has(have, needed)] : [];
    item.description = [label(workflow), label(environment), ...count, ...until].join(" · ");
    item.tooltip = [
      label(asks),
      ...(reason === null ? [] : [label(reason)]),
      `${label(workflow)}, ${label(place)}, asked ${relativeTime(ref.askedAt, now)} for ${label(requester)}`,
    ].join("\n");
    item.iconPath = new vscode.ThemeIcon(expired ? "clockface" : "question");
    item.contextValue = "request";
    item.accessibilityInformation = { label: `${label(asks)}. ${item.description}. ${label(reason ?? "")}` };
    return opening(item, row);
  }
}

/** What came to its end. */
export class HistoryTree extends RequestTree<Placed<EndedRequest>> {
  async getChildren(row?: Placed<EndedRequest>): Promise<Placed<EndedRequest>[]> {
    if (row !== undefined) return [];
    const rows = [...(await this.requests.ended())];
    this.tellNone(NONE_ENDED_KEY, rows);
    return rows;
  }

  getTreeItem(row: Placed<EndedRequest>): vscode.TreeItem {
    const { request } = row;
    const { answer, asks, workflow, environment } = request;
    const item = new vscode.TreeItem(label(asks));
    const when = relativeTime(answer.at, Date.now());
    item.description = `${words.ended(request)} · ${when}`;
    const reason = answer.reason === null ? [] : [label(answer.reason)];
    item.tooltip = [label(asks), `${label(workflow)}, ${label(environment)}`, item.description, ...reason].join("\n");
    const colour = answer.approved ? "testing.iconPassed" : "testing.iconFailed";
    const expired = answer.by === "expiry";
    item.iconPath = expired
      ? new vscode.ThemeIcon("clockface")
      : new vscode.ThemeIcon(answer.approved ? "pass" : "circle-slash", new vscode.ThemeColor(colour));
    item.accessibilityInformation = { label: `${label(asks)}. ${item.description}` };
    return opening(item, row);
  }
}

function opening(item: vscode.TreeItem, row: Placed): vscode.TreeItem {
  item.command = { command: approvalCommands.review.id, title: words.review, arguments: [row] };
  return item;
}
