/** All cases, in the order in which they run: the first ones see a window in which nothing of ours has been asked for. */
import type { Case } from "./case.ts";
import { activationCases } from "./activation.ts";
import { debuggingCases } from "./debugging.ts";
import { languageCases } from "./language.ts";
import { manifestCases } from "./manifest.ts";
import { modelToolCases } from "./model-tools.ts";

export const cases: readonly Case[] = [
  ...activationCases,
  ...languageCases,
  ...manifestCases,
  ...modelToolCases,
  ...debuggingCases,
];
