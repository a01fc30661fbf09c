/**
 * All documents the server knows: open editors, and files on disk as far as somebody asked for them
 * (spec/editor.md §4: open editors win over disk).
 *
 * Invariants: a snapshot never changes; files of other programs have no snapshot and cost one look at their name or
 * words; what was read from disk is kept until a change is announced, and never more than {@link MAX_KEPT} files.
 */
import { TextDocument } from "vscode-languageserver-textdocument";
import type { TextDocumentContentChangeEvent } from "vscode-languageserver";
import { detect, detectByName } from "../src/dialects/detect.ts";
import type { LiveDocument, OpenLive } from "../src/dialects/live/live.ts";
import type { FileContent, FileSource } from "../src/effects/seam.ts";
import type { LanguageHost } from "./host.ts";
import { besideUri, folderOf, isPath, keyOf, pathOf, uriOf } from "./uris.ts";

/** Most files from disk that are kept. */
const MAX_KEPT = 2_000;
/** Most files that a search of a workspace folder looks at. */
export const MAX_FOUND = 2_000;
/** Longest text that is read, in UTF-16 units: 4 MiB of plain text. */
export const MAX_TEXT = 4 * 1024 * 1024;
/** How much of a longer one is looked at, to see whether it would be ours. */
const HEAD = 64 * 1024;
/** Most files whose changes are counted one by one. */
const MAX_CHANGED = 10_000;

/** One document at one moment. */
export interface Snapshot {
  readonly uri: string;
  /** Absolute path, or the URI of a document that is no file. */
  readonly key: string;
  /** The editor's version; null for a file on disk. */
  readonly version: number | null;
  readonly live: LiveDocument;
}

/** Gives the text of a document that is no file; null when there is none. Never rejects. */
export type ReadRemote = (uri: string) => Promise<string | null>;

interface OpenEditor {
  readonly document: TextDocument;
  /** Made when somebody asks. */
  snapshot: { readonly version: number; readonly value: Snapshot | null } | null;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** See the header. */
export class Workspace {
  readonly host: LanguageHost;
  /** Keys of the workspace's folders. */
  folders: readonly string[] = [];
  /** Set when the client can read documents that are no files. */
  remote: ReadRemote | null = null;
  /** Called with each search of the workspace's folders. */
  searching: (search: Promise<unknown>) => void = () => undefined;
  private readonly openLive: OpenLive;
  private readonly editors = new Map<string, OpenEditor>();
  private readonly kept = new Map<string, Promise<Snapshot | null>>();
  /** Contents of files on disk, by key; also that there is none. */
  private readonly contents = new Map<string, Promise<FileContent>>();
  /** What the folders hold, by folder. */
  private readonly found = new Map<string, Promise<readonly string[]>>();
  /** Announced changes by key, and of everything at once. */
  private readonly changed = new Map<string, number>();
  private epoch = 0;

  constructor(host: LanguageHost, openLive: OpenLive) {
    this.host = host.within(() => this.folders);
    this.openLive = openLive;
  }

  open(uri: string, languageId: string, version: number, text: string): void {
    const key = keyOf(uri);
    this.editors.set(key, { document: TextDocument.create(uri, languageId, version, text), snapshot: null });
    this.renew(key);
  }

  /** Applies an editor's changes; nothing is read yet. False for a document that is not open. */
  change(uri: string, version: number, changes: readonly TextDocumentContentChangeEvent[]): boolean {
    const key = keyOf(uri);
    const editor = this.editors.get(key);
    if (editor === undefined) return false;
    const { snapshot } = editor;
    this.editors.set(key, { document: TextDocument.update(editor.document, [...changes], version), snapshot });
    return true;
  }

  close(uri: string): void {
    const key = keyOf(uri);
    this.editors.delete(key);
    this.renew(key);
  }

  /** A file on disk was changed, made or removed. */
  forget(key: string): void {
    this.found.clear();
    this.renew(key);
  }

  private renew(key: string): void {
    this.kept.delete(key);
    this.contents.delete(key);
    this.changed.set(key, (this.changed.get(key) ?? 0) + 1);
    if (this.changed.size > MAX_CHANGED) this.forgetAll();
  }

  /** Everything on disk may be different. */
  forgetAll(): void {
    this.kept.clear();
    this.contents.clear();
    this.found.clear();
    this.changed.clear();
    this.epoch++;
  }

  isOpen(key: string): boolean {
    return this.editors.has(key);
  }

  /** Keys of everything that is open, ours or not. */
  openKeys(): string[] {
    return [...this.editors.keys()];
  }

  /** Open documents of ours. */
  opened(): Snapshot[] {
    return this.openKeys().flatMap((key) => this.editor(key) ?? []);
  }

  /** The unsaved text of a file that an editor holds; null for others. */
  unsaved(key: string): string | null {
    return this.editors.get(key)?.document.getText() ?? null;
  }

  /** An open document of ours at its present version; null for others. */
  editor(key: string): Snapshot | null {
    const editor = this.editors.get(key);
    if (editor === undefined) return null;
    const { document } = editor;
    if (editor.snapshot?.version !== document.version) {
      const text = document.getText();
      const live =
        text.length > MAX_TEXT
          ? null
          : this.openLive(text, nameFor(key, document.languageId), editor.snapshot?.value?.live ?? null);
      const value = live === null ? null : { uri: document.uri, key, version: document.version, live };
      editor.snapshot = { version: document.version, value };
    }
    return editor.snapshot.value;
  }

  /** An open document that would be ours, were it not too long; null for others. */
  tooLong(key: string): { readonly uri: string; readonly version: number; readonly length: number } | null {
    const editor = this.editors.get(key);
    const text = editor?.document.getText() ?? "";
    if (editor === undefined || text.length <= MAX_TEXT) return null;
    const head = text.slice(0, HEAD);
    if (detect(key, head.slice(0, head.lastIndexOf("\n") + 1)) === null) return null;
    const { uri, version } = editor.document;
    return { uri, version, length: text.length };
  }

  /** Any document of ours by its key, the editor's text before the disk's; null for what is missing or not ours. */
  document(key: string): Promise<Snapshot | null> {
    if (this.editors.has(key)) return Promise.resolve(this.editor(key));
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    const reading = this.fromDisk(key);
    this.kept.set(key, reading);
    trim(this.kept);
    return reading;
  }

  private async fromDisk(key: string): Promise<Snapshot | null> {
    const content = await this.content(key);
    if (!content.ok || content.bytes.length > MAX_TEXT) return null;
    const text = textOf(content.bytes);
    const live = text === null ? null : this.openLive(text, key);
    return live === null ? null : { uri: uriOf(key), key, version: null, live };
  }

  private content(key: string): Promise<FileContent> {
    let content = this.contents.get(key);
    if (content === undefined) {
      content = isPath(key) ? this.host.files.read(key) : this.fromClient(key);
      this.contents.set(key, content);
      trim(this.contents);
    }
    return content;
  }

  private async fromClient(uri: string): Promise<FileContent> {
    const text = (await this.remote?.(uri)) ?? null;
    if (text !== null) return { ok: true, bytes: new TextEncoder().encode(text) };
    return { ok: false, reason: "missing", message: `${uri}: No such file or directory (os error 2)` };
  }

  /** Files as the documents see them: an editor's text before the disk's. */
  get files(): FileSource {
    return {
      resolve: (reference, from) => this.resolve(reference, from),
      read: (key): Promise<FileContent> => {
        const text = this.unsaved(key);
        if (text === null) return this.content(key);
        return Promise.resolve({ ok: true, bytes: new TextEncoder().encode(text) });
      },
    };
  }

  /** Beside a document that is no file is what its client has there; else it counts as one in the workspace's folder. */
  private resolve(reference: string, from: string | null): readonly string[] {
    if (from === null || isPath(from)) return this.host.files.resolve(reference, from);
    const beside = this.remote === null ? null : besideUri(from, reference);
    const local = this.host.files.resolve(reference, this.localPath(from));
    return beside === null ? local : [beside, ...local];
  }

  /** The folder whose configuration holds for a document. */
  configFolder(key: string): string {
    const path = isPath(key) ? key : this.localPath(key);
    return path === null ? (this.host.files.resolve(".", null)[0] ?? "/") : folderOf(path);
  }

  /** Where a document that is no file (`git:/w/a.toml`) stands in the workspace; null for one that stands nowhere. */
  private localPath(key: string): string | null {
    const path = pathOf(key);
    return path !== null && this.folders.some((folder) => path.startsWith(`${folder}/`)) ? path : null;
  }

  /** What tells one content of a file from another: the editor's version, and a count of announced changes. */
  stamp(key: string): string {
    const version = this.editors.get(key)?.document.version;
    const disk = `${this.epoch} ${this.changed.get(key) ?? 0}`;
    return version === undefined ? `disk ${disk}` : `editor ${version} ${disk}`;
  }

  /** Documents of ours in the workspace's folders, open ones included. Bounded by {@link MAX_FOUND} files. */
  all(): Promise<readonly Snapshot[]> {
    const search = this.search(() => true);
    this.searching(search);
    return search;
  }

  /** The fixtures among them. No other file is read: what is a fixture says so by its name. */
  fixtures(): Promise<readonly Snapshot[]> {
    return this.search((key) => detectByName(key)?.document === "fixture");
  }

  private async search(isWanted: (key: string) => boolean): Promise<readonly Snapshot[]> {
    const keys = new Set(this.editors.keys());
    for (const folder of this.folders) {
      const known = this.found.get(folder) ?? this.host.find(folder, MAX_FOUND);
      this.found.set(folder, known);
      for (const key of await known) keys.add(key);
    }
    const snapshots: Snapshot[] = [];
    let looked = 0;
    for (const key of keys) {
      if (!isWanted(key)) continue;
      const snapshot = await this.document(key);
      if (snapshot !== null) snapshots.push(snapshot);
      if (++looked % 16 === 0) await this.host.breathe();
    }
    return snapshots;
  }
}

/** Lets go of what was remembered first. */
function trim(kept: Map<string, unknown>): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_KEPT) return;
    kept.delete(oldest);
  }
}

/** Untitled documents have no extension; what their editor takes them for says what they could be. */
function nameFor(key: string, languageId: string): string {
  const extension = extensions.get(languageId);
  return extension === undefined || !key.startsWith("untitled:") || /\.[a-z]+$/i.test(key) ? key : key + extension;
}

const extensions: ReadonlyMap<string, string> = new Map([
  ["toml", ".toml"],
  ["yaml", ".yaml"],
  ["countersign-pipeline", "/spec.kv"],
]);

/** Bytes as text; null when they are not UTF-8. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
