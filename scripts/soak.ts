/**
 * The long form of the durability tests: `node scripts/run.mjs scripts/soak.ts [--quick] [--seed N]`.
 *
 * Every kill point of every reference run, with doubts approved and with doubts denied; runs killed twice; loss of
 * power before every operation of the disk, many times over; mutated documents by the ten thousand. Prints progress and one closing line; exit code 1 when
 * anything did not hold.
 */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { checkDocument, documents, loadSeeds } from "../test/adversarial/mutations.ts";
import { load } from "../test/durability/in-memory.ts";
import { buildProgram, eachOf, spread } from "../test/durability/kills.ts";
import { losePower, undisturbed } from "../test/durability/power-loss.ts";
import { Recorder } from "../test/durability/recorder.ts";
import { referenceNames } from "../test/durability/references.ts";
import { measure, survive } from "../test/durability/survives.ts";

const quick = process.argv.includes("--quick");
const seedAt = process.argv.indexOf("--seed");
const seed = seedAt < 0 ? 1 : Number(process.argv[seedAt + 1]);
if (!Number.isSafeInteger(seed)) throw new TypeError("--seed takes a whole number");

const began = Date.now();
const wrong: string[] = [];
const tally = { kills: 0, doubts: 0, losses: 0, documents: 0 };

function say(line: string): void {
  process.stdout.write(`${((Date.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
}

function note(problem: string): void {
  wrong.push(problem);
  say(`FAILED ${problem}`);
}

/** Works through a list two at a time and says how far it is. */
async function through<T>(what: string, list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let done = 0;
  await eachOf(list, 2, async (item) => {
    await work(item).catch((problem: Error) => note(`${what}: ${problem.message}`));
    if (++done % 25 === 0 || done === list.length) say(`${what}: ${done} of ${list.length}`);
  });
}

async function kills(root: string, program: string, recorder: Recorder): Promise<void> {
  for (const reference of referenceNames) {
    const bench = await measure({ root: path.join(root, reference), program, recorder, reference });
    say(`${reference}: ${bench.points} kill points`);
    const points = quick ? spread(bench.points, 10) : spread(bench.points, bench.points);
    for (const doubts of ["approve", "deny"] as const) {
      await through(`${reference}, doubts: ${doubts}`, points, async (at) => {
        const survival = await survive(bench, at, doubts);
        tally.kills++;
        tally.doubts += survival.doubts;
        if (survival.wrong !== null) note(survival.wrong);
      });
    }
    const first = spread(bench.points, quick ? 2 : 16);
    const again = spread(Math.max(1, Math.floor(bench.points / 2)), quick ? 2 : 10);
    const pairs = first.flatMap((at) => again.map((second) => [at, second] as const));
    await through(`${reference}, killed twice`, pairs, async ([at, second]) => {
      const survival = await survive(bench, at, "approve", second);
      tally.kills += 2;
      if (survival.wrong !== null) note(survival.wrong);
    });
  }
}

/** Mutated documents of all dialects: parsed and checked without throwing, in time. */
async function mutatedDocuments(): Promise<void> {
  await loadSeeds(path.join(path.dirname(process.argv[1] ?? ""), "../examples"));
  const batches = spread(quick ? 2 : 40, 40);
  await through("mutated documents, in batches of 2000", batches, async (batch) => {
    for (const document of fc.sample(documents, { numRuns: 2000, seed: seed + batch })) {
      tally.documents++;
      const problem = await checkDocument(document).catch((error: Error) => error.stack ?? error.message);
      if (problem !== null) note(`${problem}: ${JSON.stringify(document)}`);
    }
  });
}

async function powerLosses(): Promise<void> {
  for (const reference of referenceNames) {
    const loaded = await load(reference);
    const { expected, operations } = await undisturbed(loaded);
    const moments = new Set(spread(operations, operations));
    const seeds = Array.from({ length: quick ? 2 : 60 }, (_, i) => seed + i);
    await through(`${reference}, power lost before each of ${operations} operations`, seeds, async (one) => {
      for (const problem of await losePower(loaded, expected, moments, one)) note(problem);
      tally.losses += moments.size;
    });
  }
}

const root = await mkdtemp(path.join(os.tmpdir(), "countersign-soak-"));
const recorder = new Recorder();
try {
  await recorder.start();
  const source = path.join(path.dirname(process.argv[1] ?? ""), "../test/durability/program.ts");
  await kills(root, await buildProgram(root, source), recorder);
  await powerLosses();
  await mutatedDocuments();
} finally {
  await recorder.stop();
  await rm(root, { recursive: true, force: true });
}
const done = `${tally.kills} kills (${tally.doubts} effects in doubt), ${tally.losses} losses of power, ${tally.documents} mutated documents, seed ${seed}`;
say(wrong.length === 0 ? `soak: all held: ${done}` : `soak: ${wrong.length} FAILED of ${done}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
