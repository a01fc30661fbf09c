import type { DocumentLink } from "vscode-languageserver";
import { expect, test } from "vitest";
import { served } from "./harness.ts";
import { marked } from "./marks.ts";
import { nameOf, shown } from "./navigation.ts";

async function links(name: string, source: string, files: Record<string, string>): Promise<readonly string[]> {
  const s = await served(files);
  const d = s.open(name, source);
  const found =
    (await s.request<DocumentLink[] | null>("textDocument/documentLink", { textDocument: { uri: d.uri } })) ?? [];
  return found.map((one) => `${shown(marked(source).text, one.range)} -> ${nameOf(one.target ?? "")}`);
}

test("children, schemas and policy code of a workflow that are there", async () => {
  const source = `name = "w"
[[nodes]]
id = "a"
type = "parallel"
branches = [{ workflow = "c.toml" }, { workflow = "missing.toml" }]
[[nodes]]
id = "b"
type = "llm_infer"
backend = "x"
prompt = "p"
output_schema = 's.json'
[policy.rego]
file = "../p.rego"
`;
  const files = { "d/c.toml": 'name = "c"\nnodes = []\n', "d/s.json": "{}", "p.rego": "package x" };
  expect(await links("d/w.toml", source, files)).toEqual([
    'branches = [{ workflow = "‹c.toml›" }, { workflow = "missing.toml" }] -> d/c.toml',
    "output_schema = '‹s.json›' -> d/s.json",
    'file = "‹../p.rego›" -> p.rego',
  ]);
});

test("the wrapped form, and a child found from the working directory", async () => {
  const source = '[[workflows]]\nname = "w"\n[[workflows.nodes]]\nid = "a"\ntype = "call"\nworkflow = "lib/c.toml"\n';
  const files = { "lib/c.toml": 'name = "c"\nstart_nodes = []\n' };
  expect(await links("d/w.toml", source, files)).toEqual(['workflow = "‹lib/c.toml›" -> lib/c.toml']);
});

test("skills of a graph: the manifest before the text, context skills by their text", async () => {
  const source = `name: g
steps:
  - id: a
    skill: ../s
  - { id: b, skill: "../t" }
  - { id: c, skill: registry:x/y@1 }
  - id: d
    run: { type: agent-task, agent: a, task: t }
    context_skills: [../t]
`;
  const skill = "---\nname: s\n---\n";
  const files = { "s/X.yaml": "skill: s\nrunners: {}\n", "s/SKILL.md": skill, "t/SKILL.md": skill };
  expect(await links("g/graph.yaml", source, files)).toEqual([
    "skill: ‹../s› -> s/X.yaml",
    '- { id: b, skill: "‹../t›" } -> t/SKILL.md',
    "context_skills: [‹../t›] -> t/SKILL.md",
  ]);
});

test("the document of a fixture and of a harness", async () => {
  const files = { "w.toml": 'name = "w"\nnodes = []\n', "g/graph.yaml": "name: g\nsteps: []\n" };
  expect(await links("t/fixture.toml", 'document = "../w.toml"\n', files)).toEqual([
    'document = "‹../w.toml›" -> w.toml',
  ]);
  expect(await links("t/harness.yaml", "name: h\ntarget: ../g/graph.yaml\n", files)).toEqual([
    "target: ‹../g/graph.yaml› -> g/graph.yaml",
  ]);
});

test("a pipeline names no files", async () => {
  expect(await links("spec.kv", "v=1\nmodel=single_ring\nname=p\n", {})).toEqual([]);
});

test("a document that is being typed", async () => {
  const source = 'name = "w"\n[[nodes]]\nid = "a"\ntype = "call"\nworkflow = "c.toml"\n[[nodes]]\nid = \n';
  const files = { "c.toml": 'name = "c"\nnodes = []\n' };
  expect(await links("w.toml", source, files)).toEqual(['workflow = "‹c.toml›" -> c.toml']);
});
