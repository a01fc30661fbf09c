/** All diagnostic codes with what they mean, for `[diagnostics]` and ignore comments. */
import { configFileCodes } from "../../src/config/codes.ts";
import { pipelineCodes } from "../../src/dialects/pipeline/codes.ts";
import { skillCodes } from "../../src/dialects/skill/codes.ts";
import { workflowCodes } from "../../src/dialects/workflow/codes.ts";
import { fixtureCodes } from "../../src/fixtures/codes.ts";
import { policyCodes } from "../../src/governance/static/codes.ts";
import { graphCodes } from "../../src/graph/codes.ts";
import type { Severity } from "../../src/graph/diagnostic.ts";
import { ignoreCodes } from "../../src/graph/ignores.ts";

/** What is known of a code. */
export interface CodeDocs {
  readonly severity: Severity;
  readonly text: string;
  /** Markdown; empty when the sentence says all. */
  readonly docs: string;
}

type Table = Readonly<Record<string, { readonly severity?: Severity; readonly text: string; readonly docs?: string }>>;

const tables: readonly Table[] = [
  graphCodes,
  ignoreCodes,
  policyCodes,
  workflowCodes,
  skillCodes,
  pipelineCodes,
  fixtureCodes,
  configFileCodes,
];

/** Every code, in the order of the reference page. */
export const codes: ReadonlyMap<string, CodeDocs> = new Map(
  tables.flatMap((table) =>
    Object.entries(table).map(
      ([code, { severity, text, docs }]) => [code, { severity: severity ?? "error", text, docs: docs ?? "" }] as const,
    ),
  ),
);

/** Their severities. */
export const codeSeverities: ReadonlyMap<string, Severity> = new Map(
  [...codes].map(([code, { severity }]) => [code, severity]),
);
