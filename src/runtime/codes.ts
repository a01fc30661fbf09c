/** The codes of what only the command line says: of files that are no text, or no document of ours; and all of documents. */
import { configFileCodes } from "../config/codes.ts";
import { pipelineCodes } from "../dialects/pipeline/codes.ts";
import { skillCodes } from "../dialects/skill/codes.ts";
import { workflowCodes } from "../dialects/workflow/codes.ts";
import { fixtureCodes } from "../fixtures/codes.ts";
import { policyCodes } from "../governance/static/codes.ts";
import { graphCodes } from "../graph/codes.ts";
import type { Severity } from "../graph/diagnostic.ts";
import { ignoreCodes } from "../graph/ignores.ts";

/** What is known of a code. */
export interface FileCode {
  readonly severity: Severity;
  readonly text: string;
}

/** Every code. */
export const fileCodes = {
  cannot_read: { severity: "error", text: "The file does not exist or cannot be read." },
  not_utf8: { severity: "error", text: "The file is not UTF-8 text; the place is that of the first other byte." },
  not_a_graph: { severity: "error", text: "The file is a test of a graph, and a graph was asked for." },
} as const satisfies Readonly<Record<string, FileCode>>;

type Table = Readonly<Record<string, { readonly severity?: Severity; readonly text: string }>>;

const dialects: readonly Table[] = [workflowCodes, skillCodes, pipelineCodes];
const tables: readonly Table[] = [graphCodes, ignoreCodes, policyCodes, ...dialects, fixtureCodes, configFileCodes];

/** Every code that a document can have, with its severity. */
export const documentCodes: ReadonlyMap<string, Severity> = new Map(
  tables.flatMap((table) => Object.entries(table).map(([code, { severity = "error" }]) => [code, severity] as const)),
);
