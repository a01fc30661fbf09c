/** What the receipt page says of itself; what it says of receipts comes from the host. */
import type { Standing } from "../../src/protocol/receipt.ts";

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/** Labels and sentences. */
export const words = {
  reading: "Reading and verifying…",
  openText: "Open as Text",
  export: "Export…",
  openThis: "Open This Receipt",
  openAbove: (label: string): string => `Open ${label}`,
  belongsTo: "A part of",
  form: { receipt: "Receipt", bundle: "Bundle", attestation: "Attestation" },
  findings: (n: number): string => `What is wrong (${n})`,
  moreFindings: (n: number): string => `And ${count(n, "more finding")}; countersign verify --json lists all.`,
  show: "Show",
  showAt: (about: string, path: string): string => `Show ${path} of ${about}`,
  at: (about: string, path: string): string => (path === "$" ? about : `${about}, ${path}`),
  keys: "Keys that signed",
  receipts: (n: number): string => `Receipts (${n})`,
  moreNodes: (n: number): string => `${count(n, "more receipt")} not shown here; each has a file of its own.`,
  wrong: (n: number): string => `${count(n, "finding")} here`,
  wrongBelow: (n: number): string => `${count(n, "finding")} below`,
  copy: (label: string): string => `Copy ${label}`,
  moreRows: (n: number): string => `${count(n, "more line")} not shown; the text holds all.`,
  limits: "No receipt proves that the runner was honest, that nothing ran outside of it, or that the clock was right.",
  command: "Elsewhere, with no network, store or configuration:",
  notShown: "This receipt is not in the file any more.",
};

/** The icon of a verdict; words always stand beside it. */
export const standingIcons: Readonly<Record<Standing, string>> = {
  verified: "verified-filled",
  untrusted: "unverified",
  refused: "error",
  broken: "error",
  unchecked: "question",
};
