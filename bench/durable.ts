/** The same chain with its journal on disk, beside LangGraph with its in-memory checkpointer; and the start of a run. */
import { micros, short, times } from "./format.ts";
import { StateFolder } from "./disk.ts";
import { chainToml } from "./graphs.ts";
import { compare } from "./measure.ts";
import { langGraphChain } from "./peers.ts";
import { bundleOf, run } from "./seam.ts";
import type { Suite } from "./suite.ts";

const COUNT = 1000;
const RUNS = 20;
/** Microseconds for an effect-free node. */
const LIMIT = 15;

export const durable: Suite = {
  name: "durable",
  about: "1,000 trivial nodes with the journal on disk, beside LangGraph's MemorySaver",
  contestants: {
    ours: async () => {
      const bundle = bundleOf(chainToml(COUNT, 'type = "merge"'));
      const folder = await StateFolder.make();
      let next: Awaited<ReturnType<typeof prepared>> = [];
      return {
        // Folders are made before the clock starts: the issue is what a node costs, and "start" tells the rest.
        prepare: async () => {
          next = await prepared(folder, bundle);
        },
        round: async () => {
          for (const journal of next) await run(bundle, journal);
          return RUNS * COUNT;
        },
        close: () => folder.remove(),
      };
    },
    start: async () => {
      const bundle = bundleOf(chainToml(COUNT, 'type = "merge"'));
      const folder = await StateFolder.make();
      return {
        round: async () => {
          for (const journal of await prepared(folder, bundle)) await journal.close();
          return RUNS;
        },
        close: () => folder.remove(),
      };
    },
    langgraph: async () => {
      const once = await langGraphChain(COUNT, true);
      return {
        round: async () => {
          await once();
          return COUNT;
        },
      };
    },
  },
  async run(note) {
    const found = await compare("durable", ["ours", "start", "langgraph"], { warmUps: 2, rounds: 9 });
    const { ours, start, langgraph } = found;
    note(
      `durable: the processor's share of a node is ${micros(ours.cpu)}; creating and closing a run's folder takes ` +
        `${short(start.wall.median / 1000)} ms (${short(start.wall.low / 1000)}–${short(start.wall.high / 1000)}) once per run.`,
    );
    return [
      {
        what: "effect-free node of a chain of 1,000, journal on disk (wall)",
        ours: micros(ours.wall),
        peer: null,
        ratio: null,
        target: `at most ${LIMIT} µs`,
        met: ours.wall.median <= LIMIT,
      },
      {
        what: "the same (CPU)",
        ours: micros(ours.cpu),
        peer: `LangGraph MemorySaver: ${micros(langgraph.cpu)}`,
        ratio: `${times(langgraph.cpu.median / ours.cpu.median)} faster`,
        target: null,
        met: null,
      },
    ];
  },
};

async function prepared(folder: StateFolder, bundle: Parameters<StateFolder["journal"]>[0]) {
  const journals = [];
  for (let i = 0; i < RUNS; i++) journals.push(await folder.journal(bundle));
  return journals;
}
