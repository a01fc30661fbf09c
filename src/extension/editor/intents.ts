/** What the page wants done to the document: planned on the text as it is, applied as one edit (spec/editor.md §2). */
import * as vscode from "vscode";
import {
  applyEdits,
  beginning,
  planOnCanvas,
  type HeldDrawing,
  type OpenLive,
  type TextEdit,
} from "../../runtime/canvas/index.ts";
import type { PageIntent } from "../../protocol/webview.ts";
import { documentName } from "../document-name.ts";
import type { DocumentEdits } from "./apply.ts";
import type { DrawnDocument } from "./drawn.ts";
import type { PlacesStore } from "./places.ts";
import { renameThroughServer } from "./rename.ts";

/** What became of an intent; `select` is the key of what it made. */
export type Answer =
  | { readonly ok: true; readonly message: null; readonly select: string | null }
  | { readonly ok: false; readonly message: string; readonly select: null };

/** The document that intents are for. */
export interface Target {
  readonly document: vscode.TextDocument;
  readonly canvas: DrawnDocument;
  readonly edits: DocumentEdits;
  readonly places: PlacesStore;
  readonly open: OpenLive;
  /** Reads the present text before an edit is planned. */
  read(): void;
}

const broken = "the text does not parse; editing goes on when it does";

/**
 * Does what was asked for, or says why not. `base`: the drawing that it was asked on, by the version of its text; what
 * cannot be meant for the present text any more is refused.
 */
export async function perform(target: Target, base: number | HeldDrawing, intent: PageIntent): Promise<Answer> {
  const { canvas, document } = target;
  const wanted = await withClipboard(intent);
  let select: string | null = null;
  let rename: { readonly offset: number; readonly to: string } | null = null;
  let dropped: Promise<void> | null = null;
  const message = await target.edits.apply(() => {
    target.read();
    if (wanted.type === "begin") return beginningOf(document);
    if (canvas.broken !== null || canvas.state === null) return broken;
    const meant = canvas.sent.rebase(base, wanted);
    if (typeof meant === "string") return meant;
    const plan = planOnCanvas(canvas.state, meant, target.open);
    if (plan.type === "refused") return plan.message;
    if (plan.type === "rename") {
      rename = plan;
      return [];
    }
    const lost = canvas.sent.refusal(base, plan.edits);
    if (lost !== null) return lost;
    canvas.sent.expect(applyEdits(canvas.state.live.text, plan.edits));
    select = plan.select;
    // What is dropped somewhere stays there.
    if ("at" in wanted && wanted.at !== null && select !== null)
      dropped = target.places.keep(document.uri, { [select]: wanted.at });
    return plan.edits;
  });
  await (dropped as Promise<void> | null);
  const failure = message ?? (await renamed(target, rename));
  return failure === null ? { ok: true, message: null, select } : { ok: false, message: failure, select: null };
}

/** The edit that makes a graph of a blank file. */
function beginningOf(document: vscode.TextDocument): readonly TextEdit[] | string {
  const text = document.getText();
  const made = text.trim() === "" ? beginning(documentName(document)) : null;
  return made === null ? "only a blank file can become a graph" : [{ range: [0, text.length], text: made }];
}

async function withClipboard(intent: PageIntent): Promise<PageIntent> {
  if (intent.type !== "paste" || intent.text !== null) return intent;
  return { type: "paste", text: await vscode.env.clipboard.readText() };
}

async function renamed(
  { document, canvas }: Target,
  rename: { readonly offset: number; readonly to: string } | null,
): Promise<string | null> {
  if (rename === null) return null;
  return renameThroughServer(document, rename, (text) => {
    canvas.sent.expect(text);
  });
}
