import type { Location } from "vscode-languageserver";
import { describe, expect, test } from "vitest";
import { served } from "./harness.ts";
import { marked } from "./marks.ts";
import { lines } from "./navigation.ts";

async function references(
  name: string,
  source: string,
  files: Record<string, string> = {},
  includeDeclaration = true,
): Promise<readonly string[]> {
  const s = await served(files);
  const d = s.open(name, source);
  const params = { ...d.at(), context: { includeDeclaration } };
  const found = await s.request<Location[] | null>("textDocument/references", params);
  return lines(found, { ...files, [name]: marked(source).text });
}

const child = `name = "c"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "a"
[[nodes]]
id = "a"
type = "merge"
[[edges]]
from = "a"
to = "a"
max_iterations = 2
`;
const parent = `name = "p"
[[nodes]]
id = "a"
type = "parallel"
branches = [{ workflow = "c.toml", start = "main" }, { workflow = "other.toml", start = "main" }]
[[nodes]]
id = "m"
type = "map"
items_from = "trigger.x"
workflow = "./c.toml"
max_items = 1
start = "main"
`;
const fixture = `document = "c.toml"
start = "main"
[expected]
status = "completed"
path = ["a", "b"]
[expected.branches]
a = "x"
`;

describe("across documents", () => {
  test("a node, in its document and in the fixtures about it, and in no other", async () => {
    const files = { "p.toml": parent, "fixture.toml": fixture };
    expect(await references("c.toml", child.replace('id = "a"', 'id = "a‹|›"'), files)).toEqual([
      'c.toml: entry_node = "‹a›"',
      'c.toml: id = "‹a›"',
      'c.toml: from = "‹a›"',
      'c.toml: to = "‹a›"',
      'fixture.toml: path = ["‹a›", "b"]',
      'fixture.toml: ‹a› = "x"',
    ]);
  });

  test("without the declaration", async () => {
    const found = await references("c.toml", child.replace('from = "a"', 'from = "a‹|›"'), {}, false);
    expect(found).toEqual(['c.toml: entry_node = "‹a›"', 'c.toml: from = "‹a›"', 'c.toml: to = "‹a›"']);
  });

  test("a start, in the parents that call it and the fixtures that run it", async () => {
    const files = { "p.toml": parent, "fixture.toml": fixture, "other.toml": child };
    expect(await references("c.toml", child.replace('"main"', '"ma‹|›in"'), files)).toEqual([
      'c.toml: name = "‹main›"',
      'fixture.toml: start = "‹main›"',
      'p.toml: branches = [{ workflow = "c.toml", start = "‹main›" }, { workflow = "other.toml", start = "main" }]',
      'p.toml: start = "‹main›"',
    ]);
  });

  test("asked for in a fixture, the same places", async () => {
    const found = await references("fixture.toml", fixture.replace('"a"', '"a‹|›"'), { "c.toml": child });
    expect(found.filter((one) => one.startsWith("c.toml"))).toHaveLength(4);
    expect(found.filter((one) => one.startsWith("fixture.toml"))).toHaveLength(2);
  });

  test("an input of a skill, in the graphs that use it", async () => {
    const skill =
      "---\nname: s\nsource: { type: cli-tool, command: x, args: ['{{message}}'] }\ninputs:\n  mess‹|›age: {}\n---\n";
    const graph =
      "name: g\nsteps:\n  - id: a\n    skill: ../s\n    inputs: { message: x }\n  - id: b\n    skill: ../s\n    context: { message: a.stdout }\n";
    expect(await references("s/SKILL.md", skill, { "g/graph.yaml": graph })).toEqual([
      "s/SKILL.md: source: { type: cli-tool, command: x, args: ['{{‹message›}}'] }",
      "s/SKILL.md: ‹message›: {}",
      "g/graph.yaml: inputs: { message: x }".replace("message", "‹message›"),
      "g/graph.yaml: context: { ‹message›: a.stdout }",
    ]);
  });

  test("a runner of an X.yaml, in graphs, fixtures and its own harness", async () => {
    const manifest =
      "skill: s\nrunners:\n  fa‹|›st:\n    type: cli-tool\n    command: x\nharness:\n  cases:\n    - { name: c, runner: fast }\n";
    const graph = "name: g\nsteps:\n  - id: a\n    skill: ../s\n    runner: fast\n";
    const test = 'document = "X.yaml"\nstart = "fast"\n';
    expect(await references("s/X.yaml", manifest, { "g/graph.yaml": graph, "s/fixture.toml": test })).toEqual([
      "s/X.yaml: ‹fast›:",
      "s/X.yaml: - { name: c, runner: ‹fast› }",
      "g/graph.yaml: runner: ‹fast›",
      's/fixture.toml: start = "‹fast›"',
    ]);
  });
});

describe("in one document", () => {
  test("a stage of a pipeline by name and number, and in its fixture", async () => {
    const spec =
      "v=1\nmodel=single_ring\nname=p\nsingle_ring.stages.0.id=fe‹|›tch\nsingle_ring.stages.0.stage=identity\nsingle_ring.stages.1.id=n\nsingle_ring.stages.1.depends_on.0=0\n";
    const fixture = 'document = "spec.kv"\n[expected]\nlast_node = "fetch"\n';
    expect(await references("spec.kv", spec, { "fixture.toml": fixture })).toEqual([
      "spec.kv: single_ring.stages.0.id=‹fetch›",
      "spec.kv: single_ring.stages.1.depends_on.0=‹0›",
      'fixture.toml: last_node = "‹fetch›"',
    ]);
  });

  test("a name whose document is missing has its places in this one", async () => {
    const text = 'document = "gone.toml"\n[expected]\nlast_node = "a"\npath = ["‹|›a"]\n';
    expect(await references("fixture.toml", text)).toEqual([
      'fixture.toml: last_node = "‹a›"',
      'fixture.toml: path = ["‹a›"]',
    ]);
  });

  test("no name, no places", async () => {
    const s = await served();
    const d = s.open("c.toml", `# ‹|›\n${child}`);
    const params = { ...d.at(), context: { includeDeclaration: true } };
    expect(await s.request("textDocument/references", params)).toBeNull();
  });

  test("a cancelled request gives no answer", async () => {
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}/fixture.toml`, fixture]));
    const s = await served({ ...files, "c.toml": child });
    const d = s.open("c.toml", child.replace('id = "a"', 'id = "‹|›a"'));
    const { CancellationTokenSource } = await import("vscode-languageserver");
    const source = new CancellationTokenSource();
    const asked = s.client.sendRequest(
      "textDocument/references",
      { ...d.at(), context: { includeDeclaration: true } },
      source.token,
    );
    source.cancel();
    await expect(asked).rejects.toMatchObject({ code: -32800 });
  });
});
