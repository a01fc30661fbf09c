/**
 * What a view answers its page (spec/editor.md §3): each message of the protocol, and what it does.
 *
 * Invariant: the page asks, the host decides; nothing is taken from a message but what the protocol has words for.
 */
import * as vscode from "vscode";
import { copyNodes, offersAt, type HeldDrawing } from "../../runtime/canvas/index.ts";
import type { FromPage, PageIntent, ToPage } from "../../protocol/webview.ts";
import { EDITOR_TYPE } from "../manifest.ts";
import type { PageRuns } from "../run/hub.ts";
import type { DocumentEdits } from "./apply.ts";
import type { DrawnDocument } from "./drawn.ts";
import { pickFile } from "./files.ts";
import type { PageDebug } from "./page-debug.ts";
import { answerRun } from "./page-runs.ts";
import type { ViewServices } from "./services.ts";
import { reveal, showText } from "./text-beside.ts";

/** The view that answers. */
export interface AnsweringView {
  readonly document: vscode.TextDocument;
  readonly canvas: DrawnDocument;
  readonly edits: DocumentEdits;
  readonly services: ViewServices;
  runs(): PageRuns;
  debug(): PageDebug;
  send(message: ToPage): void;
  /** A refusal in the page's status line. */
  say(message: string): void;
  /** The page is there, and speaks this version of the protocol. */
  welcome(protocol: number): Promise<void>;
  /** An edit; `base`: the drawing that it was asked on. */
  perform(request: number, base: number | HeldDrawing, intent: PageIntent): Promise<void>;
  /** Another element is selected; null: the document. */
  choose(element: string | null): void;
  /** Draws a node's child inside it, or no more. */
  expand(node: string, open: boolean): Promise<void>;
  refresh(): Promise<void>;
  /** Saves what the page shows. */
  export(format: "svg" | "png", dark: boolean, png: string | null): Promise<void>;
}

/** Does what a message of the page asks for. What it rejects with is told to the log and the user by the view. */
export async function answerPage(view: AnsweringView, message: FromPage): Promise<void> {
  const { document, canvas, services } = view;
  switch (message.type) {
    case "ready":
      return view.welcome(message.protocol);
    case "intent":
      return view.perform(message.request, message.baseVersion, message.intent);
    case "select":
      view.choose(message.element);
      if (message.reveal && canvas.broken === null) {
        const range = canvas.rangeOf(message.element);
        if (range !== null) reveal(document, range);
      }
      return;
    case "openText":
      return showText(document, canvas.rangeOf(message.element));
    case "openChild": {
      const problem =
        canvas.state === null ? null : await canvas.children.openInEditor(canvas.state, message.node, EDITOR_TYPE);
      if (problem !== null) view.say(problem);
      return;
    }
    case "expand":
      return view.expand(message.node, message.open);
    case "collapse":
      if (message.closed) canvas.closed.add(message.frame);
      else canvas.closed.delete(message.frame);
      return view.refresh();
    case "complete": {
      const { request, element, path, text } = message;
      view.send({
        type: "completions",
        request,
        items: canvas.state === null ? [] : offersAt(canvas.state, element, path, text),
      });
      return;
    }
    case "pickFile": {
      const { request, baseVersion, node, path } = message;
      // The dialog may be open for long; the field is the one that was seen when it opened.
      const base = canvas.sent.hold(baseVersion);
      try {
        const file = await pickFile(document, message.role);
        if (file === null) return;
        await view.perform(request, base, { type: "set-field", element: node, path, value: JSON.stringify(file) });
      } finally {
        base.release();
      }
      return;
    }
    case "copy":
      return copy(view, message.nodes);
    case "export":
      return view.export(message.format, message.dark, message.png);
    case "moved":
      if (message.places === null) canvas.layout = null;
      return services.places.set(document.uri, message.places);
    case "start":
    case "cancelRun":
    case "resumeRun":
    case "acknowledge":
    case "dismissRun":
      return answerRun(message, document.uri, services.runs, view.runs());
    case "breakpoint":
    case "lookAtRun":
    case "debugLookAt":
    case "debugGo":
      return view.debug().answer(message);
    case "save":
      return view.edits.save();
    case "undo":
    case "redo":
      await vscode.commands.executeCommand(message.type);
      return;
    case "problem":
      services.log.error(`the graph editor's page: ${message.message}`);
      return;
  }
}

async function copy(view: AnsweringView, nodes: readonly string[]): Promise<void> {
  const { state } = view.canvas;
  if (state === null) return;
  const copied = copyNodes(state, nodes);
  if (!copied.ok) {
    view.say(copied.message);
    return;
  }
  await vscode.env.clipboard.writeText(copied.text);
}
