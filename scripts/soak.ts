/**
 * The long form of the tests: `node scripts/run.mjs scripts/soak.ts [--quick] [--seed N] [--round N] [SUITE…]`. Suites: `kills`,
 * `power`, `documents`, `language`; all without a name.
 *
 * Every kill point of every reference run, with doubts approved and with doubts denied; runs killed twice; loss of
 * power before every operation of the disk, many times over; mutated documents by the ten thousand; a million random edits in the language server (`--round`: from there on, as a
 * failure names it). Prints progress and one closing line; exit code 1 when
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
import { readCorpus } from "../test/language/soak/corpus.ts";
import { soak } from "../test/language/soak/rounds.ts";

const quick = process.argv.includes("--quick");
const seed = numberOf("--seed", 1);
const firstRound = numberOf("--round", 0);
const suites = ["kills", "power", "documents", "language"];
const chosen = suites.filter((name) => process.argv.includes(name));
const runs = (name: string): boolean => chosen.length === 0 || chosen.includes(name);

const began = Date.now();
const wrong: string[] = [];
const tally = { kills: 0, doubts: 0, losses: 0, documents: 0, keys: 0 };
/** Edits in the language server, and failures after which it is left. */
const KEYS = 1_000_000;
const MOST_FAILURES = 10;

function numberOf(flag: string, otherwise: number): number {
  const at = process.argv.indexOf(flag);
  const value = at < 0 ? otherwise : Number(process.argv[at + 1]);
  if (!Number.isSafeInteger(value)) throw new TypeError(`${flag} takes a whole number`);
  return value;
}

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

/** Random edits of all documents through the language server. */
async function languageEdits(): Promise<void> {
  const corpus = await readCorpus(path.join(path.dirname(process.argv[1] ?? ""), "../examples"));
  process.on("unhandledRejection", (problem) => note(`language: unhandled rejection: ${String(problem)}`));
  let told = 0;
  const { keys } = await soak(corpus, {
    seed,
    firstRound,
    keys: quick ? 20_000 : KEYS,
    most: MOST_FAILURES,
    progress: ({ keys, requests, rounds, failures }) => {
      for (const failure of failures.slice(told)) note(`language: ${failure}`);
      told = failures.length;
      if (rounds % 100 === 0) say(`language: ${keys} edits and ${requests} requests in ${rounds} rounds`);
    },
  });
  tally.keys = keys;
}

const root = await mkdtemp(path.join(os.tmpdir(), "countersign-soak-"));
const recorder = new Recorder();
try {
  await recorder.start();
  const source = path.join(path.dirname(process.argv[1] ?? ""), "../test/durability/program.ts");
  if (runs("kills")) await kills(root, await buildProgram(root, source), recorder);
  if (runs("power")) await powerLosses();
  if (runs("documents")) await mutatedDocuments();
  if (runs("language")) await languageEdits();
} finally {
  await recorder.stop();
  await rm(root, { recursive: true, force: true });
}
const done = `${tally.kills} kills (${tally.doubts} effects in doubt), ${tally.losses} losses of power, ${tally.documents} mutated documents, ${tally.keys} edits, seed ${seed}`;
say(wrong.length === 0 ? `soak: all held: ${done}` : `soak: ${wrong.length} FAILED of ${done}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
