/**
 * Whether a credential counts, here and now (spec/pipeline.md §5, spec/runtime.md §7).
 *
 * Invariant: the checks are made in the order of {@link credentialCodes}, and the first that fails is the answer. A
 * credential can only satisfy the rule "require approval": allow lists, policies and denials are never asked here.
 */
import { covers } from "./capability.ts";
import type {
  Credential,
  CredentialCode,
  CredentialContext,
  CredentialExtension,
  CredentialProblem,
  KeySet,
  TrustedKey,
} from "./model.ts";
import { shown, utcText, utcTime } from "./rules.ts";
import { isGenuine } from "./verify.ts";

/** How far the issuer's clock may be ahead of ours, in milliseconds. */
export const SKEW_MS = 60_000;

/** Knows what has been used up (per state directory, spec/runtime.md §7). */
export interface UsedCredentials {
  /**
   * How often the approval of this id has been used, not counting the use that is being asked about (repeats of one
   * effect under one idempotency key are one use).
   */
  uses(approvalId: string): number;
}

/** Nothing has been used. */
export const noneUsed: UsedCredentials = { uses: () => 0 };

/**
 * Why the credential does not count; null when it does. A signed denial (`ext.decision` is `deny`) passes too: that
 * it is genuine is all that is said here.
 */
export function checkCredential(
  credential: Credential,
  keys: KeySet,
  context: CredentialContext,
  used: UsedCredentials,
): CredentialProblem | null {
  const { payload } = credential;
  const key = keys.keys.get(payload.kid);
  if (key === undefined) {
    const known =
      keys.keys.size === 0 ? "no key is trusted here" : `none of the ${keys.keys.size} trusted keys has that name`;
    return refused(
      "cred.key_unknown",
      `the key \`${payload.kid}\` is not trusted: ${known}; see \`countersign keys trust\``,
    );
  }
  return (
    keyProblem(credential, key) ??
    specProblem(payload.spec_hash, payload.ext ?? {}, context) ??
    environmentProblem(credential, key, context) ??
    timeProblem(credential, key, context.now) ??
    useProblem(credential, context, used) ??
    signerProblem(credential, key)
  );
}

/** How often a credential serves: once for a step's, `max_uses` for a document's, else as often as until it expires. */
export function allowedUses(credential: Credential): number {
  const ext = credential.payload.ext ?? {};
  if (bindsStep(ext)) return 1;
  return ext.max_uses ?? Infinity;
}

/** True when the credential approves one step of one run. */
export function bindsStep(ext: CredentialExtension): boolean {
  return ext.run_id !== undefined && ext.node_id !== undefined;
}

function keyProblem(credential: Credential, key: TrustedKey): CredentialProblem | null {
  const { payload, bytes, signature } = credential;
  if (key.status === "revoked") return refused("cred.key_revoked", `the key \`${key.kid}\` has been revoked`);
  if (key.status === "retired") {
    const issued = utcTime(payload.issued_at);
    if (key.retiredAt === null || issued === null || issued >= key.retiredAt) {
      const when = key.retiredAt === null ? "" : ` at ${utcText(key.retiredAt)}`;
      const message = `the key \`${key.kid}\` was retired${when}, before the credential was issued (${payload.issued_at})`;
      return refused("cred.key_revoked", message);
    }
  }
  if (isGenuine(key.publicKey, bytes, signature)) return null;
  return refused("cred.signature", `the signature is not that of the key \`${key.kid}\` over this credential`);
}

function specProblem(specHash: string, ext: CredentialExtension, context: CredentialContext): CredentialProblem | null {
  const mismatch = (message: string): CredentialProblem => refused("cred.spec_mismatch", message);
  if (specHash !== context.specHash) {
    return mismatch(`the credential approves another document: ${specHash}, and this one is ${context.specHash}`);
  }
  const { step } = context;
  const pairs: readonly (readonly [string, string | undefined, string | null])[] = [
    ["run", ext.run_id, step?.runId ?? null],
    ["step", ext.node_id, step?.nodeId ?? null],
    ["input", ext.input_digest, step?.inputDigest ?? null],
    ["effect", ext.effect_digest, step?.effectDigest ?? null],
  ];
  for (const [what, approved, actual] of pairs) {
    if (approved === undefined || approved === actual) continue;
    const here = actual === null ? `and there is no paused ${what} here` : `and this is \`${shown(actual)}\``;
    return mismatch(`the credential approves another ${what}: \`${shown(approved)}\`, ${here}`);
  }
  return null;
}

function environmentProblem(
  credential: Credential,
  key: TrustedKey,
  context: CredentialContext,
): CredentialProblem | null {
  const { payload } = credential;
  const pairs = [
    ["organisation", payload.org_id, context.orgId],
    ["project", payload.project_id, context.projectId],
    ["environment", payload.environment_id, context.environmentId],
    ["posture", payload.environment_posture, context.posture],
  ] as const;
  const other = pairs.find(([, approved, actual]) => approved !== actual);
  if (other !== undefined) {
    const [what, approved, actual] = other;
    return refused(
      "cred.environment_mismatch",
      `the credential is for the ${what} \`${approved}\`, and this is \`${actual}\``,
    );
  }
  if (key.environments === null || key.environments.includes(context.posture)) return null;
  const only = key.environments.length === 0 ? "in no environment" : `only in ${key.environments.join(", ")}`;
  return refused(
    "cred.environment_mismatch",
    `the key \`${key.kid}\` may approve ${only}, and this is ${context.posture}`,
  );
}

function timeProblem(credential: Credential, key: TrustedKey, now: number): CredentialProblem | null {
  const { payload } = credential;
  const issued = utcTime(payload.issued_at) ?? Infinity;
  const expires = utcTime(payload.expires_at) ?? -Infinity;
  if (issued > now + SKEW_MS) {
    const message = `the credential is issued in the future (${payload.issued_at}); compare the clocks`;
    return refused("cred.not_yet_valid", message);
  }
  if (key.notBefore !== null && issued < key.notBefore) {
    const message = `the credential was issued (${payload.issued_at}) before its key \`${key.kid}\` counted (${utcText(key.notBefore)})`;
    return refused("cred.not_yet_valid", message);
  }
  if (now < expires) return null;
  return refused("cred.expired", `the credential expired at ${payload.expires_at}; ask for a new one`);
}

function useProblem(
  credential: Credential,
  context: CredentialContext,
  used: UsedCredentials,
): CredentialProblem | null {
  const { payload } = credential;
  if (!covers(payload.capabilities, context.capability)) {
    const message = `the credential does not cover \`${shown(context.capability)}\``;
    return refused("cred.capability_missing", message);
  }
  const allowed = allowedUses(credential);
  const uses = used.uses(payload.approval_id);
  if (uses < allowed) return null;
  const often = allowed === 1 ? "once and has been used" : `${allowed} times and has been used ${uses} times`;
  return refused("cred.replayed", `the credential serves ${often}; ask for a new one`);
}

function signerProblem(credential: Credential, key: TrustedKey): CredentialProblem | null {
  const { issued_by: principal } = credential.payload;
  if (!key.principals.includes(principal)) {
    const message = `the key \`${key.kid}\` may not sign for \`${principal}\`, only for ${key.principals.join(", ") || "nobody"}`;
    return refused("cred.principal_mismatch", message);
  }
  if (key.purposes.includes("approval")) return null;
  const purposes = key.purposes.join(", ") || "nothing";
  return refused("cred.purpose", `the key \`${key.kid}\` is for ${purposes}, not for approvals`);
}

function refused(code: CredentialCode, message: string): CredentialProblem {
  return { code, message };
}
