import { DocumentHighlightKind, type DocumentHighlight } from "vscode-languageserver";
import { expect, test } from "vitest";
import { served } from "./harness.ts";
import { marked, withMarks } from "./marks.ts";

/** The document with the highlights at its cursor marked: `w` where a name is defined, `r` where it is read. */
async function highlighted(name: string, source: string): Promise<string> {
  const s = await served();
  const d = s.open(name, source);
  const found = (await s.request<DocumentHighlight[] | null>("textDocument/documentHighlight", d.at())) ?? [];
  return withMarks(
    marked(source).text,
    found.map(({ range, kind }) => ({ range, name: kind === DocumentHighlightKind.Write ? "w" : "r" })),
  );
}

/** The expectation is the document itself: marks that are there, and a cursor. */
async function same(name: string, expected: string): Promise<void> {
  const bare = expected.replace(/‹[wr]:([^›]*)›/g, "$1");
  const cursor = /‹[wr]:/.exec(expected)?.index ?? 0;
  expect(await highlighted(name, `${bare.slice(0, cursor)}‹|›${bare.slice(cursor)}`)).toBe(expected);
}

test("a node of a workflow, in edges, references and templates of the context", async () => {
  await same(
    "w.toml",
    `name = "w"
start_nodes = [{ name = "s", source = "manual", entry_node = "‹r:a›" }]
[[nodes]]
id = "‹w:a›"
type = "read_file"
path_from = "trigger.a"
[[nodes]]
id = "b"
type = "http_request"
method = "GET"
url_from = '‹r:a›.a'
idempotency_key = "{{ ‹r:a›.content }}-{{b.a}}"
[[edges]]
from = "‹r:a›"
to = "b"
when = "a"
`,
  );
});

test("a step of a skill graph, in conditions, gates and contexts", async () => {
  await same(
    "graph.yaml",
    `name: a
policy:
  guards: [{ step: b, field: "‹r:a›.x", equals: a }]
fanout:
  groups:
    a:
      threshold_gates: [{ step: '‹r:a›', field: a, above: 1, action: pause }]
steps:
  - id: ‹w:a›
    fanout_group: a
    run: { type: approval }
  - { id: b, run: { type: approval }, context: { a: ‹r:a›.a }, when: { field: ‹r:a›.ok, equals: 1 } }
`,
  );
});

test("a step in folded and literal blocks of YAML", async () => {
  await same(
    "SKILL.md",
    `---
name: s
source:
  type: cli-tool
  command: x
  args:
    - >-
      one {{ ‹r:m› }}
      two {{m.x}}
    - "\\u0041{{‹r:m›}}"
inputs:
  ‹w:m›: {}
---
`.replace("{{m.x}}", "{{‹r:m›.x}}"),
  );
});

test("a stage of a pipeline", async () => {
  await same("spec.kv", "v=1\nsingle_ring.stages.0.id=‹w:a›\nsingle_ring.stages.1.depends_on.0=‹r:0›\n");
});

test("names of a fixture are only read", async () => {
  await same(
    "fixture.toml",
    'document = "x.toml"\n[expected]\nlast_node = "‹r:a›"\n[expected.outputs]\n"‹r:a›.b" = 1\n',
  );
});

test("a group", async () => {
  await same(
    "graph.yaml",
    "name: g\nfanout:\n  groups:\n    ‹w:g›: {}\nsteps:\n  - { id: a, fanout_group: ‹r:g›, run: { type: approval } }\n",
  );
});

test("nothing where no name is", async () => {
  const s = await served();
  const d = s.open("w.toml", 'name = "‹|›w"\n[[nodes]]\nid = "w"\ntype = "merge"\n');
  expect(await s.request("textDocument/documentHighlight", d.at())).toBeNull();
});
