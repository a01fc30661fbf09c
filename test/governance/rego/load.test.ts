import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rootGraph, type Bundle } from "../../../src/dialects/bundle.ts";
import { checkFile } from "../../../src/runtime/check.ts";
import { loadDocument, loadPinned } from "../../../src/runtime/documents.ts";
import { loadPolicyCode } from "../../../src/runtime/policy-code.ts";
import { object } from "../../../src/graph/value.ts";
import { show } from "./support.ts";
import { wasmPolicy } from "./wasm-module.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "policy-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const workflow = (rego: string): string => `name = "w"

[policy]
fs = { read = ["/data/**"] }

[policy.rego]
${rego}

[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"
`;

async function written(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  return path.join(folder, "w.toml");
}

function asked(bundle: Bundle, tool: string): string {
  const { policy } = rootGraph(bundle);
  const code = policy === null ? undefined : loadPolicyCode(bundle).codes(policy);
  return code === undefined ? "none" : show(code.ask(object({ tool, args: object() }), 0n));
}

describe("policy code of a document", () => {
  it("in a file is pinned with the run, and later edits change nothing in it", async () => {
    const file = await written({
      "w.toml": workflow('file = "p.rego"'),
      "p.rego": 'package agent\nallow if input.tool == "fs.read"',
    });
    const loaded = await loadDocument(file, folder);
    if (!loaded.ok) throw new Error(loaded.message);
    const pinned = [...loaded.bundle.entries.values()];
    expect(pinned.map(({ role }) => role).sort()).toEqual(["policy", "root"]);
    await written({ "p.rego": "package agent\nallow := false" });
    expect([asked(loaded.bundle, "fs.read"), asked(loaded.bundle, "env.read")]).toEqual(["true", "undefined"]);
    const again = await loadPinned(loaded.bundle.root, pinned, folder);
    if (!again.ok) throw new Error(again.message);
    expect(asked(again.bundle, "fs.read")).toBe("true");
    expect(again.bundle.digest).toBe(loaded.bundle.digest);
    const other = await loadDocument(file, folder);
    expect(other.ok && other.bundle.digest).not.toBe(loaded.bundle.digest);
  });

  it("may be a module of `opa build`", async () => {
    const file = await written({ "w.toml": workflow('file = "p.wasm"'), "p.wasm": wasmPolicy() });
    const loaded = await loadDocument(file, folder);
    if (!loaded.ok) throw new Error(loaded.message);
    expect([asked(loaded.bundle, "fs.read"), asked(loaded.bundle, "fs.write")]).toEqual(["true", "false"]);
  });

  it.each([
    [
      "that does not compile",
      'file = "p.rego"',
      { "p.rego": "package agent\nallow if x" },
      "p.rego:2:10: `x` is unsafe",
    ],
    ["that is not there", 'file = "none.rego"', {}, "none.rego: No such file or directory"],
    ["that is no text", 'file = "p.rego"', { "p.rego": new Uint8Array([0xff]) }, "not UTF-8"],
    ["that is no module", 'file = "p.wasm"', { "p.wasm": "x" }, "no WebAssembly module"],
    ["that is no bundle", 'file = "p.tar.gz"', { "p.tar.gz": "x" }, "no gzipped bundle"],
    ["in two places", 'file = "p.rego"\ninline = "package a"', { "p.rego": "package a" }, "mutually exclusive"],
    ["in the document that does not compile", 'inline = "package agent\\nallow if x"', {}, "line 2: `x` is unsafe"],
  ])("%s refuses the start, and `validate` says so", async (_name, rego, files, message) => {
    const file = await written({ "w.toml": workflow(rego), ...files });
    const loaded = await loadDocument(file, folder);
    expect(loaded.ok ? "" : `${loaded.problem}: ${loaded.message}`).toContain(message);
    expect(loaded.ok ? "" : loaded.problem).toBe("invalid");
    const report = await checkFile(file, folder);
    expect(report.status).toBe("refused");
    expect(report.diagnostics.map((one) => one.message).join("\n")).toContain(message);
  });

  it("of a child that does not compile denies the child alone", async () => {
    const child = workflow('file = "bad.rego"').replace('name = "w"', 'name = "c"');
    const parent = 'name = "w"\n\n[[nodes]]\nid = "child"\ntype = "call"\nworkflow = "c.toml"\n';
    const file = await written({ "w.toml": parent, "c.toml": child, "bad.rego": "package agent\nallow {" });
    const loaded = await loadDocument(file, folder);
    if (!loaded.ok) throw new Error(loaded.message);
    const { codes, problem } = loadPolicyCode(loaded.bundle);
    expect(problem).toBeNull();
    const policies = [...loaded.bundle.entries.values()].flatMap(({ graph }) => graph?.policy ?? []);
    const answers = policies.map((policy) => codes(policy)?.ask(object(), 0n));
    expect(answers).toMatchObject([
      { type: "error", message: expect.stringContaining("policy load failed: bad.rego:2:7") as string },
    ]);
    const inline = child.replace('file = "bad.rego"', 'inline = "package agent\\nallow {"');
    await written({ "c.toml": inline });
    const other = await loadDocument(file, folder);
    const link = other.ok ? other.bundle.links.get(other.bundle.root)?.get("c.toml") : undefined;
    expect(link).toMatchObject({ problem: "policy" });
  });
});
