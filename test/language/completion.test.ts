/** Completion anywhere: whatever is typed, edits are ones that clients can carry out. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { CompletionList, Hover } from "vscode-languageserver";
import { served } from "./harness.ts";
import { complete } from "./completing.ts";

const corpus = [
  ["a.toml", "examples/support-router/support-router.toml"],
  ["b.toml", "examples/map-accounts/map-accounts.toml"],
  ["graph.yaml", "examples/fan-out-quorum/graph.yaml"],
  ["SKILL.md", "examples/hello-world/SKILL.md"],
  ["X.yaml", "examples/hello-world/X.yaml"],
  ["spec.kv", "examples/pipeline-exec/spec.kv"],
  ["fixture.toml", "examples/config-drift/fixture.toml"],
  ["countersign.toml", "examples/countersign.toml"],
] as const;
const texts = corpus.flatMap(([name, path]) => {
  try {
    return [{ name, text: readFileSync(path, "utf8") }];
  } catch {
    return [];
  }
});
const junk = ["", '"', "'", "{", "{{", "[", "[[", "= ", ": ", ".", "- ", "#", "\n", "id", "\n  "];

test("answers on half-typed text touch the cursor, stay on its line and are distinct", async () => {
  const server = await served();
  expect(texts.length).toBeGreaterThan(5);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...texts),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(...junk),
      fc.boolean(),
      async ({ name, text }, share, more, cut) => {
        const at = Math.floor(share * text.length);
        const typed = text.slice(0, at) + more;
        const whole = cut ? typed : typed + text.slice(at);
        const document = server.open(name, whole.slice(0, typed.length) + "‹|›" + whole.slice(typed.length));
        const position = document.cursor;
        const list = await server.request<CompletionList | null>("textDocument/completion", document.at());
        const labels = new Set<string>();
        for (const { label, textEdit } of list?.items ?? []) {
          expect(labels.has(label), `${label} twice`).toBe(false);
          labels.add(label);
          if (textEdit === undefined || !("range" in textEdit)) throw new Error(`${label} has no edit`);
          const { start, end } = textEdit.range;
          expect([start.line, end.line]).toEqual([position.line, position.line]);
          expect(start.character).toBeLessThanOrEqual(position.character);
          expect(end.character).toBeGreaterThanOrEqual(position.character);
        }
        const shown = await server.request<Hover | null>("textDocument/hover", document.at());
        if (shown?.range !== undefined) {
          expect(shown.range.start.line).toBeLessThanOrEqual(position.line);
          expect(shown.range.end.line).toBeGreaterThanOrEqual(position.line);
        }
      },
    ),
    { numRuns: 250 },
  );
});

test("long lists are cut by what is typed and say so", async () => {
  const nodes = Array.from({ length: 1_000 }, (_, i) => `[[nodes]]\nid = "n${i}"\ntype = "merge"\n`).join("");
  const text = `name = "x"\n[[start_nodes]]\nname = "m"\n${nodes}\n[[edges]]\nfrom = "n99‹|›"\n`;
  const found = await complete("a.toml", text);
  expect(found.labels).toContain("n999");
  expect(found.labels).not.toContain("n1");
});

test("a client without snippets gets no tab stops", async () => {
  const server = await served({}, { capabilities: {} });
  const document = server.open("a.toml", 'name = "x"\n[[nodes]]\nid = "b"\ntype = "‹|›"\n');
  const list = await server.request<CompletionList>("textDocument/completion", document.at());
  expect(list.items.length).toBeGreaterThan(10);
  expect(list.items.filter(({ textEdit }) => textEdit?.newText.includes("$"))).toEqual([]);
});

describe("What is put in leaves its neighbours what they are", () => {
  const inline = (line: string): string =>
    `name = "x"\nstart_nodes = []\nnodes = [\n  { id = "a", type = "fail" }, # first\n  ${line}\n]\n`;

  it("A key before another one between braces gets a comma", async () => {
    const completed = await complete("a.toml", inline('{ ‹|›id = "b", type = "fail" },').replace("‹|›id", "‹|› id"));
    expect(completed.accept("reason")).toContain('{ reason = "$1",  id = "b"');
  });

  it("An item between brackets is whole, and parted from its neighbours", async () => {
    expect((await complete("a.toml", inline("‹|›"))).accept("{ … }")).toContain(
      '# first\n  { id = "$1", type = "$2" }',
    );
    const before = await complete("a.toml", inline("").replace("  { id", "  ‹|›{ id"));
    expect(before.labels).not.toContain("{ … }");
    const above = await complete("a.toml", inline("").replace("  { id", "  ‹|›\n  { id"));
    expect(above.accept("{ … }")).toContain('{ id = "$1", type = "$2" }, \n  { id = "a"');
  });

  it("A fan-out group that has its colon gets no second one", async () => {
    const text =
      "name: x\nsteps:\n  - id: a\n    fanout_group: g\nfanout:\n  groups:\n    g‹|›:\n      strategy: all\n";
    expect((await complete("graph.yaml", text)).accept("g")).toContain("    g:\n");
  });

  it.each([
    ["between a key and its value", "name: x\nsteps:\n  - id: a\n    skill:‹|› ../b\n"],
    ["before a table on the lines below", "name: x\nsteps:\n  - id: a\n    inputs:‹|›\n      a: b\n"],
    ["behind a list in brackets", "name: x\nsteps:\n  - id: a\n    scopes: [a, b]‹|›\n"],
    ["before a key on the same line", "name: x\nsteps:\n  - id: a\n‹|›    label: b\n"],
    ["in a column of its own", "name: x\nsteps:\n  - id: a\n ‹|›\n"],
  ])("Nothing is offered %s", async (_, text) => {
    expect((await complete("graph.yaml", text)).labels).toEqual([]);
  });

  it.each([
    ["before keys of another table", '‹|›\nname = "x"\n[[nodes]]\nid = "a"\ntype = "fail"\n'],
    ["between braces that are still open", 'name = "x"\nnodes = [\n  { id = "a", type = "fail" },\n  { ‹|›\n'],
    ["between brackets that are still open", 'name = "x"\nnodes = [\n  { id = "a", type = "fail" },\n‹|›'],
  ])("No header is offered %s", async (_, text) => {
    expect((await complete("a.toml", text)).labels.filter((one) => one.startsWith("["))).toEqual([]);
  });

  it("A header that is being renamed does not become a table of the entry that it opens", async () => {
    const { labels } = await complete("a.toml", 'name = "x"\n[[no‹|›des]]\nid = "a"\ntype = "fail"\n');
    expect(labels).toContain("[[nodes]]");
    expect(labels).not.toContain("[nodes.retry]");
  });
});
