/** Where names stand in the act of a skill (spec/skill-graph.md §3.4): its steps, inputs and outputs. */
import { actInputKeys } from "../../src/graph/act.ts";
import type { Rule, Rules } from "./rules.ts";
import { symbolOf } from "./sink.ts";

const actStep: Rule = (match) => match.sink.scalar(match, "reference", (name) => symbolOf("node", name, match.around));

/** `X_from` of an act: an input of the skill. */
const actInput: Rule = (match) =>
  match.sink.scalar(match, "reference", (name) => symbolOf("input", name, match.around));

/** What holds the reason: an output of `reason_step`, or of the skill itself. */
const actReason: Rule = (match) => {
  const owner = match.beside(1, "reason_step");
  match.sink.scalar(match, "reference", (name) => symbolOf("output", name, { ...match.around, owner }));
};

/** The names in an act (spec/skill-graph.md §3.4), which may stand flat or under `source`. */
export const actRules: Rules = Object.fromEntries(
  ["act", "source.act"].flatMap((act): (readonly [string, Rule])[] => [
    [`${act}.reason_step`, actStep],
    [`${act}.effect_step`, actStep],
    [`${act}.reason_from`, actReason],
    ...actInputKeys.map((key) => [`${act}.${key}`, actInput] as const),
  ]),
);
