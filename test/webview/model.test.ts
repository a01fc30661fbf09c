import { describe, expect, it } from "vitest";
import type { WireDrawing } from "../../src/protocol/webview.ts";
import { applied, emptyState, type PageState } from "../../webview/model.ts";
import { fieldsOf, previewOf } from "../../webview/panels/form.ts";

const start = emptyState(null, { palette: true, inspector: true, data: false });
const layout = { nodes: {}, entries: {}, frames: {}, edges: {}, width: 0, height: 0 };

function drawing(...ids: string[]): WireDrawing {
  const nodes = ids.map((id, index): WireDrawing["nodes"][number] => ({
    ...{ key: id, index, id, kind: "merge", family: "control", label: null, summary: "" },
    ...{ ports: [], effect: null, badges: [], child: null, frame: null },
  }));
  return { dialect: "workflow", name: "g", nodes, edges: [], entries: [], frames: [], references: [] };
}

function shown(before: PageState, version: number, ...ids: string[]): PageState {
  const message = { type: "graph", version, drawing: drawing(...ids), layout, editable: true, notice: null } as const;
  return applied(before, { type: "host", message });
}

describe("the page's state", () => {
  it("keeps the elements that an edit has not changed, so that only the others are drawn again", () => {
    const one = shown(start, 1, "a", "b");
    const two = shown(one, 2, "a", "c");
    expect(two.drawing?.nodes[0]).toBe(one.drawing?.nodes[0]);
    expect(two.version).toBe(2);
  });

  it("keeps the last drawing while the text does not parse", () => {
    const one = shown(start, 1, "a");
    const broken = applied(one, { type: "host", message: { type: "broken", version: 2, errors: [] } });
    expect(broken.drawing).toBe(one.drawing);
    expect(broken.broken).toEqual([]);
    expect(shown(broken, 3, "a").broken).toBeNull();
  });

  it("adds to what is selected, and takes out what was selected already", () => {
    const one = applied(shown(start, 1, "a", "b"), { type: "select", element: "a" });
    const both = applied(one, { type: "select", element: "b", also: true });
    expect([...both.group]).toEqual(["a", "b"]);
    const less = applied(both, { type: "select", element: "b", also: true });
    expect([...less.group]).toEqual(["a"]);
    expect(less.selected).toBe("a");
  });

  it("forgets selected elements that are gone", () => {
    const all = applied(shown(start, 1, "a", "b"), { type: "selectAll", elements: ["a", "b"] });
    expect([...shown(all, 2, "b").group]).toEqual(["b"]);
  });

  it("says refusals anew each time", () => {
    const message = { type: "answered", request: 1, ok: false, message: "no", select: null } as const;
    const once = applied(start, { type: "host", message });
    expect(once.said).toMatchObject({ text: "no", refusal: true, count: 1 });
    expect(applied(once, { type: "host", message }).said.count).toBe(2);
  });
});

describe("a form", () => {
  const form = {
    properties: {
      body: { type: "string", "x-role": "template", description: "What is sent." },
      input_from: { type: "string", "x-role": "reference" },
      times: { type: "integer" },
      mode: { enum: ["a", "b"] },
    },
    required: ["body"],
  };
  const inspected = (written: Record<string, string>) => ({
    node: "n",
    kind: "k",
    form,
    written: Object.entries(written).map(([key, value]) => ({ key, value, problems: [] })),
  });

  it("shows fields of the kind, then unknown ones as they are written", () => {
    const fields = fieldsOf(inspected({ id: '"n"', type: '"k"', body: '"hi"', extra: "[1]" }));
    expect(fields.map(({ key, type, known }) => [key, type, known])).toEqual([
      ["body", "multiline", true],
      ["input_from", "text", true],
      ["times", "integer", true],
      ["mode", "choice", true],
      ["extra", "json", false],
    ]);
  });

  it("never changes the kind of a value that it shows", () => {
    expect(fieldsOf(inspected({ times: '"3"' })).find((field) => field.key === "times")?.type).toBe("text");
  });

  it("shows beside a reference, and beside the template that it fills, what its node gave in the run", () => {
    const fields = fieldsOf(inspected({ body: '"Hello {{ name }}"', input_from: '"load.person"' }));
    const [body, from] = [fields.find((one) => one.key === "body"), fields.find((one) => one.key === "input_from")];
    if (body === undefined || from === undefined) throw new Error("both fields are there");
    const gave = (node: string): string | null => (node === "load" ? '{"person":…}' : null);
    expect(previewOf(from, fields, gave)).toBe('load = {"person":…}');
    expect(previewOf(body, fields, gave)).toBe('load = {"person":…}');
    expect(previewOf(from, fields, () => null)).toBeNull();
  });
});
