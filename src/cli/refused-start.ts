/** Refused starts in the audit of the state directory that the run would have been kept in (docs/audit.md). */
import { auditRefusedStart } from "../runtime/audit.ts";
import type { Operator } from "../runtime/operator.ts";
import { cleanLines } from "./render/text.ts";
import type { Terminal } from "./terminal.ts";

/** What was refused, and why. */
export interface RefusedStart {
  /** As it was named; null for a run that goes on. */
  readonly document: string | null;
  readonly run: string | null;
  readonly environment: string | null;
  readonly code: string;
  readonly message: string;
}

/**
 * Records it where there is a state directory and the run would have been a live one. A record that cannot be written
 * is told; it changes nothing.
 */
export async function recordRefusedStart(
  terminal: Terminal,
  operator: Pick<Operator, "stateDir" | "principal" | "settings">,
  refused: RefusedStart,
  dryRun = operator.settings.dryRun !== "no",
): Promise<void> {
  const { stateDir, principal } = operator;
  // A place that cannot hold runs can hold no record of it either.
  if (stateDir === null || dryRun || refused.code === "journal.io") return;
  const written = await auditRefusedStart(stateDir, { ...refused, principal });
  if (written.ok) return;
  const { code, message } = written.problem;
  terminal.err(`countersign: ${cleanLines(message)} [${code}]\n`);
}
