/**
 * What the view of receipts and their editors share: whom receipts are believed, what the directories hold, and who is
 * told when either changes. Everything is read when it is first asked for.
 */
import * as vscode from "vscode";
import {
  ReceiptIndex,
  receiptDirectories,
  trustFolders,
  trustNow,
  Verdicts,
  type Trust,
} from "../../runtime/receipt-view/index.ts";
import { placeOf } from "../run/place.ts";
import type { Stores } from "../stores.ts";

/** How long changes are gathered, in milliseconds. */
const GATHER_MS = 150;
/** Directories whose lists are kept. */
const MAX_INDEXES = 50;

/** A receipt directory of the window. */
export interface ReceiptDirectory {
  readonly directory: string;
  readonly stateDir: string;
  readonly label: string;
}

/** See the header. */
export class ReceiptServices implements vscode.Disposable {
  readonly verdicts = new Verdicts();
  readonly log: vscode.LogOutputChannel;
  readonly extensionUri: vscode.Uri;
  private readonly stores: Stores;
  private readonly storage: vscode.Uri;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly disposables: vscode.Disposable[] = [this.changed];
  private readonly indexes = new Map<string, ReceiptIndex>();
  private readonly watched = new Map<string, vscode.Disposable>();
  private believed: Promise<Trust> | null = null;
  private gathering: NodeJS.Timeout | null = null;
  /** Where an editor is to begin that is about to open, by its file. */
  readonly wishes = new Map<string, { readonly receipt: string; readonly path: string }>();
  /** Receipts, or whom they are believed, may be others now. */
  readonly onDidChange = this.changed.event;

  constructor(context: vscode.ExtensionContext, stores: Stores, log: vscode.LogOutputChannel) {
    this.stores = stores;
    this.log = log;
    this.storage = context.globalStorageUri;
    this.extensionUri = context.extensionUri;
    this.disposables.push(
      stores.onDidChange(() => {
        this.tell();
      }),
    );
    const trustChanged = (): void => {
      this.believed = null;
      this.tell();
    };
    for (const folder of trustFolders(process.env)) this.disposables.push(watch(folder, "*", trustChanged));
  }

  /** Whom receipts are believed now. It does not depend on the workspace. */
  trust(): Promise<Trust> {
    this.believed ??= trustNow(this.place());
    return this.believed;
  }

  /** Everything is read anew. */
  refresh(): void {
    this.believed = null;
    this.tell();
  }

  /** The place of something that belongs to no workspace. */
  place(): ReturnType<typeof placeOf> {
    return placeOf(vscode.Uri.joinPath(this.storage, "countersign.toml"));
  }

  /** The receipt directories of the window's stores. They are watched from now on. */
  async directories(): Promise<readonly ReceiptDirectory[]> {
    const found = new Map<string, ReceiptDirectory>();
    const stores = await this.stores.all();
    for (const { stateDir, place, label } of stores) {
      for (const directory of await receiptDirectories(stateDir, place))
        if (!found.has(directory)) found.set(directory, { directory, stateDir, label });
    }
    const states = stores.map(({ stateDir }) => stateDir);
    for (const { directory } of found.values()) {
      // What is in a state directory is watched already.
      if (states.some((one) => directory.startsWith(one)) || this.watched.has(directory)) continue;
      const told = (): void => {
        this.tell();
      };
      this.watched.set(directory, watch(directory, "*", told));
    }
    return [...found.values()];
  }

  /** State directories of the window. */
  async stateDirs(): Promise<readonly string[]> {
    return (await this.stores.all()).map(({ stateDir }) => stateDir);
  }

  /** What a directory holds. */
  index(directory: string): ReceiptIndex {
    const known = this.indexes.get(directory) ?? new ReceiptIndex(directory);
    this.indexes.delete(directory);
    this.indexes.set(directory, known);
    for (const oldest of [...this.indexes.keys()].slice(0, -MAX_INDEXES)) this.indexes.delete(oldest);
    return known;
  }

  dispose(): void {
    if (this.gathering !== null) clearTimeout(this.gathering);
    for (const one of [...this.disposables, ...this.watched.values()]) one.dispose();
  }

  private tell(): void {
    this.gathering ??= setTimeout(() => {
      this.gathering = null;
      this.changed.fire();
    }, GATHER_MS);
  }
}

/** Watches the files of a folder, which need not be there yet. */
export function watch(folder: string, pattern: string, told: () => void): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher(
    new vscode.RelativePattern(vscode.Uri.file(folder), pattern),
  );
  watcher.onDidCreate(told);
  watcher.onDidChange(told);
  watcher.onDidDelete(told);
  return watcher;
}
