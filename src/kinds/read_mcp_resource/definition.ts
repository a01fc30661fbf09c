import { z } from "zod";
import { defineKind, plain, reference, shape, text } from "../define.ts";

export const definition = defineKind({
  kind: "read_mcp_resource",
  dialects: ["workflow"],
  group: "input",
  summary: "Read a resource of an MCP server",
  docs: `Reads the resource whose URI stands at \`resource_from\`. \`server\` may be left out when exactly one server is configured.
\`contents\` is what the server gave, usually one entry with \`uri\` and \`text\` or \`blob\`.

Errors: no server configured: class \`capability\`; an unknown or ambiguous server: class \`workflow\`; a URI that is not in the
context or is not a string: class \`tool\`; a protocol error or a lost server: class \`mcp\`; a URI that is not on the server's
allow list: class \`policy\`.

Dry run: \`{uri, server, dry_run: true}\`; no server is started.`,
  fields: z.strictObject({
    resource_from: reference("Where the URI stands in the context; must be a string."),
    server: text("Name of the server; may be left out when there is only one.").optional(),
  }),
  effect: "read",
  ports: plain,
  output: () =>
    shape.object({
      uri: shape.string,
      server: shape.string,
      contents: shape.array(shape.object({ uri: shape.string }, true)),
      dry_run: shape.dryRun,
    }),
  literalEffects: (fields, node) => [
    {
      family: "mcp.resource",
      target: null,
      server: fields.server ?? null,
      at: { path: [...node.at, "resource_from"], part: "value" },
    },
  ],
  example: `[[nodes]]
id = "page"
type = "read_mcp_resource"
resource_from = "trigger.resource_uri"`,
});
