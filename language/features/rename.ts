/**
 * `textDocument/rename` and `prepareRename`: a name is changed wherever it is meant, in every document that knows it:
 * edges, references, templates, fixtures, policies, parents of a child, callers of a skill.
 *
 * Invariants: what cannot be renamed is refused with a sentence and nothing is changed; only names are touched, and
 * their quotes where these cannot hold the new name; edits carry the versions they were made for.
 */
import {
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type PrepareRenameParams,
  type RenameParams,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver";
import type { Range } from "../../src/graph/diagnostic.ts";
import { documentFeature, type Session } from "../feature.ts";
import { homed, placesOf, type Homed, type Placed } from "../symbols/across.ts";
import { whyFixed, whyNot, whyTaken } from "../symbols/names.ts";
import { symbolIndex } from "../symbols/occurrences.ts";
import { renamed } from "../symbols/rewrite.ts";
import type { Occurrence, SymbolName } from "../symbols/symbol.ts";
import type { Snapshot } from "../workspace.ts";

export const prepareRename = documentFeature<PrepareRenameParams, { range: Range; placeholder: string }>({
  method: "textDocument/prepareRename",
  capabilities: { renameProvider: { prepareProvider: true } },
  answer: async ({ session, document, params, token }) => {
    const occurrence = symbolIndex(document.live).at(document.live.lines.offset(params.position));
    if (occurrence === null) return null;
    await found(session, document, occurrence, token);
    return { range: occurrence.range, placeholder: occurrence.symbol.name };
  },
});

export const rename = documentFeature<RenameParams, WorkspaceEdit>({
  method: "textDocument/rename",
  capabilities: {},
  answer: async ({ session, document, params, token }) => {
    const occurrence = symbolIndex(document.live).at(document.live.lines.offset(params.position));
    if (occurrence === null) return refuse("There is no name here that could be renamed.");
    const { home, places } = await found(session, document, occurrence, token);
    const { newName } = params;
    if (newName === occurrence.symbol.name) return { documentChanges: [] };
    const problem = whyNot(home, newName);
    if (problem !== null) return refuse(problem);
    for (const symbol of rivals(home, newName)) {
      const taken = whyTaken(home, newName, await placesOf(session, document, { ...home, symbol }, token));
      if (taken !== null) return refuse(taken);
    }
    return workspaceEdit(session, places, newName);
  },
});

/** What else the new name could be taken for: an input of a step's tool hides one of the graph, and the reverse. */
function rivals({ document, symbol }: Homed, name: string): SymbolName[] {
  const same = { ...symbol, name };
  if (symbol.kind !== "input") return [same];
  const others = symbolIndex(document.live).symbols.filter(
    (one) => one.kind === "input" && one.name === name && one.runner === symbol.runner && one.home === null,
  );
  const isRival = (one: SymbolName): boolean => symbol.owner === null || one.owner === null;
  return [same, ...others.filter((one) => one.owner !== symbol.owner && isRival(one))];
}

/** The symbol at its home with all its places; refuses what cannot be renamed. */
async function found(
  session: Session,
  document: Snapshot,
  occurrence: Occurrence,
  token: CancellationToken,
): Promise<{ readonly home: Homed; readonly places: readonly Placed[] }> {
  const { symbol } = occurrence;
  const home = await homed(session.workspace, document, symbol);
  if (home === null)
    return refuse(`\`${symbol.name}\` is defined in \`${symbol.home?.text ?? ""}\`, which cannot be found.`);
  const places = await placesOf(session, document, home, token);
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
  const fixed = whyFixed(home, places);
  return fixed === null ? { home, places } : refuse(fixed);
}

function workspaceEdit(session: Session, places: readonly Placed[], name: string): WorkspaceEdit {
  const byDocument = new Map<Snapshot, Occurrence[]>();
  for (const { document, occurrence } of places) {
    const known = byDocument.get(document);
    if (known === undefined) byDocument.set(document, [occurrence]);
    else known.push(occurrence);
  }
  const changes = [...byDocument].map(([{ uri, version, live }, occurrences]) => {
    const edits = renamed(live, occurrences, name).map(({ span, text }): TextEdit => ({
      range: live.lines.range(span[0], span[1]),
      newText: text,
    }));
    return { textDocument: { uri, version }, edits };
  });
  if (session.client.workspace?.workspaceEdit?.documentChanges === true) return { documentChanges: changes };
  return { changes: Object.fromEntries(changes.map(({ textDocument, edits }) => [textDocument.uri, edits])) };
}

function refuse(sentence: string): never {
  throw new ResponseError(LSPErrorCodes.RequestFailed, sentence);
}
