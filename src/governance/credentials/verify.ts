/** Ed25519 (RFC 8032) over bytes, synchronously. Never throws. */
import { createPublicKey, verify } from "node:crypto";
import { toBase64Url } from "../../graph/base64url.ts";

/** True when `signature` is that of the raw 32-byte `publicKey` over exactly `bytes`. */
export function isGenuine(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: toBase64Url(publicKey) }, format: "jwk" });
    return verify(null, bytes, key, signature);
  } catch {
    // Bytes that are no point of the curve verify nothing.
    return false;
  }
}
