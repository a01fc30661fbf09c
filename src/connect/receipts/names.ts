/**
 * Names in a receipt directory (spec/skill-graph.md §6.7):
 *
 *     sha256:<hex>.json     a receipt, by its id; `sha256-<hex>.json` on Windows, where no name holds a colon
 *     index.json            a convenience for other readers; nothing here relies on it
 *     keys/<hex>.json       public keys that signed, by fingerprint: a help for checking, never a reason to trust
 */
const fileForm = /^sha256[:-]([0-9a-f]{64})\.json$/;
const keyForm = /^([0-9a-f]{64})\.json$/;
const idForm = /^sha256:([0-9a-f]{64})$/;

/** The file name of a receipt; null for a text that is no id. */
export function receiptFileName(id: string, platform: NodeJS.Platform = process.platform): string | null {
  const hex = idForm.exec(id)?.[1];
  return hex === undefined ? null : `sha256${platform === "win32" ? "-" : ":"}${hex}.json`;
}

/** The id that a file name stands for; null when it is no receipt's. Takes both forms, so that a folder can be copied. */
export function receiptIdOfName(name: string): string | null {
  const hex = fileForm.exec(name)?.[1];
  return hex === undefined ? null : `sha256:${hex}`;
}

/** The file name of a public key; null for a text that is no fingerprint. */
export function keyFileName(fingerprint: string): string | null {
  const hex = idForm.exec(fingerprint)?.[1];
  return hex === undefined ? null : `${hex}.json`;
}

/** The fingerprint that a key's file name stands for. */
export function fingerprintOfName(name: string): string | null {
  const hex = keyForm.exec(name)?.[1];
  return hex === undefined ? null : `sha256:${hex}`;
}
