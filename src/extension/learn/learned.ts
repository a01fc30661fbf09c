/** What the getting-started page has seen people do: its steps are ticked off by doing them, not by reading. */
import * as vscode from "vscode";
import { learnedKey, type Step } from "./steps.ts";

/** Somebody has done it. Said as often as it is done; VS Code remembers the first time. */
export function learned(step: Step): void {
  void vscode.commands.executeCommand("setContext", learnedKey(step), true);
}
