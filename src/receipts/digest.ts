/**
 * Digest and id of a receipt (spec/skill-graph.md §6.2), and SHA-256 as this room spells it.
 *
 * Id, digest and file are three texts over the same members, so each member is written once ({@link MemberTexts}).
 */
import { hash } from "node:crypto";
import { canonicalText, canonicalTextOf } from "./canonical.ts";

/** `sha256:` and the hex digest; text is hashed as UTF-8. */
export function sha256(data: string | Uint8Array): string {
  return `sha256:${hash("sha256", data)}`;
}

/** Digest of plain JSON data in canonical form. */
export function canonicalDigest(data: unknown): string {
  return sha256(canonicalText(data));
}

/** The members of a receipt in their canonical order. */
const memberOrder = [
  "acts",
  "authority",
  "canonicalization",
  "created_at",
  "decisions",
  "digest",
  "id",
  "idempotency",
  "issuer",
  "lineage",
  "metadata",
  "schema",
  "seal",
  "signals",
  "signature",
  "subject",
] as const;
type MemberName = (typeof memberOrder)[number];

const outsideDigest: ReadonlySet<MemberName> = new Set(["signature", "digest", "metadata"]);
/** The id leaves out the lineage too, so that parent and child can each name the other. */
const outsideId: ReadonlySet<MemberName> = new Set(["signature", "digest", "metadata", "id", "lineage"]);
const nothing: ReadonlySet<MemberName> = new Set();

/** Canonical texts of a receipt's members, by name. Made by {@link memberTexts}, completed while sealing. */
export class MemberTexts {
  private readonly texts = new Map<MemberName, string>();

  set(name: MemberName, text: string): void {
    this.texts.set(name, text);
  }

  /** The file's text. */
  whole(): string {
    return this.join(nothing);
  }

  /** What the digest must be. */
  digest(): string {
    return sha256(this.join(outsideDigest));
  }

  /** What the id must be: the content address. */
  id(): string {
    return sha256(this.join(outsideId));
  }

  private join(without: ReadonlySet<MemberName>): string {
    let out = "{";
    for (const name of memberOrder) {
      const text = this.texts.get(name);
      if (text === undefined || without.has(name)) continue;
      out += `${out === "{" ? "" : ","}"${name}":${text}`;
    }
    return `${out}}`;
  }
}

/** Texts of receipts that were read, so that reading and verifying write them once. */
const known = new WeakMap<object, MemberTexts>();

/** The texts of a receipt with no other members than the format's. */
export function memberTexts(receipt: object): MemberTexts {
  const before = known.get(receipt);
  if (before !== undefined) return before;
  const texts = new MemberTexts();
  const members = receipt as Readonly<Partial<Record<MemberName, unknown>>>;
  for (const name of memberOrder) {
    const value = members[name];
    if (value !== undefined) texts.set(name, canonicalTextOf(value));
  }
  return texts;
}

/** As {@link memberTexts}, remembered for as long as the receipt is: only for one that nobody can change. */
export function rememberTexts(receipt: object): MemberTexts {
  const texts = memberTexts(receipt);
  known.set(receipt, texts);
  return texts;
}

/** What the digest of a receipt must be. Takes the receipt with or without digest and signature. */
export function receiptDigest(receipt: object): string {
  return memberTexts(receipt).digest();
}

/** What the id of a receipt must be. */
export function receiptId(receipt: object): string {
  return memberTexts(receipt).id();
}

/** The text of a receipt as files hold it. */
export function receiptText(receipt: object): string {
  return memberTexts(receipt).whole();
}
