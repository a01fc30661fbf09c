/** The outline in every dialect. */
import { expect, test } from "vitest";
import { SymbolKind, type DocumentSymbol, type SymbolInformation } from "vscode-languageserver";
import { served } from "./harness.ts";
import { marked } from "./marks.ts";
import { fixture, graph, manifest, pipeline, skill, workflow, wrapped } from "./samples.ts";

const kindNames = Object.fromEntries(Object.entries(SymbolKind).map(([name, kind]) => [kind, name]));

/** An outline as lines: kind, name and detail, indented. */
function drawn(symbols: readonly DocumentSymbol[], depth = 0): string[] {
  return symbols.flatMap(({ kind, name, detail, children = [] }) => [
    `${"  ".repeat(depth)}${kindNames[kind] ?? "?"} ${name}${detail === undefined ? "" : ` · ${detail}`}`,
    ...drawn(children, depth + 1),
  ]);
}

async function outline(name: string, source: string): Promise<DocumentSymbol[]> {
  const server = await served();
  const { uri } = server.open(name, source);
  return server.request("textDocument/documentSymbol", { textDocument: { uri } });
}

/** Names stand within their parts, and parts within theirs. */
function expectNested(symbols: readonly DocumentSymbol[], lines: readonly string[]): void {
  const order = ({ line, character }: DocumentSymbol["range"]["start"]): number => line * 10_000 + character;
  for (const { name, range, selectionRange, children = [] } of symbols) {
    expect(name).not.toBe("");
    expect(order(selectionRange.start)).toBeGreaterThanOrEqual(order(range.start));
    expect(order(selectionRange.end)).toBeLessThanOrEqual(order(range.end));
    expect(range.end.line).toBeLessThan(lines.length);
    for (const child of children) {
      expect(order(child.range.start)).toBeGreaterThanOrEqual(order(range.start));
      expect(order(child.range.end)).toBeLessThanOrEqual(order(range.end));
    }
    expectNested(children, lines);
  }
}

test("a workflow has its starts, nodes by kind, edges together, and its other tables", async () => {
  const symbols = await outline("greet.toml", workflow);
  expect(drawn(symbols)).toEqual([
    "Property name · greet",
    "Event main · manual load",
    "Function load · read_file",
    "  Property path_from · trigger.path",
    "Function send · http_request",
    "  Property url_from · load.content",
    "  Object headers",
    "    Property Authorization · Bearer {{secret:token}}",
    "Function say · template_render",
    "  Property input_from · send",
    "  Property template · {{status}} of {{ body.0.name }}",
    "Array edges · 3",
    "  Operator load → send",
    "  Operator load → say · error",
    "  Operator send → say",
    "Event interval · main",
    "Interface POST /greet · main",
    "Key token · env",
    "Namespace files",
    "  Array command",
    "Object policy",
    "  Object http",
    "    Array urls",
  ]);
  expectNested(symbols, workflow.split("\n"));
});

test("a node's part is its construct, and its name the value of its id", async () => {
  const source =
    '[[start_nodes]]\nname = "m"\nsource = "manual"\n\n‹node:[[nodes]]\nid = ‹name:"a"›\ntype = "fail"\nreason = "r"\n\n[nodes.retry]\nmax_attempts = 2›\n';
  const [, node] = await outline("a.toml", source);
  const { ranges } = marked(source);
  expect(node?.range).toEqual(ranges.get("node")?.[0]);
  expect(node?.selectionRange).toEqual(ranges.get("name")?.[0]);
});

test("a wrapped workflow is one part with its own", async () => {
  const symbols = await outline("w.toml", wrapped);
  expect(drawn(symbols)).toEqual([
    "Module greet",
    "  Array start_nodes",
    "    Event main · manual load",
    "  Function load · read_file",
    "    Property path_from · trigger.path",
    "  Function say · template_render",
    "    Property input_from · load",
    "    Property template · {{content}}",
    "  Operator load → say",
  ]);
  expectNested(symbols, wrapped.split("\n"));
});

test("a graph in inline tables has the same parts", async () => {
  const symbols = await outline(
    "i.toml",
    'start_nodes = [{ name = "m", source = "manual" }]\nnodes = [{ id = "a", type = "fail", reason = "r" }, { id = "b", type = "fail", reason = "r" }]\nedges = [{ from = "a", to = "b" }]\n',
  );
  expect(drawn(symbols)).toEqual([
    "Array start_nodes",
    "  Event m · manual",
    "Array nodes",
    "  Function a · fail",
    "  Function b · fail",
    "Array edges",
    "  Operator a → b",
  ]);
});

test("a skill graph has its steps, groups and guards", async () => {
  const symbols = await outline("graph.yaml", graph);
  const lines = drawn(symbols);
  expect(lines.filter((line) => /Function|Struct|Boolean/.test(line))).toEqual([
    "    Boolean publish · ask.approval.data.approved",
    "    Struct review · all",
    "  Function style · cli-tool",
    "  Function ask · approval",
    "  Function publish · cli-tool",
  ]);
  expect(lines).toContain("    Object context");
  expectNested(symbols, graph.split("\n"));
});

test("a manifest has its runners, and a skill's text its inputs", async () => {
  const symbols = await outline("X.yaml", manifest);
  expect(drawn(symbols).filter((line) => /Class|Function/.test(line))).toEqual([
    "  Class fast · cli-tool",
    "  Class slow · graph",
    "        Function only · cli-tool",
  ]);
  expectNested(symbols, manifest.split("\n"));
  expect(drawn(await outline("SKILL.md", skill))).toEqual([
    "Property name · hello",
    "Property description · Says hello.",
    "Object source",
    "  Property type · cli-tool",
    "  Property command · node",
    "Object inputs",
    "  Variable message · string",
    "    Property type · string",
    "    Property required · true",
  ]);
});

test("a pipeline has its stages", async () => {
  const symbols = await outline("spec.kv", pipeline);
  expect(drawn(symbols).filter((line) => line.includes("Function"))).toEqual([
    "  Function record · identity",
    "  Function count · exec:/usr/bin/wc|-c",
  ]);
  expectNested(symbols, pipeline.split("\n"));
});

test("fixtures and configuration have their tables", async () => {
  expect(drawn(await outline("fixture.toml", fixture))).toEqual([
    "Property document · greet.toml",
    "Property start · main",
    "Object trigger",
    "  Object payload",
    "    Property path · a.txt",
    "Object expected",
    "  Property status · completed",
    "  Object outputs",
    "    Property say.rendered · x",
  ]);
  expect(drawn(await outline("countersign.toml", '[diagnostics]\nunused = "error"\n'))).toEqual([
    "Object diagnostics",
    "  Property unused · error",
  ]);
});

test.each([
  [
    "a.toml",
    '[[start_nodes]]\nname = "m"\n\n[[nodes]]\nid = \ntype = "fa\n\n[[nodes]]\n\n[[nodes]]\nid = "b"\ntype = "fail"\nreason = "x"\n\n[[edges]]\nfrom = "b"\n',
    "b",
  ],
  [
    "graph.yaml",
    "steps:\n  - id: a\n    run:\n      type: \n  - \n  - id: b\n    run: { type: approval }\n    when:\n",
    "b",
  ],
  ["spec.kv", "v=1\nsingle_ring.stages.0.id=b\nsingle_ring.stages.0.sta\nsingle_ring.stages.1\n", "b"],
])("half a document in %s has the parts that can be made out", async (name, source, wanted) => {
  const symbols = await outline(name, source);
  expect(JSON.stringify(symbols)).toContain(`"name":"${wanted}"`);
  expectNested(symbols, source.split("\n"));
});

test("a client without trees gets a list with containers", async () => {
  const server = await served({}, { capabilities: {} });
  const { uri } = server.open("w.toml", wrapped);
  const list = await server.request<SymbolInformation[]>("textDocument/documentSymbol", { textDocument: { uri } });
  expect(list.find(({ name }) => name === "say")).toMatchObject({ containerName: "greet", location: { uri } });
  expect(list.find(({ name }) => name === "greet")).not.toHaveProperty("containerName");
});

test("files of other programs have no outline", async () => {
  const server = await served();
  const { uri } = server.open("Cargo.toml", '[package]\nname = "x"\n');
  expect(await server.request("textDocument/documentSymbol", { textDocument: { uri } })).toBeNull();
});
