import fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { createOpenLive } from "../../../src/dialects/live/open.ts";
import type { LiveDocument } from "../../../src/dialects/live/live.ts";
import { judge, type TomlText } from "../../../src/dialects/workflow/live/judge.ts";
import { isRange, type Diagnostic, type DocumentPath } from "../../../src/graph/diagnostic.ts";
import { definitions } from "../../../src/kinds/definitions.generated.ts";
import { runs } from "../runs.ts";
import { frontEnd } from "../workflow/front-end.ts";
import { corpus, edit, edited, tomlText } from "./toml-texts.ts";

const open = createOpenLive({ kinds: definitions });
const file = "test.toml";
const texts = corpus();
/** A text of the corpus or a made one, after some edits. */
const anyText = fc
  .tuple(fc.oneof(fc.constantFrom(...texts), tomlText, tomlText), fc.array(edit, { maxLength: 3 }))
  .map(([text, edits]) => edits.reduce(edited, text));

function smol(text: string): { table: Record<string, unknown> } | null {
  try {
    return { table: parse(text, { integersAsBigInt: true, maxDepth: 512 }) };
  } catch {
    return null;
  }
}

/** Values with their types and the order of their keys. */
function shown(value: unknown): unknown {
  if (typeof value === "bigint") return { integer: String(value) };
  if (typeof value === "number") return { float: Object.is(value, -0) ? "-0" : String(value) };
  if (value instanceof Date) return { date: value.toISOString() };
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([key, one]) => [key, shown(one)]);
}

function checkAgainstSmol(text: string, toml: TomlText): void {
  const expected = smol(text);
  expect(toml.accepted).toBe(expected !== null);
  if (expected !== null) {
    expect(toml.faults).toEqual([]);
    expect(shown(toml.table)).toEqual(shown(expected.table));
  } else expect(toml.faults.length).toBeGreaterThan(0);
}

/** All values of a document with their paths. */
function valuesOf(value: unknown, path: DocumentPath = [], found: [DocumentPath, unknown][] = []): typeof found {
  found.push([path, value]);
  if (Array.isArray(value)) value.forEach((one, i) => valuesOf(one, [...path, i], found));
  else if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    for (const [key, one] of Object.entries(value)) valuesOf(one, [...path, key], found);
  }
  return found;
}

/** All that a document says, as plain data. */
function told(document: LiveDocument | null): unknown {
  if (document === null) return null;
  const { source, text, graphs, findings, accepted } = document;
  const points = Array.from({ length: 12 }, (_, i) => source.at(Math.floor((i * text.length) / 11)));
  const walk = (path: DocumentPath, depth: number): unknown => {
    const element = source.element(path);
    if (element === null || depth > 4) return element;
    return [element, element.children.map((key) => walk([...path, key], depth + 1))];
  };
  return { graphs, findings, accepted, points, tree: walk([], 0) };
}

describe("TOML that is being typed", () => {
  it("is accepted exactly when smol-toml accepts it, with the same values: corpus", () => {
    expect(texts.length).toBeGreaterThan(200);
    for (const text of texts) checkAgainstSmol(text, judge(text, null));
  });

  it("is accepted exactly when smol-toml accepts it, with the same values: random texts", () => {
    fc.assert(
      fc.property(anyText, (text) => checkAgainstSmol(text, judge(text, null))),
      { numRuns: runs(800) },
    );
  });

  it("is the same after edits as when it is opened anew", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...texts), tomlText),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        (start, edits) => {
          let text = start;
          let document = open(text, file);
          for (const one of edits) {
            text = edited(text, one);
            document = open(text, file, document);
            expect(told(document)).toEqual(told(open(text, file)));
          }
        },
      ),
      { numRuns: runs(150) },
    );
  });

  it("has every span, range and point inside the text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const document = open(text, "fixture.toml");
        if (document === null) throw new Error("it has a name that is ours");
        const { source, lines } = document;
        const inside = ([from, to]: readonly [number, number]): void => {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeGreaterThanOrEqual(from);
          expect(to).toBeLessThanOrEqual(text.length);
        };
        const visit = (path: DocumentPath): void => {
          const element = source.element(path);
          expect(element).not.toBeNull();
          for (const span of [element?.key, element?.header, element?.value, element?.extent]) if (span) inside(span);
          for (const part of ["key", "value", "construct"] as const) inside(source.span({ path, part }));
          inside(source.span({ path, part: "value", within: { from: 1, to: 3 } }));
          element?.children.forEach((key) => visit([...path, key]));
        };
        visit([]);
        for (let at = 0; at <= text.length; at += Math.max(1, Math.floor(text.length / 60))) {
          const point = source.at(at);
          inside(point.replace);
          expect(point.replace[0]).toBeLessThanOrEqual(at);
          expect(point.replace[1]).toBeGreaterThanOrEqual(at);
          if (point.string !== null) expect(point.string.offset).toBeLessThanOrEqual(point.string.text.length);
        }
        for (const { at } of document.findings) {
          if (!isRange(at)) continue;
          expect(lines.lineEnd(at.end.line)).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: runs(150) },
    );
  });

  it("has the source of every value where it stands, wherever smol-toml accepts it", () => {
    const check = (text: string): void => {
      const values = smol(text);
      const document = open(text, "fixture.toml");
      if (values === null || document === null) return;
      for (const [path, value] of valuesOf(values.table)) {
        const element = document.source.element(path);
        expect([path, element === null]).toEqual([path, false]);
        if (element?.header) expect(text.slice(...element.header)).toMatch(/^\[[^]*\]$/);
        if (!element?.value || path.length === 0) continue;
        const again = smol(`x = ${text.slice(...element.value)}`);
        expect([path, shown(again?.table["x"])]).toEqual([path, shown(value)]);
      }
    };
    for (const text of texts) check(text);
    fc.assert(fc.property(tomlText, check), { numRuns: runs(300) });
  });
});

/** What the front end says of a text. */
function expectedFindings(text: string): { findings: readonly Diagnostic[]; graph: unknown } {
  const { graph, diagnostics } = frontEnd.parse(text, file);
  return { graph, findings: graph === null ? diagnostics : [...diagnostics, ...frontEnd.validate(graph)] };
}

describe("a workflow that is being typed", () => {
  const check = (text: string): void => {
    const document = open(text, file);
    if (document === null) return;
    const expected = expectedFindings(text);
    expect(document.accepted).toBe(expected.graph !== null);
    if (expected.graph !== null) {
      expect(document.graphs).toEqual([{ runner: null, graph: expected.graph, whole: true }]);
      expect(document.findings).toEqual(expected.findings);
    } else {
      for (const { graph, whole } of document.graphs) {
        expect(whole).toBe(false);
        graph.nodes.forEach((node, i) => expect(node.index).toBe(i));
        graph.edges.forEach((edge, i) => expect(edge.index).toBe(i));
      }
      for (const finding of expected.findings) expect(document.findings).toContainEqual(finding);
    }
  };

  it("says what the front end says, and more where there are errors: corpus", () => {
    for (const text of texts) check(text);
  });

  it("says what the front end says, and more where there are errors: after edits", () => {
    fc.assert(fc.property(anyText, check), { numRuns: runs(250) });
  });
});
