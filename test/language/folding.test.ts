/** Folding: which lines can be put away. Marks `‹fold:…›` are around what folds. */
import { expect, test } from "vitest";
import type { FoldingRange } from "vscode-languageserver";
import { everything, served } from "./harness.ts";
import { graph, manifest, pipeline, skill, workflow, wrapped } from "./samples.ts";

/** Folds as `first line … last line`, by the text of the lines. */
async function folds(name: string, source: string, capabilities = everything): Promise<string[]> {
  const server = await served({}, { capabilities });
  const { uri, text } = server.open(name, source);
  const ranges = await server.request<FoldingRange[]>("textDocument/foldingRange", { textDocument: { uri } });
  const lines = text.split(/\r?\n/);
  for (const { startLine, endLine } of ranges) {
    expect(startLine).toBeLessThan(endLine);
    expect(endLine).toBeLessThan(lines.length);
  }
  const shown = (line: number): string => (lines[line] ?? "?").trim();
  return ranges.map(({ startLine, endLine, kind }) => `${kind ?? ""}|${shown(startLine)}|${shown(endLine)}`);
}

test("a workflow folds at its tables, its long values, its comments, and once at all its edges", async () => {
  expect(await folds("greet.toml", workflow)).toEqual([
    "comment|# Two lines|# of comments.",
    '|[[start_nodes]]|entry_node = "load"',
    '|[[nodes]]|on_error = "branch"',
    '|[[nodes]]|Authorization = "Bearer {{secret:token}}"',
    '|[nodes.headers]|Authorization = "Bearer {{secret:token}}"',
    '|[[nodes]]|"""',
    '|template = """|"""',
    'region|[[edges]]|to = "say"',
    '|[[edges]]|when = "error"',
    '|[[edges]]|to = "say"',
    '|[[triggers]]|start_node = "main"',
    '|[[http_routes]]|start_node = "main"',
    '|[[secrets]]|var = "TOKEN"',
    '|[[mcp_servers]]|command = ["/usr/bin/files"]',
    '|[policy.http]|urls = ["https://a.example/**"]',
  ]);
});

test("a wrapped workflow folds as a whole, and arrays over several lines fold", async () => {
  const found = await folds("w.toml", wrapped.replace("start_nodes = [{", "start_nodes = [\n{"));
  expect(found[0]).toBe('|[[workflows]]|to = "say"');
  expect(found).toContain('|start_nodes = [|{ name = "main", source = "manual", entry_node = "load" }]');
});

test("a skill graph folds at its steps and tables", async () => {
  const found = await folds("graph.yaml", graph);
  expect(found).toContain("|- id: style|verdict: string");
  expect(found).toContain("|run:|verdict: string");
  expect(found).toContain("|- id: publish|command: node");
  expect(found).toContain("|policy:|equals: true");
});

test("a manifest folds at its runners, a skill's text at its front matter", async () => {
  expect(await folds("X.yaml", manifest)).toEqual(
    expect.arrayContaining(["|fast:|args: [a.mjs]", "|slow:|args: [b.mjs]", "|- id: only|args: [b.mjs]"]),
  );
  expect(await folds("SKILL.md", skill)).toEqual([
    "region|---|---",
    "|source:|command: node",
    "|inputs:|required: true",
    "|message:|required: true",
  ]);
});

test("a pipeline folds at its stages", async () => {
  expect(await folds("spec.kv", pipeline)).toEqual([
    "|single_ring.shards=1|single_ring.stages.1.depends_on.0=0",
    "|single_ring.stages.0.id=record|single_ring.stages.0.depends_on.count=0",
    "|single_ring.stages.1.id=count|single_ring.stages.1.depends_on.0=0",
  ]);
});

test("what looks like comments in a string does not fold as comments", async () => {
  const source = '[[nodes]]\nid = "a"\ntype = "template_render"\ntemplate = """\n# one\n# two\n"""\n# three\n# four\n';
  expect((await folds("a.toml", source)).filter((line) => line.startsWith("comment"))).toEqual([
    "comment|# three|# four",
  ]);
  const yaml =
    "steps:\n  - id: a\n    run: { type: approval }\n    inputs:\n      reason: |\n        # one\n        # two\n";
  expect((await folds("graph.yaml", yaml)).filter((line) => line.startsWith("comment"))).toEqual([]);
});

test("half a document folds as far as it can be made out, with windows line ends too", async () => {
  const source = '[[nodes]]\nid = "a\ntype = \n\n[[nodes]]\nid = "b"\ntype = "fail"\n';
  const found = await folds("a.toml", source);
  expect(found).toContain('|[[nodes]]|type = "fail"');
  expect(await folds("a.toml", source.replaceAll("\n", "\r\n"))).toEqual(found);
});

test("a client that takes few folds gets the outer ones", async () => {
  const capabilities = { textDocument: { foldingRange: { rangeLimit: 2 } } };
  expect(await folds("SKILL.md", skill, capabilities)).toEqual(["region|---|---", "|source:|command: node"]);
});
