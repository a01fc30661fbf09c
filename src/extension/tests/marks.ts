/** What the last coverage run did not take, for canvases. */
import * as vscode from "vscode";
import type { FileCoverage } from "../../fixtures/coverage-report.ts";
import { COVERAGE_KEY } from "./manifest.ts";

/** Coverage by file, until it is cleared or another run has come. */
export class CoverageMarks implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private files: ReadonlyMap<string, FileCoverage> = new Map();
  /** Canvases show other marks now. */
  readonly onDidChange = this.changed.event;

  /** Shows these files' coverage; an empty list clears all. Paths are absolute. */
  show(files: readonly FileCoverage[]): void {
    this.files = new Map(files.map((one) => [one.file, one]));
    void vscode.commands.executeCommand("setContext", COVERAGE_KEY, files.length > 0);
    this.changed.fire();
  }

  /** The coverage of a file; null for none. */
  of(document: vscode.Uri): FileCoverage | null {
    return document.scheme === "file" ? (this.files.get(document.fsPath) ?? null) : null;
  }

  dispose(): void {
    this.changed.dispose();
  }
}
