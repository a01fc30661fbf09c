import { createRequire } from "node:module";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { Bench } from "./workflow-cli.ts";

const everything = path.join(
  path.dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/server-everything/package.json")),
  "dist/index.js",
);
const declared = (allow: string): string =>
  `[[mcp_servers]]\nname = "every"\ncommand = ["${process.execPath}", "${everything}", "stdio"]\n${allow}`;
const call = (tool: string): string =>
  `[[nodes]]\nid = "a"\ntype = "call_mcp_tool"\ntool = "${tool}"\nargs_from = "trigger.args"\n`;
const env = { PATH: process.env["PATH"] ?? "" };

describe("MCP through the reference server", () => {
  it("calls an allowed tool of a declared server", async () => {
    const ran = await new Bench().run(
      call("echo") + declared('allow_tools = ["ec*"]\n'),
      { args: { message: "héllo" } },
      [],
      env,
    );
    expect(ran.exit, ran.err).toBe(0);
    expect(ran.outcome).toEqual({
      status: "completed",
      final_value: {
        tool: "echo",
        server: "every",
        content: [{ type: "text", text: "Echo: héllo" }],
        is_error: false,
        structured: null,
      },
      last_node: "a",
    });
  });

  it("denies what the server's own list does not name, whatever [policy.mcp] says", async () => {
    const open = '[policy.mcp]\ntools = ["*"]\n';
    const ran = await new Bench().run(call("echo") + declared('allow_tools = ["get-*"]\n') + open, null, [], env);
    expect(ran.exit).toBe(5);
    expect(ran.outcome).toMatchObject({
      reason: "policy violation: mcp tool `echo` denied by allowlist on server `every`",
      error: { class: "policy" },
    });
  });

  it("takes the label error for a tool's own error", async () => {
    const next = '[[nodes]]\nid = "b"\ntype = "condition"\nexpr = "a.is_error"\n';
    const edge = '[[edges]]\nfrom = "a"\nto = "b"\nwhen = "error"\n';
    const ran = await new Bench().run(
      call("echo") + next + edge + declared('allow_tools = ["*"]\n'),
      { args: { message: 1 } },
      [],
      env,
    );
    expect(ran.outcome, ran.err).toMatchObject({ final_value: { value: true }, last_node: "b" });
  });

  it("reads an allowed resource and refuses another", async () => {
    const read = '[[nodes]]\nid = "a"\ntype = "read_mcp_resource"\nresource_from = "trigger.uri"\n';
    const server = declared('allow_resources = ["demo://resource/dynamic/text/*"]\n');
    const uri = "demo://resource/dynamic/text/1";
    const ran = await new Bench().run(read + server, { uri }, [], env);
    expect(ran.outcome, ran.err).toMatchObject({
      status: "completed",
      final_value: { uri, server: "every", contents: [{ uri, mimeType: "text/plain" }] },
    });
    const other = await new Bench().run(read + server, { uri: "demo://resource/dynamic/blob/1" }, [], env);
    expect(other.outcome).toMatchObject({ error: { class: "policy" } });
  });

  it("asks [policy.mcp] about the command line's server", async () => {
    const words = ["--mcp-stdio", `${process.execPath} ${everything} stdio`];
    const input = { args: { message: "x" } };
    const denied = await new Bench().run(`${call("echo")}[policy]\n`, input, words, env);
    expect(denied.outcome).toMatchObject({
      reason: "policy violation: mcp tool `echo` denied by allowlist on server `default`",
    });
    const allowed = await new Bench().run(`${call("echo")}[policy.mcp]\ntools = ["echo"]\n`, input, words, env);
    expect(allowed.exit, allowed.err).toBe(0);
    expect(allowed.outcome).toMatchObject({ final_value: { server: "default", is_error: false } });
    const free = await new Bench().run(call("echo"), input, words, env);
    expect(free.exit, free.err).toBe(0);
  });
});
