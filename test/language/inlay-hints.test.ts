/** Hints beside the text; shown here in guillemets where an editor shows them. */
import { expect, test } from "vitest";
import type { InlayHint, Range } from "vscode-languageserver";
import { served } from "./harness.ts";
import { graph, pipeline, workflow, wrapped } from "./samples.ts";

async function hinted(name: string, source: string, asked?: Range): Promise<string> {
  const server = await served();
  const { uri, text } = server.open(name, source);
  const lines = text.split("\n");
  const whole = { start: { line: 0, character: 0 }, end: { line: lines.length, character: 0 } };
  const hints = await server.request<InlayHint[]>("textDocument/inlayHint", {
    textDocument: { uri },
    range: asked ?? whole,
  });
  for (const { position, label } of [...hints].reverse()) {
    const line = lines[position.line] as string;
    lines[position.line] = `${line.slice(0, position.character)}«${label as string}»${line.slice(position.character)}`;
  }
  return lines.join("\n");
}

const small = `[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"
on_error = "branch"

[[nodes]]
id = "ask"
type = "http_request"
method = "GET"
url_from = "load.content"

[[nodes]]
id = "yes"
type = "condition"
expr = "ask.status"

[[edges]]
from = "load"
to = "ask"

[[edges]]
from = "load"
to = "yes"
when = "error"

[[edges]]
from = "yes"
to = "ask"
when = "true"
max_iterations = 2
`;

test("outputs, references and edges without a label have hints, the rest has none", async () => {
  const shown = await hinted("a.toml", small);
  const changed = shown.split("\n").filter((line) => line.includes("«"));
  expect(changed).toEqual([
    'type = "read_file"«→ {path, content, bytes} | {error}»',
    'type = "http_request"«→ {status, headers, body, bytes}»',
    'url_from = "load.content"«: string»',
    'type = "condition"«→ {value}»',
    'expr = "ask.status"«: integer»',
    'to = "ask"«unless error»',
  ]);
});

test("only the asked lines have hints", async () => {
  const range = { start: { line: 6, character: 0 }, end: { line: 11, character: 0 } };
  const shown = (await hinted("a.toml", small, range)).split("\n");
  expect(shown.map((line, at) => (line.includes("«") ? at : -1)).filter((at) => at >= 0)).toEqual([8, 10]);
});

test("a wrapped workflow has them too", async () => {
  const shown = await hinted("w.toml", wrapped);
  expect(shown).toContain('type = "read_file"«→');
  expect(shown).toContain('input_from = "load"«:');
});

test("a skill graph has them at its ids and contexts", async () => {
  const shown = await hinted("graph.yaml", graph);
  expect(shown).toContain("- id: ask«→ ");
  expect(shown).toContain("verdict: style.verdict");
});

test("of a pipeline's stages nothing is known ahead of time", async () => {
  expect(await hinted("spec.kv", pipeline)).toBe(pipeline);
});

test("half a document has the hints of what can be made out", async () => {
  const shown = await hinted(
    "a.toml",
    `${workflow}\n[[nodes]]\nid = "half"\ntype = "template_render"\ninput_from = "load.cont`,
  );
  expect(shown).toContain('url_from = "load.content"«:');
});
