/** Digests of bodies, files and programs, in the form of the seam's `Digest`. */
import { createHash } from "node:crypto";

/** `sha256:` and the lower-case hex SHA-256 of `bytes`; text is taken as UTF-8. */
export function sha256(bytes: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
