/** Folders on the disk that is measured: below `.tmp/` of the working directory, which is on a real file system. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { createRun } from "../src/connect/journal/create.ts";
import { nodeFiles, type AppendFile, type JournalFiles } from "../src/connect/journal/file.ts";
import type { RunJournal } from "../src/connect/journal/writer.ts";
import type { Bundle } from "../src/dialects/bundle.ts";
import { noSecrets } from "./seam.ts";

/** Where folders are made. */
export const base = path.resolve(".tmp");

/** A state directory for durable journals. */
export class StateFolder {
  readonly path: string;
  private count = 0;

  private constructor(folder: string) {
    this.path = folder;
  }

  static async make(): Promise<StateFolder> {
    await mkdir(base, { recursive: true });
    return new StateFolder(await mkdtemp(path.join(base, "bench-")));
  }

  /** The journal of a new run, as the command line makes it. */
  async journal(bundle: Bundle, files: JournalFiles = nodeFiles): Promise<RunJournal> {
    const made = await createRun(this.path, `run-${this.count++}`, [...bundle.entries.values()], {
      files,
      masking: noSecrets(),
    });
    if (!made.ok) throw new Error(made.problem.message);
    return made.value;
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

/** The real file system, and a count of what is done to files that are appended to. */
export class CountedFiles {
  bytes = 0;
  syncs = 0;

  readonly files: JournalFiles = {
    ...nodeFiles,
    create: async (file) => this.counted(await nodeFiles.create(file)),
  };

  reset(): void {
    this.bytes = this.syncs = 0;
  }

  private counted(file: AppendFile): AppendFile {
    return {
      append: (bytes) => {
        this.bytes += bytes.length;
        return file.append(bytes);
      },
      datasync: () => {
        this.syncs++;
        return file.datasync();
      },
      close: () => file.close(),
    };
  }
}
