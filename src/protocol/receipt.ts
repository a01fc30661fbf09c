/**
 * What the receipt editor's page and its host say to each other: closed unions, checked with zod at both ends, with a
 * version. The page judges nothing: it shows what was read and verified, and says what its reader wants.
 *
 * Invariants: every text is one line that hides and reorders nothing (what would is shown by its code), is text and
 * never markup, and is short; lists are bounded, with the number of what is left out; values of nodes are not among
 * them but where a bundle discloses them.
 */
import { z } from "zod";

/** Changes with every change of these messages that an older page or host would misread. */
export const RECEIPT_PROTOCOL = 1;

const count = z.number().int().min(0);

/** How something is meant; colours follow it, and words say it too. */
export const tone = z.enum(["plain", "good", "bad", "wait"]);

/**
 * What came of verifying. `untrusted`: whole, but of a key that nobody here trusts; `refused`: of a key that was revoked
 * or not in force; `unchecked`: nothing here can say.
 */
export const standing = z.enum(["verified", "untrusted", "refused", "broken", "unchecked"]);

/** Something that is wrong, and where. `receipt` null: in the file around the receipts. */
export const receiptFinding = z.object({
  code: z.string(),
  message: z.string(),
  receipt: z.string().nullable(),
  /** What the receipt is of, for people. */
  about: z.string(),
  /** The field, `acts[0].summary`. */
  path: z.string(),
  /** Name of the file. */
  file: z.string().nullable(),
});

/** One line of what a receipt says. */
export const receiptRow = z.object({
  /** The field; rows are unique by it. */
  path: z.string(),
  label: z.string(),
  text: z.string(),
  tone,
  /** Digests, names and codes. */
  code: z.boolean(),
  /** The text can be copied as it stands. */
  copy: z.boolean(),
  /** What is wrong here. */
  wrong: z.array(z.object({ code: z.string(), message: z.string() })),
});

/** Lines that belong together. */
export const receiptSection = z.object({
  key: z.string(),
  title: z.string(),
  rows: z.array(receiptRow),
  /** Said where there are no rows. */
  empty: z.string(),
  /** Rows that are left out. */
  more: count,
});

/** A receipt with everything that is shown of it. */
export const receiptDetail = z.object({
  id: z.string(),
  title: z.string(),
  /** It can be opened by itself. */
  file: z.boolean(),
  sections: z.array(receiptSection),
});

/** A receipt in the tree of receipts; the tree is in walking order. */
export const receiptNode = z.object({
  id: z.string(),
  depth: count,
  label: z.string(),
  kind: z.string(),
  disposition: z.string(),
  tone,
  when: z.string(),
  /** Findings at this receipt itself. */
  wrong: count,
  /** Findings below it. */
  wrongBelow: count,
});

/** A key that signed. */
export const receiptKey = z.object({
  fingerprint: z.string(),
  names: z.string(),
  /** Why it is trusted, or that it is not. */
  words: z.string(),
  tone,
});

/** A file of receipts that could be read. */
export const receiptView = z.object({
  type: z.literal("receipts"),
  /** The file's name. */
  name: z.string(),
  title: z.string(),
  form: z.enum(["receipt", "bundle", "attestation"]),
  standing,
  /** The verdict in a few words, and in sentences. */
  verdict: z.string(),
  lines: z.array(z.string()),
  keys: z.array(receiptKey),
  findings: z.array(receiptFinding),
  moreFindings: count,
  /** Of the file as a whole. */
  sections: z.array(receiptSection),
  nodes: z.array(receiptNode),
  moreNodes: count,
  /** The receipt that the file is of, or the run's. */
  main: z.string(),
  /** The receipt above it, which can be opened; null for none. */
  above: z.object({ id: z.string(), label: z.string() }).nullable(),
  /** What the command line checks it with. */
  command: z.string(),
});

/** A file that holds no readable receipt. */
export const unreadableView = z.object({
  type: z.literal("unreadable"),
  name: z.string(),
  /** A sentence. */
  sentence: z.string(),
  /** What the reader says, with the field where there is one. */
  details: z.array(z.string()),
});

/** What the page shows. */
export const anyReceiptView = z.discriminatedUnion("type", [receiptView, unreadableView]);

/** Host to page. */
export const receiptToPage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("show"), view: anyReceiptView, detail: receiptDetail.nullable() }),
  z.object({ type: z.literal("detail"), detail: receiptDetail }),
  /** Shows a place of the receipt that is shown; `""` is its beginning. */
  z.object({ type: z.literal("reveal"), receipt: z.string(), path: z.string() }),
  z.object({ type: z.literal("said"), text: z.string() }),
]);

/** Page to host. */
export const receiptFromPage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), protocol: z.number() }),
  z.object({ type: z.literal("select"), receipt: z.string() }),
  z.object({ type: z.literal("copy"), text: z.string().max(4096) }),
  z.object({ type: z.literal("openText") }),
  z.object({ type: z.literal("open"), receipt: z.string() }),
  z.object({ type: z.literal("export") }),
  z.object({ type: z.literal("problem"), message: z.string() }),
]);

/** See {@link standing}. */
export type Standing = z.infer<typeof standing>;
/** See {@link tone}. */
export type Tone = z.infer<typeof tone>;
/** See {@link receiptFinding}. */
export type ReceiptFinding = z.infer<typeof receiptFinding>;
/** See {@link receiptRow}. */
export type ReceiptRow = z.infer<typeof receiptRow>;
/** See {@link receiptSection}. */
export type ReceiptSection = z.infer<typeof receiptSection>;
/** See {@link receiptDetail}. */
export type ReceiptDetail = z.infer<typeof receiptDetail>;
/** See {@link receiptNode}. */
export type ReceiptNode = z.infer<typeof receiptNode>;
/** See {@link receiptKey}. */
export type ReceiptKey = z.infer<typeof receiptKey>;
/** See {@link receiptView}. */
export type ReceiptView = z.infer<typeof receiptView>;
/** See {@link anyReceiptView}. */
export type AnyReceiptView = z.infer<typeof anyReceiptView>;
/** See {@link receiptToPage}. */
export type ReceiptToPage = z.infer<typeof receiptToPage>;
/** See {@link receiptFromPage}. */
export type ReceiptFromPage = z.infer<typeof receiptFromPage>;
