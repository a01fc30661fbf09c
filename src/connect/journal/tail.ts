/**
 * The end of a segment without its beginning: lines from the last to the first. Nothing is checked against the
 * chain; what needs certainty reads the run.
 */
import { decodeLine, type DecodedLine } from "./codec.ts";
import type { JournalFiles, ReadFile } from "./file.ts";

const CHUNK_BYTES = 64 * 1024;

/** The whole lines of `[0, end)` from the last to the first; an unterminated one is left out. */
export async function* linesBackward(file: ReadFile, end: number): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let from = end;
  // Until the first line feed from the back, what we hold is a torn line.
  let torn = true;
  while (from > 0) {
    const length = Math.min(Math.max(CHUNK_BYTES, rest.length), from);
    from -= length;
    const bytes = await file.read(from, length);
    rest = Buffer.concat([bytes, rest]);
    for (let feed = rest.lastIndexOf(10); feed >= 0; feed = rest.lastIndexOf(10)) {
      if (!torn) yield rest.subarray(feed + 1);
      torn = false;
      rest = rest.subarray(0, feed);
    }
  }
  if (!torn) yield rest;
}

/** The decoded lines of a segment from the last to the first. Rejects with the system's error. */
export async function* decodedBackward(
  files: JournalFiles,
  path: string,
  end: number | null,
): AsyncGenerator<DecodedLine> {
  const file = await files.openRead(path);
  try {
    const lines = linesBackward(file, end ?? (await file.size()));
    for await (const line of lines) yield decodeLine(line.toString("utf8"));
  } finally {
    await file.close();
  }
}

/** True when a segment's owner has let go of it. Rejects with the system's error. */
export async function isReleased(files: JournalFiles, path: string): Promise<boolean> {
  for await (const line of decodedBackward(files, path, null)) {
    if (line.type !== "unparsable") return line.type === "release";
  }
  return false;
}
