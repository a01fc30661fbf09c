/**
 * Every repair that is offered anywhere repairs: over the documents of all codes, each action is carried out, and then its
 * finding is gone and no error is there that was not there before.
 */
import type { Diagnostic } from "vscode-languageserver";
import { describe, expect, test } from "vitest";
import { acting } from "./acting.ts";
import { served } from "./harness.ts";
import { graphRows } from "./code-rows/graph.ts";
import { otherRows } from "./code-rows/others.ts";
import { pipelineRows } from "./code-rows/pipeline.ts";
import type { Row } from "./code-rows/row.ts";
import { skillRows } from "./code-rows/skill.ts";
import { workflowRows } from "./code-rows/workflow.ts";

const rows: readonly Row[] = [...graphRows, ...workflowRows, ...skillRows, ...pipelineRows, ...otherRows];

/** Most findings of one document whose actions are carried out. */
const MAX_FINDINGS = 6;

/**
 * Errors that stood behind the finding and are seen once it is gone: ways that lead nowhere are looked for only when all
 * edges lead somewhere, and fields only when the kind of their table is known.
 */
const unmasked: Readonly<Record<string, readonly string[]>> = {
  dangling_edge: ["unreachable_node"],
  dup_node_id: ["unreachable_node"],
  impossible_label: ["unreachable_node"],
  // Each of the few words is offered; one of them asks for more.
  skill_value: ["skill_required", "skill_fanout", "skill_value"],
  wrong_type: ["dangling_edge"],
  invalid_secret: ["missing_field", "unknown_key"],
  unknown_key: ["wrong_type"],
  unlabelled_branch: ["unreachable_node"],
};

const count = (list: readonly Diagnostic[], is: (one: Diagnostic) => boolean): number => list.filter(is).length;

describe("each offered repair of a document with the fault takes the finding away", () => {
  test.for(rows.map((row, i) => [`${row.code} (row ${i})`, row] as const))("%s", async ([, row]) => {
    const opened = await acting(row.file, row.bad, row.files);
    const diagnostics = await opened.document.diagnostics();
    for (const one of diagnostics.slice(0, MAX_FINDINGS)) {
      for (const action of await opened.actions({ diagnostics: [one], only: ["quickfix"] })) {
        const texts = await opened.after(action);
        const server = await served(Object.fromEntries(texts));
        const after = await server.open(row.file, texts.get(row.file) ?? "").diagnostics();
        const of = (code: Diagnostic["code"]) => (other: Diagnostic) => other.code === code;
        const same = (other: Diagnostic): boolean => other.code === one.code && other.message === one.message;
        const isGone =
          count(after, of(one.code)) < count(diagnostics, of(one.code)) ||
          count(after, same) < count(diagnostics, same);
        expect(isGone, `${String(one.code)} stays after "${action.title}"`).toBe(true);
        const news = after.filter(
          ({ code, severity }) =>
            severity === 1 &&
            count(after, of(code)) > count(diagnostics, of(code)) &&
            unmasked[String(one.code)]?.includes(String(code)) !== true,
        );
        expect(
          news.map(({ code, message }) => `${String(code)}: ${JSON.stringify(message)}`),
          action.title,
        ).toEqual([]);
        expect(action.diagnostics).toEqual([one]);
      }
    }
  });

  test("most codes that a document can have are offered a repair", async () => {
    const without: string[] = [];
    for (const row of rows) {
      const opened = await acting(row.file, row.bad, row.files);
      const named = (await opened.document.diagnostics()).filter(({ code }) => code === row.code);
      const actions = await opened.actions({ diagnostics: named, only: ["quickfix"] });
      const repairs = actions.filter(({ title }) => !/^(?:Ignore|Set) `/.test(title));
      if (repairs.length === 0) without.push(row.code);
    }
    expect([...new Set(without)]).toMatchSnapshot();
  });
});
