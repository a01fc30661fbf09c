/** Whole sessions over the standard streams of the program, held against golden logs of the protocol. */
import { mkdir, realpath, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { frame } from "../../src/debug/framing.ts";
import { root } from "../examples/support.ts";
import { bundledProgram, scratchFolder } from "../language/program.ts";
import { Client } from "./client.ts";

let program: Awaited<ReturnType<typeof bundledProgram>>;

beforeAll(async () => {
  program = await bundledProgram();
});
afterAll(() => program.remove());

/** Without what differs from machine to machine. */
function plainIn(folder: string): (text: string) => string {
  return (text) =>
    text
      .replaceAll(folder, "$FOLDER")
      .replaceAll(/("name":"milliseconds left","value":)"\d+"/g, '$1"…"')
      .replaceAll(/ \(\d+ms\)/g, "");
}

async function golden(client: Client, name: string): Promise<void> {
  await expect(`${client.log.join("\n")}\n`).toMatchFileSnapshot(path.join(import.meta.dirname, "golden", name));
}

/** Line of the first line with this text, from 1. */
function lineOf(text: string, wanted: string): number {
  const at = text.split("\n").findIndex((line) => line.includes(wanted));
  if (at < 0) throw new Error(`no line has ${wanted}`);
  return at + 1;
}

const walk = `name = "walk"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "first"

[[nodes]]
id = "first"
type = "template_render"
input_from = "trigger"
template = "hello {{who}}"

[[nodes]]
id = "again"
type = "condition"
expr = "trigger.again"

[[nodes]]
id = "child"
type = "call"
workflow = "inner.toml"
start = "main"

[[nodes]]
id = "broken"
type = "parse_json"
input_from = "first.rendered"

[[nodes]]
id = "saved"
type = "template_render"
input_from = "trigger"
template = "saved {{who}}"

[[edges]]
from = "first"
to = "again"

[[edges]]
from = "again"
to = "first"
when = "true"
max_iterations = 2

[[edges]]
from = "again"
to = "child"
when = "false"

[[edges]]
from = "child"
to = "broken"

[[edges]]
from = "broken"
to = "saved"
`;

const inner = `name = "inner"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "one"

[[nodes]]
id = "one"
type = "template_render"
input_from = "trigger"
template = "one"

[[nodes]]
id = "two"
type = "template_render"
input_from = "one"
template = "two after {{rendered}}"

[[edges]]
from = "one"
to = "two"
`;

/** A session of the workflow above, up to where it stops at its first node. */
async function walking(folder: string, client: Client, more: object = {}): Promise<string> {
  const file = path.join(folder, "walk.toml");
  await writeFile(file, walk);
  await writeFile(path.join(folder, "inner.toml"), inner);
  await client.ask("initialize", { adapterID: "countersign", linesStartAt1: true });
  await client.next("initialized");
  const input = { who: "you", again: false };
  await client.ask("launch", { program: "walk.toml", stopOnEntry: true, input, ...more });
  return file;
}

describe("countersign dap --stdio", () => {
  test("a dry run of the release gate, stepped from its fixture, says exactly this", async () => {
    const folder = await realpath(root);
    const client = new Client(program.file, folder, plainIn(folder));
    const file = path.join(folder, "examples/release-gate/release-gate.toml");
    await client.ask("initialize", { adapterID: "countersign" });
    await client.next("initialized");
    const fixture = "examples/release-gate/fixture.toml";
    await client.ask("launch", { program: file, fixture, stopOnEntry: true });
    await client.ask("setExceptionBreakpoints", { filters: ["failures", "decisions"] });
    await client.then("stopped", "configurationDone");
    const thread = { threadId: 1 };
    await client.then("stopped", "next", thread);
    await client.then("stopped", "next", thread);
    const { stackFrames } = await client.ask("stackTrace", thread);
    const [top] = stackFrames as { id: number }[];
    for (const expression of [
      "release.parsed.version",
      "release.parsed.tests.count > 10",
      "v{{release.parsed.version}}",
    ])
      await client.ask("evaluate", { expression, frameId: top?.id, context: "watch" });
    await client.then("exited", "terminate");
    await client.ask("disconnect");
    expect(await client.ended).toBe(0);
    expect(client.stderr).toBe("");
    await golden(client, "release-gate.txt");
  });

  test("breakpoints, stepping in all directions, values, and the exception of a broken workflow say exactly this", async () => {
    const folder = await realpath(await scratchFolder());
    const client = new Client(program.file, folder, plainIn(folder));
    const file = await walking(folder, client);
    const at = (text: string): number => lineOf(walk, text);
    const source = { path: file };
    await client.ask("setBreakpoints", {
      source,
      breakpoints: [
        { line: at('id = "again"'), condition: 'first.rendered contains "you"', hitCondition: ">= 1" },
        { line: at('id = "child"'), logMessage: "child for {{trigger.who}}" },
        { line: at('name = "walk"') },
        { line: at('id = "saved"'), condition: "(" },
      ],
    });
    await client.ask("setExceptionBreakpoints", { filters: ["failures"] });
    await client.then("stopped", "configurationDone");
    const thread = { threadId: 1 };
    await client.then("stopped", "continue", thread);
    await client.ask("threads");
    const frameAt = async (threadId: number): Promise<number> => {
      const { stackFrames } = await client.ask("stackTrace", { threadId });
      return (stackFrames as { id: number }[])[0]?.id ?? 0;
    };
    const frameId = await frameAt(1);
    const { scopes } = await client.ask("scopes", { frameId });
    const listed = scopes as { name: string; variablesReference: number }[];
    for (const { variablesReference } of listed) await client.ask("variables", { variablesReference });
    const outputs = listed.find(({ name }) => name === "Outputs")?.variablesReference ?? 0;
    const { variables } = await client.ask("variables", { variablesReference: outputs });
    const output = (variables as { variablesReference: number }[])[0]?.variablesReference ?? 0;
    for (const [expression, context] of [
      ["first.rendered", "hover"],
      ["nothing.here", "hover"],
      ['first.rendered == "hello you" && !trigger.again', "repl"],
      ["== 1", "watch"],
    ])
      await client.request("evaluate", { expression, frameId, context });
    await client.ask("variables", { variablesReference: output });
    await client.then("stopped", "setVariable", {
      variablesReference: output,
      name: "rendered",
      value: '"{\\"n\\": 1}"',
    });
    await client.ask("evaluate", { expression: "first.rendered" });
    await client.then("stopped", "next", thread);
    await client.then("stopped", "stepIn", thread);
    await client.ask("stackTrace", thread);
    await client.then("stopped", "stepOut", thread);
    await client.then("stopped", "stepBack", thread);
    await client.ask("evaluate", { expression: "child" });
    await client.then("stopped", "reverseContinue", thread);
    const { targets } = await client.ask("gotoTargets", { source, line: at('id = "broken"') });
    const targetId = (targets as { id: number }[])[0]?.id;
    await client.then("stopped", "goto", { ...thread, targetId });
    await client.request("restartFrame", { frameId: await frameAt(1) });
    await client.then("stopped", "continue", thread);
    await client.then("stopped", "restartFrame", { frameId: await frameAt(1) });
    await client.ask("setExceptionBreakpoints", { filters: [] });
    await client.then("stopped", "continue", thread);
    await client.ask("stackTrace", thread);
    await client.ask("gotoTargets", { source, line: at('id = "broken"') });
    await client.request("goto", { ...thread, targetId: 1 });
    await client.then("stopped", "stepBack", thread);
    await client.ask("stackTrace", thread);
    await client.then("stopped", "continue", thread);
    await client.then("exited", "continue", thread);
    await client.ask("disconnect");
    expect(await client.ended).toBe(0);
    await golden(client, "walk.txt");
  });

  test("a failure stops where it happens, when its filter is on, and the end says what failed", async () => {
    const folder = await realpath(await scratchFolder());
    const client = new Client(program.file, folder, plainIn(folder));
    await walking(folder, client, { stopOnEntry: false, stopOnEnd: false });
    await client.ask("setExceptionBreakpoints", { filters: ["failures"] });
    await client.then("stopped", "configurationDone");
    await client.ask("stackTrace", { threadId: 1 });
    await client.then("terminated", "continue", { threadId: 1 });
    await client.next("exited");
    await golden(client, "failure.txt");
    client.child.stdin.end();
    expect(await client.ended, "it ends with its client").toBe(0);
  });

  test("requests that make no sense are refused in a sentence, and the session goes on", async () => {
    const folder = await realpath(await scratchFolder());
    const client = new Client(program.file, folder, plainIn(folder));
    await client.request("next", { threadId: 1 });
    await client.request("launch", {});
    await client.request("launch", { program: 5 });
    await client.request("launch", { program: "missing.toml" });
    await mkdir(path.join(folder, "x"));
    await client.request("launch", { program: "x" });
    await walking(folder, client);
    await client.then("stopped", "configurationDone");
    for (const [command, args] of [
      ["launch", { program: "walk.toml" }],
      ["constructor", {}],
      ["stackTrace", null],
      ["stackTrace", { threadId: "1" }],
      ["scopes", { frameId: 99 }],
      ["variables", { variablesReference: -1 }],
      ["setVariable", { variablesReference: 1, name: {}, value: "1" }],
      ["evaluate", { expression: ["a"] }],
      ["setBreakpoints", { source: {}, breakpoints: [] }],
      ["setBreakpoints", { source: { path: "a" }, breakpoints: [null] }],
      ["goto", { threadId: 1, targetId: 7 }],
      ["restartFrame", { frameId: 0 }],
      ["configurationDone", []],
    ] as const)
      await client.request(command, args);
    await client.ask("evaluate", { expression: "trigger.who" });
    await client.ask("disconnect");
    expect(await client.ended).toBe(0);
    await golden(client, "refusals.txt");
  });

  test("bytes that are no messages are told on standard error and passed over", async () => {
    const folder = await scratchFolder();
    const client = new Client(program.file, folder);
    client.raw("GET / HTTP/1.1\r\n\r\n");
    client.raw("Content-Length: 4\r\n\r\n{}}}");
    client.raw("Content-Length: 99999999\r\n\r\n");
    client.raw(new Uint8Array(99_999_999));
    for (const message of [null, [], 7, { type: "request" }, { type: "response", command: "launch" }])
      client.raw(frame(message));
    await client.ask("initialize");
    expect(client.stderr).toMatch(/no `Content-Length`[^]*not JSON[^]*larger than/);
    client.child.stdin.end();
    expect(await client.ended).toBe(0);
  });
});
