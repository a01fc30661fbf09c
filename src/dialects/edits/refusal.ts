/**
 * Why an edit is not made. Within the rooms of text edits a refusal travels as a thrown value, because it ends work that
 * is many calls deep; `planEdits` turns it into a result, so that nobody else sees it thrown.
 */

/** The codes of refusals. */
export const editCodes = {
  edit_unsafe: "The text around the change could not be made out well enough to change it without harm.",
  edit_unknown: "There is nothing of that name or number in the document.",
  edit_not_expressible: "The dialect or its syntax has no way to say this.",
  edit_conflict: "The document would contradict itself afterwards, for instance by two nodes of one id.",
  edit_limit: "The change is larger than an edit may be.",
} as const satisfies Readonly<Record<string, string>>;

/** A code of {@link editCodes}. */
export type EditCode = keyof typeof editCodes;

/** A reason not to make an edit: a code, and a sentence that a person can act on. */
export class Refusal extends Error {
  readonly code: EditCode;

  constructor(code: EditCode, message: string) {
    super(message);
    this.code = code;
  }
}
