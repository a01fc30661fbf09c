/** File > New: a graph document of a dialect, empty or as a commented starter, untitled until it is saved. */
import * as vscode from "vscode";
import { newWorkflow } from "../runtime/begin.ts";
import { starters, type StarterDialect } from "../runtime/starters.ts";

interface Choice extends vscode.QuickPickItem {
  readonly language: string;
  text(): string;
}

const starterText = (dialect: StarterDialect): string => starters[dialect].files[0]?.text ?? "";

const choices: readonly Choice[] = [
  {
    label: "Workflow",
    description: "TOML, with a way in and no nodes yet",
    language: "toml",
    text: () => newWorkflow("untitled"),
  },
  {
    label: "Workflow, a commented starter",
    description: "TOML",
    language: "toml",
    text: () => starterText("workflow"),
  },
  {
    label: "Skill graph, a commented starter",
    description: "YAML",
    language: "yaml",
    text: () => starterText("skill"),
  },
  {
    label: "Pipeline",
    description: "spec.kv",
    language: "countersign-pipeline",
    text: () => starterText("pipeline"),
  },
];

/** Asks which, and opens it. */
export async function newGraph(): Promise<void> {
  const choice = await vscode.window.showQuickPick(choices, { placeHolder: "Which graph document?" });
  if (choice === undefined) return;
  const document = await vscode.workspace.openTextDocument({ language: choice.language, content: choice.text() });
  await vscode.window.showTextDocument(document);
}
