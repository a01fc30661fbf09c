/** Strings that hold as many markers as they have room for: read, and found again, in time that grows with them. */
import { describe, expect, test } from "vitest";
import { createOpenLive } from "../../../src/dialects/live/open.ts";
import { literalPlaces } from "../../../src/dialects/workflow/toml-string.ts";
import { definitions } from "../../../src/kinds/definitions.generated.ts";

const open = createOpenLive({ kinds: definitions });
const workflow = (template: string): string =>
  `name = "w"\n[[nodes]]\nid = "t"\ntype = "template_render"\ninput_from = "trigger"\ntemplate = "${template}"\n`;

// With time that grows with the square, each of these would take minutes, and vitest would end it.
describe("a hostile string", () => {
  test("of 200,000 markers that never end is no marker at all", () => {
    const live = open(workflow("{{".repeat(200_000)), "/w/a.toml");
    expect(live?.graphs[0]?.graph.nodes[0]?.references.map(({ text }) => text)).toEqual(["trigger"]);
  });

  test("of 100,000 markers has every one at its place", () => {
    const text = workflow("{{a}}".repeat(100_000));
    const live = open(text, "/w/a.toml");
    const markers = (live?.graphs[0]?.graph.nodes[0]?.references ?? []).filter((one) => one.text === "a");
    const places = markers.map(({ at }) => live?.source.span(at));
    expect(places).toHaveLength(100_000);
    expect(places.every((span) => span !== undefined && text.slice(...span) === "{{a}}")).toBe(true);
  });

  test.each([
    ['"a\\u00e9b"', 0, 1, "a"],
    ['"a\\u00e9b"', 1, 2, "\\u00e9"],
    ['"a\\u00e9b"', 1, 3, "\\u00e9b"],
    ['"\\U0001F600b"', 0, 2, "\\U0001F600"],
    ['"\\U0001F600b"', 1, 2, "\\U0001F600"],
    ['"\\U0001F600b"', 2, 3, "b"],
    ["'pl\\ain'", 2, 4, "\\a"],
    ['"""\nlong \\\n  line"""', 4, 6, " \\\n  l"],
    ['"unfinished', 8, 99, "ed"],
    ['"ab"', 5, 9, ""],
  ])("%j has %i to %i at %j", (source, from, to, expected) => {
    const span = literalPlaces(source)?.(from, to);
    expect(span === undefined ? null : source.slice(...span)).toBe(expected);
  });

  test("that is none has no places", () => {
    expect(literalPlaces("bare")).toBeNull();
  });
});
