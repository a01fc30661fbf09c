/** Verifying what was read: one receipt, or whole trees (spec/skill-graph.md §6.5, spec/runtime.md §8). Pure but for cryptography. */
import { checkExport } from "../receipts/export/check.ts";
import type { ReadExport } from "../receipts/export/read.ts";
import { forest, groveOf, type Grove } from "../receipts/forest.ts";
import { verifyTree, type TreeVerified } from "../receipts/tree.ts";
import { trustFinding, worse } from "../receipts/trust.ts";
import { treeReport, verdictOf, type TreeReport, type Verdict } from "../receipts/verdict.ts";
import type { VerifyOptions } from "../receipts/verify-one.ts";
import type { Verifiable } from "./receipts.ts";

/** The verdict on a single receipt; null when no single one was named. */
export function verifySingle(read: Verifiable, options: VerifyOptions): Verdict | null {
  if (read.single === null) return null;
  return verdictOf(read.single, read.from, options);
}

/**
 * The report on the trees of what was read: all of them, or the one below the wanted receipt. A file that cannot be read
 * as a receipt makes the report invalid, unless another tree was asked for that does not need it.
 */
export function verifyTrees(read: Verifiable, options: VerifyOptions): TreeReport {
  if (read.exported !== undefined) return treeReport(read.from, [verifyExport(read.exported, read.from, options)], []);
  const unreadable = new Map(
    read.unreadable.flatMap(({ id, finding }) => (id === null ? [] : [[id, finding.message]])),
  );
  const groves: readonly (Grove & { readonly parentKnown?: boolean })[] =
    read.wanted === null ? forest(read.receipts) : wantedGrove(read);
  const trees: TreeVerified[] = groves.map((grove) => verifyTree({ ...grove, unreadable }, options));
  const files = read.unreadable
    .filter(({ id }) => read.wanted === null || id === read.wanted || id === null)
    .map(({ file, finding }) => ({ file, code: finding.code, message: finding.message }));
  return treeReport(read.from, trees, files);
}

function wantedGrove(read: Verifiable): readonly (Grove & { readonly parentKnown: boolean })[] {
  const grove = read.wanted === null ? null : groveOf(read.receipts, read.wanted);
  return grove === null ? [] : [grove];
}

/** The tree of a bundle or an envelope, and everything else that is in it: one verdict, as untrusted as its worst key. */
export function verifyExport(read: ReadExport, file: string | null, options: VerifyOptions): TreeVerified {
  const tree = verifyTree({ root: read.root, others: read.others }, options);
  const checked = checkExport(read, file, options);
  const known = tree.fingerprints.includes(checked.fingerprint);
  const doubt = known ? null : trustFinding(checked.trust, [checked.fingerprint]);
  const place = file === null ? {} : { file };
  const doubts = doubt === null ? [] : [{ ...doubt, path: "envelope.signatures[0]", receiptId: tree.rootId, ...place }];
  return {
    ...tree,
    integrity: tree.integrity && checked.findings.length === 0,
    trust: worse(tree.trust, checked.trust),
    fingerprints: [...new Set([...tree.fingerprints, checked.fingerprint])].sort(),
    findings: [...tree.findings, ...checked.findings, ...doubts],
  };
}
