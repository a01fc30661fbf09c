/** Where a person moved nodes to: kept in the workspace's storage, never in the document (issue: "outside the document"). */
import * as vscode from "vscode";
import { carried } from "../../runtime/canvas/index.ts";

type Places = Readonly<Record<string, { readonly x: number; readonly y: number }>>;

/** Most documents whose places are kept; the one that was moved longest ago goes first. */
const MAX_DOCUMENTS = 500;
const KEY = "countersign.places";

/** Places by document. */
export class PlacesStore {
  private readonly memento: vscode.Memento;
  private readonly moved = new vscode.EventEmitter<vscode.Uri>();
  /** Fires when a person has moved nodes of a document. */
  readonly onDidMove = this.moved.event;

  constructor(memento: vscode.Memento) {
    this.memento = memento;
  }

  of(uri: vscode.Uri): Places {
    return this.all()[uri.toString()] ?? {};
  }

  /** Adds places that a person gave, and tells all views; null forgets all of the document. */
  async set(uri: vscode.Uri, places: Places | null): Promise<void> {
    await this.keep(uri, places);
    this.moved.fire(uri);
  }

  /** As {@link set}, for places that come with an edit, after which views are drawn anyway. */
  async keep(uri: vscode.Uri, places: Places | null): Promise<void> {
    const { [uri.toString()]: before, ...others } = this.all();
    const kept = Object.entries(others).slice(-(MAX_DOCUMENTS - 1));
    const own = places === null ? [] : [[uri.toString(), { ...before, ...places }] as const];
    await this.memento.update(KEY, Object.fromEntries([...kept, ...own]));
  }

  /** Takes places along when nodes are renamed. */
  async rename(uri: vscode.Uri, renames: ReadonlyMap<string, string>): Promise<void> {
    const own = this.of(uri);
    const kept = carried(own, renames);
    if (kept === own) return;
    await this.memento.update(KEY, { ...this.all(), [uri.toString()]: kept });
  }

  private all(): Readonly<Record<string, Places>> {
    return this.memento.get<Readonly<Record<string, Places>>>(KEY, {});
  }
}
