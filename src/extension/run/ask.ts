/** Asks for a run's input: one list of all the ways there are, then what that way needs. */
import path from "node:path";
import * as vscode from "vscode";
import { jsonProblemText, parseJson } from "../../graph/json.ts";
import {
  fieldProblem,
  payloadText,
  type InputAnswer,
  type InputField,
  type InputQuestion,
} from "../../runtime/editor-run/index.ts";
import type { LastInputs } from "./last-inputs.ts";
import { words } from "./words.ts";

interface Way extends vscode.QuickPickItem {
  answer(): Promise<InputAnswer | undefined>;
}

/** The answer of a person; undefined when it was dismissed. A document that reads nothing is not asked about. */
export async function askInput(
  question: InputQuestion,
  about: {
    readonly document: vscode.Uri;
    readonly start: string | null;
    readonly dry: boolean;
    readonly last: LastInputs;
  },
): Promise<InputAnswer | undefined> {
  const { document, start, dry, last } = about;
  const before = last.of(document, start);
  if (question.fields.length === 0 && question.fixtures.length === 0 && before === null) return { type: "none" };
  const ways = waysOf(question, before, dry, path.dirname(document.fsPath));
  const way = await vscode.window.showQuickPick(ways, { placeHolder: words.whichInput(dry), matchOnDescription: true });
  const answer = await way?.answer();
  if (answer !== undefined) await last.keep(document, start, answer);
  return answer;
}

function waysOf(question: InputQuestion, before: InputAnswer | null, dry: boolean, folder: string): Way[] {
  const { fields, fixtures, payloads, dialect } = question;
  const pipeline = dialect === "pipeline";
  const give = (answer: InputAnswer) => (): Promise<InputAnswer> => Promise.resolve(answer);
  const shown = (file: string): string => path.relative(folder, file);
  const ways: Way[] = [];
  if (before !== null)
    ways.push({
      label: words.last,
      description: answerText(before, shown),
      iconPath: icon("history"),
      answer: give(before),
    });
  for (const file of fixtures) {
    const description = dry ? words.fixtureDry : words.fixtureLive;
    ways.push({ label: shown(file), description, iconPath: icon("beaker"), answer: give({ type: "fixture", file }) });
  }
  for (const file of payloads)
    ways.push({ label: shown(file), iconPath: icon("json"), answer: give({ type: "file", file }) });
  if (fields.length > 0 && !pipeline) {
    const description = fields.map(({ name }) => name).join(", ");
    ways.push({ label: words.form, description, iconPath: icon("edit"), answer: () => fillIn(fields, before) });
  }
  const typed = before?.type === "text" ? before.text : pipeline ? "" : emptyPayload(fields);
  ways.push(
    {
      label: pipeline ? words.text : words.json,
      iconPath: icon("bracket"),
      answer: () => (pipeline ? typeText(typed) : typeJson(typed)),
    },
    { label: words.file, iconPath: icon("file"), answer: () => chooseFile(folder) },
    {
      label: words.none,
      description: pipeline ? "" : words.noneDetail,
      iconPath: icon("dash"),
      answer: give({ type: "none" }),
    },
  );
  return ways;
}

function icon(name: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(name);
}

function answerText(answer: InputAnswer, shown: (file: string) => string): string {
  if (answer.type === "none") return words.none;
  if (answer.type !== "text") return shown(answer.file);
  return answer.text.length <= 80 ? answer.text : `${answer.text.slice(0, 80)}…`;
}

/** A beginning for somebody who types: the members that are read, without their values. */
function emptyPayload(fields: readonly InputField[]): string {
  const names = fields.filter(({ name }) => !name.includes(".")).map(({ name }) => `${JSON.stringify(name)}: ""`);
  return `{ ${names.join(", ")} }`;
}

async function typeJson(value: string): Promise<InputAnswer | undefined> {
  const text = await vscode.window.showInputBox({
    ...{ value, prompt: words.typeJson, ignoreFocusOut: true },
    validateInput: (typed) => {
      const parsed = parseJson(typed);
      return parsed.ok ? null : jsonProblemText(parsed.problem);
    },
  });
  return text === undefined ? undefined : { type: "text", text };
}

async function typeText(value: string): Promise<InputAnswer | undefined> {
  const text = await vscode.window.showInputBox({ value, prompt: words.typeText, ignoreFocusOut: true });
  return text === undefined ? undefined : { type: "text", text };
}

async function chooseFile(folder: string): Promise<InputAnswer | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({ defaultUri: vscode.Uri.file(folder), canSelectMany: false })) ?? [];
  return file === undefined ? undefined : { type: "file", file: file.fsPath };
}

/** One box for each field, with a way back. */
async function fillIn(fields: readonly InputField[], before: InputAnswer | null): Promise<InputAnswer | undefined> {
  const texts = before?.type === "text" ? textsOf(fields, before.text) : new Map<string, string>();
  for (let i = 0; i < fields.length;) {
    const field = fields[i] as InputField;
    const step = await askField(field, texts.get(field.name) ?? field.preset ?? "", i + 1, fields.length);
    if (step === undefined) return undefined;
    if (step === "back") {
      i--;
      continue;
    }
    texts.set(field.name, step.text);
    i++;
  }
  return { type: "text", text: payloadText(fields, texts) };
}

/** What was filled in last time, where the payload has the field as a text at its top. */
function textsOf(fields: readonly InputField[], payload: string): Map<string, string> {
  const texts = new Map<string, string>();
  const parsed = parseJson(payload);
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null) return texts;
  const members = new Map(Object.entries(parsed.value));
  for (const { name } of fields) {
    const value = members.get(name);
    if (typeof value === "string") texts.set(name, value);
  }
  return texts;
}

function askField(
  field: InputField,
  value: string,
  step: number,
  totalSteps: number,
): Promise<{ readonly text: string } | "back" | undefined> {
  const box = vscode.window.createInputBox();
  const type = field.type === null ? "" : ` (${field.type})`;
  box.title = `${field.name}${type}`;
  box.prompt = [field.description, field.required ? null : words.optional].filter((one) => one !== null).join("; ");
  box.value = value;
  box.step = step;
  box.totalSteps = totalSteps;
  box.ignoreFocusOut = true;
  if (step > 1) box.buttons = [vscode.QuickInputButtons.Back];
  return new Promise((resolve) => {
    let answer: { readonly text: string } | "back" | undefined;
    const check = (): boolean => {
      const problem = fieldProblem(field, box.value);
      box.validationMessage = problem ?? "";
      return problem === null;
    };
    box.onDidChangeValue(check);
    box.onDidTriggerButton(() => {
      answer = "back";
      box.hide();
    });
    box.onDidAccept(() => {
      if (!check()) return;
      answer = { text: box.value };
      box.hide();
    });
    box.onDidHide(() => {
      box.dispose();
      resolve(answer);
    });
    box.show();
  });
}
