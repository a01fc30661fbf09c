/**
 * Bodies -> sealed receipts that name each other (spec/skill-graph.md §6.4): ids first, from the top, since lineage is
 * not part of an id; then, from the leaves, links, digests and signatures.
 *
 * More than {@link MAX_CHILDREN} children become groups of at most so many, with as many levels as it takes.
 */
import { canonicalText, canonicalTextOf } from "./canonical.ts";
import { memberTexts, type MemberTexts } from "./digest.ts";
import { receiptUri, type Issuer, type Lineage, type Receipt, type ReceiptBody, type Reference } from "./model.ts";
import { issuerOf, signDigest, type ReceiptSigner } from "./sign.ts";

/** Most children of one receipt that this program writes (spec/runtime.md §8). */
export const MAX_CHILDREN = 1000;

/** What a receipt says, and what stands below it. */
export interface ReceiptNode {
  readonly body: ReceiptBody;
  readonly children: readonly ReceiptNode[];
}

/** Makes the body of a group of receipts; `index` counts from 0 within a level, levels from 1. */
export type GroupBody = (parent: ReceiptBody, level: number, index: number, members: number) => ReceiptBody;

/** A sealed receipt and the text its file holds. */
export interface SealedReceipt {
  readonly receipt: Receipt;
  readonly text: string;
}

/** Seals a tree. Children come before their parents, the root last; a store may write them in this order. */
export async function sealTree(
  root: ReceiptNode,
  signer: ReceiptSigner,
  groupBody: GroupBody,
): Promise<readonly SealedReceipt[]> {
  const issuer = issuerOf(signer);
  const sealed: SealedReceipt[] = [];
  await sealNode(identify(grouped(root, groupBody), issuer), null, signer, sealed);
  return sealed;
}

/** A node with at most {@link MAX_CHILDREN} children; groups keep the order. */
function grouped(node: ReceiptNode, groupBody: GroupBody): ReceiptNode {
  let children = node.children.map((child) => grouped(child, groupBody));
  for (let level = 1; children.length > MAX_CHILDREN; level++) {
    const groups: ReceiptNode[] = [];
    for (let from = 0; from < children.length; from += MAX_CHILDREN) {
      const members = children.slice(from, from + MAX_CHILDREN);
      groups.push({ body: groupBody(node.body, level, groups.length, members.length), children: members });
    }
    children = groups;
  }
  return { body: node.body, children };
}

/** A node whose id is known, with the canonical texts of its members. */
interface Identified {
  readonly body: ReceiptBody;
  readonly issuer: Issuer;
  readonly id: string;
  readonly texts: MemberTexts;
  readonly children: readonly Identified[];
}

function identify(node: ReceiptNode, issuer: Issuer): Identified {
  const texts = memberTexts({ ...node.body, issuer });
  const id = texts.id();
  return { body: node.body, issuer, id, texts, children: node.children.map((child) => identify(child, issuer)) };
}

async function sealNode(
  node: Identified,
  parent: string | null,
  signer: ReceiptSigner,
  sealed: SealedReceipt[],
): Promise<Reference> {
  const children: Reference[] = [];
  for (const child of node.children) children.push(await sealNode(child, node.id, signer, sealed));
  const own: Lineage = node.body.lineage ?? { children: [], sync: [] };
  const lineage: Lineage = {
    children,
    ...(parent === null ? {} : { parent: { type: "receipt", uri: receiptUri(parent) } }),
    ...(own.previous === undefined ? {} : { previous: own.previous }),
    ...(own.resume_ref === undefined ? {} : { resume_ref: own.resume_ref }),
    sync: own.sync,
  };
  const { texts } = node;
  texts.set("id", canonicalText(node.id));
  texts.set("lineage", canonicalTextOf(lineage));
  const digest = texts.digest();
  const signature = await signDigest(signer.signer, digest);
  texts.set("digest", canonicalText(digest));
  texts.set("signature", canonicalText(signature));
  const receipt: Receipt = { ...node.body, id: node.id, issuer: node.issuer, lineage, digest, signature };
  sealed.push({ receipt, text: texts.whole() });
  return { locator: digest, type: "receipt", uri: receiptUri(node.id) };
}
