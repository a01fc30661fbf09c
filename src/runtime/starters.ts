/**
 * The files that `countersign init` writes: one small, working example of each dialect, commented as one would explain
 * it to a colleague. Every one of them validates without a warning and dry-runs (test/cli/init.test.ts). Pure.
 */

/** One file: its path below the chosen folder, and its text. */
export interface StarterFile {
  readonly path: string;
  readonly text: string;
}

/** A starter: its files, and commands that show it, to be typed in the chosen folder. */
export interface Starter {
  readonly files: readonly StarterFile[];
  readonly next: readonly (readonly [command: string, what: string])[];
}

/** The dialects that have a starter. */
export const starterDialects = ["workflow", "skill", "pipeline"] as const;
export type StarterDialect = (typeof starterDialects)[number];

const workflowText = `# A workflow: [[nodes]] do one thing each, [[edges]] say what comes next.
name = "hello"
description = "Greets somebody, and writes the greeting to a file once a person agrees."

# A way in. What the run is started with is known as \`trigger\` from here on.
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "named"

# Branch on a value. null, false, 0, "", [] and {} count as false, and so does a value that is not there.
[[nodes]]
id = "named"
type = "condition"
expr = "trigger.name"

# Fill a template. Markers are paths below the value at \`input_from\`.
[[nodes]]
id = "greet"
type = "template_render"
template = "Hello, {{name}}!\\n"
input_from = "trigger"

# A template without markers is a constant: other nodes read it as \`target.rendered\`.
[[nodes]]
id = "target"
type = "template_render"
template = "out/hello.txt"

# Stop here until a person agrees: countersign resume RUN_ID
[[nodes]]
id = "approve"
type = "pause_for_approval"
reason = "Write the greeting to out/hello.txt?"

# Act. Without [policy] below this would be allowed anywhere; with it, only below out/.
[[nodes]]
id = "save"
type = "write_file"
path_from = "target.rendered"
content_from = "greet.rendered"

[[nodes]]
id = "done"
type = "terminate"

[[nodes]]
id = "nobody"
type = "fail"
reason = "the payload has no name"

# An edge with \`when\` is followed when its source ends with that label, one without when it ends with none.
[[edges]]
from = "named"
to = "greet"
when = "true"

[[edges]]
from = "named"
to = "nobody"
when = "false"

[[edges]]
from = "greet"
to = "target"

[[edges]]
from = "target"
to = "approve"

[[edges]]
from = "approve"
to = "save"

# Somebody said no: end the run without writing.
[[edges]]
from = "approve"
to = "done"
when = "denied"

[[edges]]
from = "save"
to = "done"

# What this document may do at most. A family that is not listed is denied.
[policy]
fs = { write = ["out/**"] }
`;

const fixtureText = `# A test of hello.toml: countersign test fixtures
document = "../../hello.toml"
start = "main"
dry_run = true # nothing is written, and nobody is asked

[trigger]
payload = { name = "Ada" }

[expected]
status = "completed"
path = ["named", "greet", "target", "approve", "save", "done"]
`;

const skillText = `---
# A skill: what it is called, what runs it, and what it takes. The text below is for people and for agents.
name: greet
description: Greets somebody by name.
source:
  # A program with arguments, started in this folder, never through a shell.
  type: cli-tool
  command: node
  args:
    - greet.mjs
inputs:
  name:
    type: string
    required: true
    description: Whom to greet.
---

Prints one greeting. The name arrives in the variable RUNX_INPUT_NAME; what is printed is the output \`stdout\`.
`;

const skillProgram = `// Inputs arrive as RUNX_INPUT_<NAME>; standard output is the step's output \`stdout\`.
const name = process.env.RUNX_INPUT_NAME ?? "nobody";
process.stdout.write(\`Hello, \${name}!\`);
`;

const skillGraph = `# A skill graph: steps run in the order in which they stand here.
name: greet-twice
owner: you
steps:
  # \`inputs\` are literal values.
  - id: first
    skill: ../greet
    inputs:
      name: Ada

  # \`context\` reads what an earlier step left: <step>.<output>.
  - id: second
    skill: ../greet
    context:
      name: first.stdout
`;

const pipelineText = `v=1
model=single_ring
name=notify-order
single_ring.shards=1
single_ring.ordering=strict
single_ring.producer=single
single_ring.scheduling=dedicated
single_ring.stages.0.id=receive
single_ring.stages.0.stage=identity
single_ring.stages.0.depends_on.count=0
single_ring.stages.1.id=notify
single_ring.stages.1.stage=http_post:http://127.0.0.1:8080/orders
single_ring.stages.1.depends_on.count=1
single_ring.stages.1.depends_on.0=0
`;

const pipelineNotes = `# notify-order

\`spec.kv\` has one canonical form, so that an approval can bind its exact bytes: no comments, no blank lines, keys in a
fixed order. \`countersign fmt spec.kv\` restores that order. What its lines mean:

| line | meaning |
|---|---|
| \`single_ring.stages.N.id\` | the stage's name |
| \`single_ring.stages.N.stage\` | what it does with a record's bytes: \`identity\`, \`http_post:URL\` or \`exec:PROGRAM\\|ARG\\|…\` |
| \`single_ring.stages.N.depends_on.…\` | the earlier stages that must have ended |

Every stage hands on the bytes that it got. Here \`receive\` takes the record and \`notify\` posts it.

A pipeline runs as \`prod\` unless told otherwise, where whatever changes something needs an approval. Try it with
\`--environment dev\`, or with \`--dry-run\`, which sends nothing. \`exec\` stages are off until COUNTERSIGN_EXEC_ALLOWLIST
names the program; COUNTERSIGN_HTTP_POST_ALLOWLIST limits where stages may post to.
`;

/** \`countersign.toml\`, which all dialects share. */
export const configFile: StarterFile = {
  path: "countersign.toml",
  text: `# Settings for the documents in this folder (in a repository: for all below this file). A file like this can only
# narrow what the person who runs them allows.

# Where runs are kept, so that they can pause, be resumed and be inspected. Keep it out of version control.
state_dir = ".countersign"

# How strict governance is: dev, staging or prod. In staging and prod, what changes something needs an approval.
# environment = "staging"

# What all documents here may do at most, beside their own [policy]. A list that is not given says nothing.
# [allow.fs]
# write = ["out/**"]

# Severities of findings: error, warning, information or off.
# [diagnostics]
# may_be_null = "off"
`,
};

/** The starter of each dialect. */
export const starters: Readonly<Record<StarterDialect, Starter>> = {
  workflow: {
    files: [
      { path: "hello.toml", text: workflowText },
      { path: "fixtures/greets/fixture.toml", text: fixtureText },
    ],
    next: [
      ["countersign validate hello.toml", "is it right?"],
      ["countersign describe hello.toml", "what would it do, and what would policy say?"],
      [`countersign run hello.toml --input '{"name": "Ada"}' --dry-run`, "walk it without touching anything"],
      [`countersign run hello.toml --input '{"name": "Ada"}'`, "run it; it pauses for you"],
      ["countersign test fixtures", "run its test"],
    ],
  },
  skill: {
    files: [
      { path: "skills/greet/SKILL.md", text: skillText },
      { path: "skills/greet/greet.mjs", text: skillProgram },
      { path: "skills/greet-twice/graph.yaml", text: skillGraph },
    ],
    next: [
      ["countersign validate skills/greet-twice/graph.yaml", "is it right?"],
      ["countersign run skills/greet-twice/graph.yaml --dry-run", "walk it without starting anything"],
      ["countersign run skills/greet-twice/graph.yaml", "run both steps"],
    ],
  },
  pipeline: {
    files: [
      { path: "pipeline/spec.kv", text: pipelineText },
      { path: "pipeline/README.md", text: pipelineNotes },
    ],
    next: [
      ["countersign validate pipeline/spec.kv", "is it right?"],
      ["countersign describe pipeline/spec.kv", "what it would send, and the decision in prod"],
      ["countersign run pipeline/spec.kv --sp --input-ascii order-1 --dry-run", "one record, nothing sent"],
    ],
  },
};
