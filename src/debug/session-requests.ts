/** Requests about a session that is there: going on, looking, and looking back. Each answers at once. */
import type { Looking } from "./looking.ts";
import { problems } from "./problems.ts";
import { count, pathOf, Refused, whole, type Arguments, type Body } from "./requests.ts";

type Answer = (looking: Looking, args: Arguments) => Body;

/** An answer without a body. */
const done =
  (act: (looking: Looking, args: Arguments) => void): Answer =>
  (looking, args) => {
    act(looking, args);
    return undefined;
  };

/** By command. */
export const sessionRequests: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  [
    "continue",
    ({ session }) => {
      session.resume();
      return { allThreadsContinued: true };
    },
  ],
  ["next", done((looking, args) => looking.session.stepOver(looking.frameOfThread(args, "next")))],
  ["stepIn", done(({ session }) => session.stepIn())],
  ["stepOut", done((looking, args) => looking.session.stepOut(looking.frameOfThread(args, "stepOut")))],
  ["stepBack", done(({ session }) => session.stepBack())],
  ["reverseContinue", done(({ session }) => session.reverse())],
  ["pause", done(({ session }) => session.pause())],
  ["restartFrame", done(restartFrame)],
  ["stackTrace", (looking, args) => looking.stackTrace(args)],
  ["scopes", (looking, args) => looking.scopes(args)],
  ["variables", (looking, args) => looking.members(args)],
  ["setVariable", (looking, args) => looking.setVariable(args)],
  ["evaluate", (looking, args) => looking.evaluate(args)],
  ["breakpointLocations", breakpointLocations],
  ["gotoTargets", (looking, args) => looking.gotoTargets(args)],
  ["goto", done((looking, args) => looking.goTo(args))],
  ["countersign/timeline", ({ session }) => timeline(session)],
  ["countersign/lookAt", done(lookAt)],
]);

function restartFrame(looking: Looking, args: Arguments): void {
  const { frame, node } = looking.step(args, "restartFrame");
  if (node === null || !looking.session.restartFrom(frame.frame, node))
    throw new Refused(problems.neverEntered(node ?? ""));
}

function lookAt({ session }: Looking, args: Arguments): void {
  const seq = whole(args, "seq", "countersign/lookAt");
  if (session.stopped === null) throw new Refused(problems.running());
  session.lookAtSeq(seq);
}

function breakpointLocations({ launched }: Looking, args: Arguments): Body {
  const from = whole(args, "line", "breakpointLocations");
  const to = count(args, "endLine", from);
  const found = launched.breakables(pathOf(args, "breakpointLocations"), from - 1, to - 1);
  return { breakpoints: found.map(({ at }) => ({ line: at.line + 1, column: at.column + 1 })) };
}

/** Every place at which the run can be looked at. */
function timeline({ history, seq }: Looking["session"]): Body {
  return {
    ...{ tip: history.tip, seq },
    entries: history.entries.map(({ act, enteredSeq }) => ({ ...act, seq: enteredSeq })),
  };
}
