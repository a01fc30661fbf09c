import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { document, edit, edited, frontEnd, mutated, open, paths } from "./yaml-support.ts";
import { isRange, type Diagnostic } from "../../../src/graph/diagnostic.ts";
import type { LiveDocument } from "../../../src/dialects/live/live.ts";
import { runs } from "../runs.ts";

const shown = (one: { readonly code: string; readonly message: string }): string => `${one.code} ${one.message}`;

const lineOf = (at: Diagnostic["at"]): number => (isRange(at) ? at.start.line : 0);

function likeFrontEnd(file: string, text: string): void {
  const live = open(text, file);
  const parsed = frontEnd.parse(text, file);
  expect(live.accepted).toBe(parsed.graph !== null);
  if (parsed.graph === null) {
    const found = new Set(live.findings.map(shown));
    // What stands below a syntax error may only follow from it, which the tolerant reader leaves out.
    const torn = parsed.diagnostics.filter(({ code }) => code === "skill_yaml_syntax").map(({ at }) => lineOf(at));
    const sure = parsed.diagnostics.filter(({ at }) => torn.every((line) => lineOf(at) <= line));
    expect(sure.length).toBeGreaterThan(0);
    for (const one of sure) expect(found).toContain(shown(one));
    return;
  }
  expect(live.findings).toEqual([...parsed.diagnostics, ...frontEnd.validate(parsed.graph)]);
  if (file === "X.yaml") {
    for (const { runner, graph, whole } of live.graphs) {
      expect(whole).toBe(true);
      expect(graph).toEqual(frontEnd.parse(text, `X.yaml#${runner ?? ""}`).graph);
    }
    expect(live.graphs.length).toBe(parsed.graph.starts.length > 1 ? parsed.graph.starts.length : live.graphs.length);
  } else expect(live.graphs).toEqual([{ runner: null, graph: parsed.graph, whole: true }]);
}

function everything(document: LiveDocument): unknown {
  const { findings, graphs, accepted, source } = document;
  const elements = paths(document).map((path) => source.element(path));
  const spans = paths(document).map((path) => source.span({ path, part: "construct" }));
  const points = Array.from({ length: Math.min(document.text.length, 400) + 1 }, (_, i) => source.at(i));
  return { findings, graphs, accepted, elements, spans, points };
}

describe("opening a skill document", () => {
  test("agrees with the front end on sound documents", () => {
    fc.assert(
      fc.property(document, ([file, text]) => likeFrontEnd(file, text)),
      { numRuns: runs(60) },
    );
  });

  test("agrees with the front end on edited documents", () => {
    fc.assert(
      fc.property(mutated, ([file, text]) => likeFrontEnd(file, text)),
      { numRuns: runs(150) },
    );
  });

  test("gives the same with and without the former document", () => {
    fc.assert(
      fc.property(document, fc.array(edit, { minLength: 1, maxLength: 5 }), ([file, text], edits) => {
        let now = text;
        let live = open(now, file);
        for (const one of edits) {
          now = edited(now, one);
          live = open(now, file, live);
        }
        expect(everything(live)).toEqual(everything(open(now, file)));
      }),
      { numRuns: runs(40) },
    );
  });

  test("has every span inside the text and every path within reach", () => {
    fc.assert(
      fc.property(mutated, ([file, text]) => {
        const live = open(text, file);
        const inText = (span: readonly [number, number] | null): void => {
          if (span === null) return;
          expect(span[0]).toBeGreaterThanOrEqual(0);
          expect(span[1]).toBeGreaterThanOrEqual(span[0]);
          expect(span[1]).toBeLessThanOrEqual(text.length);
        };
        for (const path of paths(live)) {
          const element = live.source.element(path);
          if (element === null) throw new Error(`no element at ${JSON.stringify(path)}`);
          for (const span of [element.key, element.value, element.header, element.extent]) inText(span);
          for (const part of ["key", "value", "construct"] as const) inText(live.source.span({ path, part }));
        }
        for (let at = 0; at <= text.length; at += 1 + (text.length >> 8)) {
          const point = live.source.at(at);
          inText(point.replace);
          expect(point.replace[0]).toBeLessThanOrEqual(at);
          expect(point.replace[1]).toBeGreaterThanOrEqual(at);
          if (point.string !== null) expect(point.string.offset).toBeLessThanOrEqual(point.string.text.length);
        }
      }),
      { numRuns: runs(60) },
    );
  });
});
