/** Completion in tests: what is offered at the cursor of a marked document, and the document after one is chosen. */
import type { CompletionItem, CompletionList } from "vscode-languageserver";
import { served } from "./harness.ts";

/** An answer, read as a person would. */
export interface Completed {
  readonly items: readonly CompletionItem[];
  readonly labels: readonly string[];
  item(label: string): CompletionItem;
  /** The whole text after an item is taken, tab stops as they are written. */
  accept(label: string): string;
}

/** Asks at `‹|›` of the last file's text; other files lie beside it. */
export async function complete(
  name: string,
  source: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Completed> {
  const server = await served(files);
  const document = server.open(name, source);
  const list = await server.request<CompletionList>("textDocument/completion", document.at());
  const items = [...list.items].sort((a, b) => ((a.sortText ?? "") < (b.sortText ?? "") ? -1 : 1));
  const item = (label: string): CompletionItem => {
    const found = items.find((one) => one.label === label);
    if (found === undefined) throw new Error(`${label} is not among ${items.map((one) => one.label).join(", ")}`);
    return found;
  };
  return {
    items,
    labels: items.map(({ label }) => label),
    item,
    accept(label) {
      const { textEdit } = item(label);
      if (textEdit === undefined || !("range" in textEdit)) throw new Error(`${label} has no edit`);
      const lines = document.text.split("\n");
      const { start, end } = textEdit.range;
      const before = [...lines.slice(0, start.line), (lines[start.line] ?? "").slice(0, start.character)].join("\n");
      const after = [(lines[end.line] ?? "").slice(end.character), ...lines.slice(end.line + 1)].join("\n");
      return before + textEdit.newText + after;
    },
  };
}
