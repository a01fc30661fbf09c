/** Puts the view of runs into VS Code. What runs are and what is done with them is loaded when it is first needed. */
import * as vscode from "vscode";
import type { KeptRun } from "../../runtime/kept-runs/list.ts";
import type { RunsHolder } from "../run/holder.ts";
import type { Stores } from "../stores.ts";
import { noFilter } from "./filter.ts";
import type { RunHandingOn } from "./handing-on.ts";
import { runCommands } from "./manifest.ts";
import { RunTexts } from "./texts.ts";
import { RunsTree, type Element } from "./tree.ts";
import { words, type Group } from "./words.ts";

/** What the view is given. */
export interface KeptRunsServices {
  readonly log: vscode.LogOutputChannel;
  readonly stores: Stores;
  readonly runs: RunsHolder;
  readonly showGraph: (document: vscode.Uri) => Promise<void>;
  /** The document of the active tab. */
  readonly activeDocument: () => vscode.Uri | null;
}

/** What a command is given by the view: its row, and all that are selected. */
type Given = readonly [element?: Element | undefined, selected?: readonly Element[] | undefined];

/** Registers the view, its texts and its commands. */
export function registerKeptRuns(services: KeptRunsServices): vscode.Disposable {
  const { stores, runs, log, showGraph, activeDocument } = services;
  const texts = new RunTexts();
  const tree = new RunsTree(stores, runs, log);
  let loaded: Promise<RunHandingOn> | null = null;
  const actions = (): Promise<RunHandingOn> => {
    loaded ??= import("./handing-on.ts").then(
      ({ RunHandingOn }) => new RunHandingOn({ log, stores, runs, texts, showGraph }),
    );
    return loaded;
  };
  const told = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (problem) {
      log.error(String(problem));
      void vscode.window.showErrorMessage(problem instanceof Error ? problem.message : String(problem));
    }
  };
  const command = (id: string, work: (...given: Given) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(id, (...given: Given) => told(() => work(...given)));
  /** The runs that are meant: the given row with what is selected around it, else the selection, else what is chosen. */
  const chosen = async ([element, selected]: Given): Promise<readonly KeptRun[]> => {
    const given = runsOf(selected ?? (element === undefined ? tree.view.selection : [element]));
    const one = runsOf(element === undefined ? [] : [element]);
    if (given.length > 0 || one.length > 0) return given.length > 0 ? given : one;
    const { askRun } = await import("./filter-ask.ts");
    const run = await askRun(await tree.current(), words.which, activeDocument()?.fsPath ?? null);
    return run === undefined ? [] : [run];
  };
  const onOne = (id: string, work: (actions: RunHandingOn, run: KeptRun) => Promise<void>): vscode.Disposable =>
    command(id, async (element, selected) => {
      const [run] = element === undefined ? await chosen([element, selected]) : runsOf([element]);
      if (run !== undefined) await work(await actions(), run);
    });
  return vscode.Disposable.from(
    texts,
    tree,
    onOne(runCommands.open.id, (act, run) => act.open(run)),
    onOne(runCommands.openDocument.id, (act, run) => act.openDocument(run)),
    onOne(runCommands.showText.id, (act, run) => act.showText(run)),
    onOne(runCommands.replay.id, (act, run) => act.replay(run)),
    onOne(runCommands.resume.id, (act, run) => act.resume(run)),
    onOne(runCommands.cancel.id, (act, run) => act.cancel(run)),
    onOne(runCommands.saveAsTest.id, (act, run) => act.saveAsTest(run)),
    onOne(runCommands.exportSnapshot.id, (act, run) => act.exportSnapshot(run)),
    onOne(runCommands.exportBundle.id, (act, run) => act.exportBundle(run)),
    command(runCommands.copyId.id, async (...given) => {
      const ids = (await chosen(given)).map(({ summary }) => summary.id);
      if (ids.length > 0) await vscode.env.clipboard.writeText(ids.join("\n"));
    }),
    command(runCommands.delete.id, async (...given) => {
      const found = await chosen(given);
      if (found.length > 0) await (await actions()).delete(found);
    }),
    command(runCommands.compareSelected.id, async (...given) => {
      const [one, other, ...more] = await chosen(given);
      if (one === undefined || other === undefined || more.length > 0)
        void vscode.window.showInformationMessage(words.twoRuns);
      else await (await actions()).compare(one, other);
    }),
    onOne(runCommands.compareWith.id, async (act, run) => {
      const [{ askRun }, { nameOf }, { documentOf }] = await Promise.all([
        import("./filter-ask.ts"),
        import("./rows.ts"),
        import("./filter.ts"),
      ]);
      const others = (await tree.current()).filter(
        ({ stateDir, summary }) =>
          summary.status !== "unreadable" && (stateDir !== run.stateDir || summary.id !== run.summary.id),
      );
      const other = await askRun(others, words.whichOther(nameOf(run.summary)), documentOf(run.summary));
      if (other !== undefined) await act.compare(run, other);
    }),
    command(runCommands.filter.id, async () => {
      const { askFilter } = await import("./filter-ask.ts");
      const filter = await askFilter(await tree.current(), tree.filter);
      if (filter !== undefined) await tree.setFilter(filter);
    }),
    command(runCommands.onlyThisDocument.id, async () => {
      const document = activeDocument();
      if (document === null) void vscode.window.showInformationMessage(words.noActiveDocument);
      else await tree.setFilter({ ...tree.filter, document: document.fsPath });
    }),
    command(runCommands.clearFilter.id, () => tree.setFilter(noFilter)),
    command(runCommands.refresh.id, () => {
      tree.refresh();
      return Promise.resolve();
    }),
    vscode.commands.registerCommand(runCommands.more.id, (group: Group) => {
      tree.more(group);
    }),
  );
}

function runsOf(elements: readonly Element[]): readonly KeptRun[] {
  return elements.flatMap((element) => (element.type === "run" ? [element.row.run] : []));
}
