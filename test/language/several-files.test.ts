/**
 * Documents that name others: what is open in an editor counts before what is on disk, and a change in one checks
 * those again that use it.
 */
import { symlink } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { languageHost } from "../../src/runtime/language-host.ts";
import { everything, root, served, type OpenDocument, type Served } from "./harness.ts";
import { scratchFolder } from "./program.ts";

const child = (start: string): string => `name = "child"
[[start_nodes]]
name = "${start}"
source = "manual"
entry_node = "a"
[[nodes]]
id = "a"
type = "merge"
`;
const parent = (file = "child.toml"): string => `name = "w"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "go"
[[nodes]]
id = "go"
type = "call"
workflow = "${file}"
start = "main"
`;

async function codes(document: OpenDocument): Promise<unknown[]> {
  return (await document.diagnostics()).map(({ code }) => code);
}

/** What the client says when a file on disk has changed; 1: made, 2: changed, 3: removed. */
async function announce(server: Served, name: string, type: 1 | 2 | 3): Promise<void> {
  const changes = [{ uri: `file://${root}/${name}`, type }];
  await server.client.sendNotification("workspace/didChangeWatchedFiles", { changes });
}

describe("an open editor wins over the disk", () => {
  test("a child's unsaved text is what its parent is checked against", async () => {
    const server = await served({ "child.toml": child("other") });
    const document = server.open("w.toml", parent());
    expect(await codes(document)).toEqual(["unknown_child_start"]);
    const opened = server.open("child.toml", child("main"));
    await opened.diagnostics();
    expect(await codes(document)).toEqual([]);
    opened.change(child("third"));
    await opened.diagnostics();
    expect(await codes(document)).toEqual(["unknown_child_start"]);
    await server.client.sendNotification("textDocument/didClose", { textDocument: { uri: opened.uri } });
    server.disk.set("child.toml", child("main"));
    await announce(server, "child.toml", 2);
    expect(await codes(document)).toEqual([]);
  });

  test("an editor that is closed and opened again with the same version holds another text", async () => {
    const server = await served();
    const document = server.open("w.toml", parent());
    const first = server.open("child.toml", child("main"));
    expect(await codes(document)).toEqual([]);
    await server.client.sendNotification("textDocument/didClose", { textDocument: { uri: first.uri } });
    server.open("child.toml", child("other"));
    expect(await codes(document)).toEqual(["unknown_child_start"]);
  });

  test("an unsaved countersign.toml sets the severities", async () => {
    const folder = await scratchFolder();
    const real = languageHost(folder, {});
    const server = await served({}, { host: { operator: (_, opened) => real.operator(root, opened) } });
    const reading = parent().replace(/type = "call"[^]*/, 'type = "read_env"\nkey = "HOME"\n');
    const document = server.open("w.toml", reading);
    expect(await codes(document)).toEqual(["no_policy"]);
    const config = server.open("countersign.toml", '[diagnostics]\nno_policy = "off"\n');
    expect(await codes(document)).toEqual([]);
    config.change('[diagnostics]\nno_policy = "error"\n');
    expect((await document.diagnostics()).map(({ severity }) => severity)).toEqual([1]);
    await server.client.sendNotification("textDocument/didClose", { textDocument: { uri: config.uri } });
    expect((await document.diagnostics()).map(({ severity }) => severity)).toEqual([2]);
  });
});

describe("a change on disk checks the users again", () => {
  test("when a child is made, changed and removed", async () => {
    const server = await served();
    const document = server.open("w.toml", parent());
    expect(await codes(document)).toEqual(["missing_file"]);
    server.disk.set("child.toml", child("main"));
    await announce(server, "child.toml", 1);
    expect(await codes(document)).toEqual([]);
    server.disk.set("child.toml", child("other"));
    await announce(server, "child.toml", 2);
    expect(await codes(document)).toEqual(["unknown_child_start"]);
    server.disk.delete("child.toml");
    await announce(server, "child.toml", 3);
    expect(await codes(document)).toEqual(["missing_file"]);
  });

  test("when a folder is renamed in the editor", async () => {
    const server = await served({ "old/child.toml": child("main") });
    const document = server.open("w.toml", parent("new/child.toml"));
    expect(await codes(document)).toEqual(["missing_file"]);
    server.disk.set("new/child.toml", child("main"));
    const files = [{ oldUri: `file://${root}/old`, newUri: `file://${root}/new` }];
    await server.client.sendNotification("workspace/didRenameFiles", { files });
    expect(await codes(document)).toEqual([]);
  });

  test("when a client that announces nothing saves something", async () => {
    const server = await served({}, { capabilities: { ...everything, workspace: {} } });
    const document = server.open("w.toml", parent());
    expect(await codes(document)).toEqual(["missing_file"]);
    server.disk.set("child.toml", child("main"));
    const textDocument = { uri: `file://${root}/child.toml` };
    await server.client.sendNotification("textDocument/didSave", { textDocument });
    expect(await codes(document)).toEqual([]);
  });

  test("when a schema and a skill change", async () => {
    const asking = parent().replace(
      /type = "call"[^]*/,
      'type = "llm_infer"\nbackend = "b"\nprompt = "Hi"\noutput_schema = "s.json"\n[policy]\nmodels = { backends = ["b"] }\n[[intelligence.backends]]\nname = "b"\nprovider = "openai-compatible"\nbase_url = "http://127.0.0.1:1"\n',
    );
    const server = await served({ "s.json": "{", "g/echo/SKILL.md": "no front matter" });
    const document = server.open("w.toml", asking);
    expect(await codes(document)).toContain("unusable_file");
    server.disk.set("s.json", "{}");
    await announce(server, "s.json", 2);
    expect(await codes(document)).not.toContain("unusable_file");
    const graph = server.open("g/graph.yaml", "name: g\nsteps:\n  - id: a\n    skill: echo\n");
    expect(await codes(graph)).toContain("unusable_file");
    server.disk.set("g/echo/SKILL.md", "---\nname: echo\ndescription: says it\n---\n# Echo\n");
    await announce(server, "g/echo/SKILL.md", 2);
    expect(await codes(graph)).not.toContain("unusable_file");
  });

  test("when the document of a fixture loses a node", async () => {
    const server = await served({ "workflow.toml": child("main") });
    const fixture = 'start = "main"\n[expected]\nstatus = "completed"\npath = ["a"]\n';
    const document = server.open("fixture.toml", fixture);
    expect(await codes(document)).toEqual([]);
    server.disk.set("workflow.toml", child("main").replaceAll('"a"', '"b"'));
    await announce(server, "workflow.toml", 2);
    expect(await codes(document)).toEqual(["fixture_node"]);
  });
});

describe("includes that lead in a circle end", () => {
  test("between open documents", async () => {
    const server = await served();
    const one = server.open("one.toml", parent("two.toml"));
    const two = server.open("two.toml", parent("one.toml"));
    expect(await codes(one)).toEqual(["child_cycle"]);
    expect(await codes(two)).toEqual(["child_cycle"]);
    one.change(parent("one.toml"));
    expect(await codes(one)).toEqual(["child_cycle"]);
    expect(await codes(two)).toEqual([]);
  });

  test("through symbolic links", async () => {
    const folder = await scratchFolder();
    await symlink("loop.toml", `${folder}/loop.toml`);
    await symlink(".", `${folder}/self`);
    const real = languageHost(folder, {});
    const server = await served({}, { host: { files: real.files, find: (at, limit) => real.find(at, limit) } });
    const uri = `file://${folder}/w.toml`;
    const textDocument = { uri, languageId: "toml", version: 1, text: parent("loop.toml") };
    await server.client.sendNotification("textDocument/didOpen", { textDocument });
    await server.request("countersign/settled", { textDocument: { uri } });
    expect(server.publications.at(-1)?.diagnostics.map(({ code }) => code)).toEqual(["unusable_file"]);
    expect(await real.find(folder, 100)).toEqual([`${folder}/loop.toml`]);
  });
});

describe("documents that are no files", () => {
  const open = async (server: Served, uri: string, text: string): Promise<unknown[]> => {
    const textDocument = { uri, languageId: "toml", version: 1, text };
    await server.client.sendNotification("textDocument/didOpen", { textDocument });
    await server.request("countersign/settled", { textDocument: { uri } });
    return server.publications.at(-1)?.diagnostics.map(({ code }) => code) ?? ["nothing"];
  };

  test("an untitled one finds its files in the workspace's folder", async () => {
    const server = await served({ "child.toml": child("main") });
    expect(await open(server, "untitled:Untitled-1.toml", parent())).toEqual([]);
    expect(await open(server, "untitled:Untitled-2.toml", parent("none.toml"))).toEqual(["missing_file"]);
  });

  test("what is beside one is read by the client that can", async () => {
    const server = await served({}, { initializationOptions: { readFile: true } });
    const asked: string[] = [];
    server.client.onRequest("countersign/readFile", ({ uri }: { uri: string }) => {
      asked.push(uri);
      return { text: uri.endsWith("/flows/child.toml") ? child("main") : null };
    });
    expect(await open(server, "vscode-vfs://host/flows/w.toml", parent())).toEqual([]);
    expect(asked).toEqual(["vscode-vfs://host/flows/child.toml"]);
  });

  test("a client that did not say that it can is not asked", async () => {
    const server = await served();
    server.client.onRequest("countersign/readFile", () => {
      throw new Error("asked");
    });
    expect(await open(server, "vscode-vfs://host/flows/w.toml", parent())).toEqual(["missing_file"]);
  });
});

test("a configuration that cannot be used is told once", async () => {
  const problems = [{ message: "countersign.toml:1:1: no", file: `${root}/countersign.toml` }];
  const server = await served(
    {},
    {
      host: {
        operator: () =>
          Promise.resolve({
            problems,
            apply: (found) => [...found],
            decide: () => Promise.resolve(() => ({ decision: "depends" }) as never),
          }),
      },
    },
  );
  const told: string[] = [];
  server.client.onNotification("window/showMessage", ({ message }: { message: string }) => {
    told.push(message);
  });
  await server.open("one.toml", child("main")).diagnostics();
  await server.open("sub/two.toml", child("main")).diagnostics();
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("countersign.toml:1:1: no");
});

test("a circle of documents has its path in the related places, each in its own file", async () => {
  const server = await served({ "two.toml": parent("three.toml"), "three.toml": parent("one.toml") });
  const document = server.open("one.toml", parent("two.toml"));
  const [found] = await document.diagnostics();
  expect(found?.code).toBe("child_cycle");
  const places = (found?.relatedInformation ?? []).map(({ location, message }) => [
    location.uri.slice(`file://${root}/`.length),
    location.range.start.line,
    message,
  ]);
  expect(places).toEqual([
    ["one.toml", 8, "`two.toml` is called here"],
    ["two.toml", 8, "`three.toml` is called here"],
    ["three.toml", 8, "`one.toml` is called here"],
  ]);
});
