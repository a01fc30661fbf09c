/** Runs in the making for tests: steps as a runner would say them. */
import fc from "fast-check";
import type { RunStep } from "../../src/protocol/run.ts";

type Unnumbered = RunStep extends infer S ? (S extends RunStep ? Omit<S, "seq" | "at"> : never) : never;

/** Steps in their order, a millisecond apart. */
export function numbered(steps: readonly Unnumbered[]): RunStep[] {
  return steps.map((step, i) => ({ seq: i, at: i, ...step }));
}

const entered = (node: string, visit: number): Unnumbered => ({
  ...{ type: "entered", act: `${node}#${visit}`, node, name: node, visit },
  ...{ depth: 0, edges: [`edge:${node}`], assumed: false },
});
const ended = (node: string, visit: number, outcome: "done" | "failed" | "skipped"): Unnumbered => ({
  ...{ type: "ended", act: `${node}#${visit}`, node, outcome, label: null },
  ...{ message: outcome === "failed" ? "no" : null, preview: "{}", assumed: false },
});

/** One node, entered and ended so many times; two steps each. */
export function manyVisits(visits: number): RunStep[] {
  return numbered(Array.from({ length: visits }, (_, i) => [entered("a", i + 1), ended("a", i + 1, "done")]).flat());
}

const happenings = ["enter", "end", "fail", "retry", "ask", "answer", "decide", "child"] as const;

/** A run whose nodes begin, wait and end in any order, finished or not. */
export const randomRun: fc.Arbitrary<RunStep[]> = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...happenings), fc.constantFrom("a", "b", "c/d")), { maxLength: 300 }),
    fc.boolean(),
    fc.constantFrom("no" as const, "reads" as const),
  )
  .map(([list, finished, dry]) => {
    const steps: Unnumbered[] = [{ type: "started", start: null, environment: "dev", dry, began: 1_000 }];
    const visits = new Map<string, number>();
    const open = new Set<string>();
    const asked: string[] = [];
    for (const [what, node] of list) {
      const visit = visits.get(node) ?? 0;
      const about = { act: `${node}#${visit}`, node };
      if (what === "enter" && !open.has(node)) {
        visits.set(node, visit + 1);
        open.add(node);
        steps.push(entered(node, visit + 1));
      } else if (what === "answer") {
        const id = asked.pop();
        if (id !== undefined) steps.push({ type: "answered", id, approved: true });
      } else if (open.has(node)) {
        switch (what) {
          case "end":
          case "fail":
            open.delete(node);
            steps.push(ended(node, visit, what === "end" ? "done" : "failed"));
            break;
          case "retry":
            steps.push({ type: "retrying", ...about, attempt: 2, inMs: 5, message: "again" });
            break;
          case "ask":
            asked.push(`${node}.${steps.length}`);
            steps.push({ type: "asked", ...about, id: `${node}.${steps.length}`, subject: "pause", reason: null });
            break;
          case "decide": {
            const decision = { decision: "Allow", code: "ok", reason: "", live: null } as const;
            steps.push({ type: "decided", ...about, what: "fs.read", decision });
            break;
          }
          case "child":
            steps.push({ type: "child", ...about, opened: true });
            break;
          default:
            break;
        }
      }
    }
    const end = { reason: null, last: null, waitsFor: [], assumed: [], wouldPause: [], preview: "" };
    if (finished) steps.push({ type: "finished", status: "paused", ...end });
    return numbered(steps);
  });
