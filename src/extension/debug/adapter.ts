/** The debug adapter in this process, with documents as the editor shows them, followed by the canvases. */
import * as vscode from "vscode";
import { GraphDebugAdapter } from "../../debug/adapter.ts";
import { debugHost } from "../../runtime/debug/launch.ts";
import type { EditorKeys } from "../../runtime/editor-run/signing.ts";
import { placeOf } from "../run/place.ts";
import { words } from "../run/words.ts";
import { CanvasFocus } from "./canvas-focus.ts";
import { FollowedRun } from "./followed-run.ts";
import type { DebugFollowing } from "./following.ts";

/** An adapter for one session. */
export function inlineAdapter(
  { id, configuration }: vscode.DebugSession,
  context: vscode.ExtensionContext,
  following: DebugFollowing,
  keys: EditorKeys,
): vscode.DebugAdapter {
  const sent = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  const program: unknown = configuration["program"];
  const document = vscode.Uri.file(typeof program === "string" ? program : "");
  const { workspaceFolder, env, environment, opened } = placeOf(document);
  const host = debugHost({
    ...{ workspaceFolder, env, environment, opened },
    storage: context.globalStorageUri.fsPath,
    keys,
    refusal: () => (vscode.workspace.isTrusted ? null : words.untrusted),
    present: openText,
  });
  const followed = new FollowedRun(id, following, () => adapter);
  const focus = new CanvasFocus(id);
  const adapter: GraphDebugAdapter = new GraphDebugAdapter(
    host,
    inOrder(
      (message) => {
        sent.fire(message);
      },
      (message) => {
        const file = isStop(message) ? stopFile(adapter) : null;
        return file === null ? null : focus.beforeStop(file);
      },
    ),
    followed,
  );
  return {
    onDidSendMessage: sent.event,
    handleMessage: (message) => {
      void adapter.handle(message);
    },
    dispose: () => {
      focus.dispose();
      void adapter.close().finally(() => {
        sent.dispose();
      });
    },
  };
}

/** Sends messages in their order, each after what has to be done before it; null: nothing. */
function inOrder(
  send: (message: vscode.DebugProtocolMessage) => void,
  before: (message: vscode.DebugProtocolMessage) => Promise<void> | null,
): (message: vscode.DebugProtocolMessage) => void {
  let queue: Promise<void> | null = null;
  return (message) => {
    if (queue === null) {
      const first = before(message);
      if (first === null) {
        send(message);
        return;
      }
      queue = first;
    } else queue = queue.then(() => before(message) ?? undefined);
    const mine = queue.then(() => {
      send(message);
      if (queue === mine) queue = null;
    });
    queue = mine;
  };
}

function isStop(message: object): boolean {
  return "event" in message && message.event === "stopped";
}

/** The file in which the session stands; null when its text cannot tell. */
function stopFile({ view }: GraphDebugAdapter): string | null {
  const top = view === null ? null : view.topOf(view.session.stopped?.frame ?? "");
  return top === null || view === null ? null : (view.sourceOf(top.frame.frame, top.node).source?.path ?? null);
}

/** The text of a file as an editor shows it at this moment; null when none does. */
function openText(file: string): string | null {
  const found = vscode.workspace.textDocuments.find((one) => one.uri.scheme === "file" && one.uri.fsPath === file);
  return found?.getText() ?? null;
}
