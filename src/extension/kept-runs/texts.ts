/**
 * Texts of kept runs as read-only documents: a run as a text, a run as it is compared, and the document of a run as it
 * was then, which the canvas draws like any other.
 *
 * Invariants: nothing can be written; what a name means stands in the name itself, so an editor that comes back after a
 * reload shows the same; secrets stay masked, as in the journal.
 */
import path from "node:path";
import * as vscode from "vscode";
import type { Kept, KeptPlace } from "../../runtime/kept-runs/index.ts";
import { RUN_SCHEME } from "./manifest.ts";

/** Replays whose texts are kept; the oldest goes first. */
const MAX_HELD = 40;

/** What a document is. `walk`: the form in which runs are compared; `held`: a text of {@link RunTexts.hold}. */
export type TextReference =
  | ({ readonly what: "text" | "walk" } & KeptPlace)
  | ({
      readonly what: "document";
      /** Of an X.yaml; null for other documents. */ readonly runner: string | null;
    } & KeptPlace)
  | { readonly what: "held"; readonly id: number };

/** The address of a text; `name` is what its tab shows, for a run's document its whole path. */
export function textUri(what: TextReference, name: string): vscode.Uri {
  const full = name.startsWith("/") ? name : `/${name}`;
  return vscode.Uri.from({ scheme: RUN_SCHEME, path: full, query: JSON.stringify(what) });
}

/** The address of the document of a run as it was then; `root` as the run names it. */
export function pinnedUri({ stateDir, runId, cwd }: KeptPlace, root: string): vscode.Uri {
  const runner = runnerIn(root);
  const file = runner === null ? root : root.slice(0, -runner.length - 1);
  return textUri({ what: "document", stateDir, runId, cwd, runner }, vscode.Uri.file(file).path);
}

/** The runner that a run's root names; null for what is no X.yaml. */
export function runnerIn(root: string): string | null {
  return /#([^/\\]*)$/.exec(root)?.[1] ?? null;
}

/** The run whose document of then this is, for whoever goes on with it; null for any other address. */
export function pinnedRun(uri: vscode.Uri): {
  readonly document: vscode.Uri;
  readonly runner: string | null;
  readonly stateDir: string;
  readonly runId: string;
} | null {
  const what = uri.scheme === RUN_SCHEME ? referenceOf(uri) : null;
  if (what?.what !== "document") return null;
  const { runner, stateDir, runId } = what;
  return { document: vscode.Uri.file(uri.path), runner, stateDir, runId };
}

/** See the header. */
export class RunTexts implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly registered: vscode.Disposable;
  private readonly held = new Map<number, string>();
  /** What was made for the size of a file, until it is read. */
  private readonly made = new Map<string, Uint8Array>();
  private next = Date.now();
  readonly onDidChangeFile = this.changed.event;

  constructor() {
    this.registered = vscode.workspace.registerFileSystemProvider(RUN_SCHEME, this, {
      isReadonly: true,
      isCaseSensitive: true,
    });
  }

  /** Holds a text that nobody can make again; gives its address. */
  hold(text: string, name: string): vscode.Uri {
    const id = this.next++;
    this.held.set(id, text);
    for (const oldest of [...this.held.keys()].slice(0, -MAX_HELD)) this.held.delete(oldest);
    return textUri({ what: "held", id }, name);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const bytes = await this.make(uri);
    this.made.set(uri.toString(), bytes);
    for (const oldest of [...this.made.keys()].slice(0, -MAX_HELD)) this.made.delete(oldest);
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: bytes.length };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const key = uri.toString();
    const made = this.made.get(key);
    this.made.delete(key);
    return made ?? this.make(uri);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.registered.dispose();
    this.changed.dispose();
  }

  private async make(uri: vscode.Uri): Promise<Uint8Array> {
    const what = referenceOf(uri);
    if (what === null) throw vscode.FileSystemError.FileNotFound(uri);
    const text = await this.textOf(what);
    if (text === null) throw vscode.FileSystemError.FileNotFound(uri);
    if (!text.ok) throw vscode.FileSystemError.Unavailable(text.problem.message);
    return Buffer.from(text.value, "utf8");
  }

  private async textOf(what: TextReference): Promise<Kept<string> | null> {
    if (what.what === "held") {
      const text = this.held.get(what.id);
      return text === undefined ? null : { ok: true, value: text };
    }
    const { inspectionText, pinnedText, walkText } = await import("../../runtime/kept-runs/index.ts");
    switch (what.what) {
      case "text":
        return inspectionText(what, Date.now());
      case "walk":
        return walkText(what);
      case "document":
        return pinnedText(what);
    }
  }
}

/** What a name means; null when it is none of ours, or looks anywhere but at an absolute place. */
function referenceOf({ query }: vscode.Uri): TextReference | null {
  try {
    const parsed: unknown = JSON.parse(query);
    if (typeof parsed !== "object" || parsed === null) return null;
    const { what, stateDir, runId, cwd, id, runner } = parsed as Readonly<Record<string, unknown>>;
    if (what === "held") return typeof id === "number" ? { what, id } : null;
    if (what !== "text" && what !== "walk" && what !== "document") return null;
    if (typeof stateDir !== "string" || typeof runId !== "string" || typeof cwd !== "string") return null;
    if (!path.isAbsolute(stateDir)) return null;
    if (what !== "document") return { what, stateDir, runId, cwd };
    return { what, stateDir, runId, cwd, runner: typeof runner === "string" ? runner : null };
  } catch (problem) {
    if (problem instanceof SyntaxError) return null;
    throw problem;
  }
}
