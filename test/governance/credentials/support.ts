/** Keys and credentials for tests, made from fixed seeds. */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import canonicalize from "canonicalize";
import type { KeyPurpose, Signer } from "../../../src/effects/signing.ts";
import { readCredential, signCredential } from "../../../src/governance/credentials/credential.ts";
import type {
  Credential,
  CredentialContext,
  CredentialExtension,
  CredentialPayload,
  KeySet,
  TrustedKey,
} from "../../../src/governance/credentials/model.ts";
import { fromBase64Url } from "../../../src/graph/base64url.ts";

/** The moment at which tests stand. */
export const NOW = Date.parse("2026-05-18T12:00:00Z");

export const DOCUMENT = `sha256:${"d".repeat(64)}`;
export const EFFECT = `sha256:${"e".repeat(64)}`;
export const INPUT = `sha256:${"f".repeat(64)}`;
export const ORDERS = "http_post:https://api.internal/orders?x=1";

/** A signer whose key is 32 equal bytes. */
export function signerOf(byte: number, kid = `key-${byte}`, purposes: readonly KeyPurpose[] = ["approval"]): Signer {
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, byte)]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const publicKey = fromBase64Url(createPublicKey(key).export({ format: "jwk" }).x ?? "") ?? new Uint8Array();
  return {
    kid,
    publicKey,
    principal: "user:alice@example",
    purposes,
    sign: (bytes) => Promise.resolve(new Uint8Array(sign(null, bytes, key))),
  };
}

export const alice = signerOf(1, "alice-1");

export function payloadOf(more: Partial<CredentialPayload> = {}): CredentialPayload {
  return {
    v: 1,
    kid: alice.kid,
    org_id: "local",
    project_id: "local",
    environment_id: "local",
    environment_posture: "prod",
    spec_hash: DOCUMENT,
    capabilities: [ORDERS],
    issued_at: "2026-05-18T11:00:00Z",
    expires_at: "2026-05-19T11:00:00Z",
    issued_by: alice.principal,
    approval_id: "A".repeat(22),
    ...more,
  };
}

export async function credentialOf(more: Partial<CredentialPayload> = {}, signer = alice): Promise<Credential> {
  const read = readCredential(await signCredential(payloadOf(more), signer));
  if (!read.ok) throw new Error(read.problem.message);
  return read.credential;
}

/** A credential for one step of one run. */
export function stepCredential(more: Partial<CredentialExtension> = {}): Promise<Credential> {
  return credentialOf({
    ext: { run_id: "run-1", node_id: "notify#1.1", input_digest: INPUT, effect_digest: EFFECT, ...more },
  });
}

export const stepContext: NonNullable<CredentialContext["step"]> = {
  runId: "run-1",
  nodeId: "notify#1.1",
  inputDigest: INPUT,
  effectDigest: EFFECT,
};

export function trusted(signer: Signer, more: Partial<TrustedKey> = {}): TrustedKey {
  return {
    kid: signer.kid,
    publicKey: signer.publicKey,
    status: "active",
    principals: [signer.principal],
    purposes: signer.purposes,
    notBefore: null,
    retiredAt: null,
    environments: null,
    ...more,
  };
}

export function setOf(...keys: readonly TrustedKey[]): KeySet {
  return { issuer: "local", fetchedAt: null, keys: new Map(keys.map((key) => [key.kid, key])) };
}

export function contextOf(more: Partial<CredentialContext> = {}): CredentialContext {
  return {
    orgId: "local",
    projectId: "local",
    environmentId: "local",
    posture: "prod",
    specHash: DOCUMENT,
    now: NOW,
    capability: ORDERS,
    step: null,
    ...more,
  };
}

/** Canonical JSON (RFC 8785). */
export function canonical(data: unknown): string {
  return canonicalize(data) ?? "";
}
