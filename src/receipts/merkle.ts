/**
 * Merkle tree hash over a list of texts (RFC 6962 §2.1: leaves behind a byte 0, nodes behind a byte 1), built as they
 * come. Memory grows with the logarithm of their number.
 */
import { createHash } from "node:crypto";

/** A tree under construction. */
export class Merkle {
  /** Roots of whole subtrees, largest first, with the number of their leaves. */
  private readonly peaks: { readonly hash: Buffer; readonly leaves: number }[] = [];
  private count = 0;

  /** Adds the next leaf. */
  add(text: string): void {
    this.count++;
    let peak = { hash: hashOf(0, Buffer.from(text, "utf8")), leaves: 1 };
    for (let last = this.peaks.at(-1); last?.leaves === peak.leaves; last = this.peaks.at(-1)) {
      this.peaks.pop();
      peak = { hash: hashOf(1, last.hash, peak.hash), leaves: peak.leaves * 2 };
    }
    this.peaks.push(peak);
  }

  /** Leaves so far. */
  get size(): number {
    return this.count;
  }

  /** `sha256:` and the hex root; that of nothing is the hash of the empty string. */
  root(): string {
    const hashes = this.peaks.map(({ hash }) => hash);
    let root = hashes.pop() ?? createHash("sha256").digest();
    for (let left = hashes.pop(); left !== undefined; left = hashes.pop()) root = hashOf(1, left, root);
    return `sha256:${root.toString("hex")}`;
  }
}

function hashOf(kind: 0 | 1, ...parts: readonly Buffer[]): Buffer {
  const hash = createHash("sha256").update(Buffer.of(kind));
  for (const part of parts) hash.update(part);
  return hash.digest();
}
