/** The short form of the soak of the language server (`npm run soak -- language`): random edits over all documents. */
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readCorpus } from "./soak/corpus.ts";
import { wrongPlace } from "./soak/positions.ts";
import { soak } from "./soak/rounds.ts";

const examples = path.join(import.meta.dirname, "../../examples");

describe("random edits with requests in between", () => {
  test("leave the server alive, its answers within the text, and its diagnostics those of a fresh one", async () => {
    const corpus = await readCorpus(examples);
    const { failures, requests } = await soak(corpus, { seed: 1, keys: 2000, most: 1 });
    expect(failures.join("\n\n")).toBe("");
    expect(requests).toBeGreaterThan(50);
  });
});

describe("the soak itself notices", () => {
  const text = "ab\r\ncd";
  const textOf = (uri: string): string | null => (uri === "file:///x" ? text : null);
  const range = (from: number, a: number, to: number, b: number): object => ({
    start: { line: from, character: a },
    end: { line: to, character: b },
  });
  const wrong = (answer: unknown, method = "m"): string | null => wrongPlace(answer, "file:///x", textOf, method);

  test("lines and columns that are not in the text", () => {
    expect(wrong({ range: range(0, 0, 1, 2) })).toBeNull();
    expect(wrong({ range: range(0, 0, 1, 3) })).toContain("1:3");
    expect(wrong([{ location: { uri: "file:///x", range: range(2, 0, 2, 0) } }])).toContain("2:0");
    expect(wrong({ range: range(0, 3, 0, 3) })).toContain("0:3");
  });

  test("ranges that run backwards and edits that overlap", () => {
    expect(wrong(range(1, 0, 0, 0))).toContain("backwards");
    const edit = (from: number, to: number): object => ({ newText: "", range: range(0, from, 0, to) });
    expect(wrong([edit(0, 2), edit(1, 2)])).toContain("overlap");
    expect(wrong([edit(0, 1), edit(1, 2)])).toBeNull();
    expect(wrong({ changes: { "file:///x": [edit(0, 9)] } })).toContain("0:9");
  });

  test("places in documents that are not there, and folds and tokens outside of the text", () => {
    expect(wrong({ uri: "file:///y", range: range(0, 0, 0, 1) })).toContain("is not there");
    expect(wrong({ startLine: 0, endLine: 2 })).toContain("2:0");
    expect(wrong({ data: [0, 0, 2, 0, 0] }, "semanticTokens")).toBeNull();
    expect(wrong({ data: [0, 1, 2, 0, 0] }, "semanticTokens")).toContain("outside of its line");
    expect(wrong({ data: [0, 0, 2, 0, 0, 0, 1, 1, 0, 0] }, "semanticTokens")).toContain("overlaps");
  });
});
