import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnosticText } from "../../src/cli/render/diagnostics.ts";
import { clean, cut, table, width } from "../../src/cli/render/text.ts";
import { relativeTime } from "../../src/runtime/kept-runs/time.ts";
import { briefText, eventLine } from "../../src/cli/render/value.ts";
import { decodeLine, encodeEvent, FIRST_PREV } from "../../src/connect/journal/codec.ts";
import { parseJson } from "../../src/graph/json.ts";
import { fromPlain, object, toText } from "../../src/graph/value.ts";
import { styleFor } from "../../src/cli/terminal.ts";
import { fakeTerminal } from "./terminal.ts";

const style = styleFor(fakeTerminal("/"));
const unicode = fc.string({ unit: "binary", maxLength: 60 });

describe("text for terminals", () => {
  it("never lets a control character or a change of direction through", () => {
    fc.assert(
      fc.property(
        fc.oneof(unicode, fc.constantFrom("\u001b[2J", "\u009b31m", "a\u202eb", "\r\n", "\u2066")),
        (text) => {
          expect(clean(text)).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
        },
      ),
    );
  });

  it("leaves other text as it is", () => {
    expect(clean("naïve 名前 🎉 — “x”")).toBe("naïve 名前 🎉 — “x”");
  });

  it("cuts to the columns that wide characters take", () => {
    fc.assert(
      fc.property(unicode, fc.integer({ min: 1, max: 30 }), (text, columns) => {
        expect(width(cut(clean(text), columns))).toBeLessThanOrEqual(columns);
      }),
    );
    expect(cut("名前名前", 5)).toBe("名前…");
    expect(cut("abc", 3)).toBe("abc");
  });

  it("aligns columns by what is seen and cuts only the last one to the width", () => {
    const rows = [
      [{ text: "名前" }, { text: "x" }, { text: "a long last column" }],
      [{ text: "abcdef" }, { text: "yy", paint: (text: string) => `<${text}>` }, { text: "z" }],
    ];
    expect(table(rows, 24)).toEqual(["名前    x   a long last…", "abcdef  <yy>  z"]);
    expect(table(rows, Number.POSITIVE_INFINITY)[0]).toBe("名前    x   a long last column");
  });

  it("tells how long ago something was", () => {
    expect(relativeTime(0, 400)).toBe("just now");
    expect(relativeTime(0, 125_000)).toBe("2 min ago");
    expect(relativeTime(7_200_000, 0)).toBe("in 2 h");
    expect(relativeTime(0, 3 * 86_400_000)).toBe("3 d ago");
  });
});

describe("findings", () => {
  const finding = (text: string, line: number, from: number, to: number, columns: number): string =>
    diagnosticText(
      {
        code: "c",
        severity: "error",
        message: "m",
        file: "f",
        at: { start: { line, character: from }, end: { line, character: to } },
        related: [],
      },
      { style, width: columns, textOf: () => text },
    );

  it("underlines what is meant below tabs and wide characters", () => {
    expect(finding('\tname = "名x"', 0, 9, 11, 60)).toBe(
      'f:1:10 error c m\n  |\n1 |     name = "名x"\n  |             ^^^\n',
    );
  });

  it("shows the part of a long line around the place, within the width, the caret below it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 80 }), (from, length) => {
        const text = `${"x".repeat(from)}${"O".repeat(length)}${"y".repeat(500)}`;
        const [, , source, carets] = finding(text, 0, from, from + length, 80).split("\n") as [
          string,
          string,
          string,
          string,
        ];
        expect(source.length).toBeLessThanOrEqual(80);
        const at = carets.indexOf("^");
        expect(source.charAt(at)).toBe("O");
        expect(source.charAt(at - 1)).not.toBe("O");
      }),
    );
  });
});

describe("values", () => {
  const json = fc.jsonValue({ maxDepth: 4 }).map((value) => fromPlain(value));

  it("shortens to the beginning of the exact text", () => {
    fc.assert(
      fc.property(json, fc.integer({ min: 1, max: 40 }), (value, limit) => {
        const whole = toText(value);
        const brief = briefText(value, limit);
        if (whole.length <= limit) expect(brief).toBe(whole);
        else expect(brief).toBe(`${whole.slice(0, limit)}…`);
      }),
    );
  });

  it("does not write out what it does not show", () => {
    const huge = Array.from({ length: 1_000_000 }, (_, i) => BigInt(i));
    const began = performance.now();
    expect(briefText(huge, 20)).toBe("[0,1,2,3,4,5,6,7,8,9…");
    expect(performance.now() - began).toBeLessThan(100);
  });

  it("writes events as JSON with exact numbers, the members of the journal in its order", () => {
    const value = object({ big: 9007199254740993n, one: 1n, float: 1, list: [2.5] });
    const event = {
      type: "effect.ended",
      act: { frame: "", node: "a", visit: 1, attempt: 1 },
      index: 0,
      ok: true,
      value,
      failure: null,
      by: "performer",
      usage: null,
      doubt: false,
    } as const;
    const decoded = decodeLine(encodeEvent(event, 7, 1000, FIRST_PREV).line);
    if (decoded.type !== "event") throw new Error("the journal's own line does not decode");
    const line = eventLine(decoded.event);
    expect(line).toContain('"value":{"big":9007199254740993,"float":1.0,"list":[2.5],"one":1}');
    expect(line.startsWith('{"seq":7,"at":1000,"type":"effect.ended",')).toBe(true);
    const again = parseJson(line);
    expect(again.ok && toText(again.value)).toContain('"big":9007199254740993');
  });
});
