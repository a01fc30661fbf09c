/** A whole session with the program over its standard streams, and how it ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Diagnostic, Hover, InitializeResult, WorkspaceEdit } from "vscode-languageserver";
import type { ProtocolConnection } from "vscode-languageserver/node";
import { uriOf } from "../../language/uris.ts";
import { bundledProgram, connect, scratchFolder, start, type Running } from "./program.ts";

let program: Awaited<ReturnType<typeof bundledProgram>>;

beforeAll(async () => {
  program = await bundledProgram();
});
afterAll(() => program.remove());

const workflow = `name = "w"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"
[policy]
fs = { read = ["/data/**"] }
[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"
[[nodes]]
id = "parse"
type = "parse_json"
input_from = "load.content"
[[edges]]
from = "load"
to = "parse"
`;

async function initialized(server: Running, folder: string): Promise<ProtocolConnection> {
  const client = connect(server);
  const result = await client.sendRequest<InitializeResult>("initialize", {
    processId: process.pid,
    rootUri: uriOf(folder),
    capabilities: {},
  });
  expect(result.serverInfo?.name).toBe("countersign");
  await client.sendNotification("initialized", {});
  return client;
}

describe("countersign lsp --stdio", () => {
  test("serves a session: open, diagnostics, edit, hover, completion, rename, close, shutdown", async () => {
    const folder = await scratchFolder();
    const server = start(program.file, folder);
    const client = await initialized(server, folder);
    const uri = uriOf(`${folder}/w.toml`);
    const published: { version?: number; codes: unknown[]; href: string | undefined }[] = [];
    client.onNotification(
      "textDocument/publishDiagnostics",
      (params: { version?: number; diagnostics: Diagnostic[] }) => {
        published.push({
          ...(params.version === undefined ? {} : { version: params.version }),
          codes: params.diagnostics.map(({ code }) => code),
          href: params.diagnostics[0]?.codeDescription?.href,
        });
      },
    );
    const textDocument = {
      uri,
      languageId: "toml",
      version: 1,
      text: workflow.replace('to = "parse"', 'to = "prase"'),
    };
    await client.sendNotification("textDocument/didOpen", { textDocument });
    await client.sendRequest("countersign/settled", { textDocument: { uri } });
    expect(published.at(-1)).toMatchObject({ version: 1, codes: ["dangling_edge"] });
    expect(published.at(-1)?.href).toMatch(/^file:.*\/docs\/diagnostics\.md#dangling_edge$/);

    const contentChanges = [
      { range: { start: { line: 17, character: 6 }, end: { line: 17, character: 11 } }, text: "parse" },
    ];
    await client.sendNotification("textDocument/didChange", { textDocument: { uri, version: 2 }, contentChanges });
    await client.sendRequest("countersign/settled", { textDocument: { uri } });
    expect(published.at(-1)).toMatchObject({ version: 2, codes: [] });

    const position = { line: 14, character: 16 };
    const hover = await client.sendRequest<Hover | null>("textDocument/hover", { textDocument: { uri }, position });
    expect(JSON.stringify(hover?.contents)).toContain("load");
    const completions = await client.sendRequest("textDocument/completion", { textDocument: { uri }, position });
    expect(JSON.stringify(completions)).toContain("load");
    const edit = await client.sendRequest<WorkspaceEdit | null>("textDocument/rename", {
      textDocument: { uri },
      position,
      newName: "fetch",
    });
    const edits =
      edit?.changes?.[uri] ?? edit?.documentChanges?.flatMap((one) => ("edits" in one ? one.edits : [])) ?? [];
    // The entry, the node, the reference and the edge.
    expect(edits).toHaveLength(4);

    await client.sendNotification("textDocument/didClose", { textDocument: { uri } });
    await client.sendRequest("shutdown");
    await client.sendNotification("exit");
    expect(await server.ended).toBe(0);
    expect(published.at(-1)).toEqual({ codes: [], href: undefined });
  });

  test("ends with 1 when it is told to exit without shutdown", async () => {
    const folder = await scratchFolder();
    const server = start(program.file, folder);
    const client = await initialized(server, folder);
    await client.sendNotification("exit");
    expect(await server.ended).toBe(1);
  });

  test("ends when its input ends", async () => {
    const folder = await scratchFolder();
    const server = start(program.file, folder);
    await initialized(server, folder);
    server.child.stdin.end();
    expect(await server.ended).toBe(1);
  });

  test("ends when the editor that it was started for is no more", async () => {
    const folder = await scratchFolder();
    const server = start(program.file, folder);
    const client = connect(server);
    const editor = spawn(process.execPath, ["-e", ""]);
    await once(editor, "exit");
    await client.sendRequest("initialize", { processId: editor.pid, rootUri: null, capabilities: {} });
    expect(await server.ended).toBe(1);
  });

  test("outlives messages that are none", async () => {
    const folder = await scratchFolder();
    const server = start(program.file, folder);
    const client = await initialized(server, folder);
    const raw = (text: string): void => {
      server.child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    };
    raw("{ this is no JSON");
    raw("[]");
    raw("null");
    raw('{"jsonrpc":"2.0"}');
    raw('{"jsonrpc":"2.0","method":"textDocument/didOpen","params":null}');
    raw('{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{}}}');
    raw('{"jsonrpc":"2.0","id":4242,"method":"textDocument/hover"}');
    await expect(client.sendRequest("countersign/nothing", {})).rejects.toMatchObject({ code: -32601 });
    const settled = await client.sendRequest("countersign/settled", {
      textDocument: { uri: "file:///nonexistent.toml" },
    });
    expect(settled).toBeNull();
    await client.sendRequest("shutdown");
    await client.sendNotification("exit");
    expect(await server.ended).toBe(0);
  });
});
