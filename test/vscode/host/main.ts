/** The suite's entry in the extension host: runs every case in order and prints a line for each. */
import { readdir, readFile } from "node:fs/promises";
import * as vscode from "vscode";
import { cases } from "./cases.ts";
import { MARK, type CaseResult, type Host } from "./case.ts";

const PATIENCE_MS = 15_000;

/** Called by VS Code. Rejects when a case failed, so that VS Code ends with another code than 0. */
export async function run(): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder === undefined) throw new Error("the suite needs an open folder");
  let failed = 0;
  for (const one of cases) {
    const result: CaseResult = await one.run(host(folder)).then(
      (note) => ({ name: one.name, problem: null, note: note ?? null }),
      (problem: unknown) => ({ name: one.name, problem: textOf(problem), note: null }),
    );
    if (result.problem !== null) failed++;
    console.log(`${MARK} ${JSON.stringify(result)}`);
  }
  if (failed > 0) throw new Error(`${failed} of ${cases.length} cases failed`);
}

function textOf(problem: unknown): string {
  return problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
}

function host(folder: vscode.Uri): Host {
  return {
    vscode,
    folder,
    async show(file) {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder, file));
      await vscode.window.showTextDocument(document, { preview: false });
      return document;
    },
    async replace(document, text) {
      const edit = new vscode.WorkspaceEdit();
      const all = new vscode.Range(new vscode.Position(0, 0), document.lineAt(document.lineCount - 1).range.end);
      edit.replace(document.uri, all, text);
      if (!(await vscode.workspace.applyEdit(edit))) throw new Error(`${document.uri.path} could not be changed`);
    },
    async until(what, probe) {
      const end = performance.now() + PATIENCE_MS;
      for (;;) {
        const found = await probe();
        if (found !== null && found !== undefined && found !== false) return found;
        if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    children,
  };
}

async function children(): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    try {
      const stat = await readFile(`/proc/${name}/stat`, "utf8");
      const parent = Number(/\) \S (\d+)/.exec(stat)?.[1]);
      if (parent === process.pid) found.push((await readFile(`/proc/${name}/cmdline`, "utf8")).replaceAll("\0", " "));
    } catch (problem) {
      // It ended between the listing and the look at it.
      if (!["ENOENT", "ESRCH"].includes((problem as NodeJS.ErrnoException).code ?? "")) throw problem;
    }
  }
  return found;
}
