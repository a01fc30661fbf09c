import { z } from "zod";
import { defineKind, plain, reference, shape, template, text, unsigned } from "../define.ts";

export const definition = defineKind({
  kind: "respond",
  dialects: ["workflow"],
  group: "control",
  summary: "Declare the HTTP reply",
  docs: `Declares status, content type and body of the reply to an HTTP-triggered run; \`body_template\` is filled as by
\`template_render\`, from \`input_from\` or from the trigger's payload. The reply is sent when the run completes; a run that
fails, times out or pauses is answered with its outcome. Of several the last one counts. In a run without HTTP it appears
in the outcome as \`http_response\`. The reply of a child document never shapes the parent's.

Errors: an \`input_from\` that is not in the context ends the run with class \`tool\`.

Dry run: declares the reply as usual; unknown, and without a reply, when a marker's value is unknown.`,
  fields: z.strictObject({
    status: unsigned("u16", "HTTP status, 100 to 599; 200 when left out.").optional(),
    content_type: text("`application/json` when left out.").optional(),
    body_template: template("The body, with `{{path}}` markers relative to the input."),
    input_from: reference("Where the input stands in the context; the trigger's payload when left out.").optional(),
  }),
  effect: null,
  ports: plain,
  output: () => shape.object({ status: shape.integer, content_type: shape.string, bytes: shape.integer }),
  example: `[[nodes]]
id = "answer"
type = "respond"
status = 200
content_type = "text/xml"
body_template = "<Response><Say>{{reply}}</Say></Response>"
input_from = "classify.parsed"`,
});
