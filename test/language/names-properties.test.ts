/** What holds of names in every document: tried over all examples, and over what is left of them when they are cut. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import type { WorkspaceEdit } from "vscode-languageserver";
import { beforeAll, describe, expect, test } from "vitest";
import { findingsOf } from "../../language/findings.ts";
import { occurrencesOf, symbolIndex } from "../../language/symbols/occurrences.ts";
import { renamed } from "../../language/symbols/rewrite.ts";
import { symbolKey, type Occurrence } from "../../language/symbols/symbol.ts";
import type { LiveDocument, OpenLive } from "../../src/dialects/live/live.ts";
import { createOpenLive } from "../../src/dialects/live/open.ts";
import { definitions } from "../../src/kinds/definitions.generated.ts";
import { served } from "./harness.ts";
import { marked } from "./marks.ts";
import { applied } from "./navigation.ts";

const method = "textDocument/rename";

/** What changes, by document, when the name at the cursor gets another. */
async function rename(
  name: string,
  source: string,
  newName: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const s = await served(files);
  const d = s.open(name, source);
  const edit = await s.request<WorkspaceEdit>(method, { ...d.at(), newName });
  return applied(edit, { ...files, [name]: marked(source).text });
}

describe("with fixtures, through the server", () => {
  test.each([
    ["examples/release-gate", "release-gate.toml", 'id = "approve"', "approve"],
    ["examples/approval-gate", "graph.yaml", "- id: ask", "ask"],
    ["examples/pipeline-exec", "spec.kv", "0.id=record", "record"],
    ["examples/map-accounts", "workflows/rate-account.toml", 'name = "main"', "main"],
  ])("%s: there and back restores every document", async (folder, name, word, old) => {
    const files = Object.fromEntries(
      examples(folder).map((file) => [path.relative(folder, file), readFileSync(file, "utf8")]),
    );
    const place = (text: string, before: string, current: string): string => {
      const at = text.indexOf(before.replace(old, current)) + before.indexOf(old);
      return `${text.slice(0, at)}‹|›${text.slice(at)}`;
    };
    const there = await rename(name, place(files[name] ?? "", word, old), "another_name", files);
    expect(Object.keys(there).length).toBeGreaterThan(1);
    const between = { ...files, ...there };
    expect(between[name]).toContain(word.replace(old, "another_name"));
    const back = await rename(name, place(between[name] ?? "", word, "another_name"), old, between);
    expect({ ...between, ...back }).toEqual(files);
  });
});

/** All documents of examples/, by their path. */
function examples(folder = "examples"): string[] {
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    if (statSync(file).isDirectory()) return examples(file);
    return /\.(?:toml|ya?ml|kv)$|SKILL\.md$/.test(name) ? [file] : [];
  });
}

describe("properties over the examples", () => {
  let open: OpenLive;
  let samples: { readonly live: LiveDocument; readonly symbols: readonly Occurrence[] }[];
  beforeAll(() => {
    open = createOpenLive({ kinds: definitions });
    samples = examples().flatMap((file) => {
      const live = open(readFileSync(file, "utf8"), file);
      if (live === null) return [];
      const symbols = occurrencesOf(live).filter((one) => one.role === "definition");
      return symbols.length === 0 ? [] : [{ live, symbols }];
    });
  });

  /** The text with every place of a symbol renamed. */
  function after(live: LiveDocument, one: Occurrence, name: string): string {
    const edits = [...renamed(live, symbolIndex(live).of(one.symbol), name)].sort((a, b) => b.span[0] - a.span[0]);
    return edits.reduce((text, { span, text: put }) => text.slice(0, span[0]) + put + text.slice(span[1]), live.text);
  }

  function read(text: string, file: string): LiveDocument {
    const live = open(text, file);
    if (live === null) throw new TypeError("a renamed document is no longer ours");
    return live;
  }

  const plainName = fc.stringMatching(/^[a-z][a-z0-9_]{0,9}zz$/);
  const pick = fc.nat();

  test("there and back gives the text byte for byte", () => {
    fc.assert(
      fc.property(pick, pick, plainName, (at, which, name) => {
        const { live, symbols } = samples[at % samples.length] as (typeof samples)[number];
        const one = symbols[which % symbols.length] as Occurrence;
        const there = read(after(live, one, name), live.file);
        const moved = occurrencesOf(there).find(
          ({ symbol }) => symbol.kind === one.symbol.kind && symbol.name === name,
        );
        expect(moved).toBeDefined();
        expect(moved === undefined ? "" : after(there, moved, one.symbol.name)).toBe(live.text);
      }),
      { numRuns: 150 },
    );
  });

  test("what was found before is found after, up to the name", () => {
    const unlikely = "qqnamezz";
    const codes = (live: LiveDocument): string[] =>
      findingsOf(live, () => null, null).findings.map((one) => `${one.code} ${one.at.start.line} ${one.severity}`);
    for (const { live, symbols } of samples) {
      const before = codes(live);
      const seen = new Set<string>();
      for (const one of symbols) {
        if (seen.has(symbolKey(one.symbol))) continue;
        seen.add(symbolKey(one.symbol));
        expect([one.symbol.name, ...codes(read(after(live, one, unlikely), live.file))]).toEqual([
          one.symbol.name,
          ...before,
        ]);
      }
    }
  });

  test("any name that is allowed is read again as that name, at as many places", () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
      .filter((text) => /^[^\s.{}/\p{C}\p{Z}]+$/u.test(text) && text !== "trigger" && text !== "default");
    const nodes = samples.flatMap(({ live, symbols }) =>
      symbols.filter((one) => one.symbol.kind === "node").map((one) => ({ live, one })),
    );
    fc.assert(
      fc.property(pick, name, (which, text) => {
        const { live, one } = nodes[which % nodes.length] as (typeof nodes)[number];
        fc.pre(symbolIndex(live).of({ ...one.symbol, name: text }).length === 0);
        const there = read(after(live, one, text), live.file);
        const wanted = symbolIndex(live)
          .of(one.symbol)
          .filter(({ written }) => written !== "index").length;
        const found = symbolIndex(there)
          .of({ ...one.symbol, name: text })
          .filter(({ written }) => written !== "index");
        expect(found).toHaveLength(wanted);
        expect(there.accepted).toBe(live.accepted);
      }),
      { numRuns: 200 },
    );
  });

  test("whatever is cut out of an example, names lie in the text, in order, and are found at their places", () => {
    const texts = examples("examples").map((file) => [file, readFileSync(file, "utf8")] as const);
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.nat(),
        fc.nat(60),
        fc.string({ maxLength: 5 }),
        (sample, at, cut, put) => {
          const [file, text] = sample;
          const from = at % (text.length + 1);
          const live = open(text.slice(0, from) + put + text.slice(from + cut), file);
          if (live === null) return;
          const index = symbolIndex(live);
          let before = 0;
          for (const one of index.all) {
            const [start, end] = one.span;
            expect(start).toBeGreaterThanOrEqual(before);
            expect(end).toBeGreaterThan(start);
            expect(end).toBeLessThanOrEqual(live.text.length);
            expect(index.of(one.symbol)).toContain(one);
            expect(index.at(start)).not.toBeNull();
            before = start;
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
