import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../src/graph/json.ts";
import { toText } from "../../src/graph/value.ts";
import type { Inspected, PaletteKind } from "../../src/protocol/webview.ts";
import { jsonOf, problemOf, textOf, withOffer } from "../../webview/panels/draft.ts";
import { partsOf, previewOf, type FormField, type FormPart } from "../../webview/panels/form.ts";
import { hitsOf } from "../../webview/panels/hits.ts";
import { grouped, meant } from "../../webview/panels/kinds.ts";

const form = {
  properties: {
    body: { type: "string", "x-role": "template", description: "What is sent." },
    input_from: { type: "string", "x-role": "reference" },
    times: { type: "integer", default: 3 },
    mode: { enum: ["a", "b"] },
  },
  required: ["body"],
};

function inspected(written: Record<string, string>, schema: Inspected["form"] = form): Inspected {
  const own = Object.entries(written).map(([key, value]) => ({ key, value, problems: [] }));
  return { element: "n", what: "node", kind: "k", form: schema, written: own };
}

function field(parts: readonly FormPart[], key: string): FormField {
  const found = parts.find((one) => one.key === key);
  if (found?.part !== "field") throw new Error(`${key} is a field`);
  return found;
}

describe("a form", () => {
  it("shows fields of the kind, then unknown ones as they are written", () => {
    const parts = partsOf(inspected({ id: '"n"', type: '"k"', body: '"hi"', extra: "[1]" }));
    expect(parts.map((one) => [one.key, one.part === "field" ? one.type : one.part, one.known])).toEqual([
      ["body", "multiline", true],
      ["input_from", "text", true],
      ["times", "integer", true],
      ["mode", "choice", true],
      ["extra", "json", false],
    ]);
    expect(field(parts, "times").fallback).toBe("3");
  });

  it("never changes the kind of a value that it shows", () => {
    expect(field(partsOf(inspected({ times: '"3"' })), "times").type).toBe("text");
    const list = { properties: { read: { type: "array", items: { type: "string" } } } };
    expect(field(partsOf(inspected({ read: '"all"' }, list)), "read")).toMatchObject({
      type: "text",
      written: '"all"',
    });
  });

  it("shows beside a reference, and beside the template that it fills, what its node gave in the run", () => {
    const parts = partsOf(inspected({ body: '"Hello {{ name }}"', input_from: '"load.person"' }));
    const [body, from] = [field(parts, "body"), field(parts, "input_from")];
    const gave = (node: string): string | null => (node === "load" ? '{"person":…}' : null);
    expect(previewOf(from, parts, gave)).toBe('load = {"person":…}');
    expect(previewOf(body, parts, gave)).toBe('load = {"person":…}');
    expect(previewOf(from, parts, () => null)).toBeNull();
  });

  it("opens tables into sections, lists into items and names into entries, each with its own place", () => {
    const strings = { type: "array", items: { type: "string" }, description: "Patterns." };
    const schema = {
      properties: {
        policy: {
          type: "object",
          properties: { fs: { type: "object", properties: { read: strings, write: strings } } },
        },
        headers: { type: "object", additionalProperties: { type: "string" } },
        servers: {
          type: "array",
          items: {
            type: "object",
            properties: { name: { type: "string" }, command: strings, port: { type: "integer" } },
            required: ["name", "command"],
          },
        },
      },
    };
    const written = {
      policy: '{"fs":{"read":["a","b"],"more":1}}',
      headers: '{"X-A":"1"}',
      servers: '[{"name":"one","command":[]}]',
    };
    const seen: string[] = [];
    const walk = (part: FormPart): void => {
      if (part.part === "field") {
        seen.push(`${part.path.join(".")} ${part.written ?? "-"}${part.known ? "" : " unknown"}`);
        return;
      }
      if (part.part !== "section") seen.push(`${part.path.join(".")} + ${part.fresh}`);
      for (const one of part.part === "section" ? part.parts : part.items) walk(one);
    };
    partsOf(inspected(written, schema)).forEach(walk);
    expect(seen).toEqual([
      'policy.fs.read + ""',
      'policy.fs.read.0 "a"',
      'policy.fs.read.1 "b"',
      'policy.fs.write + ""',
      "policy.fs.more 1 unknown",
      'headers + ""',
      'headers.X-A "1"',
      'servers + {"name":"","command":[]}',
      'servers.0.name "one"',
      'servers.0.command + ""',
      "servers.0.port -",
    ]);
  });

  it("shows every value that is written, whatever the schema says of it", () => {
    const schema = {
      properties: {
        a: { type: "object", properties: { b: { type: "array", items: { type: "integer" } } } },
        c: { type: "object", additionalProperties: { type: "string" } },
        d: { type: "string" },
        e: {},
      },
    };
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("a", "c", "d", "e", "f"), fc.jsonValue({ maxDepth: 3 })), (values) => {
        const written = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]));
        const shown = new Set(partsOf(inspected(written, schema)).map((part) => part.key));
        for (const key of Object.keys(written)) expect(shown.has(key)).toBe(true);
        for (const part of partsOf(inspected(written, schema))) leaves(part);
      }),
      { numRuns: 200 },
    );
    /** A draft that nobody has changed says what is written. */
    function leaves(part: FormPart): void {
      if (part.part === "section") part.parts.forEach(leaves);
      else if (part.part !== "field") part.items.forEach(leaves);
      else if (part.written !== null && part.written !== "null") {
        const text = textOf(part);
        const said = jsonOf({ ...part, required: true }, text) ?? "";
        if (problemOf(part, text) === null) expect(canonical(said)).toBe(canonical(part.written));
      }
    }
    function canonical(json: string): string {
      const parsed = parseJson(json);
      return parsed.ok ? toText(parsed.value) : json;
    }
  });

  it("puts an offer into the open marker of a template, and otherwise in the place of all", () => {
    const parts = partsOf(inspected({ body: '"x"', input_from: '"y"' }));
    expect(withOffer(field(parts, "body"), "Hello {{na", "name")).toBe("Hello {{name}}");
    expect(withOffer(field(parts, "input_from"), "lo", "load.content")).toBe("load.content");
  });
});

describe("the palette", () => {
  const kind = (name: string, family: string, summary: string): PaletteKind => ({
    ...{ kind: name, family, summary },
    ...{ docs: "", form: {} },
  });
  const kinds = [kind("call", "a", "Can fail"), kind("http_fail", "a", ""), kind("fail", "b", "End the run")];

  it("takes the kind of that name before one that only speaks of it", () => {
    const listed = grouped(kinds, "fail").flatMap(([, members]) => members);
    expect(listed).toHaveLength(3);
    expect(meant(listed, "fail")?.kind).toBe("fail");
    expect(meant(listed, "http")?.kind).toBe("http_fail");
    expect(meant(kinds, " ")).toBeNull();
    expect(meant([], "fail")).toBeNull();
  });
});

describe("the search", () => {
  const node = (id: string, summary: string): Parameters<typeof hitsOf>[0][number] => ({
    ...{ key: id, index: 0, id, kind: "fail", family: "control", label: null, summary },
    ...{ ports: [], effect: null, badges: [], child: null, frame: null },
  });

  it("finds the node of that name before those that only speak of it", () => {
    const nodes = [node("approve", "Publish this?"), node("published", ""), node("publish", "")];
    expect(hitsOf(nodes, "Publish").map(({ id }) => id)).toEqual(["publish", "published", "approve"]);
    expect(hitsOf(nodes, " ")).toEqual([]);
  });
});
