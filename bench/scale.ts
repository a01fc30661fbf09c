/**
 * What one more node costs in chains of 100, 1,000 and 10,000 nodes (10,000 visits are the most that a walk may make).
 * The cost of a run of one node, which is that of starting and ending any run, is taken off before the rest is shared
 * out among the nodes. Beside it the peers at 100 nodes, since their cost of a node depends on the size of the graph.
 */
import type { RunJournal } from "../src/connect/journal/writer.ts";
import type { Bundle } from "../src/dialects/bundle.ts";
import { StateFolder } from "./disk.ts";
import { short, times } from "./format.ts";
import { chainToml } from "./graphs.ts";
import { compare, type Contestant, type Contestants, type Timing } from "./measure.ts";
import { langGraphChain, xstateChain } from "./peers.ts";
import { bundleOf, memoryJournal, run } from "./seam.ts";
import type { Row, Suite } from "./suite.ts";

const sizes = [100, 1000, 10_000] as const;
const kinds = ["memory", "disk"] as const;
/**
 * The dearest node against the cheapest: what still counts as constant. Work that grows with the graph would show as
 * 100×; what the larger chains do pay for is memory that no longer fits the processor's caches.
 */
const LIMIT = 2;

/** Runs in one round: enough nodes to be timed, and not too many folders. */
const runsOf = (count: number): number => Math.max(2, Math.min(40, Math.round(20_000 / count)));

function inMemory(bundle: Bundle, runs: number): Contestant {
  return {
    round: async () => {
      for (let i = 0; i < runs; i++) await run(bundle, memoryJournal());
      return runs;
    },
  };
}

async function onDisk(bundle: Bundle, runs: number): Promise<Contestant> {
  const folder = await StateFolder.make();
  let journals: RunJournal[] = [];
  return {
    prepare: async () => {
      journals = [];
      for (let i = 0; i < runs; i++) journals.push(await folder.journal(bundle));
    },
    round: async () => {
      for (const journal of journals) await run(bundle, journal);
      return runs;
    },
    close: () => folder.remove(),
  };
}

/** An operation is a whole run. */
const contestants: Contestants = {
  ...Object.fromEntries(
    [1, ...sizes].flatMap((count) => {
      const bundle = (): Bundle => bundleOf(chainToml(count, 'type = "merge"'));
      return [
        [`memory ${count}`, () => Promise.resolve(inMemory(bundle(), runsOf(count)))],
        [`disk ${count}`, () => onDisk(bundle(), runsOf(count))],
      ];
    }),
  ),
  "xstate 100": async () => often(await xstateChain(100)),
  "langgraph 100": async () => often(await langGraphChain(100, false)),
};

function often(work: () => Promise<void>): Contestant {
  const runs = 10;
  return {
    round: async () => {
      for (let i = 0; i < runs; i++) await work();
      return runs;
    },
  };
}

export const scale: Suite = {
  name: "scale",
  about: "the cost of one more node in chains of 100 to 10,000 nodes",
  contestants,
  async run(note) {
    const rows: Row[] = [];
    for (const kind of kinds) {
      const names = [1, ...sizes].map((count) => `${kind} ${count}`);
      const found: Readonly<Record<string, Timing>> = await compare("scale", names, { warmUps: 4, rounds: 15 });
      const cpu = (count: number): number => found[`${kind} ${count}`]?.cpu.median ?? Number.NaN;
      const costs = sizes.map((count) => (cpu(count) - cpu(1)) / (count - 1));
      const ratio = Math.max(...costs) / Math.min(...costs);
      rows.push({
        what: `one more node at ${sizes.join(", ")} nodes, journal ${kind === "disk" ? "on disk" : "in memory"} (CPU)`,
        ours: `${costs.map(short).join(", ")} µs`,
        peer: null,
        ratio: `${times(ratio)} between dearest and cheapest`,
        target: `constant (within ${LIMIT}×)`,
        met: ratio <= LIMIT,
      });
      note(
        `scale: a run of one node, journal ${kind === "disk" ? "on disk" : "in memory"}: ${short(cpu(1))} µs of processor.`,
      );
    }
    const peers = await compare("scale", ["xstate 100", "langgraph 100", "memory 100"], { warmUps: 4, rounds: 15 });
    const each = (timing: Timing): string => `${short(timing.cpu.median / 100)} µs`;
    note(
      `scale: whole runs of 100 nodes in memory, per node: ours ${each(peers["memory 100"])}, xstate ` +
        `${each(peers["xstate 100"])}, LangGraph ${each(peers["langgraph 100"])}.`,
    );
    return rows;
  },
};
