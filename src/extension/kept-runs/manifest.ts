/** The view of runs: its commands, menus and keys. */
import type { CommandInfo, ManifestPart } from "../manifest-part.ts";

/** The view. */
export const RUNS_VIEW = "countersign.runs";
/** True while a filter is set. */
export const FILTERED_KEY = "countersign.runs.filtered";
/** True once the view has looked and found nothing: an empty view says so only then. */
export const NO_RUNS_KEY = "countersign.runs.none";
/** Texts of kept runs: read only, made from the run's journal. */
export const RUN_SCHEME = "countersign-run";

/** Commands by name. Those for a run take a run of the view, else the selected one, else they ask. */
export const runCommands = {
  open: { id: "countersign.runs.open", title: "Show Run on Canvas", icon: "$(type-hierarchy)" },
  openDocument: { id: "countersign.runs.openDocument", title: "Open Document of Run", icon: "$(go-to-file)" },
  showText: { id: "countersign.runs.showText", title: "Show Run as Text", icon: "$(output)" },
  replay: { id: "countersign.runs.replay", title: "Replay Run in a Dry Run", icon: "$(debug-rerun)" },
  resume: { id: "countersign.runs.resume", title: "Resume Run", icon: "$(debug-continue)" },
  cancel: { id: "countersign.runs.cancel", title: "Cancel Run", icon: "$(debug-stop)" },
  compareSelected: { id: "countersign.runs.compareSelected", title: "Compare Selected Runs", icon: "$(diff)" },
  compareWith: { id: "countersign.runs.compareWith", title: "Compare Run with…", icon: "$(diff)" },
  saveAsTest: { id: "countersign.runs.saveAsTest", title: "Save Run as Test…", icon: "$(beaker)" },
  exportSnapshot: { id: "countersign.runs.exportSnapshot", title: "Export Snapshot of Run…" },
  exportBundle: { id: "countersign.runs.exportBundle", title: "Export Incident Bundle of Run…" },
  copyId: { id: "countersign.runs.copyId", title: "Copy Run Id" },
  delete: { id: "countersign.runs.delete", title: "Delete Run…", icon: "$(trash)" },
  filter: { id: "countersign.runs.filter", title: "Filter Runs…", icon: "$(filter)" },
  onlyThisDocument: { id: "countersign.runs.onlyThisDocument", title: "Only Runs of This Document", icon: "$(file)" },
  clearFilter: { id: "countersign.runs.clearFilter", title: "Clear Filter of Runs", icon: "$(clear-all)" },
  refresh: { id: "countersign.runs.refresh", title: "Refresh Runs", icon: "$(refresh)" },
  more: { id: "countersign.runs.more", title: "Show More Runs" },
} as const satisfies Record<string, CommandInfo>;

const inView = `view == ${RUNS_VIEW}`;
/** A row's `contextValue` is a list of words: what can be done with its run. */
const can = (word: string): string => `${inView} && viewItem =~ /\\b${word}\\b/`;
const one = "!listMultiSelection";
const two = "listDoubleSelection";

const item = ({ id }: CommandInfo, group: string, when: string): object => ({ command: id, group, when });

const { resume, cancel, open, delete: remove } = runCommands;

/** What the view contributes. */
export const keptRunsPart: ManifestPart = {
  commands: runCommands,
  views: [
    {
      id: RUNS_VIEW,
      name: "Runs",
      icon: "media/activity-bar.svg",
      contextualTitle: "Countersign Runs",
    },
  ],
  viewsWelcome: [
    {
      view: RUNS_VIEW,
      contents:
        "No runs are kept here yet. Run a graph, or run it dry, and it appears in this list.\n[Open Graph](command:countersign.openGraph)\n[New Graph](command:countersign.newGraph)",
      when: `${NO_RUNS_KEY} && !${FILTERED_KEY}`,
    },
    {
      view: RUNS_VIEW,
      contents: `No run passes the filter.\n[Clear Filter](command:${runCommands.clearFilter.id})`,
      when: FILTERED_KEY,
    },
  ],
  keybindings: [
    { command: remove.id, key: "delete", mac: "cmd+backspace", when: `focusedView == ${RUNS_VIEW}` },
    { command: runCommands.showText.id, key: "ctrl+enter", mac: "cmd+enter", when: `focusedView == ${RUNS_VIEW}` },
    { command: runCommands.copyId.id, key: "ctrl+c", mac: "cmd+c", when: `focusedView == ${RUNS_VIEW}` },
  ],
  menus: {
    "view/title": [
      item(runCommands.clearFilter, "navigation@1", `${inView} && ${FILTERED_KEY}`),
      item(runCommands.filter, "navigation@2", inView),
      item(runCommands.onlyThisDocument, "navigation@3", inView),
      item(runCommands.refresh, "navigation@4", inView),
    ],
    "view/item/context": [
      item(resume, "inline@1", can("resumable")),
      item(cancel, "inline@1", can("cancellable")),
      item(open, "inline@2", can("readable")),
      item(open, "1_open@1", `${can("readable")} && ${one}`),
      item(runCommands.openDocument, "1_open@2", `${can("document")} && ${one}`),
      item(runCommands.showText, "1_open@3", `${can("run")} && ${one}`),
      item(resume, "2_run@1", `${can("resumable")} && ${one}`),
      item(cancel, "2_run@1", `${can("cancellable")} && ${one}`),
      item(runCommands.replay, "2_run@2", `${can("replayable")} && ${one}`),
      item(runCommands.saveAsTest, "2_run@3", `${can("replayable")} && ${one}`),
      item(runCommands.compareWith, "3_compare@1", `${can("readable")} && ${one}`),
      item(runCommands.compareSelected, "3_compare@1", `${can("readable")} && ${two}`),
      item(runCommands.exportSnapshot, "4_export@1", `${can("readable")} && ${one}`),
      item(runCommands.exportBundle, "4_export@2", `${can("readable")} && ${one}`),
      item(runCommands.copyId, "5_edit@1", `${can("run")} && ${one}`),
      item(remove, "5_edit@2", `${can("deletable")} && ${one}`),
    ],
    commandPalette: [
      { command: runCommands.more.id, when: "false" },
      // The palette has the command behind it, which asks for the run itself.
      { command: runCommands.saveAsTest.id, when: "false" },
      { command: runCommands.clearFilter.id, when: FILTERED_KEY },
    ],
  },
  activationEvents: [`onFileSystem:${RUN_SCHEME}`],
};
