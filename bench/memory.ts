/**
 * Resident memory: of a run of 10,000 nodes, and of a journal of 1,000,000 events that is read, checked and folded as
 * it streams in. Each in a process of its own, against the same process before it began.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import { readRun } from "../src/connect/journal/reader.ts";
import type { RunEvent } from "../src/effects/events.ts";
import { apply, initialState } from "../src/engine/state.ts";
import { object } from "../src/graph/value.ts";
import { StateFolder } from "./disk.ts";
import { mebibytes, short } from "./format.ts";
import { chainToml } from "./graphs.ts";
import { compare, type Sample } from "./measure.ts";
import { bundleOf, memoryJournal, run } from "./seam.ts";
import type { Row, Suite } from "./suite.ts";

const NODES = 10_000;
const EVENTS = 1_000_000;
/** Events of one walk of the child: opened, seven nodes entered and ended, ended. */
const PER_WALK = 16;

const settle = (): Promise<void> => {
  globalThis.gc?.();
  return Promise.resolve();
};

/** The events of a run whose one node maps over items, as the runner journals them. */
function* mapRun(events: number): Generator<RunEvent> {
  const act = { frame: "", node: "each", visit: 1, attempt: 1 };
  yield {
    type: "frame.opened",
    frame: "",
    parent: null,
    index: 0,
    child: 0,
    document: "/map.toml",
    start: null,
    input: null,
    depth: 0,
  };
  yield { type: "node.entered", frame: "", node: "each", visit: 1, attempt: 1, edge: null };
  const walks = Math.floor((events - 2) / PER_WALK);
  for (let child = 0; child < walks; child++) {
    const frame = `each[${child}]`;
    const input = object({ index: BigInt(child), item: `item ${child}` });
    yield {
      type: "frame.opened",
      frame,
      parent: act,
      index: 0,
      child,
      document: "/child.toml",
      start: null,
      input,
      depth: 1,
    };
    for (let i = 0; i < 7; i++) {
      const at = { frame, node: `n${i}`, visit: 1, attempt: 1 };
      yield { type: "node.entered", ...at, edge: i === 0 ? null : `["n${i - 1}","n${i}",null]#0` };
      const output = object({ text: `result ${i} of item ${child}`, size: BigInt(i) });
      const rest = { label: null, reason: null, partial: false, assumed: false, reply: null } as const;
      yield { type: "node.ended", ...at, outcome: "continue", output, ...rest };
    }
    const ended = { status: "completed", partial: false, reason: null, failure: null, lastNode: "n6" } as const;
    yield { type: "frame.ended", frame, value: object({ size: BigInt(child) }), ...ended };
  }
}

/** Tells the process that folds where the journal is, which another process wrote. */
const JOURNAL = "COUNTERSIGN_BENCH_JOURNAL";

/** Writes the journal; resolves with its id and size. */
async function writeJournal(folder: StateFolder): Promise<{ runId: string; bytes: number }> {
  const journal = await folder.journal(bundleOf(chainToml(1, 'type = "merge"')));
  let events = 0;
  for (const event of mapRun(EVENTS)) {
    journal.append(event, 1_767_225_600_000 + events++);
    if (events % 10_000 === 0) await journal.sync();
  }
  await journal.close();
  const { size } = await stat(path.join(journal.folder, "journal.1.jsonl"));
  return { runId: journal.runId, bytes: size };
}

export const memory: Suite = {
  name: "memory",
  about: "resident memory of a large run and of folding a journal of 1,000,000 events",
  contestants: {
    run: () => {
      const bundle = bundleOf(chainToml(NODES, 'type = "merge"'));
      return Promise.resolve({
        prepare: settle,
        round: async () => {
          await run(bundle, memoryJournal());
          return NODES;
        },
      });
    },
    fold: () => {
      const [stateDir, runId] = (process.env[JOURNAL] ?? "").split("\n");
      if (stateDir === undefined || runId === undefined) throw new Error(`${JOURNAL} names no journal`);
      let seen = 0;
      return Promise.resolve({
        prepare: settle,
        round: async () => {
          const state = initialState();
          const read = await readRun(stateDir, runId, { onEvent: (event) => apply(state, event) });
          if (!read.ok) throw new Error(read.problem.message);
          seen = read.value.seq;
          return seen;
        },
        detail: () => ({ events: seen }),
      });
    },
  },
  async run(note) {
    const rounds = { warmUps: 0, rounds: 1 };
    const found = await compare("memory", ["run"], rounds);
    const folder = await StateFolder.make();
    const written = await writeJournal(folder);
    process.env[JOURNAL] = `${folder.path}\n${written.runId}`;
    const folded = await compare("memory", ["fold"], rounds).finally(() => folder.remove());
    const [one, all] = [found.run.samples[0], folded.fold.samples[0]];
    if (one === undefined || all === undefined) throw new Error("nothing was measured");
    note(
      `memory: the journal has ${mebibytes(written.bytes)}; reading, checking and folding it takes ` +
        `${short((all.wall * (all.detail["events"] ?? 0)) / 1e6)} s (${short(all.cpu)} µs of processor an event).`,
    );
    return [
      row(`resident memory of a run of ${NODES} nodes`, one),
      row(`resident memory of folding a journal of ${all.detail["events"]} events`, all),
    ];
  },
};

function row(what: string, sample: Sample): Row {
  const more = Math.max(0, sample.residentPeak - sample.residentBefore);
  return {
    what,
    ours: `${mebibytes(sample.residentPeak)} at most, ${mebibytes(more)} more than before`,
    peer: null,
    ratio: null,
    target: null,
    met: null,
  };
}
