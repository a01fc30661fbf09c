/** How the tests answer what a run asks. */
import type { RunState } from "../../src/engine/state.ts";
import type { Answer } from "../../src/runtime/execute.ts";

/** Says yes to everything. */
export const approveAll = (state: RunState): Promise<readonly Answer[]> => Promise.resolve(answersOf(state, true));

/** Says yes to pauses and approvals, and does not let an effect in doubt be repeated. */
export const denyDoubts = (state: RunState): Promise<readonly Answer[]> => Promise.resolve(answersOf(state, false));

function answersOf(state: RunState, repeat: boolean): Answer[] {
  return [...state.asked].map(([id, { request }]) => {
    const approved = request.subject !== "doubt" || repeat;
    return { id, approved, reason: null, answer: approved };
  });
}
