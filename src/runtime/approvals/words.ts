/** What an open request asks for, in a few words; for lists of the command line and the editor. Pure. */
import type { PendingApproval } from "../../governance/approvals/pending.ts";

/** What each kind of request asks for. */
export const subjects: Readonly<Record<PendingApproval["subject"], string>> = {
  pause: "to go on",
  approval: "a yes or no",
  effect: "an effect",
  fanout: "to pass a gate",
  doubt: "to repeat an effect that may have happened",
};

/** What would happen, else the reason; as the run says it, so it is to be made visible before it is shown. */
export function askedFor({ what, reason, subject }: PendingApproval): string {
  const { kind, facts } = what;
  if (kind === null) return reason === null || reason.trim() === "" ? subjects[subject] : reason;
  const fact = (name: string): string => facts.find(([key]) => key === name)?.[1] ?? "";
  const target = fact("url") || fact("program") || fact("path") || fact("tool") || fact("uri") || fact("backend");
  return [kind, fact("method"), target].filter((part) => part !== "").join(" ");
}
