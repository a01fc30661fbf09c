/**
 * The tests of all providers as items of the Test Explorer: found, read, and kept as files and folders come and go.
 *
 * Invariants: items are folder > file > test; an open editor's text is what counts, saved or not.
 */
import path from "node:path";
import * as vscode from "vscode";
import { rangeOf } from "./coverage.ts";
import type { TestProvider } from "./provider.ts";

/** Most files that are searched for tests. */
const MAX_FILES = 5_000;
/** How long typing is waited out before a text is read again, in milliseconds. */
const TYPING_MS = 300;

/** Folders in which nobody's tests are, as for `countersign test`. */
const LEFT_OUT = "**/{node_modules,.git,dist}/**";

/** A test among the items. */
export interface KnownTest {
  readonly provider: TestProvider;
  readonly uri: vscode.Uri;
  readonly caseId: string;
}

/** See the header. */
export class TestCatalogue implements vscode.Disposable {
  private readonly controller: vscode.TestController;
  private readonly providers: readonly TestProvider[];
  private readonly log: vscode.LogOutputChannel;
  private readonly listeners: vscode.Disposable[] = [];
  private readonly known = new WeakMap<vscode.TestItem, KnownTest>();
  private readonly files = new Map<string, vscode.TestItem>();
  /** Documents of each file's tests: as named, and as they were read when it last ran. Absolute paths. */
  private readonly documents = new Map<string, ReadonlySet<string>>();
  private readonly typing = new Map<string, NodeJS.Timeout>();
  private scanned: Promise<void> | null = null;

  constructor(controller: vscode.TestController, providers: readonly TestProvider[], log: vscode.LogOutputChannel) {
    this.controller = controller;
    this.providers = providers;
    this.log = log;
    this.watch();
  }

  /** Finds everything once; later calls wait for the first. */
  scan(): Promise<void> {
    this.scanned ??= this.findAll();
    return this.scanned;
  }

  /** What an item is the test of; undefined for files and folders. */
  test(item: vscode.TestItem): KnownTest | undefined {
    return this.known.get(item);
  }

  /** The item of a file, or those of the files whose tests read the document. */
  itemsFor(document: vscode.Uri): readonly vscode.TestItem[] {
    const own = this.files.get(document.toString());
    if (own !== undefined) return [own];
    return [...this.files]
      .filter(([uri]) => this.documents.get(uri)?.has(document.fsPath) === true)
      .map(([, item]) => item);
  }

  /** A test has read these documents. */
  reads({ uri }: KnownTest, documents: readonly string[]): void {
    const key = uri.toString();
    this.documents.set(key, new Set([...(this.documents.get(key) ?? []), ...documents]));
  }

  /** Reads a file at once, if it may hold tests. */
  async refresh(uri: vscode.Uri): Promise<void> {
    if (this.providerOf(uri) !== null) await this.read(uri);
  }

  /** The tests that a request means, in order. */
  async wanted(request: vscode.TestRunRequest): Promise<vscode.TestItem[]> {
    await this.scan();
    const left = new Set(request.exclude ?? []);
    const found: vscode.TestItem[] = [];
    const visit = (item: vscode.TestItem): void => {
      if (left.has(item)) return;
      if (this.known.has(item)) found.push(item);
      item.children.forEach(visit);
    };
    if (request.include === undefined) this.controller.items.forEach(visit);
    else request.include.forEach(visit);
    return [...new Set(found)];
  }

  /** Whether a saved file is the test's own or one of its documents. */
  touches(item: vscode.TestItem, saved: vscode.Uri): boolean {
    const key = this.known.get(item)?.uri.toString() ?? "";
    return key === saved.toString() || this.documents.get(key)?.has(saved.fsPath) === true;
  }

  dispose(): void {
    for (const one of this.listeners) one.dispose();
    for (const one of this.typing.values()) clearTimeout(one);
  }

  private watch(): void {
    this.controller.refreshHandler = async () => {
      this.scanned = null;
      await this.scan();
    };
    for (const { pattern } of this.providers) {
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const changed = (uri: vscode.Uri): void => this.readSoon(uri);
      this.listeners.push(watcher, watcher.onDidCreate(changed), watcher.onDidChange(changed));
      this.listeners.push(watcher.onDidDelete((uri) => this.forget(uri)));
    }
    // Of a folder that comes or goes as a whole only itself may be told.
    const folders = vscode.workspace.createFileSystemWatcher("**", false, true, false);
    this.listeners.push(
      folders,
      folders.onDidCreate((uri) => {
        if (mayBeFolder(uri)) this.lookInSoon(uri);
      }),
      folders.onDidDelete(({ path: folder }) => {
        for (const [, item] of this.files) if (item.uri?.path.startsWith(`${folder}/`) === true) this.forget(item.uri);
      }),
      vscode.workspace.onDidOpenTextDocument(({ uri }) => this.readSoon(uri)),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.readSoon(document.uri);
      }),
    );
  }

  private readSoon(uri: vscode.Uri): void {
    if (this.providerOf(uri) === null) return;
    const key = uri.toString();
    clearTimeout(this.typing.get(key));
    const timer = setTimeout(() => {
      this.typing.delete(key);
      void this.read(uri);
    }, TYPING_MS);
    this.typing.set(key, timer);
  }

  /** Looks for tests in a folder that has come, once nothing more happens to it for a moment. */
  private lookInSoon(folder: vscode.Uri): void {
    const key = `${folder.toString()}/`;
    clearTimeout(this.typing.get(key));
    const look = async (): Promise<void> => {
      for (const { pattern } of this.providers) {
        const found = await vscode.workspace.findFiles(
          new vscode.RelativePattern(folder, pattern),
          LEFT_OUT,
          MAX_FILES,
        );
        for (const uri of found) await this.read(uri);
      }
    };
    this.typing.set(
      key,
      setTimeout(() => {
        this.typing.delete(key);
        void look();
      }, TYPING_MS),
    );
  }

  private providerOf(uri: vscode.Uri): TestProvider | null {
    if (uri.scheme !== "file") return null;
    return this.providers.find((one) => one.holds(uri.fsPath)) ?? null;
  }

  private async findAll(): Promise<void> {
    const before = new Set(this.files.keys());
    for (const { pattern } of this.providers) {
      const found = await vscode.workspace.findFiles(pattern, LEFT_OUT, MAX_FILES);
      for (const uri of found.sort((a, b) => (a.path < b.path ? -1 : 1))) {
        before.delete(uri.toString());
        await this.read(uri);
      }
    }
    for (const key of before) this.forget(vscode.Uri.parse(key));
  }

  /** Reads the tests of a file: of its editor where one is open, else from disk. */
  private async read(uri: vscode.Uri): Promise<void> {
    const provider = this.providerOf(uri);
    const text = provider === null ? null : await this.textOf(uri);
    if (provider === null || text === null) return this.forget(uri);
    const { cases, problem, document } = await provider.discover(uri.fsPath, text);
    const item = this.fileItem(uri);
    const children = cases.map(({ id, label, description, at }) => {
      const key = `${uri.toString()}#${id}`;
      // The same item as before, so that requests that name it go on meaning it.
      const child = item.children.get(key) ?? this.controller.createTestItem(key, label, uri);
      child.label = label;
      child.description = description ?? "";
      child.range = rangeOf(at);
      child.error = problem ?? undefined;
      this.known.set(child, { provider, uri, caseId: id });
      return child;
    });
    item.children.replace(children);
    this.documents.set(uri.toString(), new Set(document === null ? [] : [document]));
  }

  private async textOf(uri: vscode.Uri): Promise<string | null> {
    const open = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    if (open !== undefined) return open.getText();
    try {
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    } catch (problem) {
      this.log.debug(`${uri.toString()}: ${String(problem)}`);
      return null;
    }
  }

  private fileItem(uri: vscode.Uri): vscode.TestItem {
    const key = uri.toString();
    const known = this.files.get(key);
    if (known !== undefined) return known;
    const folderUri = vscode.Uri.joinPath(uri, "..");
    const folderKey = `${folderUri.toString()}/`;
    let folder = this.controller.items.get(folderKey);
    if (folder === undefined) {
      const shown = vscode.workspace.asRelativePath(folderUri);
      folder = this.controller.createTestItem(
        folderKey,
        shown === folderUri.fsPath ? path.basename(shown) : shown,
        folderUri,
      );
      this.controller.items.add(folder);
    }
    const item = this.controller.createTestItem(key, path.posix.basename(uri.path), uri);
    item.range = new vscode.Range(0, 0, 0, 0);
    folder.children.add(item);
    this.files.set(key, item);
    return item;
  }

  private forget(uri: vscode.Uri): void {
    const key = uri.toString();
    const item = this.files.get(key);
    if (item === undefined) return;
    const { parent } = item;
    this.files.delete(key);
    this.documents.delete(key);
    parent?.children.delete(key);
    if (parent !== undefined && parent.children.size === 0) this.controller.items.delete(parent.id);
  }
}

/** By its name; folders of installed packages, and what git and we write, are never looked into. */
function mayBeFolder({ path: name }: vscode.Uri): boolean {
  return (
    !/\.[^/]*$/.test(name.slice(name.lastIndexOf("/"))) && !/\/(?:node_modules|\.git|\.countersign|dist)\//.test(name)
  );
}
