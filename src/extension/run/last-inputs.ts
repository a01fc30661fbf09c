/** The input that each document was run with last, kept with the workspace so that it can be used again. */
import type * as vscode from "vscode";
import type { InputAnswer } from "../../runtime/editor-run/index.ts";

const KEY = "countersign.lastInputs";
/** Most documents, and longest text, that are kept. */
const MAX_DOCUMENTS = 100;
const MAX_TEXT = 16 * 1024;

type Kept = Readonly<Record<string, InputAnswer>>;

/** See the header. */
export class LastInputs {
  private readonly memento: vscode.Memento;

  constructor(memento: vscode.Memento) {
    this.memento = memento;
  }

  /** Null when there is none. */
  of(document: vscode.Uri, start: string | null): InputAnswer | null {
    return this.memento.get<Kept>(KEY, {})[nameOf(document, start)] ?? null;
  }

  async keep(document: vscode.Uri, start: string | null, answer: InputAnswer): Promise<void> {
    if (answer.type === "text" && answer.text.length > MAX_TEXT) return;
    const name = nameOf(document, start);
    const { [name]: _before, ...others } = this.memento.get<Kept>(KEY, {});
    const kept = Object.entries(others).slice(-(MAX_DOCUMENTS - 1));
    await this.memento.update(KEY, Object.fromEntries([...kept, [name, answer]]));
  }
}

function nameOf(document: vscode.Uri, start: string | null): string {
  return `${document.toString()} ${start ?? ""}`;
}
