/**
 * `approval.cred` as text: `base64url(payload) "." base64url(signature)` (spec/pipeline.md §5).
 *
 * Invariant: a credential has exactly one text. base64url is strict, the payload must be its own canonical JSON
 * (RFC 8785), and nothing may stand around it, not even a line break: so any changed byte is seen, and the digest of
 * the text names what was approved (spec/runtime.md §8).
 */
import canonicalize from "canonicalize";
import type { Signer } from "../../effects/signing.ts";
import { fromBase64Url, toBase64Url } from "../../graph/base64url.ts";
import { isObject, member, toPlain } from "../../graph/value.ts";
import type { Credential, CredentialPayload, CredentialProblem } from "./model.ts";
import { payloadProblem } from "./payload.ts";
import { readJson, sha256 } from "./rules.ts";
import { isGenuine } from "./verify.ts";

/** Longest text, in bytes. */
export const MAX_CREDENTIAL = 16 * 1024;

/** A credential in order, or why it is none: `cred.decode`, or `cred.version` for a format we do not know. */
export type ReadCredential =
  { readonly ok: true; readonly credential: Credential } | { readonly ok: false; readonly problem: CredentialProblem };

/** Reads a credential's text. Nothing is verified: see `checkCredential`. Never throws. */
export function readCredential(text: string): ReadCredential {
  const wrong = textProblem(text);
  if (wrong !== null) return decode(wrong);
  const dot = text.indexOf(".");
  const bytes = fromBase64Url(text.slice(0, dot));
  const signature = fromBase64Url(text.slice(dot + 1));
  if (bytes === null || bytes.length === 0) return decode("its payload is not base64url without padding");
  if (signature === null) return decode("its signature is not base64url without padding");
  if (signature.length !== 64) return decode(`its signature has ${signature.length} bytes where Ed25519 has 64`);
  const json = readJson(bytes);
  if ("problem" in json) return decode(`its payload cannot be read: ${json.problem}`);
  if (!isObject(json.value)) return decode("its payload is not a JSON object");
  if (canonicalize(toPlain(json.value)) !== json.text) {
    return decode("its payload is not canonical JSON (RFC 8785): members in order, none twice, no white space");
  }
  const version = member(json.value, "v");
  if (version !== 1n) {
    const message = "the credential says another format version than 1; a newer Countersign may read it";
    return version === undefined
      ? decode("its payload has no `v`")
      : { ok: false, problem: { code: "cred.version", message } };
  }
  const problem = payloadProblem(json.value);
  if (problem !== null) return decode(problem);
  // Every member has just been checked, one by one.
  const payload = toPlain(json.value) as CredentialPayload;
  return { ok: true, credential: { payload, bytes, signature, text, digest: sha256(text) } };
}

/**
 * A credential's text, signed. Rejects with a plain sentence when the payload breaks a rule, does not name the
 * signer, or the signer refuses or signs wrongly.
 */
export async function signCredential(payload: CredentialPayload, signer: Signer): Promise<string> {
  if (payload.kid !== signer.kid)
    throw new Error(`the credential names the key \`${payload.kid}\`, not \`${signer.kid}\``);
  if (payload.issued_by !== signer.principal) {
    throw new Error(`the key belongs to \`${signer.principal}\`, so it cannot sign for \`${payload.issued_by}\``);
  }
  if (!signer.purposes.includes("approval")) throw new Error(`the key \`${signer.kid}\` is not for approvals`);
  const bytes = new TextEncoder().encode(canonicalize(payload));
  const unsigned = readCredential(`${toBase64Url(bytes)}.${toBase64Url(new Uint8Array(64))}`);
  if (!unsigned.ok) throw new Error(unsigned.problem.message);
  const signature = await signer.sign(bytes);
  if (!isGenuine(signer.publicKey, bytes, signature))
    throw new Error(`the key \`${signer.kid}\` gave a wrong signature`);
  return `${toBase64Url(bytes)}.${toBase64Url(signature)}`;
}

function textProblem(text: string): string | null {
  if (text === "") return "it is empty";
  if (text.length > MAX_CREDENTIAL) return `it is longer than ${MAX_CREDENTIAL / 1024} KiB`;
  if (/[\r\n]$/.test(text)) return "it ends with a line break; a credential is one line and nothing else";
  if (!/^[A-Za-z0-9._=-]*$/.test(text)) return "it holds characters that base64url does not have";
  const dots = text.split(".").length - 1;
  return dots === 1 ? null : `it must be a payload and a signature with one dot between them, and has ${dots} dots`;
}

function decode(why: string): ReadCredential {
  return { ok: false, problem: { code: "cred.decode", message: `the credential cannot be read: ${why}` } };
}
