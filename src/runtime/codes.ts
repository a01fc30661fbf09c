/** The codes of what only the command line says: of files that are no text, or no document of ours. */
import type { Severity } from "../graph/diagnostic.ts";

/** What is known of a code. */
export interface FileCode {
  readonly severity: Severity;
  readonly text: string;
}

/** Every code. */
export const fileCodes = {
  cannot_read: { severity: "error", text: "The file does not exist or cannot be read." },
  not_utf8: { severity: "error", text: "The file is not UTF-8 text; the place is that of the first other byte." },
  not_a_graph: { severity: "error", text: "The file is a test of a graph, and a graph was asked for." },
} as const satisfies Readonly<Record<string, FileCode>>;
