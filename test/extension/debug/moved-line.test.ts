import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { movedLine, type LineChange } from "../../../src/extension/debug/moved-line.ts";

const change = (from: readonly [number, number], to: readonly [number, number], text: string): LineChange => ({
  range: { start: { line: from[0], character: from[1] }, end: { line: to[0], character: to[1] } },
  text,
});

describe("a line after an edit", () => {
  it("goes down with lines put before it, and up when they are taken away", () => {
    expect(movedLine(5, [change([2, 0], [2, 0], "a\nb\n")])).toBe(7);
    expect(movedLine(5, [change([5, 0], [5, 0], "a\n")])).toBe(6);
    expect(movedLine(5, [change([1, 0], [3, 0], "")])).toBe(3);
    expect(movedLine(5, [change([4, 3], [5, 0], "")]), "joined to the line before").toBe(4);
  });

  it("stays where it is when something changes behind it or in it", () => {
    expect(movedLine(5, [change([6, 0], [8, 0], "")])).toBe(5);
    expect(movedLine(5, [change([5, 4], [5, 6], "new\nlines")])).toBe(5);
    expect(movedLine(5, [change([5, 0], [5, 9], "other")])).toBe(5);
  });

  it("is gone when it was removed whole", () => {
    expect(movedLine(5, [change([5, 0], [6, 0], "")])).toBeNull();
    expect(movedLine(5, [change([3, 0], [9, 0], "")])).toBeNull();
    expect(movedLine(5, [change([4, 7], [5, 12], "")])).toBeNull();
  });

  it("follows its text through insertions of whole lines anywhere", () => {
    const lines = fc.array(fc.nat(9), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.nat(9), lines, (line, at) => {
        const distinct = [...new Set(at)].sort((a, b) => a - b);
        const text = Array.from({ length: 10 }, (_, i) => `line ${i}`);
        const edited = text.flatMap((one, i) => (distinct.includes(i) ? ["new", one] : [one]));
        const moved = movedLine(
          line,
          distinct.map((one) => change([one, 0], [one, 0], "new\n")),
        );
        expect(edited[moved ?? -1]).toBe(`line ${line}`);
      }),
    );
  });
});
