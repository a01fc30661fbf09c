import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { describe, expect, it } from "vitest";
import { located, type DocumentPath } from "../../../src/graph/diagnostic.ts";
import { frontEnd, offset, slice } from "./front-end.ts";
import { snippets } from "./seed-page.ts";

const documents = Object.values(snippets);

/** Characters and words that matter in TOML. */
const token = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("[", "]", "[[", "]]", "{", "}", "=", '"', "'", '"""', "'''", "\\", "#", ","),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom("\n", "\r\n", "\r", " ", "\t", ".", "\ufeff", "\u0000", "\\u0041", "😀", "é"),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom("nodes", "edges", "workflows", "id", "type", "merge", "name", "retry", "__proto__"),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("1", "-1", "1.5", "inf", "nan", "true", "1979-05-27", "07:32", "99999999999999999999"),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("\n[[nodes]]\nid = ", "\n[nodes.retry]\n", "x = [", "a.b.c = {", "constructor = "),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
);

const arbitraryText = fc.array(token, { maxLength: 60 }).map((tokens) => tokens.join(""));

/** A document with a stretch cut, doubled or replaced. */
const mutated = fc
  .tuple(fc.constantFrom(...documents), fc.nat(), fc.nat({ max: 40 }), fc.array(token, { maxLength: 4 }))
  .map(([text, from, length, put]) => {
    const start = from % (text.length + 1);
    return text.slice(0, start) + put.join("") + text.slice(start + length);
  });

const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), arbitraryText, mutated);

describe("for any text at all", () => {
  it("reading never throws, and every diagnostic stands inside the text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { graph, diagnostics } = frontEnd.parse(text, "x.toml");
        expect(graph === null).toBe(diagnostics.some((one) => one.severity === "error"));
        const all = graph === null ? diagnostics : [...diagnostics, ...frontEnd.validate(graph)];
        for (const { at } of located(all, frontEnd.locator(text))) {
          expect(offset(text, at.end)).toBeGreaterThanOrEqual(offset(text, at.start));
        }
      }),
      { numRuns: 1500 },
    );
  });
});

const scalar = fc.oneof(fc.string({ unit: "grapheme" }), fc.integer(), fc.boolean());
const tree = fc.dictionary(
  fc.oneof(fc.constantFrom("a", "b c", "d.e", ""), fc.string({ unit: "grapheme", maxLength: 5 })),
  fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      scalar,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.string({ unit: "grapheme", maxLength: 4 }), tie("value"), { maxKeys: 3 }),
    ),
  })).value,
  { maxKeys: 5 },
);

describe("for any document that smol-toml accepts", () => {
  it("the text of each value reads back as that value, and the text of each key as that key", () => {
    fc.assert(
      fc.property(tree, (made) => {
        const text = stringify(made);
        const locator = frontEnd.locator(text);
        for (const { path, value } of leaves(parse(text), [])) {
          const found = slice(text, locator.range({ path, part: "value" }));
          expect(parse(`x = ${found}`)["x"]).toEqual(value);
          const name = path[path.length - 1];
          if (typeof name !== "string") continue;
          const key = slice(text, locator.range({ path, part: "key" }));
          expect(Object.keys(parse(`${key} = 1`))).toEqual([name]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("each character of a string is found in its source", () => {
    const escape = fc.constantFrom("\\n", "\\t", '\\"', "\\\\", "\\u00e9", "\\U0001F600", "a", "é", "😀", " ", "'");
    const multi = fc.constantFrom("\n", "\r\n", "\\\n  ", "\\  \r\n\t", '"', '""');
    const literal = fc.oneof(
      fc.array(escape).map((parts) => `"${parts.join("")}"`),
      fc.array(fc.oneof(escape, multi)).map((parts) => `"""\n${parts.join("").replaceAll(/"{3,}/g, '""')}z"""`),
    );
    fc.assert(
      fc.property(literal, fc.nat(), fc.nat(), (source, a, b) => {
        const text = `x = ${source}\n`;
        const decoded = parse(text)["x"] as string;
        const [from, to] = [a % (decoded.length + 1), b % (decoded.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        // Halves of a surrogate pair have one source, and no position is inside a line break.
        fc.pre(!isInsidePair(decoded, from) && !isInsidePair(decoded, to));
        const locator = frontEnd.locator(text);
        const found = slice(text, locator.range({ path: ["x"], part: "value", within: { from, to } }));
        const quoted = source.startsWith('"""')
          ? `"""${found.startsWith("\n") || found.startsWith("\r\n") ? "\n" : ""}${found}`
          : `"${found}`;
        // A quote at the end would run into the closing ones; a character that cannot be there keeps them apart.
        expect(parse(`x = ${quoted}|${source.startsWith('"""') ? '"""' : '"'}`)["x"]).toBe(
          `${decoded.slice(from, to)}|`,
        );
      }),
      { numRuns: 500 },
    );
  });
});

function isInsidePair(text: string, at: number): boolean {
  return (
    at > 0 && at < text.length && ((text.codePointAt(at - 1) as number) > 0xffff || text.startsWith("\r\n", at - 1))
  );
}

function* leaves(value: unknown, path: DocumentPath): Generator<{ path: DocumentPath; value: unknown }> {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield* leaves(value[i], [...path, i]);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* leaves(item, [...path, key]);
  } else yield { path, value };
}
