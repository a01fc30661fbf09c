/**
 * Tests in VS Code: the Test Explorer, the lenses above fixtures and documents, "save this run as a test", and the marks
 * of coverage on canvases. The engine is loaded when VS Code first asks for tests, or a file with tests is opened.
 *
 * Invariant: nothing is run in a workspace that is not trusted.
 */
import * as vscode from "vscode";
import { documentOf, type CommandTarget } from "../run/holder.ts";
import type { Stores } from "../stores.ts";
import { testCommands } from "./manifest.ts";
import { CoverageMarks } from "./marks.ts";
import type { TestExplorer } from "./explorer.ts";
import { words } from "./words.ts";

/** What it is given. */
export interface TestServices {
  readonly log: vscode.LogOutputChannel;
  readonly stores: Stores;
  activeDocument(): vscode.Uri | null;
}

/** Whose files are tests; kept here so that nothing is loaded to know it. */
const holdsTests = (uri: vscode.Uri): boolean => uri.path.endsWith("/fixture.toml");

/** See the header. */
export class Tests implements vscode.Disposable {
  /** What canvases show of the last coverage run. */
  readonly marks = new CoverageMarks();
  private readonly services: TestServices;
  private readonly controller: vscode.TestController;
  private readonly registered: vscode.Disposable[];
  private explorer: Promise<TestExplorer> | null = null;

  constructor(services: TestServices) {
    this.services = services;
    this.controller = vscode.tests.createTestController("countersign", words.controller);
    this.controller.resolveHandler = async (item) => {
      // All items are made at once; none of them has more below it.
      if (item === undefined) await (await this.load()).scan();
    };
    const opened = (document: vscode.TextDocument): void => {
      if (document.uri.scheme === "file" && holdsTests(document.uri)) void this.load().then((one) => one.scan());
    };
    vscode.workspace.textDocuments.forEach(opened);
    this.registered = [
      this.controller,
      this.marks,
      vscode.workspace.onDidOpenTextDocument(opened),
      vscode.commands.registerCommand(testCommands.run.id, (target?: CommandTarget) => this.runFor(target)),
      vscode.commands.registerCommand(testCommands.clearCoverage.id, () => {
        this.marks.show([]);
      }),
      vscode.commands.registerCommand(testCommands.save.id, async (given?: unknown) => {
        const { saveAsTest } = await import("./save.ts");
        return saveAsTest(given, this.services.stores, (uri) => this.runFor(uri));
      }),
    ];
  }

  dispose(): void {
    for (const one of this.registered) one.dispose();
    void this.explorer?.then((one) => {
      one.dispose();
    });
  }

  private async runFor(target: CommandTarget | undefined): Promise<unknown> {
    const document = documentOf(target) ?? this.services.activeDocument();
    if (document === null) {
      void vscode.window.showInformationMessage(words.noDocument);
      return null;
    }
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showWarningMessage(words.untrusted);
      return null;
    }
    const tally = await (await this.load()).runFor(document);
    const name = document.path.slice(document.path.lastIndexOf("/") + 1);
    if (tally === null) void vscode.window.showInformationMessage(words.noTests(name));
    return tally;
  }

  private load(): Promise<TestExplorer> {
    this.explorer ??= Promise.all([import("./explorer.ts"), import("./fixtures.ts")]).then(
      ([{ TestExplorer }, { fixtureTests }]) =>
        new TestExplorer(this.controller, [fixtureTests], this.marks, this.services.log),
    );
    return this.explorer;
  }
}
