/**
 * What came of verifying receipts, in words (docs/receipts.md, "Verifying"). Pure.
 *
 * A signature that no key at hand can check is no tampering: it is `unchecked`, as in the history of the command line.
 */
import type { Finding } from "../../receipts/findings.ts";
import type { TreeVerified } from "../../receipts/tree.ts";
import type { ReceiptKey, Standing, Tone } from "../../protocol/receipt.ts";
import { counted, shown } from "./shown.ts";
import type { Trust } from "./trust.ts";

/** As much of a verification as its words need. */
export type Verified = Pick<TreeVerified, "integrity" | "trust" | "findings" | "fingerprints" | "count">;

/** Findings about whose key signed, which is apart from whether anything was changed. */
export const aboutTrust: ReadonlySet<Finding["code"]> = new Set([
  "UntrustedRoot",
  "SignatureKeyRevoked",
  "SignatureKeyNotInForce",
]);
const noKey: ReadonlySet<Finding["code"]> = new Set(["SignatureKeyMissing", "SignatureVerifierMissing"]);

/** How a verification stands. */
export function standingOf({ integrity, trust, findings }: Verified): Standing {
  const wrong = findings.filter(({ code }) => !aboutTrust.has(code));
  if (wrong.some(({ code }) => !noKey.has(code))) return "broken";
  if (trust === "revoked" || trust === "not_in_force") return "refused";
  if (wrong.length > 0) return "unchecked";
  if (!integrity) return "broken";
  return trust === "pinned" ? "verified" : "untrusted";
}

/** A few words for lists and titles. */
export const standingWords: Readonly<Record<Standing, string>> = {
  verified: "verified",
  untrusted: "key not trusted",
  refused: "key refused",
  broken: "broken",
  unchecked: "cannot be checked",
};

/** The same as a headline. */
export const standingTitles: Readonly<Record<Standing, string>> = {
  verified: "Verified",
  untrusted: "Whole, but the key is not trusted",
  refused: "Signed with a key that does not count",
  broken: "Broken",
  unchecked: "Cannot be checked",
};

/** How the colours go. */
export const standingTones: Readonly<Record<Standing, Tone>> = {
  verified: "good",
  untrusted: "wait",
  refused: "bad",
  broken: "bad",
  unchecked: "wait",
};

/** What was checked and what that says, in sentences. */
export function verdictLines(verified: Verified, standing: Standing): readonly string[] {
  const { count, findings, trust } = verified;
  const all = count === 1 ? "of this receipt" : `of all ${count} receipts`;
  switch (standing) {
    case "verified":
      return [
        `Every digest, link and signature ${all} agrees: nothing was changed after it was signed.`,
        "Every key that signed is trusted on this computer.",
      ];
    case "untrusted":
      return [
        `Every digest, link and signature ${all} agrees: nothing was changed after it was signed.`,
        "Whose key signed is not settled here. Compare the fingerprint with the one that the signer gives you on another way, and trust the key (countersign keys trust).",
      ];
    case "refused":
      return [
        trust === "revoked"
          ? "A key that signed was revoked: nothing that it signed counts."
          : "A key signed outside of the time in which it was in force.",
      ];
    case "broken": {
      const wrong = findings.filter(({ code }) => !aboutTrust.has(code)).length;
      return [
        `${counted(wrong, "finding")}: what is shown is not what was signed, or not all of it. Each one stands at its place below.`,
      ];
    }
    case "unchecked":
      return ["The key that signed is not at hand, so no signature could be checked."];
  }
}

/** The keys that signed, each with why it is trusted or that it is not. `names` are its names by fingerprint. */
export function keysShown(
  fingerprints: readonly string[],
  names: ReadonlyMap<string, ReadonlySet<string>>,
  trust: Trust,
): readonly ReceiptKey[] {
  return fingerprints.slice(0, MAX_KEYS).map((fingerprint) => ({
    fingerprint: shown(fingerprint),
    names: [...(names.get(fingerprint) ?? [])]
      .slice(0, 5)
      .map((name) => shown(name, 80))
      .join(", "),
    ...whyTrusted(fingerprint, trust),
  }));
}

/** Keys that are listed. */
const MAX_KEYS = 20;

function whyTrusted(fingerprint: string, trust: Trust): { readonly words: string; readonly tone: Tone } {
  const { key, pinned } = trust.keyOf(fingerprint);
  if (key?.status === "revoked") return { words: "revoked in your trust store", tone: "bad" };
  if (key?.source === "trust store") {
    const retired = key.status === "retired" ? ", retired: it counts for receipts of its time" : "";
    return { words: `in your trust store${retired}`, tone: "good" };
  }
  if (key?.source === "environment") return { words: "trusted by RUNX_RECEIPT_VERIFY_KID", tone: "good" };
  if (pinned) return { words: "its fingerprint is in [keys] trust of your configuration", tone: "good" };
  if (key?.source === "own key") return { words: "not trusted; it is the key of this computer's user", tone: "wait" };
  return { words: "not trusted", tone: "wait" };
}
