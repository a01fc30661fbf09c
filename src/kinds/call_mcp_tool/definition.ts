import { z } from "zod";
import { defineKind, optionalReference, plainOr, shape, text } from "../define.ts";

export const definition = defineKind({
  kind: "call_mcp_tool",
  dialects: ["workflow"],
  group: "action",
  summary: "Call a tool of an MCP server",
  docs: `Calls \`tool\` with the value at \`args_from\` as its arguments (null when left out or missing). \`server\` may be left out when
exactly one server is configured. \`structured\` is the tool's structured content or null.

A tool that reports an error leads to the edge \`when = "error"\`.

Errors: no server configured: class \`capability\`; an unknown or ambiguous server: class \`workflow\`; a protocol error or a
lost server: class \`mcp\`; a tool that is not on the server's allow list: class \`policy\`.

Dry run: \`{tool, server, dry_run: true}\`; no server is started.`,
  fields: z.strictObject({
    tool: text("Name of the tool, literally."),
    args_from: optionalReference("Where the arguments stand in the context; a miss counts as null.").optional(),
    server: text("Name of the server; may be left out when there is only one.").optional(),
  }),
  effect: "mutate",
  ports: plainOr("error"),
  output: () =>
    shape.object({
      tool: shape.string,
      server: shape.string,
      content: shape.array(shape.object({ type: shape.string }, true)),
      is_error: shape.boolean,
      structured: shape.any,
      dry_run: shape.dryRun,
    }),
  literalEffects: (fields, node) => [
    {
      family: "mcp.tool",
      target: fields.tool,
      server: fields.server ?? null,
      at: { path: [...node.at, "tool"], part: "value" },
    },
  ],
  example: `[[nodes]]
id = "post_comment"
type = "call_mcp_tool"
tool = "comment_on_page"
args_from = "classify.parsed"`,
});
