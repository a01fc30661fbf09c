/** The small form of a typed answer, and times in words. */
import { checkSchema } from "../../src/kinds/json-schema.ts";
import { parseJson } from "../../src/graph/json.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerText, formOf } from "../../webview/approval/schema.ts";
import { expiryText, stretch } from "../../webview/approval/words.ts";

const schema = JSON.stringify({
  type: "object",
  required: ["region", "count"],
  properties: {
    region: { enum: ["eu", "us"], description: "where it goes" },
    count: { type: "integer" },
    note: { type: "string", title: "A note" },
    sure: { type: "boolean" },
    tags: { type: "array" },
  },
});

describe("the form of a typed answer", () => {
  it("has a field for each member of a flat object, and gives JSON that fits the schema", () => {
    const form = formOf(schema);
    expect(form.fields.map(({ name, type, required }) => [name, type, required])).toEqual([
      ["region", "choice", true],
      ["count", "number", true],
      ["note", "text", false],
      ["sure", "yesno", false],
      ["tags", "json", false],
    ]);
    const filled = new Map([
      ["region", '"eu"'],
      ["count", "9007199254740993"],
      ["tags", '["a"]'],
    ]);
    const text = answerText(form, filled) ?? "";
    expect(text).toBe('{"region":"eu","count":9007199254740993,"sure":false,"tags":["a"]}');
    const parsed = parseJson(text);
    expect(parsed.ok && checkSchema(schema, parsed.value).status).toBe("valid");
  });

  it("is not there while something that is needed is missing or is no JSON", () => {
    const form = formOf(schema);
    expect(answerText(form, new Map([["region", '"eu"']]))).toBeNull();
    expect(
      answerText(
        form,
        new Map([
          ["region", '"eu"'],
          ["count", "many"],
        ]),
      ),
    ).toBeNull();
    expect(
      answerText(
        form,
        new Map([
          ["region", '"eu"'],
          ["count", "1"],
          ["tags", "["],
        ]),
      ),
    ).toBeNull();
  });

  it("a single value has one field, and what is not a simple schema is typed as JSON", () => {
    expect(answerText(formOf('{"type":"string"}'), new Map([["", 'say "yes"']]))).toBe('"say \\"yes\\""');
    expect(formOf('{"anyOf":[{"type":"string"}]}').fields[0]?.type).toBe("json");
    expect(formOf("not JSON").fields[0]?.type).toBe("json");
    expect(answerText(formOf("{}"), new Map([["", '{"a":1}']]))).toBe('{"a":1}');
  });

  it("whatever is typed, the answer is JSON or there is none", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("region", "count", "note", "sure", "tags"), fc.string()), (filled) => {
        const text = answerText(formOf(schema), new Map(Object.entries(filled)));
        if (text !== null) expect(() => void JSON.parse(text)).not.toThrow();
      }),
    );
  });
});

describe("times in words", () => {
  it.each([
    [0, "0 seconds"],
    [1_000, "1 second"],
    [61_000, "1 minute 1 second"],
    [3_600_000 * 26 + 5_000, "1 day 2 hours"],
    [3_600_000, "1 hour"],
    [3_605_000, "1 hour"],
  ])("%d ms are %s", (ms, text) => {
    expect(stretch(ms)).toBe(text);
  });

  it("a request says when it expires, that it has, or that it does not", () => {
    expect(expiryText(null, 5)).toBe("It does not expire.");
    expect(expiryText(65_000, 5_000)).toBe("It expires in 1 minute.");
    expect(expiryText(5, 5)).toBe("It has expired.");
  });
});
