/** What can be wrong with keys as files (docs/keys.md). No message ever holds key material or a passphrase. */

/** Codes of problems with key files and with fetching keys. */
export const keyFileCodes = [
  "keys.missing",
  "keys.exists",
  "keys.unreadable",
  "keys.file_mode",
  "keys.file_owner",
  "keys.file_kind",
  "keys.file_size",
  "keys.file_format",
  "keys.passphrase",
  "keys.busy",
  "keys.write_failed",
  "keys.refresh_failed",
] as const;
export type KeyFileCode = (typeof keyFileCodes)[number];

/** A problem with its sentence; `file` where one is concerned. */
export interface KeyFileProblem {
  readonly code: KeyFileCode;
  readonly message: string;
  readonly file?: string;
}

/** Something, or why it cannot be had. */
export type KeyResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: KeyFileProblem };

/** A result that is a problem. */
export function refuse(
  code: KeyFileCode,
  message: string,
  file?: string,
): { readonly ok: false; readonly problem: KeyFileProblem } {
  return { ok: false, problem: file === undefined ? { code, message } : { code, message, file } };
}

/** The system's code of a failed call, e.g. `ENOENT`; the empty text when it has none. */
export function systemCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
