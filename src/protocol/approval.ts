/**
 * What the page of one request and its host say to each other (spec/editor.md §7): closed unions, checked with zod at both
 * ends. The page holds no truth and no key: it shows what it is told and says what its user wants.
 *
 * Invariants: an answer names the digest of what was shown; texts of documents and runs cross as they are and are made
 * visible by whoever shows them; no secret and no private key is in any message.
 */
import { z } from "zod";

/** Changes with every change of these messages that an older page or host would misread. */
export const APPROVAL_PROTOCOL = 1;

const text = z.string();
const moment = z.number();

/** One value with a name; `text` is JSON, shortened where `cut`. `large`: it is folded until somebody wants it. */
const namedValue = z.object({ name: text, type: text, text, large: z.boolean(), cut: z.boolean() });
export type NamedValue = z.infer<typeof namedValue>;

/** A text that may be the beginning of a longer one. */
const content = z.object({ text, cut: z.boolean() });

const change = z.discriminatedUnion("type", [
  z.object({ type: z.literal("diff"), lines: z.array(text), isNew: z.boolean(), cut: z.boolean() }),
  z.object({ type: z.literal("unknown"), why: text }),
]);

/** One of the approver's keys. `trusted` null: it counts here; else why not. */
const ownKey = z.object({ kid: text, fingerprint: text, principal: text, trusted: text.nullable() });

/** Everything about one request, as it is now. */
export const approvalView = z.object({
  /** Over what an answer is about; every answer echoes it. */
  digest: text,
  /** Whether what is shown is what the request's digest binds; `masked`: only the run can tell. */
  bound: z.enum(["bound", "masked", "forged"]),
  status: z.enum(["open", "expired", "approved", "denied"]),
  id: text,
  subject: text,
  /** What it asks for, in a sentence of ours. */
  asks: text,
  reason: text.nullable(),
  rule: text.nullable(),
  place: text,
  step: text,
  runId: text,
  workflow: text,
  dialect: text,
  document: text,
  /** The file as people in this window call it. */
  documentName: text,
  documentDigest: text,
  environment: text,
  requester: z.object({ principal: text, signed: z.boolean() }),
  askedAt: moment,
  /** Milliseconds since 1970; null: never. */
  expiresAt: moment.nullable(),
  effect: z
    .object({
      kind: text,
      facts: z.array(z.tuple([text, text])),
      content: content.nullable(),
      change: change.nullable(),
    })
    .nullable(),
  /** What is asked about, where nothing would be done. */
  about: z.array(namedValue),
  input: z.array(namedValue),
  soFar: z.array(z.object({ node: text, outcome: text })),
  picture: z.object({ light: text, dark: text, said: text }).nullable(),
  terms: z
    .object({
      needed: z.number().int(),
      notRequester: z.boolean(),
      approvers: z.array(text).nullable(),
      signed: z.boolean(),
      answerSchema: text.nullable(),
      capability: text,
      inputDigest: text.nullable(),
    })
    .nullable(),
  effectDigest: text.nullable(),
  given: z.array(z.object({ principal: text, approved: z.boolean(), expiresAt: text })),
  answer: z.object({ by: text, reason: text.nullable(), at: moment, signed: z.boolean() }).nullable(),
  signing: z.object({
    /** Only a signed approval counts, and only a signed denial. */
    approve: z.boolean(),
    deny: z.boolean(),
    /** Who an unsigned answer comes from. */
    principal: text,
    keys: z.array(ownKey),
  }),
  /** What has to be typed before Approve is there; null outside of prod. */
  toType: text.nullable(),
  /** Whether this window goes on with the run, or why not; and what somebody types elsewhere. */
  resume: z.object({ why: text.nullable(), command: text }),
});
export type ApprovalView = z.infer<typeof approvalView>;

/** What the host says. */
export const toApproval = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("show"),
    view: approvalView,
    /** What the page keeps of itself, so that it can be shown again in a next window. */
    keep: z.object({ source: text, runId: text, id: text, askedAt: moment }),
  }),
  /** The request cannot be shown. */
  z.object({ type: z.literal("missing"), message: text }),
  /** What came of what was asked for. `tone` decides how it is announced. */
  z.object({ type: z.literal("said"), tone: z.enum(["good", "bad", "plain"]), message: text, next: text.nullable() }),
  /** The host is at work on an answer, or has done with it. */
  z.object({ type: z.literal("busy"), busy: z.boolean() }),
]);
export type ToApproval = z.infer<typeof toApproval>;

/** What the page says. */
export const fromApproval = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), protocol: z.number() }),
  z.object({ type: z.literal("problem"), message: text.max(4_000) }),
  z.object({
    type: z.literal("answer"),
    digest: text.max(100),
    approved: z.boolean(),
    reason: text.max(2_000),
    /** JSON text of a typed answer; null where yes or no is asked. */
    typed: text.max(100_000).nullable(),
    /** The key to sign with; null: without a signature. */
    kid: text.max(100).nullable(),
    /** What was typed of {@link ApprovalView.toType}. */
    target: text.max(2_000),
  }),
  /** Goes on with a run whose request has expired or has been answered. */
  z.object({ type: z.literal("goOn") }),
  z.object({ type: z.literal("makeKey") }),
  z.object({ type: z.literal("exportKey"), kid: text.max(100) }),
  z.object({ type: z.literal("copy"), what: z.enum(["fingerprint", "resume", "digest", "trust"]), kid: text.max(100) }),
  z.object({ type: z.literal("openDocument") }),
  z.object({ type: z.literal("openGraph") }),
]);
export type FromApproval = z.infer<typeof fromApproval>;
