/** A debugging session for a test, from its start to its end. */
import * as vscode from "vscode";
import { DEBUG_TYPE, TEST_STARTING_KEY } from "../manifest-debug.ts";

/** Debugs until the session has ended; false: it did not begin, or was cancelled. */
export async function session(
  uri: vscode.Uri,
  configuration: { readonly name: string; readonly program: string },
  run: vscode.TestRun,
  token: vscode.CancellationToken,
): Promise<boolean> {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  // Sessions are told apart by what they were started with.
  const mark = `${uri.toString()} ${Date.now()}`;
  const disposables: vscode.Disposable[] = [];
  try {
    const ended = new Promise<void>((resolve) => {
      disposables.push(
        vscode.debug.onDidTerminateDebugSession((one) => {
          if (one.configuration["testRun"] === mark) resolve();
        }),
      );
    });
    let own: vscode.DebugSession | null = null;
    disposables.push(
      vscode.debug.onDidStartDebugSession((one) => {
        if (one.configuration["testRun"] === mark) own = one;
      }),
      token.onCancellationRequested(() => {
        if (own !== null) void vscode.debug.stopDebugging(own);
      }),
    );
    const given = { type: DEBUG_TYPE, request: "launch", testRun: mark, ...configuration };
    await vscode.commands.executeCommand("setContext", TEST_STARTING_KEY, true);
    const started = await vscode.debug.startDebugging(folder, given, { testRun: run });
    await vscode.commands.executeCommand("setContext", TEST_STARTING_KEY, false);
    if (!started) return false;
    await ended;
    return !token.isCancellationRequested;
  } finally {
    for (const one of disposables) one.dispose();
  }
}
