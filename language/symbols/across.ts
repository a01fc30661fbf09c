/**
 * One name in several documents: a child's start that parents name, nodes that fixtures expect, inputs of a skill
 * that graphs fill. Open editors win over disk.
 *
 * Invariants: a symbol has one home, where it is defined; the same symbol written in two ways (`./a.toml`, `a.toml`)
 * has the same home. Bounded by the number of documents that a workspace gives.
 */
import type { CancellationToken } from "vscode-languageserver";
import { skillDocumentCandidates } from "../../src/dialects/skill/reference.ts";
import type { Session } from "../feature.ts";
import type { Snapshot, Workspace } from "../workspace.ts";
import { symbolIndex } from "./occurrences.ts";
import { symbolKey, type Home, type Occurrence, type SymbolName } from "./symbol.ts";

/** A symbol at its home. */
export interface Homed {
  readonly document: Snapshot;
  /** As the home itself names it. */
  readonly symbol: SymbolName;
}

/** An occurrence and its document. */
export interface Placed {
  readonly document: Snapshot;
  readonly occurrence: Occurrence;
}

/** The document that `home` means, named by `from`; null when it is not there or not ours. */
export async function homeDocument(workspace: Workspace, from: Snapshot, home: Home): Promise<Snapshot | null> {
  const { files } = workspace;
  const names = home.role === "skill" ? skillDocumentCandidates(home.text) : [home.text];
  for (const name of names) {
    const keys = files.resolve(name, from.key);
    // Only children are looked for in the working directory too (spec/workflow.md, Decision D13).
    for (const key of home.role === "child" ? keys : keys.slice(0, 1)) {
      const document = await workspace.document(key);
      if (document !== null) return document;
      if ((await files.read(key)).ok) return null;
    }
  }
  return null;
}

/** Where a symbol of `document` is at home; null when its document is not there. */
export async function homed(workspace: Workspace, document: Snapshot, symbol: SymbolName): Promise<Homed | null> {
  if (symbol.home !== null) {
    const target = await homeDocument(workspace, document, symbol.home);
    return target === null ? null : homed(workspace, target, atHome(target, { ...symbol, home: null }));
  }
  const skill = symbol.kind === "output" ? skillBehind(document, symbol) : null;
  if (skill === null) return { document, symbol };
  const target = await homeDocument(workspace, document, skill.home);
  if (target === null) return { document, symbol };
  const theirs = atHome(target, { ...symbol, owner: null, runner: skill.runner });
  // A graph within leaves what its steps leave; only what a skill declares has its home there.
  return symbolIndex(target.live).of(theirs).length === 0 ? { document, symbol } : { document: target, symbol: theirs };
}

/** The same symbol without a default runner: an X.yaml's names belong to one of its runners. */
function atHome({ live }: Snapshot, symbol: SymbolName): SymbolName {
  if (live.what.document !== "skill" || live.what.form !== "manifest") return { ...symbol, runner: null };
  if (symbol.kind === "runner" || symbol.kind === "start") return { ...symbol, kind: "runner", runner: null };
  if (symbol.runner !== null) return symbol;
  const runners = live.source.element(["runners"])?.children ?? [];
  const standard = runners.find((one) => live.source.element(["runners", one, "default"])?.text === "true");
  const chosen = standard ?? (runners.length === 1 ? runners[0] : undefined);
  return { ...symbol, runner: chosen === undefined ? null : String(chosen) };
}

/** The skill whose output a step's output is, unless the step itself gives it that name. */
function skillBehind(document: Snapshot, symbol: SymbolName): { home: Home; runner: string | null } | null {
  const index = symbolIndex(document.live);
  if (index.of(symbol).some((one) => one.role === "definition")) return null;
  const graph = document.live.graphs.find((one) => one.runner === symbol.runner)?.graph;
  const at = index.of({ ...symbol, kind: "node", name: symbol.owner ?? "", owner: null });
  const node = at.find((one) => one.role === "definition");
  if (graph?.dialect !== "skill" || node === undefined) return null;
  const text = (key: string): string | null =>
    document.live.source.element([...node.path.slice(0, -1), key])?.text ?? null;
  const skill = text("skill");
  return skill === null ? null : { home: { role: "skill", text: skill }, runner: text("runner") };
}

/** All places of a symbol, home first, in every document that the session knows. Empty when it was cancelled. */
export async function placesOf(
  session: Session,
  from: Snapshot,
  target: Homed,
  token: CancellationToken,
): Promise<readonly Placed[]> {
  const wanted = `${target.document.key}\n${symbolKey(target.symbol)}`;
  const found: Placed[] = [];
  for (const document of await concerned(session, from, target)) {
    if (token.isCancellationRequested) return [];
    const index = symbolIndex(document.live);
    for (const symbol of index.symbols) {
      if (symbol.name !== target.symbol.name || !mayBe(symbol, target.symbol)) continue;
      const home = await homed(session.workspace, document, symbol);
      if (home === null || `${home.document.key}\n${symbolKey(home.symbol)}` !== wanted) continue;
      found.push(...index.of(symbol).map((occurrence) => ({ document, occurrence })));
    }
  }
  return found;
}

/** A start of an X.yaml is a runner there. */
function mayBe(symbol: SymbolName, target: SymbolName): boolean {
  return symbol.kind === target.kind || (symbol.kind === "start" && target.kind === "runner");
}

/** Kinds of which nothing outside of their document can speak. */
const confined: ReadonlySet<string> = new Set(["secret", "server", "backend", "auth", "group"]);

async function concerned(session: Session, from: Snapshot, target: Homed): Promise<readonly Snapshot[]> {
  const documents = new Map([[target.document.key, target.document]]);
  if (confined.has(target.symbol.kind)) return [...documents.values()];
  documents.set(from.key, from);
  for (const document of await session.workspace.all())
    if (!documents.has(document.key)) documents.set(document.key, document);
  return [...documents.values()];
}
