import { describe, expect, it } from "vitest";
import { closeFrames } from "../../src/draw/collapse.ts";
import { entryWays } from "../../src/draw/drawing.ts";
import { drawDocument, isDrawn, openDocuments } from "../../src/runtime/canvas/index.ts";

const text = `name: g
steps:
  - id: a
    mode: fanout
    fanout_group: first
    run: { type: approval }
  - id: b
    mode: fanout
    fanout_group: first
    run: { type: approval }
  - id: c
    run: { type: approval }
fanout:
  groups:
    first: { strategy: all }
`;

describe("the start of a skill graph", () => {
  const state = drawDocument(text, "graph.yaml", openDocuments(), null);
  if (!isDrawn(state)) throw new Error("the sample is drawn");
  const { drawing } = state;

  it("enters every step of a first fan-out group", () => {
    const [entry] = drawing.entries;
    expect(entry === undefined ? [] : entryWays(entry)).toEqual([
      { key: "entry:start:main", to: "a" },
      { key: "entry:start:main>b", to: "b" },
    ]);
  });

  it("enters a closed group once", () => {
    const closed = closeFrames(drawing, new Set(drawing.frames.map((frame) => frame.key)));
    const [entry] = closed.entries;
    expect(entry === undefined ? [] : entryWays(entry).map(({ to }) => to)).toEqual(["group:first"]);
  });
});
