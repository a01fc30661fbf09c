/** What a page asks about runs of its document. */
import type * as vscode from "vscode";
import type { FromPage } from "../../protocol/webview.ts";
import { pinnedRun } from "../kept-runs/texts.ts";
import type { RunsHolder } from "../run/holder.ts";
import type { PageRuns } from "../run/hub.ts";

/** The messages that are about runs. */
type RunMessage = Extract<FromPage, { type: "start" | "cancelRun" | "resumeRun" | "acknowledge" | "dismissRun" }>;

/** Does what is asked for. */
export async function answerRun(
  message: RunMessage,
  document: vscode.Uri,
  runs: RunsHolder,
  page: PageRuns,
): Promise<void> {
  switch (message.type) {
    case "start": {
      const { dry, start } = message;
      return runs.start({ document, dry, start, input: null });
    }
    case "cancelRun":
      return runs.cancel(message.runId);
    case "resumeRun": {
      const kept = pinnedRun(document);
      if (kept !== null && kept.runId === message.runId) return runs.resumeKept(kept, document);
      return runs.resume(document, message.runId);
    }
    case "acknowledge":
      page.acknowledged(message.runId, message.next);
      return;
    case "dismissRun":
      page.dismissed(message.runId);
      return;
  }
}
