import { describe, expect, test } from "vitest";
import { placesOfRuns, type FoundConfiguration } from "../../src/extension/store-places.ts";

const storage = "/home/ada/storage";
const own = (named: string | null, of = "folder"): FoundConfiguration<string> => ({ named, isOwn: true, of });
const below = (named: string | null, of = "below"): FoundConfiguration<string> => ({ named, isOwn: false, of });

/** Places with the names of their configurations. */
const listed = (...found: readonly FoundConfiguration<string>[]): (readonly [string, string])[] =>
  [...placesOfRuns(found, storage)].map(([place, { of }]) => [place, of]);

describe("where the runs of a window are kept", () => {
  test("is what the configurations of its folders name, and the extension's storage for a folder that names nothing", () => {
    expect(listed(own("/w/.state"))).toEqual([["/w/.state", "folder"]]);
    expect(listed(own(null))).toEqual([[storage, "folder"]]);
  });

  test("a configuration below a folder adds a place only where it names one", () => {
    expect(listed(own("/w/.state"), below(null), below("/w/sub/.state"))).toEqual([
      ["/w/.state", "folder"],
      ["/w/sub/.state", "below"],
    ]);
  });

  test("a configuration below that names none does not bring the extension's storage in under its name", () => {
    expect(listed(own("/w/.state"), below(null))).toEqual([["/w/.state", "folder"]]);
  });

  test("a place that several name is listed once, under the first", () => {
    expect(
      listed(own("/s", "one"), below("/s", "two"), own("/s", "three"), own(null, "four"), own(null, "five")),
    ).toEqual([
      ["/s", "one"],
      [storage, "four"],
    ]);
  });
});
