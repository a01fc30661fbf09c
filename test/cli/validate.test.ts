import { mkdir } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { validateCommand } from "../../src/cli/commands/validate.ts";
import { UsageError } from "../../src/cli/usage.ts";
import { expectGolden, fakeTerminal, folderWith } from "./terminal.ts";

const good = `name = "release-gate"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"

[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"

[[nodes]]
id = "show"
type = "template_render"
template = "{{content}}"
input_from = "load"

[[edges]]
from = "load"
to = "show"

[policy]
fs = { read = ["/data/**"] }
`;
const warned = good.replace('input_from = "load"', 'input_from = "laod"');
const duplicate = `${good.replace('id = "show"', 'id = "load"')}`;

async function validate(
  files: Record<string, string | Uint8Array>,
  options: Parameters<typeof validateCommand>[2] = {},
  person = false,
): Promise<{ code: number; out: string; err: string }> {
  const cwd = await folderWith(files);
  const terminal = fakeTerminal(cwd, { person, width: 60 });
  const code = await validateCommand(terminal, Object.keys(files), options);
  return { code, ...terminal.written };
}

describe("validate", () => {
  it("says that a sound document is valid, on standard output only", async () => {
    expect(await validate({ "gate.toml": good })).toEqual({
      code: 0,
      out: "release-gate: valid, 2 nodes\n",
      err: "",
    });
  });

  it("shows a warning with its line, underlined, and accepts the document", async () => {
    const { code, out } = await validate({ "gate.toml": warned });
    expect(code).toBe(0);
    await expectGolden("validate-warning.txt", out);
  });

  it("refuses warnings when told so, with exit code 5", async () => {
    const { code, out } = await validate({ "gate.toml": warned }, { denyWarnings: true });
    expect(code).toBe(5);
    expect(out).toContain("release-gate: refused, 2 nodes, 1 warning (--deny-warnings)");
  });

  it("shows an error with the place that explains it, and exits with 5", async () => {
    const { code, out } = await validate({ "gate.toml": duplicate });
    expect(code).toBe(5);
    await expectGolden("validate-error.txt", out);
  });

  it("gives exact zero-based ranges and related places as JSON, one object for one file", async () => {
    const { out } = await validate({ "gate.toml": duplicate }, { format: "json" });
    const body = JSON.parse(out) as {
      ok: boolean;
      workflow: string;
      issues: { code: string; severity: string; range: object; related?: { range: object; file: string }[] }[];
    };
    expect(Object.keys(body)).toEqual(["ok", "workflow", "issues"]);
    expect(body).toMatchObject({ ok: false, workflow: "release-gate" });
    const issue = body.issues.find((one) => one.code === "dup_node_id");
    expect(issue).toMatchObject({
      severity: "error",
      range: { start: { line: 13, character: 5 }, end: { line: 13, character: 11 } },
      related: [{ file: "gate.toml", range: { start: { line: 8, character: 5 }, end: { line: 8, character: 11 } } }],
    });
  });

  it("gives an array for several files, and null for the name of what does not parse", async () => {
    const { code, out } = await validate({ "gate.toml": good, "half.toml": "[[nodes" }, { format: "json" });
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject([
      { file: "gate.toml", ok: true, workflow: "release-gate", issues: [] },
      { file: "half.toml", ok: false, workflow: null },
    ]);
  });

  it("writes SARIF 2.1.0: every result names a rule, a place and a level", async () => {
    const { out } = await validate({ "a b/gate.toml": duplicate, "w.toml": warned }, { format: "sarif" });
    const log = JSON.parse(out) as {
      version: string;
      runs: {
        tool: { driver: { name: string; rules: { id: string }[] } };
        results: {
          ruleId: string;
          ruleIndex: number;
          level: string;
          message: { text: string };
          locations: { physicalLocation: { artifactLocation: { uri: string }; region: Record<string, number> } }[];
        }[];
      }[];
    };
    expect(log.version).toBe("2.1.0");
    const [run] = log.runs;
    expect(run?.results.length).toBeGreaterThan(1);
    for (const result of run?.results ?? []) {
      expect(run?.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(["error", "warning", "note"]).toContain(result.level);
      expect(result.message.text).not.toBe("");
      const place = result.locations[0]?.physicalLocation;
      expect(["a%20b/gate.toml", "w.toml"]).toContain(place?.artifactLocation.uri);
      for (const number of Object.values(place?.region ?? {})) expect(number).toBeGreaterThanOrEqual(1);
    }
  });

  it.each([
    ["a half-written file", '[[nodes]\nid = "a', /^broken\.toml:1:9 error toml_syntax /],
    ["a NUL byte", 'name = "a\0b"\n', /^broken\.toml:1:10 error toml_syntax [\s\S]*name = "a␀b"/],
    ["a line of five megabytes", `name = "${"x".repeat(5_000_000)}\n`, /^broken\.toml:1:5000009 error toml_syntax /],
    [
      "bytes that are no text",
      Uint8Array.from([0x78, 0x3d, 0x31, 10, 0xc3, 0xa4, 0xff]),
      /^broken\.toml:2:2 error not_utf8 /,
    ],
  ])("names the place in %s", async (_, content, first) => {
    const { code, out } = await validate({ "broken.toml": content });
    expect(code).toBe(2);
    expect(out).toMatch(first);
    expect(out.length).toBeLessThan(2000);
    expect(out).toContain("broken.toml: does not parse");
  });

  it("reads a byte order mark and carriage returns as an editor does", async () => {
    const { code, out } = await validate({ "crlf.toml": `\ufeff${warned.replaceAll("\n", "\r\n")}` });
    expect(code).toBe(0);
    expect(out).toContain("crlf.toml:17:14 warning unknown_reference");
    expect(out).not.toContain("\r");
  });

  it("says of a directory and of a missing file what they are, with exit code 2", async () => {
    const cwd = await folderWith();
    await mkdir(path.join(cwd, "graphs"));
    const terminal = fakeTerminal(cwd);
    expect(await validateCommand(terminal, ["graphs", "nix.toml"])).toBe(2);
    expect(terminal.written.out).toContain("graphs:1:1 error cannot_read this is a directory");
    expect(terminal.written.out).toContain("nix.toml:1:1 error cannot_read there is no such file");
  });

  it("checks the files that a document names, also across documents", async () => {
    const parent = `name = "p"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "c"\n[[nodes]]\nid = "c"\ntype = "call"\nworkflow = "child.toml"\nstart = "mian"\n`;
    const cwd = await folderWith({ "sub/p.toml": parent, "sub/child.toml": good });
    const terminal = fakeTerminal(cwd);
    await validateCommand(terminal, ["sub/p.toml"]);
    expect(terminal.written.out).toContain("unknown_child_start");
    expect(terminal.written.out).toContain("did you mean `main`?");
    const alone = await validate({ "p.toml": parent });
    expect(alone.out).toContain("missing_file the child document `child.toml` does not exist");
  });

  it("warns of effects that the document's policy and the workspace's lists deny", async () => {
    const shell = good.replace(
      'type = "read_file"\npath_from = "trigger.path"',
      'type = "shell_run"\ncommand = "/bin/date"',
    );
    expect((await validate({ "a.toml": shell })).out).toContain("effect_denied shell.run on `/bin/date` of `load`");
    const free = shell.slice(0, shell.indexOf("[policy]"));
    const listed = await validate({ "a.toml": free, "countersign.toml": "[allow.shell]\ncommands = []\n" });
    expect(listed.out).toContain("effect_denied shell.run on `/bin/date` of `load` would be denied (allowlist)");
  });

  it("takes severities from countersign.toml and silences what a comment ignores", async () => {
    const config = '[diagnostics]\nunknown_reference = "error"\n';
    expect((await validate({ "gate.toml": warned, "countersign.toml": config })).code).toBe(5);
    const silenced = warned.replace(
      'input_from = "laod"',
      'input_from = "laod" # countersign: ignore unknown_reference',
    );
    expect((await validate({ "gate.toml": silenced })).out).toBe("release-gate: valid, 2 nodes\n");
    const above = warned.replace(
      'input_from = "laod"',
      '# countersign: ignore unknown_reference, no_policy\ninput_from = "laod"',
    );
    const { out } = await validate({ "gate.toml": above });
    expect(out).toContain("unused_ignore nothing here is reported as `no_policy`");
    expect(out).not.toContain("warning");
  });

  it("checks a countersign.toml and sends fixtures to `test`", async () => {
    const config = await validate({ "countersign.toml": "" });
    expect(config).toMatchObject({ code: 0, out: "countersign.toml: valid\n" });
    const fixture = await validate({ "fixture.toml": 'start = "main"\n' });
    expect(fixture.code).toBe(2);
    expect(fixture.out).toContain("run it with `countersign test`");
  });

  it("prints no control characters of a document, and colours only for a person", async () => {
    const hostile = `name = "\\u001b[2J"\n[[nodes]]\nid = "a"\nid = "b"\n`;
    const { out } = await validate({ "h.toml": hostile.replace('id = "b"\n', "") });
    expect(out).not.toContain("\u001b");
    const cwd = await folderWith({ "gate.toml": good });
    const person = fakeTerminal(cwd, { person: true });
    await validateCommand({ ...person, env: {} }, ["gate.toml"]);
    expect(person.written.out).toContain("\u001b[32mvalid");
    const quiet = fakeTerminal(cwd, { person: true });
    await validateCommand(quiet, ["gate.toml"]);
    expect(quiet.written.out).not.toContain("\u001b");
  });

  it("refuses a format that it does not have", async () => {
    await expect(validate({ "gate.toml": good }, { format: "xml" })).rejects.toThrow(UsageError);
  });

  it("finds nothing to complain about in pipelines whose programs only an operator can allow", async () => {
    const spec =
      "v=1\nmodel=single_ring\nname=p\nsingle_ring.shards=1\nsingle_ring.ordering=strict\nsingle_ring.producer=single\n" +
      "single_ring.scheduling=dedicated\nsingle_ring.stages.0.id=a\nsingle_ring.stages.0.stage=exec:/bin/true\n" +
      "single_ring.stages.0.depends_on.count=0\n";
    expect(await validate({ "spec.kv": spec })).toMatchObject({ code: 0, out: "p: valid, 1 node\n" });
  });
});
