/** What words mean: tests mark the words with `‹type:word›`, `-declaration` and other modifiers behind the type. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Position, SemanticTokens } from "vscode-languageserver";
import { semanticTokens } from "../../language/features/semantic-tokens.ts";
import { tokenModifiers, tokenTypes } from "../../language/structure/tokens.ts";
import { served, type Served } from "./harness.ts";
import { withMarks } from "./marks.ts";
import { graph, manifest, pipeline, skill, workflow, wrapped } from "./samples.ts";

interface Decoded {
  readonly range: { readonly start: Position; readonly end: Position };
  readonly name: string;
}

function decoded({ data }: SemanticTokens): Decoded[] {
  const found: Decoded[] = [];
  let [line, character] = [0, 0];
  for (let i = 0; i < data.length; i += 5) {
    const [down, right, length, type, bits] = data.slice(i, i + 5) as [number, number, number, number, number];
    character = down === 0 ? character + right : right;
    line += down;
    const modifiers = tokenModifiers.filter((_, bit) => (bits >> bit) % 2 === 1).map((name) => `-${name}`);
    const range = { start: { line, character }, end: { line, character: character + length } };
    found.push({ range, name: `${tokenTypes[type] ?? "?"}${modifiers.join("")}`.toLowerCase() });
  }
  return found;
}

async function tokens(server: Served, uri: string): Promise<Decoded[]> {
  return decoded(await server.request("textDocument/semanticTokens/full", { textDocument: { uri } }));
}

/** Expects exactly these tokens. */
async function expectTokens(name: string, source: string): Promise<void> {
  const server = await served();
  const { uri, text } = server.open(name, source);
  expect(withMarks(text, await tokens(server, uri))).toBe(source);
}

test("a workflow's names, kinds, references, markers and labels", async () => {
  await expectTokens(
    "a.toml",
    `[[start_nodes]]
name = "‹event-declaration:main›"
source = "manual"
entry_node = "‹function:load›"

[[nodes]]
id = "‹function-declaration:load›"
type = "‹type:read_file›"
path_from = "‹variable-defaultlibrary:trigger›.‹property:path›"
on_error = "branch"

[[nodes]]
id = "‹function-declaration:send›"
type = "‹type:http_request›"
method = "GET"
url_from = "‹function:load›.‹property:content›"
headers = { Authorization = "Bearer ‹operator:{{›‹keyword:secret›:‹variable-readonly:token›‹operator:}}›" }

[[nodes]]
id = "‹function-declaration:say›"
type = "‹type:template_render›"
input_from = "‹function:send›"
template = """
é ‹operator:{{›‹property:status›‹operator:}}› of
‹operator:{{› ‹property:body›.‹number:0›.‹property:name› ‹operator:}}›
"""

[[nodes]]
id = "‹function-declaration:notify›"
type = "‹type:stage›"
key = "‹keyword:exec›:‹function:/usr/bin/wc›‹operator:|›‹parameter:-c›"

[[edges]]
from = "‹function:load›"
to = "‹function:say›"
when = "‹enummember:error›"

[[secrets]]
name = "‹variable-readonly-declaration:token›"
source = "env"
var = "TOKEN"
`.replaceAll("-readonly-declaration", "-declaration-readonly"),
  );
});

test("a pipeline's stages and the parts of their keys", async () => {
  const source = pipeline
    .replace("id=record", "id=‹function-declaration:record›")
    .replace("id=count", "id=‹function-declaration:count›")
    .replace("=identity", "=‹keyword:identity›")
    .replace("exec:/usr/bin/wc|-c", "‹keyword:exec›:‹function:/usr/bin/wc›‹operator:|›‹parameter:-c›")
    .replace("depends_on.0=0", "depends_on.0=‹function:0›");
  await expectTokens("spec.kv", source);
});

test("a skill graph's steps, kinds and references", async () => {
  const server = await served();
  const { uri, text } = server.open("graph.yaml", graph);
  const shown = withMarks(text, await tokens(server, uri));
  for (const line of [
    "- id: ‹function-declaration:style›",
    "type: ‹type:cli-tool›",
    "‹parameter-declaration:verdict›: ‹function:style›.‹property:verdict›",
    "field: ‹function:ask›.‹property:approval›.‹property:data›.‹property:approved›",
    "- step: ‹function:publish›",
    "fanout_group: ‹struct:review›",
  ])
    expect(shown).toContain(line);
});

test("a manifest's runners and a skill's inputs", async () => {
  const server = await served();
  const one = server.open("X.yaml", manifest);
  expect(withMarks(one.text, await tokens(server, one.uri))).toContain("‹class-declaration:fast›:");
  const two = server.open("SKILL.md", skill);
  expect(withMarks(two.text, await tokens(server, two.uri))).toContain("‹parameter-declaration:message›:");
});

test("a wrapped workflow and half a document have the tokens that can be made out", async () => {
  const server = await served();
  const one = server.open("w.toml", wrapped);
  const shown = withMarks(one.text, await tokens(server, one.uri));
  expect(shown).toContain('name = "‹event-declaration:main›"');
  expect(shown).toContain('to = "‹function:say›"');
  const two = server.open("b.toml", `${workflow}\n[[nodes]]\nid = "half"\ntype = "temp\n\n[[edges]]\nfrom = "half`);
  expect(withMarks(two.text, await tokens(server, two.uri))).toContain('id = "‹function-declaration:half›"');
});

test("a range has its part of the whole, and the legend fits", async () => {
  const server = await served();
  const { uri, text } = server.open("a.toml", workflow);
  const range = { start: { line: 9, character: 0 }, end: { line: 14, character: 0 } };
  const part = decoded(await server.request("textDocument/semanticTokens/range", { textDocument: { uri }, range }));
  const whole = await tokens(server, uri);
  expect(part).toEqual(whole.filter(({ range: { start } }) => start.line >= 9 && start.line < 14));
  expect(part.length).toBeGreaterThan(2);
  expect(text).toContain("read_file");
  const { legend } = semanticTokens.capabilities.semanticTokensProvider ?? {};
  expect(legend).toEqual({ tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] });
});

test("after any edit tokens are in order, within their lines, and apart", async () => {
  const server = await served();
  const samples = { "a.toml": workflow, "graph.yaml": graph, "spec.kv": pipeline, "X.yaml": manifest };
  const open = Object.entries(samples).map(([name, text]) => ({ text, document: server.open(name, text) }));
  const piece = fc.constantFrom("\n", '"', '"""', "{{", "}}", ".", "|", "\\u0041", "\\", "é", "[[nodes]]\n", "- ", "x");
  await fc.assert(
    fc.asyncProperty(fc.nat(open.length - 1), fc.nat(2_000), fc.nat(20), piece, async (which, place, cut, put) => {
      const { text, document } = open[which] as (typeof open)[number];
      const at = place % text.length;
      const edited = text.slice(0, at) + put + text.slice(at + cut);
      document.change(edited);
      const found = await tokens(server, document.uri);
      const lines = edited.split(/\r\n|\r|\n/);
      let last = { line: 0, character: 0 };
      for (const { range } of found) {
        expect(range.start.line > last.line || range.start.character >= last.character).toBe(true);
        expect(range.end.character).toBeGreaterThan(range.start.character);
        expect(range.end.character).toBeLessThanOrEqual((lines[range.end.line] as string).length);
        last = range.end;
      }
    }),
    { numRuns: 60 },
  );
});
