/** The ledger of used approvals, on a disk that fails, loses power, and is shared. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keepCredential, listCredentialTexts, readCredentialText } from "../../../src/connect/approvals/store.ts";
import { memoryUseBook, useBook } from "../../../src/connect/approvals/uses.ts";
import { Disk, randomFrom } from "../journal/disk.ts";
import { sha256 } from "../../governance/approvals/people.ts";

const book = (disk: Disk) => useBook("/state", disk);

describe("a use of an approval", () => {
  it("is taken once, and by the same effect again", async () => {
    for (const one of [book(new Disk()), memoryUseBook()]) {
      expect(await one.take("a", "run 1", 1)).toBe("taken");
      expect(await one.take("a", "run 1", 1)).toBe("taken");
      expect(await one.take("a", "run 2", 1)).toBe("used_up");
      expect([await one.others("a", "run 1"), await one.others("a", "run 2"), await one.others("b", "run 1")]).toEqual([
        0, 1, 0,
      ]);
    }
  });

  it("goes to one of many takers at once, as often as it may", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(5), { minLength: 1, maxLength: 12 }),
        async (allowed, takers) => {
          const disk = new Disk();
          const results = await Promise.all(takers.map((taker) => book(disk).take("a", `use ${taker}`, allowed)));
          const winners = new Set(takers.filter((_, i) => results[i] === "taken"));
          expect(winners.size).toBe(Math.min(allowed, new Set(takers).size));
          // Nobody who took the same use was told something else.
          for (const [i, taker] of takers.entries()) expect(results[i] === "taken").toBe(winners.has(taker));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is never another's after a crash at any operation, and stays taken once it was told so", async () => {
    const whole = new Disk();
    await book(whole).take("a", "first", 1);
    const operations = whole.operations;
    for (let at = 1; at <= operations; at++) {
      for (const seed of [1, 2, 3]) {
        const disk = new Disk();
        disk.fault = (_operation, _path, count) => (count >= at ? "EIO" : null);
        const first = await book(disk).take("a", "first", 1);
        const after = disk.afterPowerLoss(randomFrom(seed * 1000 + at));
        const told = first === "taken";
        const second = await book(after).take("a", "second", 1);
        if (told) expect([at, seed, second]).toEqual([at, seed, "used_up"]);
        // Whoever has it now, it is one of the two only.
        const again = await book(after).take("a", "first", 1);
        expect([second, again].filter((one) => one === "taken")).toHaveLength(1);
      }
    }
  });

  it("that cannot be written is a failure, not an approval", async () => {
    const disk = new Disk();
    disk.fault = (operation) => (operation === "link" ? "ENOSPC" : null);
    expect(await book(disk).take("a", "use", 1)).toMatchObject({ class: "io" });
  });
});

describe("the credentials of a run", () => {
  it("are found under their digests, and only as they were kept", async () => {
    const disk = new Disk();
    await keepCredential("/state/runs/r", "one.cred", disk);
    await keepCredential("/state/runs/r", "one.cred", disk);
    const listed = await listCredentialTexts("/state/runs/r", disk);
    expect(listed).toEqual({ ok: true, value: ["one.cred"] });
    expect(await readCredentialText("/state/runs/r", sha256("one.cred"), disk)).toBe("one.cred");
    expect(await readCredentialText("/state/runs/r", sha256("other"), disk)).toBeNull();
    expect(await readCredentialText("/state/runs/r", "../../x", disk)).toBeNull();
  });
});
