/**
 * What the language server needs of the machine it runs on; the composition root supplies it, tests hold it in
 * their hand. The server itself reaches nothing (DESIGN.md "The house").
 */
import type { Digest, FileSource } from "../src/effects/seam.ts";
import type { DecideAhead } from "../src/governance/static/ahead.ts";
import type { Diagnostic } from "../src/graph/diagnostic.ts";
import type { Graph } from "../src/graph/model.ts";

/** The machine as the server sees it. Keys are absolute, normalised paths. */
export interface LanguageHost {
  readonly files: FileSource;
  readonly digest: Digest;
  /**
   * What the configuration around a document in `folder` (a key) says; `opened` gives the unsaved text of a file that
   * an editor holds. Never rejects.
   */
  operator(folder: string, opened?: (key: string) => string | null): Promise<OperatorView>;
  /** What is in a folder, by name; empty when it cannot be read. */
  list(folder: string): Promise<readonly FolderEntry[]>;
  /** Keys of files below `folder` whose names could be ours, at most `limit`; other people's folders are passed over. */
  find(folder: string, limit: number): Promise<readonly string[]>;
  /** Lets messages that wait be received, so that long work can be overtaken. */
  breathe(): Promise<void>;
  /**
   * The same machine for a workspace with these folders (keys), which may change: relative paths that are not beside a
   * document are below the innermost of them that holds it, or else below the first.
   */
  within(folders: () => readonly string[]): LanguageHost;
  /** Calls back after a time in milliseconds; the returned function cancels. */
  timer(ms: number, wake: () => void): () => void;
}

/** One entry of a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly folder: boolean;
}

/** Configuration as the server uses it. */
export interface OperatorView {
  /** What is wrong with a configuration that cannot be used, and the file it stands in; checks then run without it. */
  readonly problems: readonly { readonly message: string; readonly file: string | null }[];
  /** Severities as configured; errors stay errors. */
  apply(diagnostics: readonly Diagnostic[]): Diagnostic[];
  /**
   * Decides effects of these graphs ahead of time. `validate`: as `countersign validate` does, without the posture of
   * one machine; `shown`: as a run here would.
   */
  decide(graphs: readonly Graph[], purpose: "validate" | "shown"): Promise<DecideAhead>;
}
