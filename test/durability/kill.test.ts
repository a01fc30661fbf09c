/**
 * Three reference runs, killed at every kind of point (spec/runtime.md §3, §4). `npm run soak` takes every point of
 * every run; here at most 24 of each, spread evenly.
 */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram, eachOf, spread } from "./kills.ts";
import { Recorder } from "./recorder.ts";
import { referenceNames } from "./references.ts";
import { measure, survive } from "./survives.ts";

const POINTS = 24;
const recorder = new Recorder();
let root = "";
let program = "";

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "countersign-kill-"));
  program = await buildProgram(root);
  await recorder.start();
});
afterAll(async () => {
  await recorder.stop();
  await rm(root, { recursive: true, force: true });
});

describe("a killed run loses nothing and repeats nothing beyond what is declared", () => {
  for (const reference of referenceNames) {
    it(`the ${reference} reference, killed at up to ${POINTS} points`, { timeout: 240_000 }, async () => {
      const bench = await measure({ root: path.join(root, reference), program, recorder, reference });
      const wrong: string[] = [];
      let doubts = 0;
      await eachOf(spread(bench.points, POINTS), 2, async (at) => {
        // Every other doubt is answered with no: then the effect must not happen again, whatever becomes of the run.
        const survival = await survive(bench, at, at % 2 === 0 ? "approve" : "deny");
        if (survival.wrong !== null) wrong.push(survival.wrong);
        doubts += survival.doubts;
      });
      expect(wrong).toEqual([]);
      // Otherwise the points missed what they are for.
      expect(doubts).toBeGreaterThan(0);
    });
  }
});
