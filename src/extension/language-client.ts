/**
 * The language client: starts the server once a document of ours is seen, in a process of its own, and stops it with
 * the window (spec/editor.md §7).
 */
import * as vscode from "vscode";
import { LanguageClient, TransportKind, type LanguageClientOptions } from "vscode-languageclient/node";
import { readFileRequest, type ReadFileParams, type ReadFileResult } from "../protocol/language.ts";
import { languages } from "./manifest.ts";

/** Starts the server of this installation. Rejects when it cannot be started. */
export async function startLanguageClient(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  commands: readonly string[],
): Promise<LanguageClient> {
  const module = vscode.Uri.joinPath(context.extensionUri, "dist", "countersign.mjs").fsPath;
  const server = { module, transport: TransportKind.stdio, args: ["lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: languages.map((language) =>
      language === "markdown" ? { language, pattern: "**/SKILL.md" } : { language },
    ),
    outputChannel: log,
    initializationOptions: {
      commands,
      readFile: true,
      associations: vscode.workspace.getConfiguration("countersign").get("files.associations", {}),
    },
    synchronize: { configurationSection: "countersign" },
  };
  const client = new LanguageClient("countersign", "Countersign", { run: server, debug: server }, options);
  client.onRequest(readFileRequest, async ({ uri }: ReadFileParams): Promise<ReadFileResult> => {
    try {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
      return { text: document.getText() };
    } catch (problem) {
      log.debug(`${uri} cannot be read: ${String(problem)}`);
      return { text: null };
    }
  });
  await client.start();
  return client;
}
