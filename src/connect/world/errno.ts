/**
 * Operating system errors as messages show them: `No such file or directory (os error 2)`.
 *
 * Node words errors its own way (`ENOENT: no such file or directory, open '…'`) and repeats paths that
 * preparation made up; messages of a run keep the system's own words and the path as authored.
 */
import { getSystemErrorMap } from "node:util";

const texts: Readonly<Record<string, string>> = {
  E2BIG: "Argument list too long",
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAGAIN: "Resource temporarily unavailable",
  EBADF: "Bad file descriptor",
  EBUSY: "Device or resource busy",
  ECONNABORTED: "Software caused connection abort",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EDQUOT: "Disk quota exceeded",
  EEXIST: "File exists",
  EFBIG: "File too large",
  EHOSTUNREACH: "No route to host",
  EINVAL: "Invalid argument",
  EIO: "Input/output error",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  EMFILE: "Too many open files",
  ENAMETOOLONG: "File name too long",
  ENETUNREACH: "Network is unreachable",
  ENFILE: "Too many open files in system",
  ENODEV: "No such device",
  ENOENT: "No such file or directory",
  ENOEXEC: "Exec format error",
  ENOMEM: "Cannot allocate memory",
  ENOSPC: "No space left on device",
  ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty",
  ENXIO: "No such device or address",
  EPERM: "Operation not permitted",
  EPIPE: "Broken pipe",
  EROFS: "Read-only file system",
  ETIMEDOUT: "Connection timed out",
  ETXTBSY: "Text file busy",
};

/** The code of a system error (`ENOENT`), or undefined for any other. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The text of an error without paths or host names: `<strerror> (os error N)` for system errors, else one line. */
export function errorText(error: unknown): string {
  const code = errorCode(error);
  if (code === "ERR_INVALID_ARG_VALUE") return "a nul byte was found in the provided data";
  if (error instanceof Error && "errno" in error && typeof error.errno === "number" && code !== undefined) {
    const number = Math.abs(error.errno);
    const text = texts[code] ?? getSystemErrorMap().get(error.errno)?.[1] ?? code;
    return `${text} (os error ${number})`;
  }
  return oneLine(error instanceof Error ? error.message : String(error));
}

/** `text` on one line, without control characters, at most 200 characters. */
export function oneLine(text: string): string {
  const line = text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
