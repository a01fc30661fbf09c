/** One kill and what must hold after it; shared by the tests and the soak. */
import { mkdir } from "node:fs/promises";
import { Case, doubtsIn, runProgram, startedAgain, undeclared, type Ended } from "./kills.ts";
import type { Recorder } from "./recorder.ts";
import type { ReferenceName } from "./references.ts";

/** Where a reference is run and what it comes to when nothing disturbs it. */
export interface Bench {
  readonly root: string;
  readonly program: string;
  readonly recorder: Recorder;
  readonly reference: ReferenceName;
  /** Kill points until the first pause or the end. */
  readonly points: number;
  readonly expected: string;
}

/** Runs a reference undisturbed, in a process that counts. */
export async function measure(given: Omit<Bench, "points" | "expected">): Promise<Bench> {
  await mkdir(given.root, { recursive: true });
  const one = new Case(given.root, `${given.reference}-whole`, given.recorder);
  await one.prepare(given.reference);
  const ended = await runProgram(given.program, one.order(0));
  if (ended.killed) throw new Error("the undisturbed run was killed");
  const outcome = await one.finish();
  if (outcome.status !== "completed") throw new Error(`the undisturbed run ${JSON.stringify(ended.report)}`);
  const wrong = undeclared(one.declared, await one.seen(), await one.events(), 0, true);
  if (wrong !== null) throw new Error(`the undisturbed run: ${wrong}`);
  const expected = await one.result(outcome);
  await one.remove();
  return { ...given, points: ended.report.points, expected };
}

/** What one killed run showed. */
export interface Survival {
  /** What went wrong; null when everything held. */
  readonly wrong: string | null;
  readonly doubts: number;
}

/**
 * Kills a run at point `at`, optionally kills its resume at point `again` too, resumes it to the end, and checks:
 * everything kept before is still there, nothing was repeated beyond what is declared, and the outcome is the same.
 */
export async function survive(
  bench: Bench,
  at: number,
  doubts: "approve" | "deny",
  again: number | null = null,
): Promise<Survival> {
  const name = `${bench.reference}-${at}-${doubts}${again === null ? "" : `-${again}`}`;
  const one = new Case(bench.root, name, bench.recorder);
  await one.prepare(bench.reference);
  const held = (wrong: string | null, count = 0): Survival => ({
    wrong: wrong === null ? null : `${name}: ${wrong}`,
    doubts: count,
  });
  let kills = 0;
  const first = await runProgram(bench.program, one.order(at));
  if (first.killed) kills++;
  let before = await one.events();
  if (again !== null && before.length > 0) {
    const second = await runProgram(bench.program, one.order(again, "resume")).catch((problem: Error): Ended => {
      // A run that has ended already cannot be resumed; its journal tells.
      if (problem.message.includes("journal.finished")) return { killed: true };
      throw problem;
    });
    if (second.killed) kills++;
    const between = await one.events();
    const lost = lostOf(before, between);
    if (lost !== null) return held(lost);
    before = between;
  }
  const outcome = await one.finish(doubts);
  const events = await one.events();
  const count = doubtsIn(events);
  const lost = lostOf(before, events) ?? startedAgain(events);
  if (lost !== null) return held(lost, count);
  const denied = doubts === "deny" && count > 0;
  const wrong = undeclared(one.declared, await one.seen(), events, kills, !denied);
  if (wrong !== null) return held(wrong, count);
  for (const key of ["keyed", "put-left", "put-right"])
    if (one.keysOf(key).size > 1) return held(`${key} was sent with several idempotency keys`, count);
  if (!denied) {
    const result = await one.result(outcome);
    if (result !== bench.expected) return held(`came to ${result}\ninstead of ${bench.expected}`, count);
  }
  await one.remove();
  return held(null, count);
}

/** The first event that was there before and is not there any more. */
function lostOf(before: readonly { seq: number; type: string }[], after: readonly { type: string }[]): string | null {
  const lost = before.find((event, i) => after[i]?.type !== event.type);
  return lost === undefined ? null : `event ${lost.seq} (${lost.type}) is lost`;
}
