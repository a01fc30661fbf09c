/** The server as a program that is talked to: order, staleness, cancellation, and what it refuses. */
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { CancellationTokenSource } from "vscode-languageserver";
import {
  createConnection,
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import { serve } from "../../language/server.ts";
import { MAX_TEXT, Workspace } from "../../language/workspace.ts";
import { languageHost } from "../../src/runtime/language-host.ts";
import { everything, served } from "./harness.ts";

const workflow = (entry: string): string => `name = "w"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "${entry}"
[[nodes]]
id = "a"
type = "merge"
`;

/** A gate that a test opens. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

describe("stale work", () => {
  test("a version that comes while checks run is the only one that is published after it", async () => {
    const began = gate();
    const held = gate();
    const real = languageHost("/w", {});
    let asked = 0;
    const server = await served(
      {},
      {
        host: {
          operator: async (folder, opened) => {
            began.open();
            if (++asked === 1) await held.passed;
            return real.operator(folder, opened);
          },
        },
      },
    );
    const list = server.publications;
    const document = server.open("w.toml", workflow("wrong"));
    await began.passed;
    document.change(workflow("a"));
    // Answered in order: the server has taken the change when it answers this, and its checks still wait.
    await server.request("textDocument/documentSymbol", { textDocument: { uri: document.uri } });
    held.open();
    await document.diagnostics();
    expect(list.map(({ version }) => version)).not.toContain(1);
    expect(list.at(-1)).toMatchObject({ version: 2, diagnostics: [] });
  });

  test("many fast changes are checked together", async () => {
    const server = await served();
    const list = server.publications;
    const document = server.open("w.toml", workflow("wrong"));
    for (let i = 0; i < 200; i++) document.change(workflow(`wrong${i}`));
    document.change(workflow("a"));
    expect(await document.diagnostics()).toEqual([]);
    expect(list.length).toBeLessThan(50);
    expect(list.at(-1)).toMatchObject({ version: 202, diagnostics: [] });
  });

  test("after any changes, the last publication is that of the last text", async () => {
    const step = fc.constantFrom("a", "b", "wrong", "settle", "reopen");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const server = await served();
        let document = server.open("w.toml", workflow("a"));
        let entry = "a";
        for (const one of steps) {
          if (one === "settle") await document.diagnostics();
          else if (one === "reopen") {
            void server.client.sendNotification("textDocument/didClose", { textDocument: { uri: document.uri } });
            document = server.open("w.toml", workflow(entry));
          } else {
            entry = one;
            document.change(workflow(one));
          }
        }
        const codes = (await document.diagnostics()).map(({ code }) => code);
        expect(codes).toEqual(entry === "a" ? [] : ["unknown_start_entry_node", "unreachable_node"]);
        expect(server.publications.at(-1)?.diagnostics).toHaveLength(codes.length);
      }),
      { numRuns: 30 },
    );
  });

  test("a request that newer text overtakes is refused with ContentModified", async () => {
    const held = gate();
    const real = languageHost("/w", {});
    const server = await served(
      {},
      { host: { operator: (folder, opened) => held.passed.then(() => real.operator(folder, opened)) } },
    );
    const document = server.open("w.toml", workflow("a"));
    const overtaken = server.request("countersign/settled", { textDocument: { uri: document.uri } });
    document.change(workflow("b"));
    held.open();
    await expect(overtaken).rejects.toMatchObject({ code: -32801 });
    expect((await document.diagnostics()).map(({ code }) => code)).toContain("unknown_start_entry_node");
  });

  test("a cancelled request is answered as cancelled", async () => {
    const held = gate();
    const real = languageHost("/w", {});
    const server = await served(
      {},
      { host: { operator: (folder, opened) => held.passed.then(() => real.operator(folder, opened)) } },
    );
    const document = server.open("w.toml", workflow("a"));
    const cancel = new CancellationTokenSource();
    const answer = server.client.sendRequest(
      "countersign/settled",
      { textDocument: { uri: document.uri } },
      cancel.token,
    );
    cancel.cancel();
    held.open();
    await expect(answer).rejects.toMatchObject({ code: -32800 });
  });
});

describe("opening and closing", () => {
  test("closing takes the findings away, and opening again brings them back", async () => {
    const server = await served();
    const list = server.publications;
    const document = server.open("w.toml", workflow("wrong"));
    expect(await document.diagnostics()).toHaveLength(2);
    await server.client.sendNotification("textDocument/didClose", { textDocument: { uri: document.uri } });
    // A file that is not open has no state to wait for.
    expect(await server.request("countersign/settled", { textDocument: { uri: document.uri } })).toBeNull();
    expect(list.at(-1)?.diagnostics).toEqual([]);
    expect(await server.open("w.toml", workflow("wrong")).diagnostics()).toHaveLength(2);
  });

  test("files of other programs are left alone", async () => {
    const server = await served();
    const list = server.publications;
    const document = server.open("Cargo.toml", "[package]\nname = \n");
    expect(await server.request("countersign/settled", { textDocument: { uri: document.uri } })).toBeNull();
    expect(await server.request("textDocument/documentSymbol", { textDocument: { uri: document.uri } })).toBeNull();
    expect(list).toEqual([]);
  });

  test("a document of 10 MB is refused politely, and read again when it is shorter", async () => {
    const server = await served();
    const list = server.publications;
    const long = `${workflow("a")}${"# a long comment\n".repeat(600_000)}`;
    expect(long.length).toBeGreaterThan(10_000_000);
    const document = server.open("w.toml", long);
    const at = { textDocument: { uri: document.uri }, position: { line: 5, character: 3 } };
    for (const method of ["countersign/settled", "textDocument/hover", "textDocument/completion"])
      expect(await server.request(method, at)).toBeNull();
    expect(list).toHaveLength(1);
    expect(list[0]?.diagnostics).toMatchObject([
      {
        code: "document_too_large",
        severity: 2,
        codeDescription: { href: expect.stringMatching(/#document_too_large$/) },
      },
    ]);
    expect(list[0]?.diagnostics[0]?.message).toContain("at most 4");
    document.change(workflow("a"));
    expect(await document.diagnostics()).toEqual([]);
  });

  test("a long file of somebody else is not spoken of", async () => {
    const server = await served();
    const list = server.publications;
    const document = server.open("notes.toml", "# a long comment\n".repeat(MAX_TEXT / 8));
    expect(await server.request("countersign/settled", { textDocument: { uri: document.uri } })).toBeNull();
    expect(list).toEqual([]);
  });
});

describe("what is refused", () => {
  test("requests before `initialize`", async () => {
    const [up, down] = [new PassThrough(), new PassThrough()];
    serve(createConnection(new StreamMessageReader(up), new StreamMessageWriter(down)), languageHost("/w", {}), {
      version: "0",
      docs: () => null,
    });
    const client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
    onTestFinished(() => {
      client.dispose();
    });
    client.listen();
    const at = { textDocument: { uri: "file:///w/w.toml" }, position: { line: 0, character: 0 } };
    await expect(client.sendRequest("textDocument/hover", at)).rejects.toMatchObject({ code: -32002 });
    await client.sendNotification("textDocument/didOpen", {
      textDocument: { uri: "file:///w/w.toml", languageId: "toml", version: 1, text: workflow("a") },
    });
    const params = { processId: null, rootUri: null, capabilities: {} };
    expect(await client.sendRequest("initialize", params)).toMatchObject({ serverInfo: { name: "countersign" } });
    await expect(client.sendRequest("initialize", params)).rejects.toMatchObject({ code: -32600 });
  });

  test("unknown requests, and any after `shutdown`", async () => {
    const server = await served();
    await expect(server.request("countersign/nothing", {})).rejects.toMatchObject({ code: -32601 });
    const document = server.open("w.toml", workflow("a"));
    await document.diagnostics();
    await server.client.sendRequest("shutdown");
    await expect(document.diagnostics()).rejects.toMatchObject({ code: -32600 });
  });

  test("a request whose parameters make no sense is answered with a sentence", async () => {
    const server = await served();
    for (const params of [{}, { textDocument: null }, { textDocument: { uri: 7 } }, [], null])
      await expect(server.request("textDocument/hover", params)).rejects.toMatchObject({
        message: expect.not.stringContaining("\n    at ") as string,
      });
  });
});

test("a search of the workspace that takes long is shown, to clients that can show it", async () => {
  const held = gate();
  const wakes: (() => void)[] = [];
  const server = await served(
    {},
    {
      capabilities: { ...everything, window: { workDoneProgress: true } },
      host: {
        find: () => held.passed.then(() => []),
        timer: (_, wake) => {
          wakes.push(wake);
          return () => undefined;
        },
      },
    },
  );
  const kinds: string[] = [];
  const began = gate();
  const ended = gate();
  server.client.onRequest("window/workDoneProgress/create", () => null);
  server.client.onNotification("$/progress", ({ value }: { value: { kind: string } }) => {
    kinds.push(value.kind);
    if (value.kind === "begin") began.open();
    if (value.kind === "end") ended.open();
  });
  const found = server.request("workspace/symbol", { query: "a" });
  await server.request("countersign/settled", { textDocument: { uri: "file:///w/none.toml" } });
  for (const wake of wakes) wake();
  await began.passed;
  held.open();
  await found;
  await ended.passed;
  expect(kinds).toEqual(["begin", "end"]);
});

test("a workspace keeps what it found until a change is announced", async () => {
  let searches = 0;
  const host = { ...languageHost("/w", {}), find: () => Promise.resolve((searches++, [])) };
  const workspace = new Workspace({ ...host, within: () => host }, () => null);
  workspace.folders = ["/w"];
  await workspace.all();
  await workspace.all();
  expect(searches).toBe(1);
  workspace.forget("/w/new.toml");
  await workspace.all();
  expect(searches).toBe(2);
});
