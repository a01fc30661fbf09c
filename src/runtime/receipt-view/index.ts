/** Receipts for whoever shows them: lists of stores, files as pages show them, verdicts, exports. */
export {
  editorFormats,
  exportedText,
  exportIncident,
  type EditorFormat,
  type ExportOutcome,
  type ExportSource,
  type ExportWish,
} from "./export.ts";
export { documentOfRun, receiptDirectories } from "./places.ts";
export { readReceiptFile, type FileRead, type ReadFile } from "./read-file.ts";
export { shown } from "./shown.ts";
export { aboutTrust, standingTones, standingWords } from "./standing.ts";
export { ReceiptIndex, runIdOf, type ListedReceipt, type ListedTree, type ReceiptList } from "./store-index.ts";
export { trustFolders, trustNow, type Trust } from "./trust.ts";
export { Verdicts, type TreeStanding } from "./verdicts.ts";
export { ShownFile } from "./view.ts";
