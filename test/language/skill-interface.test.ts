/** Skills that a step runs: do they get what they need, and does it end? */
import type { Diagnostic } from "vscode-languageserver";
import { describe, expect, test } from "vitest";
import { acting } from "./acting.ts";
import { served } from "./harness.ts";

const greet = (source: string): string => `---
name: greet
source: ${source}
inputs:
  message: { type: string, required: true }
  times: { type: integer, required: true }
  tone: { type: string, required: true, default: kind }
  note: { type: string }
---
Greets.
`;
const tool = "{ type: cli-tool, command: /bin/echo }";
const files = { "skills/greet/SKILL.md": greet(tool) };
const step = (lines: string): string => `name: g\nsteps:\n  - id: a\n    skill: skills/greet\n${lines}`;

async function messages(name: string, text: string, more: Readonly<Record<string, string>> = files): Promise<string[]> {
  const found = await (await served(more)).open(name, text).diagnostics();
  return found.map(
    ({ code, message }: Diagnostic) => `${String(code)}: ${typeof message === "string" ? message : message.value}`,
  );
}

describe("inputs that a skill needs", () => {
  test("each that no step gives is told, those with defaults and those that may be left out are not", async () => {
    expect(await messages("graph.yaml", step(""))).toEqual([
      "missing_input: `a` does not give the input `message` that `skills/greet` needs",
      "missing_input: `a` does not give the input `times` that `skills/greet` needs",
    ]);
    expect(await messages("graph.yaml", step("    inputs: { message: hi, times: 2 }\n"))).toEqual([]);
    expect(await messages("graph.yaml", step("    inputs: { message: '', times: 0 }\n"))).toEqual([]);
  });

  test("what comes by `context` is given", async () => {
    const text = `name: g
steps:
  - id: first
    run: { type: agent-task }
  - id: a
    skill: skills/greet
    inputs: { times: 2 }
    context: { message: first.stdout }
`;
    expect(await messages("graph.yaml", text)).toEqual([]);
    expect(await messages("graph.yaml", text.replace("message:", "mesage:"))).toEqual([
      "missing_input: `a` does not give the input `message` that `skills/greet` needs; did you mean it by `mesage`?",
    ]);
  });

  test("a step of a skill hands on what the skill was given, so only a slip is told", async () => {
    const skill = (inputs: string, declared = ""): string =>
      `---\nname: s\nsource:\n  type: graph\n  graph:\n    name: g\n    steps:\n      - id: a\n        skill: ../skills/greet\n        inputs: ${inputs}\ninputs: {${declared}}\n---\nx\n`;
    expect(await messages("s/SKILL.md", skill("{}"))).toEqual([]);
    expect(await messages("s/SKILL.md", skill("{ mesage: hi }"))).toEqual([
      "missing_input: `a` does not give the input `message` that `../skills/greet` needs; did you mean it by `mesage`?",
    ]);
    expect(await messages("s/SKILL.md", skill("{ mesage: hi }", "message: { type: string }"))).toEqual([]);
  });

  test("a slip is put right where it stands, and what is not there is given a value of its type", async () => {
    const slip = step("    inputs: # what it says\n      mesage: hi # 😀\n      times: 2\n");
    const opened = await acting("graph.yaml", slip, files);
    const [finding] = await opened.document.diagnostics();
    expect(await opened.take("Change to `message`", { diagnostics: finding === undefined ? [] : [finding] })).toBe(
      slip.replace("mesage", "message"),
    );
    const none = await acting("graph.yaml", step("    label: L\n"), files);
    const [, times] = await none.document.diagnostics();
    expect(await none.take("Give the input `times`", { diagnostics: times === undefined ? [] : [times] })).toBe(
      step("    label: L\n    inputs:\n      times: 0\n"),
    );
  });

  test("a change of the skill in its editor is seen", async () => {
    const server = await served(files);
    const graph = server.open("graph.yaml", step("    inputs: { message: hi, times: 2 }\n"));
    expect(await graph.diagnostics()).toEqual([]);
    server.open("skills/greet/SKILL.md", greet(tool).replace("message:", "text:"));
    expect((await graph.diagnostics()).map(({ code }) => code)).toEqual(["missing_input"]);
  });
});

describe("skills that run themselves", () => {
  const nesting = (folder: string): string =>
    `---\nname: n\nsource:\n  type: graph\n  graph:\n    name: g\n    steps:\n      - id: a\n        skill: ${folder}\n---\nx\n`;

  test("directly and through others are told, with the way", async () => {
    expect(await messages("n/SKILL.md", nesting("../n"))).toEqual([
      "child_cycle: `../n` leads back to this document; the depth limit of 16 ends such a run",
    ]);
    const server = await served({ "m/SKILL.md": nesting("../n") });
    const [found] = await server.open("n/SKILL.md", nesting("../m")).diagnostics();
    expect(found?.message).toBe("`../m` leads back to this document; the depth limit of 16 ends such a run");
    expect(found?.relatedInformation?.map(({ message }) => message)).toEqual([
      "`../m` is called here",
      "`../n` is called here",
    ]);
  });

  test("a skill that an agent only reads is not run", async () => {
    const text = `---\nname: n\nsource:\n  type: graph\n  graph:\n    name: g\n    steps:\n      - id: a\n        run: { type: agent-task }\n        context_skills: [../n]\n---\nx\n`;
    expect(await messages("n/SKILL.md", text)).toEqual([]);
  });
});
