import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { select, splitReference, step, walk } from "../../src/graph/reference.ts";
import { anyShape, walkShape, type Shape } from "../../src/graph/shape.ts";
import { renderTemplate, templateParts } from "../../src/graph/template.ts";
import { object, type Value } from "../../src/graph/value.ts";
import { text } from "./values.ts";

const data: Value = object({
  a: object({ "": 1n, b: [object({ c: "x" }), null] }),
  list: [1n, 2n, 3n],
  "": object({ "": "empty" }),
  none: null,
});

describe("walk", () => {
  it("looks empty segments up like any other", () => {
    expect(walk(data, splitReference("a..b").rest)).toBeUndefined();
    expect(walk(data, ["a", ""])).toBe(1n);
    expect(walk(data, ["", ""])).toBe("empty");
    expect(splitReference("")).toEqual({ head: "", rest: [] });
    expect(splitReference("a..b")).toEqual({ head: "a", rest: ["", "b"] });
  });

  it("takes unsigned decimals as indexes: `00`, `+0` and `01` count, `-1`, `1.0` and `` do not", () => {
    for (const index of ["0", "00", "+0"]) expect(step([7n], index)).toBe(7n);
    expect(step([1n, 2n], "01")).toBe(2n);
    for (const index of ["-1", "", "+", "1", "0x0", " 0", "1e0", "99999999999999999999"]) {
      expect(step([7n], index)).toBeUndefined();
    }
  });

  it("finds an explicit null, and misses below scalars", () => {
    expect(walk(data, ["none"])).toBeNull();
    expect(walk(data, ["none", "x"])).toBeUndefined();
    expect(walk("text", ["length"])).toBeUndefined();
    expect(walk(data, ["constructor"])).toBeUndefined();
    expect(walk([1n], ["length"])).toBeUndefined();
  });
});

describe("select", () => {
  it("skips empty segments", () => {
    expect(select(data, "")).toBe(data);
    expect(select(data, ".list.0")).toBe(1n);
    expect(select(data, "a..b.0.c")).toBe("x");
  });
});

describe("renderTemplate", () => {
  it.each([
    ["Hi {{a.b.0.c}}!", "Hi x!"],
    ["{{ list }}", "[1,2,3]"],
    ["{{none}}", "null"],
    ["{{ q }} {{q.}}", "{{q}} {{q.}}"],
    ["{{{x}}}", "{{{x}}}"],
    ["{{list.0", "{{list.0"],
    ["}} {{list.1}}", "}} 2"],
    ["{{\u0085list.1\u3000}}", "2"],
    ["{{\ufefflist.1}}", "{{\ufefflist.1}}"],
    ["", ""],
  ])("%j", (template, expected) => {
    expect(renderTemplate(template, data)).toBe(expected);
  });

  it("shows the whole input for an empty key, and never scans inserted text again", () => {
    expect(renderTemplate("{{}}", "{{x}}")).toBe("{{x}}");
    expect(renderTemplate("{{a}}", object({ a: "{{b}}", b: "no" }))).toBe("{{b}}");
    expect(renderTemplate("é{{ü}}", object({ ü: "ß" }))).toBe("éß");
  });

  it("gives text without markers back unchanged", () => {
    fc.assert(
      fc.property(text, (t) => {
        fc.pre(!t.includes("{{"));
        expect(renderTemplate(t, data)).toBe(t);
      }),
    );
  });

  it("is split into parts that cover it without gaps", () => {
    const templates = fc.array(fc.constantFrom("{{", "}}", "a", " ", "{", "}", "é")).map((parts) => parts.join(""));
    fc.assert(
      fc.property(templates, (template) => {
        let at = 0;
        for (const part of templateParts(template)) {
          if (part.type === "text") {
            expect(template.startsWith(part.text, at)).toBe(true);
            at += part.text.length;
          } else {
            expect(part.from).toBe(at);
            expect(template.slice(part.from, part.to)).toMatch(/^\{\{[\s\S]*\}\}$/);
            at = part.to;
          }
        }
        expect(at).toBe(template.length);
      }),
    );
  });
});

describe("walkShape", () => {
  const string: Shape = { type: "string" };
  const shape: Shape = {
    type: "object",
    members: {
      text: string,
      rows: { type: "array", items: { type: "object", members: { id: { type: "integer" } } } },
      headers: { type: "object", members: {}, open: true },
      either: { type: "union", of: [{ type: "null" }, { type: "object", members: { a: string } }, string] },
      any: anyShape,
    },
  };

  it("follows members, indexes and open objects", () => {
    expect(walkShape(shape, ["rows", "0", "id"])).toEqual({ type: "shape", shape: { type: "integer" } });
    expect(walkShape(shape, ["headers", "x", "y"])).toEqual({ type: "shape", shape: anyShape });
    expect(walkShape(shape, ["any", "x"])).toEqual({ type: "shape", shape: anyShape });
    expect(walkShape(shape, [])).toEqual({ type: "shape", shape });
  });

  it("misses with the segment and what is known there", () => {
    expect(walkShape(shape, ["txt"])).toMatchObject({
      type: "miss",
      index: 0,
      known: ["text", "rows", "headers", "either", "any"],
    });
    expect(walkShape(shape, ["rows", "first"])).toMatchObject({ type: "miss", index: 1, known: [] });
    expect(walkShape(shape, ["text", "0"])).toMatchObject({ type: "miss", index: 1, of: string });
    expect(walkShape(shape, ["constructor"])).toMatchObject({ type: "miss", index: 0 });
  });

  it("misses in a union only when every alternative does", () => {
    expect(walkShape(shape, ["either", "a"])).toEqual({ type: "shape", shape: string });
    expect(walkShape(shape, ["either", "b"])).toMatchObject({ type: "miss", index: 1, known: ["a"] });
    const both: Shape = {
      type: "union",
      of: [
        { type: "object", members: { a: string } },
        { type: "object", members: { a: { type: "null" } } },
      ],
    };
    expect(walkShape(both, ["a"])).toEqual({ type: "shape", shape: { type: "union", of: [string, { type: "null" }] } });
  });
});
