/** The debug adapter in this process, with documents as the editor shows them. */
import * as vscode from "vscode";
import { GraphDebugAdapter } from "../../debug/adapter.ts";
import { debugHost } from "../../runtime/debug/launch.ts";
import { placeOf } from "../run/place.ts";
import { words } from "../run/words.ts";

/** An adapter for one session. */
export function inlineAdapter(
  configuration: vscode.DebugConfiguration,
  context: vscode.ExtensionContext,
): vscode.DebugAdapter {
  const sent = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  const program: unknown = configuration["program"];
  const document = vscode.Uri.file(typeof program === "string" ? program : "");
  const { workspaceFolder, env, environment, opened } = placeOf(document);
  const host = debugHost({
    ...{ workspaceFolder, env, environment, opened },
    storage: context.globalStorageUri.fsPath,
    refusal: () => (vscode.workspace.isTrusted ? null : words.untrusted),
  });
  const adapter = new GraphDebugAdapter(host, (message) => {
    sent.fire(message);
  });
  return {
    onDidSendMessage: sent.event,
    handleMessage: (message) => {
      void adapter.handle(message);
    },
    dispose: () => {
      void adapter.close().finally(() => {
        sent.dispose();
      });
    },
  };
}
