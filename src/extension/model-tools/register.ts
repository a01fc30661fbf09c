/** Registers the tools for language models; what answers them, the engine with it, is loaded when one is called. */
import * as vscode from "vscode";
import type { Stores } from "../stores.ts";
import { toolNames } from "./manifest.ts";

/** What VS Code says while a tool works. */
const doing: Readonly<Record<string, string>> = {
  [toolNames.validate]: "Validating the graph",
  [toolNames.describe]: "Describing the graph",
  [toolNames.dryRun]: "Dry-running the graph",
  [toolNames.explain]: "Explaining the run",
};

/** Registers them, until the returned one is disposed. */
export function registerModelTools(context: vscode.ExtensionContext, stores: Stores): vscode.Disposable {
  const storage = context.globalStorageUri.fsPath;
  const tools = Object.values(toolNames).map((name) =>
    vscode.lm.registerTool<unknown>(name, {
      prepareInvocation: () => ({ invocationMessage: doing[name] ?? "" }),
      async invoke({ input }, token) {
        const abort = new AbortController();
        const cancelled = token.onCancellationRequested(() => {
          abort.abort();
        });
        try {
          const { answer } = await import("./answers.ts");
          const result = await answer(name, input, { storage, stores, signal: abort.signal });
          const text = JSON.stringify(result.ok ? result.value : { problem: result.message });
          return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
        } finally {
          cancelled.dispose();
        }
      },
    }),
  );
  return vscode.Disposable.from(...tools);
}
