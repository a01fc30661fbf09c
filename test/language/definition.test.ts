import type { Location, LocationLink } from "vscode-languageserver";
import { describe, expect, test } from "vitest";
import { everything, served } from "./harness.ts";
import { marked } from "./marks.ts";
import { lines } from "./navigation.ts";

const method = "textDocument/definition";

/** Definitions at the cursor of `name`, as lines with marks; other files as the disk has them. */
async function definitions(
  name: string,
  source: string,
  files: Record<string, string> = {},
): Promise<readonly string[]> {
  const s = await served(files);
  const d = s.open(name, source);
  const found = await s.request<LocationLink[] | null>(method, d.at());
  return lines(found, { ...files, [name]: marked(source).text });
}

const nodes = `name = "w"
[[start_nodes]]
name = "main"
source = "manual"
[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"
`;

describe("workflow", () => {
  test("from an edge to its node", async () => {
    const found = await definitions("w.toml", `${nodes}[[edges]]\nfrom = "lo‹|›ad"\nto = "load"\n`);
    expect(found).toEqual(['w.toml: id = "‹load›"']);
  });

  test("the end of a name counts, the quote behind it does too, the space before does not", async () => {
    expect(await definitions("w.toml", `${nodes}[[edges]]\nfrom = "load‹|›"\n`)).toHaveLength(1);
    expect(await definitions("w.toml", `${nodes}[[edges]]\nfrom =‹|› "load"\n`)).toEqual([]);
  });

  test("from the head of a reference and from its field to the node", async () => {
    const parse = (at: string): string => `${nodes}[[nodes]]\nid = "p"\ntype = "parse_json"\ninput_from = "${at}"\n`;
    expect(await definitions("w.toml", parse("l‹|›oad.content"))).toEqual(['w.toml: id = "‹load›"']);
    expect(await definitions("w.toml", parse("load.con‹|›tent"))).toEqual(['w.toml: id = "‹load›"']);
  });

  test("from a label to the node that gives it", async () => {
    const found = await definitions("w.toml", `${nodes}[[edges]]\nfrom = "load"\nto = "load"\nwhen = "err‹|›or"\n`);
    expect(found).toEqual(['w.toml: id = "‹load›"']);
  });

  test("from the trigger to the starts", async () => {
    expect(await definitions("w.toml", nodes.replace("trigger", "trig‹|›ger"))).toEqual(['w.toml: name = "‹main›"']);
  });

  test("from a secret in a header to its declaration, and from a bare family to the binding `default`", async () => {
    const http = `${nodes}[[nodes]]
id = "post"
type = "http_request"
method = "POST"
url_from = "trigger.u"
headers = { A = "Bearer {{secret:TO‹|›KEN}}" }
[[secrets]]
name = "TOKEN"
source = "env"
var = "T"
`;
    expect(await definitions("w.toml", http)).toEqual(['w.toml: name = "‹TOKEN›"']);
    const auth = `${nodes}[[http_routes]]\nmethod = "GET"\npath = "/"\nstart_node = "m"\nauth = "bea‹|›rer"\n[auth.bearer.default]\ntokens = []\n`;
    expect(await definitions("w.toml", auth)).toEqual(["w.toml: [auth.bearer.‹default›]"]);
  });

  test("the wrapped form and inline tables", async () => {
    const text = `[[workflows]]
name = "w"
nodes = [{ id = "a", type = "merge" }, { id = "b", type = "merge" }]
edges = [{ from = "a‹|›", to = "b" }]
`;
    expect(await definitions("w.toml", text)).toEqual([
      'w.toml: nodes = [{ id = "‹a›", type = "merge" }, { id = "b", type = "merge" }]',
    ]);
  });

  test("a document that is being typed", async () => {
    const half = `${nodes}[[nodes]]\nid = "x"\ntype = \n[[edges]]\nfrom = "load‹|›\n`;
    expect(await definitions("w.toml", half)).toEqual(['w.toml: id = "‹load›"']);
  });

  const call = (workflow: string, start: string): string =>
    `name = "p"\n[[nodes]]\nid = "c"\ntype = "call"\nworkflow = "${workflow}"\nstart = "${start}"\n`;

  test("from a child to the start that is named beside it", async () => {
    const files = { "sub/c.toml": nodes };
    expect(await definitions("p.toml", call("sub/c‹|›.toml", "main"), files)).toEqual(['sub/c.toml: name = "‹main›"']);
    expect(await definitions("p.toml", call("./sub/c.toml", "ma‹|›in"), files)).toEqual([
      'sub/c.toml: name = "‹main›"',
    ]);
  });

  test("an open editor wins over the disk", async () => {
    const s = await served({ "c.toml": nodes });
    s.open("c.toml", `# one line more\n${nodes}`);
    const d = s.open("p.toml", call("c.toml", "ma‹|›in"));
    const [found] = (await s.request<LocationLink[] | null>(method, d.at())) ?? [];
    expect(found?.targetSelectionRange.start.line).toBe(3);
  });

  test("a schema and policy code open at their beginning; what is missing leads nowhere", async () => {
    const infer = (file: string): string =>
      `name = "w"\n[[nodes]]\nid = "q"\ntype = "llm_infer"\nbackend = "b"\nprompt = "x"\noutput_schema = "${file}"\n`;
    expect(await definitions("w.toml", infer("s.js‹|›on"), { "s.json": "{}" })).toEqual(["s.json: ‹›{}"]);
    expect(await definitions("w.toml", infer("t.js‹|›on"), { "s.json": "{}" })).toEqual([]);
    const rego = `${nodes}[policy.rego]\nfile = "p.re‹|›go"\n`;
    expect(await definitions("w.toml", rego, { "p.rego": "package agent" })).toEqual(["p.rego: ‹›package agent"]);
  });

  test("a client without links gets locations", async () => {
    const s = await served({}, { capabilities: { ...everything, textDocument: {} } });
    const d = s.open("w.toml", `${nodes}[[edges]]\nfrom = "lo‹|›ad"\n`);
    expect(await s.request<Location[]>(method, d.at())).toEqual([
      { uri: d.uri, range: { start: { line: 5, character: 6 }, end: { line: 5, character: 10 } } },
    ]);
  });

  test("the whole node is shown around its id", async () => {
    const s = await served();
    const d = s.open("w.toml", `${nodes}[[edges]]\nfrom = "lo‹|›ad"\n`);
    const [found] = await s.request<LocationLink[]>(method, d.at());
    expect(found?.targetRange).toEqual({ start: { line: 4, character: 0 }, end: { line: 7, character: 26 } });
  });
});

describe("skill graph", () => {
  const skill =
    "---\nname: s\nsource: { type: cli-tool, command: x }\ninputs:\n  message: {}\noutputs:\n  answer: string\n---\n";
  const graph = (step: string): string =>
    `name: g\nsteps:\n  - id: first\n    skill: ../s\n    inputs: { message: hi }\n${step}`;

  test("from a context, a `when` and a guard to the step", async () => {
    const second = "  - id: second\n    run: { type: approval }\n    context:\n      x: fir‹|›st.stdout\n";
    expect(await definitions("g/graph.yaml", graph(second))).toEqual(["g/graph.yaml: - id: ‹first›"]);
    const when = "  - id: second\n    run: { type: approval }\n    when: { field: 'first‹|›.x', equals: 1 }\n";
    expect(await definitions("g/graph.yaml", graph(when))).toEqual(["g/graph.yaml: - id: ‹first›"]);
    const guard = "policy:\n  guards:\n    - { step: fi‹|›rst, field: a.b, equals: 1 }\n";
    expect(await definitions("g/graph.yaml", graph(guard))).toEqual(["g/graph.yaml: - id: ‹first›"]);
  });

  test("from a step's input to the input that the skill declares", async () => {
    const source = graph("").replace("message: hi", "mess‹|›age: hi");
    expect(await definitions("g/graph.yaml", source, { "s/SKILL.md": skill })).toEqual(["s/SKILL.md: ‹message›: {}"]);
  });

  test("from an output to where the skill declares it", async () => {
    const second = "  - id: second\n    run: { type: approval }\n    context:\n      x: first.ans‹|›wer\n";
    const found = await definitions("g/graph.yaml", graph(second), { "s/SKILL.md": skill });
    expect(found).toEqual(["s/SKILL.md: ‹answer›: string"]);
  });

  test("from a skill to its document, and to the runner that is named", async () => {
    const source = graph("").replace("../s", "../‹|›s");
    expect(await definitions("g/graph.yaml", source, { "s/SKILL.md": skill })).toEqual(["s/SKILL.md: ‹›---"]);
    const manifest =
      "skill: s\nrunners:\n  fast: { type: cli-tool, command: x }\n  slow: { type: cli-tool, command: x }\n";
    const runner = graph("    runner: sl‹|›ow\n");
    const files = { "s/X.yaml": manifest, "s/SKILL.md": skill };
    expect(await definitions("g/graph.yaml", runner, files)).toEqual([
      "s/X.yaml: ‹slow›: { type: cli-tool, command: x }",
    ]);
  });

  test("a document that is being typed", async () => {
    const half = graph(
      "  - id: second\n    run: { type: approval }\n    context:\n      x: fir‹|›st.stdout\n    when: {\n",
    );
    expect(await definitions("g/graph.yaml", half)).toEqual(["g/graph.yaml: - id: ‹first›"]);
  });
});

describe("pipeline and fixtures", () => {
  const spec = `v=1
model=single_ring
name=p
single_ring.shards=1
single_ring.ordering=strict
single_ring.producer=single
single_ring.scheduling=dedicated
single_ring.stages.0.id=fetch
single_ring.stages.0.stage=identity
single_ring.stages.0.depends_on.count=0
single_ring.stages.1.id=notify
single_ring.stages.1.stage=identity
single_ring.stages.1.depends_on.count=1
single_ring.stages.1.depends_on.0=0`;

  test("from a dependency's number to the stage", async () => {
    expect(await definitions("spec.kv", `${spec}‹|›\n`)).toEqual(["spec.kv: single_ring.stages.0.id=‹fetch›"]);
  });

  test("from a fixture to the node, start and document that it means", async () => {
    const fixture = (text: string): string => `document = "../w.toml"\n${text}`;
    const files = { "w.toml": nodes };
    expect(await definitions("t/fixture.toml", fixture('[expected]\nlast_node = "lo‹|›ad"\n'), files)).toEqual([
      'w.toml: id = "‹load›"',
    ]);
    expect(await definitions("t/fixture.toml", fixture('start = "ma‹|›in"\n'), files)).toEqual([
      'w.toml: name = "‹main›"',
    ]);
    const outputs = fixture('[expected.outputs]\n"lo‹|›ad.content" = 1\n');
    expect(await definitions("t/fixture.toml", outputs, files)).toEqual(['w.toml: id = "‹load›"']);
    expect(await definitions("t/fixture.toml", 'document = "../w‹|›.toml"\nstart = "main"\n', files)).toEqual([
      'w.toml: name = "‹main›"',
    ]);
  });

  test("a fixture of a pipeline", async () => {
    const fixture = 'document = "spec.kv"\n[expected]\npath = ["no‹|›tify"]\n';
    expect(await definitions("fixture.toml", fixture, { "spec.kv": `${spec}\n` })).toEqual([
      "spec.kv: single_ring.stages.1.id=‹notify›",
    ]);
  });
});
