/** All that the page of a request says, in one table. */
import type { ApprovalView } from "../../src/protocol/approval.ts";

const rules: Readonly<Record<string, string>> = {
  approval_missing: "policy leaves this to a person",
  pause: "the graph pauses here",
  approval: "an approval step of the graph",
  fanout: "a gate of the graph",
  doubt: "nobody knows whether it has happened already",
};

const verbs: Readonly<Record<string, string>> = {
  "http.request": "",
  "shell.run": "run",
  "fs.write": "write",
  "fs.mkdir": "make the folder",
  "mcp.tool": "call the tool",
  "model.call": "ask the model",
};

/** See the header. */
export const words = {
  /** What an effect of this kind does, before what it does it to; HTTP methods say it themselves. */
  verb: (kind: string): string => verbs[kind] ?? kind,
  title: (view: ApprovalView): string =>
    view.status === "open"
      ? "A run asks for your answer"
      : view.status === "expired"
        ? "This request has expired"
        : view.status === "approved"
          ? "This was approved"
          : "This was denied",
  asks: (asks: string): string => `It asks ${asks.startsWith("to ") ? "" : "for "}${asks}.`,
  what: "What would happen",
  nothing: "Nothing outside the run. It goes on.",
  why: "Why it is asked",
  noReason: "No reason is given.",
  rule: (rule: string): string => rules[rule] ?? "",
  content: "Content",
  contentCut: "This is its beginning; the digest is of all of it.",
  change: "Change to the file",
  newFile: "A new file:",
  sameFile: "The file stays as it is.",
  noChange: (why: string): string => `The change is not shown: ${why}.`,
  linesCut: "The rest of the change is not shown; the digest is of all of it.",
  about: "What it is asked about",
  input: "Input of the run",
  noInput: "The run was started without input.",
  valueCut: "shortened",
  run: "The run so far",
  picture: (said: string): string => `The run so far: ${said}`,
  nothingYet: "Nothing was done before this.",
  details: "What an answer is bound to",
  bound: "What is shown here is what these digests bind; it was digested again just now.",
  masked:
    "It holds secrets, or only a beginning is shown, so only the run itself can compare it with these digests; it does before anything happens.",
  forged:
    "Do not approve this. What is shown is not what its digest binds: somebody has changed the run’s journal. Nothing of it is signed.",
  answer: "Your answer",
  reason: "Reason",
  reasonHint: "Kept with the answer and in the receipts.",
  approve: "Approve…",
  deny: "Deny…",
  goOn: "Go On",
  goOnExpired: "Nobody answered in time. The run can go on to where an expired request leads.",
  goOnGiven: "Approvals are there. If they are enough by now, the run goes on with them.",
  typeTarget: (name: string): string => `This is prod. Type ${name} to approve`,
  signWith: "Sign with",
  unsigned: (principal: string): string => `no signature, as ${principal}`,
  givenUnsigned: (principal: string): string => `No signature is needed here. You answer as ${principal}.`,
  unsignedDeny: "no signature (only to deny)",
  mustSign: "Only a signed approval counts here.",
  noKey:
    "You have no signing key in this editor yet. A key is made once and stays here; its private part never leaves.",
  makeKey: "Make a Signing Key…",
  untrusted: (why: string): string => `What this key signs does not count here: ${why}.`,
  tellOperator:
    "Give your public key to whoever operates this place, and compare the fingerprint with them over another channel. They run `countersign keys trust FILE`. Nothing trusts a key by itself.",
  trusted: "This key is trusted here.",
  fingerprint: "Fingerprint",
  copyFingerprint: "Copy Fingerprint",
  copyKey: "Copy Public Key",
  saveKey: "Save Public Key…",
  who: "Who may answer",
  anybody: "Anybody whose key is trusted for approvals.",
  anybodyHere: "Anybody who can go on with the run; a signature is not needed here.",
  notRequester: (principal: string): string => `Not ${principal}, who started the run.`,
  needed: (needed: number): string =>
    needed === 1 ? "One approval is needed." : `${needed} approvals of different people are needed.`,
  given: "Signed so far",
  givenHint: "Each is checked again when the run goes on.",
  approvedBy: "approved",
  deniedBy: "denied",
  until: (time: string): string => `counts until ${time}`,
  noneGiven: "Nobody has signed an answer yet.",
  never: "It does not expire.",
  typed: "The answer",
  notOpen: (view: ApprovalView): string =>
    view.answer === null
      ? "Nothing can answer it any more."
      : `${view.answer.by === "expiry" ? "It expired" : `By ${view.answer.by}`}, ${new Date(view.answer.at).toLocaleString()}${view.answer.signed ? ", signed" : ""}.`,
  elsewhere: (why: string): string =>
    `This window does not go on with the run: ${why}. A signed answer is kept in the run’s folder.`,
  copyCommand: "Copy Command",
  openGraph: "Show on Canvas",
  openDocument: "Open Document",
  missing: "This request cannot be shown",
  busy: "Working…",
  loading: "Reading the request…",
} as const;

const units: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** A stretch of time in words, its two largest parts: `3 hours 12 minutes`, `59 seconds`. */
export function stretch(ms: number): string {
  let left = Math.max(0, Math.ceil(ms / 1000));
  const parts: string[] = [];
  for (const [seconds, name] of units) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? "0 seconds" : parts.join(" ");
}

/** When a request expires, as a sentence. */
export function expiryText(expiresAt: number | null, now: number): string {
  if (expiresAt === null) return words.never;
  return now >= expiresAt ? "It has expired." : `It expires in ${stretch(expiresAt - now)}.`;
}
