/** Planned changes in the protocol's words: versioned edits, new files, and stops for the cursor where the client has them. */
import type {
  ClientCapabilities,
  CreateFile,
  SnippetTextEdit,
  TextDocumentEdit,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver";
import { escaped } from "../completion/snippets.ts";
import { uriOf } from "../uris.ts";
import type { Planned } from "./change.ts";

type Plan = Extract<Planned, { ok: true }>;

/** The edit, or null for a client that cannot carry it out. */
export function workspaceEdit(
  { documents, files }: Plan,
  client: ClientCapabilities,
  placeholder: string | null,
): WorkspaceEdit | null {
  const can = client.workspace?.workspaceEdit;
  if (can?.documentChanges !== true) {
    if (files.length > 0) return null;
    return {
      changes: Object.fromEntries(
        documents.map(({ document, edits }) => [
          document.uri,
          edits.map(({ range, text }) => ({ range: document.live.lines.range(...range), newText: text })),
        ]),
      ),
    };
  }
  if (files.length > 0 && can.resourceOperations?.includes("create") !== true) return null;
  const created = files.flatMap(({ key, text }): (CreateFile | TextDocumentEdit)[] => {
    const uri = uriOf(key);
    const start = { line: 0, character: 0 };
    const edits = [{ range: { start, end: start }, newText: text }];
    return [
      { kind: "create", uri, options: { ignoreIfExists: true } },
      { textDocument: { uri, version: null }, edits },
    ];
  });
  const stop = can.snippetEditSupport === true ? placeholder : null;
  const changed = documents.map(({ document: { uri, version, live }, edits }): TextDocumentEdit => ({
    textDocument: { uri, version },
    edits: edits.map(({ range, text }) => wireEdit(live.lines.range(...range), text, stop)),
  }));
  return { documentChanges: [...created, ...changed] };
}

function wireEdit(range: TextEdit["range"], text: string, stop: string | null): TextEdit | SnippetTextEdit {
  const at = stop === null ? -1 : text.lastIndexOf(stop);
  if (stop === null || at < 0) return { range, newText: text };
  const value = `${escaped(text.slice(0, at))}\${1:${escaped(stop)}}${escaped(text.slice(at + stop.length))}`;
  return { range, snippet: { kind: "snippet", value } };
}
