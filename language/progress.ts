/** Searches of the workspace's folders that take a while are shown, by clients that can show them. */
import type { ClientCapabilities, Connection } from "vscode-languageserver";
import type { Workspace } from "./workspace.ts";

/** How long a search stays unmentioned, in milliseconds. */
const PATIENCE_MS = 500;

/** Shows the searches of this workspace. */
export function showSearches(workspace: Workspace, connection: Connection, client: ClientCapabilities): void {
  if (client.window?.workDoneProgress !== true) return;
  workspace.searching = (search) => {
    let over = false;
    const show = async (): Promise<void> => {
      const progress = await connection.window.createWorkDoneProgress();
      if (over) return;
      progress.begin("Countersign", undefined, "looking for graphs in the workspace");
      const done = (): void => {
        progress.done();
      };
      search.then(done, done);
    };
    const cancel = workspace.host.timer(PATIENCE_MS, () => {
      show().catch((problem: unknown) => {
        connection.console.warn(`progress cannot be shown: ${String(problem)}`);
      });
    });
    const end = (): void => {
      over = true;
      cancel();
    };
    search.then(end, end);
  };
}
