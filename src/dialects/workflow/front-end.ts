/**
 * The workflow dialect's front end: TOML text -> Graph, the reference's checks, and ranges of places
 * (spec/workflow.md §2, §3; spec/editor.md §4).
 *
 * Boundary: pure.
 */
import type { AnyKind } from "../../kinds/define.ts";
import type { DialectFrontEnd, ParsedDocument } from "../document.ts";
import { workflowCodes } from "./codes.ts";
import { tomlLocator } from "./locator.ts";
import { NodeReader } from "./nodes.ts";
import { readDocument } from "./read.ts";
import { readToml } from "./toml.ts";
import { validateWorkflow } from "./validate.ts";

/** What the front end needs: the kinds a node may have; those of other dialects are passed over. */
export interface WorkflowFrontEndOptions {
  readonly kinds: readonly AnyKind[];
}

/** Makes the front end. */
export function createWorkflowFrontEnd(options: WorkflowFrontEndOptions): DialectFrontEnd {
  const nodes = new NodeReader(options.kinds);
  return {
    dialect: "workflow",
    parse: (text, file) => parseWorkflow(text, file, nodes),
    validate: validateWorkflow,
    locator: tomlLocator,
  };
}

function parseWorkflow(text: string, file: string, nodes: NodeReader): ParsedDocument {
  const read = readToml(text);
  if (read.ok) return readDocument(read.table, file, nodes);
  const { severity } = workflowCodes.toml_syntax;
  const diagnostic = { code: "toml_syntax", severity, message: read.message, file, at: read.range };
  return { graph: null, diagnostics: [diagnostic] };
}
