/** A document that cannot be used, said on standard error the same way by every command that needs one. */
import type { Diagnostic } from "../../graph/diagnostic.ts";
import type { Terminal } from "../terminal.ts";
import { printDiagnostics } from "./diagnostics.ts";
import { clean } from "./text.ts";

/** Says why, and gives the exit code: 5 for an invalid document, 2 for one that cannot be read or does not parse. */
export async function refuseDocument(
  terminal: Terminal,
  file: string,
  refused: {
    readonly problem: "read" | "parse" | "invalid";
    readonly message: string;
    readonly diagnostics: readonly Diagnostic[];
  },
): Promise<number> {
  if (refused.diagnostics.length > 0) await printDiagnostics(terminal, refused.diagnostics, file);
  else terminal.err(`countersign: ${clean(refused.message)}\n`);
  return refused.problem === "invalid" ? 5 : 2;
}
