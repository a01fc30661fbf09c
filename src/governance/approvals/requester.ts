/**
 * Who started a run, signed (spec/runtime.md §7): in staging and prod "not the requester" means nothing without it.
 *
 * Signed is the RFC 8785 text of run, principal, document and environment, so that a signature serves one run only.
 */
import canonicalize from "canonicalize";
import type { Signer } from "../../effects/signing.ts";
import { fromBase64Url, toBase64Url } from "../../graph/base64url.ts";
import type { EnvironmentName } from "../../graph/posture.ts";
import type { KeySet } from "../credentials/model.ts";
import { isGenuine } from "../credentials/verify.ts";

/** What a requester's signature binds. */
export interface RequesterClaim {
  readonly runId: string;
  readonly principal: string;
  readonly graphDigest: string;
  readonly environment: string;
}

/** The signature as the journal keeps it. */
export interface RequesterSignature {
  readonly kid: string;
  readonly signature: string;
}

/** The bytes that are signed. */
export function requesterText({ runId, principal, graphDigest, environment }: RequesterClaim): string {
  const claim = { v: 1, type: "countersign.run", run_id: runId, principal, graph_digest: graphDigest, environment };
  return canonicalize(claim) ?? "";
}

/** Signs a start. Rejects with a plain sentence when the signer refuses. */
export async function signRequester(claim: RequesterClaim, signer: Signer): Promise<RequesterSignature> {
  const signature = await signer.sign(new TextEncoder().encode(requesterText(claim)));
  return { kid: signer.kid, signature: toBase64Url(signature) };
}

/**
 * Why the start is not known to be the principal's, as the end of a sentence; null when it is. `at`: when the run was
 * started, in milliseconds since 1970; null where nobody knows, which a retired key does not outlive.
 */
export function requesterProblem(
  claim: RequesterClaim,
  signature: RequesterSignature | null,
  keys: KeySet,
  at: number | null,
): string | null {
  if (signature === null) return `the start by \`${claim.principal}\` is not signed`;
  const key = keys.keys.get(signature.kid);
  if (key === undefined) return `the key \`${signature.kid}\` that signed the start is not trusted here`;
  if (key.status === "revoked") return `the key \`${key.kid}\` that signed the start has been revoked`;
  if (key.status === "retired" && (at === null || key.retiredAt === null || at >= key.retiredAt))
    return `the key \`${key.kid}\` that signed the start had been retired before`;
  if (!key.principals.includes(claim.principal))
    return `the key \`${key.kid}\` that signed the start may not sign for \`${claim.principal}\``;
  if (key.environments !== null && !key.environments.includes(claim.environment as EnvironmentName))
    return `the key \`${key.kid}\` that signed the start may not be used in ${claim.environment}`;
  const bytes = fromBase64Url(signature.signature);
  if (bytes !== null && isGenuine(key.publicKey, new TextEncoder().encode(requesterText(claim)), bytes)) return null;
  return `the signature of the start is not that of the key \`${key.kid}\``;
}
