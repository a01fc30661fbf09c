/** Fixtures as the Test Explorer sees them, without VS Code. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { EditorPlace } from "../../../src/runtime/editor-run/index.ts";
import { CoveredDocuments } from "../../../src/runtime/coverage.ts";
import { fixtureTests } from "../../../src/extension/tests/fixtures.ts";
import { bareEnv, folderWith, workflow } from "../../fixtures/support.ts";

const document = workflow(
  [`id = "which"\ntype = "switch"\nexpr = "trigger.way"`],
  `[[nodes]]\nid = "left"\ntype = "terminate"\n[[nodes]]\nid = "right"\ntype = "terminate"
[[edges]]\nfrom = "which"\nto = "left"\nwhen = "left"\n[[edges]]\nfrom = "which"\nto = "right"\nwhen = "right"\n`,
);
const fixture = `start = "main"
trigger.payload = { way = "left" }

[expected]
status = "completed"
last_node = "left"
`;

function placeIn(folder: string, unsaved: Readonly<Record<string, string>> = {}): EditorPlace {
  return {
    file: path.join(folder, "fixture.toml"),
    workspaceFolder: folder,
    env: bareEnv,
    environment: null,
    opened: (file) => unsaved[path.relative(folder, file)] ?? null,
  };
}

const going = new AbortController().signal;

describe("discovery", () => {
  test("knows fixtures by their name alone", () => {
    expect(fixtureTests.holds("/a/fixture.toml")).toBe(true);
    expect(fixtureTests.holds("/a/workflow.toml")).toBe(false);
  });

  test("finds one test where its expectations stand, and the document that it tests", async () => {
    const found = await fixtureTests.discover("/w/tests/a/fixture.toml", `document = "../../x.toml"\n${fixture}`);
    expect(found).toMatchObject({ problem: null, document: "/w/x.toml" });
    expect(found.cases).toHaveLength(1);
    expect(found.cases[0]).toMatchObject({
      label: "main: completed",
      description: "at left",
      at: { start: { line: 4 } },
    });
  });

  test.each(["= broken", 'start = "main"\n', "", "\u0000", 'document = "x.toml"\n[expected]\nstatus = "won"\n'])(
    "gives a text that is no fixture as a test that says why: %j",
    async (text) => {
      const found = await fixtureTests.discover("/w/fixture.toml", text);
      expect(found.problem).toEqual(expect.any(String));
      expect(found.cases).toMatchObject([{ label: "does not load" }]);
    },
  );
});

describe("a run", () => {
  test("passes, and tells its steps and its documents", async () => {
    const folder = await folderWith({ "workflow.toml": document, "fixture.toml": fixture });
    const outcome = await fixtureTests.run("fixture", { place: placeIn(folder), signal: going, coverage: null });
    expect(outcome).toMatchObject({
      result: "passed",
      mismatches: [],
      documents: [path.join(folder, "workflow.toml")],
    });
    expect(outcome.output).toEqual(["which → left", "left", "completed, as expected"]);
  });

  test("takes unsaved texts of fixture and document before what is on disk", async () => {
    const folder = await folderWith({ "workflow.toml": "= no", "fixture.toml": "= no" });
    const unsaved = { "workflow.toml": document, "fixture.toml": fixture.replace('"left"\n', '"right"\n') };
    const outcome = await fixtureTests.run("fixture", {
      place: placeIn(folder, unsaved),
      signal: going,
      coverage: null,
    });
    expect(outcome.result).toBe("failed");
    expect(outcome.mismatches).toEqual([
      {
        message: 'last_node mismatch: expected `right`, got `Some("left")`',
        file: path.join(folder, "fixture.toml"),
        at: { line: 5, character: 12 },
        expected: "right",
        actual: "left",
      },
    ]);
  });

  test("that cannot begin says so at the document's place", async () => {
    const folder = await folderWith({
      "workflow.toml": document.replace('type = "switch"', 'type = "swich"'),
      "fixture.toml": fixture,
    });
    const outcome = await fixtureTests.run("fixture", { place: placeIn(folder), signal: going, coverage: null });
    expect(outcome.result).toBe("errored");
    expect(outcome.mismatches[0]?.file).toBe(path.join(folder, "workflow.toml"));
    expect(outcome.mismatches[0]?.at).not.toBeNull();
  });

  test("is stopped in the middle of a program", async () => {
    const folder = await folderWith({
      "workflow.toml": workflow([
        `id = "slow"\ntype = "shell_run"\ncommand = "/bin/sleep"\nargs_from = "trigger.args"\ntimeout_secs = 100`,
      ]),
      "fixture.toml": `start = "main"\ntimeout_secs = 100\ntrigger.payload = { args = ["60"] }\n[expected]\nstatus = "completed"\n`,
    });
    const abort = new AbortController();
    const { listeners } = new CoveredDocuments();
    const onEvent: typeof listeners.onEvent = (event) => {
      if (event.type === "effect.started") abort.abort({ how: "cancel", by: "a test", reason: null });
    };
    const coverage = { listeners: { ...listeners, onEvent } };
    const running = fixtureTests.run("fixture", { place: placeIn(folder), signal: abort.signal, coverage });
    expect(await running).toMatchObject({ result: "stopped" });
  });

  test("counts what was taken, over several runs", async () => {
    const folder = await folderWith({ "workflow.toml": document, "fixture.toml": fixture });
    const coverage = new CoveredDocuments();
    const run = () => fixtureTests.run("fixture", { place: placeIn(folder), signal: going, coverage });
    await run();
    const once = coverage.files()[0];
    expect(once?.summary).toEqual({
      nodes: { covered: 2, total: 3 },
      edges: { covered: 1, total: 2 },
      branches: { covered: 1, total: 2 },
    });
    await writeFile(path.join(folder, "fixture.toml"), fixture.replaceAll('"left"', '"right"'));
    expect((await run()).result).toBe("passed");
    const [file] = coverage.files();
    expect(file?.nodes.map(({ id, visits }) => [id, visits])).toEqual([
      ["which", 2],
      ["left", 1],
      ["right", 1],
    ]);
    expect(file?.summary.branches).toEqual({ covered: 2, total: 2 });
  });
});

describe("debugging", () => {
  test("is a dry run of the document with the fixture's payload and answers", async () => {
    const folder = await folderWith({ "workflow.toml": document, "fixture.toml": fixture });
    expect(await fixtureTests.debug("fixture", placeIn(folder))).toEqual({
      program: path.join(folder, "workflow.toml"),
      fixture: path.join(folder, "fixture.toml"),
      start: "main",
      stopOnEnd: false,
    });
  });

  test("is refused with the reason where the fixture does not load", async () => {
    const folder = await folderWith({ "fixture.toml": "= no" });
    expect(await fixtureTests.debug("fixture", placeIn(folder))).toContain("not TOML");
    expect(await fixtureTests.debug("fixture", placeIn(path.join(folder, "gone")))).toContain("No such file");
  });
});
