/** Canaries: values of secrets must not appear in anything that a run leaves behind or says. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import { fakeTerminal, folderWith } from "../cli/terminal.ts";

const envCanary = 'canary-env "q" 7f3a9c1e5b';
const secretCanary = "canary-secret/+%=5d2b8e4f6a";
const shortCanary = "c4n4ry";

let server: Server | null = null;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  server = null;
});

/** A server that gives back what it was sent, headers and all, in several forms. */
async function echo(): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const token = request.headers["x-token"] ?? "";
      seen.push(`${String(token)} ${body}`);
      response.setHeader("x-echo", String(token));
      response.end(
        JSON.stringify({
          body,
          token,
          encoded: encodeURIComponent(String(token)),
          base64: Buffer.from(String(token)).toString("base64"),
          long: `${String(token)} `.repeat(8000),
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

const document = `name = "secrets"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "env"

[[secrets]]
name = "TOKEN"
source = "env"
var = "APP_TOKEN"

[[nodes]]
id = "env"
type = "read_env"
key = "APP_ENV"

[[nodes]]
id = "short"
type = "read_env"
key = "APP_SHORT"

[[nodes]]
id = "send"
type = "http_request"
method = "POST"
url_from = "trigger.url"
body_from = "env.value"
headers = { X-Token = "{{secret:TOKEN}}" }

[[nodes]]
id = "write"
type = "write_file"
path_from = "trigger.path"
content_from = "send.body"

[[nodes]]
id = "pause"
type = "pause_for_approval"
reason = "look"

[[nodes]]
id = "told"
type = "template_render"
input_from = "send"
template = "{{body}}"

[[edges]]
from = "env"
to = "short"

[[edges]]
from = "short"
to = "send"

[[edges]]
from = "send"
to = "write"

[[edges]]
from = "write"
to = "pause"

[[edges]]
from = "pause"
to = "told"
`;

/** Every form in which the canaries could stand somewhere. */
const forms = [envCanary, secretCanary, shortCanary].flatMap((value) => [
  value,
  JSON.stringify(value).slice(1, -1),
  JSON.stringify(JSON.stringify(value)).slice(3, -3),
  encodeURIComponent(value),
  Buffer.from(value).toString("base64").replace(/=+$/, "").slice(0, -1),
  Buffer.from(value).toString("base64url").slice(0, -1),
]);

function leaks(text: string): string[] {
  return forms.filter((form) => text.includes(form));
}

async function everyFile(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const files: string[] = [];
  for (const name of names) if ((await stat(path.join(folder, name))).isFile()) files.push(name);
  return files;
}

describe("secrets", () => {
  it("stand in no journal, blob, outcome, trace, record, list or message; and the world gets them as they are", async () => {
    const folder = await folderWith({ "s.toml": document });
    const { url, seen } = await echo();
    const env = { APP_ENV: envCanary, APP_TOKEN: secretCanary, APP_SHORT: shortCanary, HOME: folder };
    const said: string[] = [];
    const cli = async (...argv: readonly string[]): Promise<number> => {
      const terminal = fakeTerminal(folder, { env });
      const code = await run(argv, terminal);
      said.push(terminal.written.out, terminal.written.err);
      return code;
    };
    const input = JSON.stringify({ url, path: path.join(folder, "written.txt") });
    const kept = ["--state-dir", "state"];
    const first = ["run", "s.toml", "--input", input, "--run-id", "r", "--trace", "t1.json", "--record", "r1.json"];
    expect(await cli(...first, ...kept), said.join("\n")).toBe(7);
    expect(await cli("inspect", "r", "--full", ...kept)).toBe(0);
    expect(await cli("inspect", "r", "--json", ...kept)).toBe(0);
    expect(await cli("runs", ...kept)).toBe(0);
    expect(await cli("resume", "r", "--approve", "--trace", "t2.json", "--record", "r2.json", ...kept)).toBe(0);
    expect(await cli("inspect", "r", "--json", ...kept)).toBe(0);
    expect(await cli(...first.filter((word) => word !== "r" && word !== "--run-id"), "--dry-run")).toBe(0);

    expect(seen).toEqual([`${secretCanary} ${envCanary}`]);
    // What the graph itself wrote into a file is its product.
    expect(await readFile(path.join(folder, "written.txt"), "utf8")).toContain(secretCanary);
    for (const text of said) expect(leaks(text)).toEqual([]);
    const files = (await everyFile(folder)).filter((name) => name !== "written.txt");
    expect(files.filter((name) => name.includes("blobs/")).length).toBeGreaterThan(0);
    expect(files).toEqual(expect.arrayContaining(["t1.json", "t2.json", "r1.json", "r2.json"]));
    for (const name of files) {
      const bytes = await readFile(path.join(folder, name));
      expect(leaks(bytes.toString("utf8")), name).toEqual([]);
      expect(leaks(name)).toEqual([]);
    }
    // They were taken out, not left out.
    expect(await readFile(path.join(folder, "state/runs/r/journal.1.jsonl"), "utf8")).toContain("{secret:");
  });

  it("stand in no message of a failure", async () => {
    const folder = await folderWith({ "s.toml": document });
    const env = { APP_ENV: envCanary, APP_TOKEN: secretCanary, APP_SHORT: shortCanary, HOME: folder };
    for (const input of [
      { url: "http://127.0.0.1:1/", path: "x" },
      { url: `http://127.0.0.1:1/${secretCanary}`, path: envCanary },
      { url: "nonsense://x", path: "x" },
    ]) {
      const terminal = fakeTerminal(folder, { env });
      const given = ["--input", JSON.stringify(input), "--state-dir", "state"];
      expect(await run(["run", "s.toml", ...given], terminal)).toBe(5);
      // The payload itself is no secret that was read; only what a run reads is taken out.
      const { out, err } = terminal.written;
      for (const text of [out, err]) expect(leaks(text).filter((form) => form !== shortCanary)).toEqual([]);
    }
  });

  it("that have changed since refuse a resume, and the run stays as it is", async () => {
    const folder = await folderWith({ "s.toml": document });
    const { url } = await echo();
    const env = { APP_ENV: envCanary, APP_TOKEN: secretCanary, APP_SHORT: shortCanary, HOME: folder };
    const input = JSON.stringify({ url, path: path.join(folder, "written.txt") });
    const kept = ["--state-dir", "state"];
    const start = fakeTerminal(folder, { env });
    expect(await run(["run", "s.toml", "-q", "--input", input, "--run-id", "r", ...kept], start)).toBe(7);
    const changed = fakeTerminal(folder, { env: { ...env, APP_TOKEN: "another-value-altogether" } });
    expect(await run(["resume", "r", "--approve", ...kept], changed)).toBe(5);
    expect(changed.written.err).toMatch(/TOKEN.*\[secret_changed\]/s);
    expect(leaks(changed.written.err)).toEqual([]);
    const back = fakeTerminal(folder, { env });
    expect(await run(["resume", "r", "--approve", "-q", ...kept], back)).toBe(0);
  });
});

describe("large values", () => {
  it("of 10 MB go through a journal, a pause and a resume unharmed", async () => {
    const big = `${"wörds ".repeat(1_600_000)}end`;
    const folder = await folderWith({ "big.txt": big, "s.toml": large });
    const kept = ["-q", "--state-dir", "state"];
    const input = '{"from": "big.txt", "to": "copy.txt"}';
    const first = fakeTerminal(folder, { env: { HOME: folder } });
    expect(await run(["run", "s.toml", "--run-id", "r", "--input", input, ...kept], first), first.written.err).toBe(7);
    const second = fakeTerminal(folder, { env: { HOME: folder } });
    expect(await run(["resume", "r", "--approve", ...kept], second), second.written.err).toBe(0);
    expect((await readFile(path.join(folder, "copy.txt"), "utf8")) === big).toBe(true);
    // The value stands once, in a blob, however many events name it.
    const blobs = await readdir(path.join(folder, "state/runs/r/blobs"));
    const sizes = await Promise.all(
      blobs.map(async (name) => (await stat(path.join(folder, "state/runs/r/blobs", name))).size),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(40_000_000);
    const journal = await stat(path.join(folder, "state/runs/r/journal.1.jsonl"));
    expect(journal.size).toBeLessThan(100_000);
  });
});

const large = `name = "large"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "read"

[[nodes]]
id = "read"
type = "read_file"
path_from = "trigger.from"

[[nodes]]
id = "pause"
type = "pause_for_approval"

[[nodes]]
id = "write"
type = "write_file"
path_from = "trigger.to"
content_from = "read.content"

[[edges]]
from = "read"
to = "pause"

[[edges]]
from = "pause"
to = "write"
`;
