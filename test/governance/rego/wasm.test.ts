import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { unpackBundle } from "../../../src/governance/rego-wasm/bundle.ts";
import { loadWasmPolicy } from "../../../src/governance/rego-wasm/policy.ts";
import { object } from "../../../src/graph/value.ts";
import { show } from "./support.ts";
import { wasmPolicy } from "./wasm-module.ts";

const options = { query: "data.agent.allow", data: null, digest: null, limits: { timeMs: 100, pages: 16 } };

function loaded(): (tool: string) => string {
  const made = loadWasmPolicy(wasmPolicy(), options);
  if (!made.ok) throw new Error(made.message);
  return (tool) => show(made.code.ask(object({ args: object(), tool }), 0n));
}

describe("a policy compiled to WebAssembly", () => {
  it("answers true, false and nothing", () => {
    const ask = loaded();
    expect([ask("fs.read"), ask("fs.write"), ask("mcp.tool")]).toEqual(["true", "false", "undefined"]);
  });

  it("is ended when it never ends or traps, and answers again afterwards", () => {
    const ask = loaded();
    expect([ask("http.request"), ask("fs.read"), ask("shell.run"), ask("fs.read")]).toEqual([
      "rego.limit",
      "true",
      "rego.eval",
      "true",
    ]);
  });

  it.each([
    ["for what is no module", () => loadWasmPolicy(new Uint8Array([1, 2, 3]), options), "no WebAssembly module"],
    ["for a cut module", () => loadWasmPolicy(wasmPolicy().subarray(0, 200), options), "no WebAssembly module"],
    [
      "for a module that wants the world",
      () => loadWasmPolicy(wasmPolicy({ module: "wasi_snapshot_preview1", name: "fd_write" }), options),
      "wasi_snapshot_preview1.fd_write",
    ],
    ["for another entry point", () => loadWasmPolicy(wasmPolicy(), { ...options, query: "data.x.y" }), "`agent/allow`"],
    ["for a query that is no path", () => loadWasmPolicy(wasmPolicy(), { ...options, query: "1 == 1" }), "no path"],
    ["for data that is no table", () => loadWasmPolicy(wasmPolicy(), { ...options, data: 1n }), "a table"],
  ])("is refused %s", (_name, load, message) => {
    const made = load();
    expect(made.ok ? "" : made.message).toContain(message);
  });
});

describe("a bundle of `opa build`", () => {
  it("is unpacked", () => {
    const made = unpackBundle(gzipSync(tar({ "/data.json": '{"a":1}', "/policy.wasm": "wasm" })));
    expect(made).toMatchObject({ ok: true, data: { a: 1n } });
    expect(made.ok ? new TextDecoder().decode(made.wasm) : "").toBe("wasm");
  });

  it.each([
    ["no gzip", new Uint8Array([1, 2]), "no gzipped bundle"],
    ["no tar", gzipSync(Buffer.alloc(600, 1)), "no tar archive"],
    ["no module", gzipSync(tar({ "data.json": "{}" })), "no policy.wasm"],
    ["bad data", gzipSync(tar({ "policy.wasm": "x", "data.json": "[" })), "no JSON object"],
    ["a bomb", gzipSync(Buffer.alloc(70 * 1024 * 1024)), "at most 64 MiB"],
  ])("is refused when it has %s", (_name, bytes, message) => {
    const made = unpackBundle(bytes);
    expect(made.ok ? "" : made.message).toContain(message);
  });
});

function tar(files: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(files).map(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(content.length.toString(8).padStart(11, "0"), 124);
    header.write("0", 156);
    return Buffer.concat([header, Buffer.from(content.padEnd(512, "\0"))]);
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}
