/** Template output as a path, URL, argument, header or variable, through whole runs: data never widens a policy. */
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outcomeEnvelope, prettyEnvelope } from "../../../src/engine/report.ts";
import { object } from "../../../src/graph/value.ts";
import { loadDocument } from "../../../src/runtime/documents.ts";
import { execute } from "../../../src/runtime/execute.ts";
import { runSettings } from "../../durability/settings.ts";

const CANARY = "canary-9b2e";
let root = "";
let server: Server;
const requests: string[] = [];

beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(os.tmpdir(), "countersign-templates-")));
  await mkdir(path.join(root, "allowed"));
  await mkdir(path.join(root, "secret"));
  await writeFile(path.join(root, "secret/canary.txt"), CANARY);
  await writeFile(path.join(root, "allowed/file.txt"), "fine");
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.rawHeaders.join("|")}`);
    response.end("fine");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(root, { recursive: true, force: true });
});

const port = (): number => (server.address() as AddressInfo).port;

/** A workflow that renders its payload and hands the text to one node. */
function document(template: string, node: string): string {
  return `name = "t"

[policy.fs]
read = ["allowed/**"]
write = ["allowed/**"]

[policy.http]
urls = ["http://127.0.0.1:${port()}/in/**"]

[policy.shell]
commands = ["/bin/echo", "/usr/bin/echo"]

[policy.env]
read_keys = ["APP_*"]

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "text"

[[nodes]]
id = "text"
type = "template_render"
template = ${JSON.stringify(template)}
input_from = "trigger"

[[nodes]]
id = "act"
${node}

[[edges]]
from = "text"
to = "act"
`;
}

async function outcome(text: string, data: string): Promise<{ readonly status: string; readonly text: string }> {
  requests.length = 0;
  await writeFile(path.join(root, "t.toml"), text);
  const loaded = await loadDocument("t.toml", root);
  if (!loaded.ok) throw new Error(`${loaded.message} ${JSON.stringify(loaded.diagnostics)}`);
  const executed = await execute(
    loaded.bundle,
    runSettings({ cwd: root, runId: "t", stateDir: null, input: object({ data }) }),
  );
  if (!executed.ok) return { status: executed.problem.code, text: executed.problem.message };
  const shown = prettyEnvelope(outcomeEnvelope(executed.run.outcome));
  return { status: executed.run.outcome.status, text: shown };
}

const readNode = `type = "read_file"\npath_from = "text.rendered"`;
const writeNode = `type = "write_file"\npath_from = "text.rendered"\ncontent_from = "trigger.data"`;
const getNode = `type = "http_request"\nmethod = "POST"\nurl_from = "text.rendered"`;

const attempts: readonly (readonly [name: string, template: string, node: string, data: string])[] = [
  ["a climb in a path", "allowed/{{data}}", readNode, "../secret/canary.txt"],
  ["an absolute path", "{{data}}", readNode, "/etc/passwd"],
  ["NUL in a path", "allowed/{{data}}", readNode, "file.txt\0/../../secret/canary.txt"],
  ["a climb in a path to write", "allowed/{{data}}", writeNode, "../secret/new.txt"],
  ["another host behind user info", "http://127.0.0.1:{{data}}", getNode, "1@evil.invalid/in/"],
  ["another port", "http://127.0.0.1:{{data}}/in/", getNode, "1"],
  ["a climb in a URL", "http://127.0.0.1:PORT/in/{{data}}", getNode, "../admin"],
  ["an encoded climb in a URL", "http://127.0.0.1:PORT/in/{{data}}", getNode, "%2e%2e%2fadmin"],
  ["full-width dots in a URL", "http://127.0.0.1:PORT/in/{{data}}", getNode, "\uff0e\uff0e/admin"],
  ["another scheme", "{{data}}", getNode, "file:///etc/passwd"],
  ["the metadata address", "http://{{data}}/in/", getNode, "169.254.169.254"],
];

describe("template output", () => {
  it.each(attempts)("cannot carry %s past a policy", async (_name, template, node, data) => {
    const made = await outcome(document(template.replace("PORT", String(port())), node), data);
    expect(made.status).toBe("failed");
    expect(made.text).not.toContain(CANARY);
    expect(requests).toEqual([]);
    expect(await readdir(path.join(root, "secret"))).toEqual(["canary.txt"]);
    expect(await readFile(path.join(root, "secret/canary.txt"), "utf8")).toBe(CANARY);
  });

  it.each([
    ["a path inside", "allowed/{{data}}", readNode, "./file.txt"],
    ["a new file inside", "allowed/{{data}}", writeNode, "x/y.txt"],
    ["a URL inside", "http://127.0.0.1:PORT/in/{{data}}", getNode, "a%20b?c=d"],
  ])("may be %s", async (_name, template, node, data) => {
    const made = await outcome(document(template.replace("PORT", String(port())), node), data);
    expect(made.text).toContain("completed");
  });

  it("that breaks a line becomes no header, wherever it stands", async () => {
    const url = `http://127.0.0.1:${port()}/in/{{data}}`;
    await outcome(document(url, getNode), "x\r\nX-Injected: 1\r\n\r\nGET /admin HTTP/1.1");
    for (const one of requests) expect(one).not.toMatch(/X-Injected\|/);
    expect(requests.length).toBeLessThanOrEqual(1);
  });

  it("that looks like a secret's marker in a header stays text", async () => {
    const node = `${getNode}\n[nodes.headers]\nX-A = "{{secret:AWS}} {{data}}"`;
    await expect(outcome(document(`http://127.0.0.1:${port()}/in/`, node), "x")).rejects.toThrow(/headers/);
  });
});

describe("a model's address", () => {
  it("is never a metadata address, with or without a policy", async () => {
    const text = `name = "m"

[[intelligence.backends]]
name = "m"
provider = "openai-compatible"
model = "x"
base_url = "http://169.254.169.254"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "ask"

[[nodes]]
id = "ask"
type = "llm_infer"
backend = "m"
prompt = "hello"
`;
    const made = await outcome(text, "");
    expect(made.status).toBe("failed");
    expect(made.text).toContain("metadata address");
  });
});
