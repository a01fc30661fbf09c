/** Tools for language models, as VS Code's agents see them (docs/extension.md). None of them can approve anything. */
import type { ManifestPart } from "../manifest-part.ts";

const file = {
  type: "string",
  description:
    "Path of the graph document, relative to the workspace folder, such as `release-gate/release-gate.toml`.",
};

/** Names of the tools. */
export const toolNames = {
  validate: "countersign_validate",
  describe: "countersign_describe",
  dryRun: "countersign_dry_run",
  explain: "countersign_explain_run",
} as const;

const object = (properties: object, required: readonly string[] = []): object => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

const tool = (
  name: string,
  reference: string,
  displayName: string,
  userDescription: string,
  modelDescription: string,
  inputSchema: object,
): object => ({
  ...{ name, displayName, userDescription, modelDescription, inputSchema },
  toolReferenceName: reference,
  canBeReferencedInPrompt: true,
  icon: "$(type-hierarchy)",
  tags: ["countersign", "workflow"],
});

const limits =
  "Answers with JSON of names, types, lengths, branches and decisions; never with values of files, the environment or the run.";

/** See the header. */
export const modelToolsPart: ManifestPart = {
  languageModelTools: [
    tool(
      toolNames.validate,
      "countersignValidate",
      "Validate a Graph",
      "Checks a graph document as it stands in the editor.",
      "Checks a Countersign graph document (workflow TOML, skill graph YAML, spec.kv) as it stands in the editor, also unsaved, and lists every finding with its stable code, message, line and column. Use it after each change of such a document.",
      object({ file }, ["file"]),
    ),
    tool(
      toolNames.describe,
      "countersignDescribe",
      "Describe a Graph",
      "Tells the nodes of a graph and the decision that each effect would get.",
      `Tells what a Countersign graph document would do without doing it: starts, nodes, and every effect that can be reached with the policy decision it would get. ${limits}`,
      object(
        {
          file,
          environment: {
            type: "string",
            enum: ["dev", "staging", "prod"],
            description: "The environment whose decisions are told; default: as configured.",
          },
        },
        ["file"],
      ),
    ),
    tool(
      toolNames.dryRun,
      "countersignDryRun",
      "Dry-Run a Graph",
      "Walks through a graph without performing or reading anything.",
      `Walks through a Countersign graph document without performing or reading anything and tells the path, branches, errors, decisions and questions to people. Unknown conditions are assumed to be false unless the input says otherwise. ${limits} It runs nothing for real and approves nothing.`,
      object(
        {
          file,
          start: { type: "string", description: "The start to enter at; default: the document's only one." },
          input: { type: "string", description: "The payload as JSON text; for a spec.kv the text of its record." },
          fixture: { type: "string", description: "Path of a fixture.toml that gives the payload and the answers." },
          assume: {
            type: "object",
            additionalProperties: { type: "string" },
            description: 'Branches of unknown conditions by node, such as { "tests_passed": "true" }; default "false".',
          },
        },
        ["file"],
      ),
    ),
    tool(
      toolNames.explain,
      "countersignExplainRun",
      "Explain a Run",
      "Tells where a run went and why, without its values.",
      `Tells where a past run of a Countersign graph went: visits, branches, error classes, policy decisions, approvals. ${limits}`,
      object({ run: { type: "string", description: "The run's id; default: the latest run of the workspace." } }),
    ),
  ],
};
