/** The getting-started page: opens the sample and sees what people do with their graphs. */
import * as vscode from "vscode";
import { DEBUG_TYPE } from "../manifest-debug.ts";
import { commands, EDITOR_TYPE } from "../manifest.ts";
import { learned } from "./learned.ts";
import { learnCommands, WALKTHROUGH } from "./manifest.ts";

/** Name under which the language server's diagnostics stand. */
const SOURCE = "countersign";

/** Registers it, until the returned one is disposed. */
export function registerLearning(context: vscode.ExtensionContext): vscode.Disposable {
  /** Documents that have had an error. */
  const wrong = new Set<string>();
  return vscode.Disposable.from(
    vscode.commands.registerCommand(learnCommands.openSample.id, () => openSample(context)),
    vscode.commands.registerCommand(learnCommands.walkthrough.id, () =>
      vscode.commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#${WALKTHROUGH}`),
    ),
    vscode.window.tabGroups.onDidChangeTabs(({ opened }) => {
      if (opened.some(({ input }) => input instanceof vscode.TabInputCustom && input.viewType === EDITOR_TYPE))
        learned("open");
    }),
    vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      for (const uri of uris) {
        const errors = vscode.languages
          .getDiagnostics(uri)
          .filter(({ source, severity }) => source === SOURCE && severity === vscode.DiagnosticSeverity.Error);
        const open = vscode.workspace.textDocuments.some((one) => one.uri.toString() === uri.toString());
        if (errors.length > 0) wrong.add(uri.toString());
        else if (wrong.delete(uri.toString()) && open) learned("fix");
      }
    }),
    vscode.debug.registerDebugAdapterTrackerFactory(DEBUG_TYPE, {
      createDebugAdapterTracker: () => ({
        onDidSendMessage(message: unknown) {
          if (stoppedAtBreakpoint(message)) learned("break");
        },
      }),
    }),
  );
}

function stoppedAtBreakpoint(message: unknown): boolean {
  const { event, body } = (message ?? {}) as { event?: unknown; body?: { reason?: unknown } };
  return event === "stopped" && body?.reason === "breakpoint";
}

/** Opens the sample, as text and as a graph beside it. It is written once; what people made of it is theirs. */
async function openSample(context: vscode.ExtensionContext): Promise<void> {
  const { SAMPLE, sampleText, samplePayload } = await import("./sample.ts");
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file")?.uri;
  const home = vscode.Uri.joinPath(folder ?? context.globalStorageUri, SAMPLE.folder);
  const file = vscode.Uri.joinPath(home, SAMPLE.file);
  await writeOnce(vscode.Uri.joinPath(home, SAMPLE.payload), samplePayload);
  await writeOnce(file, sampleText);
  await vscode.window.showTextDocument(file, { viewColumn: vscode.ViewColumn.Active });
  await vscode.commands.executeCommand(commands.openGraphToSide.id, file);
}

async function writeOnce(file: vscode.Uri, text: string): Promise<void> {
  try {
    await vscode.workspace.fs.stat(file);
  } catch (problem) {
    if (!(problem instanceof vscode.FileSystemError) || problem.code !== "FileNotFound") throw problem;
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  }
}
