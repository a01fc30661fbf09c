/**
 * A disk for tests: counts and logs what is done to it, fails where told, and loses power. After a loss of power a
 * file holds what was synced and a random part of the rest (or zeros in its place), and of each name that was made
 * or removed since its folder was synced it is random whether that happened.
 */
import { basename, dirname } from "node:path";
import type { AppendFile, JournalFiles, ReadFile } from "../../../src/connect/journal/file.ts";

export type Operation =
  | "makeFolder"
  | "create"
  | "append"
  | "truncate"
  | "datasync"
  | "link"
  | "rename"
  | "unlink"
  | "removeFolder"
  | "syncFolder"
  | "openRead"
  | "exists"
  | "names";

interface FileNode {
  type: "file";
  data: Buffer;
  synced: number;
}

interface FolderNode {
  type: "folder";
  names: Map<string, Entry>;
  durable: Map<string, Entry>;
}

type Entry = FileNode | FolderNode;

/** What goes wrong: called before each operation; gives the code to fail with, or null. */
export type Fault = (operation: Operation, path: string, count: number) => string | null;

/** A number in [0, 1). */
export type Random = () => number;

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

/** Deterministic random numbers. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function folderNode(): FolderNode {
  return { type: "folder", names: new Map(), durable: new Map() };
}

export class Disk implements JournalFiles {
  readonly log: string[] = [];
  operations = 0;
  fault: Fault = () => null;
  /** How much of a failing append still reaches the file, 0 to 1. */
  tear: Random = () => 0.5;
  private readonly root: FolderNode;
  private readonly watchers = new Set<() => void>();

  constructor(root: FolderNode = folderNode()) {
    this.root = root;
  }

  count(operation: Operation, part = ""): number {
    return this.log.filter((line) => line.startsWith(`${operation} `) && line.includes(part)).length;
  }

  async makeFolder(path: string): Promise<void> {
    await this.step("makeFolder", path);
    const { folder, name } = this.place(path);
    if (folder.names.has(name)) throw systemError("EEXIST");
    folder.names.set(name, folderNode());
  }

  async create(path: string): Promise<AppendFile> {
    await this.step("create", path);
    const { folder, name } = this.place(path);
    if (folder.names.has(name)) throw systemError("EEXIST");
    const node: FileNode = { type: "file", data: Buffer.alloc(0), synced: 0 };
    folder.names.set(name, node);
    return this.appender(path, node);
  }

  /** Opens a file for appending, made where there is none. */
  async openAppend(path: string): Promise<AppendFile> {
    if (!(await this.exists(path))) return this.create(path);
    return this.appender(path, this.file(path));
  }

  /** Shortens a file; what was synced of it stays synced, and a loss of power may undo it. */
  async truncate(path: string, length: number): Promise<void> {
    await this.step("truncate", path);
    const node = this.file(path);
    node.data = node.data.subarray(0, length);
    node.synced = Math.min(node.synced, length);
  }

  private appender(path: string, node: FileNode): AppendFile {
    return {
      append: async (bytes) => {
        try {
          await this.step("append", path);
        } catch (error) {
          node.data = Buffer.concat([node.data, bytes.subarray(0, Math.floor(this.tear() * bytes.length))]);
          throw error;
        }
        node.data = Buffer.concat([node.data, bytes]);
        this.changed();
      },
      datasync: async () => {
        const length = node.data.length;
        await this.step("datasync", path);
        node.synced = Math.max(node.synced, length);
      },
      close: () => Promise.resolve(),
    };
  }

  async openRead(path: string): Promise<ReadFile> {
    await this.step("openRead", path);
    const node = this.file(path);
    return {
      size: () => Promise.resolve(node.data.length),
      read: (position, length) => Promise.resolve(Buffer.from(node.data.subarray(position, position + length))),
      datasync: async () => {
        await this.step("datasync", path);
        node.synced = node.data.length;
      },
      close: () => Promise.resolve(),
    };
  }

  async link(from: string, to: string): Promise<void> {
    await this.step("link", to);
    const node = this.file(from);
    const { folder, name } = this.place(to);
    if (folder.names.has(name)) throw systemError("EEXIST");
    folder.names.set(name, node);
    this.changed();
  }

  async rename(from: string, to: string): Promise<void> {
    await this.step("rename", to);
    const source = this.place(from);
    const node = source.folder.names.get(source.name);
    if (node === undefined) throw systemError("ENOENT");
    const target = this.place(to);
    source.folder.names.delete(source.name);
    target.folder.names.set(target.name, node);
  }

  async unlink(path: string): Promise<void> {
    await this.step("unlink", path);
    const { folder, name } = this.place(path);
    if (!folder.names.delete(name)) throw systemError("ENOENT");
  }

  async removeFolder(path: string): Promise<void> {
    await this.step("removeFolder", path);
    const { folder, name } = this.place(path);
    folder.names.delete(name);
  }

  async syncFolder(path: string): Promise<void> {
    await this.step("syncFolder", path);
    const folder = this.folder(path);
    folder.durable = new Map(folder.names);
  }

  async exists(path: string): Promise<boolean> {
    await this.step("exists", path);
    try {
      const { folder, name } = this.place(path);
      return folder.names.has(name);
    } catch {
      return false;
    }
  }

  async names(path: string): Promise<readonly string[]> {
    await this.step("names", path);
    return [...this.folder(path).names.keys()];
  }

  watch(_path: string, changed: () => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  /** Tells those who watch. */
  changed(): void {
    for (const watcher of this.watchers) watcher();
  }

  /** What a file holds. */
  content(path: string): Buffer {
    return this.file(path).data;
  }

  /** Puts bytes in a file, durable. */
  put(path: string, data: Uint8Array): void {
    const { folder, name } = this.place(path);
    const node: FileNode = { type: "file", data: Buffer.from(data), synced: data.length };
    folder.names.set(name, node);
    folder.durable.set(name, node);
  }

  /** The disk as it is found when power comes back. */
  afterPowerLoss(random: Random): Disk {
    const known = new Map<FileNode, FileNode>();
    const survive = (entry: Entry): Entry => {
      if (entry.type === "folder") {
        const made = folderNode();
        for (const name of new Set([...entry.names.keys(), ...entry.durable.keys()])) {
          const [now, before] = [entry.names.get(name), entry.durable.get(name)];
          const kept = now === before || random() < 0.5 ? now : before;
          if (kept !== undefined) made.names.set(name, survive(kept));
        }
        made.durable = new Map(made.names);
        return made;
      }
      let file = known.get(entry);
      if (file === undefined) {
        const kept = entry.synced + Math.floor(random() * (entry.data.length - entry.synced + 1));
        const zeros = random() < 0.3 ? Math.floor(random() * (entry.data.length - kept)) : 0;
        const data = Buffer.concat([entry.data.subarray(0, kept), Buffer.alloc(zeros)]);
        file = { type: "file", data, synced: data.length };
        known.set(entry, file);
      }
      return file;
    };
    return new Disk(survive(this.root) as FolderNode);
  }

  private async step(operation: Operation, path: string): Promise<void> {
    this.operations++;
    this.log.push(`${operation} ${path}`);
    await new Promise((resolve) => setImmediate(resolve));
    const code = this.fault(operation, path, this.operations);
    if (code !== null) throw systemError(code);
  }

  private place(path: string): { folder: FolderNode; name: string } {
    return { folder: this.folder(dirname(path)), name: basename(path) };
  }

  private folder(path: string): FolderNode {
    let at: Entry = this.root;
    for (const part of path.split("/").filter((one) => one !== "" && one !== ".")) {
      const next: Entry | undefined = at.type === "folder" ? at.names.get(part) : undefined;
      if (next === undefined) throw systemError("ENOENT");
      at = next;
    }
    if (at.type !== "folder") throw systemError("ENOTDIR");
    return at;
  }

  private file(path: string): FileNode {
    const { folder, name } = this.place(path);
    const node = folder.names.get(name);
    if (node?.type !== "file") throw systemError("ENOENT");
    return node;
  }
}
