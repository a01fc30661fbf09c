/**
 * What the operations refuse, as values: a stable code, a sentence a person can act on, and how to exit. The codes are
 * the closed list below; docs/operations.md explains them, and a test compares the two.
 */

/** Every code of the operations, with what it means. */
export const opsCodes = {
  "bundle.missing": "There is no such file or folder.",
  "bundle.unreadable": "The bundle, or a file in it, cannot be read.",
  "bundle.too_large": "The bundle, packed or unpacked, is larger than a bundle may be.",
  "bundle.too_many": "The bundle has more files than a bundle may have.",
  "bundle.gzip": "The archive is no gzip data, or is damaged or cut.",
  "bundle.truncated": "The archive ends before its last file does, or has no end mark.",
  "bundle.trailing": "Something stands behind the end of the archive.",
  "bundle.tar": "A header of the archive is malformed or its checksum does not agree.",
  "bundle.entry_type":
    "The bundle holds something that is neither a plain file nor a folder: a link, a device, an extension.",
  "bundle.path": "A file's path is absolute, leads upwards, or holds characters that no bundle's path may hold.",
  "bundle.duplicate": "Two files have the same path, or paths that differ only by letter case or Unicode form.",
  "bundle.manifest_missing": "The bundle has no MANIFEST.json.",
  "bundle.manifest": "MANIFEST.json is malformed, or not in the one form it is written in.",
  "bundle.unlisted": "A file of the bundle is not in its manifest.",
  "bundle.file_missing": "A file of the manifest is not in the bundle.",
  "bundle.size": "A file has another size than the manifest says.",
  "bundle.digest": "A file's bytes do not agree with the manifest.",
  "bundle.signature": "MANIFEST.sig is malformed, or does not sign this manifest.",
  "bundle.key":
    "The manifest is signed with a trusted key's name, and the key is another, revoked, or not for manifests.",
  "bundle.no_run": "The bundle holds no run, only a document.",
  "bundle.exists": "There is something at the place where the bundle is to be written.",
  "bundle.write": "The bundle cannot be written.",
  "bundle.secret": "The value of a declared secret stands in a file that the bundle would hold; nothing was written.",
  "replay.document": "The documents of the run cannot be used any more.",
  "replay.stream": "The run took record after record, which it keeps by digest only.",
  "replay.disabled": "The replay policy is `disabled`.",
  "replay.posture": "`--execute` needs the replay policy `execute`.",
  "replay.approval": "`--execute` needs an approval that allows `replay.execute` for this document and environment.",
  "replay.masked": "The recorded input holds the mark of a secret; it cannot be executed again.",
  "test.run": "The run cannot become a test: it has not ended, was cancelled or cut, or its time was over.",
  "test.document": "The documents of the run cannot be used any more.",
  "test.differs": "Told again from its journal, the run goes another way.",
  "test.large": "The test would be larger than a test may be.",
  "test.secret": "The value of a declared secret would stand in the test; nothing was written.",
  "test.write": "The test cannot be written, or its place is taken.",
  "diff.revision": "git does not know the revision or the file in it, or there is no git.",
} as const satisfies Readonly<Record<string, string>>;

/** A code of {@link opsCodes}. */
export type OpsCode = keyof typeof opsCodes;

/** A refusal. `exit`: 2 for usage, 5 for what is damaged, refused or failed. */
export interface OpsProblem {
  readonly code: string;
  readonly message: string;
  readonly exit: 2 | 5;
}

/** A value, or why there is none. */
export type OpsResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: OpsProblem };

/** A refusal as a result. What was asked for wrongly exits with 2, everything else with 5. */
export function refuse(
  code: OpsCode,
  message: string,
  exit: 2 | 5 = 5,
): { readonly ok: false; readonly problem: OpsProblem } {
  return { ok: false, problem: { code, message, exit } };
}
