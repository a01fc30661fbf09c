/** The walk rules of each dialect. */
import type { Dialect } from "../graph/model.ts";
import type { WalkRules } from "./document.ts";
import { rules as pipeline } from "./pipeline/walk.ts";
import { rules as skill } from "./skill/walk.ts";
import { rules as workflow } from "./workflow/walk.ts";

const byDialect: Readonly<Record<Dialect, WalkRules>> = { workflow, skill, pipeline };

/** How graphs of a dialect are walked. */
export function rulesFor(dialect: Dialect): WalkRules {
  return byDialect[dialect];
}
