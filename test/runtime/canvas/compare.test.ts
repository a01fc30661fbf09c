import { describe, expect, it } from "vitest";
import {
  compareDrawings,
  drawDocument,
  isDrawn,
  openDocuments,
  type CanvasState,
} from "../../../src/runtime/canvas/index.ts";

const open = openDocuments();
const text = `name = "g"

[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"

[[nodes]]
id = "parse"
type = "parse_json"
input_from = "load.content"

[[nodes]]
id = "end"
type = "merge"

[[edges]]
from = "load"
to = "parse"

[[edges]]
from = "parse"
to = "end"
`;

function drawn(one: string): CanvasState {
  const state = drawDocument(one, "g.toml", open, null);
  if (!isDrawn(state)) throw new Error("the sample is drawn");
  return state;
}

const compared = (after: string) => compareDrawings(drawn(text), drawn(after));

describe("two versions of a document", () => {
  it("differ in nothing by comments, blank lines, quoting and the order of keys", () => {
    const same = text
      .replace('[[nodes]]\nid = "load"', '# First.\n[[nodes]]\nid = "load" # the file')
      .replace('id = "parse"\ntype = "parse_json"', "type = 'parse_json'\n\nid = 'parse'");
    expect(compared(same)).toEqual({ before: [], after: [] });
  });

  it("differ in nodes and edges that were added, removed and changed", () => {
    const after = text
      .replace('path_from = "trigger.path"', 'path_from = "trigger.file"')
      .replace('[[nodes]]\nid = "end"\ntype = "merge"', '[[nodes]]\nid = "stop"\ntype = "fail"\nreason = "no"')
      .replace('to = "end"', 'to = "stop"');
    const { before, after: fresh } = compared(after);
    const edge = (state: CanvasState, to: string) => state.drawing.edges.find((one) => one.to === to)?.key;
    expect(before).toEqual([
      { element: "load", change: "changed" },
      { element: "end", change: "removed" },
      { element: edge(drawn(text), "end"), change: "removed" },
    ]);
    expect(fresh).toEqual([
      { element: "load", change: "changed" },
      { element: "stop", change: "added" },
      { element: edge(drawn(after), "stop"), change: "added" },
    ]);
  });

  it("know a node under its new name, and its edges", () => {
    const after = text.replaceAll('"load', '"read');
    expect(compared(after)).toEqual({
      before: [
        { element: "load", change: "changed" },
        { element: "parse", change: "changed" },
      ],
      after: [
        { element: "read", change: "changed" },
        { element: "parse", change: "changed" },
      ],
    });
  });
});
