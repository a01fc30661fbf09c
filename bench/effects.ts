/**
 * A chain of effects with the journal on disk, beside what any program needs to make two things durable: the same
 * bytes written and fdatasynced twice, through Node's promises, and nothing else.
 *
 * A disk that others use too may be ten times slower a second later. So the bare writes are done within the run, to
 * another file, in the middle of every effect; their time is taken off the effect's, and each effect is compared with
 * the two bare writes beside it.
 */
import { open, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { Bundle } from "../src/dialects/bundle.ts";
import type { Performer } from "../src/effects/seam.ts";
import { CountedFiles, StateFolder } from "./disk.ts";
import { micros, times } from "./format.ts";
import { chainToml } from "./graphs.ts";
import { compare, spreadOf, type Contestant, type Spread } from "./measure.ts";
import { bundleOf, instantPerformer, run } from "./seam.ts";
import type { Suite } from "./suite.ts";

/** Effects of one round. */
const COUNT = 500;
/** Microseconds that an effect may take beside two bare writes. */
const LIMIT = 50;

/** Microseconds since some moment. */
const now = (): number => Number(process.hrtime.bigint()) / 1000;

/** Does the bare writes in every effect, and keeps what each effect and its bare writes took. */
class Beside implements Performer {
  readonly effects: number[] = [];
  readonly bare: number[] = [];
  private readonly file: FileHandle;
  private readonly bytes: Uint8Array;
  private last: number | null = null;

  constructor(file: FileHandle, bytes: Uint8Array) {
    this.file = file;
    this.bytes = bytes;
  }

  readonly prepare: Performer["prepare"] = (effect, scope) => instantPerformer.prepare(effect, scope);

  /** From the end of one effect's performing to the beginning of the next: all that an effect costs but itself. */
  readonly perform: Performer["perform"] = async (...given) => {
    const start = now();
    if (this.last !== null) this.effects.push(start - this.last);
    for (let i = 0; i < 2; i++) {
      await this.file.write(this.bytes, 0, this.bytes.length, null);
      await this.file.datasync();
    }
    this.bare.push(now() - start);
    const result = await instantPerformer.perform(...given);
    this.last = now();
    return result;
  };
}

/** What the journal's file layer is asked to do in one run. */
async function count(folder: StateFolder, bundle: Bundle): Promise<CountedFiles> {
  const counted = new CountedFiles();
  const journal = await folder.journal(bundle, counted.files);
  counted.reset();
  await run(bundle, journal);
  return counted;
}

async function contestant(): Promise<Contestant> {
  const bundle = bundleOf(chainToml(COUNT, 'type = "read_env"\nkey = "HOME"'));
  const folder = await StateFolder.make();
  const counted = await count(folder, bundle);
  const bytes = Buffer.alloc(Math.round(counted.bytes / counted.syncs), "x");
  const file = await open(path.join(folder.path, "bare"), "ax", 0o600);
  let beside = new Beside(file, bytes);
  return {
    round: async () => {
      beside = new Beside(file, bytes);
      await run(bundle, await folder.journal(bundle), beside);
      return COUNT;
    },
    detail: () => ({
      syncs: counted.syncs / COUNT,
      effect: spreadOf(beside.effects).median,
      bare: spreadOf(beside.bare).median,
      over: spreadOf(beside.effects.map((effect, i) => effect - (beside.bare[i] ?? Number.NaN))).median,
    }),
    close: async () => {
      await file.close();
      await folder.remove();
    },
  };
}

export const effects: Suite = {
  name: "effects",
  about: "effects with the journal on disk, beside bare writes and fdatasyncs",
  contestants: { ours: contestant },
  async run(note) {
    const { ours } = await compare("effects", ["ours"], { warmUps: 4, rounds: 15 });
    const of = (name: string): Spread => spreadOf(ours.samples.map(({ detail }) => detail[name] ?? Number.NaN));
    const [effect, bare, over] = [of("effect"), of("bare"), of("over")];
    note(`effects: ${of("syncs").median.toFixed(2)} fdatasyncs an effect: two, and those of the run's start and end.`);
    return [
      {
        what: "effect, journal on disk (wall)",
        ours: micros(effect),
        peer: `two of write + fdatasync: ${micros(bare)}`,
        ratio: `${times(effect.median / bare.median)}; ${micros(over)} over`,
        target: `two bare ones + ${LIMIT} µs`,
        met: over.median <= LIMIT,
      },
    ];
  },
};
