import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSidecar, sidecarName, sidecarText } from "../../../src/runtime/canvas/sidecar.ts";

const places = fc.dictionary(
  fc.oneof(
    fc.string({ unit: "grapheme" }).filter((key) => key !== "__proto__"),
    fc.constantFrom("a", "b", "node:start:x", 'say "so"'),
  ),
  fc.record({ x: fc.integer({ min: -1e6, max: 1e6 }), y: fc.double({ min: -1e6, max: 1e6, noNaN: true }) }),
);

describe("a sidecar", () => {
  it("has one line for each node, in the order of their names, in whole pixels", () => {
    const text = sidecarText({ publish: { x: 120.4, y: -0.2 }, approve: { x: 0, y: 41.5 } });
    expect(text).toBe(
      '{\n  "version": 1,\n  "nodes": {\n    "approve": { "x": 0, "y": 42 },\n    "publish": { "x": 120, "y": 0 }\n  }\n}\n',
    );
    expect(sidecarName("release-gate.toml")).toBe("release-gate.toml.layout.json");
  });

  it("is read as what was written, whatever nodes are called, and written again as the same bytes", () => {
    fc.assert(
      fc.property(places, (given) => {
        const text = sidecarText(given);
        const read = readSidecar(text);
        expect(Object.keys(read ?? {}).sort()).toEqual(Object.keys(given).sort());
        expect(sidecarText(read ?? {})).toBe(text);
        expect(text.split("\n")).toHaveLength(Object.keys(given).length === 0 ? 5 : Object.keys(given).length + 6);
      }),
    );
  });

  it("moves one line of a diff when one node is moved", () => {
    const before = { a: { x: 1, y: 1 }, b: { x: 2, y: 2 }, c: { x: 3, y: 3 } };
    const [old, fresh] = [sidecarText(before), sidecarText({ ...before, b: { x: 9, y: 2 } })].map((one) =>
      one.split("\n"),
    );
    expect(fresh?.filter((line, i) => line !== old?.[i])).toEqual(['    "b": { "x": 9, "y": 2 },']);
  });

  it.each([
    "",
    "{",
    "[]",
    '{"version":2,"nodes":{}}',
    '{"version":1,"nodes":{"a":{"x":"1","y":2}}}',
    "<<<<<<< HEAD\n{}",
  ])("is not made out of %j", (text) => {
    expect(readSidecar(text)).toBeNull();
  });
});
