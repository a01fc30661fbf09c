/**
 * A process that owns a run, for tests: `hold DIR RUN` creates it and waits, `write DIR RUN` appends and syncs for
 * ever and prints each durable seq, `take DIR RUN` takes it over when told on stdin. Ends when stdin closes.
 */
import { createRun } from "../../../src/connect/journal/create.ts";
import { takeOverRun } from "../../../src/connect/journal/takeover.ts";
import { ended, good, started } from "./world.ts";

const [mode = "", dir = "", runId = ""] = process.argv.slice(2);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Resolves with the next thing said to us. */
function told(): Promise<void> {
  return new Promise((resolve) => process.stdin.once("data", () => resolve()));
}

process.stdin.on("end", () => process.exit(0));
process.stdin.resume();

if (mode === "take") {
  say("ready");
  await told();
  const taken = await takeOverRun(dir, runId, Date.now());
  say(taken.ok ? `epoch ${taken.value.journal.epoch}` : `${taken.problem.code} ${taken.problem.message}`);
} else {
  const journal = good(await createRun(dir, runId, []));
  journal.append({ ...started, runId }, Date.now());
  if ((await journal.sync()) !== null) throw new Error("the start was not durable");
  say("ready");
  for (let n = 0n; mode === "write"; n++) {
    journal.append(ended(n % 7n === 0n ? "x".repeat(70_000) : n), Date.now());
    if (n % 3n !== 0n) continue;
    if ((await journal.sync()) !== null) throw new Error("a sync failed");
    say(`durable ${journal.seq}`);
  }
}
