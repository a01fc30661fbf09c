/**
 * `textDocument/codeLens`: Run, Dry run and Debug at each way in, Open graph and the number of tests, if there are any,
 * at the top, Run test at a fixture. Lenses are data: their commands are the client's, and a lens is offered only when
 * the client said at the start that it has its command ({@link InitializationOptions}). All are complete as they come:
 * whether there are tests has to be known before their lens is there, and an editor takes none that comes without a
 * command in the end.
 */
import type { CancellationToken, CodeLens, CodeLensParams, Position } from "vscode-languageserver";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { lensCommands, type LensArguments } from "../../src/protocol/language.ts";
import { documentFeature, type Session } from "../feature.ts";
import { perObject } from "../../src/graph/memo.ts";
import type { Snapshot } from "../workspace.ts";

export const codeLenses = documentFeature<CodeLensParams, CodeLens[]>({
  method: "textDocument/codeLens",
  capabilities: { codeLensProvider: {} },
  answer: ({ session, document, token }) => {
    const { what } = document.live;
    if (what.document === "config") return null;
    return what.document === "fixture" ? testLenses(session, document) : graphLenses(session, document, token);
  },
});

const top: Position = { line: 0, character: 0 };

async function graphLenses(session: Session, document: Snapshot, token: CancellationToken): Promise<CodeLens[]> {
  const { commands } = session;
  const lenses: CodeLens[] = [];
  const first = { start: top, end: top };
  if (commands.has(lensCommands.openGraph) && document.live.graphs.length > 0)
    lenses.push({ range: first, command: command(lensCommands.openGraph, "Open graph", document) });
  const tests = commands.has(lensCommands.runTests) ? await testsOf(session, document, token) : 0;
  if (tests > 0) {
    const title = tests === 1 ? "1 test" : `${tests} tests`;
    lenses.push({ range: first, command: command(lensCommands.runTests, title, document) });
  }
  for (const { place, start } of waysIn(document)) {
    const { start: at } =
      place === null ? { start: top } : document.live.source.range({ path: place, part: "construct" });
    const range = { start: at, end: at };
    for (const [id, title] of [
      [lensCommands.run, "Run"],
      [lensCommands.dryRun, "Dry run"],
      [lensCommands.debug, "Debug"],
    ] as const)
      if (commands.has(id)) lenses.push({ range, command: command(id, title, document, start) });
  }
  return lenses;
}

/** A way into a document. `place` null is the document's top, `start` null the document's default. */
interface WayIn {
  readonly place: DocumentPath | null;
  readonly start: string | null;
}

/** Every way into a document: its starts, its runners, or the whole of it. */
function waysIn({ live }: Snapshot): WayIn[] {
  return live.graphs.flatMap(({ graph, runner }): WayIn[] => {
    if (runner !== null) return [{ place: ["runners", runner], start: runner }];
    const written = graph.starts.filter(({ at }) => at.length > 0);
    if (written.length > 0) return written.map(({ at, name }) => ({ place: at, start: name }));
    // A workflow without a start cannot be run; the other dialects have one way in, which no line declares.
    return graph.dialect === "workflow" || graph.nodes.length === 0 ? [] : [{ place: null, start: null }];
  });
}

/** How many fixtures of the workspace are about a document. */
async function testsOf(session: Session, document: Snapshot, token: CancellationToken): Promise<number> {
  let tests = 0;
  for (const other of await session.workspace.fixtures()) {
    if (token.isCancellationRequested) return 0;
    if ((await testedBy(session, other)) === document.key) tests++;
  }
  return tests;
}

function testLenses({ commands }: Session, document: Snapshot): CodeLens[] {
  if (!commands.has(lensCommands.runTests)) return [];
  const title =
    document.live.what.document === "fixture" && document.live.what.dialect === "skill" ? "Run tests" : "Run test";
  return [{ range: { start: top, end: top }, command: command(lensCommands.runTests, title, document) }];
}

function command(
  id: string,
  title: string,
  document: Snapshot,
  start: string | null = null,
): { title: string; command: string; arguments: [LensArguments] } {
  return { title, command: id, arguments: [{ uri: document.uri, start, node: null }] };
}

/** What a fixture names: the reference, as it would be read from the fixture's folder; null for other documents. */
const namedBy = perObject((snapshot: Snapshot): readonly string[] | null => {
  const { what, source } = snapshot.live;
  if (what.document !== "fixture") return null;
  if (what.dialect === "workflow")
    return [(source.element(["document"])?.text ?? "workflow.toml").replace(/#[^/\\]*$/, "")];
  const target = source.element(["target"])?.text ?? null;
  if (target === null) return [];
  return ["", "/X.yaml", "/SKILL.md", "/graph.yaml"].map((file) => `${target.replace(/[/\\]+$/, "")}${file}`);
});

/** The key of the document that a fixture is about; null when there is none. */
async function testedBy({ workspace }: Session, fixture: Snapshot): Promise<string | null> {
  const names = namedBy(fixture);
  if (names === null) return null;
  for (const name of names) {
    // As `countersign test` does: beside the fixture, and nowhere else.
    const [key] = workspace.files.resolve(name, fixture.key);
    if (key !== undefined && (await workspace.document(key)) !== null) return key;
  }
  return null;
}
