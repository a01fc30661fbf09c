/**
 * Debugging in VS Code (docs/debugger.md): the debug type, F5 without a launch.json, and the command of lenses and
 * canvases. The debugger and the engine behind it are loaded when the first session is asked for.
 *
 * Invariant: nothing is debugged in a workspace that is not trusted, whatever the request came from.
 */
import path from "node:path";
import * as vscode from "vscode";
import { lensCommands } from "../../protocol/language.ts";
import type { EditorKeys } from "../../runtime/editor-run/signing.ts";
import { DEBUG_TYPE } from "../manifest-debug.ts";
import { documentOf, type CommandTarget } from "../run/holder.ts";
import { words } from "../run/words.ts";
import { followMoves } from "./breakpoint-moves.ts";
import type { DebugFollowing } from "./following.ts";

/** Registers everything; what is given back takes it away again. */
export function registerDebugging(
  context: vscode.ExtensionContext,
  activeDocument: () => vscode.Uri | null,
  following: DebugFollowing,
  keys: EditorKeys,
): vscode.Disposable {
  /** A whole configuration for a document; undefined when there is to be no session, which the user has been told. */
  const configure = async (
    document: vscode.Uri | null,
    start: string | null,
  ): Promise<vscode.DebugConfiguration | undefined> => {
    if (document === null) {
      void vscode.window.showInformationMessage(words.noDocument);
      return undefined;
    }
    const { configurationFor } = await import("./configuration.ts");
    return configurationFor(document, start, context);
  };
  const provider: vscode.DebugConfigurationProvider = {
    resolveDebugConfiguration: async (_folder, given) => {
      if (!vscode.workspace.isTrusted) return untrusted();
      // F5 without a launch.json.
      if (given.type === undefined || given.type === "" || given["program"] === undefined) {
        const made = await configure(activeDocument(), null);
        return made === undefined ? undefined : { ...made, ...withoutBlanks(given) };
      }
      return given;
    },
    resolveDebugConfigurationWithSubstitutedVariables: (folder, given) => belowFolder(folder, given),
  };
  const factory: vscode.DebugAdapterDescriptorFactory = {
    createDebugAdapterDescriptor: async (session) => {
      const { inlineAdapter } = await import("./adapter.ts");
      return new vscode.DebugAdapterInlineImplementation(inlineAdapter(session, context, following, keys));
    },
  };
  const debug = async (target?: CommandTarget): Promise<boolean> => {
    if (!vscode.workspace.isTrusted) {
      untrusted();
      return false;
    }
    const document = documentOf(target) ?? activeDocument();
    const start = target === undefined || target instanceof vscode.Uri ? null : (target.start ?? null);
    const configuration = await configure(document, start);
    if (document === null || configuration === undefined) return false;
    return vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(document), configuration);
  };
  return vscode.Disposable.from(
    vscode.debug.registerDebugConfigurationProvider(DEBUG_TYPE, provider),
    vscode.debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, factory),
    vscode.commands.registerCommand(lensCommands.debug, debug),
    followMoves(),
  );
}

/** What a person wrote; VS Code gives blanks where nothing is written. */
function withoutBlanks(given: vscode.DebugConfiguration): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "" && value !== undefined));
}

/** With a whole path: a relative one begins at the folder of its launch.json. */
function belowFolder(
  folder: vscode.WorkspaceFolder | undefined,
  given: vscode.DebugConfiguration,
): vscode.DebugConfiguration {
  const program: unknown = given["program"];
  const from = folder ?? vscode.workspace.workspaceFolders?.[0];
  if (typeof program !== "string" || program === "" || from?.uri.scheme !== "file") return given;
  return { ...given, program: path.resolve(from.uri.fsPath, program) };
}

function untrusted(): undefined {
  void vscode.window.showWarningMessage(words.untrusted, words.manageTrust).then((answer) => {
    if (answer !== undefined) void vscode.commands.executeCommand("workbench.trust.manage");
  });
  return undefined;
}
