import { z } from "zod";
import { defineKind, plainOr, reference, secretTemplate, shape, text } from "../define.ts";

export const definition = defineKind({
  kind: "http_request",
  dialects: ["workflow"],
  group: "action",
  summary: "Send an HTTP request",
  docs: `Sends one request and hands on the reply. The body is the value at \`body_from\`: a string as it is, any other value as
compact JSON, at most 1 MiB; \`Content-Type: application/json\` is sent with a body. Declared headers follow, sorted by name;
they are literal but for \`{{secret:NAME}}\`. The exchange has 30 seconds; redirects are never followed. Of the reply's body
1 MiB is kept; names of the reply's headers are in lower case.

A status outside 200 to 299 leads to the edge \`when = "error"\`. It is not retried.

Errors: a URL or body that is not in the context, a bad URL, and a connection that fails end the run with class \`tool\`; a
method or URL that \`policy.http\` does not allow with class \`policy\`. Policy is asked before body and headers are looked at.

Dry run: \`{method, url, dry_run: true}\`; nothing is sent.`,
  fields: z.strictObject({
    method: text("Any HTTP method, e.g. `POST`."),
    url_from: reference("Where the URL stands in the context; must be a string."),
    body_from: reference("Where the body stands in the context; no body when left out.").optional(),
    headers: z
      .record(z.string(), secretTemplate("Literal text and `{{secret:NAME}}`."))
      .default({})
      .meta({ description: "Further headers by name." }),
  }),
  effect: "mutate",
  ports: plainOr("error"),
  output: () =>
    shape.union(
      shape.object({
        status: shape.integer,
        headers: shape.object({}, true),
        body: shape.string,
        bytes: shape.integer,
      }),
      shape.object({ method: shape.string, url: shape.string, dry_run: shape.dryRun }),
    ),
  literalEffects: (fields, node) => [
    {
      family: "http.request",
      target: null,
      method: fields.method.toUpperCase(),
      at: { path: [...node.at, "url_from"], part: "value" },
    },
  ],
  example: `[[nodes]]
id = "post"
type = "http_request"
method = "POST"
url_from = "trigger.webhook_url"
body_from = "classify"
headers = { Authorization = "Bearer {{secret:API_TOKEN}}" }`,
});
