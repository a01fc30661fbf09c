/** Keys for manifests on the command line: whose are trusted, and the user's own to sign with. */
import type { Signer } from "../effects/signing.ts";
import { configFolderOf, keyPlacesIn, ownSigner, resolveApprovalKeys } from "../runtime/keys.ts";
import type { FindKey } from "../runtime/ops/index.ts";
import type { Operator } from "../runtime/operator.ts";
import type { EnvironmentName } from "../graph/posture.ts";
import { passphrasePrompt } from "./passphrase.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage.ts";

/** Finds trusted keys by name. A set that is there and cannot be used is a usage error, never a smaller set. */
export async function trustedKeys(
  terminal: Terminal,
  operator: Operator,
  posture: EnvironmentName,
  keySetFlag: string | null,
): Promise<FindKey> {
  const resolved = await resolveApprovalKeys({
    env: terminal.env,
    cwd: terminal.cwd,
    keySetFlag,
    documentFolder: null,
    posture,
    user: operator.user,
    // A bundle is looked at without asking anybody over the network.
    api: null,
  });
  if (!resolved.ok) throw new UsageError(resolved.problem.code, resolved.problem.message);
  const { keys } = resolved.value.keySet;
  return (kid) => keys.get(kid) ?? null;
}

/** The user's key for manifests: the one that is named, else the only one there is; null when there is none. */
export async function manifestSigner(
  terminal: Terminal,
  { kid, passphraseFile }: { readonly kid: string | null; readonly passphraseFile: string | null },
): Promise<Signer | null> {
  const folder = configFolderOf(terminal.env);
  if (folder === null) {
    if (kid === null) return null;
    throw new UsageError("keys.missing", "no home folder is set, so there are no keys");
  }
  const ask = passphrasePrompt(terminal, passphraseFile);
  const signer = await ownSigner(keyPlacesIn(folder), { kid, purpose: "manifest", principal: null }, ask);
  if (signer.ok) return signer.value;
  if (kid === null && signer.problem.code === "keys.missing" && !signer.problem.message.startsWith("several"))
    return null;
  throw new UsageError(signer.problem.code, signer.problem.message);
}
