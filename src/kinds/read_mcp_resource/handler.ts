import type { z } from "zod";
import { perform, type Handler } from "../../effects/handler.ts";
import { object } from "../../graph/value.ts";
import { fails, required } from "../inputs.ts";
import { nodeServer } from "../mcp.ts";
import { resultMember, resultText } from "../results.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** Effect `mcp.resource`; its result is `{server, uri, contents}` (spec/workflow.md §4.3, §11). */
export const handler: Handler = function* (context) {
  const fields = context.node.fields as Fields;
  const server = nodeServer(context, fields.server);
  const uri = required(context, fields.resource_from, "resource_from");
  if (typeof uri !== "string")
    return fails(context, `resource_from \`${fields.resource_from}\` must resolve to a string`);
  const read = yield* perform({ kind: "mcp.resource", server, uri });
  if (read === undefined) return { outcome: "continue", output: object({ uri, server, dry_run: true }), partial: true };
  const output = object({ uri, server: resultText(read, "server"), contents: resultMember(read, "contents") });
  return { outcome: "continue", output };
};
