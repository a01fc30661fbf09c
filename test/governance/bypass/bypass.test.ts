/**
 * Bypass attempts against static policy (spec/workflow.md Decisions D2, D3, §7; spec/runtime.md §2; spec/pipeline.md §2):
 * every attempt is stopped and leaves nothing behind, and every legitimate twin still goes through.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attempt, World, type Attempt } from "./driver.ts";
import * as files from "./files.ts";
import * as names from "./names.ts";
import * as programs from "./programs.ts";
import * as urls from "./urls.ts";
import * as wire from "./wire.ts";

const families: Readonly<
  Record<string, { readonly attempts: readonly Attempt[]; readonly twins: readonly Attempt[] }>
> = { files, urls, wire, programs, names };

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.end());

describe.each(Object.entries(families))("%s", (_family, { attempts, twins }) => {
  it.each(attempts.map((one) => [one.name, one.why, one] as const))("stops %s (%s)", async (_name, _why, one) => {
    const outcome = await attempt(world, one);
    expect(outcome.harm).toBeNull();
    if (one.around?.harm === undefined) expect(outcome).toMatchObject({ through: false });
  });

  it.each(twins.map((one) => [one.name, one] as const))("still allows: %s", async (_name, one) => {
    expect(await attempt(world, one)).toMatchObject({ through: true, harm: null });
  });
});

describe("the corpus", () => {
  it("holds at least two hundred attempts, each once, and a twin for every sixth of them", () => {
    const attempts = Object.values(families).flatMap((family) => family.attempts);
    const twins = Object.values(families).flatMap((family) => family.twins);
    expect(attempts.length).toBeGreaterThanOrEqual(200);
    expect(twins.length).toBeGreaterThanOrEqual(attempts.length / 6);
    for (const { attempts: list } of Object.values(families)) {
      expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
    }
  });

  it("knows its residual risk: a hard link is the file itself", async () => {
    expect(await attempt(world, files.hardLink)).toMatchObject({ through: true, harm: "the canary was seen" });
  });
});
