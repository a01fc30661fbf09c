/** Documents of the skill dialect for tests: real ones, grown ones, and both with random edits. */
import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { detect } from "../../../src/dialects/detect.ts";
import type { LiveDocument } from "../../../src/dialects/live/live.ts";
import { skillLive } from "../../../src/dialects/skill/live.ts";
import { createSkillFrontEnd } from "../../../src/dialects/skill/front-end.ts";
import type { DocumentPath } from "../../../src/graph/diagnostic.ts";
import { kindDefinition } from "../../../src/kinds/definitions.generated.ts";

export const frontEnd = createSkillFrontEnd({ kinds: kindDefinition });
export const openAs = skillLive({ kinds: kindDefinition });

/** Opens a text under a name of ours. */
export function open(text: string, file = "graph.yaml", previous: LiveDocument | null = null): LiveDocument {
  const what = detect(file, text);
  if (what === null) throw new Error(`${file} is not ours`);
  const document = openAs(text, file, what, previous);
  if (document === null) throw new Error(`${file} is not ours`);
  return document;
}

const folder = new URL("../../fixtures/skills/", import.meta.url);

/** Every document of the dialect among the fixtures. */
export const real: readonly (readonly [file: string, text: string])[] = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((name) => /(?:graph\.yaml|X\.yaml|SKILL\.md)$/.test(name))
  .map((name) => [/[^/]+$/.exec(name)?.[0] ?? name, readFileSync(new URL(name, folder), "utf8")]);

const id = fc.constantFrom("a", "b", "c", "first", "second", "x1");
const scalar = fc.constantFrom(
  "1",
  "2.5",
  "true",
  "~",
  "plain text",
  '"double \\" # quote"',
  "'it''s'",
  "$input.a",
  "first.stdout",
  "[1, [2, x], {k: v}]",
  "{a: 1, b: [c], 'd e': \"f\"}",
  "|\n{pad}literal: text\n{pad}  # no comment\n\n{pad}- last",
  ">-\n{pad}folded\n{pad}text",
  '"over\n{pad}two lines"',
  "over\n{pad}two plain lines",
  "[\n{pad}1,\n{pad}2\n{pad}]",
  "",
);
const trailing = fc.constantFrom("", "", "", " # note", "   ");

interface Style {
  readonly dash: number;
  readonly gap: string;
  readonly blank: string;
}

const step = fc
  .record({
    id,
    target: fc.constantFrom(
      "skill: ../x",
      "tool: fs.read",
      "run: {type: cli-tool, command: echo, args: ['{{a}}']}",
      "run:\n{in}type: approval",
    ),
    input: fc.array(fc.tuple(fc.constantFrom("p", "q", "r s", "'quoted'"), scalar), { maxLength: 3 }),
    context: fc.option(id),
    more: fc.constantFrom(
      "",
      "",
      "label: L",
      "when: {field: a.stdout, equals: 1}",
      "fanout_group: g",
      "mode: fanout",
      "typo: 1",
      "retry:\n{in}max_attempts: 2",
    ),
    trailing,
  })
  .map((one) => (style: Style): string => {
    const pad = " ".repeat(style.dash + 1 + style.gap.length);
    const inner = `${pad}  `;
    const lines = [
      `${" ".repeat(style.dash)}-${style.gap}id: ${one.id}${one.trailing}`,
      `${pad}${one.target.replace("{in}", inner)}`,
    ];
    if (one.input.length > 0) lines.push(`${pad}inputs:`);
    for (const [key, value] of one.input) lines.push(`${inner}${key}: ${value.replaceAll("{pad}", `${inner}  `)}`);
    if (one.context !== null) lines.push(`${pad}context:`, `${inner}from: ${one.context}.stdout`);
    if (one.more !== "") lines.push(`${pad}${one.more.replace("{in}", inner)}`);
    return `${lines.join("\n")}\n${style.blank}`;
  });
const style = fc.record({
  dash: fc.constantFrom(0, 2, 4),
  gap: fc.constantFrom(" ", "   "),
  blank: fc.constantFrom("", "", "\n", "# between\n", "  # inside\n\n"),
});
const head = fc.constantFrom(
  "name: g\n",
  "# top\nname: 'g' # n\nowner: me\n",
  "---\nname: g\n",
  "name: g\r\n",
  "",
  "name: >\n  g\n\n",
);
const tail = fc.constantFrom(
  "",
  "policy:\n  guards:\n    - {step: b, field: a.x, equals: true}\n",
  "fanout:\n  groups:\n    g: {strategy: any}\n",
  "# the end\n",
  "policy:\n",
  "...\n",
);

const graphText = fc
  .tuple(head, style, fc.array(step, { maxLength: 5 }), tail)
  .map(([before, form, steps, after]) => `${before}steps:\n${steps.map((one) => one(form)).join("")}${after}`);
const indented = (text: string, by: string): string => text.replace(/^(?=.)/gm, by);
const manifestText = fc
  .tuple(
    style,
    fc.array(step, { maxLength: 3 }),
    fc.constantFrom("", "catalog: {kind: skill}\n", "harness:\n  cases: []\n"),
  )
  .map(([form, steps, after]) => {
    const graph = indented(`name: g\nsteps:\n${steps.map((one) => one(form)).join("")}`, "      ");
    return `skill: s\nrunners:\n  main:\n    type: graph\n    default: true\n    graph:\n${graph}  other:\n    type: cli-tool\n    command: echo\n${after}`;
  });
const markdownText = fc.tuple(style, fc.array(step, { maxLength: 3 })).map(([form, steps]) => {
  const graph = indented(`name: g\nsteps:\n${steps.map((one) => one(form)).join("")}`, "    ");
  return `---\nname: s\nsource:\n  type: graph\n  graph:\n${graph}---\n# Title\n\nkey: no yaml\n`;
});

/** Documents as people write them, mostly sound. */
export const document: fc.Arbitrary<readonly [file: string, text: string]> = fc.oneof(
  { weight: 4, arbitrary: graphText.map((text) => ["graph.yaml", text] as const) },
  { weight: 2, arbitrary: manifestText.map((text) => ["X.yaml", text] as const) },
  { weight: 1, arbitrary: markdownText.map((text) => ["SKILL.md", text] as const) },
  { weight: 1, arbitrary: fc.constantFrom(...real) },
);

const pieces = [
  ..."abc :-'\"[]{}&*!|>?#,%\n\t\r$.",
  "- ",
  "- id: z\n",
  ": ",
  "&a ",
  "*a",
  "!t ",
  "\n  ",
  "\n    ",
  "\n      ",
  "|\n",
  ">-\n",
  "? ",
  "---\n",
  "...\n",
  "steps:",
  "\nsteps:\n",
  "name: x\n",
  "id: x",
  "  - ",
  "ski\n",
  "\ufeff",
  "\u2028",
  "\ud800",
  "<<: *a\n",
];

/** One edit: where (scaled to the text), how much goes, what comes. */
export const edit = fc.tuple(fc.nat(), fc.constantFrom(0, 0, 0, 1, 1, 2, 5, 30), fc.constantFrom("", ...pieces));
export type Edit = readonly [where: number, cut: number, piece: string];

export function edited(text: string, [where, cut, piece]: Edit): string {
  const at = where % (text.length + 1);
  return text.slice(0, at) + piece + text.slice(at + cut);
}

/** Documents with a few random edits. */
export const mutated = fc
  .tuple(document, fc.array(edit, { maxLength: 4 }))
  .map(([[file, text], edits]) => [file, edits.reduce(edited, text)] as const);

/** Every path of a document's tree. */
export function paths(document: LiveDocument): DocumentPath[] {
  const found: DocumentPath[] = [[]];
  for (let i = 0; i < found.length; i++) {
    const path = found[i] as DocumentPath;
    for (const child of document.source.element(path)?.children ?? []) found.push([...path, child]);
  }
  return found;
}
