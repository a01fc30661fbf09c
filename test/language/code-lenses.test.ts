/** Code lenses: data for the commands that a client said it has. */
import { expect, test } from "vitest";
import {
  CodeLensRefreshRequest,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type CodeLens,
  type FileEvent,
} from "vscode-languageserver/node";
import { uriOf } from "../../language/uris.ts";
import { lensCommands } from "../../src/protocol/language.ts";
import { everything, root, served } from "./harness.ts";
import { fixture, graph, manifest, pipeline, skill, workflow, wrapped } from "./samples.ts";

const all = Object.values(lensCommands);

/** Lenses as `line: title command start`, each with its command from the start. */
async function lenses(
  name: string,
  source: string,
  commands: readonly string[] = all,
  files: Readonly<Record<string, string>> = {},
): Promise<string[] | null> {
  const server = await served(files, { initializationOptions: { commands } });
  const { uri } = server.open(name, source);
  const found = await server.request<CodeLens[] | null>("textDocument/codeLens", { textDocument: { uri } });
  if (found === null) return null;
  const shown: string[] = [];
  for (const { command, range } of found) {
    const [argument] = (command?.arguments ?? []) as { uri: string; start: string | null; node: null }[];
    expect(argument?.uri).toBe(uri);
    expect(argument).toHaveProperty("node", null);
    shown.push(`${range.start.line}: ${command?.title ?? "?"} ${command?.command ?? "?"} ${argument?.start ?? "-"}`);
  }
  return shown;
}

test("a workflow has lenses at its top and at each start, with the number of its tests", async () => {
  const files = {
    "tests/one/fixture.toml": fixture.replace("greet.toml", "../../greet.toml"),
    "fixture.toml": fixture,
    "other/fixture.toml": fixture,
  };
  expect(await lenses("greet.toml", workflow, all, files)).toEqual([
    "0: Open graph countersign.openGraph -",
    "0: 2 tests countersign.runTests -",
    "4: Run countersign.run main",
    "4: Dry run countersign.dryRun main",
    "4: Debug countersign.debug main",
  ]);
});

test("a document without tests says nothing of tests", async () => {
  const files = { "other.toml": workflow, "fixture.toml": fixture.replace("greet.toml", "other.toml") };
  const titles = await lenses("greet.toml", workflow, [lensCommands.openGraph, lensCommands.runTests], files);
  expect(titles).toEqual(["0: Open graph countersign.openGraph -"]);
});

test("lenses are asked for again when a fixture comes, and not when another file does", async () => {
  const capabilities = { ...everything, workspace: { ...everything.workspace, codeLens: { refreshSupport: true } } };
  const server = await served({}, { capabilities, initializationOptions: { commands: [lensCommands.runTests] } });
  const { uri } = server.open("greet.toml", workflow);
  const titles = async (): Promise<(string | undefined)[]> => {
    const found = await server.request<CodeLens[]>("textDocument/codeLens", { textDocument: { uri } });
    return found.map(({ command }) => command?.title);
  };
  let asked = 0;
  const again = new Promise<void>((resolve) => {
    server.client.onRequest(CodeLensRefreshRequest.type, () => {
      asked++;
      resolve();
    });
  });
  const comes = async (name: string, text: string): Promise<void> => {
    server.disk.set(name, text);
    const changes: FileEvent[] = [{ uri: uriOf(`${root}/${name}`), type: FileChangeType.Created }];
    await server.client.sendNotification(DidChangeWatchedFilesNotification.type, { changes });
  };
  expect(await titles()).toEqual([]);
  await comes("notes.toml", "a = 1\n");
  expect(await titles()).toEqual([]);
  expect(asked).toBe(0);
  await comes("fixture.toml", fixture);
  await again;
  expect(await titles()).toEqual(["1 test"]);
});

test("starts of a wrapped workflow are found in their array", async () => {
  expect(await lenses("w.toml", wrapped, [lensCommands.dryRun])).toEqual(["2: Dry run countersign.dryRun main"]);
});

test("documents with one way in that no line declares have it at their top", async () => {
  for (const [name, source] of [
    ["graph.yaml", graph],
    ["spec.kv", pipeline],
    ["SKILL.md", skill],
  ] as const)
    expect(await lenses(name, source, [lensCommands.run, lensCommands.openGraph])).toEqual([
      "0: Open graph countersign.openGraph -",
      "0: Run countersign.run -",
    ]);
});

test("a manifest has them at each runner", async () => {
  expect(await lenses("X.yaml", manifest, [lensCommands.debug])).toEqual([
    "2: Debug countersign.debug fast",
    "7: Debug countersign.debug slow",
  ]);
});

test("a fixture can be run, and counts for the document beside it when it names none", async () => {
  expect(await lenses("fixture.toml", fixture)).toEqual(["0: Run test countersign.runTests -"]);
  const files = { "fixture.toml": '[expected]\nstatus = "completed"\n' };
  expect(await lenses("workflow.toml", workflow, [lensCommands.runTests], files)).toEqual([
    "0: 1 test countersign.runTests -",
  ]);
});

test("a client gets no lens whose command it did not name, and one that names none gets none", async () => {
  expect(await lenses("greet.toml", workflow, [lensCommands.run, "somebody.else"])).toEqual([
    "4: Run countersign.run main",
  ]);
  expect(await lenses("greet.toml", workflow, [])).toEqual([]);
  const server = await served();
  const { uri } = server.open("greet.toml", workflow);
  expect(await server.request("textDocument/codeLens", { textDocument: { uri } })).toEqual([]);
  const odd = await served({}, { initializationOptions: { commands: "run" } });
  expect(
    await odd.request("textDocument/codeLens", { textDocument: { uri: odd.open("a.toml", workflow).uri } }),
  ).toEqual([]);
});

test("configuration has no lenses, and half a workflow those of the starts that can be made out", async () => {
  expect(await lenses("countersign.toml", "[diagnostics]\n")).toBeNull();
  const half = '[[start_nodes]]\nname = "m"\nsource = "manual"\n\n[[nodes]]\nid = "a\n';
  expect(await lenses("a.toml", half, [lensCommands.run])).toEqual(["0: Run countersign.run m"]);
});
