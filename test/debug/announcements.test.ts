import { expect, test } from "vitest";
import { endText } from "../../src/debug/announcements.ts";
import type { Outcome } from "../../src/effects/events.ts";

/** The sentence about a run that came out like this. */
function said(outcome: Outcome, interrupted = false): string {
  return endText({ ok: true, outcome, interrupted }).text;
}

test("the end of a run is one sentence, however it came", () => {
  const stopped = "the run was stopped before it ended";
  const cut = { status: "failed", reason: stopped, lastNode: "a", error: { class: "cancelled", message: stopped } };
  expect(said(cut as Outcome, true)).toBe(stopped);
  const cancelled = "cancelled by the debugger: enough";
  expect(
    said({ status: "failed", reason: cancelled, lastNode: "a", error: { class: "cancelled", message: cancelled } }),
  ).toBe("the run was cancelled by the debugger: enough");
  expect(said({ status: "timed_out", elapsedMs: 5, lastNode: null })).toBe("the run timed out");
  expect(said({ status: "failed", reason: "no", lastNode: null })).toBe("the run failed: no");
});

test("the end of a dry run says what was assumed and where a live run would have waited", () => {
  const assumed = ["a", "b", "c", "d", "e", "f"];
  expect(said({ status: "completed", finalValue: null, lastNode: null, assumed, wouldPause: ["ask", "ask"] })).toBe(
    "the run completed; branches were assumed at a, b, c, d, e and 1 more; a live run would have waited for an answer at ask",
  );
});
