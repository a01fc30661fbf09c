import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { didYouMean, editDistance, suggest } from "../../src/graph/suggest.ts";

describe("suggest", () => {
  it("finds a name with one letter wrong, missing, added or swapped", () => {
    expect(suggest("laod", ["store", "load"])).toBe("load");
    expect(suggest("lod", ["store", "load"])).toBe("load");
    expect(suggest("loadd", ["store", "load"])).toBe("load");
    expect(suggest("lozd", ["store", "load"])).toBe("load");
  });

  it("takes the nearest, and the first of equally near ones", () => {
    expect(suggest("content", ["contents", "context"])).toBe("contents");
    expect(suggest("contentt", ["contexts", "content"])).toBe("content");
  });

  it("looks past case, hyphens and underscores", () => {
    expect(suggest("Path-From", ["pathfrom", "path_from"])).toBe("pathfrom");
    expect(suggest("maxitems", ["max_items"])).toBe("max_items");
  });

  it("is silent when nothing is near", () => {
    expect(suggest("fetch", ["store", "load", ""])).toBeNull();
    expect(suggest("a", ["zz", "yyyy"])).toBeNull();
    expect(suggest("x", ["a"])).toBeNull();
    expect(suggest("", ["a"])).toBeNull();
    expect(suggest("load", ["load"])).toBeNull();
    expect(suggest("x".repeat(200), ["x".repeat(199)])).toBeNull();
  });

  it("words the suggestion for the end of a sentence", () => {
    expect(didYouMean("load")).toBe("; did you mean `load`?");
    expect(didYouMean(null)).toBe("");
  });

  it("gives one of the candidates or null, whatever the names are", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (name, candidates) => {
        const found = suggest(name, candidates);
        expect(found === null || (candidates.includes(found) && found !== name)).toBe(true);
      }),
    );
  });
});

describe("editDistance", () => {
  it("counts a swap of neighbours as one edit", () => {
    expect(editDistance("ab", "ba")).toBe(1);
    expect(editDistance("", "abc")).toBe(3);
    expect(editDistance("kitten", "sitting")).toBe(3);
  });

  it("is symmetric, zero only for equal names and at most the longer length", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
