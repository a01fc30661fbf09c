/** The reference servers of the Model Context Protocol, as a user would declare them. */
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { McpServer } from "../../../src/graph/model.ts";
import { object, type Value } from "../../../src/graph/value.ts";
import { Bench, CANARY, failureOf, perform, resource, tool } from "./harness.ts";

const resolve = createRequire(import.meta.url).resolve;
const entry = (name: string) =>
  join(dirname(resolve(`@modelcontextprotocol/server-${name}/package.json`)), "dist", "index.js");

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

function reference(name: string, args: readonly string[] = [], given: Partial<McpServer> = {}): McpServer {
  return bench.server("", { name, command: [process.execPath, entry(name), ...args], ...given });
}
const block = (text: string) => [object({ type: "text", text })];

describe("server-everything", () => {
  it("runs a tool, with and without arguments", async () => {
    const mcp = bench.performer([reference("everything", ["stdio"])]);
    expect(await perform(mcp, tool("echo", object({ message: "héllo" })))).toEqual({
      ok: true,
      value: object({ server: "everything", content: block("Echo: héllo"), is_error: false, structured: null }),
    });
    const env = await perform(mcp, tool("get-env"));
    expect(env).toMatchObject({ ok: true, value: { is_error: false } });
  });

  it("gives structured content, and a tool's own error as a result", async () => {
    const mcp = bench.performer([reference("everything", ["stdio"])]);
    const result = await perform(mcp, tool("get-structured-content", object({ location: "Chicago" })));
    expect(result).toMatchObject({
      ok: true,
      value: {
        is_error: false,
        structured: { conditions: expect.any(String) as string, humidity: expect.any(BigInt) as bigint },
      },
    });
    expect(await perform(mcp, tool("echo", object({ message: 1n })))).toMatchObject({
      ok: true,
      value: { is_error: true, structured: null },
    });
  });

  it("reads a resource and refuses an unknown one with the server's code and words", async () => {
    const mcp = bench.performer([reference("everything", ["stdio"])]);
    const uri = "demo://resource/dynamic/text/1";
    expect(await perform(mcp, resource(uri))).toMatchObject({
      ok: true,
      value: { server: "everything", contents: [{ uri, mimeType: "text/plain" }] },
    });
    expect(await failureOf(mcp, resource("demo://no/such"))).toEqual([
      "mcp",
      expect.stringMatching(/ error -\d+: .*demo:\/\/no\/such/),
    ]);
  });

  it("gets a secret in its environment and keeps it out of the failure messages", async () => {
    const mcp = bench.performer([reference("everything", ["stdio"], { env: { API_TOKEN: "token" } })]);
    const env = await perform(mcp, tool("get-env"));
    expect(env.ok && env.value).toMatchObject({ content: [{ text: expect.stringContaining(CANARY) as string }] });
    const [kind, message] = (await failureOf(mcp, resource(`demo://${CANARY}`))) as [string, string];
    expect(kind).toBe("mcp");
    expect(message).not.toContain(CANARY);
    expect(message).toContain("{secret:token}");
  });
});

describe("server-filesystem", () => {
  it("writes and reads below its folder and says no elsewhere", async () => {
    const root = join(realpathSync(bench.folder), "root");
    mkdirSync(root);
    writeFileSync(join(root, "a.txt"), "alpha");
    const mcp = bench.performer([reference("filesystem", [root])]);
    const read = (path: string) => perform(mcp, tool("read_text_file", object({ path })));
    expect(await read(join(root, "a.txt"))).toMatchObject({
      ok: true,
      value: { content: block("alpha"), is_error: false },
    });
    await perform(mcp, tool("write_file", object({ path: join(root, "b.txt"), content: "beta" })));
    expect(readFileSync(join(root, "b.txt"), "utf8")).toBe("beta");
    expect(await read(join(root, "..", "log"))).toMatchObject({ ok: true, value: { is_error: true } });
  });
});

describe("server-memory", () => {
  it("remembers across calls that run side by side with another server's", async () => {
    const memory = { MEMORY_FILE_PATH: "file" };
    const mcp = bench.performer([reference("memory", [], { env: memory }), reference("everything", ["stdio"])], {
      resolveSecret: () => Promise.resolve({ ok: true, value: join(bench.folder, "memory.jsonl") }),
    });
    const entities: Value = [object({ name: "Ada", entityType: "person", observations: ["wrote notes"] })];
    const [made, said] = await Promise.all([
      perform(mcp, tool("create_entities", object({ entities }), "memory")),
      perform(mcp, tool("echo", object({ message: "x" }), "everything")),
    ]);
    expect(made).toMatchObject({ ok: true, value: { server: "memory", structured: { entities: [{ name: "Ada" }] } } });
    expect(said).toMatchObject({ ok: true, value: { server: "everything", content: block("Echo: x") } });
    expect(await perform(mcp, tool("search_nodes", object({ query: "notes" }), "memory"))).toMatchObject({
      ok: true,
      value: { structured: { entities: [{ name: "Ada" }], relations: [] } },
    });
    expect(readFileSync(join(bench.folder, "memory.jsonl"), "utf8")).toContain("Ada");
  });
});
