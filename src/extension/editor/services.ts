/** What the views of a window share. */
import type * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { LayoutThreads } from "../../runtime/canvas/index.ts";
import type { DebugFollowing } from "../debug/following.ts";
import type { RunsHolder } from "../run/holder.ts";
import type { CoverageMarks } from "../tests/marks.ts";
import type { ComparedView } from "./head.ts";
import type { PlacesStore } from "./places.ts";

/** See the header. */
export interface ViewServices {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly places: PlacesStore;
  readonly layouts: LayoutThreads;
  readonly runs: RunsHolder;
  readonly debug: DebugFollowing;
  readonly coverage: CoverageMarks;
  /** A view has drawn another text, or is gone: those that stand beside it are compared anew. */
  compare(view: ComparedView): void;
  /** The running language client; null when it could not be started. */
  server(): Promise<LanguageClient | null>;
}
