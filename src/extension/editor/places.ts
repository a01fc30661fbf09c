/**
 * Where a person moved nodes to: kept outside of the document (issue: "outside the document"), in the workspace's
 * storage, or in a file beside the document where `countersign.canvas.positions` says so.
 *
 * Invariant: a sidecar that cannot be read is left alone, and its owner is told once.
 */
import * as vscode from "vscode";
import { carried } from "../../runtime/canvas/index.ts";
import { readSidecar, sidecarName, sidecarText, type Places } from "../../runtime/canvas/sidecar.ts";

/** Most documents whose places are kept in the storage; the one that was moved longest ago goes first. */
const MAX_DOCUMENTS = 500;
const KEY = "countersign.places";

/** A file beside a document, as it is on disk. */
interface Sidecar {
  readonly file: vscode.Uri;
  /** Null when it cannot be read. */
  places: Places | null;
  /** Writes, one after the other. */
  last: Promise<void>;
}

/** Places by document. */
export class PlacesStore implements vscode.Disposable {
  private readonly memento: vscode.Memento;
  private readonly moved = new vscode.EventEmitter<vscode.Uri>();
  private readonly sidecars = new Map<string, Sidecar>();
  private readonly listeners: vscode.Disposable[];
  /** Fires when nodes of a document stand elsewhere. */
  readonly onDidMove = this.moved.event;

  constructor(memento: vscode.Memento) {
    this.memento = memento;
    const watcher = vscode.workspace.createFileSystemWatcher(`**/${sidecarName("*")}`);
    const changed = (file: vscode.Uri): void => {
      for (const [document, { file: own }] of this.sidecars)
        if (own.toString() === file.toString()) void this.reread(vscode.Uri.parse(document));
    };
    this.listeners = [
      watcher,
      watcher.onDidChange(changed),
      watcher.onDidCreate(changed),
      watcher.onDidDelete(changed),
    ];
    this.listeners.push(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (!change.affectsConfiguration("countersign.canvas.positions")) return;
        for (const document of this.opened) void this.reopen(vscode.Uri.parse(document));
      }),
    );
  }

  /** Documents that were opened, by name. */
  private readonly opened = new Set<string>();

  /** Reads what is kept of a document; before it is drawn for the first time. */
  async open(uri: vscode.Uri): Promise<void> {
    this.opened.add(uri.toString());
    if (!usesSidecar(uri) || this.sidecars.has(uri.toString())) return;
    const file = vscode.Uri.joinPath(uri, "..", sidecarName(uri.path.slice(uri.path.lastIndexOf("/") + 1)));
    this.sidecars.set(uri.toString(), { file, places: await read(file), last: Promise.resolve() });
  }

  of(uri: vscode.Uri): Places {
    const sidecar = this.sidecars.get(uri.toString());
    return sidecar === undefined ? (this.all()[uri.toString()] ?? {}) : (sidecar.places ?? {});
  }

  /** Adds places that a person gave, and tells all views; null forgets all of the document. */
  async set(uri: vscode.Uri, places: Places | null): Promise<void> {
    await this.keep(uri, places);
    this.moved.fire(uri);
  }

  /** As {@link set}, for places that come with an edit, after which views are drawn anyway. */
  async keep(uri: vscode.Uri, places: Places | null): Promise<void> {
    await this.write(uri, places === null ? null : { ...this.of(uri), ...places });
  }

  /** Takes places along when nodes are renamed. */
  async rename(uri: vscode.Uri, renames: ReadonlyMap<string, string>): Promise<void> {
    const own = this.of(uri);
    const kept = carried(own, renames);
    if (kept !== own) await this.write(uri, kept);
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
  }

  private async write(uri: vscode.Uri, places: Places | null): Promise<void> {
    const sidecar = this.sidecars.get(uri.toString());
    if (sidecar === undefined) {
      const { [uri.toString()]: _before, ...others } = this.all();
      const kept = Object.entries(others).slice(-(MAX_DOCUMENTS - 1));
      const own = places === null ? [] : [[uri.toString(), places] as const];
      await this.memento.update(KEY, Object.fromEntries([...kept, ...own]));
      return;
    }
    if (sidecar.places === null) {
      const name = vscode.workspace.asRelativePath(sidecar.file);
      throw new Error(`${name} cannot be read, so nothing is written over it; mend or remove it`);
    }
    sidecar.places = places ?? {};
    const write = sidecar.last.then(() => writeFile(sidecar));
    sidecar.last = write.catch(() => undefined);
    await write;
  }

  private async reread(uri: vscode.Uri): Promise<void> {
    const sidecar = this.sidecars.get(uri.toString());
    if (sidecar === undefined) return;
    await sidecar.last;
    const places = await read(sidecar.file);
    const same = places !== null && sidecar.places !== null && sidecarText(places) === sidecarText(sidecar.places);
    sidecar.places = places;
    if (!same) this.moved.fire(uri);
  }

  /** The setting is another one: what was kept here goes along to there. */
  private async reopen(uri: vscode.Uri): Promise<void> {
    const places = this.of(uri);
    if (usesSidecar(uri) === this.sidecars.has(uri.toString())) return;
    if (!usesSidecar(uri)) this.sidecars.delete(uri.toString());
    await this.open(uri);
    const has = Object.keys(this.of(uri)).length > 0;
    if (!has && Object.keys(places).length > 0) await this.keep(uri, places);
    this.moved.fire(uri);
  }

  private all(): Readonly<Record<string, Places>> {
    return this.memento.get<Readonly<Record<string, Places>>>(KEY, {});
  }
}

function usesSidecar(uri: vscode.Uri): boolean {
  if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) !== true || uri.scheme === "untitled") return false;
  return vscode.workspace.getConfiguration("countersign", uri).get("canvas.positions") === "sidecar";
}

async function read(file: vscode.Uri): Promise<Places | null> {
  try {
    return readSidecar(new TextDecoder().decode(await vscode.workspace.fs.readFile(file)));
  } catch (problem) {
    if (problem instanceof vscode.FileSystemError && problem.code === "FileNotFound") return {};
    return null;
  }
}

/** Writes what is kept; a file that would say nothing is removed. */
async function writeFile({ file, places }: Sidecar): Promise<void> {
  if (places !== null && Object.keys(places).length > 0) {
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(sidecarText(places)));
    return;
  }
  try {
    await vscode.workspace.fs.delete(file);
  } catch (problem) {
    if (!(problem instanceof vscode.FileSystemError) || problem.code !== "FileNotFound") throw problem;
  }
}
