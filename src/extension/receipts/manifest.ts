/** Receipts: the view, the editor of their files, commands and menus. */
import type { CommandInfo, ManifestPart } from "../manifest-part.ts";

/** The view. */
export const RECEIPTS_VIEW = "countersign.receipts";
/** True while a filter is set. */
export const RECEIPTS_FILTERED = "countersign.receipts.filtered";
/** True once the view has looked and found nothing: an empty view says so only then. */
export const NO_RECEIPTS_KEY = "countersign.receipts.none";
/** The editor, by default for the names that only our stores give. */
export const RECEIPT_EDITOR = "countersign.receipt";
/** The same editor, offered for names that others may use too. */
export const RECEIPT_FILE_EDITOR = "countersign.receiptFile";

/** Commands by name. They take a row of the view or a file, else what is open, else they ask. */
export const receiptCommands = {
  verify: { id: "countersign.verifyReceipt", title: "Verify Receipt", icon: "$(verified)" },
  export: { id: "countersign.exportReceipt", title: "Export Receipts…", icon: "$(save-as)" },
  open: { id: "countersign.receipts.open", title: "Open Receipt" },
  openText: { id: "countersign.openReceiptText", title: "Open Receipt as Text", icon: "$(go-to-file)" },
  copyId: { id: "countersign.receipts.copyId", title: "Copy Receipt Id" },
  filter: { id: "countersign.receipts.filter", title: "Filter Receipts…", icon: "$(filter)" },
  clearFilter: { id: "countersign.receipts.clearFilter", title: "Clear Filter of Receipts", icon: "$(clear-all)" },
  refresh: { id: "countersign.receipts.refresh", title: "Refresh Receipts", icon: "$(refresh)" },
  more: { id: "countersign.receipts.more", title: "Show More Receipts" },
} as const satisfies Record<string, CommandInfo>;

const inView = `view == ${RECEIPTS_VIEW}`;
/** A row's `contextValue` is a list of words: what can be done with it. */
const can = (word: string): string => `${inView} && viewItem =~ /\\b${word}\\b/`;
const inEditor = `activeCustomEditorId =~ /^countersign\\.receipt(File)?$/`;
const item = ({ id }: CommandInfo, group: string, when: string): object => ({ command: id, group, when });
const { verify, open, openText, copyId, filter, clearFilter, refresh, more } = receiptCommands;

/** 64 hex digits as a file name's pattern. */
const HEX = "[0-9a-f]".repeat(64);

/** What receipts contribute. */
export const receiptsPart: ManifestPart = {
  commands: receiptCommands,
  views: [
    {
      id: RECEIPTS_VIEW,
      name: "Receipts",
      icon: "media/activity-bar.svg",
      contextualTitle: "Countersign Receipts",
    },
  ],
  viewsWelcome: [
    {
      view: RECEIPTS_VIEW,
      contents: [
        "No receipts are kept here yet. Every run that has ended leaves them by itself: small signed files that say what was done, under what policy and on whose word.",
        "Run a graph and they appear here, each with a verdict. Dry runs leave none.",
        `[Open Graph](command:countersign.openGraph)\n[Verify a Receipt File](command:${verify.id})`,
      ].join("\n"),
      when: `${NO_RECEIPTS_KEY} && !${RECEIPTS_FILTERED}`,
    },
    {
      view: RECEIPTS_VIEW,
      contents: `No receipt passes the filter.\n[Clear Filter](command:${clearFilter.id})`,
      when: RECEIPTS_FILTERED,
    },
  ],
  customEditors: [
    {
      viewType: RECEIPT_EDITOR,
      displayName: "Countersign Receipt",
      priority: "default",
      selector: [{ filenamePattern: `sha256[:-]${HEX}.json` }, { filenamePattern: `${HEX}.dsse.json` }],
    },
    {
      viewType: RECEIPT_FILE_EDITOR,
      displayName: "Countersign Receipt",
      priority: "option",
      // A name of hex digits alone is the other editor's already.
      selector: ["*.receipt.json", "*.bundle.json", "*[!0-9a-f]*.dsse.json"].map((filenamePattern) => ({
        filenamePattern,
      })),
    },
  ],
  keybindings: [{ command: copyId.id, key: "ctrl+c", mac: "cmd+c", when: `focusedView == ${RECEIPTS_VIEW}` }],
  menus: {
    "view/title": [
      item(clearFilter, "navigation@1", `${inView} && ${RECEIPTS_FILTERED}`),
      item(filter, "navigation@2", inView),
      item(refresh, "navigation@3", inView),
      item(verify, "1_verify@1", inView),
    ],
    "view/item/context": [
      item(open, "1_open@1", can("receipt")),
      item(openText, "1_open@2", can("file")),
      item(verify, "2_verify@1", can("file")),
      item(receiptCommands.export, "3_export@1", can("receipt")),
      item(copyId, "4_edit@1", can("receipt")),
    ],
    "editor/title": [
      item(openText, "navigation@1", inEditor),
      item(receiptCommands.export, "navigation@2", inEditor),
      item(verify, "1_verify@1", inEditor),
    ],
    "explorer/context": [
      item(
        verify,
        "7_countersign@1",
        "resourceScheme == file && !explorerResourceIsFolder && resourceFilename =~ /\\.(json|tar\\.gz|tgz)$/",
      ),
    ],
    commandPalette: [
      { command: more.id, when: "false" },
      { command: open.id, when: "false" },
      { command: copyId.id, when: "false" },
      { command: openText.id, when: inEditor },
      { command: clearFilter.id, when: RECEIPTS_FILTERED },
    ],
  },
};
