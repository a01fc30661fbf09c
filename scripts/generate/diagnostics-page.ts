/** The reference page of diagnostics: every table of codes, in the order in which an author meets them. */
import { serverCodes } from "../../language/codes.ts";
import { configFileCodes, configStartCodes } from "../../src/config/codes.ts";
import { pipelineCodes } from "../../src/dialects/pipeline/codes.ts";
import { skillCodes } from "../../src/dialects/skill/codes.ts";
import { workflowCodes } from "../../src/dialects/workflow/codes.ts";
import { fixtureCodes } from "../../src/fixtures/codes.ts";
import { policyCodes } from "../../src/governance/static/codes.ts";
import { diagnosticsPage } from "../../src/graph/codes.ts";
import type { Severity } from "../../src/graph/diagnostic.ts";
import { ignoreCodes } from "../../src/graph/ignores.ts";
import { fileCodes } from "../../src/runtime/codes.ts";

/** The page's text. */
export function diagnosticsReference(): string {
  const skill: Record<string, { readonly severity: Severity; readonly text: string }> = {};
  for (const [code, { text }] of Object.entries(skillCodes)) skill[code] = { severity: "error", text };
  return diagnosticsPage([
    { title: "Comments", codes: ignoreCodes },
    { title: "Policies", codes: policyCodes },
    { title: "Workflows", codes: workflowCodes },
    { title: "Skill graphs", codes: skill },
    { title: "Pipelines", codes: pipelineCodes },
    { title: "Tests", codes: fixtureCodes },
    { title: "countersign.toml", codes: configFileCodes },
    { title: "The language server", codes: serverCodes },
    { title: "The command line", codes: { ...fileCodes, ...configStartCodes } },
  ]);
}
