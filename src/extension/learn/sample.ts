/** The sample of the getting-started page: harmless, small, and with one mistake that its second step is about. */

/** Names of its folder, its file, and of what a run of it is given. */
export const SAMPLE = { folder: "countersign-sample", file: "first-steps.toml", payload: "payload.json" };

/** What a run is given. */
export const samplePayload = '{ "name": "Ada" }\n';

/** Its text. The edge to `aks` is the mistake. */
export const sampleText = `# A first graph: it drafts a greeting, asks a person, and only then goes on.
# Nothing here leaves this machine.

name = "first-steps"
description = "Drafts a greeting and asks before it is sent."

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "named"

# From the greeting to the question.
[[edges]]
from = "draft"
to = "aks" # misspelt on purpose: put the cursor on it and press Ctrl+.

# A condition reads one value and gives the label \`true\` or \`false\`. \`trigger\` is what the run is given,
# such as { "name": "Ada" }.
[[nodes]]
id = "named"
type = "condition"
expr = "trigger.name"

# Renders a text.
[[nodes]]
id = "draft"
type = "template_render"
input_from = "trigger"
template = "Hello, {{name}}!"

# The run stops here until somebody answers.
[[nodes]]
id = "ask"
type = "pause_for_approval"
reason = "Send this greeting?"

[[nodes]]
id = "sent"
type = "template_render"
input_from = "draft"
template = "sent: {{rendered}}"

[[nodes]]
id = "nobody"
type = "fail"
reason = "nobody was named"

[[nodes]]
id = "declined"
type = "fail"
reason = "somebody said no"

[[edges]]
from = "named"
to = "draft"
when = "true"

[[edges]]
from = "named"
to = "nobody"
when = "false"

[[edges]]
from = "ask"
to = "sent"

[[edges]]
from = "ask"
to = "declined"
when = "denied"

# What this document may do at most: nothing.
[policy]
`;
