// Written by scripts/generate.ts from the folders beside it; do not edit.
import type { Handler } from "../effects/handler.ts";
import { handler as agentLoopHandler } from "./agent_loop/handler.ts";
import { handler as agentTaskHandler } from "./agent_task/handler.ts";
import { handler as approvalHandler } from "./approval/handler.ts";
import { handler as callHandler } from "./call/handler.ts";
import { handler as callMcpToolHandler } from "./call_mcp_tool/handler.ts";
import { handler as cliToolHandler } from "./cli_tool/handler.ts";
import { handler as conditionHandler } from "./condition/handler.ts";
import { handler as createDirHandler } from "./create_dir/handler.ts";
import { handler as diffComputeHandler } from "./diff_compute/handler.ts";
import { handler as failHandler } from "./fail/handler.ts";
import { handler as httpHandler } from "./http/handler.ts";
import { handler as httpRequestHandler } from "./http_request/handler.ts";
import { handler as jsonSelectHandler } from "./json_select/handler.ts";
import { handler as llmInferHandler } from "./llm_infer/handler.ts";
import { handler as mapHandler } from "./map/handler.ts";
import { handler as mergeHandler } from "./merge/handler.ts";
import { handler as parallelHandler } from "./parallel/handler.ts";
import { handler as parseJsonHandler } from "./parse_json/handler.ts";
import { handler as pauseForApprovalHandler } from "./pause_for_approval/handler.ts";
import { handler as readEnvHandler } from "./read_env/handler.ts";
import { handler as readFileHandler } from "./read_file/handler.ts";
import { handler as readMcpResourceHandler } from "./read_mcp_resource/handler.ts";
import { handler as respondHandler } from "./respond/handler.ts";
import { handler as shellRunHandler } from "./shell_run/handler.ts";
import { handler as skillHandler } from "./skill/handler.ts";
import { handler as stageHandler } from "./stage/handler.ts";
import { handler as switchHandler } from "./switch/handler.ts";
import { handler as templateRenderHandler } from "./template_render/handler.ts";
import { handler as terminateHandler } from "./terminate/handler.ts";
import { handler as toolHandler } from "./tool/handler.ts";
import { handler as unsupportedHandler } from "./unsupported/handler.ts";
import { handler as writeFileHandler } from "./write_file/handler.ts";

/** The behaviour of every kind, by its name. */
export const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["agent_loop", agentLoopHandler],
  ["agent-task", agentTaskHandler],
  ["approval", approvalHandler],
  ["call", callHandler],
  ["call_mcp_tool", callMcpToolHandler],
  ["cli-tool", cliToolHandler],
  ["condition", conditionHandler],
  ["create_dir", createDirHandler],
  ["diff_compute", diffComputeHandler],
  ["fail", failHandler],
  ["http", httpHandler],
  ["http_request", httpRequestHandler],
  ["json_select", jsonSelectHandler],
  ["llm_infer", llmInferHandler],
  ["map", mapHandler],
  ["merge", mergeHandler],
  ["parallel", parallelHandler],
  ["parse_json", parseJsonHandler],
  ["pause_for_approval", pauseForApprovalHandler],
  ["read_env", readEnvHandler],
  ["read_file", readFileHandler],
  ["read_mcp_resource", readMcpResourceHandler],
  ["respond", respondHandler],
  ["shell_run", shellRunHandler],
  ["skill", skillHandler],
  ["stage", stageHandler],
  ["switch", switchHandler],
  ["template_render", templateRenderHandler],
  ["terminate", terminateHandler],
  ["tool", toolHandler],
  ["unsupported", unsupportedHandler],
  ["write_file", writeFileHandler],
]);
