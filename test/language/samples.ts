/** Documents of every dialect that tests of several features share. */

/** A workflow with one of everything that an outline shows. */
export const workflow = `# Two lines
# of comments.
name = "greet"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"

[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"
on_error = "branch"

[[nodes]]
id = "send"
type = "http_request"
method = "POST"
url_from = "load.content"

[nodes.headers]
Authorization = "Bearer {{secret:token}}"

[[nodes]]
id = "say"
type = "template_render"
input_from = "send"
template = """
{{status}} of
{{ body.0.name }}
"""

[[edges]]
from = "load"
to = "send"

[[edges]]
from = "load"
to = "say"
when = "error"

[[edges]]
from = "send"
to = "say"

[[triggers]]
type = "interval"
every = "5m"
start_node = "main"

[[http_routes]]
method = "POST"
path = "/greet"
start_node = "main"

[[secrets]]
name = "token"
source = "env"
var = "TOKEN"

[[mcp_servers]]
name = "files"
command = ["/usr/bin/files"]

[policy.http]
urls = ["https://a.example/**"]
`;

/** The same graph's skeleton, wrapped and inline. */
export const wrapped = `[[workflows]]
name = "greet"
start_nodes = [{ name = "main", source = "manual", entry_node = "load" }]

[[workflows.nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"

[[workflows.nodes]]
id = "say"
type = "template_render"
input_from = "load"
template = "{{content}}"

[[workflows.edges]]
from = "load"
to = "say"
`;

/** A skill graph with steps, a group and a guard. */
export const graph = `name: review
policy:
  guards:
    - step: publish
      field: ask.approval.data.approved
      equals: true
fanout:
  groups:
    review:
      strategy: all
steps:
  - id: style
    mode: fanout
    fanout_group: review
    run:
      type: cli-tool
      command: node
      args: [style.mjs]
      outputs:
        verdict: string
  - id: ask
    run:
      type: approval
    inputs:
      gate_id: g
      reason: May we?
    context:
      verdict: style.verdict
  - id: publish
    run:
      type: cli-tool
      command: node
`;

/** A manifest of two runners. */
export const manifest = `skill: tools
runners:
  fast:
    default: true
    type: cli-tool
    command: node
    args: [a.mjs]
  slow:
    type: graph
    graph:
      name: slow
      steps:
        - id: only
          run:
            type: cli-tool
            command: node
            args: [b.mjs]
`;

/** A skill that is a text. */
export const skill = `---
name: hello
description: Says hello.
source:
  type: cli-tool
  command: node
inputs:
  message:
    type: string
    required: true
---

# Hello

More text.
`;

/** A canonical pipeline. */
export const pipeline = `v=1
model=single_ring
name=count
single_ring.shards=1
single_ring.ordering=strict
single_ring.producer=single
single_ring.scheduling=dedicated
single_ring.stages.0.id=record
single_ring.stages.0.stage=identity
single_ring.stages.0.depends_on.count=0
single_ring.stages.1.id=count
single_ring.stages.1.stage=exec:/usr/bin/wc|-c
single_ring.stages.1.depends_on.count=1
single_ring.stages.1.depends_on.0=0
`;

/** A fixture of {@link workflow} under the name `greet.toml`. */
export const fixture = `document = "greet.toml"
start = "main"

[trigger.payload]
path = "a.txt"

[expected]
status = "completed"

[expected.outputs]
"say.rendered" = "x"
`;
