// Written by scripts/generate.ts from the folders beside it; do not edit.
import type { KindTable } from "../graph/model.ts";
import type { AnyKind } from "./define.ts";
import { definition as agentLoopKind } from "./agent_loop/definition.ts";
import { definition as agentTaskKind } from "./agent_task/definition.ts";
import { definition as approvalKind } from "./approval/definition.ts";
import { definition as callKind } from "./call/definition.ts";
import { definition as callMcpToolKind } from "./call_mcp_tool/definition.ts";
import { definition as cliToolKind } from "./cli_tool/definition.ts";
import { definition as conditionKind } from "./condition/definition.ts";
import { definition as createDirKind } from "./create_dir/definition.ts";
import { definition as diffComputeKind } from "./diff_compute/definition.ts";
import { definition as failKind } from "./fail/definition.ts";
import { definition as httpKind } from "./http/definition.ts";
import { definition as httpRequestKind } from "./http_request/definition.ts";
import { definition as jsonSelectKind } from "./json_select/definition.ts";
import { definition as llmInferKind } from "./llm_infer/definition.ts";
import { definition as mapKind } from "./map/definition.ts";
import { definition as mergeKind } from "./merge/definition.ts";
import { definition as parallelKind } from "./parallel/definition.ts";
import { definition as parseJsonKind } from "./parse_json/definition.ts";
import { definition as pauseForApprovalKind } from "./pause_for_approval/definition.ts";
import { definition as readEnvKind } from "./read_env/definition.ts";
import { definition as readFileKind } from "./read_file/definition.ts";
import { definition as readMcpResourceKind } from "./read_mcp_resource/definition.ts";
import { definition as respondKind } from "./respond/definition.ts";
import { definition as shellRunKind } from "./shell_run/definition.ts";
import { definition as skillKind } from "./skill/definition.ts";
import { definition as stageKind } from "./stage/definition.ts";
import { definition as switchKind } from "./switch/definition.ts";
import { definition as templateRenderKind } from "./template_render/definition.ts";
import { definition as terminateKind } from "./terminate/definition.ts";
import { definition as toolKind } from "./tool/definition.ts";
import { definition as unsupportedKind } from "./unsupported/definition.ts";
import { definition as writeFileKind } from "./write_file/definition.ts";

/** Every kind of every dialect, sorted by folder. */
export const definitions: readonly AnyKind[] = [
  agentLoopKind,
  agentTaskKind,
  approvalKind,
  callKind,
  callMcpToolKind,
  cliToolKind,
  conditionKind,
  createDirKind,
  diffComputeKind,
  failKind,
  httpKind,
  httpRequestKind,
  jsonSelectKind,
  llmInferKind,
  mapKind,
  mergeKind,
  parallelKind,
  parseJsonKind,
  pauseForApprovalKind,
  readEnvKind,
  readFileKind,
  readMcpResourceKind,
  respondKind,
  shellRunKind,
  skillKind,
  stageKind,
  switchKind,
  templateRenderKind,
  terminateKind,
  toolKind,
  unsupportedKind,
  writeFileKind,
];

const byName: ReadonlyMap<string, AnyKind> = new Map(definitions.map((one) => [one.kind, one]));

/** The definition of a kind; undefined for a kind that does not exist. */
export function kindDefinition(kind: string): AnyKind | undefined {
  return byName.get(kind);
}

/** What checks need to know of a kind. */
export const kindTable: KindTable = (kind) => byName.get(kind)?.facts;
