/** What tests of navigation share: answers shown as the documents with the answer's stretches marked. */
import type { Location, LocationLink, TextEdit, WorkspaceEdit } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Range } from "../../src/graph/diagnostic.ts";
import { keyOf } from "../../language/uris.ts";
import { root, type Served } from "./harness.ts";

/** The name of a document of a test. */
export function nameOf(uri: string): string {
  return keyOf(uri).slice(root.length + 1);
}

/** The line that a range stands on, with the range marked: `file: line`. */
export function shown(text: string, range: Range, name?: string): string {
  const line = text.split(/\r?\n/)[range.start.line] ?? "";
  const end = range.end.line === range.start.line ? range.end.character : line.length;
  const marked = `${line.slice(0, range.start.character)}‹${line.slice(range.start.character, end)}›${line.slice(end)}`;
  return name === undefined ? marked.trim() : `${name}: ${marked.trim()}`;
}

/** Locations as lines, of texts by name. */
export function lines(
  found: readonly (Location | LocationLink)[] | null,
  texts: Readonly<Record<string, string>>,
): readonly string[] {
  return (found ?? []).map((one) => {
    const [uri, range] = "targetUri" in one ? [one.targetUri, one.targetSelectionRange] : [one.uri, one.range];
    return shown(texts[nameOf(uri)] ?? "", range, nameOf(uri));
  });
}

/** The texts after an edit, by name; only those that it changes. */
export function applied(
  edit: WorkspaceEdit | null,
  texts: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const made: Record<string, string> = {};
  for (const change of edit?.documentChanges ?? []) {
    if (!("textDocument" in change)) throw new TypeError("an edit of files was not expected");
    const name = nameOf(change.textDocument.uri);
    const document = TextDocument.create(change.textDocument.uri, "", 0, texts[name] ?? "");
    made[name] = TextDocument.applyEdits(document, change.edits as TextEdit[]);
  }
  return made;
}

/** The sentence with which a request is refused; throws when it is not. */
export async function refusal(s: Served, method: string, params: unknown): Promise<string> {
  try {
    await s.request(method, params);
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem);
  }
  throw new TypeError(`${method} was not refused`);
}
