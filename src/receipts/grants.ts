/** Approvals as references: a grant names its request, and by digest the credential that was signed. Pure. */
import type { ApprovalAnswer, CredentialRef } from "../effects/events.ts";
import type { Reference } from "./model.ts";

/** An answer to a request, or a credential that a decision rests on. */
export function grant(id: string, word: "approved" | "denied", by: string, signed: CredentialRef | null): Reference {
  return {
    ...(by === "" ? {} : { label: `${word} by ${by}` }),
    ...(signed === null ? {} : { locator: signed.digest }),
    type: "grant",
    uri: `countersign:approval:${id}`,
  };
}

/** What an answer rests on: the credentials that were signed for it, or somebody's word. */
export function answers(event: ApprovalAnswer & { readonly id: string }): readonly Reference[] {
  const word = event.approved ? "approved" : "denied";
  const signed = event.credentials ?? [];
  if (signed.length === 0) return [grant(event.id, word, event.by, null)];
  return signed.map((one) => grant(event.id, word, one.principal, one));
}

/** Adds what is not there: a decision made again names the same credential again. */
export function addNew(to: Reference[], some: readonly Reference[]): void {
  for (const one of some) {
    const same = (other: Reference): boolean =>
      one.locator === undefined ? other.uri === one.uri : other.locator === one.locator;
    if (!to.some(same)) to.push(one);
  }
}
