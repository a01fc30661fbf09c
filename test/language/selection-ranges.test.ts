/** Growing selections: from the cursor outwards. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Position, SelectionRange } from "vscode-languageserver";
import { served, type Served } from "./harness.ts";
import { graph, pipeline, skill, workflow } from "./samples.ts";

async function grown(name: string, source: string): Promise<string[]> {
  const server = await served();
  const document = server.open(name, source);
  return (await texts(server, document.uri, document.text, [document.cursor]))[0] as string[];
}

async function texts(server: Served, uri: string, text: string, positions: readonly Position[]): Promise<string[][]> {
  const chains = await server.request<SelectionRange[]>("textDocument/selectionRange", {
    textDocument: { uri },
    positions,
  });
  const lines = text.split("\n");
  const offset = ({ line, character }: Position): number =>
    lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
  return chains.map((chain) => {
    const found: string[] = [];
    let before: readonly [number, number] | null = null;
    for (let at: SelectionRange | undefined = chain; at !== undefined; at = at.parent) {
      const now = [offset(at.range.start), offset(at.range.end)] as const;
      if (before !== null) {
        expect(now[0]).toBeLessThanOrEqual(before[0]);
        expect(now[1]).toBeGreaterThanOrEqual(before[1]);
        expect(now).not.toEqual(before);
      }
      before = now;
      found.push(text.slice(...now));
    }
    return found;
  });
}

const node =
  '[[nodes]]\nid = "b"\ntype = "template_render"\ninput_from = "a.rep‹|›ly.text"\ntemplate = "Dear {{user.name}}"';
const before = '[[nodes]]\nid = "a"\ntype = "fail"\nreason = "x"\n\n';
const after = '\n\n[[edges]]\nfrom = "a"\nto = "b"\n';

test("in a workflow: segment, text, value, pair, node, nodes, document", async () => {
  const plain = node.replace("‹|›", "");
  expect(await grown("a.toml", before + node + after)).toEqual([
    "reply",
    "a.reply.text",
    '"a.reply.text"',
    'input_from = "a.reply.text"',
    plain,
    before + plain,
    before + plain + after,
  ]);
});

test("in a template: segment, marker, text", async () => {
  const source = before + node.replace("‹|›", "").replace("user.", "us‹|›er.") + after;
  expect((await grown("a.toml", source)).slice(0, 5)).toEqual([
    "user",
    "{{user.name}}",
    "Dear {{user.name}}",
    '"Dear {{user.name}}"',
    'template = "Dear {{user.name}}"',
  ]);
});

test("in a skill graph: segment, value, pair, table, step, steps", async () => {
  const found = await grown("graph.yaml", graph.replace("verdict: style.verdict", "verdict: style.ver‹|›dict"));
  expect(found.slice(0, 4)).toEqual([
    "verdict",
    "style.verdict",
    "verdict: style.verdict",
    "context:\n      verdict: style.verdict",
  ]);
  expect(found.some((text) => text.startsWith("- id: ask") && text.endsWith("style.verdict"))).toBe(true);
  expect(found.some((text) => text.startsWith("steps:"))).toBe(true);
});

test("in a pipeline: word, value, line, stage, stages", async () => {
  const found = await grown("spec.kv", pipeline.replace("exec:/usr/bin/wc", "exec:/usr/b‹|›in/wc"));
  expect(found.slice(0, 3)).toEqual(["bin", "exec:/usr/bin/wc|-c", "single_ring.stages.1.stage=exec:/usr/bin/wc|-c"]);
  expect(
    found.slice(0, -1).some((text) => text.startsWith("single_ring.stages.1.id") && text.endsWith("depends_on.0=0")),
  ).toBe(true);
});

test("in half a document the chain ends with all of it", async () => {
  const source = '[[nodes]]\nid = "a\ntype = tem‹|›pl\n[[nodes]]\n';
  const found = await grown("a.toml", source);
  expect(found[0]).toBe("templ");
  expect(found.at(-1)).toBe(source.replace("‹|›", ""));
});

test("anywhere in any document each stretch holds the one before and the cursor", async () => {
  const server = await served();
  for (const [name, text] of Object.entries({
    "a.toml": workflow,
    "graph.yaml": graph,
    "spec.kv": pipeline,
    "SKILL.md": skill,
  })) {
    const { uri } = server.open(name, text);
    const lines = text.split("\n");
    const positions = lines.flatMap((line, at) => [...line, ""].map((_, character) => ({ line: at, character })));
    const chains = await texts(server, uri, text, positions);
    for (const chain of chains) expect(chain.at(-1)).toBe(text);
  }
});

test("positions outside the document mean its nearest place", async () => {
  const server = await served();
  const { uri, text } = server.open("a.toml", workflow);
  await fc.assert(
    fc.asyncProperty(fc.nat(200), fc.nat(500), async (line, character) => {
      const [chain] = await texts(server, uri, text, [{ line, character }]);
      expect(chain?.at(-1)).toBe(text);
    }),
    { numRuns: 30 },
  );
});
