/** How a run goes, in the window's status bar, and with a way to cancel it where it takes longer. */
import * as vscode from "vscode";
import type { RunStep } from "../../protocol/run.ts";

/** Runs that take longer than this are shown in a notification as well, in milliseconds. */
const LONG = 1_500;

/** What is shown of one run. */
export interface ShownProgress {
  step(step: RunStep): void;
  end(): void;
}

/** Shows it until it ends. */
export function showProgress(title: string, cancel: () => void): ShownProgress {
  let finish: () => void = () => undefined;
  let report: ((message: string) => void) | null = null;
  let shown = "";
  const over = new Promise<void>((resolve) => (finish = resolve));
  void vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () => over);
  const long = setTimeout(() => {
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    void vscode.window.withProgress(options, (progress, token) => {
      token.onCancellationRequested(cancel);
      report = (message) => {
        progress.report({ message });
      };
      report(shown);
      return over;
    });
  }, LONG);
  // At most four times a second: a run may enter thousands of nodes in that time.
  const ticking = setInterval(() => report?.(shown), 250);
  return {
    step: (step) => {
      if (step.type === "entered") shown = step.name;
    },
    end: () => {
      clearTimeout(long);
      clearInterval(ticking);
      finish();
    },
  };
}
