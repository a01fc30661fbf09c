/** The walk rules of each dialect. */
import type { Dialect } from "../graph/model.ts";
import type { WalkRules } from "./document.ts";
import { rules as workflow } from "./workflow/walk.ts";

/** How graphs of a dialect are walked. */
export function rulesFor(dialect: Dialect): WalkRules {
  return { workflow, skill: workflow, pipeline: workflow }[dialect];
}
