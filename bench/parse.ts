/** Documents of 1,000 and 10,000 nodes, read and validated, beside the bare parsers of their languages. */
import { parseDocument, validateGraph } from "../src/runtime/documents.ts";
import { micros, times } from "./format.ts";
import { mixedToml, mixedYaml } from "./graphs.ts";
import { compare, type Contestant, type Contestants } from "./measure.ts";
import type { Row, Suite } from "./suite.ts";

const counts = [1000, 10_000] as const;
/** Nodes that one round reads, in documents of either size. */
const PER_ROUND = 20_000;
/** Times the bare parser. */
const LIMIT = 4;

function reading(text: string, count: number, read: (text: string) => void): Contestant {
  return {
    round: () => {
      for (let i = 0; i < PER_ROUND / count; i++) read(text);
      return Promise.resolve(PER_ROUND);
    },
  };
}

function ours(file: string): (text: string) => void {
  return (text) => {
    const { graph, diagnostics } = parseDocument(text, file);
    const problem = graph === null ? diagnostics[0] : validateGraph(graph)[0];
    if (problem !== undefined) throw new Error(problem.message);
  };
}

const contestants: Contestants = Object.fromEntries(
  counts.flatMap((count) => [
    [`toml ${count}`, () => Promise.resolve(reading(mixedToml(count), count, ours("/bench/mixed.toml")))],
    [
      `smol-toml ${count}`,
      async () => {
        const { parse } = await import("smol-toml");
        return reading(mixedToml(count), count, (text) => void parse(text));
      },
    ],
    [`yaml ${count}`, () => Promise.resolve(reading(mixedYaml(count), count, ours("/bench/graph.yaml")))],
    [
      `parseDocument ${count}`,
      async () => {
        const yaml = await import("yaml");
        return reading(mixedYaml(count), count, (text) => void yaml.parseDocument(text));
      },
    ],
  ]),
);

export const parse: Suite = {
  name: "parse",
  about: "documents of 1,000 and 10,000 nodes, beside smol-toml and yaml",
  contestants,
  async run() {
    const rows: Row[] = [];
    for (const count of counts) {
      for (const [own, bare, what, peer] of [
        [`toml ${count}`, `smol-toml ${count}`, "workflow TOML", "smol-toml parse"],
        [`yaml ${count}`, `parseDocument ${count}`, "skill graph YAML", "yaml parseDocument"],
      ] as const) {
        const found = await compare("parse", [own, bare], { warmUps: 3, rounds: 15 });
        const [mine, theirs] = [found[own], found[bare]];
        if (mine === undefined || theirs === undefined) throw new Error("a contestant is missing");
        const ratio = mine.cpu.median / theirs.cpu.median;
        rows.push({
          what: `node of ${what} of ${count} nodes, parsed and validated (CPU)`,
          ours: micros(mine.cpu),
          peer: `${peer}: ${micros(theirs.cpu)}`,
          ratio: times(ratio),
          target: `within ${LIMIT}×`,
          met: ratio <= LIMIT,
        });
      }
    }
    return rows;
  },
};
