/** A chain of 1,000 nodes that do nothing, in memory, beside the peers. */
import { micros, times } from "./format.ts";
import { chainToml } from "./graphs.ts";
import { compare, type Contestant } from "./measure.ts";
import { langGraphChain, xstateChain } from "./peers.ts";
import { bundleOf, memoryJournal, run } from "./seam.ts";
import type { Suite } from "./suite.ts";

const COUNT = 1000;

/** Does something several times, so that a round is long enough to be timed. */
function repeated(times: number, work: () => Promise<unknown>): Contestant {
  return {
    round: async () => {
      for (let i = 0; i < times; i++) await work();
      return times * COUNT;
    },
  };
}

export const chain: Suite = {
  name: "chain",
  about: "1,000 trivial nodes in memory, beside xstate and LangGraph",
  contestants: {
    ours: () => {
      const bundle = bundleOf(chainToml(COUNT, 'type = "merge"'));
      return Promise.resolve(repeated(20, () => run(bundle, memoryJournal())));
    },
    xstate: async () => repeated(2, await xstateChain(COUNT)),
    langgraph: async () => repeated(1, await langGraphChain(COUNT, false)),
  },
  async run() {
    const found = await compare("chain", ["ours", "xstate", "langgraph"], { warmUps: 4, rounds: 15 });
    const row = (peer: "xstate" | "langgraph", name: string, least: number) => {
      const ratio = found[peer].cpu.median / found.ours.cpu.median;
      return {
        what: "node of a chain of 1,000, in memory (CPU)",
        ours: micros(found.ours.cpu),
        peer: `${name}: ${micros(found[peer].cpu)}`,
        ratio: `${times(ratio)} faster`,
        target: `at least ${least}× faster`,
        met: ratio >= least,
      };
    };
    return [row("xstate", "xstate invoke", 5), row("langgraph", "LangGraph", 50)];
  },
};
