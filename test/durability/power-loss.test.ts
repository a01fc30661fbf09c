/** A machine that loses power, and a disk that fails (spec/runtime.md §3), in memory. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Disk } from "../connect/journal/disk.ts";
import { events, finish, goOn, load, runId, start, stateDir, type Loaded } from "./in-memory.ts";
import { losePower, undisturbed } from "./power-loss.ts";
import { referenceNames, type ReferenceName } from "./references.ts";

const loaded = new Map<ReferenceName, Loaded & { expected: string; operations: number }>();

beforeAll(async () => {
  for (const name of referenceNames) {
    const one = await load(name);
    loaded.set(name, { ...one, ...(await undisturbed(one)) });
  }
});

function reference(name: ReferenceName): Loaded & { expected: string; operations: number } {
  const found = loaded.get(name);
  if (found === undefined) throw new Error("not loaded");
  return found;
}

describe("a loss of power", () => {
  for (const name of referenceNames) {
    it(`at any operation leaves the ${name} reference to be resumed as declared`, async () => {
      const one = reference(name);
      const all = new Set(Array.from({ length: one.operations }, (_, i) => i + 1));
      expect(await losePower(one, one.expected, all, 1)).toEqual([]);
    });
  }

  it(
    "leaves a run to be resumed whatever part of the unsynced bytes reached the disk",
    { timeout: 120_000 },
    async () => {
      const one = reference("children");
      await fc.assert(
        fc.asyncProperty(
          fc.integer(),
          fc.uniqueArray(fc.integer({ min: 1, max: one.operations }), { minLength: 1, maxLength: 6 }),
          async (seed, moments) => {
            expect(await losePower(one, one.expected, new Set(moments), seed)).toEqual([]);
          },
        ),
        { numRuns: 15 },
      );
    },
  );

  it(
    "can cut the journal at any byte: the run is resumed or says that it had not begun",
    { timeout: 120_000 },
    async () => {
      const one = reference("workflow");
      const disk = new Disk();
      await start(one, disk, one.world());
      const segment = `${stateDir}/runs/${runId}/journal.1.jsonl`;
      const whole = Buffer.from(disk.content(segment));
      const header = whole.indexOf(10) + 1;
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: header, max: whole.length }), async (length) => {
          const cut = disk.afterPowerLoss(() => 0.99);
          cut.put(segment, whole.subarray(0, length));
          const executed = await goOn(one, cut, one.world());
          if (executed.ok) expect(executed.run.result.journalFailure).toBeNull();
          else expect(executed.problem).toMatchObject({ code: "run.not_begun", exit: 2 });
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe("a disk that fails", () => {
  for (const code of ["ENOSPC", "EIO"]) {
    it(
      `(${code}) at any operation ends the run with what is known, and starts no effect any more`,
      { timeout: 120_000 },
      async () => {
        const one = reference("workflow");
        for (let at = 1; at <= one.operations; at++) {
          const disk = new Disk();
          const world = one.world();
          let failedAt = "";
          let performed = 0;
          disk.fault = (operation, path, count) => {
            if (count < at) return null;
            if (failedAt === "") {
              failedAt = `${operation} ${path}`;
              performed = world.performed.length;
            }
            return ["append", "datasync", "create", "makeFolder", "link", "rename", "syncFolder"].includes(operation)
              ? code
              : null;
          };
          const executed = await start(one, disk, world);
          const where = `operation ${at}, ${failedAt}`;
          // One effect may have been on its way when the disk failed; none is started afterwards.
          expect(world.performed.length - performed, where).toBeLessThanOrEqual(1);
          if (executed.ok) {
            const { outcome, result } = executed.run;
            if (result.journalFailure === null) {
              // Only what stands behind the last event failed.
              expect(outcome.status, where).toBe("paused");
            } else {
              expect(result.journalFailure, where).toMatchObject({ class: "io" });
              expect(result.journalFailure.message, where).toContain(code);
              expect(outcome.status, where).toBe("failed");
            }
          } else {
            expect(executed.problem, where).toMatchObject({ exit: 5, code: "journal.io" });
            expect(executed.problem.message, where).toContain(code);
            expect(world.performed, where).toEqual([]);
          }
          // Space is there again: the run goes on to the same end.
          disk.fault = () => null;
          expect(await finish(one, disk, world), where).toBe(one.expected);
        }
      },
    );
  }

  it("leaves no half-made run behind, so that the same id can be used again", async () => {
    const one = reference("skill");
    const disk = new Disk();
    const world = one.world();
    disk.fault = (operation, path) => (operation === "link" && path.endsWith(".jsonl") ? "EIO" : null);
    expect(await start(one, disk, world)).toMatchObject({ ok: false, problem: { exit: 5, code: "journal.io" } });
    expect(await disk.exists(`${stateDir}/runs/${runId}`)).toBe(false);
    disk.fault = () => null;
    expect(await start(one, disk, world)).toMatchObject({ ok: true });
    expect((await events(disk)).length).toBeGreaterThan(0);
  });
});
