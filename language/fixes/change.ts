/**
 * What a code action does, before it is text: repairs and intents of documents, plain edits, new files. All dialects'
 * text edits are made by `src/dialects/edits`; here they are only gathered.
 *
 * Invariants: planning changes nothing and throws nothing; what would touch one piece of text in two ways is refused.
 */
import { applyEdits, finished, type TextEdit } from "../../src/dialects/edits/edit.ts";
import type { EditPlan, Intent } from "../../src/dialects/edits/intent.ts";
import { applyFix, planEdits } from "../../src/dialects/edits/plan.ts";
import { Refusal } from "../../src/dialects/edits/refusal.ts";
import type { Fix } from "../../src/graph/diagnostic.ts";
import type { Snapshot } from "../workspace.ts";

/** One change of a workspace. */
export type Change =
  | { readonly type: "repair"; readonly fix: Fix }
  | { readonly type: "intent"; readonly intent: Intent }
  /** In offsets of the document. */
  | { readonly type: "text"; readonly edits: readonly TextEdit[] }
  /** A file that is not there; `key` is its address (`uris.ts`). */
  | { readonly type: "create"; readonly key: string; readonly text: string }
  /** A change of another document. */
  | { readonly type: "elsewhere"; readonly document: Snapshot; readonly change: Change }
  | { readonly type: "all"; readonly changes: readonly Change[] };

/** Edits of one document. */
export interface DocumentEdits {
  readonly document: Snapshot;
  readonly edits: readonly TextEdit[];
}

/** A change, carried out on paper; or why it cannot be. */
export type Planned =
  | {
      readonly ok: true;
      readonly documents: readonly DocumentEdits[];
      readonly files: readonly { readonly key: string; readonly text: string }[];
    }
  | { readonly ok: false; readonly message: string };

/** Works a change of `document` out. */
export function planned(document: Snapshot, change: Change): Planned {
  const edits = new Map<Snapshot, TextEdit[]>();
  const files: { key: string; text: string }[] = [];
  try {
    gather(document, change, edits, files);
    const documents = [...edits].map(([one, all]) => ({ document: one, edits: finished(one.live.text, all) }));
    return { ok: true, documents, files };
  } catch (problem) {
    if (problem instanceof Refusal) return { ok: false, message: problem.message };
    throw problem;
  }
}

function gather(
  document: Snapshot,
  change: Change,
  edits: Map<Snapshot, TextEdit[]>,
  files: { key: string; text: string }[],
): void {
  switch (change.type) {
    case "all":
      for (const one of change.changes) gather(document, one, edits, files);
      return;
    case "elsewhere":
      gather(change.document, change.change, edits, files);
      return;
    case "create":
      files.push({ key: change.key, text: change.text });
      return;
    default:
      edits.set(document, [...(edits.get(document) ?? []), ...editsOf(document, change)]);
  }
}

function editsOf(
  { live }: Snapshot,
  change: Extract<Change, { type: "repair" | "intent" | "text" }>,
): readonly TextEdit[] {
  if (change.type === "text") return change.edits;
  const plan: EditPlan = change.type === "repair" ? applyFix(live, change.fix) : planEdits(live, change.intent);
  if (plan.ok) return plan.edits;
  throw new Refusal(plan.code, plan.message);
}

/** A text after edits in any order, those that overlap an earlier one left out. */
export function joined(text: string, all: readonly (readonly TextEdit[])[]): readonly TextEdit[] {
  const taken: TextEdit[] = [];
  for (const edits of all) {
    if (edits.some((edit) => taken.some((other) => overlap(edit, other)))) continue;
    taken.push(...edits);
  }
  const list = finished(text, taken);
  return applyEdits(text, list) === text ? [] : list;
}

/** Two insertions at one place count too: their order would be a guess. */
function overlap({ range: [from, to] }: TextEdit, { range: [start, end] }: TextEdit): boolean {
  return from === start || (from < end && start < to);
}
