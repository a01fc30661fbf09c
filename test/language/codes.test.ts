/**
 * Every code of a diagnostic has a page, a document that has it, at a marked place, and a repaired document that does
 * not. A code without a row here fails.
 */
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { serverCodes } from "../../language/codes.ts";
import { tooLongDiagnostic } from "../../language/convert.ts";
import { MAX_TEXT } from "../../language/workspace.ts";
import { configFileCodes, configStartCodes } from "../../src/config/codes.ts";
import { pipelineCodes } from "../../src/dialects/pipeline/codes.ts";
import { createSkillFrontEnd } from "../../src/dialects/skill/front-end.ts";
import { skillCodes } from "../../src/dialects/skill/codes.ts";
import { workflowCodes } from "../../src/dialects/workflow/codes.ts";
import { fixtureCodes } from "../../src/fixtures/codes.ts";
import { policyCodes } from "../../src/governance/static/codes.ts";
import { graphCodes } from "../../src/graph/codes.ts";
import { ignoreCodes } from "../../src/graph/ignores.ts";
import { checkFile } from "../../src/runtime/check.ts";
import { fileCodes } from "../../src/runtime/codes.ts";
import { readOperator } from "../../src/runtime/operator.ts";
import { graphRows } from "./code-rows/graph.ts";
import { otherRows } from "./code-rows/others.ts";
import { pipelineRows } from "./code-rows/pipeline.ts";
import type { Row } from "./code-rows/row.ts";
import { skillRows } from "./code-rows/skill.ts";
import { workflowRows } from "./code-rows/workflow.ts";
import { served } from "./harness.ts";
import { withMarks } from "./marks.ts";
import { root as project } from "../examples/support.ts";

const tables = {
  ...graphCodes,
  ...policyCodes,
  ...workflowCodes,
  ...skillCodes,
  ...pipelineCodes,
  ...fixtureCodes,
  ...configFileCodes,
  ...configStartCodes,
  ...ignoreCodes,
  ...serverCodes,
  ...fileCodes,
};

/** Codes that no document in an editor can have, why, and what says them; null where nothing that is known does. */
const elsewhere: Readonly<
  Record<string, { readonly why: string; readonly say: (() => Promise<readonly string[]>) | null }>
> = {
  skill_harness: {
    why: "an editor takes a harness file for the test that it is",
    say: () => checked("harness.yaml", "cases: []\n"),
  },
  skill_runner_selection: {
    why: "an editor shows all runners and chooses none",
    say: () => checked("X.yaml#none", skillRows.find((row) => row.file === "X.yaml")?.good ?? ""),
  },
  skill_kind: {
    why: "the program has all kinds",
    say: () => {
      const frontEnd = createSkillFrontEnd({ kinds: () => undefined });
      const { graph, diagnostics } = frontEnd.parse(graphYaml, "graph.yaml");
      return Promise.resolve(codesOf(graph === null ? diagnostics : frontEnd.validate(graph)));
    },
  },
  kv_noncanonical: {
    why: "each known difference has a code of its own; this one stands guard behind them",
    say: null,
  },
  config_file: {
    why: "an editor holds text",
    say: async () => {
      const folder = await mkdtemp(path.join(tmpdir(), "countersign-codes-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      await mkdir(path.join(folder, "countersign.toml"));
      return started(folder, {});
    },
  },
  config_incomplete: {
    why: "it is about variables of the environment",
    say: () => started(project, { COUNTERSIGN_API_BASE_URL: "https://x.example" }),
  },
  cannot_read: { why: "an editor has read it", say: () => checked("/nonexistent/w.toml", null) },
  not_utf8: {
    why: "an editor holds text",
    say: async () => {
      const folder = await mkdtemp(path.join(tmpdir(), "countersign-codes-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      await writeFile(path.join(folder, "w.toml"), Uint8Array.of(0x61, 0xff));
      return checked(path.join(folder, "w.toml"), null);
    },
  },
  not_a_graph: {
    why: "an editor takes a fixture for the test that it is",
    say: () => checked("fixture.toml", 'start = "main"\n'),
  },
  document_too_large: {
    why: "its text would not be read; see life-cycle.test.ts",
    say: () => Promise.resolve([tooLongDiagnostic(MAX_TEXT + 1, () => null).code as string]),
  },
};

const graphYaml = "name: g\nsteps:\n  - id: a\n    run: {type: agent-task}\n";

function codesOf(found: readonly { readonly code: string }[]): string[] {
  return found.map((one) => one.code);
}

async function checked(file: string, text: string | null): Promise<string[]> {
  return codesOf((await checkFile(file, project, text === null ? {} : { text })).diagnostics);
}

async function started(folder: string, env: Readonly<Record<string, string>>): Promise<string[]> {
  const read = await readOperator({ flags: {}, env, cwd: folder, folder });
  return read.ok ? [] : codesOf(read.problems);
}

const rows: readonly Row[] = [...graphRows, ...workflowRows, ...skillRows, ...pipelineRows, ...otherRows];

describe("a document with the fault has the finding at its place, and one without has not", () => {
  test.for(rows.map((row) => [row.code, row] as const))("%s", async ([code, row]) => {
    const server = await served(row.files);
    const bad = server.open(row.file, row.bad);
    const wanted = [...bad.ranges.values()].flat();
    const found = (await bad.diagnostics()).filter((one) => one.code === code);
    const places = found.map(({ range }) => range);
    expect(
      found.length,
      JSON.stringify((await bad.diagnostics()).map((one) => [one.code, one.message])),
    ).toBeGreaterThan(0);
    const shown = withMarks(
      bad.text,
      places.map((range) => ({ range })),
    );
    if (wanted.length === 0) expect(shown).toMatchSnapshot();
    else
      expect(shown).toBe(
        withMarks(
          bad.text,
          wanted.map((range) => ({ range })),
        ),
      );
    expect(found[0]?.codeDescription?.href).toBe(`file:///docs/diagnostics.md#${code}`);
    bad.change(row.good);
    expect((await bad.diagnostics()).map((one) => one.code)).not.toContain(code);
  });
});

describe("the tables of codes are whole", () => {
  const page = readFileSync(path.join(project, "docs/diagnostics.md"), "utf8");
  const tested = new Set(rows.map((row) => row.code));

  test.for(Object.keys(tables))("%s has a page and a row", (code) => {
    expect(page).toContain(`\n### ${code}\n`);
    expect(tested.has(code)).toBe(!(code in elsewhere));
  });

  const told = Object.entries(elsewhere).flatMap(([code, { say }]) => (say === null ? [] : [[code, say] as const]));
  test.for(told)("%s is said elsewhere", async ([code, say]) => {
    expect(await say()).toContain(code);
  });

  test("no row speaks of a code that is in no table", () => {
    expect([...tested, ...Object.keys(elsewhere)].filter((code) => !(code in tables))).toEqual([]);
  });
});
