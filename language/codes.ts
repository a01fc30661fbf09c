/** The codes of what only the language server says. */
import type { Severity } from "../src/graph/diagnostic.ts";

/** What is known of a code. */
export interface ServerCode {
  readonly severity: Severity;
  readonly text: string;
  readonly docs: string;
}

/** Every code. */
export const serverCodes = {
  document_too_large: {
    severity: "warning",
    text: "The document is too large for the language server, which leaves it alone.",
    docs: "It reads documents of up to 4 MiB; the command line reads up to 64 MiB. `countersign validate` checks this one.",
  },
} as const satisfies Readonly<Record<string, ServerCode>>;
