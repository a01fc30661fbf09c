import type { z } from "zod";
import { perform, type Handler } from "../../effects/handler.ts";
import { object, type Value } from "../../graph/value.ts";
import { optionalOrUnknown } from "../inputs.ts";
import { nodeServer } from "../mcp.ts";
import { resultFlag, resultMember, resultText } from "../results.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** Effect `mcp.tool`; its result is `{server, content, is_error, structured}` (spec/workflow.md §11). */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  const { tool } = fields;
  const server = nodeServer(context, fields.server);
  const args = optionalOrUnknown(context, fields.args_from) ?? null;
  const called = yield* perform({ kind: "mcp.tool", server, tool, args });
  if (called === undefined) {
    return { outcome: "continue", output: object({ tool, server, dry_run: true }), partial: true };
  }
  const output = toolOutput(tool, called);
  return { outcome: "continue", output, ...(resultFlag(called, "is_error") ? { label: "error" } : {}) };
};

/** `{tool, server, content, is_error, structured}`. */
export function toolOutput(tool: string, called: Value): Value {
  return object({
    tool,
    server: resultText(called, "server"),
    content: resultMember(called, "content"),
    is_error: resultFlag(called, "is_error"),
    structured: resultMember(called, "structured"),
  });
}
