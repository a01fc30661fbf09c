/** What the audit's tests share: keys, entries, a disk that many processes append to. */
import { createPrivateKey, generateKeyPairSync, sign as signBytes } from "node:crypto";
import type { AppendedEntry } from "../../../src/connect/audit/entry.ts";
import { appendAudit, type AppendOptions } from "../../../src/connect/audit/log.ts";
import { verifyAudit, type AuditReport } from "../../../src/connect/audit/verify.ts";
import type { AuditFiles } from "../../../src/connect/audit/file.ts";
import type { Signer } from "../../../src/effects/signing.ts";
import { publicKeyOf, signatureHolds } from "../../../src/receipts/sign.ts";

/** A fresh key. */
export function signer(kid = "k1"): Signer {
  const pair = generateKeyPairSync("ed25519");
  const { x = "" } = pair.publicKey.export({ format: "jwk" });
  const key = createPrivateKey(pair.privateKey.export({ format: "pem", type: "pkcs8" }));
  return {
    kid,
    publicKey: Buffer.from(x, "base64url"),
    principal: "user:me@here",
    purposes: ["receipt"],
    sign: (bytes) => Promise.resolve(signBytes(null, bytes, key)),
  };
}

export function sealed(run: string): AppendedEntry {
  return {
    type: "run.sealed",
    run,
    head: "a".repeat(64),
    events: 7,
    receipt: null,
    outcome: "completed",
    environment: "dev",
  };
}

export function refused(message: string): AppendedEntry {
  return {
    type: "run.refused",
    code: "invalid",
    message,
    document: "w.toml",
    run: null,
    environment: "prod",
    principal: "user:me",
  };
}

const keys = new Map<string, ReturnType<typeof publicKeyOf>>();

/** Making a key ready costs more than all else, so it is done once for each. */
export const holds = (raw: Uint8Array, digest: string, signature: Uint8Array): boolean => {
  const name = Buffer.from(raw).toString("hex");
  const key = keys.get(name) ?? publicKeyOf(raw);
  keys.set(name, key);
  return key !== null && signatureHolds(key, digest, signature);
};

export async function verified(stateDir: string, files?: Pick<AuditFiles, "openRead">): Promise<AuditReport> {
  const report = await verifyAudit(stateDir, { holds, ...(files === undefined ? {} : { files }) });
  if (!report.ok) throw new Error(`${report.problem.code}: ${report.problem.message}`);
  return report.value;
}

/** The report about a log that holds these bytes, without a disk. */
export function verifiedBytes(bytes: Uint8Array): Promise<AuditReport> {
  return verified("", {
    openRead: () =>
      Promise.resolve({
        size: () => Promise.resolve(bytes.length),
        read: (position, length) => Promise.resolve(bytes.subarray(position, position + length)),
        datasync: () => Promise.resolve(),
        close: () => Promise.resolve(),
      }),
  });
}

/** Appends and gives the line it ended at. */
export async function append(
  stateDir: string,
  entries: readonly AppendedEntry[],
  options: AppendOptions = {},
): Promise<number> {
  const done = await appendAudit(stateDir, entries, options);
  if (!done.ok) throw new Error(`${done.problem.code}: ${done.problem.message}`);
  return done.value.line;
}
