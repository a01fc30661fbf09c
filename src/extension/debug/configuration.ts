/** Configurations for F5, lenses and canvases: a dry run of the document that stops at its first node. */
import path from "node:path";
import * as vscode from "vscode";
import { inputQuestion, loadForRun, type InputAnswer } from "../../runtime/editor-run/index.ts";
import { DEBUG_TYPE } from "../manifest-debug.ts";
import { askInput } from "../run/ask.ts";
import { chooseStart } from "../run/choose-start.ts";
import { LastInputs } from "../run/last-inputs.ts";
import { placeOf } from "../run/place.ts";
import { words } from "../run/words.ts";

/** Asks what is not said; undefined when the question was dismissed or the document cannot be run. */
export async function configurationFor(
  document: vscode.Uri,
  start: string | null,
  context: vscode.ExtensionContext,
): Promise<vscode.DebugConfiguration | undefined> {
  const name = path.posix.basename(document.path);
  if (document.scheme !== "file") return refuse(words.notAFile);
  const place = placeOf(document, start);
  const loaded = await loadForRun(place, true);
  if (!loaded.ok) return refuse(words.refused(true, name, loaded.problem.message));
  const { graph } = loaded.loaded;
  const chosen = await chooseStart(document, start, graph);
  if (chosen === undefined) return undefined;
  const about = { document, start: chosen, dry: true, last: new LastInputs(context.workspaceState) };
  const answer = await askInput(await inputQuestion(graph, chosen, place), about);
  if (answer === undefined) return undefined;
  return {
    type: DEBUG_TYPE,
    request: "launch",
    name: words.running(true, name),
    program: place.file,
    stopOnEntry: true,
    ...(chosen === null || place.file !== document.fsPath ? {} : { start: chosen }),
    ...given(answer),
  };
}

function given(answer: InputAnswer): object {
  switch (answer.type) {
    case "none":
      return {};
    case "text":
      return { input: answer.text };
    case "file":
      return { inputFile: answer.file };
    case "fixture":
      return { fixture: answer.file };
  }
}

function refuse(sentence: string): undefined {
  void vscode.window.showErrorMessage(sentence);
  return undefined;
}
