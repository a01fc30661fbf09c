/** Keys and credentials in the test's hand. */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import type { KeyPurpose, Signer } from "../../../src/effects/signing.ts";
import { signCredential } from "../../../src/governance/credentials/credential.ts";
import type { CredentialPayload, KeySet, TrustedKey } from "../../../src/governance/credentials/model.ts";

export const sha256 = (data: string): string => `sha256:${createHash("sha256").update(data).digest("hex")}`;

/** Somebody who signs. */
export interface Person {
  readonly signer: Signer;
  readonly key: TrustedKey;
}

export function person(name: string, more: Partial<TrustedKey> = {}, principal = `user:${name}@test`): Person {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = rawKey(publicKey);
  const purposes: readonly KeyPurpose[] = ["approval"];
  const key: TrustedKey = {
    kid: `${name}-key`,
    publicKey: raw,
    status: "active",
    principals: [principal],
    purposes,
    notBefore: null,
    retiredAt: null,
    environments: null,
    ...more,
  };
  const signer: Signer = {
    kid: key.kid,
    publicKey: raw,
    principal,
    purposes,
    sign: (bytes) => Promise.resolve(new Uint8Array(sign(null, bytes, privateKey))),
  };
  return { signer, key };
}

function rawKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: "der", type: "spki" }).subarray(-32));
}

export function keySet(...people: readonly Person[]): KeySet {
  return { issuer: "test", fetchedAt: null, keys: new Map(people.map(({ key }) => [key.kid, key])) };
}

/** The time in these tests. */
export const NOW = Date.parse("2026-03-01T12:00:00Z");
export const SPEC = sha256("document");

/** A credential's text. */
export function credential(by: Person, change: Partial<CredentialPayload> = {}): Promise<string> {
  return signCredential(
    {
      v: 1,
      kid: by.signer.kid,
      org_id: "local",
      project_id: "local",
      environment_id: "local",
      environment_posture: "prod",
      spec_hash: SPEC,
      capabilities: ["http.request:POST https://api.example/release"],
      issued_at: new Date(NOW - 1000).toISOString(),
      expires_at: new Date(NOW + 3_600_000).toISOString(),
      issued_by: by.signer.principal,
      approval_id: randomBytes(18).toString("base64url"),
      ...change,
    },
    by.signer,
  );
}
