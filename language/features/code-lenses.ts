/**
 * `textDocument/codeLens`: Run, Dry run and Debug at each way in, Open graph and the number of tests at the top, Run
 * test at a fixture. Lenses are data: their commands are the client's, and a lens is offered only when the client
 * said at the start that it has its command ({@link InitializationOptions}).
 */
import type { CodeLens, CodeLensParams, Position } from "vscode-languageserver";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { lensCommands, type LensArguments } from "../../src/protocol/language.ts";
import { documentFeature, documentFeatureAt, type Session } from "../feature.ts";
import { perObject } from "../../src/graph/memo.ts";
import type { Snapshot } from "../workspace.ts";

/** What an unresolved lens carries. */
interface LensData {
  readonly uri: string;
}

export const codeLenses = documentFeature<CodeLensParams, CodeLens[]>({
  method: "textDocument/codeLens",
  capabilities: { codeLensProvider: { resolveProvider: true } },
  answer: ({ session, document }) => {
    const { what } = document.live;
    if (what.document === "config") return null;
    return what.document === "fixture" ? testLenses(session, document) : graphLenses(session, document);
  },
});

/** Counts the tests of a document when its lens is to be shown: that looks at all fixtures of the workspace. */
export const codeLensTests = documentFeatureAt<CodeLens, CodeLens>({
  method: "codeLens/resolve",
  capabilities: {},
  uri: ({ data }) => (data as LensData | undefined)?.uri ?? "",
  answer: async ({ session, document, params, token }) => {
    let tests = 0;
    for (const other of await session.workspace.all()) {
      if (token.isCancellationRequested) return null;
      if ((await testedBy(session, other)) === document.key) tests++;
    }
    const title = tests === 1 ? "1 test" : `${tests} tests`;
    return { range: params.range, command: command(lensCommands.runTests, title, document) };
  },
});

const top: Position = { line: 0, character: 0 };

function graphLenses(session: Session, document: Snapshot): CodeLens[] {
  const { commands } = session;
  const lenses: CodeLens[] = [];
  const first = { start: top, end: top };
  if (commands.has(lensCommands.openGraph) && document.live.graphs.length > 0)
    lenses.push({ range: first, command: command(lensCommands.openGraph, "Open graph", document) });
  if (commands.has(lensCommands.runTests))
    lenses.push({ range: first, data: { uri: document.uri } satisfies LensData });
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
