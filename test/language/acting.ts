/** Code actions in tests: what is offered in a marked document, and all texts after one is chosen. */
import type {
  CodeAction,
  CodeActionParams,
  Diagnostic,
  TextDocumentEdit,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver";
import type { ClientCapabilities } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { everything, root, served, type OpenDocument, type Served } from "./harness.ts";
import { uriOf } from "../../language/uris.ts";

/** A client that asks for edits when an action is chosen, and takes new files. */
export const resolving: ClientCapabilities = {
  ...everything,
  workspace: {
    ...everything.workspace,
    workspaceEdit: { documentChanges: true, resourceOperations: ["create"] },
  },
  textDocument: {
    ...everything.textDocument,
    codeAction: {
      codeActionLiteralSupport: { codeActionKind: { valueSet: ["", "quickfix", "refactor", "source"] } },
      dataSupport: true,
      isPreferredSupport: true,
      resolveSupport: { properties: ["edit"] },
    },
  },
};

/** A document with its server, and what it is asked. */
export class Acting {
  readonly server: Served;
  readonly document: OpenDocument;
  /** Texts of all documents by name. */
  readonly texts: ReadonlyMap<string, string>;

  constructor(server: Served, document: OpenDocument, texts: ReadonlyMap<string, string>) {
    this.server = server;
    this.document = document;
    this.texts = texts;
  }

  /** Actions at a cursor, or for these diagnostics. */
  async actions(
    about: { readonly cursor?: number; readonly diagnostics?: readonly Diagnostic[]; readonly only?: string[] } = {},
  ): Promise<readonly CodeAction[]> {
    const { cursor, diagnostics = [], only } = about;
    const position = this.document.at(cursor).position;
    const params: CodeActionParams = {
      textDocument: { uri: this.document.uri },
      range: diagnostics[0]?.range ?? { start: position, end: position },
      context: { diagnostics: [...diagnostics], ...(only === undefined ? {} : { only }) },
    };
    return (await this.server.request<CodeAction[] | null>("textDocument/codeAction", params)) ?? [];
  }

  /** The edit of an action, asked for where it did not come along. */
  async edit(action: CodeAction): Promise<WorkspaceEdit> {
    const whole =
      action.edit === undefined ? await this.server.request<CodeAction>("codeAction/resolve", action) : action;
    if (whole.edit === undefined) throw new Error(`${action.title} has no edit`);
    return whole.edit;
  }

  /** Texts of all files after an action, by name. */
  async after(action: CodeAction): Promise<ReadonlyMap<string, string>> {
    return applied(this.texts, await this.edit(action));
  }

  /** The text of the document after the action of this title. */
  async take(title: string, about: Parameters<Acting["actions"]>[0] = {}): Promise<string> {
    const actions = await this.actions(about);
    const action = actions.find((one) => one.title === title);
    if (action === undefined) throw new Error(`no "${title}" among: ${actions.map((one) => one.title).join(" | ")}`);
    return (await this.after(action)).get(nameOf(this.document.uri)) ?? "";
  }
}

/** Opens a marked document beside other files. */
export async function acting(
  name: string,
  source: string,
  files: Readonly<Record<string, string>> = {},
  capabilities: ClientCapabilities = resolving,
): Promise<Acting> {
  const server = await served(files, { capabilities });
  const document = server.open(name, source);
  return new Acting(server, document, new Map([...Object.entries(files), [name, document.text]]));
}

function nameOf(uri: string): string {
  return uri.slice(uriOf(root).length + 1);
}

function applied(
  texts: ReadonlyMap<string, string>,
  { documentChanges = [], changes }: WorkspaceEdit,
): Map<string, string> {
  const made = new Map(texts);
  const change = (uri: string, edits: readonly TextEdit[]): void => {
    const before = TextDocument.create(uri, "", 0, made.get(nameOf(uri)) ?? "");
    made.set(nameOf(uri), TextDocument.applyEdits(before, [...edits]));
  };
  for (const [uri, edits] of Object.entries(changes ?? {})) change(uri, edits);
  for (const one of documentChanges) {
    if ("kind" in one) {
      if (one.kind === "create") made.set(nameOf(one.uri), "");
    } else change(one.textDocument.uri, plain(one));
  }
  return made;
}

function plain({ edits }: TextDocumentEdit): TextEdit[] {
  return edits.map((edit) => {
    if ("newText" in edit) return edit;
    throw new Error("a snippet where plain text is expected");
  });
}
