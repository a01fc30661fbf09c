/** What the extension says about receipts. */
import type { EditorFormat } from "../../runtime/receipt-view/index.ts";

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/** Sentences, labels and titles. */
export const words = {
  checking: "being checked",
  unreadable: "cannot be read",
  showMore: (n: number): string => `Show More (${n})`,
  older: (n: number): string => `${count(n, "older file")} not read`,
  olderHint: "The newest receipts are listed. Others can be verified on the command line: countersign history.",
  receipts: (n: number): string => count(n, "receipt"),
  wrongHere: (n: number): string => `${count(n, "finding")} here`,
  filterPrompt: "Words that a receipt must hold: a document, a run, a step, an actor, how it came out, a verdict",
  filterTitle: "Filter Receipts",
  filtered: (text: string): string => `Filter: ${text}`,
  problem: (text: string): string => `Receipts cannot be listed: ${text}`,
  notAFile: "Receipts are verified as files on this computer. Save it as a file first.",
  noTarget: "Open a receipt first, or choose one in the view of receipts.",
  chooseFile: "Choose a Receipt, Bundle or Attestation",
  verify: "Verify",
  verified: (name: string, title: string, verdict: string): string => `${name}: ${verdict}. ${title}.`,
  firstFinding: (about: string, path: string, message: string, more: number): string =>
    `In ${about}${path === "$" ? "" : `, at ${path}`}: ${message}${more > 0 ? ` (and ${count(more, "more finding")})` : ""}`,
  show: "Show",
  openText: "Open as Text",
  archiveWhole: (name: string, files: number, signed: string): string =>
    `${name}: every one of its ${count(files, "file")} agrees with its manifest; ${signed}. The receipts in it are verified when it is unpacked.`,
  archiveBroken: (name: string, why: string): string => `${name}: ${why}.`,
  signedArchive: "the manifest is signed by a key that is not looked up here",
  unsignedArchive: "the manifest is not signed",
  copied: "Copied",
  chooseFormat: "Export as",
  formats: {
    json: ["Bundle (JSON)", "one file that verifies elsewhere with nothing else"],
    dsse: ["Attestation (DSSE)", "an in-toto statement for tools that know nothing of receipts"],
    html: ["Report (HTML)", "for a change request; no script, nothing is fetched"],
    md: ["Report (Markdown)", "the same, for a pull request or a wiki"],
    incident: ["Incident Bundle (tar.gz)", "the run's whole record, to look into it elsewhere"],
  } satisfies Readonly<Record<EditorFormat, readonly [string, string]>>,
  exporting: "Export of receipts",
  save: "Export",
  notExported: (why: string): string => `Nothing was exported: ${why}.`,
  wrote: (name: string, signedBy: string): string =>
    `Wrote ${name}${signedBy === "" ? "" : `, signed by ${signedBy}`}.`,
  wroteIncident: (name: string, files: number): string => `Wrote ${name} with ${count(files, "file")}, not signed.`,
  open: "Open",
  localOnly: "an incident bundle is written to a folder on this computer",
  failed: "The file could not be read as receipts; the log of Countersign says why.",
  gone: "The file of this receipt is not there any more.",
} as const;
