/** Formatting: only the canonical order of a spec.kv. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TextEdit } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { lineEdits } from "../../language/features/formatting.ts";
import { TextLines } from "../../src/dialects/live/text-lines.ts";
import { everything, served } from "./harness.ts";
import { graph, pipeline, skill, workflow } from "./samples.ts";

const options = { tabSize: 2, insertSpaces: true };

async function edits(name: string, source: string): Promise<TextEdit[] | null> {
  const server = await served();
  const { uri } = server.open(name, source);
  return server.request("textDocument/formatting", { textDocument: { uri }, options });
}

function applied(text: string, list: readonly TextEdit[]): string {
  return TextDocument.applyEdits(TextDocument.create("a:b", "x", 1, text), [...list]);
}

test("lines of a spec come into their order, and no others are touched", async () => {
  const lines = pipeline.split("\n");
  const swapped = [...lines.slice(0, 2), lines[3], lines[2], ...lines.slice(4)].join("\n");
  const found = (await edits("spec.kv", swapped)) as TextEdit[];
  expect(applied(swapped, found)).toBe(pipeline);
  expect(found).toHaveLength(2);
  for (const { range } of found) expect(range.end.line).toBeLessThanOrEqual(4);
});

test("layout goes: blank lines, windows line ends, a mark at the start, a missing last line end", async () => {
  for (const text of [
    pipeline.replace("name=", "\n\nname="),
    pipeline.replaceAll("\n", "\r\n"),
    `\ufeff${pipeline}`,
    pipeline.slice(0, -1),
  ])
    expect(applied(text, (await edits("spec.kv", text)) as TextEdit[])).toBe(pipeline);
});

test("a spec in order has nothing to change", async () => {
  expect(await edits("spec.kv", pipeline)).toEqual([]);
});

test.each([
  ["comments", pipeline.replace("name=", "# why\nname=")],
  ["an unknown key", `${pipeline}x=1\n`],
  ["a value that is none", pipeline.replace("shards=1", "shards=one")],
  ["half a line", `${pipeline}single_ring.sta`],
])("a spec with %s is left alone", async (_what, text) => {
  expect(await edits("spec.kv", text)).toBeNull();
});

test.each([
  ["a.toml", workflow],
  ["graph.yaml", graph],
  ["SKILL.md", skill],
])("%s is left as its author wrote it", async (name, text) => {
  expect(await edits(name, text.replace(" = ", "   =  "))).toBeNull();
});

test("a client that registers late is asked for spec.kv alone", async () => {
  const capabilities = {
    ...everything,
    textDocument: { ...everything.textDocument, formatting: { dynamicRegistration: true } },
  };
  const server = await served({}, { capabilities });
  server.open("spec.kv", pipeline);
  await server.request("countersign/settled", { textDocument: { uri: "file:///w/spec.kv" } });
  const [registration] = server.registrations.filter(({ method }) => method === "textDocument/formatting");
  expect(registration?.registerOptions).toEqual({ documentSelector: [{ pattern: "**/spec.kv" }] });
});

test("edits of lines always give the new text, in order and apart, and leave equal lines alone", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "d", ""), { maxLength: 12 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const list = lineEdits(before, after, new TextLines(before));
      expect(applied(before, list)).toBe(after);
      if (before === after) expect(list).toEqual([]);
      for (const [i, edit] of list.entries()) {
        const next = list[i + 1];
        if (next !== undefined) expect(edit.range.end.line).toBeLessThan(next.range.start.line + 1);
      }
    }),
  );
});
