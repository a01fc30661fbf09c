/** Texts of documents and runs as people may see them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signsIn, visibleLines, visibleParts, visibleText } from "../../src/graph/visible.ts";

describe("text of documents as people see it", () => {
  it("what reorders or hides text is shown, emoji and line breaks of a text stay", () => {
    expect(visibleText("a\u202eb\u200bc\u00ad\u{e0041}\u0007")).toBe("a\\u{202e}b\\u{200b}c\\u{ad}\\u{e0041}␇");
    expect(visibleText("👩‍👩‍👧 ⏸️")).toBe("👩‍👩‍👧 ⏸️");
    expect(visibleText("pay\u200dpal")).toBe("pay\\u{200d}pal");
    const parts = visibleParts("x\n\ty\u202e");
    expect(parts).toEqual([
      { text: "x\n\ty", sign: false },
      { text: "\\u{202e}", sign: true },
    ]);
  });

  it("signs of a text are listed once each, and its lines stay lines", () => {
    expect(signsIn("x\n\ty 👩‍👩‍👧")).toEqual([]);
    expect(signsIn("b\u202ea\u200b\u202e")).toEqual(["\\u{202e}", "\\u{200b}"]);
    expect(visibleLines("one\n\ttwo\u202e")).toBe("one\n\ttwo\\u{202e}");
  });

  it("a sign can be told from a text that looks like one, and nothing of the text is lost", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const parts = visibleParts(text);
        const plain = parts.filter(({ sign }) => !sign).map((part) => part.text);
        expect(/[\u202a-\u202e\u2066-\u2069\u200b]/u.test(plain.join(""))).toBe(false);
        if (parts.every(({ sign }) => !sign)) expect(plain.join("")).toBe(text);
      }),
    );
  });
});
