/** What the extension says about approvals. Texts of runs are made visible before they get into a sentence. */
import { visibleText } from "../../graph/visible.ts";
import type { EndedRequest, ListedRequest } from "../../runtime/approvals/source.ts";

/** Longest stretch of a run's text in a label or a notification, in characters. */
const MAX_LABEL = 140;

/** A text of a run on one line, short and visible. */
export function label(text: string): string {
  const shown = visibleText(text.slice(0, MAX_LABEL + 1));
  return text.length <= MAX_LABEL ? shown : `${shown.slice(0, MAX_LABEL)}…`;
}

/** Sentences, labels and titles. */
export const words = {
  view: "Approvals",
  history: "Approval History",
  badge: (count: number): string => (count === 1 ? "1 request waits" : `${count} requests wait`),
  arrived: (one: ListedRequest): string => `${label(one.workflow)} asks for an answer: ${label(one.asks)}`,
  arrivedMany: (count: number): string => `${count} requests wait for an answer.`,
  review: "Review",
  later: "Later",
  showOnCanvas: "Show on Canvas",
  nothingWaits: "Nothing waits for an answer.",
  unreadable: (why: string): string => `Cannot be read: ${why}`,
  expired: "expired",
  has: (have: number, needed: number): string => `${have} of ${needed}`,
  ended: ({ answer }: EndedRequest): string =>
    answer.by === "expiry" ? "expired" : `${answer.approved ? "approved" : "denied"} by ${label(answer.by)}`,
  pageTitle: (place: string, over: boolean): string => (over ? `Request ${label(place)}` : `Approve ${label(place)}?`),
  untrusted: "This workspace is not trusted, so nothing of it is answered or run. Trust it first.",
  changed: "It changed since it was shown, so nothing was signed. This is how it is now.",
  gone: (why: string): string => `Nothing was signed: ${why}.`,
  refused: (why: string): string => `Nothing was signed: ${why}.`,
  notTyped: (name: string): string => `Nothing was signed: this is prod, and ${label(name)} was not typed.`,
  noKey: "Nothing was signed: that key is not there any more.",
  notJson: "Nothing was signed: the answer is not JSON.",
  goneBack: "Nothing was signed.",
  modal: {
    // What is asked stands last, as it is: it may be words, a question or a sentence.
    approve: (asks: string): string => `Approve: ${label(asks)}`,
    deny: (asks: string): string => `Deny: ${label(asks)}`,
    approveSigned: "Approve and Sign",
    approveUnsigned: "Approve",
    denySigned: "Deny and Sign",
    denyUnsigned: "Deny",
    back: "Look Again",
    detail: (lines: readonly (readonly [string, string])[]): string =>
      lines.map(([name, text]) => `${name}: ${text}`).join("\n"),
  },
  goesOn: (approved: boolean): string =>
    approved ? "Approved. The run goes on; the canvas shows it." : "Denied. The run goes on to where a denial leads.",
  ends: "The run goes on to where an expired request leads.",
  notGoingOn: (why: string): string => `The answer is kept, but the run does not go on here: ${why}.`,
  more: (have: number, needed: number): string =>
    `Your approval is kept: ${have} of ${needed} are there. The run goes on when ${needed - have === 1 ? "one more" : `${needed - have} more`} of other principals ${needed - have === 1 ? "has" : "have"} signed.`,
  doesNotCount: (why: string): string => `It is signed and kept, but it does not count: ${why}`,
  trustFirst: (fingerprint: string): string =>
    `Whoever operates this place runs \`countersign keys trust FILE\` with your public key and compares the fingerprint ${fingerprint} with you. Then press Go On here, or approve again.`,
  kept: (why: string, command: string): string =>
    `Signed and kept, but this window does not go on with the run (${why}). Go on with: ${command}`,
  elsewhere: "its document is not in this window",
  cannotResume: (why: string): string => `The run does not go on: ${why}`,
  copied: (what: string): string => `Copied ${what}.`,
} as const;
