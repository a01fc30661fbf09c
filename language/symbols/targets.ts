/** Where a name or a file leads to, in the protocol's words. */
import type { LocationLink, Range as WireRange } from "vscode-languageserver";
import type { Range } from "../../src/graph/diagnostic.ts";
import type { Session } from "../feature.ts";
import { uriOf } from "../uris.ts";
import type { Snapshot } from "../workspace.ts";
import { homed, type Homed } from "./across.ts";
import { foundFile, type FileLink } from "./files.ts";
import { symbolIndex } from "./occurrences.ts";
import type { Occurrence, SymbolName } from "./symbol.ts";

const beginning: WireRange = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** Definitions of the symbol at an occurrence; what has none of its own leads to the node it belongs to. */
export async function symbolTargets(
  session: Session,
  document: Snapshot,
  occurrence: Occurrence,
): Promise<readonly LocationLink[]> {
  const home = await homed(session.workspace, document, occurrence.symbol);
  if (home === null) return [];
  const places = definitionsOf(home);
  return places.map((one) => linkTo(home.document, one, occurrence.range));
}

/** The definitions of a symbol in its home. */
export function definitionsOf({ document, symbol }: Homed): readonly Occurrence[] {
  const index = symbolIndex(document.live);
  const own = defining(document, symbol);
  if (own.length > 0) return own;
  // Labels, and outputs whose names the kind gives, come from their node.
  if (symbol.owner !== null && symbol.kind !== "auth")
    return definitionsOf({ document, symbol: { ...symbol, kind: "node", name: symbol.owner, owner: null } });
  // What the trigger holds comes in by a start.
  if (symbol.kind === "node" && symbol.name === "trigger")
    return index.all.filter((one) => one.symbol.kind === "start" && one.role === "definition");
  return [];
}

function defining({ live }: Snapshot, symbol: SymbolName): readonly Occurrence[] {
  return symbolIndex(live)
    .of(symbol)
    .filter((one) => one.role === "definition");
}

/** The construct around a definition: all of the node or table whose name it is. */
export function constructRange({ live }: Snapshot, { written, path, range }: Occurrence): Range {
  const element = live.source.element(written === "key" ? path : path.slice(0, -1));
  if (element === null || element.path.length === 0) return range;
  const around = live.lines.range(element.extent[0], element.extent[1]);
  return contains(around, range) ? around : range;
}

function contains(outer: Range, inner: Range): boolean {
  const before = (a: Range["start"], b: Range["start"]): boolean =>
    a.line < b.line || (a.line === b.line && a.character <= b.character);
  return before(outer.start, inner.start) && before(inner.end, outer.end);
}

function linkTo(document: Snapshot, one: Occurrence, origin: Range): LocationLink {
  return {
    originSelectionRange: origin,
    targetUri: document.uri,
    targetRange: constructRange(document, one),
    targetSelectionRange: one.range,
  };
}

/** What a named file is: for a child its start, for a skill its runner, else its beginning. */
export async function fileTargets(
  session: Session,
  document: Snapshot,
  link: FileLink,
): Promise<readonly LocationLink[]> {
  const file = await foundFile(session.workspace, document, link);
  if (file === null) return [];
  const start = file.document === null || link.start === null ? null : startOf(file.document, link.start);
  if (file.document !== null && start !== null) return [linkTo(file.document, start, link.range)];
  return [
    {
      originSelectionRange: link.range,
      targetUri: file.document?.uri ?? uriOf(file.key),
      targetRange: beginning,
      targetSelectionRange: beginning,
    },
  ];
}

/** The definition of a start, or of a runner of an X.yaml. */
export function startOf(document: Snapshot, name: string): Occurrence | null {
  const found = (["start", "runner"] as const).flatMap((kind) =>
    defining(document, { kind, name, owner: null, runner: null, home: null }),
  );
  return found[0] ?? null;
}
