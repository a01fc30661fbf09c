/**
 * The manifest of a bundle (spec/pipeline.md §7): what files it holds, and a signature that says who made it.
 *
 * `MANIFEST.json` is `{v, files[{path,size,sha256}]}` in RFC 8785 form with one line feed at its end, and names every
 * other file but `MANIFEST.sig`. `MANIFEST.sig` is an Ed25519 signature over the DSSE pre-authentication encoding of
 * the manifest's bytes, so that it is never the signature of anything else that the same key signs.
 *
 * Integrity (digests agree) and authenticity (a trusted key signed) are two results: a bundle that somebody made is
 * whole and proves nothing.
 */
import { hash } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import { fromBase64Url, toBase64Url } from "../../graph/base64url.ts";
import type { Signer } from "../../effects/signing.ts";
import { fingerprint } from "../../governance/credentials/key-set.ts";
import type { TrustedKey } from "../../governance/credentials/model.ts";
import { isGenuine } from "../../governance/credentials/verify.ts";
import { bundlePathProblem } from "./bundle-path.ts";
import { refuse, type OpsResult } from "./problem.ts";
import type { BundleFiles } from "./tar.ts";

export const MANIFEST_NAME = "MANIFEST.json";
export const SIGNATURE_NAME = "MANIFEST.sig";

/** What the signature is over, besides the bytes (DSSE payload type). */
export const MANIFEST_TYPE = "application/vnd.countersign.manifest.v1+json";

const digestForm = /^[0-9a-f]{64}$/;

const manifestForm = z.strictObject({
  v: z.literal(1),
  files: z.array(z.strictObject({ path: z.string(), size: z.int().min(0), sha256: z.string().regex(digestForm) })),
});

const signatureForm = z.strictObject({
  v: z.literal(1),
  alg: z.literal("EdDSA"),
  kid: z.string().min(1).max(256),
  payload_type: z.literal(MANIFEST_TYPE),
  principal: z.string().max(256),
  public_key: z.string(),
  signature: z.string(),
});

/** Who signed, as far as it can be said. `trusted` is null when nobody's keys were given to hold it against. */
export type ManifestAuthenticity =
  | { readonly state: "unsigned" }
  | {
      readonly state: "trusted" | "untrusted";
      readonly kid: string;
      /** `sha256:` of the raw public key: what people compare. */
      readonly fingerprint: string;
      /** Who the trusted key belongs to; of an untrusted one, who it says it is. */
      readonly principal: string;
    };

/** Finds a trusted key by its name; null when there is none. */
export type FindKey = (kid: string) => TrustedKey | null;

/** The bytes of the manifest of these files. */
export function manifestOf(files: BundleFiles): Uint8Array {
  const entries = [...files.entries()]
    .filter(([path]) => path !== MANIFEST_NAME && path !== SIGNATURE_NAME)
    .map(([path, bytes]) => ({ path, size: bytes.length, sha256: hash("sha256", bytes) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return canonicalBytes({ v: 1, files: entries });
}

/** The files with their manifest, signed when there is a signer. Rejects as the signer does. */
export async function withManifest(files: BundleFiles, signer: Signer | null): Promise<Map<string, Uint8Array>> {
  const manifest = manifestOf(files);
  const made = new Map(files).set(MANIFEST_NAME, manifest);
  if (signer === null) return made;
  const signature = await signer.sign(signedBytes(manifest));
  const { kid, principal, publicKey } = signer;
  return made.set(
    SIGNATURE_NAME,
    canonicalBytes({
      v: 1,
      alg: "EdDSA",
      kid,
      payload_type: MANIFEST_TYPE,
      principal,
      public_key: toBase64Url(publicKey),
      signature: toBase64Url(signature),
    }),
  );
}

/** Checks every file against the manifest, and the manifest against its signature. */
export function checkManifest(
  files: BundleFiles,
  findKey: FindKey | null,
): OpsResult<{ readonly authenticity: ManifestAuthenticity; readonly digest: string }> {
  const bytes = files.get(MANIFEST_NAME);
  if (bytes === undefined) return refuse("bundle.manifest_missing", `the bundle has no ${MANIFEST_NAME}`);
  const manifest = manifestForm.safeParse(parse(bytes));
  if (!manifest.success)
    return refuse("bundle.manifest", `${MANIFEST_NAME} is not a manifest: ${issueText(manifest.error)}`);
  if (!Buffer.from(canonicalBytes(manifest.data)).equals(bytes))
    return refuse("bundle.manifest", `${MANIFEST_NAME} is not in the one form it is written in (RFC 8785, one line)`);
  const listed = new Set<string>();
  let before = "";
  for (const { path, size, sha256 } of manifest.data.files) {
    const wrong = bundlePathProblem(path);
    if (wrong !== null) return refuse("bundle.manifest", `the manifest names \`${path}\`: ${wrong}`);
    if (path <= before) return refuse("bundle.manifest", `the manifest's files are not in order at \`${path}\``);
    before = path;
    const file = files.get(path);
    if (file === undefined) return refuse("bundle.file_missing", `\`${path}\` of the manifest is not in the bundle`);
    if (file.length !== size)
      return refuse("bundle.size", `\`${path}\` has ${file.length} bytes; the manifest says ${size}`);
    if (hash("sha256", file) !== sha256)
      return refuse("bundle.digest", `the bytes of \`${path}\` are not those that the manifest names`);
    listed.add(path);
  }
  for (const path of files.keys()) {
    if (path !== MANIFEST_NAME && path !== SIGNATURE_NAME && !listed.has(path))
      return refuse("bundle.unlisted", `\`${path}\` is not in the manifest`);
  }
  const authenticity = checkSignature(bytes, files.get(SIGNATURE_NAME), findKey);
  if (!authenticity.ok) return authenticity;
  return { ok: true, value: { authenticity: authenticity.value, digest: `sha256:${hash("sha256", bytes)}` } };
}

function checkSignature(
  manifest: Uint8Array,
  bytes: Uint8Array | undefined,
  findKey: FindKey | null,
): OpsResult<ManifestAuthenticity> {
  if (bytes === undefined) return { ok: true, value: { state: "unsigned" } };
  const wrong = (why: string) => refuse("bundle.signature", `${SIGNATURE_NAME} ${why}`);
  const read = signatureForm.safeParse(parse(bytes));
  if (!read.success) return wrong(`is not a signature: ${issueText(read.error)}`);
  if (!Buffer.from(canonicalBytes(read.data)).equals(bytes)) return wrong("is not in the one form it is written in");
  const { kid, principal } = read.data;
  const publicKey = fromBase64Url(read.data.public_key);
  const signature = fromBase64Url(read.data.signature);
  if (publicKey?.length !== 32) return wrong("holds a public key that is none of Ed25519");
  if (signature?.length !== 64) return wrong("holds a signature that is none of Ed25519");
  if (!isGenuine(publicKey, signedBytes(manifest), signature)) return wrong("does not sign this manifest");
  const print = fingerprint(publicKey);
  const trusted = findKey?.(kid) ?? null;
  if (trusted === null || trusted.kid !== kid)
    return { ok: true, value: { state: "untrusted", kid, fingerprint: print, principal } };
  const bad = (why: string) => refuse("bundle.key", `the manifest is signed as \`${kid}\`, and ${why}`);
  if (!Buffer.from(trusted.publicKey).equals(publicKey)) return bad("the trusted key of that name is another one");
  if (trusted.status === "revoked") return bad("that key is revoked");
  if (!trusted.purposes.includes("manifest")) return bad("that key is not trusted for manifests");
  if (!trusted.principals.includes(principal)) return bad(`that key does not belong to \`${principal}\``);
  return { ok: true, value: { state: "trusted", kid, fingerprint: print, principal } };
}

/** DSSE v1 pre-authentication encoding. */
function signedBytes(manifest: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${Buffer.byteLength(MANIFEST_TYPE)} ${MANIFEST_TYPE} ${manifest.length} `;
  return Buffer.concat([Buffer.from(head, "utf8"), manifest]);
}

function canonicalBytes(data: unknown): Uint8Array {
  const text = canonicalize(data);
  if (text === undefined) throw new TypeError("there is nothing to write");
  return Buffer.from(`${text}\n`, "utf8");
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (problem) {
    if (problem instanceof SyntaxError || problem instanceof TypeError) return undefined;
    throw problem;
  }
}

function issueText(error: z.ZodError): string {
  const [first] = error.issues;
  if (first === undefined) return "it is malformed";
  const where = first.path.length === 0 ? "" : `${first.path.map(String).join(".")}: `;
  return `${where}${first.message}`;
}
