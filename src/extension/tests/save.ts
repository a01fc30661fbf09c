/** "Save this run as a test" in VS Code: which run, under what name, and what was left out. */
import { access } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { findRun, listRuns, runFolder } from "../../runtime/runs.ts";
import { saveRunAsTest } from "../../runtime/save-test.ts";
import { workingDirectory } from "../../runtime/editor-run/place.ts";
import { placeOf } from "../run/place.ts";
import type { Store, Stores } from "../stores.ts";
import { words } from "./words.ts";

/** A run, as a view names it. `name` is that of the test; absent: asked for. */
interface Wanted {
  readonly stateDir: string;
  readonly runId: string;
  readonly name?: string;
}

/** Most runs that are offered. */
const MAX_RUNS = 50;

/** Saves a run; gives the file's path, null when nothing was saved. */
export async function saveAsTest(
  given: unknown,
  stores: Stores,
  runTest: (uri: vscode.Uri) => Promise<unknown>,
): Promise<string | null> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage(words.untrusted);
    return null;
  }
  const all = await stores.all();
  const wanted = wantedOf(given) ?? (await choose(all));
  if (wanted === null) return null;
  const found = runFolder(wanted.stateDir, wanted.runId);
  if (!found.ok) return refuse(found.problem.message);
  const run = await findRun(wanted.stateDir, wanted.runId);
  if (!run.ok) return refuse(run.problem.message);
  const root = run.value.root?.replace(/#[^/\\]*$/, "") ?? null;
  const folder = root === null ? null : await folderFor(wanted, path.join(path.dirname(root), "fixtures"));
  if (folder === undefined) return null;
  const store = all.find((one) => one.stateDir === wanted.stateDir);
  const place = root === null ? store?.place : placeOf(vscode.Uri.file(root));
  const saved = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: words.saving, cancellable: true },
    (_progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => {
        abort.abort({ how: "cancel", by: "the editor", reason: null });
      });
      const cwd = place === undefined ? path.dirname(found.value) : workingDirectory(place);
      const about = { run: found.value, folder, cwd, env: process.env, control: { signal: abort.signal } };
      return saveRunAsTest({ ...about, ...(place === undefined ? {} : { place }) });
    },
  );
  if (!saved.ok) return refuse(saved.problem.message);
  const { file, notes } = saved.value;
  const uri = vscode.Uri.file(file);
  await vscode.window.showTextDocument(uri, { preview: false });
  void told(uri, notes, runTest);
  return file;
}

async function told(
  uri: vscode.Uri,
  notes: readonly string[],
  runTest: (uri: vscode.Uri) => Promise<unknown>,
): Promise<void> {
  const said = [
    words.saved(vscode.workspace.asRelativePath(uri)),
    ...(notes.length > 0 ? [words.leftOut(notes.length)] : []),
  ];
  const buttons = [words.runIt, ...(notes.length > 0 ? [words.showNotes] : [])];
  const answer = await vscode.window.showInformationMessage(said.join(" "), ...buttons);
  if (answer === words.runIt) await runTest(uri);
  if (answer === words.showNotes)
    await vscode.window.showInformationMessage(words.leftOut(notes.length), { modal: true, detail: notes.join("\n") });
}

/** The argument of a view, when it is one. */
function wantedOf(given: unknown): Wanted | null {
  if (typeof given !== "object" || given === null) return null;
  const { stateDir, runId, name } = given as Readonly<Record<string, unknown>>;
  if (typeof stateDir !== "string" || typeof runId !== "string") return null;
  return { stateDir, runId, ...(typeof name === "string" ? { name } : {}) };
}

async function choose(stores: readonly Store[]): Promise<Wanted | null> {
  const items: (vscode.QuickPickItem & { readonly wanted: Wanted; readonly began: number })[] = [];
  for (const { stateDir } of stores) {
    const listed = await listRuns(stateDir);
    if (!listed.ok) continue;
    for (const { id, workflow, status, dryRun, startedAt } of listed.value) {
      const description = [
        dryRun ? "dry run" : "run",
        status,
        startedAt === null ? "" : new Date(startedAt).toLocaleString(),
      ];
      items.push({
        label: workflow ?? id,
        description: description.filter((one) => one !== "").join(" · "),
        detail: id,
        wanted: { stateDir, runId: id },
        began: startedAt ?? 0,
      });
    }
  }
  if (items.length === 0) {
    void vscode.window.showInformationMessage(words.noRuns);
    return null;
  }
  items.sort((a, b) => b.began - a.began);
  const chosen = await vscode.window.showQuickPick(items.slice(0, MAX_RUNS), {
    title: words.saveWhich,
    matchOnDetail: true,
  });
  return chosen?.wanted ?? null;
}

/** The folder of the test; undefined when the question was dismissed. */
async function folderFor({ runId, name }: Wanted, parent: string): Promise<string | undefined> {
  if (name !== undefined && nameProblem(name) === null) return path.join(parent, name);
  const chosen = await vscode.window.showInputBox({
    title: words.saveName,
    prompt: words.saveNameHint,
    value: runId,
    validateInput: async (text) => {
      const problem = nameProblem(text);
      if (problem !== null) return problem;
      return access(path.join(parent, text)).then(
        () => words.taken,
        () => null,
      );
    },
  });
  return chosen === undefined ? undefined : path.join(parent, chosen);
}

function nameProblem(name: string): string | null {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}$/.test(name) ? null : words.badName;
}

function refuse(why: string): null {
  void vscode.window.showErrorMessage(words.notSaved(why));
  return null;
}
