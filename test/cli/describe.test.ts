import { describe, expect, it } from "vitest";
import { describeCommand } from "../../src/cli/commands/describe.ts";
import { graphCommand } from "../../src/cli/commands/graph.ts";
import { expectGolden, fakeTerminal, folderWith, type FakeTerminal } from "./terminal.ts";

const parent = `name = "release"
description = "Publishes a release."

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"

[[nodes]]
id = "load"
type = "read_env"
key = "RELEASE"

[[nodes]]
id = "gate"
type = "condition"
expr = "load.value"

[[nodes]]
id = "notes"
type = "call"
workflow = "child.toml"

[[nodes]]
id = "post"
type = "http_request"
method = "POST"
url_from = "trigger.url"
headers = { Authorization = "Bearer {{secret:API}}" }

[[nodes]]
id = "tag"
type = "shell_run"
command = "/usr/bin/git"

[[nodes]]
id = "loose"
type = "merge"

[[nodes]]
id = "none"
type = "fail"

[[edges]]
from = "load"
to = "gate"

[[edges]]
from = "gate"
to = "notes"
when = "true"

[[edges]]
from = "gate"
to = "none"
when = "false"

[[edges]]
from = "notes"
to = "post"

[[edges]]
from = "post"
to = "tag"

[[edges]]
from = "post"
to = "post"
when = "error"
max_iterations = 2

[[edges]]
from = "tag"
to = "loose"
when = "never"

[[secrets]]
name = "API"
source = "env"
var = "API_TOKEN"

[policy]
env = { read_keys = ["RELEASE"] }
http = { urls = ["https://api.example/**"], methods = ["POST"] }
fs = { write = ["out/**"] }
`;
const child = `name = "notes"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "run"
[[nodes]]
id = "run"
type = "shell_run"
command = "/usr/bin/date"
`;

async function describeIt(
  options: Parameters<typeof describeCommand>[2] = {},
  files: Record<string, string> = { "release.toml": parent, "child.toml": child },
  width = 100,
): Promise<FakeTerminal & { code: number }> {
  const terminal = fakeTerminal(await folderWith(files), {
    person: true,
    width,
    env: { API_TOKEN: "top-secret-value", RELEASE: "another-secret" },
  });
  const code = await describeCommand(terminal, Object.keys(files)[0] as string, options);
  return { ...terminal, code };
}

interface Described {
  environment: string;
  nodes: { id: string; reachable: boolean }[];
  effects: {
    document: string | null;
    node: string;
    decision: string;
    code: string | null;
    depends_on: string | null;
    otherwise: { decision: string; code: string } | null;
  }[];
}

describe("describe", () => {
  it("tells nodes, paths, files, secrets and effects, in columns cut to the width", async () => {
    const { code, written } = await describeIt();
    expect(code).toBe(0);
    await expectGolden("describe.txt", written.out);
    for (const line of written.out.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    expect(written.out + written.err).not.toMatch(/top-secret-value|another-secret/);
  });

  it("decides a child's effects under the parent's policy too, and names the reference that a target depends on", async () => {
    const { written } = await describeIt({ json: true, environment: "prod" });
    const about = JSON.parse(written.out) as Described;
    expect(about.environment).toBe("prod");
    const of = (node: string) => about.effects.find((effect) => effect.node === node);
    expect(of("load")).toMatchObject({ decision: "Allow", code: "not_side_effecting" });
    expect(of("run")).toMatchObject({ document: "child.toml", decision: "Deny", code: "policy" });
    expect(of("tag")).toMatchObject({ decision: "Deny", code: "policy" });
    expect(of("post")).toMatchObject({
      decision: "Depends",
      code: null,
      depends_on: "trigger.url",
      otherwise: { decision: "RequireApproval", code: "approval_missing" },
    });
    expect(about.nodes.find((node) => node.id === "loose")?.reachable).toBe(false);
  });

  it("follows the environment: the same effect is allowed in dev and needs an approval in prod", async () => {
    const free = { "f.toml": child };
    const decisions: (string | undefined)[] = [];
    for (const environment of ["dev", "staging", "prod"]) {
      const { written } = await describeIt({ json: true, environment }, free);
      decisions.push((JSON.parse(written.out) as Described).effects[0]?.decision);
    }
    expect(decisions).toEqual(["Allow", "RequireApproval", "RequireApproval"]);
    await expect(describeIt({ environment: "production" }, free)).rejects.toThrow("`dev`, `staging`, `prod`");
  });

  it("says why a document cannot be described, with the exit code of validate", async () => {
    const broken = await describeIt({}, { "b.toml": "[[nodes" });
    expect(broken).toMatchObject({ code: 2, written: { out: "" } });
    expect(broken.written.err).toContain("b.toml:1:3 error toml_syntax");
    const invalid = await describeIt({}, { "i.toml": `${child}[[edges]]\nfrom = "run"\nto = "nix"\n` });
    expect(invalid).toMatchObject({ code: 5, written: { out: "" } });
    expect(invalid.written.err).toContain("dangling_edge");
  });

  it("ends for documents that call each other", async () => {
    const calls = (name: string, other: string): string =>
      `name = "${name}"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "c"\n[[nodes]]\nid = "c"\ntype = "call"\nworkflow = "${other}"\n`;
    const { code, written } = await describeIt({}, { "a.toml": calls("a", "b.toml"), "b.toml": calls("b", "a.toml") });
    expect(code).toBe(0);
    expect(written.out).toContain("1 warning");
  });
});

describe("graph", () => {
  it("draws on standard output, also a graph with errors, which it counts", async () => {
    const files = { "g.toml": `${child}[[edges]]\nfrom = "run"\nto = "nix"\n` };
    const terminal = fakeTerminal(await folderWith(files));
    expect(await graphCommand(terminal, "g.toml")).toBe(0);
    expect(terminal.written.out).toBe(
      'flowchart TD\n  s0(["main · manual"])\n  n0["run<br/>shell_run"]\n  s0 --> n0\n',
    );
    expect(terminal.written.err).toBe("g.toml has 1 error; see: countersign validate g.toml\n");
    expect(await graphCommand(terminal, "nix.toml", { format: "dot" })).toBe(2);
    await expect(graphCommand(terminal, "g.toml", { format: "png" })).rejects.toThrow("mermaid, dot, svg");
  });
});
