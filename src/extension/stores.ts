/**
 * Where this window's runs are kept: the state directories that the configurations of its workspace folders name, and
 * the extension's own storage (spec/editor.md §7). Views of runs, requests and receipts read from them and are told when
 * they may have changed.
 *
 * Invariants: nothing is written here; nothing of the engine is loaded before somebody asks.
 */
import * as vscode from "vscode";
import type { EditorPlace } from "../runtime/editor-run/index.ts";
import { placesOfRuns, type FoundConfiguration } from "./store-places.ts";

/** How long changes are gathered before views hear of them, in milliseconds. */
const GATHER_MS = 150;
/** A run under way writes all the time; views hear of it no more often than this, in milliseconds. */
const BETWEEN_MS = 1_000;

/** Most configurations of a workspace folder that are looked at. */
const MAX_CONFIGURATIONS = 100;
const CONFIGURATION = "countersign.toml";

/** One place where runs are kept. */
export interface Store {
  /** Absolute path of the state directory. */
  readonly stateDir: string;
  /** The workspace folder whose runs these are; null for the extension's storage. */
  readonly folder: vscode.WorkspaceFolder | null;
  /** What people call it: the folder of the configuration that names it. */
  readonly label: string;
  /** The place that its settings are read for; its file is any name in the folder. */
  readonly place: EditorPlace;
}

/** See the header. */
export class Stores implements vscode.Disposable {
  private readonly storage: vscode.Uri;
  private readonly log: vscode.LogOutputChannel;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly listeners: vscode.Disposable[];
  private readonly watchers = new Map<string, vscode.Disposable>();
  private gathering: NodeJS.Timeout | null = null;
  private toldAt = 0;
  private known: Promise<readonly Store[]> | null = null;
  /** Runs, requests or receipts may be others now, or be kept elsewhere. */
  readonly onDidChange = this.changed.event;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.storage = context.globalStorageUri;
    this.log = log;
    const anew = (): void => {
      this.known = null;
      this.tell();
    };
    const configurations = vscode.workspace.createFileSystemWatcher(`**/${CONFIGURATION}`);
    this.listeners = [
      this.changed,
      vscode.workspace.onDidChangeWorkspaceFolders(anew),
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        if (uri.path.endsWith(`/${CONFIGURATION}`)) anew();
      }),
      configurations,
      configurations.onDidCreate(anew),
      configurations.onDidChange(anew),
      configurations.onDidDelete(anew),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("countersign.environment")) anew();
      }),
    ];
  }

  /** All of them, without repetition; the workspace's first. They are watched from now on. */
  all(): Promise<readonly Store[]> {
    this.known ??= this.find();
    return this.known;
  }

  /** Something of a run has changed that no watcher need see first, such as one of this window's own. */
  tell(): void {
    const wait = Math.max(GATHER_MS, this.toldAt + BETWEEN_MS - Date.now());
    this.gathering ??= setTimeout(
      () => {
        this.gathering = null;
        this.toldAt = Date.now();
        this.changed.fire();
      },
      Math.min(wait, BETWEEN_MS),
    );
  }

  dispose(): void {
    if (this.gathering !== null) clearTimeout(this.gathering);
    for (const one of [...this.listeners, ...this.watchers.values()]) one.dispose();
  }

  private async find(): Promise<readonly Store[]> {
    const [{ placeOf }, { operatorOf }] = await Promise.all([
      import("./run/place.ts"),
      import("../runtime/editor-run/place.ts"),
    ]);
    const configurations: FoundConfiguration<Omit<Store, "stateDir">>[] = [];
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      if (folder.uri.scheme !== "file") continue;
      for (const file of await configurationsIn(folder)) {
        const place = placeOf(file);
        const read = await operatorOf(place);
        if (!read.ok)
          this.log.warn(
            `${vscode.workspace.asRelativePath(file)}: ${read.problems.map(({ message }) => message).join("; ")}`,
          );
        const parent = vscode.Uri.joinPath(file, "..");
        const isOwn = parent.path === folder.uri.path;
        const label = isOwn ? folder.name : vscode.workspace.asRelativePath(parent, true);
        const named = read.ok ? read.operator.stateDir : null;
        configurations.push({ named, isOwn, of: { folder, label, place } });
      }
    }
    const own = this.storage.fsPath;
    const found = new Map<string, Store>();
    for (const [stateDir, { of }] of placesOfRuns(configurations, own)) found.set(stateDir, { stateDir, ...of });
    if (!found.has(own)) {
      const place = placeOf(vscode.Uri.joinPath(this.storage, CONFIGURATION));
      found.set(own, { stateDir: own, folder: null, label: "This computer", place });
    }
    this.watch([...found.keys()]);
    return [...found.values()];
  }

  private watch(directories: readonly string[]): void {
    for (const [directory, watcher] of this.watchers) {
      if (directories.includes(directory)) continue;
      watcher.dispose();
      this.watchers.delete(directory);
    }
    for (const directory of directories) {
      if (this.watchers.has(directory)) continue;
      const pattern = new vscode.RelativePattern(vscode.Uri.file(directory), "**");
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const told = (): void => {
        this.tell();
      };
      watcher.onDidCreate(told);
      watcher.onDidChange(told);
      watcher.onDidDelete(told);
      this.watchers.set(directory, watcher);
    }
  }
}

/** The folder's own configuration, there or not, and those below it: each may keep the runs of its documents elsewhere. */
async function configurationsIn(folder: vscode.WorkspaceFolder): Promise<readonly vscode.Uri[]> {
  const own = vscode.Uri.joinPath(folder.uri, CONFIGURATION);
  const pattern = new vscode.RelativePattern(folder, `**/${CONFIGURATION}`);
  const found = await vscode.workspace.findFiles(pattern, "**/{node_modules,.git}/**", MAX_CONFIGURATIONS);
  const below = found.filter((file) => file.toString() !== own.toString());
  return [own, ...below.sort((a, b) => (a.path < b.path ? -1 : 1))];
}
