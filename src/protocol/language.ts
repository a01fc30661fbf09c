/**
 * What our language server and its clients say to each other beyond the Language Server Protocol. Types only; clients
 * that know nothing of it lose nothing but comfort.
 */

/** Client -> server: answers when all checks of the document's present version have been published. */
export const settledRequest = "countersign/settled";

/** Parameters of {@link settledRequest}. */
export interface SettledParams {
  readonly textDocument: { readonly uri: string };
}

/** The version that was checked; null for a document that is not ours. */
export type SettledResult = { readonly version: number | null; readonly findings: number } | null;

/** Server -> client: the text of a document that is no file (`untitled:`, `git:`, a virtual file system). */
export const readFileRequest = "countersign/readFile";

/** Parameters of {@link readFileRequest}. */
export interface ReadFileParams {
  readonly uri: string;
}

/** The text, or null when there is none. */
export interface ReadFileResult {
  readonly text: string | null;
}

/** What a client may say in `initializationOptions`; everything is optional and what is not said does not hold. */
export interface InitializationOptions {
  /** The client answers {@link readFileRequest}. */
  readonly readFile?: boolean;
  /** Commands of {@link lensCommands} that the client carries out; code lenses with other commands are not offered. */
  readonly commands?: readonly string[];
}

/** Commands that code lenses carry; a client that implements them gets its arguments as they are typed here. */
export const lensCommands = {
  run: "countersign.run",
  dryRun: "countersign.dryRun",
  debug: "countersign.debug",
  openGraph: "countersign.openGraph",
  runTests: "countersign.runTests",
} as const;

/** The one argument of every lens command. */
export interface LensArguments {
  readonly uri: string;
  /** The start that is meant; null for the document's default. */
  readonly start: string | null;
  /** The node that is meant, for commands on a node. */
  readonly node: string | null;
}
