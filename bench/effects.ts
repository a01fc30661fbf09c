/**
 * A chain of effects with the journal on disk, beside what any program needs to make two lines durable: the same bytes
 * written and fdatasynced twice, through the same calls of Node, and nothing else.
 */
import { open } from "node:fs/promises";
import path from "node:path";
import type { RunJournal } from "../src/connect/journal/writer.ts";
import { CountedFiles, StateFolder } from "./disk.ts";
import { micros, short, times } from "./format.ts";
import { chainToml } from "./graphs.ts";
import { compare, spreadOf } from "./measure.ts";
import { bundleOf, run } from "./seam.ts";
import type { Suite } from "./suite.ts";

/** Effects of one round: few, so that both take turns often. */
const COUNT = 200;
/** Microseconds that an effect may take beside its two writes. */
const LIMIT = 50;

const effectChain = () => bundleOf(chainToml(COUNT, 'type = "read_env"\nkey = "HOME"'));

/** Bytes that one sync of ours makes durable, on average. */
async function bytesPerSync(folder: StateFolder): Promise<number> {
  const counted = new CountedFiles();
  const bundle = effectChain();
  const journal = await folder.journal(bundle, counted.files);
  counted.reset();
  await run(bundle, journal);
  return Math.round(counted.bytes / counted.syncs);
}

export const effects: Suite = {
  name: "effects",
  about: "effects with the journal on disk, beside bare writes and fdatasyncs",
  contestants: {
    ours: async () => {
      const bundle = effectChain();
      const folder = await StateFolder.make();
      const counted = new CountedFiles();
      let journal: RunJournal | null = null;
      return {
        prepare: async () => {
          journal = await folder.journal(bundle, counted.files);
          counted.reset();
        },
        round: async () => {
          if (journal !== null) await run(bundle, journal);
          return COUNT;
        },
        detail: () => ({ syncs: counted.syncs / COUNT, disk: Number(counted.busy) / 1000 / COUNT }),
        close: () => folder.remove(),
      };
    },
    bare: async () => {
      const folder = await StateFolder.make();
      const bytes = Buffer.alloc(await bytesPerSync(folder), "x");
      const file = await open(path.join(folder.path, "bare"), "ax", 0o600);
      return {
        round: async () => {
          for (let i = 0; i < 2 * COUNT; i++) {
            await file.write(bytes, 0, bytes.length, null);
            await file.datasync();
          }
          return 2 * COUNT;
        },
        close: async () => {
          await file.close();
          await folder.remove();
        },
      };
    },
  },
  async run(note) {
    const { ours, bare } = await compare("effects", ["ours", "bare"], { warmUps: 10, rounds: 31 });
    const over = ours.wall.median - 2 * bare.wall.median;
    const outside = spreadOf(ours.samples.map(({ wall, detail }) => wall - (detail["disk"] ?? 0)));
    const { median: syncs } = spreadOf(ours.samples.map(({ detail }) => detail["syncs"] ?? Number.NaN));
    note(
      `effects: ${syncs.toFixed(2)} fdatasyncs an effect (two, and those of the run's start and end); ` +
        `${micros(outside)} of an effect pass while nothing is written or synced, ${short(ours.cpu.median)} µs of processor ` +
        `against ${short(2 * bare.cpu.median)} µs for the two bare writes.`,
    );
    return [
      {
        what: "effect, journal on disk (wall)",
        ours: micros(ours.wall),
        peer: `write + fdatasync: ${micros(bare.wall)}`,
        ratio: `${times(ours.wall.median / bare.wall.median)}, ${short(over)} µs over two`,
        target: `two bare ones + ${LIMIT} µs`,
        met: over <= LIMIT,
      },
    ];
  },
};
