/** How tests came out, in VS Code's words. */
import * as vscode from "vscode";
import type { TestMismatch, TestOutcome } from "./provider.ts";
import { words } from "./words.ts";

/** How many tests came out how. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Says of every test that nothing is run here; false where things are. */
export function refusedForTrust(run: vscode.TestRun, items: readonly vscode.TestItem[]): boolean {
  if (vscode.workspace.isTrusted) return false;
  for (const item of items) run.errored(item, new vscode.TestMessage(words.untrusted));
  return true;
}

/** Tells VS Code how a test came out. */
export function tell(run: vscode.TestRun, item: vscode.TestItem, outcome: TestOutcome, tally: Tally): void {
  const { result, mismatches, output, durationMs } = outcome;
  for (const line of output) run.appendOutput(`  ${line.replaceAll(/\r?\n/g, "\r\n")}\r\n`, undefined, item);
  switch (result) {
    case "passed":
      tally.passed++;
      run.passed(item, durationMs);
      return;
    case "failed":
      tally.failed++;
      run.failed(item, mismatches.map(messageOf), durationMs);
      return;
    case "errored":
      tally.failed++;
      run.errored(item, mismatches.map(messageOf), durationMs);
      return;
    case "stopped":
      tally.skipped++;
      run.appendOutput(`${words.stopped}\r\n`, undefined, item);
      run.skipped(item);
      return;
  }
}

function messageOf({ message, file, at, expected, actual }: TestMismatch): vscode.TestMessage {
  const made =
    expected !== null && actual !== null
      ? vscode.TestMessage.diff(message, expected, actual)
      : new vscode.TestMessage(message);
  made.location = new vscode.Location(vscode.Uri.file(file), new vscode.Position(at?.line ?? 0, at?.character ?? 0));
  return made;
}
