import { describe, expect, it } from "vitest";
import type { WireDrawing } from "../../src/protocol/webview.ts";
import { applied, emptyState, type PageState } from "../../webview/model.ts";

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
  const message = {
    type: "graph",
    version,
    drawing: drawing(...ids),
    layout,
    editable: true,
    renames: {},
    notice: null,
  } as const;
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
    const broken = applied(one, { type: "host", message: { type: "broken", version: 2, why: "syntax", errors: [] } });
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
