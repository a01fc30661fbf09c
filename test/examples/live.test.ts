/** Examples that need no model and no network, run for real; what they leave behind is looked at. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { folderWith } from "../cli/terminal.ts";
import { copyOfExamples, countersign, examples, root, type Ended } from "./support.ts";

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function example(name: string): { readonly document: string; readonly input: readonly string[] } {
  const found = examples.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no example ${name}`);
  return found;
}

/** Runs an example in a copy of the examples, with a state directory of its own. */
async function live(
  name: string,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Ended> {
  const { document, input } = example(name);
  const payload = flags.some((flag) => flag.startsWith("--input")) ? [] : input;
  const state = { COUNTERSIGN_STATE_DIR: await folderWith() };
  return countersign(["run", document, ...payload, ...flags], { ...state, ...env }, cwd ?? (await copyOfExamples()));
}

function outcome(ended: Ended): Record<string, unknown> {
  return JSON.parse(ended.out) as Record<string, unknown>;
}

async function json(folder: string, file: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(folder, file), "utf8")) as unknown;
}

/** A server that answers 202 to everything and keeps what it got. */
async function receiver(): Promise<{ origin: string; bodies: string[]; authorizations: string[] }> {
  const bodies: string[] = [];
  const authorizations: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      if (request.headers.authorization !== undefined) authorizations.push(request.headers.authorization);
      bodies.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { origin: `127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, authorizations };
}

/** A copy of the examples in which files of one name another origin. */
async function copyWithOrigin(name: string, files: readonly string[], from: string, to: string): Promise<string> {
  const folder = await copyOfExamples();
  for (const file of files) {
    const full = path.join(folder, "examples", name, file);
    const text = await readFile(full, "utf8");
    expect(text).toContain(from);
    await writeFile(full, text.replaceAll(from, to));
  }
  return folder;
}

test("config-drift writes what differs", async () => {
  const cwd = await copyOfExamples();
  const ended = await live("config-drift", [], {}, cwd);
  expect(ended.code).toBe(0);
  expect(await json(cwd, "examples/config-drift/out/drift.json")).toMatchObject({
    changed: { "lamp.period_s": { from: 10, to: 12 } },
    added: { "sectors[2]": 90 },
    unchanged: false,
  });
});

test("map-accounts writes one rating for each account, in their order", async () => {
  const cwd = await copyOfExamples();
  const ended = await live("map-accounts", [], {}, cwd);
  expect(ended.code).toBe(0);
  const report = (await json(cwd, "examples/map-accounts/out/report.json")) as { result: { rendered: string } }[];
  expect(report.map(({ result }) => result.rendered)).toEqual([
    "Harbour Ltd: call today",
    "Pier & Sons: write a letter",
    "Old Wharf: nothing to do",
  ]);
});

test("parallel-enrich joins both branches, the second one from a program", async () => {
  const { final_value: value } = outcome(await live("parallel-enrich"));
  expect((value as { rendered: string }).rendered).toMatch(/^for Ada in Valletta; packing list: +3 /);
});

test("support-router sends an outage to the people on call", async () => {
  expect(outcome(await live("support-router"))).toMatchObject({ status: "completed", last_node: "outage" });
});

test("retry-fallback tries three times where nothing listens, then takes yesterday's rates", async () => {
  const ended = await live("retry-fallback");
  expect(outcome(ended)).toMatchObject({ last_node: "stale", final_value: { parsed: { NOK: 11.7 } } });
  expect(ended.err.match(/attempt \d failed/g)).toEqual(["attempt 1 failed", "attempt 2 failed"]);
});

test("hello-world says its message", async () => {
  expect(outcome(await live("hello-world"))["final_value"]).toMatchObject({ stdout: "hello from the terminal" });
});

test("hello-graph hands the first step's output to the second", async () => {
  const { final_value: value } = outcome(await live("hello-graph"));
  expect(value).toMatchObject({ step_outputs: { second: { stdout: "hello from graph" } } });
});

test("hello-graph holds the graph of the documentation and nothing else", async () => {
  const text = await readFile(path.join(root, "examples", "hello-graph", "graph.yaml"), "utf8");
  expect(text).toBe(`name: hello-graph
owner: runx
steps:
  - id: first
    skill: ../hello-world
    inputs:
      message: hello from graph
  - id: second
    skill: ../hello-world
    context:
      message: first.stdout
`);
});

test("fan-out-quorum goes on although one reviewer fails", async () => {
  const { final_value: value, status } = outcome(await live("fan-out-quorum"));
  expect(status).toBe("completed");
  expect(value).toMatchObject({ step_outputs: { performance: { status: "failure" }, publish: { status: "success" } } });
});

test.each([
  { answer: "--approve", code: 0, found: "installed", status: "completed" },
  { answer: "--deny", code: 5, found: "blocked", status: "failed" },
])("approval-gate pauses, and $answer decides what follows", async ({ answer, code, found, status }) => {
  const env = { COUNTERSIGN_STATE_DIR: await folderWith() };
  const paused = await live("approval-gate", ["--run-id", "gate"], env);
  expect(paused.code).toBe(7);
  const ended = await countersign(["resume", "gate", answer, "--reason", "a test"], env);
  expect(ended.code).toBe(code);
  expect(outcome(ended)["status"]).toBe(status);
  expect(ended.out).toContain(found);
});

test("pipeline-exec is denied until the operator names the program, wants a signed start in production, and runs in development", async () => {
  const env = { COUNTERSIGN_EXEC_ALLOWLIST: "/usr/bin/wc" };
  const record = ["--input-ascii", "hello"];
  const denied = await live("pipeline-exec", [...record, "--environment", "dev"]);
  expect(denied.code).toBe(5);
  expect(outcome(denied)).toMatchObject({ error: { class: "policy" } });
  const unsigned = await live("pipeline-exec", record, env);
  expect(unsigned.code).toBe(2);
  expect(unsigned.err).toContain("[requester.unsigned]");
  const ran = await live("pipeline-exec", [...record, "--environment", "dev"], env);
  expect(outcome(ran)["final_value"]).toEqual({ $bytes: Buffer.from("hello").toString("base64") });
});

test("pipeline-notify posts the record's bytes", async () => {
  const { origin, bodies } = await receiver();
  const cwd = await copyWithOrigin("pipeline-notify", ["spec.kv"], "127.0.0.1:8788", origin);
  const ended = await live("pipeline-notify", ["--environment", "dev", "--input-ascii", '{"order":7}'], {}, cwd);
  expect(ended.code).toBe(0);
  expect(bodies).toEqual(['POST /orders {"order":7}']);
});

test("secret-header sends the token and shows it nowhere", async () => {
  const { origin, authorizations } = await receiver();
  const token = "s3cret-token-of-the-test";
  const files = ["secret-header.toml", "payload.json"];
  const cwd = await copyWithOrigin("secret-header", files, "https://status.lighthouse.example", `http://${origin}`);
  const state = await folderWith();
  const env = { LIGHTHOUSE_API_TOKEN: token, COUNTERSIGN_STATE_DIR: state };
  const ended = await live("secret-header", ["--run-id", "secret", "--trace", "trace.json"], env, cwd);
  expect(ended.code).toBe(0);
  expect(authorizations).toEqual([`Bearer ${token}`]);
  const journal = await readFile(path.join(state, "runs", "secret", "journal.1.jsonl"), "utf8");
  const trace = await readFile(path.join(cwd, "trace.json"), "utf8");
  for (const text of [journal, trace, ended.out, ended.err]) expect(text).not.toContain(token);
});

test("mcp-files asks the reference file-system server", async () => {
  const { final_value: value } = outcome(await live("mcp-files", [], {}, root));
  expect((value as { rendered: string }).rendered).toMatch(/^files says: .*lamp\.txt$/);
}, 60_000);
