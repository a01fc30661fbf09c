/** Asks by what runs are filtered, and which run is meant where none is chosen. */
import path from "node:path";
import * as vscode from "vscode";
import type { KeptRun } from "../../runtime/kept-runs/list.ts";
import { documentOf, isFiltering, noFilter, type RunFilter } from "./filter.ts";
import { nameOf, rowOf, statusText } from "./rows.ts";
import { words } from "./words.ts";

/** Most runs in a list to choose from. */
const MAX_CHOICES = 200;

interface Way extends vscode.QuickPickItem {
  ask(): Promise<RunFilter | undefined>;
}

/** The filter that somebody chooses; undefined when it was dismissed. */
export async function askFilter(runs: readonly KeptRun[], filter: RunFilter): Promise<RunFilter | undefined> {
  const { text, statuses, document, environment } = filter;
  const way = (label: string, icon: string, description: string, ask: Way["ask"]): Way => ({
    ...{ label, description, ask },
    iconPath: new vscode.ThemeIcon(icon),
  });
  const ways = [
    way(words.byText, "search", text, () => askText(filter)),
    way(words.byStatus, "pass", statuses.join(", "), () => askStatuses(runs, filter)),
    way(words.byDocument, "file", document === null ? "" : path.basename(document), () => askDocument(runs, filter)),
    way(words.byEnvironment, "globe", environment ?? "", () => askEnvironment(runs, filter)),
    ...(isFiltering(filter) ? [way(words.clear, "clear-all", "", () => Promise.resolve(noFilter))] : []),
  ];
  return (await vscode.window.showQuickPick(ways, { placeHolder: words.filterTitle }))?.ask();
}

async function askText(filter: RunFilter): Promise<RunFilter | undefined> {
  const text = await vscode.window.showInputBox({ value: filter.text, prompt: words.textPrompt });
  return text === undefined ? undefined : { ...filter, text: text.trim() };
}

async function askStatuses(runs: readonly KeptRun[], filter: RunFilter): Promise<RunFilter | undefined> {
  const counts = counted(runs, ({ summary }) => statusText(summary));
  for (const one of filter.statuses) if (!counts.has(one)) counts.set(one, 0);
  const items = [...counts].map(([label, n]) => ({
    label,
    description: words.shown(n),
    picked: filter.statuses.includes(label),
  }));
  const chosen = await vscode.window.showQuickPick(items, { canPickMany: true, placeHolder: words.whichStatus });
  return chosen === undefined ? undefined : { ...filter, statuses: chosen.map(({ label }) => label) };
}

async function askDocument(runs: readonly KeptRun[], filter: RunFilter): Promise<RunFilter | undefined> {
  const items = [...counted(runs, ({ summary }) => documentOf(summary))].map(([file, n]) => ({
    label: path.basename(file),
    description: words.shown(n),
    detail: file,
    file,
  }));
  const options = { placeHolder: words.whichDocument, matchOnDetail: true };
  const chosen = await vscode.window.showQuickPick(items, options);
  return chosen === undefined ? undefined : { ...filter, document: chosen.file };
}

async function askEnvironment(runs: readonly KeptRun[], filter: RunFilter): Promise<RunFilter | undefined> {
  const counts = counted(runs, ({ summary }) => summary.environment);
  const items = [...counts].map(([label, n]) => ({ label, description: words.shown(n) }));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: words.whichEnvironment });
  return chosen === undefined ? undefined : { ...filter, environment: chosen.label };
}

/** How many runs have each word, those with the most first. */
function counted(runs: readonly KeptRun[], of: (run: KeptRun) => string | null): Map<string, number> {
  const counts = new Map<string, number>();
  for (const run of runs) {
    const word = of(run);
    if (word !== null) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
}

/** The run that somebody chooses; undefined when it was dismissed. `first`: runs of this document come first. */
export async function askRun(
  runs: readonly KeptRun[],
  placeHolder: string,
  first: string | null,
): Promise<KeptRun | undefined> {
  if (runs.length === 0) {
    void vscode.window.showInformationMessage(words.noRuns);
    return undefined;
  }
  const rank = ({ summary }: KeptRun): number => (documentOf(summary) === first ? 0 : 1);
  const sorted = first === null ? runs : [...runs].sort((a, b) => rank(a) - rank(b));
  const look = { now: Date.now(), own: new Set<string>(), labelOf: () => null };
  const items = sorted.slice(0, MAX_CHOICES).map((run) => {
    const { description, icon } = rowOf(run, look);
    return {
      label: `$(${icon.replace("~spin", "")}) ${nameOf(run.summary)}`,
      description,
      detail: run.summary.id,
      run,
    };
  });
  const options = { placeHolder, matchOnDescription: true, matchOnDetail: true };
  return (await vscode.window.showQuickPick(items, options))?.run;
}
