/**
 * A receipt tree: every child is there, is the one its parent names, and names its parent (spec/skill-graph.md §6.5).
 *
 * Order of the findings: duplicates, each receipt by itself, then the walk from the root. Bounded by depth, breadth
 * and the number of supplied receipts; a cycle ends where it closes.
 */
import type { Finding } from "./findings.ts";
import { receiptIdOf, receiptUri, type Receipt, type Reference } from "./model.ts";
import type { Trust } from "./keyring.ts";
import { trustFinding, worse } from "./trust.ts";
import { verifyOne, type OneVerified, type VerifyOptions } from "./verify-one.ts";

/** Levels below the root, and children of one receipt. */
export const MAX_TREE_DEPTH = 64;
export const MAX_TREE_BREADTH = 1024;

/** A receipt as it was supplied: what was read, from where, and what was wrong with its text. */
export interface SuppliedReceipt {
  readonly receipt: Receipt;
  readonly file: string | null;
  readonly findings: readonly Finding[];
}

/** What is supplied to a tree. */
export interface TreeInput {
  readonly root: SuppliedReceipt;
  /** All others that claim to belong to it, in any order. */
  readonly others: readonly SuppliedReceipt[];
  /** The root's own parent is at hand and was only not asked for. */
  readonly parentKnown?: boolean;
  /** Ids of receipts that are there but could not be read, with the reason. */
  readonly unreadable?: ReadonlyMap<string, string>;
}

/** What came of a tree. */
export interface TreeVerified {
  readonly rootId: string;
  /** Receipts that were looked at. */
  readonly count: number;
  /** The root names a parent that was not supplied. */
  readonly parentMissing: boolean;
  /** Everything agrees: digests, ids, links, signatures. */
  readonly integrity: boolean;
  /** The least trust among its signatures; `pinned`: every one is of a pinned key. */
  readonly trust: Trust;
  /** Fingerprints of the keys that signed, sorted. */
  readonly fingerprints: readonly string[];
  readonly pseudo: boolean;
  readonly findings: readonly Finding[];
}

/** Verifies a whole tree. */
export function verifyTree(input: TreeInput, options: VerifyOptions): TreeVerified {
  const walk = new Walk(input, options);
  return walk.run();
}

class Walk {
  private readonly findings: Finding[] = [];
  private readonly byId = new Map<string, SuppliedReceipt[]>();
  private readonly reached = new Set<string>();
  private readonly prints = new Set<string>();
  /** Fingerprints by what is thought of them. */
  private readonly byTrust = new Map<Trust, Set<string>>();
  private trust: Trust = "pinned";
  private pseudo = false;
  private readonly input: TreeInput;
  private readonly options: VerifyOptions;

  constructor(input: TreeInput, options: VerifyOptions) {
    this.input = input;
    this.options = options;
  }

  run(): TreeVerified {
    const { root, others } = this.input;
    const all = [root, ...others];
    this.duplicates(all);
    for (const [at, one] of all.entries()) this.one(one, at);
    this.visit(root, 0, new Set());
    this.orphans(others);
    const parentMissing = root.receipt.lineage?.parent !== undefined && this.input.parentKnown !== true;
    if (parentMissing) {
      const message = "the receipt names a parent that was not supplied, so this is a part of something";
      this.add(root, "ParentReceiptMissing", "lineage.parent", message);
    }
    const broken = this.findings.length > 0;
    this.doubts(root);
    return {
      rootId: root.receipt.id,
      count: all.length,
      parentMissing,
      integrity: !broken,
      trust: this.trust,
      fingerprints: [...this.prints].sort(),
      pseudo: this.pseudo,
      findings: this.findings,
    };
  }

  private duplicates(all: readonly SuppliedReceipt[]): void {
    for (const [at, one] of all.entries()) {
      const same = this.byId.get(one.receipt.id);
      if (same === undefined) {
        this.byId.set(one.receipt.id, [one]);
        continue;
      }
      same.push(one);
      this.add(one, "DuplicateChildReceipt", `children[${at - 1}].id`, "child receipt ids must be unique");
    }
  }

  private one(supplied: SuppliedReceipt, at: number): void {
    const verified: OneVerified = verifyOne(supplied.receipt, this.options);
    this.prints.add(verified.fingerprint);
    this.trust = worse(this.trust, verified.trust);
    this.byTrust.set(verified.trust, (this.byTrust.get(verified.trust) ?? new Set()).add(verified.fingerprint));
    if (verified.pseudo) this.pseudo = true;
    const prefix = at === 0 ? "" : `children[${at - 1}].`;
    for (const found of [...supplied.findings, ...verified.findings]) {
      this.add(supplied, found.code, found.path === "$" ? found.path : prefix + found.path, found.message);
    }
  }

  private visit(supplied: SuppliedReceipt, depth: number, above: ReadonlySet<string>): void {
    const { id, lineage } = supplied.receipt;
    this.reached.add(id);
    const children = lineage?.children ?? [];
    if (children.length === 0) return;
    if (depth >= MAX_TREE_DEPTH) {
      const message = `a receipt tree has at most ${MAX_TREE_DEPTH} levels below its root`;
      return this.add(supplied, "ChildReceiptDepthLimit", "lineage.children", message);
    }
    if (children.length > MAX_TREE_BREADTH) {
      const message = `a receipt has at most ${MAX_TREE_BREADTH} children`;
      return this.add(supplied, "ChildReceiptBreadthLimit", "lineage.children", message);
    }
    const line = new Set(above).add(id);
    const seen = new Set<string>();
    for (const [at, reference] of children.entries()) {
      const path = `lineage.children[${at}]`;
      const child = this.resolve(supplied, reference, path, seen, line);
      if (child === null) continue;
      this.link(supplied, reference, child, path);
      // Where two parents name one child, the parent link above tells; it is walked once.
      if (!this.reached.has(child.receipt.id)) this.visit(child, depth + 1, line);
    }
  }

  private resolve(
    parent: SuppliedReceipt,
    reference: Reference,
    path: string,
    seen: Set<string>,
    line: ReadonlySet<string>,
  ): SuppliedReceipt | null {
    const id = receiptIdOf(reference.uri);
    if (id === null) {
      const message = "child receipt ref must be a typed runx receipt URI";
      this.add(parent, "ChildReceiptRefMalformed", `${path}.uri`, message);
      return null;
    }
    if (seen.has(id)) {
      this.add(parent, "DuplicateChildReceipt", path, "child receipt ids must be unique");
      return null;
    }
    seen.add(id);
    if (line.has(id)) {
      this.add(parent, "ChildReceiptCycle", path, "child receipt refs must not lead back to a receipt above");
      return null;
    }
    const found = this.byId.get(id) ?? [];
    if (found.length > 1) {
      this.add(parent, "ChildReceiptAmbiguous", path, "child receipt ref must resolve to exactly one receipt");
      return null;
    }
    const only = found[0];
    if (only !== undefined) return only;
    const why = this.input.unreadable?.get(id);
    if (why === undefined)
      this.add(parent, "ChildReceiptMissing", path, "child receipt ref must resolve to a supplied child receipt");
    else this.add(parent, "ChildReceiptResolverError", path, `the child receipt could not be read: ${why}`);
    return null;
  }

  private link(parent: SuppliedReceipt, reference: Reference, child: SuppliedReceipt, path: string): void {
    if (reference.locator !== child.receipt.digest) {
      const message = "child receipt ref must hold the exact digest of the child receipt in its locator";
      this.add(parent, "ChildReceiptDigestMismatch", `${path}.locator`, message);
    }
    const back = child.receipt.lineage?.parent;
    if (back?.type === "receipt" && back.uri === receiptUri(parent.receipt.id)) return;
    const message = `child receipt must name its parent: ${path} of ${parent.receipt.id} lists it`;
    this.add(child, "ChildReceiptParentMismatch", "lineage.parent", message);
  }

  private orphans(others: readonly SuppliedReceipt[]): void {
    for (const [at, one] of others.entries()) {
      if (this.reached.has(one.receipt.id)) continue;
      const message = "supplied child receipts must be reachable from the root receipt";
      this.add(one, "OrphanChildReceipt", `children[${at}]`, message);
    }
  }

  /** One finding of a kind for the tree: whoever reads it needs the fingerprints, not a line for every receipt. */
  private doubts(root: SuppliedReceipt): void {
    for (const [trust, prints] of this.byTrust) {
      const doubt = trustFinding(trust, [...prints].sort());
      if (doubt !== null) this.add(root, doubt.code, doubt.path, doubt.message);
    }
  }

  private add(supplied: SuppliedReceipt, code: Finding["code"], path: string, message: string): void {
    const place = supplied.file === null ? {} : { file: supplied.file };
    this.findings.push({ code, path, message, receiptId: supplied.receipt.id, ...place });
  }
}
