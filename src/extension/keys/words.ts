/** What the extension says about keys. */
import type { EditorKey } from "../../runtime/approvals/editor-keys.ts";

/** Sentences, labels and titles. */
export const words = {
  whoTitle: "Make a signing key",
  who: "Who signs with it? Others trust the key for exactly this name.",
  made: ({ principal }: EditorKey): string =>
    `The key of ${principal} is made; it stays in this editor. It counts where somebody trusts it: give them the public key, and compare the fingerprint.`,
  tooMany: "This editor keeps 32 keys and no more; delete one first.",
  noKeys: "This editor has no signing keys yet.",
  make: "Make a Signing Key",
  myKeys: "My signing keys",
  whatWithKey: (kid: string): string => `What with ${kid}?`,
  copyFingerprint: "Copy the fingerprint",
  copyPublic: "Copy the public key set",
  exportPublic: "Save the public key set as a file…",
  deleteKey: "Delete it…",
  copied: (what: string): string => `Copied ${what}.`,
  fingerprint: "the fingerprint",
  publicSet: "the public key set",
  export: "Export Public Key",
  exported: (file: string): string =>
    `Saved to ${file}. Whoever is to trust it runs: countersign keys trust ${JSON.stringify(file)}`,
  whichDelete: "Delete which key?",
  deleteQuestion: (kid: string): string => `Delete the key ${kid}?`,
  deleteDetail:
    "Nothing can be signed with it any more, and it cannot be brought back. What it has signed stays; whoever trusts it should revoke it.",
  delete: "Delete",
  keep: "Keep It",
  deleted: (kid: string): string => `The key ${kid} is deleted.`,
  chooseSet: "Choose the file of a public key set",
  cannotTrust: (why: string): string => `Nothing was trusted: ${why}`,
  trustQuestion: (count: number): string => (count === 1 ? "Trust this key?" : `Trust these ${count} keys?`),
  trustDetail: (lines: readonly string[]): string =>
    `${lines.join("\n\n")}\n\nCompare every fingerprint with the key's owner over another channel. What such a key signs counts for you from then on.`,
  trust: "Trust",
  lookAgain: "Not Now",
  trusted: (count: number): string => (count === 1 ? "The key is trusted." : `The ${count} keys are trusted.`),
  untrustedWorkspace: "This workspace is not trusted, so no key is made or trusted from it.",
} as const;
