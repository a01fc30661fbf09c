/**
 * Approval credentials and trusted keys as data (spec/pipeline.md §5, §6; spec/runtime.md §7). Types only: reading,
 * signing and checking stand beside them.
 */
import type { KeyPurpose } from "../../effects/signing.ts";
import type { EnvironmentName } from "../../graph/posture.ts";

/** The payload of `approval.cred`, as its canonical JSON (RFC 8785) spells it. Unknown members are refused. */
export interface CredentialPayload {
  readonly v: 1;
  readonly kid: string;
  readonly org_id: string;
  readonly project_id: string;
  readonly environment_id: string;
  readonly environment_posture: EnvironmentName;
  /** Digest of the document being run: `sha256:` and hex (the graph digest; a pipeline's own `spec_hash`). */
  readonly spec_hash: string;
  /** Sorted, unique, 1 to 64; see {@link covers} in `capability.ts`. */
  readonly capabilities: readonly string[];
  /** RFC 3339, UTC. */
  readonly issued_at: string;
  readonly expires_at: string;
  /** Principal of whoever approves. */
  readonly issued_by: string;
  /** Random, 128 bits or more. */
  readonly approval_id: string;
  readonly ext?: CredentialExtension;
}

/** What binds a credential to one paused step; with `run_id`, `node_id` and `effect_digest` it serves one use. */
export interface CredentialExtension {
  readonly run_id?: string;
  /** The activation's text form (`activationKey`). */
  readonly node_id?: string;
  readonly input_digest?: string;
  readonly effect_digest?: string;
  readonly max_uses?: number;
  readonly reason?: string;
  /** Absent: approved. A signed denial is evidence too. */
  readonly decision?: "approve" | "deny";
  /** A typed answer, where the request asks for more than yes or no. JSON without numbers beyond doubles. */
  readonly answer?: unknown;
  /** Names of further members that a reader may ignore. */
  readonly optional?: readonly string[];
}

/** Why a credential does not count, in the order in which the checks are made (spec/pipeline.md §5). */
export const credentialCodes = [
  "cred.decode",
  "cred.version",
  "cred.key_unknown",
  "cred.key_revoked",
  "cred.signature",
  "cred.spec_mismatch",
  "cred.environment_mismatch",
  "cred.not_yet_valid",
  "cred.expired",
  "cred.capability_missing",
  "cred.replayed",
  "cred.principal_mismatch",
  "cred.purpose",
] as const;
export type CredentialCode = (typeof credentialCodes)[number];

/** A refused credential: its code and one sentence a person can act on. */
export interface CredentialProblem {
  readonly code: CredentialCode;
  readonly message: string;
}

/** A credential whose bytes are in order; nothing is verified yet. */
export interface Credential {
  readonly payload: CredentialPayload;
  /** The signed bytes, and the signature over them. */
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  /** The whole text as it is kept. */
  readonly text: string;
  /** `sha256:` of the text: its name in journals, receipts and files. */
  readonly digest: string;
}

/** A public key that is trusted, with its status (spec/pipeline.md §6). Times in milliseconds since 1970. */
export interface TrustedKey {
  readonly kid: string;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly status: "active" | "retired" | "revoked";
  readonly principals: readonly string[];
  readonly purposes: readonly KeyPurpose[];
  readonly notBefore: number | null;
  readonly retiredAt: number | null;
  /** Environments it may approve for; null: all. */
  readonly environments: readonly EnvironmentName[] | null;
}

/** `signing_keys.json`, read and checked. */
export interface KeySet {
  readonly issuer: string;
  readonly fetchedAt: number | null;
  readonly keys: ReadonlyMap<string, TrustedKey>;
}

/** What a credential is held against. */
export interface CredentialContext {
  readonly orgId: string;
  readonly projectId: string;
  readonly environmentId: string;
  readonly posture: EnvironmentName;
  readonly specHash: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What must be covered. */
  readonly capability: string;
  /** The paused step, when it is one. */
  readonly step: {
    readonly runId: string;
    readonly nodeId: string;
    readonly inputDigest: string | null;
    readonly effectDigest: string | null;
  } | null;
}
