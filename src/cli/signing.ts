/**
 * What approvals of a run are held against, and the operator's key that vouches for who starts it, for the commands
 * that run documents.
 */
import path from "node:path";
import type { Signer } from "../effects/signing.ts";
import type { EnvironmentName } from "../graph/posture.ts";
import { findApprovals } from "../runtime/approvals/given.ts";
import type { ExecuteSettings } from "../runtime/execute.ts";
import { ownSigner } from "../runtime/keys.ts";
import type { Operator } from "../runtime/operator.ts";
import { keyPlacesOf } from "../runtime/own-keys.ts";
import { passphrasePrompt } from "./passphrase.ts";
import { cleanLines } from "./render/text.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage.ts";

/** The flags of these commands that speak of approvals. */
export interface SigningOptions {
  /** Files of credentials for the document. */
  readonly approval?: readonly string[];
  /** The key that signs the start, and the file of its passphrase. */
  readonly key?: string;
  readonly passphraseFile?: string;
}

/** Reads rules, keys and credentials for the document in `file`. Notices go to standard error. */
export async function signing(
  terminal: Terminal,
  operator: Operator,
  file: string,
  posture: EnvironmentName,
  options: SigningOptions,
  dryRun = operator.settings.dryRun !== "no",
): Promise<Required<Pick<ExecuteSettings, "approvals" | "signer" | "onUnaudited">>> {
  const found = await findApprovals({
    operator,
    env: terminal.env,
    cwd: terminal.cwd,
    folder: path.dirname(path.resolve(terminal.cwd, file)),
    posture,
    files: options.approval ?? [],
    auditIn: dryRun ? null : operator.stateDir,
  });
  if ("code" in found) throw new UsageError(found.code, found.message);
  if (!operator.settings.quiet)
    for (const { message, code } of found.notices) terminal.err(`! ${cleanLines(message)} [${code}]\n`);
  const signer = async (): Promise<Signer | { readonly problem: string }> => {
    const places = keyPlacesOf(terminal.env);
    if (!places.ok) return { problem: places.problem.message };
    const wanted = { kid: options.key ?? null, purpose: "approval", principal: operator.principal } as const;
    const own = await ownSigner(places.value, wanted, passphrasePrompt(terminal, options.passphraseFile ?? null));
    return own.ok ? own.value : { problem: own.problem.message };
  };
  const onUnaudited = ({ code, message }: { readonly code: string; readonly message: string }): void => {
    terminal.err(`countersign: not in the audit: ${cleanLines(message)} [${code}]\n`);
  };
  return { approvals: found.approvals, signer, onUnaudited };
}
