import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { learnPart } from "../../../src/extension/learn/manifest.ts";
import { sampleText } from "../../../src/extension/learn/sample.ts";
import { contributes } from "../../../src/extension/manifest.ts";
import { checkFile } from "../../../src/runtime/check.ts";
import { startEditorRun } from "../../../src/runtime/editor-run/index.ts";

interface Walkthrough {
  readonly steps: readonly {
    readonly id: string;
    readonly description: string;
    readonly media: { readonly image: string; readonly altText: string };
    readonly completionEvents: readonly string[];
  }[];
}

const pages = (learnPart.walkthroughs ?? []) as readonly Walkthrough[];

test("the sample has one mistake, which its first fix puts right", async () => {
  const checked = await checkFile("first-steps.toml", "/", { text: sampleText });
  expect(checked.diagnostics.map(({ code, severity }) => [severity, code])).toEqual([["error", "dangling_edge"]]);
  const [{ fixes = [] } = {}] = checked.diagnostics;
  expect(fixes[0]?.title).toContain("ask");
  const right = sampleText.replace('"aks"', '"ask"');
  expect((await checkFile("first-steps.toml", "/", { text: right })).diagnostics).toEqual([]);
});

test("the sample, put right, runs to the question it asks", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-sample-"));
  try {
    const file = path.join(folder, "first-steps.toml");
    await writeFile(file, sampleText.replace('"aks"', '"ask"'));
    const begun = await startEditorRun({
      place: { file, workspaceFolder: folder, env: {}, environment: null, opened: () => null },
      ...{ dry: false, start: null, storage: path.join(folder, "storage"), onStep: () => undefined },
      input: { type: "text", text: '{ "name": "Ada" }' },
    });
    if (!begun.ok) throw new Error(begun.problem.message);
    expect(await begun.run.done).toMatchObject({ ok: true, end: { status: "paused", last: "ask" } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("every button of the getting-started page is a command or a view, and every picture is there", async () => {
  const commands = new Set(contributes.commands.map((one) => (one as { command: string }).command));
  const views = Object.values(contributes.views).flatMap((list) => list.map((one) => (one as { id: string }).id));
  for (const view of views) commands.add(`${view}.focus`);
  for (const { steps } of pages) {
    expect(steps.length).toBeGreaterThan(0);
    for (const { description, media } of steps) {
      for (const [, command = ""] of description.matchAll(/\(command:([^)]+)\)/g))
        expect([...commands]).toContain(command);
      expect((await stat(path.resolve(import.meta.dirname, "../../..", media.image))).size).toBeGreaterThan(0);
      expect(media.altText).not.toBe("");
    }
  }
});
